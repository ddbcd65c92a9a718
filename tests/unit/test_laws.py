"""The laws as functions: what they let pass, and what they refuse, day by day and known-at by known-at."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from receivables import Explanation
from receivables.effects import Effect
from receivables.errors import OverAllocated
from receivables.laws import explain_agrees, never_below_zero, shortfall
from receivables.testing import facts

(DOCUMENT,) = facts("2026-01-01 invoice F-1 C001 100.00 MXN")
(PARTS,) = facts(
    "2026-01-01 invoice F-1 C001 100.00 MXN instalments=40.00@2026-02-01,60.00@2026-03-01"
)


def day(number):
    return date(2026, 1, number)


def known(number):
    return datetime(2026, 1, number, tzinfo=UTC)


def effect(amount, start, *, learnt=1, end=None, named=None):
    """Return what a write-off, or an increase when the amount is positive, does from a day until another."""
    size = amount.removeprefix("-")
    word = "write_off" if amount.startswith("-") else "adjustment"
    more = "" if word == "write_off" else " increase"
    part = f" instalment={named}" if named else ""
    [use] = facts(f"2026-01-{start:02} {word} U{amount}{start} on F-1 {size} MXN{more}{part}")
    ends = () if end is None else ((day(end[0]), known(end[1])),)
    taken = -use.amount if word == "write_off" else use.amount
    return Effect(use, "F-1", taken, day(start), known(learnt), ends)


@pytest.mark.parametrize(
    ("effects", "short"),
    [
        ([effect("-60.00", 2), effect("-40.00", 3)], None),
        ([effect("-60.00", 2), effect("-40.01", 3)], ("F-1", 3, "0.01")),
        ([effect("5.00", 4), effect("-105.00", 4)], None),
        ([effect("5.00", 5), effect("-105.00", 4)], ("F-1", 4, "5.00")),
        ([effect("-100.00", 2, end=(5, 5)), effect("-100.00", 5, learnt=5)], None),
        ([effect("-100.00", 2, end=(5, 5)), effect("-100.00", 4)], ("F-1", 4, "100.00")),
        ([effect("-100.00", 2, end=(2, 9)), effect("-100.00", 4, learnt=4)], ("F-1", 4, "100.00")),
        ([effect("-100.00", 2, end=(2, 4)), effect("-100.00", 4, learnt=4)], None),
        ([effect("5.00", 2, end=(6, 6)), effect("-105.00", 4)], ("F-1", 6, "5.00")),
        ([effect("5.00", 2, learnt=9), effect("-105.00", 4, learnt=4)], ("F-1", 4, "5.00")),
        ([effect("5.00", 2, learnt=4), effect("-105.00", 4, learnt=4)], None),
    ],
)
def test_shortfall(effects, short):
    """On the first day that would end below zero, for any moment of knowledge."""
    found = shortfall(DOCUMENT, effects)
    told = found and (found.name, found.day.day, str(found.below.amount))
    assert told == short


@pytest.mark.parametrize(
    ("effects", "short"),
    [
        ([effect("-40.00", 2, named=1), effect("-60.00", 3)], None),
        ([effect("-40.01", 2, named=1)], ("F-1/1", 2, "0.01")),
        ([effect("-65.00", 3, named=2), effect("5.00", 2)], None),
        ([effect("-45.00", 3, named=1), effect("5.00", 2)], ("F-1/1", 3, "5.00")),
        ([effect("-45.00", 3, named=1), effect("5.00", 2, named=1)], None),
    ],
)
def test_shortfall_of_an_instalment(effects, short):
    """A named instalment is not used past its amount; an unnamed increase adds to the last."""
    found = shortfall(PARTS, effects)
    assert (found and (found.name, found.day.day, str(found.below.amount))) == short


def test_the_law_raises_with_name_day_and_amount():
    never_below_zero(DOCUMENT, [effect("-100.00", 2)])
    with pytest.raises(
        OverAllocated, match=r"^F-1 is used 0\.01 MXN past its open amount on 2026-01-02$"
    ):
        never_below_zero(DOCUMENT, [effect("-100.01", 2)])


@pytest.mark.parametrize(
    ("as_of", "known_at", "counts"),
    [
        (1, None, False),
        (2, None, True),
        (4, None, True),
        (5, None, False),
        (2, 2, False),
        (2, 3, True),
        (5, 5, True),
        (5, 6, False),
    ],
)
def test_when_an_effect_counts(as_of, known_at, counts):
    """From its start until its end, once known and until the end is known."""
    it = effect("-1.00", 2, learnt=3, end=(5, 6))
    assert it.counts(day(as_of), known(known_at) if known_at else None) is counts


def test_a_leaf_of_zero_adds_nothing():
    whole = Explanation(
        "closed",
        Decimal(0),
        "MXN",
        (Explanation("a", Decimal(0)), Explanation("b"), Explanation("c", Decimal(0))),
    )
    assert explain_agrees(whole) is whole
    assert explain_agrees(Explanation("a remark")).amount is None


def test_the_first_of_several_ends_counts():
    """A use ends when it, its source or its target is reversed, whichever comes first."""
    twice = effect("-100.00", 2)._replace(ends=((day(9), known(9)), (day(5), known(5))))
    assert shortfall(DOCUMENT, [twice, effect("-100.00", 5, learnt=5)]) is None
    assert shortfall(DOCUMENT, [twice, effect("-100.00", 4, learnt=4)]) is not None
