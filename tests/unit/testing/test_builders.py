"""The one-line notation: what each line says, and what it refuses."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from receivables import (
    Adjustment,
    Allocation,
    Customer,
    Instalment,
    Invoice,
    Money,
    Payment,
    PaymentTerms,
    Reversal,
)
from receivables.errors import InexactAmount, UnreadableFact
from receivables.testing import facts

DAY = date(2026, 1, 10)


def mxn(amount):
    return Money(amount, "MXN")


LINES = {
    "invoice F-1 C001 100.00 MXN 2/10 net 30 reference='PO 1' @region=north disputed": Invoice(
        id="F-1", customer="C001", amount=mxn("100.00"), posting_date=DAY, terms=PaymentTerms.parse("2/10 net 30"),
        reference="PO 1", attributes={"region": "north"}, disputed=True,
    ),
    "invoice F-1 C001 3.00 MXN instalments=1.00@2026-02-01,2.00@2026-03-01 document=2026-01-09": Invoice(
        id="F-1", customer="C001", amount=mxn("3.00"), posting_date=DAY, document_date=date(2026, 1, 9),
        instalments=(Instalment(1, date(2026, 2, 1), mxn("1.00")), Instalment(2, date(2026, 3, 1), mxn("2.00"))),
    ),
    "payment R-1 ? 40.00 MXN on-account recorded=2026-02-01": Payment(
        id="R-1", customer=None, amount=mxn("40.00"), posting_date=DAY, on_account=True,
        recorded_at=datetime(2026, 2, 1, tzinfo=UTC),
    ),
    "allocation A-1 R-1 -> F-1 40.00 MXN instalment=2 taking='2.00 USD'": Allocation(
        id="A-1", source="R-1", target="F-1", amount=mxn("40.00"), posting_date=DAY, instalment=2,
        source_amount=Money("2.00", "USD"),
    ),
    "adjustment J-1 on F-1 5.00 MXN increase reason=fee": Adjustment(
        id="J-1", target="F-1", amount=mxn("5.00"), posting_date=DAY, increase=True, reason="fee"
    ),
    "reversal X-1 of A-1  # no funds": Reversal(id="X-1", of="A-1", posting_date=DAY),
    "customer C001 name='Acme SA' segment=retail net 30": Customer(
        id="C001", valid_from=DAY, name="Acme SA", segment="retail", terms=PaymentTerms.net(30)
    ),
}  # fmt: skip


@pytest.mark.parametrize("line", LINES)
def test_a_line_says_a_fact(line):
    assert facts(f"\n2026-01-10 {line}\n\n") == (LINES[line],)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "2026-01-10 invoce F-1",
            r"^line 2 '2026-01-10 invoce F-1' names no kind of fact; write a date, then one of invoice",
        ),
        ("2026-01-10", r"names no kind of fact"),
        (
            "2026-01-10 invoice",
            r"an id is missing; write it like '2026-01-10 invoice F-1 C001 100\.00 MXN net 30'$",
        ),
        ("2026-01-10 invoice F-1", r"a customer is missing"),
        ("2026-01-10 invoice F-1 C001 100.00", r"an amount and its currency is missing"),
        ("2026-02-30 invoice F-1 C001 100.00 MXN", r"day is out of range"),
        ("2026-01-10 payment R-1 C001 1.00 MXN net 30", r"'net 30' has no meaning here"),
        ("2026-01-10 payment R-1 C001 1.00 MXN colour=red", r"no option 'colour'; there are "),
        (
            "2026-01-10 payment R-1 C001 1.00 MXN company=5",
            r"'5' is no amount with its currency, such as 17\.05MXN",
        ),
        ("2026-01-10 payment R-1 'C001 1.00 MXN", r"ends within a quotation; close it$"),
    ],
    ids=range(10),
)
def test_a_line_that_says_no_fact_is_named(line, message):
    with pytest.raises(UnreadableFact, match=message):
        facts(f"# a story\n{line}")


def test_a_broken_rule_keeps_its_name_and_gets_the_line():
    with pytest.raises(InexactAmount, match=r"^line 1: 1\.001 MXN has more than 2 decimals"):
        facts("2026-01-10 payment R-1 C001 1.001 MXN")


def test_amounts_are_exact():
    [fact] = facts("2026-01-10 payment R-1 C001 0.10 MXN")
    assert fact.amount.amount == Decimal("0.10")
