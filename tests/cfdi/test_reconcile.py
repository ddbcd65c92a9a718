"""Reconciliation: exactly the findings of the shipped portfolio, and each of the others from one small change."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, datetime, timedelta

import pytest

from receivables import Money
from receivables.adapters.csv import read_rows
from receivables.cfdi import Received, Written, calendar, read_folder, reconcile
from receivables.cfdi.deadlines import complement_due
from receivables.cfdi.tables import RECEIVED, STATES, received_in, received_of, states_in
from receivables.errors import UnreadableSource

AS_OF = date(2026, 8, 10)


@pytest.fixture
def portfolio(samples):
    folder = samples / "reconciliation"
    documents = [it.document for it in read_folder(folder).documents]
    received = received_in(read_rows(folder / "receipts.csv", RECEIVED), documents)
    states = states_in(read_rows(folder / "sat_status.csv", STATES))
    return (
        documents,
        received,
        [uuid for uuid, state in states.items() if state.value == "Cancelado"],
    )


def test_the_portfolio_has_exactly_the_expected_findings(samples, portfolio):
    documents, received, cancelled = portfolio
    found = reconcile(documents, received, as_of=AS_OF, cancelled=cancelled)
    wanted = json.loads((samples / "reconciliation" / "expected.json").read_text(encoding="utf-8"))
    expected = {
        (
            it["code"],
            f"F-{it['invoice']}" if "invoice" in it else None,
            it.get("rep"),
            it.get("payment"),
            it.get("due"),
            it.get("amount"),
        )
        for it in wanted["findings"]
    }
    ours = {
        (
            it.kind,
            it.invoice,
            it.complement,
            it.payment if it.kind != "AMOUNT_MISMATCH" else None,
            str(it.due) if it.due else None,
            f"{it.amount.amount}" if it.kind == "OVERPAID" else None,
        )
        for it in found
    }
    assert ours == expected
    assert len(found) == len(wanted["findings"]) == 13
    assert all(it.facts and it.step for it in found)


def test_values_expected_and_found_are_told(portfolio):
    documents, received, cancelled = portfolio
    found = {it.kind: it for it in reconcile(documents, received, as_of=AS_OF, cancelled=cancelled)}
    balance, number = found["SALDO_MISMATCH"], found["WRONG_PARCIALIDAD"]
    assert (balance.expected, balance.found) == ("6960.00", "9280.00")
    assert (number.expected, number.found) == ("2", "1")
    assert (found["AMOUNT_MISMATCH"].expected, found["AMOUNT_MISMATCH"].found) == (
        "5800.00",
        "5220.00",
    )


def test_before_the_deadline_a_complement_is_pending(portfolio):
    documents, received, cancelled = portfolio
    found = reconcile(documents, received, as_of=date(2026, 8, 5), cancelled=cancelled)
    kinds = {it.invoice: it.kind for it in found if it.kind.endswith("ING_REP")}
    assert kinds == {"F-2": "MISSING_REP", "F-10": "PENDING_REP", "F-11": "PENDING_REP"}
    days = [(day, len(listed)) for day, listed in calendar(found)]
    assert days == [(date(2026, 7, 5), 1), (date(2026, 8, 5), 2)]


def test_without_payments_nothing_is_said_about_missing_complements(portfolio):
    documents, _, cancelled = portfolio
    kinds = {it.kind for it in reconcile(documents, as_of=AS_OF, cancelled=cancelled)}
    assert not kinds & {"MISSING_REP", "PENDING_REP", "AMOUNT_MISMATCH"}
    assert "LATE_REP" in kinds


@pytest.mark.parametrize(
    ("paid", "due"),
    [("2026-07-01", "2026-08-05"), ("2026-07-31", "2026-08-05"), ("2026-12-31", "2027-01-05")],
)
def test_a_complement_is_due_on_the_fifth_whatever_the_weekday(paid, due):
    assert complement_due(date.fromisoformat(paid)) == date.fromisoformat(due)


# --- one invoice of 1160.00, two complements, one change at a time ------------------------------


@pytest.fixture
def account(samples):
    """Return one invoice with two complements that pay it, and what was received: nothing is wrong."""
    folder = samples / "reconciliation"
    documents = {it.document.number: it.document for it in read_folder(folder).documents}
    invoice, first, second = documents["F-1"], documents["P-1a"], documents["P-1b"]
    received = [
        Received(
            reference=f"B{number}",
            day=next(it.payments()).fecha_pago.date(),
            invoice=invoice.uuid,
            amount=Money(str(next(it.payments()).monto), "MXN"),
        )
        for number, it in enumerate((first, second), start=1)
    ]
    assert reconcile([invoice, first, second], received, as_of=AS_OF) == ()
    return invoice, first, second, received


def with_doc(complement, **changes):
    """Return a complement with its one related document changed."""
    [node] = complement.pagos
    [payment] = node.pagos
    [doc] = payment.documentos
    changed = dataclasses.replace(payment, documentos=(dataclasses.replace(doc, **changes),))
    return dataclasses.replace(complement, pagos=(dataclasses.replace(node, pagos=(changed,)),))


def kinds(documents, received, **more):
    return [it.kind for it in reconcile(documents, received, as_of=AS_OF, **more)]


def test_another_currency_is_told(account):
    invoice, first, second, received = account
    assert "CURRENCY_MISMATCH" in kinds(
        [invoice, first, with_doc(second, moneda_dr="USD")], received
    )


def test_another_receiver_is_a_remark(account):
    invoice, first, second, received = account
    factor = dataclasses.replace(second.receptor, rfc="BNM840515VB1")
    [found] = reconcile(
        [invoice, first, dataclasses.replace(second, receptor=factor)], received, as_of=AS_OF
    )
    assert (found.kind, found.severity) == ("RECEPTOR_MISMATCH", "warning")


def test_a_balance_that_counts_a_cancelled_complement_is_told(account):
    invoice, first, second, received = account
    found = kinds([invoice, first, second], received, cancelled=[first.uuid])
    assert sorted(found) == ["CANCELLED_REP_COUNTED", "MISSING_REP"]


def test_a_cancelled_invoice_with_a_complement_in_force_is_told(account):
    invoice, first, second, received = account
    found = kinds([invoice, first, second], received, cancelled=[invoice.uuid])
    assert found == ["INVOICE_CANCELLED_WITH_LIVE_REP"] * 2


def test_bases_that_do_not_sum_to_the_invoice_are_told(account):
    invoice, first, second, received = account
    [doc] = next(second.payments()).documentos
    [row] = doc.impuestos_dr.traslados
    less = dataclasses.replace(row, base=Written("4999.00"))
    changed = with_doc(
        second, impuestos_dr=dataclasses.replace(doc.impuestos_dr, traslados=(less,))
    )
    [found] = reconcile([invoice, first, changed], received, as_of=AS_OF)
    assert (found.kind, found.found, found.expected) == ("TAX_SUM_MISMATCH", "9999.00", "10000.00")


def test_a_substitute_issued_late_is_not_late_when_the_first_was_in_time(account):
    invoice, first, second, received = account
    late = datetime.fromisoformat("2026-09-20T09:00:00")
    [stamp] = second.timbres
    again = dataclasses.replace(
        second,
        fecha=late,
        folio="1c",
        relacionados=(_relation(second.uuid),),
        timbres=(dataclasses.replace(stamp, uuid="0" * 8 + second.uuid[8:], fecha_timbrado=late),),
    )
    found = reconcile([invoice, first, second, again], received, as_of=date(2026, 10, 1))
    assert found == ()
    alone = reconcile([invoice, first, again], received, as_of=date(2026, 10, 1))
    assert [it.kind for it in alone] == ["LATE_REP"]


def _relation(uuid):
    from receivables.cfdi import Relacionados

    return Relacionados(tipo_relacion="04", uuids=(uuid,))


@pytest.mark.parametrize(
    ("stamped", "late"), [("2026-08-05T23:59:59", []), ("2026-08-06T00:00:00", ["LATE_REP"])]
)
def test_the_fifth_is_in_time_to_its_last_second(account, stamped, late):
    invoice, first, second, received = account
    assert complement_due(received[1].day) == date(2026, 8, 5)
    moment = datetime.fromisoformat(stamped)
    stamp = dataclasses.replace(second.timbres[0], fecha_timbrado=moment)
    again = dataclasses.replace(second, timbres=(stamp,))
    assert kinds([invoice, first, again], received) == late


def test_a_payment_of_nothing_needs_no_complement(account):
    invoice, first, second, received = account
    nothing = dataclasses.replace(received[0], reference="B9", amount=Money("0.00", "MXN"))
    assert kinds([invoice, first, second], [*received, nothing]) == []


def test_a_payment_of_an_invoice_that_is_not_there_is_told(account):
    invoice, first, second, received = account
    astray = dataclasses.replace(
        received[0], reference="B9", invoice="00000000-0000-0000-0000-000000000000"
    )
    [found] = reconcile([invoice, first, second], [*received, astray], as_of=AS_OF)
    assert (found.kind, found.payment, found.found) == ("UNKNOWN_DOCUMENT", "B9", astray.invoice)


def test_a_payment_may_be_given_in_the_currency_it_was_made_in(samples):
    documents = [it.document for it in read_folder(samples / "scenarios" / "SC03").documents]
    [invoice] = [it for it in documents if it.tipo_de_comprobante == "I"]

    def of(first, second, currency):
        return [
            Received(reference=ref, day=day, invoice=invoice.uuid, amount=Money(text, currency))
            for ref, day, text in (
                ("B1", date(2026, 7, 21), first),
                ("B2", date(2026, 7, 22), second),
            )
        ]

    for received in (of("2383.76", "3575.65", "USD"), of("44102.42", "68019.59", "MXN")):
        assert reconcile(documents, received, as_of=date(2026, 9, 30)) == ()
    [found] = reconcile(documents, of("44102.42", "68019.00", "MXN"), as_of=date(2026, 9, 30))
    assert (found.kind, found.found, found.expected) == ("AMOUNT_MISMATCH", "68019.59", "68019.00")


def test_of_a_chain_of_three_substitutes_one_counts_whatever_is_cancelled_yet(account):
    invoice, first, second, received = account
    [mark] = second.timbres

    def substitute(of, number):
        uuid = f"{number:08d}" + mark.uuid[8:]
        return dataclasses.replace(
            of,
            folio=f"1b-{number}",
            fecha=of.fecha + timedelta(days=1),
            relacionados=(_relation(of.uuid),),
            timbres=(dataclasses.replace(mark, uuid=uuid),),
        )

    third = substitute(second, 3)
    fourth = substitute(third, 4)
    documents = [invoice, first, second, third, fourth]
    for cancelled in ([], [second.uuid], [third.uuid], [second.uuid, third.uuid], [fourth.uuid]):
        assert kinds(documents, received, cancelled=cancelled) == []
    dead = [second.uuid, third.uuid, fourth.uuid]
    assert kinds(documents, received, cancelled=dead) == ["MISSING_REP"]


def test_two_equal_payments_of_one_day_are_no_duplicate_when_both_were_received(account):
    invoice, first, second, received = account
    day = next(first.payments()).fecha_pago
    [node] = second.pagos
    same = dataclasses.replace(
        second,
        pagos=(
            dataclasses.replace(node, pagos=(dataclasses.replace(node.pagos[0], fecha_pago=day),)),
        ),
    )
    once = [received[0], dataclasses.replace(received[1], day=day.date())]
    assert "DUPLICATE_REP" not in kinds([invoice, first, same], once)
    assert "DUPLICATE_REP" in kinds([invoice, first, same], once[:1])


def test_a_payment_stated_in_two_nodes_is_one_payment(samples):
    documents = [it.document for it in read_folder(samples / "scenarios" / "SC07").documents]
    [invoice] = [it for it in documents if it.tipo_de_comprobante == "I"]
    whole = Received(
        reference="B1",
        day=date(2026, 7, 20),
        invoice=invoice.uuid,
        amount=Money("116000.00", "MXN"),
    )
    assert reconcile(documents, [whole], as_of=AS_OF) == ()


def test_a_credit_note_explains_a_lower_balance(samples):
    documents = [it.document for it in read_folder(samples / "scenarios" / "SC05").documents]
    assert reconcile(documents, as_of=AS_OF) == ()


def test_the_allocations_of_a_subledger_are_what_was_received(samples):
    from receivables.cfdi import import_batch

    facts = import_batch(read_folder(samples / "scenarios" / "SC02")).facts
    found = received_of(facts)
    [invoice] = {it.invoice for it in found}
    assert invoice == "75578F2A-E145-4E14-B756-65FD4C258A16"
    assert len(found) == 3


def test_payments_of_one_amount_are_matched_with_the_nearest_day(account):
    """Two equal payments and two equal nodes, each a day off: none is missing, whatever the order they come in."""
    invoice, first, second, _ = account
    amount = Money(str(next(first.payments()).monto), "MXN")
    assert str(next(second.payments()).monto) == f"{amount.amount}"
    days = [next(it.payments()).fecha_pago.date() for it in (first, second)]
    received = [
        Received(
            reference=f"B{n}", day=day + timedelta(days=1), invoice=invoice.uuid, amount=amount
        )
        for n, day in enumerate(days)
    ]
    for listed in (received, received[::-1]):
        assert kinds([invoice, first, second], listed) == []
    assert kinds([invoice, first], received) == ["MISSING_REP"]
    [found] = reconcile([invoice, second], received, as_of=AS_OF, cancelled=[first.uuid])[-1:]
    assert (found.kind, found.payment) == ("MISSING_REP", "B0")


def test_payments_in_two_currencies_of_one_day_are_not_added_up(account):
    invoice, first, second, received = account
    mixed = [
        dataclasses.replace(received[0], amount=Money("1.00", "USD")),
        dataclasses.replace(received[0], reference="B9", amount=Money("5799.00", "MXN")),
        received[1],
    ]
    assert "AMOUNT_MISMATCH" in kinds([invoice, first, second], mixed)


def test_documents_after_the_day_do_not_count(account):
    invoice, first, second, received = account
    before = next(second.payments()).fecha_pago.date() - timedelta(days=1)
    assert reconcile([invoice, first, second], received, as_of=before) == ()


def test_a_table_without_its_columns_is_refused(tmp_path):
    path = tmp_path / "receipts.csv"
    path.write_text("ref,when\nB1,2026-01-01\n", encoding="utf-8")
    with pytest.raises(UnreadableSource, match="columns date, invoice_uuid, amount are missing"):
        read_rows(path, RECEIVED)
