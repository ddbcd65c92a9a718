"""Named rounding policies and exact splitting: a cent is never lost and never made.

Rounding in this library is always one of these names: the caller's, or the one a function's docstring says.
"""

from __future__ import annotations

import decimal
from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from receivables.errors import NotAnAmount

# Wide enough for any product of two amounts; never the caller's thread context.
EXACT = decimal.Context(prec=60, traps=[decimal.InvalidOperation, decimal.DivisionByZero])


class Rounding(Enum):
    """How a figure is brought to fewer decimals.

    >>> Rounding.HALF_UP.apply(Decimal("2.345"), 2)
    Decimal('2.35')
    >>> Rounding.HALF_EVEN.apply(Decimal("2.345"), 2)
    Decimal('2.34')
    """

    HALF_UP = decimal.ROUND_HALF_UP
    HALF_EVEN = decimal.ROUND_HALF_EVEN
    HALF_DOWN = decimal.ROUND_HALF_DOWN
    UP = decimal.ROUND_UP
    DOWN = decimal.ROUND_DOWN
    CEILING = decimal.ROUND_CEILING
    FLOOR = decimal.ROUND_FLOOR

    def apply(self, value: Decimal | Fraction, decimals: int) -> Decimal:
        """Return `value` with exactly `decimals` decimals, rounded by this policy."""
        if isinstance(value, Fraction):
            return self._apply_fraction(value, decimals)
        return value.quantize(Decimal(1).scaleb(-decimals), rounding=self.value, context=EXACT)

    def _apply_fraction(self, value: Fraction, decimals: int) -> Decimal:
        # A fraction may have no finite decimal: one guard digit that is neither 0 nor 5 keeps its side of every tie.
        scaled = value * 10 ** (decimals + 1)
        whole, rest = divmod(scaled.numerator, scaled.denominator)
        guarded = Decimal(whole * 10 + (1 if rest else 0))
        return self.apply(guarded.scaleb(-(decimals + 2), context=EXACT), decimals)


def largest_remainder(total: int, weights: Sequence[int | Decimal | Fraction]) -> list[int]:
    """Split a whole number in proportion to weights so that the parts sum to it.

    Each part is its exact share cut to a whole number; the units left over go to the largest cut-off
    remainders, the first part winning ties. The sign of `total` carries over to every part.

    Args:
        total: What to split, in minor units; may be negative.
        weights: One non-negative weight a part; at least one above zero.

    >>> largest_remainder(100_000, [1, 1, 1])
    [33334, 33333, 33333]
    """
    if any(
        not isinstance(it, int | Decimal | Fraction)
        or (isinstance(it, Decimal) and not it.is_finite())
        for it in weights
    ):
        msg = f"weights {list(map(str, weights))} must be ints, finite Decimals or Fractions, never floats"
        raise NotAnAmount(msg)
    exact = [Fraction(weight) for weight in weights]
    whole = sum(exact)
    if whole <= 0 or any(weight < 0 for weight in exact):
        msg = f"weights {list(map(str, weights))} cannot split anything; give non-negative weights, one above zero"
        raise NotAnAmount(msg)
    size = abs(total)
    shares = [size * weight / whole for weight in exact]
    parts = [share.numerator // share.denominator for share in shares]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - shares[i], i))
    for index in by_remainder[: size - sum(parts)]:
        parts[index] += 1
    return parts if total >= 0 else [-part for part in parts]
