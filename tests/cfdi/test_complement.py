"""Complements from facts: the fifteen stories, thousands of drawn ones, and what cannot be built."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime
from decimal import Decimal
from itertools import islice

import pytest
from tests.cfdi.simulation import ISSUER, RECEIVER, stories

from receivables import Allocation, Money, Payment, Rounding
from receivables.cfdi import (
    CURRENCY_DECIMALS,
    SIX_DECIMALS,
    Credit,
    CreditNotes,
    Issuer,
    PayableDocument,
    Receiver,
    Written,
    build_complement,
    check,
    paid_by,
    parse,
    profile,
    validate,
)
from receivables.cfdi.means import means_of
from receivables.cfdi.payable import Parcialidad, object_of, tax_groups
from receivables.errors import UnbuildableComplement

STORIES = [f"SC{number:02}" for number in range(1, 16)]
# Not the complement's to say: the seal, the stamp and the number the issuer gave it.
GIVEN = {"sello", "certificado", "no_certificado", "timbres", "serie", "folio"}


def read(folder):
    documents = [parse(path.read_bytes()) for path in sorted(folder.glob("*.xml"))]
    return [[it for it in documents if it.tipo_de_comprobante == kind] for kind in "IEP"]


def facts_of(complement):
    """Return the payments and allocations a story is about, without anything the complement computed."""
    payments, allocations = [], []
    for number, node in enumerate(complement.payments()):
        day = node.fecha_pago.date()
        amount = Money(str(node.monto), node.moneda_p)
        payments.append(
            Payment(id=f"R-{number}", amount=amount, posting_date=day, attributes=means_of(node))
        )
        for place, doc in enumerate(node.documentos):
            taken = None
            if doc.moneda_dr != node.moneda_p:
                share = Decimal(doc.imp_pagado) / Decimal(doc.equivalencia_dr)
                taken = Money.rounded(share, node.moneda_p, Rounding.HALF_UP)
            allocations.append(
                Allocation(
                    id=f"A-{number}-{place}",
                    source=f"R-{number}",
                    target=doc.id_documento,
                    amount=Money(str(doc.imp_pagado), doc.moneda_dr),
                    source_amount=taken,
                    posting_date=day,
                )
            )
    return payments, allocations


def rebuild(folder):
    invoices, notes, complements = read(folder)
    known = []
    for original in complements:
        replaced = original.related("04")
        documents = [
            PayableDocument.of(
                it,
                complements=known,
                credits=[note for note in notes if it.uuid in note.related()],
                replaced=replaced,
            )
            for it in invoices
        ]
        payments, allocations = facts_of(original)
        yield (
            original,
            build_complement(
                payments,
                allocations,
                documents,
                Issuer.of(invoices[0]),
                Receiver.of(original),
                issued_at=original.fecha,
                replaces=replaced,
            ),
        )
        known.append(original)


def differences(one, other, path=""):
    """Return every field in which two documents differ, numbers as written."""
    for field in dataclasses.fields(one):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        here = f"{path}{field.name}"
        if not path and field.name in GIVEN:
            continue
        if isinstance(mine, tuple) and mine and dataclasses.is_dataclass(mine[0]):
            if len(mine) != len(theirs):
                yield here, len(mine), len(theirs)
            for place, pair in enumerate(zip(mine, theirs, strict=False)):
                yield from differences(*pair, f"{here}[{place}].")
        elif dataclasses.is_dataclass(mine) and theirs is not None:
            yield from differences(mine, theirs, f"{here}.")
        elif str(mine) != str(theirs):
            yield here, str(mine), str(theirs)


@pytest.mark.parametrize("story", STORIES)
def test_each_story_is_rebuilt_attribute_for_attribute(samples, story):
    for original, built in rebuild(samples / "scenarios" / story):
        assert list(differences(original, built.voucher)) == []
        assert built.findings == ()
        assert validate(built.xml()) == ()


@pytest.mark.parametrize("story", STORIES)
def test_each_rebuilt_story_is_valid_by_sats_schema(samples, schema, story):
    for _, built in rebuild(samples / "scenarios" / story):
        sealed = dataclasses.replace(
            built.voucher, sello="x", certificado="x", no_certificado="0" * 20
        )
        from receivables.cfdi import write

        assert schema.validate(write(sealed)) == ()


@pytest.fixture(scope="module")
def schema(sat):
    from receivables.cfdi.xsd import Schema

    return Schema(sat / "slim")


def test_figures_of_a_dollar_invoice_paid_twice_in_pesos(samples):
    first, second = (built.voucher for _, built in rebuild(samples / "scenarios" / "SC03"))
    [one], [two] = list(first.payments()), list(second.payments())
    assert [str(it.documentos[0].equivalencia_dr) for it in (one, two)] == [
        "0.0540505488",
        "0.0525679441",
    ]
    assert [str(it.documentos[0].impuestos_dr.traslados[0].base) for it in (one, two)] == [
        "2054.96",
        "3082.46",
    ]
    assert [str(it.impuestos_p.traslados[0].base) for it in (one, two)] == [
        "38019.225440",
        "58637.636544",
    ]
    assert str(second.pagos[0].totales.total_traslados_impuesto_iva16) == "9381.95"


# --- thousands of drawn complements -------------------------------------------------------------


def stated_bases(made):
    sums = {}
    for built in made:
        for node in built.voucher.payments():
            for doc in node.documentos:
                rows = [(False, row) for row in doc.impuestos_dr.traslados]
                rows += [(True, row) for row in doc.impuestos_dr.retenciones]
                for withheld, row in rows:
                    rate = None if row.tasa_o_cuota is None else Decimal(row.tasa_o_cuota)
                    key = (withheld, row.impuesto, row.tipo_factor, rate)
                    sums[key] = sums.get(key, Decimal(0)) + row.base
    return sums


@pytest.mark.parametrize(
    ("foreign", "practice", "least"),
    [(False, SIX_DECIMALS, 4000), (True, SIX_DECIMALS, 2000), (True, CURRENCY_DECIMALS, 500)],
    ids=["pesos", "foreign", "foreign-currency-decimals"],
)
def test_drawn_complements_have_no_finding_and_their_bases_sum_to_the_invoice(
    foreign, practice, least
):
    count, wrong, odd = 0, [], []
    for paper, made in stories(20260803, foreign, practice):
        count += len(made)
        wrong += [str(it) for built in made for it in built.findings][:1]
        wanted = {it.key: it.base for it in tax_groups(paper)}
        found = stated_bases(made)
        cents = Decimal(len(made)).scaleb(-2)
        for key, base in wanted.items():
            if found.get(key) != base and base > 5 * cents:
                odd.append((paper.folio, key, base, found.get(key)))
        if count >= least:
            break
    assert (wrong, odd) == ([], [])
    assert count >= least


@pytest.mark.parametrize("foreign", [False, True])
def test_drawn_complements_are_valid_by_sats_schema(schema, foreign):
    for _, made in islice(stories(7, foreign), 25):
        for built in made:
            sealed = dataclasses.replace(
                built.voucher, sello="x", certificado="x", no_certificado="0" * 20
            )
            from receivables.cfdi import write

            assert schema.validate(write(sealed)) == ()


def test_parse_gives_back_what_was_built():
    for _, made in islice(stories(11, foreign=True), 20):
        for built in made:
            assert parse(built.xml()) == built.voucher


# --- what cannot be built, and what is odd ------------------------------------------------------

DAY = date(2026, 7, 20)
AT = datetime.fromisoformat("2026-08-03T09:00:00")
DOC = PayableDocument(
    id="F-1",
    uuid="B1559EC6-8A9C-4B97-9AC9-26E710DF2839",
    issued_on=date(2026, 7, 6),
    total=Money("1160.00", "MXN"),
    objeto_imp="01",
)


def build(payments, allocations, documents=(DOC,), **more):
    return build_complement(
        payments, allocations, documents, ISSUER, RECEIVER, issued_at=AT, **more
    )


TRANSFER = paid_by("03")


def paid(amount="1160.00", currency="MXN", means=TRANSFER, id_="R-1", day=DAY):
    return Payment(id=id_, amount=Money(amount, currency), posting_date=day, attributes=means)


def uses(amount="1160.00", currency="MXN", target="F-1", source="R-1", **more):
    return Allocation(
        id=f"A-{source}-{target}",
        source=source,
        target=target,
        amount=Money(amount, currency),
        posting_date=DAY,
        **more,
    )


@pytest.mark.parametrize(
    ("payments", "allocations", "words"),
    [
        ([], [], "at least one payment"),
        ([paid()], [], "pays no document"),
        ([paid()], [uses(target="F-2")], "F-2, which is not among the documents"),
        ([paid()], [uses(source="R-9")], "payment R-9, which is not among those given"),
        ([paid("2000.00")], [uses("1160.01")], "has 1160.00 MXN open"),
        ([paid("100.00")], [uses("200.00")], "it can pay at most what it is"),
        ([paid(means=())], [uses()], "does not say how it was paid"),
        (
            [paid("60.00", "USD")],
            [uses(source_amount=Money("60.00", "USD"))],
            "has no exchange rate",
        ),
        (
            [paid("60.00", "USD", paid_by("03", tipo_cambio="19"))],
            [uses()],
            "source_amount in the payment's",
        ),
        ([paid(), paid()], [uses()], "two payments have one id"),
    ],
)
def test_facts_that_make_no_complement_are_refused(payments, allocations, words):
    with pytest.raises(UnbuildableComplement, match=words):
        build(payments, allocations)


@pytest.mark.parametrize(
    ("form", "bank", "words"),
    [
        ("99", {}, "not one a payment was received in"),
        ("01", {"cta_ordenante": "012180001234567895"}, "takes no cta_ordenante"),
        ("06", {"cta_beneficiario": "012180001234567895"}, "takes no cta_beneficiario"),
        ("03", {"swift": "X"}, "has no 'swift'"),
        ("03", {"tipo_cambio": "18.1234567"}, "at most 6 decimals"),
        ("03", {"tipo_cambio": Decimal(0)}, "above 0"),
        ("03", {"tipo_cambio": "1e2"}, "exchange rate 1e2"),
        ("03", {"hora": "25:00"}, "no hour of a payment"),
        ("03", {"hora": "12:00:00-06:00"}, "without zone"),
    ],
)
def test_bank_data_that_goes_with_no_form_is_refused(form, bank, words):
    with pytest.raises(UnbuildableComplement, match=words):
        paid_by(form, **bank)


def test_a_rate_and_an_hour_are_written_as_sat_writes_them():
    given = dict(paid_by("03", tipo_cambio=Decimal("1.85E+1"), hora="14:30"))
    assert (given["tipo_cambio"], given["hora"]) == ("18.5", "14:30:00")


def test_an_overpayment_stays_unapplied():
    built = build([paid("1160.55")], [uses()])
    [node] = built.voucher.payments()
    assert (str(node.monto), str(node.documentos[0].imp_saldo_insoluto)) == ("1160.55", "0.00")
    assert str(built.voucher.pagos[0].totales.monto_total_pagos) == "1160.55"
    assert built.findings == ()


def test_a_payment_before_its_invoice_is_noted():
    built = build([paid(day=date(2026, 7, 1))], [uses()])
    assert [it.code for it in built.problems] == ["payment-before-invoice"]


def test_a_complement_of_an_invoice_paid_at_once_is_noted(samples):
    [invoice], _, _ = read(samples / "scenarios" / "SC05")
    payable = PayableDocument.of(dataclasses.replace(invoice, metodo_pago="PUE"))
    built = build([paid("100.00")], [uses("100.00", target=payable.id)], [payable])
    assert [it.code for it in built.problems] == ["complement-of-pue"]


def test_a_cancelled_invoice_takes_no_complement(samples):
    [invoice], _, _ = read(samples / "scenarios" / "SC05")
    with pytest.raises(UnbuildableComplement, match="is cancelled; state the payment"):
        PayableDocument.of(invoice, cancelled=[invoice.uuid.lower()])


def test_the_leaves_of_an_explanation_sum_to_its_root():
    first = paid("10.01", "USD", paid_by("03", tipo_cambio="18.6543"), "R-1")
    second = paid("20.03", "USD", paid_by("03", tipo_cambio="18.6547"), "R-2")
    built = build(
        [first, second],
        [
            uses("186.00", source_amount=Money("10.00", "USD")),
            uses("370.00", source="R-2", source_amount=Money("20.00", "USD")),
        ],
    )
    explained = built.explain()
    assert sum(leaf.amount for leaf in explained.leaves()) == explained.amount == Decimal("560.38")
    assert "B1559EC6-8A9C-4B97-9AC9-26E710DF2839, payment 2: 974.00 - 370.00 = 604.00 MXN" in str(
        explained
    )


def test_a_credit_note_reduces_the_balance_or_not_by_policy(samples):
    [invoice], [note], _ = read(samples / "scenarios" / "SC05")
    reduced = PayableDocument.of(invoice, credits=[note])
    literal = PayableDocument.of(invoice, credits=[note], credit_notes=CreditNotes.KEEP_TOTAL)
    assert (str(reduced.balance), str(literal.balance)) == ("2320.00 MXN", "2900.00 MXN")
    assert [str(it.base) for it in (*reduced.groups, *literal.groups)] == ["2000.00", "2500.00"]


def test_cancelled_and_substituted_complements_are_no_history(samples):
    [invoice], _, [first, second] = read(samples / "scenarios" / "SC11")
    both = PayableDocument.of(invoice, complements=[first, second])
    assert [it.complement for it in both.history] == [second.uuid]
    none = PayableDocument.of(
        invoice, complements=[first, second], cancelled=[second.uuid, first.uuid]
    )
    assert str(none.balance) == "3480.00 MXN"


def restamped(document, number, **changes):
    mark = dataclasses.replace(
        document.timbres[0], uuid=f"{number:08d}-0000-0000-0000-000000000000"
    )
    return dataclasses.replace(document, timbres=(mark,), **changes)


def test_of_a_chain_of_substitutes_none_is_history_of_the_next(samples):
    """The third substitutes the second, which had substituted the first: the first does not come back."""
    [invoice], _, [first, second] = read(samples / "scenarios" / "SC11")
    assert second.related("04") == (first.uuid,)
    third = PayableDocument.of(invoice, complements=[first, second], replaced=[second.uuid])
    assert (third.history, str(third.balance)) == ((), "3480.00 MXN")
    relation = dataclasses.replace(second.relacionados[0], uuids=(second.uuid,))
    stands = restamped(second, 3, relacionados=(relation,))
    dead = [first.uuid, second.uuid]
    for cancelled in ([], [second.uuid], dead):
        known = PayableDocument.of(
            invoice, complements=[first, second, stands], cancelled=cancelled
        )
        assert [it.complement for it in known.history] == [stands.uuid]


def test_a_credit_note_of_several_invoices_says_how_much_is_for_which(samples):
    [invoice], [note], _ = read(samples / "scenarios" / "SC05")
    [group] = note.relacionados
    other = "00000000-0000-0000-0000-000000000001"
    wide = dataclasses.replace(
        note, relacionados=(dataclasses.replace(group, uuids=(*group.uuids, other)),)
    )
    with pytest.raises(UnbuildableComplement, match="relates to 2 invoices without saying"):
        PayableDocument.of(invoice, credits=[wide])
    part = Credit(note=wide, amount=Money("116.00", "MXN"))
    found = PayableDocument.of(invoice, credits=[part])
    assert (str(found.balance), str(found.groups[0].base)) == ("2784.00 MXN", "2400.00")


def test_when_a_credit_note_takes_every_taxed_line_the_rest_is_not_taxed(samples):
    [invoice], [note], _ = read(samples / "scenarios" / "SC05")
    line = dataclasses.replace(
        invoice.conceptos[0], objeto_imp="01", importe=Written("500.00"), impuestos=None
    )
    mixed = dataclasses.replace(
        invoice, conceptos=(*invoice.conceptos, line), total=Written("3400.00")
    )
    whole = dataclasses.replace(note, conceptos=invoice.conceptos, total=Written("2900.00"))
    payable = PayableDocument.of(mixed, credits=[whole])
    built = build([paid("500.00")], [uses("500.00", target=payable.id)], [payable])
    assert next(built.voucher.payments()).documentos[0].objeto_imp_dr == "01"
    assert built.findings == ()


@pytest.mark.parametrize(("taxed", "key"), [(True, "02"), (False, "01")])
def test_an_open_invoice_of_version_33_goes_on_in_version_20(samples, taxed, key):
    """Its lines have no ObjetoImp, and Pagos 1.0 stated no taxes: the balance goes on, and what is left bears its tax."""
    [invoice], _, _ = read(samples / "scenarios" / "SC05")
    lines = tuple(
        dataclasses.replace(it, objeto_imp="", impuestos=it.impuestos if taxed else None)
        for it in invoice.conceptos
    )
    old = dataclasses.replace(invoice, version="3.3", conceptos=lines)
    payable = PayableDocument.of(old)
    before = Parcialidad(number=1, paid=Money("1450.00", "MXN"))
    payable = dataclasses.replace(payable, history=(before,))
    built = build([paid("1450.00")], [uses("1450.00", target=payable.id)], [payable])
    [doc] = next(built.voucher.payments()).documentos
    assert (doc.num_parcialidad, doc.objeto_imp_dr, built.findings) == (2, key, ())
    bases = [str(row.base) for row in doc.impuestos_dr.traslados] if doc.impuestos_dr else []
    assert bases == (["1250.00"] if taxed else [])


def test_a_last_payment_too_small_for_a_base_does_not_exceed_it(samples):
    """Of 52,900.00 only 2,500.00 are taxed: all but a cent is paid first, and the cent still states a base."""
    [invoice], _, _ = read(samples / "scenarios" / "SC05")
    line = dataclasses.replace(
        invoice.conceptos[0], objeto_imp="01", importe=Written("50000.00"), impuestos=None
    )
    payable = PayableDocument.of(
        dataclasses.replace(
            invoice, conceptos=(*invoice.conceptos, line), total=Written("52900.00")
        )
    )
    parts = ("52899.99", "0.01")
    payments = [paid(text, id_=f"R-{text}") for text in parts]
    pieces = [uses(text, source=f"R-{text}", target=payable.id) for text in parts]
    built = build(payments, pieces, [payable])
    rows = [it.documentos[0].impuestos_dr.traslados[0] for it in built.voucher.payments()]
    assert [str(it.base) for it in rows] == ["2499.99", "0.01"]
    assert built.findings == ()


def test_many_payments_of_one_invoice_in_one_complement(samples):
    [invoice], _, _ = read(samples / "scenarios" / "SC02")
    payable = PayableDocument.of(invoice)
    parts = payable.total.split([1] * 200)
    payments = [paid(str(it.amount), id_=f"R-{n}") for n, it in enumerate(parts)]
    pieces = [
        uses(str(it.amount), source=f"R-{n}", target=payable.id) for n, it in enumerate(parts)
    ]
    built = build(payments, pieces, [payable])
    docs = [it.documentos[0] for it in built.voucher.payments()]
    assert [it.num_parcialidad for it in docs] == [*range(1, 201)]
    assert built.findings == ()
    assert stated_bases([built]) == {it.key: it.base for it in payable.groups}


@pytest.mark.parametrize("key", ["01", "03", "04", "05", "06", "07", "08"])
def test_each_key_of_objeto_imp_builds_clean(samples, key):
    _, [paper, *_], _ = None, read(samples / "scenarios" / "SC09")[0], None
    document = dataclasses.replace(
        paper,
        conceptos=tuple(dataclasses.replace(it, objeto_imp=key) for it in paper.conceptos),
    )
    payable = PayableDocument.of(document)
    if key == "07":
        payable = dataclasses.replace(
            payable, groups=PayableDocument.of(read(samples / "scenarios" / "SC09")[0][4]).groups
        )
    built = build([paid("1500.00")], [uses("1500.00", target=payable.id)], [payable])
    [node] = built.voucher.payments()
    assert object_of(document) == node.documentos[0].objeto_imp_dr == key
    assert built.findings == ()


def test_a_profile_is_meant_for_complements_from_its_day_on():
    assert profile("currency-decimals", on=date(2026, 9, 1)) is CURRENCY_DECIMALS
    with pytest.raises(UnbuildableComplement, match="use six-decimals"):
        profile("currency-decimals", on=date(2026, 8, 31))


def test_check_sees_what_is_changed_after_building():
    built = build([paid()], [uses()])
    worse = dataclasses.replace(built.voucher, moneda="MXN")
    assert [it.code for it in check(worse)] == ["CRP20104"]
