"""Law: Never below zero. No item or payment is used past its open amount, on any day, for any known-at."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import Money, Subledger, WriteOff
from receivables.errors import OverAllocated
from receivables.testing import books
from receivables.testing.strategies import garbage, subledgers


def moments_of(facts):
    recorded = {it.recorded_at for it in facts if it.recorded_at}
    return [None, *sorted(recorded), *sorted(it - timedelta(hours=1) for it in recorded)]


def assert_never_below_zero(facts, books):
    days = {it.posting_date for it in books.facts}
    for as_of in days:
        for known_at in moments_of(facts):
            for item in books.open_items(as_of=as_of, known_at=known_at):
                assert (item.open_amount.amount < 0) == item.is_credit, item


@given(facts=subledgers())
def test_what_is_admitted_is_never_below_zero(facts):
    """Strict door: every open amount keeps its sign on every day and for every known-at."""
    assert_never_below_zero(facts, Subledger.of(facts))


@given(facts=garbage())
def test_what_remains_of_garbage_is_never_below_zero(facts):
    """Lenient door: what is left in obeys the law as well."""
    assert_never_below_zero(facts, Subledger.load(facts)[0])


@given(facts=subledgers(), pick=st.randoms(use_true_random=False))
def test_one_unit_more_than_is_open_is_refused(facts, pick):
    """On top of all that was used, one minor unit more than the room left breaks the law."""
    ledger = Subledger.of(facts)
    last = max(it.posting_date for it in ledger.facts)
    items = ledger.open_items(as_of=last)
    if not items:
        return
    document = pick.choice(items).document
    size = sum(abs(it.open_amount.minor) for it in items if it.document is document)
    one_more = Money.from_minor(size + 1, document.amount.currency)
    with pytest.raises(
        OverAllocated, match=f"^write-off W-1 takes {one_more} from {document.id}, which has "
    ):
        ledger.with_facts(
            [WriteOff(id="W-1", target=document.id, amount=one_more, posting_date=last)]
        )


BACKDATED = """
    2026-01-01 invoice    F-1 C001 100.00 MXN
    2026-01-01 payment    R-1 C001 100.00 MXN
    2026-01-01 payment    R-2 C001 100.00 MXN
    2026-01-10 allocation A-1 R-1 -> F-1 100.00 MXN recorded=2026-01-10
    2026-01-{day} reversal X-1 of A-1               recorded=2026-01-20
    2026-01-12 allocation A-2 R-2 -> F-1 100.00 MXN recorded=2026-01-{known}
"""


@pytest.mark.parametrize("day", ["05", "10", "11"])
def test_a_reversal_not_yet_known_leaves_its_fact_in_force(day):
    """Until a backdated reversal is known, its allocation still fills the invoice."""
    with pytest.raises(OverAllocated):
        books(BACKDATED.format(day=day, known="12"))


@pytest.mark.parametrize("day", ["05", "10", "11"])
def test_once_the_reversal_is_known_the_item_is_free(day):
    """The same allocation, learnt with the reversal or later, is lawful."""
    assert len(books(BACKDATED.format(day=day, known="20"))) == 6


def test_an_allocation_before_the_increase_it_needs_is_refused():
    """It must fit on every day, not only at the end."""
    story = """
        2026-01-01 invoice    F-1 C001 100.00 MXN
        2026-01-01 payment    R-1 C001 150.00 MXN
        2026-02-{increase} adjustment J-1 on F-1 20.00 MXN increase
        2026-02-02 allocation A-1 R-1 -> F-1 120.00 MXN
    """
    assert len(books(story.format(increase="02"))) == 4
    with pytest.raises(
        OverAllocated, match=r"takes 120\.00 MXN from F-1, which has 100\.00 MXN open on 2026-02-02"
    ):
        books(story.format(increase="03"))
