"""Law: Past answers stand. What is posted or learnt later changes no answer about before."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from receivables import Customer, Subledger
from receivables.testing.strategies import days, moments, subledgers


def posted(fact):
    return fact.valid_from if isinstance(fact, Customer) else fact.posting_date


def answers(books, as_of, known_at=None):
    return (
        [
            (it.id, it.open_amount, it.due_date, it.master)
            for it in books.open_items(as_of=as_of, known_at=known_at)
        ],
        books.cash_positions(as_of=as_of, known_at=known_at),
    )


@given(facts=subledgers(), as_of=days())
def test_facts_posted_after_the_date_change_nothing(facts, as_of):
    """Leaving out everything posted after a day gives the same answer as of that day."""
    early = Subledger.load([it for it in facts if posted(it) <= as_of])[0]
    assert answers(Subledger.of(facts), as_of) == answers(early, as_of)


@given(facts=subledgers(), as_of=days(), known_at=moments())
def test_facts_recorded_after_known_at_change_nothing(facts, as_of, known_at):
    """Leaving out everything recorded later gives the same answer as was known then."""
    known = [it for it in facts if it.recorded_at is None or it.recorded_at <= known_at]
    assert answers(Subledger.of(facts), as_of, known_at) == answers(Subledger.of(known), as_of)


@given(facts=subledgers(), split=st.integers(0, 30), as_of=days())
def test_an_older_subledger_stays_as_it_was(facts, split, as_of):
    """Adding facts makes a new subledger; the old one answers as before."""
    old = Subledger.of(facts[:split])
    before = answers(old, as_of)
    old.with_facts(facts[split:])
    assert answers(old, as_of) == before


@given(facts=subledgers())
def test_after_the_last_fact_only_age_changes(facts):
    """Once everything is posted, open amounts stay for ever."""
    books = Subledger.of(facts)
    last = max(posted(it) for it in facts)
    now, later = (
        [(it.id, it.open_amount) for it in books.open_items(as_of=day)]
        for day in (last, last + timedelta(days=400))
    )
    assert now == later
