"""Rounding policies by name, and splits that lose nothing."""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest

from receivables import Rounding
from receivables.errors import NotAnAmount
from receivables.rounding import largest_remainder

VALUES = ("2.345", "2.355", "-2.345", "2.341", "-2.349")
RESULTS = {
    Rounding.HALF_UP: ("2.35", "2.36", "-2.35", "2.34", "-2.35"),
    Rounding.HALF_EVEN: ("2.34", "2.36", "-2.34", "2.34", "-2.35"),
    Rounding.HALF_DOWN: ("2.34", "2.35", "-2.34", "2.34", "-2.35"),
    Rounding.UP: ("2.35", "2.36", "-2.35", "2.35", "-2.35"),
    Rounding.DOWN: ("2.34", "2.35", "-2.34", "2.34", "-2.34"),
    Rounding.CEILING: ("2.35", "2.36", "-2.34", "2.35", "-2.34"),
    Rounding.FLOOR: ("2.34", "2.35", "-2.35", "2.34", "-2.35"),
}


@pytest.mark.parametrize("policy", Rounding)
def test_each_policy(policy):
    """Ties, either sign, and what is no tie."""
    assert tuple(str(policy.apply(Decimal(value), 2)) for value in VALUES) == RESULTS[policy]


@pytest.mark.parametrize("policy", Rounding)
def test_a_fraction_rounds_like_its_decimal(policy):
    assert tuple(str(policy.apply(Fraction(value), 2)) for value in VALUES) == RESULTS[policy]


@pytest.mark.parametrize(
    ("value", "places", "result"),
    [
        (Fraction(1, 3), 2, "0.33"),
        (Fraction(-1, 3), 2, "-0.33"),
        (Fraction(2, 3), 0, "1"),
        (Fraction(10**20, 3), 2, "33333333333333333333.33"),
        (Fraction(45000001, 100000000), 1, "0.5"),
        (Fraction(44999999, 100000000), 1, "0.4"),
    ],
)
def test_fractions_without_end_round_to_the_nearest(value, places, result):
    assert str(Rounding.HALF_UP.apply(value, places)) == result


def test_the_callers_decimal_context_does_not_matter():
    with localcontext(prec=3):
        assert str(Rounding.HALF_UP.apply(Fraction(123456789, 100), 2)) == "1234567.89"
        assert str(Rounding.HALF_UP.apply(Decimal("1234567.895"), 2)) == "1234567.90"


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100_000, [1, 1, 1], [33334, 33333, 33333]),
        (100, [1, 2], [33, 67]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (5, [0, 1, 0], [0, 5, 0]),
        (2, [1, 1, 1], [1, 1, 0]),
        (0, [1, 2], [0, 0]),
        (10, [Decimal("0.25"), Fraction(3, 4)], [3, 7]),
        (7, [3, 3, 1], [3, 3, 1]),
        (1, [1, 5, 3], [0, 1, 0]),
    ],
)
def test_largest_remainder(total, weights, parts):
    """The units left over go to the largest remainders, the first winning ties."""
    assert largest_remainder(total, weights) == parts


@pytest.mark.parametrize("weights", [[], [0, 0], [-1, 2]])
def test_weights_that_split_nothing_are_refused(weights):
    with pytest.raises(NotAnAmount, match=r"give non-negative weights, one above zero$"):
        largest_remainder(1, weights)


@pytest.mark.parametrize("weights", [[0.5, 0.5], ["1"], [Decimal("NaN")], [Decimal("Infinity"), 1]])
def test_inexact_weights_are_refused(weights):
    with pytest.raises(NotAnAmount, match=r"never floats$"):
        largest_remainder(1, weights)
