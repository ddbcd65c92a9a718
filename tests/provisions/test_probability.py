"""Intervals, shrinkage and smoothing against published figures."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.errors import UnfitRate
from receivables.probability import (
    binomial_tail,
    effective_sample,
    isotonic,
    jeffreys,
    shrink,
    wilson,
)


def percent(interval):
    return round(interval.low * 100, 3), round(interval.high * 100, 3)


@pytest.mark.parametrize(
    ("events", "trials", "low", "high"),
    [(0, 50, "0", "7.135"), (3, 120, "0.854", "7.093"), (12, 400, "1.724", "5.170"), (1, 10, "1.788", "40.415")],
)  # fmt: skip
def test_wilson(events, trials, low, high):
    assert percent(wilson(events, trials)) == (Decimal(low), Decimal(high))


def test_wilson_of_all_ends_at_one():
    assert wilson(5, 5).high == 1


def test_jeffreys():
    assert percent(jeffreys(3, 120)) == (Decimal("0.709"), Decimal("6.521"))


@pytest.mark.parametrize(
    ("events", "mean", "low", "high"),
    [(3, Fraction(5, 120), "1.378", "8.383"), (0, Fraction(2, 120), "0.204", "4.593")],
)
def test_shrinkage(events, mean, low, high):
    found = shrink(events, 20, (2, 98))
    assert (found.mean, *percent(found.interval)) == (mean, Decimal(low), Decimal(high))


def test_shrinkage_of_nothing_is_the_prior():
    assert shrink(0, 0, (2, 98)).mean == Fraction(2, 100)


def test_kish():
    weights = [500_000, 20_000, 15_000, 10_000, 5_000, 5_000, 5_000]
    assert round(effective_sample(weights), 2) == Fraction(125, 100)
    assert effective_sample([7, 7, 7]) == 3
    assert effective_sample([]) == 0


def test_binomial_tail():
    assert round(binomial_tail(17, 500, Fraction(2, 100)), 5) == Decimal("0.02574")
    assert round(binomial_tail(1, 3, Fraction(1, 2)), 9) == Decimal("0.875")
    assert (binomial_tail(0, 3, Fraction(1, 2)), binomial_tail(1, 3, Fraction(0))) == (1, 0)


@pytest.mark.parametrize(("events", "trials"), [(1, 0), (3, 2), (-1, 5)])
def test_impossible_counts(events, trials):
    with pytest.raises(UnfitRate):
        wilson(events, trials)


@given(st.lists(st.tuples(st.fractions(0, 1, max_denominator=50), st.integers(1, 20)), min_size=1))
def test_isotonic_never_falls_and_keeps_the_weighted_mean(pairs):
    values, weights = zip(*pairs, strict=True)
    smooth = isotonic(values, weights)
    assert list(smooth) == sorted(smooth)
    sums = [sum(v * w for v, w in zip(it, weights, strict=True)) for it in (values, smooth)]
    assert sums[0] == sums[1]
    if list(values) == sorted(values):
        assert smooth == values
