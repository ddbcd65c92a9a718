"""Folders to facts: nothing lost, nothing doubled, and what a complement states comes back as balances."""

from __future__ import annotations

import dataclasses
import shutil
from datetime import date, datetime, timedelta
from itertools import islice

import pytest
from tests.cfdi.simulation import stamp, stories

from receivables import Allocation, CreditMemo, Invoice, Payment, PaymentTerms
from receivables.cfdi import Written, import_batch, parse, read_folder, write
from receivables.cfdi.batch import Batch, Read
from receivables.errors import UnreadableSource

LATER = date(2026, 12, 31)


def balances(imported, on=LATER):
    books, _ = imported.load()
    return {it.document.reference: str(it.open_amount) for it in books.open_items(as_of=on)}


def test_the_stories_import_whole(samples):
    made = import_batch(read_folder(samples / "scenarios"))
    assert str(made) == "44 files = 42 accepted + 0 duplicates + 2 left out + 0 failed"
    assert [reason for _, reason in made.left_out] == [
        "substituted by C7D70E77-8053-4699-8D7B-246CBC667F56 (relation 04)"
    ]
    assert made.problems == ()
    assert balances(made) == {
        "P-SC14": "-0.55 MXN",
        "P-SC15": "-0.16 MXN",
        "A-06-1": "2320.00 MXN",
        "A-01-1": "1322.39 MXN",
        "A-01-2": "2463.04 MXN",
        "A-08-1": "1217.85 MXN",
    }


def test_what_a_complement_says_is_open_is_open(samples):
    made = import_batch(read_folder(samples / "scenarios" / "SC02"))
    books, _ = made.load()
    for fact in books.facts:
        if isinstance(fact, Allocation):
            items = books.open_items(as_of=fact.posting_date)
            left = next((it.open_amount.amount for it in items if it.document.id == fact.target), 0)
            assert f"{left:.2f}" == dict(fact.attributes)["imp_saldo_insoluto"]


def test_importing_twice_gives_the_same_facts(samples, tmp_path):
    once = import_batch(read_folder(samples / "reconciliation"))
    shutil.copytree(samples / "reconciliation", tmp_path / "a")
    shutil.copytree(samples / "reconciliation", tmp_path / "b")
    twice = import_batch(read_folder(tmp_path))
    assert {it.id for it in once.facts} == {it.id for it in twice.facts}
    assert balances(once) == balances(twice)
    assert twice.counts()["duplicates"] == 32


def test_a_repeated_complement_is_not_counted_twice(samples):
    made = import_batch(read_folder(samples / "reconciliation"))
    [(file, reason)] = [it for it in made.left_out if it[0] == "P-6b.xml"]
    assert (file, reason.startswith("states again")) == ("P-6b.xml", True)
    assert "F-6" not in balances(made)


def test_cancelled_documents_are_left_out(samples):
    folder = read_folder(samples / "scenarios" / "SC07")
    made = import_batch(folder, cancelled=["7cf25c8e-d2d0-4a1f-8229-8b8723c0da7e"])
    assert made.left_out == (("P1.xml", "cancelled"),)
    assert balances(made) == {"A-07-1": "116000.00 MXN"}


def test_a_substitute_that_is_cancelled_gives_way(samples):
    folder = read_folder(samples / "scenarios" / "SC11")
    made = import_batch(folder, cancelled=["C7D70E77-8053-4699-8D7B-246CBC667F56"])
    assert (dict(made.left_out), balances(made)) == ({"P2.xml": "cancelled"}, {})


def test_a_chain_of_substitutes_leaves_the_last(samples):
    folder = read_folder(samples / "scenarios" / "SC11")
    last = next(it for it in folder.documents if it.file == "P2.xml")
    [mark] = last.document.timbres
    [group] = last.document.relacionados
    third = dataclasses.replace(
        last.document,
        folio="SC11-3",
        timbres=(dataclasses.replace(mark, uuid="0" * 8 + mark.uuid[8:]),),
        relacionados=(dataclasses.replace(group, uuids=(mark.uuid,)),),
    )
    made = import_batch(Batch((*folder.documents, Read("P3.xml", third, ""))))
    assert sorted(made.accepted) == ["I1.xml", "P3.xml"]
    assert balances(made) == {}


def test_documents_of_other_issuers_are_left_out(samples):
    made = import_batch(read_folder(samples / "scenarios" / "SC01"), issuer="BNM840515VB1")
    assert made.accepted == ()
    assert {reason for _, reason in made.left_out} == {
        "issued by EKU9003173C9, not by BNM840515VB1"
    }


def test_an_invoice_keeps_its_taxes_rates_and_terms(samples):
    made = import_batch(
        read_folder(samples / "scenarios" / "SC02"), terms=lambda _: PaymentTerms.net(30)
    )
    [invoice] = [it for it in made.facts if isinstance(it, Invoice)]
    assert {(it.tax, str(it.rate), it.withheld) for it in invoice.taxes} == {
        ("IVA", "0.160000", False),
        ("IVA", "0.106667", True),
        ("ISR", "0.100000", True),
    }
    assert invoice.net == invoice.net_amount
    assert (invoice.due_date - invoice.document_date).days == 30
    assert dict(invoice.attributes)["metodo_pago"] == "PPD"


def test_foreign_documents_carry_their_amount_in_pesos(samples):
    made = import_batch(read_folder(samples / "scenarios" / "SC10"))
    [invoice] = [it for it in made.facts if isinstance(it, Invoice)]
    [payment] = [it for it in made.facts if isinstance(it, Payment)]
    [use] = [it for it in made.facts if isinstance(it, Allocation)]
    assert (str(invoice.amount), str(invoice.company_amount)) == ("174000 JPY", "20932.20 MXN")
    assert (str(payment.amount), str(use.amount), str(use.source_amount)) == (
        "21071.40 MXN",
        "174000 JPY",
        "21071.40 MXN",
    )


def test_a_credit_note_to_one_invoice_is_used_on_it(samples):
    made = import_batch(read_folder(samples / "scenarios" / "SC05"))
    assert [type(it) for it in made.facts if isinstance(it, CreditMemo)] == [CreditMemo]
    assert balances(made) == {}
    assert balances(made, date(2026, 7, 16)) == {"A-05-1": "2320.00 MXN"}


def test_a_credit_note_to_several_invoices_waits(samples):
    documents = [it.document for it in read_folder(samples / "scenarios" / "SC05").documents]
    [note] = [it for it in documents if it.tipo_de_comprobante == "E"]
    group = note.relacionados[0]
    other = parse((samples / "scenarios" / "SC01" / "I1.xml").read_bytes())
    wide = dataclasses.replace(
        note, relacionados=(dataclasses.replace(group, uuids=(*group.uuids, other.uuid)),)
    )
    invoice = next(it for it in documents if it.tipo_de_comprobante == "I")
    batch = Batch(tuple(Read(f"{n}.xml", it, "") for n, it in enumerate((invoice, other, wide))))
    made = import_batch(batch)
    assert [it.code for it in made.problems] == ["unallocated-credit-note"]
    assert balances(made)["NC-1"] == "-580.00 MXN"


def test_a_payment_of_an_unknown_invoice_stays_unapplied(samples, tmp_path):
    shutil.copy(samples / "scenarios" / "SC01" / "P1.xml", tmp_path)
    made = import_batch(read_folder(tmp_path))
    assert [it.code for it in made.problems] == ["pending-allocation"] * 2
    assert balances(made) == {"P-SC01": "-4850.05 MXN"}


def test_a_changed_copy_is_told(samples, tmp_path):
    xml = (samples / "scenarios" / "SC01" / "I1.xml").read_bytes()
    (tmp_path / "a.xml").write_bytes(xml)
    (tmp_path / "b.xml").write_bytes(xml.replace(b'Total="2319.99"', b'Total="9319.99"'))
    assert [it.code for it in read_folder(tmp_path).problems] == ["tampered-document"]


def test_drafts_and_other_types_are_left_out_with_the_reason(samples, tmp_path):
    document = parse((samples / "scenarios" / "SC01" / "I1.xml").read_bytes())
    for name, changes in (
        ("draft", {"timbres": ()}),
        ("two", {"timbres": document.timbres * 2}),
        ("transit", {"tipo_de_comprobante": "T", "timbres": ()}),
        ("payroll", {"tipo_de_comprobante": "N", "timbres": ()}),
    ):
        (tmp_path / f"{name}.xml").write_bytes(write(dataclasses.replace(document, **changes)))
    made = import_batch(read_folder(tmp_path))
    assert dict(made.left_out) == {
        "draft.xml": "it has no stamp: a draft is no document",
        "two.xml": "it has 2 stamps and SAT gives one",
        "transit.xml": "goods in transit (type T), no receivable",
        "payroll.xml": "payroll (type N), no receivable",
    }
    assert sum(value for key, value in made.counts().items() if key != "files") == 4


@pytest.mark.parametrize("foreign", [False, True])
def test_built_parsed_and_imported_the_balances_come_back(foreign):
    for paper, made in islice(stories(99, foreign), 40):
        reads = [Read("invoice.xml", paper, "")]
        for number, built in enumerate(made):
            again = parse(built.xml())
            reads.append(
                Read(f"{number}.xml", dataclasses.replace(again, timbres=(_stamp(number),)), "")
            )
        imported = import_batch(Batch(tuple(reads)))
        books, problems = imported.load()
        assert [it for it in problems if it.severity == "quarantined"] == []
        open_charges = [
            it for it in books.open_items(as_of=date(2030, 1, 1)) if it.document.kind == "invoice"
        ]
        assert open_charges == []


def _stamp(number):
    return stamp(
        f"{number:08d}-0000-0000-0000-000000000000", datetime.fromisoformat("2026-08-03T09:00:00")
    )


def test_a_folder_that_is_not_there_is_misuse(tmp_path):
    with pytest.raises(UnreadableSource, match="no such folder"):
        read_folder(tmp_path / "nowhere")


def batch_of(*documents):
    return Batch(tuple(Read(f"{n}.xml", it, "") for n, it in enumerate(documents)))


def test_a_credit_note_that_finds_no_room_or_no_invoice_stays_open(samples):
    documents = [it.document for it in read_folder(samples / "scenarios" / "SC05").documents]
    [note] = [it for it in documents if it.tipo_de_comprobante == "E"]
    [invoice] = [it for it in documents if it.tipo_de_comprobante == "I"]
    alone = import_batch(batch_of(note))
    assert "relates to no invoice that is known" in alone.problems[0].message
    assert balances(alone) == {"NC-1": "-580.00 MXN"}
    [mark] = note.timbres
    again = dataclasses.replace(
        note,
        folio="2",
        fecha=note.fecha + timedelta(days=1),
        total=invoice.total,
        timbres=(dataclasses.replace(mark, uuid="0" * 8 + mark.uuid[8:]),),
    )
    made = import_batch(batch_of(*documents, again))
    assert [it.code for it in made.problems if it.code != "total-does-not-tie"] == [
        "unallocated-credit-note"
    ]
    assert balances(made) == {"NC-2": "-2900.00 MXN"}


def test_what_no_fact_can_hold_is_left_out_with_the_reason(samples):
    document = parse((samples / "scenarios" / "SC04" / "I1.xml").read_bytes())
    strange = dataclasses.replace(document, moneda="ZZZ")
    free = dataclasses.replace(document, total=Written("0.00"))
    [mark] = document.timbres
    free = dataclasses.replace(free, timbres=(dataclasses.replace(mark, uuid="0" * 36),))
    made = import_batch(batch_of(strange, free))
    reasons = dict(made.left_out)
    assert reasons["0.xml"].startswith("unknown-currency: ")
    assert reasons["1.xml"] == "its total is 0: nothing is owed"
    assert [it.code for it in made.problems] == ["unknown-currency"]


def test_an_invoice_whose_total_does_not_tie_keeps_its_total(samples):
    document = parse((samples / "scenarios" / "SC04" / "I1.xml").read_bytes())
    made = import_batch(batch_of(dataclasses.replace(document, total=Written("46400.05"))))
    [invoice] = [it for it in made.facts if isinstance(it, Invoice)]
    assert [it.code for it in made.problems] == ["total-does-not-tie"]
    assert (str(invoice.amount), invoice.net_amount) == ("46400.05 MXN", None)


def test_a_payment_that_pays_more_than_it_is_is_told(samples):
    documents = [it.document for it in read_folder(samples / "scenarios" / "SC03").documents]
    [invoice] = [it for it in documents if it.tipo_de_comprobante == "I"]
    first = next(it for it in documents if it.pagos)
    [node] = first.pagos
    [payment] = node.pagos
    twice = dataclasses.replace(payment, documentos=payment.documentos * 2)
    odd = dataclasses.replace(first, pagos=(dataclasses.replace(node, pagos=(twice,)),))
    made = import_batch(batch_of(invoice, odd))
    assert [it.code for it in made.problems] == ["nothing-left"]
