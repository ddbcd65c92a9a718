"""Change the facts in a way whose effect is known: the answers move as predicted, and no further."""

from dataclasses import fields, replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from receivables import Allocation, Instalment, Money, Subledger, age
from receivables.testing import facts as ar_facts
from receivables.testing.strategies import days, subledgers

STORY = """
    2026-01-10 invoice S-F C001 99.99 MXN instalments=33.33@2026-02-01,33.33@2026-03-01,33.33@2026-04-01
    2026-02-10 payment S-R C001 150.00 MXN
"""
DATES = ("posting_date", "document_date", "baseline_date", "due_date")


def amounts(books, as_of):
    return [(it.id, it.open_amount) for it in books.open_items(as_of=as_of)]


def undo_terms(facts):
    """Say every due date outright, so that moving dates or amounts moves them alike."""
    return [replace(it, terms=None) if getattr(it, "terms", None) else it for it in facts]


@given(facts=subledgers(masters=False), as_of=days(), used=st.integers(2, 9999), cut=st.data())
def test_splitting_an_allocation_changes_no_open_amount(facts, as_of, used, cut):
    """Two allocations of parts do what one of the whole does."""
    charge = ar_facts(STORY)
    first = cut.draw(st.integers(1, used - 1))
    values = {"source": "S-R", "target": "S-F", "posting_date": date(2026, 3, 1)}
    one, part, rest = (
        Allocation(id=f"S-{units}-{name}", amount=Money.from_minor(units, "MXN"), **values)
        for name, units in (("whole", used), ("part", first), ("rest", used - first))
    )
    whole, split = Subledger.of([*facts, *charge, one]), Subledger.of([*facts, *charge, part, rest])
    assert amounts(whole, as_of) == amounts(split, as_of)


def scaled(fact, factor):
    changes = {
        name: getattr(fact, name) * factor
        for name in ("amount", "source_amount", "company_amount", "net_amount")
        if getattr(fact, name, None) is not None
    }
    parts = getattr(fact, "instalments", ())
    if parts:
        changes["instalments"] = tuple(
            Instalment(it.number, it.due_date, it.amount * factor) for it in parts
        )
    return replace(fact, **changes)


@given(facts=subledgers(masters=False), as_of=days(), factor=st.sampled_from([10, 100, 7]))
def test_scaling_every_amount_scales_every_answer(facts, as_of, factor):
    """Ten times the amounts are open ten times, in the same columns."""
    facts = undo_terms(facts)
    small = age(Subledger.of(facts).open_items(as_of=as_of), as_of=as_of)
    large = age(
        Subledger.of([scaled(it, factor) for it in facts]).open_items(as_of=as_of), as_of=as_of
    )
    assert [[amount * factor for amount in row.amounts] for row in small.rows] == [
        list(row.amounts) for row in large.rows
    ]
    assert [row.weighted_days for row in small.rows] == [row.weighted_days for row in large.rows]


def shifted(fact, days):
    changes = {
        name: getattr(fact, name) + timedelta(days=days)
        for name in DATES
        if isinstance(getattr(fact, name, None), date)
    }
    parts = getattr(fact, "instalments", ())
    if parts:
        changes["instalments"] = tuple(
            Instalment(it.number, it.due_date + timedelta(days=days), it.amount) for it in parts
        )
    return replace(fact, **changes)


@given(facts=subledgers(masters=False), as_of=days(), weeks=st.integers(1, 200))
def test_shifting_every_date_by_weeks_changes_no_age(facts, as_of, weeks):
    """The same story some weeks later, asked some weeks later, has the same report."""
    facts = undo_terms(facts)
    later = as_of + timedelta(weeks=weeks)
    one = age(Subledger.of(facts).open_items(as_of=as_of), as_of=as_of)
    two = age(
        Subledger.of([shifted(it, 7 * weeks) for it in facts]).open_items(as_of=later), as_of=later
    )
    assert [(row.keys, row.amounts, row.weighted_days) for row in one.rows] == [
        (row.keys, row.amounts, row.weighted_days) for row in two.rows
    ]


@given(facts=subledgers(masters=False), as_of=days())
def test_renaming_customers_renames_the_rows(facts, as_of):
    """A customer is whatever it is called."""
    renamed = [
        replace(it, customer=f"new {it.customer}")
        if "customer" in {field.name for field in fields(it)} and it.customer
        else it
        for it in facts
    ]
    one = age(Subledger.of(facts).open_items(as_of=as_of), as_of=as_of)
    two = age(Subledger.of(renamed).open_items(as_of=as_of), as_of=as_of)
    assert [(row["customer"] and f"new {row['customer']}", row.amounts) for row in one.rows] == [
        (row["customer"], row.amounts) for row in two.rows
    ]


@given(facts=subledgers(masters=False), others=subledgers(masters=False), as_of=days())
def test_two_companies_side_by_side_do_not_touch(facts, others, as_of):
    """Merged under other ids, the open items of both are the items of each."""

    def apart(fact):
        names = {
            name: f"B{getattr(fact, name)}"
            for name in ("id", "source", "target", "of")
            if hasattr(fact, name)
        }
        return replace(fact, **names)

    second = [apart(it) for it in others]
    merged = amounts(Subledger.of([*facts, *second]), as_of)
    assert sorted(merged, key=str) == sorted(
        [*amounts(Subledger.of(facts), as_of), *amounts(Subledger.of(second), as_of)], key=str
    )
