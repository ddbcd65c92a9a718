"""When data breaks a law: the lenient door never raises, leaves out the breakers, and says which."""

from collections import Counter

from hypothesis import given

from receivables import Customer, Subledger
from receivables.testing.strategies import garbage, subledgers


@given(facts=subledgers())
def test_lawful_facts_all_stay(facts):
    """Nothing is left out of a lawful set, and both doors give the same subledger."""
    books, problems = Subledger.load(facts)
    assert problems == ()
    assert books == Subledger.of(facts)


@given(facts=garbage())
def test_every_fact_stays_or_is_named(facts):
    """Facts in = facts kept + problems, when equal facts are counted once."""
    books, problems = Subledger.load(facts)
    kept = {it.id: it for it in books.facts}
    named = Counter(dict(it.context)["fact"] for it in problems)
    for fact in set(facts):
        if not isinstance(fact, Customer) and kept.get(fact.id) != fact:
            assert named[fact.id] > 0, fact
    distinct = [it for it in set(facts) if not isinstance(it, Customer)]
    assert len(distinct) <= len(books) + len(problems)


@given(facts=garbage())
def test_what_stays_passes_the_strict_door(facts):
    """What remains obeys every law, so it can be built again without complaint."""
    books, _ = Subledger.load(facts)
    assert Subledger.of([*books.facts, *books.customers]) == books


@given(facts=garbage())
def test_the_amount_left_out_is_listed(facts):
    """Each problem of a fact with an amount names amount and currency."""
    _, problems = Subledger.load(facts)
    for problem in problems:
        context = dict(problem.context)
        assert context["kind"] in {"reversal", "customer"} or {"amount", "currency"} <= set(context)
