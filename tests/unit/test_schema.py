"""The tables: their columns, and facts as rows and back."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from receivables import Invoice, Money, Origin, PaymentTerms, TaxLine
from receivables.errors import ReceivablesError, UnreadableFact
from receivables.schema import FACTS, OPEN_ITEMS, PAYMENTS
from receivables.schema.rows import from_rows, to_rows
from receivables.testing import facts

DAY = date(2026, 1, 10)
ROW = {
    "kind": "invoice", "id": "F-1", "customer": "C001", "currency": "MXN", "amount": Decimal("100.00"), "posting_date": DAY,
}  # fmt: skip
INVOICE = Invoice(id="F-1", customer="C001", amount=Money("100.00", "MXN"), posting_date=DAY)


def test_the_columns_of_each_table():
    assert FACTS.required == ("id", "kind", "posting_date")
    assert OPEN_ITEMS.names == (
        *(
            "item_id",
            "customer",
            "currency",
            "due_date",
            "open_amount",
            "document_date",
            "reference",
        ),
    )
    assert PAYMENTS.required == ("payment_id", "currency", "amount", "posting_date")
    assert FACTS.column("due_date").type == "date"
    assert FACTS.column("colour") is None
    assert "colour" not in FACTS


def test_a_row_says_a_fact():
    assert from_rows([ROW]) == INVOICE
    assert from_rows([ROW | {"reference": None, "terms": ""}]) == INVOICE


def test_a_fact_is_written_with_what_it_has():
    assert to_rows(INVOICE) == (ROW,)


ROUND = """
    2026-01-10 invoice F-1 C001 100.00 MXN 2/10 net 30 reference="PO 1" disputed dispute_reason=price company=5.00USD
    2026-01-10 invoice F-2 C001 100.00 MXN net 30 due=2026-02-09 @region=north baseline=2026-01-09 document=2026-01-08
    2026-01-10 invoice F-3 C001 100.00 MXN instalments=100.00@2026-03-01
    2026-01-10 invoice F-4 C001 100.01 MXN instalments=50.00@2026-03-01,50.01@2026-02-01 company=10.01USD
    2026-01-10 credit_memo M-1 C001 100 JPY segment=a collector=b legal_entity=c
    2026-01-10 payment R-1 ? 1.000 KWD on-account recorded=2026-01-11T09:00:00+00:00
    2026-01-10 allocation A-1 R-1 -> F-1 1.00 MXN taking=0.020KWD instalment=1
    2026-01-10 adjustment J-1 on F-1 1.00 MXN increase reason=fee
    2026-01-10 refund B-1 of R-1 0.001 KWD reference=x
    2026-01-10 reversal X-1 of A-1 reason=wrong
"""


@pytest.mark.parametrize("fact", facts(ROUND), ids=lambda it: it.id)
def test_every_kind_survives_the_table(fact):
    assert from_rows(to_rows(fact)) == fact


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": Origin("sap", "1000/1", {"BLART": "RV"})},
        {"origin": Origin("bank file", "7")},
        {"attributes": {"amount": "x", "id": "y"}},
        {"attributes": {"attributes": "x"}},
        {"taxes": (TaxLine("IVA", Money(50, "MXN"), Money(8, "MXN"), Decimal("0.16")),)},
        {
            "taxes": (
                TaxLine("IVA", Money(50, "MXN"), Money(0, "MXN"), factor="exempt", withheld=True),
            )
        },
        {"net_amount": Money(100, "MXN")},
        {"terms": PaymentTerms.parse("net 30 from posting date")},
    ],
    ids=str,
)
def test_what_is_rare_survives_too(changes):
    fact = replace(INVOICE, **changes)
    assert from_rows(to_rows(fact)) == fact


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "bill"},
        {"kind": None},
        {"amount": None},
        {"amount": "100.00"},
        {"amount": Decimal("NaN")},
        {"amount": Decimal("1.001")},
        {"currency": None},
        {"currency": "QQQ"},
        {"customer": None},
        {"customer": 5},
        {"posting_date": "2026-01-10"},
        {"terms": "soon"},
        {"terms": 30},
        {"taxes": "{"},
        {"taxes": '[{"tax": "IVA"}]'},
        {"taxes": '["IVA"]'},
        {"origin": '{"x": 1}'},
        {"company_amount": Decimal(5)},
    ],
    ids=str,
)
def test_a_row_that_says_no_fact_is_refused_in_our_words(changes):
    with pytest.raises(ReceivablesError):
        from_rows([ROW | changes])


def test_instalment_rows_fold_into_one_document():
    rows = [
        ROW | {"amount": Decimal("60.00"), "instalment": 2, "due_date": date(2026, 3, 1)},
        ROW | {"amount": Decimal("40.00"), "instalment": 1, "due_date": date(2026, 2, 1)},
    ]
    fact = from_rows(rows)
    assert fact.amount == Money("100.00", "MXN")
    assert [(it.number, str(it.due_date), str(it.amount)) for it in fact.instalments] == [
        (1, "2026-02-01", "40.00 MXN"),
        (2, "2026-03-01", "60.00 MXN"),
    ]


@pytest.mark.parametrize(
    "second",
    [
        {"instalment": 2, "due_date": date(2026, 3, 1), "customer": "C002"},
        {"instalment": None, "due_date": date(2026, 3, 1)},
        {"instalment": 2, "due_date": None},
        {"instalment": 1, "due_date": date(2026, 3, 1)},
    ],
    ids=str,
)
def test_instalment_rows_must_agree(second):
    first = ROW | {"instalment": 1, "due_date": date(2026, 2, 1)}
    with pytest.raises(ReceivablesError):
        from_rows([first, ROW | second])


def test_an_unreadable_row_is_named():
    with pytest.raises(
        UnreadableFact,
        match=r"^kind 'bill' is not a kind of fact; it must be one of invoice, debit_memo",
    ):
        from_rows([ROW | {"kind": "bill"}])


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"amount": Decimal(10)}, "currency of F-1 is empty, so its amount 10 is of no currency; give an ISO 4217 code such as MXN"),
        ({"currency": "MXN", "company_currency": "MXN", "amount": Decimal(1), "company_amount": "2"}, "company_amount of F-1 is '2', a str; give an exact decimal"),
        ({"currency": "MXN", "amount": "10"}, "amount of F-1 is '10', a str; give an exact decimal"),
    ],
)  # fmt: skip
def test_a_row_without_a_whole_amount_says_which_half_is_missing(row, sentence):
    with pytest.raises(UnreadableFact) as raised:
        from_rows([{"id": "F-1", "kind": "invoice", "customer": "C1", "posting_date": date(2026, 1, 1), **row}])  # fmt: skip
    assert str(raised.value) == sentence
