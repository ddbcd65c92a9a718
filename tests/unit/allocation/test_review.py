"""What a review finds in cash already applied, and the facts that would correct it."""

from __future__ import annotations

from datetime import date

import pytest

from receivables import (
    Allocation,
    CreditMemo,
    Customer,
    Invoice,
    Money,
    Payment,
    Subledger,
    review_allocations,
)
from receivables.errors import NoSuchChoice

DAY = date(2026, 3, 31)


def mxn(amount):
    return Money(amount, "MXN")


def invoice(name, amount, due, customer="C1"):
    return Invoice(
        id=name,
        customer=customer,
        amount=mxn(amount),
        posting_date=date(2026, 1, 1),
        due_date=date.fromisoformat(due),
    )


def payment(name, amount, on, text=None, customer="C1", **more):
    return Payment(
        id=name,
        customer=customer,
        amount=mxn(amount),
        posting_date=date.fromisoformat(on),
        reference=text,
        **more,
    )


def use(source, target, amount, on="2026-03-10"):
    return Allocation(
        id=f"{source}>{target}",
        source=source,
        target=target,
        amount=mxn(amount),
        posting_date=date.fromisoformat(on),
    )


def review(*facts, **options):
    books = Subledger.of(facts)
    return books, review_allocations(books, as_of=DAY, **options)


def opened(books, facts):
    return {
        it.id: f"{it.open_amount.amount:f}" for it in books.with_facts(facts).open_items(as_of=DAY)
    }


def test_a_payment_that_names_another_item_is_moved_to_it():
    books, found = review(
        invoice("F-1001", "50.00", "2026-02-01"),
        invoice("F-1002", "50.00", "2026-02-02"),
        payment("R-1", "50.00", "2026-03-10", "pago F-1002"),
        use("R-1", "F-1001", "50.00"),
    )
    [finding] = found.findings
    assert (finding.kind, finding.items) == ("names-another-item", ("F-1001", "F-1002"))
    assert finding.text == "payment R-1 names F-1002 and pays 50.00 MXN of F-1001"
    assert opened(books, finding.facts) == {"F-1001": "50.00"}
    assert str(finding.explain()).startswith(
        "payment R-1 names F-1002 and pays 50.00 MXN of F-1001: 50.00 MXN"
    )


def test_an_older_item_that_was_skipped_takes_what_the_newer_one_had():
    books, found = review(
        invoice("F-1", "30.00", "2026-02-01"),
        invoice("F-2", "80.00", "2026-03-01"),
        payment("R-1", "50.00", "2026-03-10"),
        use("R-1", "F-2", "50.00"),
    )
    [finding] = found.findings
    assert (finding.kind, str(finding.amount)) == ("older-item-skipped", "30.00 MXN")
    assert opened(books, finding.facts) == {"F-2": "60.00"}


@pytest.mark.parametrize(
    ("text", "amount"),
    [("F-2222", "50.00"), (None, "80.00")],
    ids=["it names the item", "it is the item's amount"],
)
def test_an_item_that_was_meant_skips_none(text, amount):
    _, found = review(
        invoice("F-1", "30.00", "2026-02-01"),
        invoice("F-2222", "80.00", "2026-03-01"),
        payment("R-1", amount, "2026-03-10", text),
        use("R-1", "F-2222", amount),
    )
    assert found.findings == ()


@pytest.mark.parametrize(("second", "count"), [("2026-03-20", 1), ("2026-03-21", 0)])
def test_a_payment_that_came_twice_within_ten_days_may_be_refunded(second, count):
    books, found = review(
        invoice("F-1", "50.00", "2026-02-01"),
        payment("R-1", "50.00", "2026-03-10", "transfer  77"),
        payment("R-2", "50.00", second, "Transfer 77"),
        use("R-1", "F-1", "50.00"),
    )
    assert len(found.of("duplicate-payment")) == count
    if count:
        assert opened(books, found.findings[0].facts) == {}


def test_cash_for_a_stranger_is_taken_back_but_not_for_a_relative():
    facts = (
        invoice("F-1", "50.00", "2026-02-01", customer="C2"),
        payment("R-1", "50.00", "2026-03-10"),
        use("R-1", "F-1", "50.00"),
    )
    books, found = review(*facts)
    [finding] = found.of("unrelated-customer")
    assert opened(books, finding.facts) == {"F-1": "50.00", "R-1": "-50.00"}
    for master in (
        [Customer(id="C2", valid_from=date(2026, 1, 1), payer="C1")],
        [Customer(id="C1", valid_from=date(2026, 1, 1), head_office="C2")],
        [Customer(id=name, valid_from=date(2026, 1, 1), head_office="C0") for name in ("C1", "C2")],
    ):
        assert review(*facts, *master)[1].findings == ()


def test_an_item_closed_by_two_payments_while_another_is_short_by_the_same():
    books, found = review(
        invoice("F-1", "50.00", "2026-02-01"),
        invoice("F-2", "80.00", "2026-02-01"),
        payment("R-1", "30.00", "2026-03-01"),
        payment("R-2", "50.00", "2026-03-10"),
        payment("R-3", "60.00", "2026-03-10", "x"),
        use("R-1", "F-1", "30.00", "2026-03-01"),
        use("R-2", "F-1", "20.00"),
        use("R-3", "F-2", "60.00"),
    )
    [finding] = found.of("overpaid-while-short")
    assert (finding.payment, finding.items, str(finding.amount)) == (
        "R-2",
        ("F-1", "F-2"),
        "20.00 MXN",
    )
    assert opened(books, finding.facts) == {"F-1": "20.00", "R-2": "-30.00"}


def test_cash_waits_thirty_days_before_it_is_stale():
    facts = (
        payment("R-1", "10.00", "2026-02-28"),
        payment("R-2", "11.00", "2026-03-01"),
        payment("R-3", "12.00", "2026-01-01", on_account=True),
        payment("R-4", "13.00", "2026-01-01", customer=None),
        CreditMemo(id="N-1", customer="C1", amount=mxn("5.00"), posting_date=date(2026, 1, 1)),
    )
    _, found = review(*facts)
    assert [it.payment for it in found.of("stale-cash")] == ["N-1", "R-1", "R-4"]
    assert found.findings[1].text == "payment R-1 of customer C1 has 10.00 MXN unused for 31 days"
    assert len(review(*facts, stale_days=29)[1].findings) == 4


def test_a_review_may_look_at_one_month():
    facts = (
        invoice("F-1001", "50.00", "2026-02-01"),
        invoice("F-1002", "50.00", "2026-02-02"),
        payment("R-1", "50.00", "2026-03-10", "F-1002"),
        use("R-1", "F-1001", "50.00"),
    )
    assert len(review(*facts, since=date(2026, 3, 10))[1].findings) == 1
    assert review(*facts, since=date(2026, 3, 11))[1].findings == ()
    with pytest.raises(NoSuchChoice, match="no kind of finding 'x'"):
        review(*facts)[1].of("x")
    assert str(review(*facts)[1]).splitlines()[0] == "1 finding as of 2026-03-31"


def test_half_a_peso_is_moved_like_any_amount():
    books, found = review(
        invoice("F-1001", "0.50", "2026-02-01"),
        invoice("F-1002", "0.50", "2026-02-02"),
        payment("R-1", "0.50", "2026-03-10", "pago F-1002"),
        use("R-1", "F-1001", "0.50"),
    )
    assert opened(books, found.findings[0].facts) == {"F-1001": "0.50"}
