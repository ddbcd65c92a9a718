"""Law: Reversal restores. A fact and its reversal leave every view from then on as if it had not been."""

from hypothesis import given
from hypothesis import strategies as st

from receivables import Reversal, Subledger
from receivables.facts import DOCUMENTS
from receivables.testing.strategies import LAST_DAY, days, subledgers


def shown(books, as_of):
    items = books.open_items(as_of=as_of)
    return [(it.id, it.open_amount, it.movements) for it in items], books.cash_positions(
        as_of=as_of
    )


def without(facts, name):
    """Leave out a fact, what rests on it, and their reversals."""
    gone = {name} | {
        it.id for it in facts if name in {getattr(it, "source", 0), getattr(it, "target", 0)}
    }
    return [it for it in facts if it.id not in gone and getattr(it, "of", None) not in gone]


@given(facts=subledgers(masters=False), pick=st.randoms(use_true_random=False), as_of=days())
def test_a_reversed_fact_is_as_if_it_had_not_been(facts, pick, as_of):
    """From the reversal's date on; before it, nothing changed."""
    books = Subledger.of(facts)
    reversed_before = {it.of for it in facts if isinstance(it, Reversal)}
    candidates = [
        it for it in facts if not isinstance(it, Reversal) and it.id not in reversed_before
    ]
    lowering = [it for it in candidates if not getattr(it, "increase", False)]
    if not lowering:
        return
    fact = pick.choice(lowering)
    after = books.with_facts([Reversal(id="X-9", of=fact.id, posting_date=LAST_DAY)])
    assert shown(after, LAST_DAY) == shown(Subledger.load(without(facts, fact.id))[0], LAST_DAY)
    if as_of < LAST_DAY:
        assert shown(after, as_of) == shown(books, as_of)


@given(facts=subledgers(masters=False))
def test_reversing_every_document_leaves_nothing_open(facts):
    """With all documents ended, no item and no money is left."""
    gone = {it.of for it in facts if isinstance(it, Reversal)}
    ends = [
        Reversal(id=f"X-{it.id}", of=it.id, posting_date=LAST_DAY)
        for it in facts
        if isinstance(it, DOCUMENTS) and it.id not in gone
    ]
    books = Subledger.of([*facts, *ends])
    assert books.open_items(as_of=LAST_DAY) == ()
    assert books.cash_positions(as_of=LAST_DAY) == ()
