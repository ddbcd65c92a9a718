"""The subledger and the reference model, written apart from each other, give the same answers."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from receivables import Buckets, Subledger, age
from receivables.testing.reference import Open, Reference
from receivables.testing.strategies import days, garbage, moments, subledgers

EDGES = (0, 30, 60, 90, 120)


def as_reference(item):
    return Open(
        item.id,
        item.customer,
        item.currency,
        item.due_date,
        item.open_amount.amount,
        item.is_credit,
    )


def cells(report):
    found = Counter()
    for row in report.rows:
        for column, amount in zip(row.columns, row.amounts, strict=True):
            found[row["customer"], row.currency, column] += amount.amount
    return {key: amount for key, amount in found.items() if amount}


def assert_agree(books, reference):
    items = books.open_items(as_of=reference.as_of, known_at=reference.known_at)
    assert Counter(map(as_reference, items)) == Counter(reference.open_items())
    report = age(items, buckets=Buckets.of(*EDGES), as_of=reference.as_of)
    assert cells(report) == {
        key: amount for key, amount in reference.aging(EDGES).items() if amount
    }
    cash = {
        (it.currency, place): getattr(it, place).amount
        for it in books.cash_positions(as_of=reference.as_of, known_at=reference.known_at)
        for place in (
            "received",
            "allocated",
            "on_account",
            "unapplied",
            "unidentified",
            "refunded",
            "cleared",
        )
    }
    assert {key: it for key, it in cash.items() if it} == {
        key: it for key, it in reference.cash().items() if it
    }


@given(facts=subledgers(), as_of=days(), known_at=st.none() | moments())
def test_open_items_aging_and_cash_agree(facts, as_of, known_at):
    """On any day, as known at any time."""
    assert_agree(Subledger.of(facts), Reference.of(facts, as_of, known_at))


@given(facts=garbage(), as_of=days(), known_at=st.none() | moments())
def test_what_remains_of_garbage_agrees(facts, as_of, known_at):
    """The facts that stay after the others were left out are an ordinary subledger."""
    books, _ = Subledger.load(facts)
    assert_agree(books, Reference.of(books.facts, as_of, known_at))
