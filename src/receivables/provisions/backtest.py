"""Back-testing: what a provision expected against what was lost. It proposes nothing by itself and changes no rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from receivables.money import Money, total
from receivables.probability import binomial_tail
from receivables.provisions.matrix import Rate, as_rate

_AMBER, _RED = Decimal("0.05"), Decimal("0.001")


class Light(Enum):
    """How surprising losses are under the rate: green 5 % or more, amber 0.1 to 5 %, red below 0.1 %."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True)
class CountTest:
    """The chance of at least so many losses when the rate is right.

    Args:
        events: How many were lost.
        trials: Of how many.
        rate: The rate tested.
        probability: P(X >= events), a binomial tail.
        light: What it means.
    """

    events: int
    trials: int
    rate: Fraction
    probability: Decimal
    light: Light


@dataclass(frozen=True, slots=True)
class BackTestRow:
    """One bucket: what was expected, what was lost.

    Args:
        name: The bucket, or segment and bucket.
        allowance: What was provided.
        lost: The net loss that came.
        test: The count test, when counts are given.
    """

    name: str
    allowance: Money
    lost: Money
    test: CountTest | None = None

    @property
    def error(self) -> Money:
        """Provided less lost: positive when too much was provided."""
        return self.allowance - self.lost


@dataclass(frozen=True, slots=True)
class BackTest:
    """What was expected against what was lost, by row and in sum."""

    rows: tuple[BackTestRow, ...]
    allowance: Money
    lost: Money

    @property
    def coverage(self) -> Fraction | None:
        """Provided over lost: 1 is exact, above 1 is prudent; None when nothing was lost."""
        return Fraction(self.allowance.amount) / Fraction(self.lost.amount) if self.lost else None

    @property
    def light(self) -> Light:
        """The worst light of the rows that have one."""
        lights = [row.test.light for row in self.rows if row.test]
        return next((it for it in (Light.RED, Light.AMBER) if it in lights), Light.GREEN)


def count_test(events: int, trials: int, rate: Rate) -> CountTest:
    """Test a rate against counted losses.

    >>> count_test(17, 500, "0.02").light
    <Light.AMBER: 'amber'>
    """
    exact = as_rate(rate, "rate tested")
    chance = binomial_tail(events, trials, exact)
    light = Light.GREEN if chance >= _AMBER else Light.AMBER if chance >= _RED else Light.RED
    return CountTest(events, trials, exact, chance, light)


def back_test(rows: Sequence[BackTestRow], currency: str) -> BackTest:
    """Sum the rows of a back-test."""
    return BackTest(
        tuple(rows),
        total((row.allowance for row in rows), currency),
        total((row.lost for row in rows), currency),
    )
