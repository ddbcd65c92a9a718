"""Law: Nothing vanishes. Payments = allocated + on account + unapplied + unidentified + refunded + cleared."""

from collections import Counter

import pytest
from hypothesis import given

from receivables import Money, Payment, Reversal, Subledger
from receivables.errors import PartsDoNotSum
from receivables.laws import nothing_vanishes
from receivables.testing.strategies import days, moments, subledgers


@given(facts=subledgers(), as_of=days(), known_at=moments())
def test_every_payment_is_somewhere(facts, as_of, known_at):
    """What came in by a day, as known at any time, is the sum of the places it can be."""
    live = Counter()
    gone = {
        it.of
        for it in facts
        if isinstance(it, Reversal)
        and it.posting_date <= as_of
        and (not it.recorded_at or it.recorded_at <= known_at)
    }
    for fact in facts:
        known = not fact.recorded_at or fact.recorded_at <= known_at
        if (
            isinstance(fact, Payment)
            and fact.posting_date <= as_of
            and known
            and fact.id not in gone
        ):
            live[fact.amount.currency] += fact.amount.amount
    positions = Subledger.of(facts).cash_positions(as_of=as_of, known_at=known_at)
    assert {it.currency: it.received.amount for it in positions} == live
    for it in positions:
        places = (
            it.allocated,
            it.on_account,
            it.unapplied,
            it.unidentified,
            it.refunded,
            it.cleared,
        )
        assert sum(place.amount for place in places) == it.received.amount


@given(facts=subledgers())
def test_it_holds_at_every_prefix(facts):
    """The subledger of any beginning of the facts accounts for its money."""
    for size in range(len(facts) + 1):
        books = Subledger.of(facts[:size])
        for day in {it.posting_date for it in facts[:size] if isinstance(it, Payment)}:
            books.cash_positions(as_of=day)  # asserts the law itself


def test_the_law_refuses_a_cent():
    """The law itself fails when a cent is nowhere."""
    with pytest.raises(
        PartsDoNotSum,
        match=r"^the whereabouts of the payments sum to 9\.99 MXN; they must sum to 10\.00 MXN$",
    ):
        nothing_vanishes(Money("10.00", "MXN"), [Money("9.99", "MXN")])
