"""Law: Order is irrelevant. Facts in any order, at once or in turns, once or twice, give the same subledger."""

from hypothesis import given
from hypothesis import strategies as st

from receivables import Subledger
from receivables.testing.strategies import days, garbage, subledgers


@given(facts=subledgers(), random=st.randoms(use_true_random=False), as_of=days())
def test_any_order_gives_the_same_subledger(facts, random, as_of):
    """Shuffled facts make an equal subledger with equal answers, movement by movement."""
    shuffled = list(facts)
    random.shuffle(shuffled)
    one, two = Subledger.of(facts), Subledger.of(shuffled)
    assert one == two
    assert hash(one) == hash(two)
    assert one.open_items(as_of=as_of) == two.open_items(as_of=as_of)
    assert one.customers == two.customers


@given(facts=subledgers(), split=st.integers(0, 30), as_of=days())
def test_in_turns_is_as_good_as_at_once(facts, split, as_of):
    """A subledger that grew equals one built of everything."""
    grown = Subledger.of(facts[:split]).with_facts(facts[split:])
    assert grown == Subledger.of(facts)
    assert grown.open_items(as_of=as_of) == Subledger.of(facts).open_items(as_of=as_of)


@given(facts=subledgers())
def test_a_fact_told_again_changes_nothing(facts):
    """Sources deliver at least once; the second time is no news."""
    books = Subledger.of(facts)
    assert Subledger.of([*facts, *facts]) == books
    assert books.with_facts(facts) == books


@given(facts=garbage(), random=st.randoms(use_true_random=False))
def test_what_is_left_out_does_not_depend_on_order(facts, random):
    """Of garbage in any order the same facts stay, and the same problems are listed."""
    shuffled = list(facts)
    random.shuffle(shuffled)
    (one, problems), (two, others) = Subledger.load(facts), Subledger.load(shuffled)
    assert one == two
    assert sorted(map(str, problems)) == sorted(map(str, others))
