"""Facts: immutable, validated, positive, and settled about when they are due."""

from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from pydantic import TypeAdapter, ValidationError

from receivables import (
    Allocation,
    CreditMemo,
    Customer,
    Fact,
    Instalment,
    Invoice,
    Money,
    Origin,
    Payment,
    PaymentTerms,
    Reversal,
    TaxLine,
    WriteOff,
)
from receivables.errors import (
    CurrencyMismatch,
    NotPositive,
    PartsDoNotSum,
    ReceivablesError,
    UnreadableFact,
)
from receivables.testing import facts
from receivables.testing.strategies import subledgers

DAY = date(2026, 1, 10)


def mxn(amount):
    return Money(amount, "MXN")


def invoice(**values):
    return Invoice(
        **{"id": "F-1", "customer": "C001", "amount": mxn("100.00"), "posting_date": DAY} | values
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 100.0},
        {"amount": "100.00"},
        {"id": ""},
        {"id": 5},
        {"id": "x" * 201},
        {"customer": None},
        {"posting_date": "2026-01-10"},
        {"posting_date": datetime(2026, 1, 10, tzinfo=UTC)},
        {"recorded_at": datetime(2026, 1, 10)},  # noqa: DTZ001 - that is the point
        {"due_date": "soon"},
        {"terms": "net 30"},
        {"disputed": "yes"},
        {"colour": "red"},
        {"attributes": (("a", "1"), ("a", "2"))},
        {"attributes": {"a": 1}},
    ],
    ids=str,
)
def test_values_of_another_type_are_refused(wrong):
    """Nothing is converted on the way in."""
    with pytest.raises(UnreadableFact):
        invoice(**wrong)


@pytest.mark.parametrize("amount", ["0.00", "-1.00"])
def test_amounts_are_above_zero(amount):
    with pytest.raises(NotPositive, match=r"^invoice F-1: amount .* must be above zero"):
        invoice(amount=mxn(amount))


def test_a_missing_value_is_named():
    with pytest.raises(UnreadableFact, match=r"^invoice F-1: amount is missing; give it$"):
        Invoice(id="F-1", customer="C001", posting_date=DAY)


def test_facts_never_change():
    with pytest.raises(FrozenInstanceError):
        invoice().amount = mxn("5.00")


def test_attributes_are_sorted_pairs():
    fact = invoice(attributes={"region": "north", "area": "7", "empty": ""})
    assert fact.attributes == (("area", "7"), ("region", "north"))
    assert hash(fact) == hash(invoice(attributes={"area": "7", "region": "north"}))


@pytest.mark.parametrize(
    ("line", "due"),
    [
        ("invoice F-1 C001 100.00 MXN net 30", "2026-02-09"),
        ("invoice F-1 C001 100.00 MXN net 30 document=2026-01-01", "2026-01-31"),
        (
            "invoice F-1 C001 100.00 MXN net 30 document=2026-01-01 baseline=2026-01-05",
            "2026-02-04",
        ),
        (
            'invoice F-1 C001 100.00 MXN terms="net 30 from posting date" document=2026-01-01',
            "2026-02-09",
        ),
        (
            'invoice F-1 C001 100.00 MXN terms="net 30 from document date" document=2026-01-01 baseline=2026-01-05',
            "2026-01-31",
        ),
        ("invoice F-1 C001 100.00 MXN net 30 due=2026-05-05", "2026-05-05"),
        ("invoice F-1 C001 100.00 MXN", None),
        ("invoice F-1 C001 100.00 MXN instalments=40.00@2026-03-01,60.00@2026-02-01", "2026-03-01"),
        ("invoice F-1 C001 100.00 MXN instalments=100.00@2026-03-01", "2026-03-01"),
    ],
)
def test_when_a_document_is_due(line, due):
    """What the source says wins over terms; terms count from baseline, document or posting date."""
    [fact] = facts(f"2026-01-10 {line}")
    assert str(fact.last_due_date) == str(due)


def test_terms_of_several_instalments_fill_them_in():
    fact = invoice(terms=PaymentTerms.parse("50% net 30, 50% net 60"))
    assert fact.due_date is None
    assert [(part.number, str(part.due_date), part.amount) for part in fact.instalments] == [
        (1, "2026-02-09", mxn("50.00")),
        (2, "2026-03-11", mxn("50.00")),
    ]


def test_a_single_instalment_is_a_due_date():
    fact = invoice(instalments=(Instalment(1, DAY, mxn("100.00")),))
    assert (fact.instalments, fact.due_date) == ((), DAY)


@pytest.mark.parametrize(
    "parts",
    [
        [(1, "40.00"), (2, "59.99")],
        [(1, "40.00"), (1, "60.00")],
        [(1, "100.01"), (2, "-0.01")],
        [(1, "100.00"), (2, "0.00")],
    ],
    ids=str,
)
def test_instalments_make_the_whole(parts):
    with pytest.raises(
        PartsDoNotSum, match=r"they must be positive, numbered apart and sum to 100\.00 MXN$"
    ):
        invoice(instalments=tuple(Instalment(number, DAY, mxn(amount)) for number, amount in parts))


def test_instalments_are_in_the_documents_currency():
    with pytest.raises(CurrencyMismatch):
        invoice(instalments=(Instalment(1, DAY, Money("100.00", "USD")),))


def test_due_date_and_instalments_exclude_each_other():
    with pytest.raises(
        PartsDoNotSum, match=r"gives both a due date and instalments; give one of them$"
    ):
        invoice(due_date=DAY, instalments=(Instalment(1, DAY, mxn("100.00")),))


def test_terms_that_lead_to_no_date_are_refused_at_once():
    with pytest.raises(ReceivablesError):
        invoice(posting_date=date(9999, 12, 1), terms=PaymentTerms.net(60))


def tax(amount, **values):
    return TaxLine(
        **{"tax": "IVA", "base": mxn("100.00"), "amount": mxn(amount), "rate": Decimal("0.16")}
        | values
    )


def test_taxes_make_the_amount():
    """Net + charged - withheld = amount."""
    withheld = tax("10.00", tax="ISR", withheld=True, rate=Decimal("0.10"))
    fact = invoice(amount=mxn("106.00"), net_amount=mxn("100.00"), taxes=(tax("16.00"), withheld))
    assert fact.net == mxn("100.00")
    with pytest.raises(PartsDoNotSum, match=r"amount - charged \+ withheld taxes is 100\.00 MXN$"):
        invoice(amount=mxn("106.00"), net_amount=mxn("100.01"), taxes=(tax("16.00"), withheld))


@pytest.mark.parametrize(
    "wrong",
    [{"taxes": (tax("0.00", rate=None),)}, {"taxes": (tax("0.00", factor="exempt"),)}],
    ids=["no rate", "exempt with a rate"],
)
def test_only_exempt_lines_have_no_rate(wrong):
    with pytest.raises(UnreadableFact, match=r"exempt lines, and only they, have none$"):
        invoice(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"net_amount": Money(100, "USD")},
        {"taxes": (tax("0.00", base=Money(1, "USD")),)},
        {"taxes": (TaxLine("IVA", mxn("1.00"), Money(1, "USD"), Decimal(1)),)},
    ],
    ids=["net", "base", "tax"],
)
def test_taxes_are_in_the_documents_currency(wrong):
    with pytest.raises(CurrencyMismatch):
        invoice(**wrong)


def test_an_allocation_across_currencies_says_both_amounts():
    common = {"id": "A-1", "source": "R-1", "target": "F-1", "posting_date": DAY}
    across = Allocation(**common, amount=mxn("17.05"), source_amount=Money("1.00", "USD"))
    assert across.taken == Money("1.00", "USD")
    assert Allocation(**common, amount=mxn("17.05")).taken == mxn("17.05")
    with pytest.raises(PartsDoNotSum):
        Allocation(**common, amount=mxn("17.05"), source_amount=mxn("17.04"))


def test_kinds_say_what_a_fact_is():
    assert [it.kind for it in (Invoice, CreditMemo, Payment, WriteOff, Reversal, Customer)] == [
        *("invoice", "credit_memo", "payment", "write_off", "reversal", "customer")
    ]


def test_origin_says_where_it_came_from():
    assert str(Origin("sap", "1000/1")) == "sap 1000/1"
    assert str(Origin("bank.csv")) == "bank.csv"


@given(held=subledgers())
def test_law_a_fact_read_from_its_json_is_the_same_fact(held):
    written = TypeAdapter(list[Fact | Customer])
    assert written.validate_json(written.dump_json(list(held))) == list(held)
    assert written.validate_json(written.dump_json(list(held), exclude_defaults=True)) == list(held)


def test_in_json_a_fact_is_of_the_kind_it_says():
    memo = b'{"kind":"credit_memo","id":"N-1","posting_date":"2026-01-10","customer":"C1","amount":{"amount":"5.00","currency":"MXN"}}'
    assert isinstance(TypeAdapter(Fact).validate_json(memo), CreditMemo)
    for wrong in (
        memo.replace(b"credit_memo", b"invoice"),
        memo.replace(b'"kind":"credit_memo",', b""),
    ):
        with pytest.raises(ValidationError):
            TypeAdapter(CreditMemo).validate_json(wrong)


def test_in_python_a_fact_is_taken_as_it_is():
    assert TypeAdapter(Fact).validate_python(fact := invoice()) is fact
