"""What the future does to loss rates: the forward-looking overlay, and the time value of money that comes in late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from receivables.errors import UnfitRate
from receivables.money import Money
from receivables.provisions.matrix import Rate, as_number, as_rate, as_text
from receivables.rounding import EXACT, Rounding


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way the economy may go: its probability, and what it does to loss rates."""

    name: str
    weight: Fraction
    multiplier: Fraction

    def __post_init__(self) -> None:
        object.__setattr__(self, "weight", as_rate(self.weight, f"weight of scenario {self.name}"))
        object.__setattr__(self, "multiplier", as_number(self.multiplier, f"scenario {self.name}"))
        if self.multiplier < 0:
            msg = f"multiplier {as_text(self.multiplier)} of scenario {self.name} is negative; it must be 0 or more"
            raise UnfitRate(msg)


@dataclass(frozen=True, slots=True)
class Overlay:
    """The forward-looking adjustment (IFRS 9, B5.5.51-52): rate' = min(1, rate x factor + points).

    An audit asks who decided it, when and why; a measurement without one warns, an overlay of 1 with a reason does not.

    Args:
        author: Who decided.
        on: When.
        reason: On what grounds.
        scenarios: Weighted multipliers; the weights sum to 1. None at all means a factor of 1.
        points: Added to the rate after the factor, such as 0.005 for half a point.
        buckets: The buckets it is for; None for all.

    >>> overlay = Overlay("ana", date(2026, 1, 15), "GDP outlook", (
    ...     Scenario("base", "0.6", "1.00"), Scenario("down", "0.3", "1.25"), Scenario("up", "0.1", "0.90")))
    >>> overlay.factor
    Fraction(213, 200)
    """

    author: str
    on: date
    reason: str
    scenarios: tuple[Scenario, ...] = ()
    points: Fraction = Fraction(0)
    buckets: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if not self.author.strip() or not self.reason.strip():
            msg = f"overlay of {self.on} names no author or no reason; give both"
            raise UnfitRate(msg)
        object.__setattr__(self, "points", as_number(self.points, "overlay points"))
        weights = sum((it.weight for it in self.scenarios), Fraction(0))
        if self.scenarios and weights != 1:
            msg = f"scenario weights {', '.join(as_text(it.weight) for it in self.scenarios)} sum to {as_text(weights)}; they must sum to 1"
            raise UnfitRate(msg)

    @property
    def factor(self) -> Fraction:
        """The weighted multiplier: the sum of weight x multiplier over the scenarios; 1 without scenarios."""
        if not self.scenarios:
            return Fraction(1)
        return sum((it.weight * it.multiplier for it in self.scenarios), Fraction(0))

    def apply(self, rate: Fraction, bucket: str | None = None) -> Fraction:
        """Return a rate adjusted, never above 1 nor below 0."""
        if self.buckets is not None and bucket not in self.buckets:
            return rate
        return max(Fraction(0), min(Fraction(1), rate * self.factor + self.points))

    def __str__(self) -> str:
        points = f" and {as_text(self.points)} points" if self.points else ""
        where = f" on {', '.join(self.buckets)}" if self.buckets is not None else ""
        return f"overlay x {as_text(self.factor)}{points}{where} by {self.author}, {self.on}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Discounting:
    """The time value of what is expected to come in late; a trade receivable without financing has a rate of 0.

    Args:
        annual_rate: The effective interest rate.
        years: How long after the as-of date money of a bucket comes in, in years; buckets not named come in at once.
        compound: Discount by (1 + rate) ^ years; False for 1 + rate x years.
    """

    annual_rate: Fraction
    years: tuple[tuple[str, Fraction], ...]
    compound: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "annual_rate", as_number(self.annual_rate, "discount rate"))
        exact = tuple((name, as_number(years, f"years of {name}")) for name, years in self.years)
        object.__setattr__(self, "years", exact)

    def apply(self, rate: Fraction, bucket: str) -> Fraction:
        """Return the loss rate with the time value: 1 less the present value of the share that comes in."""
        years = dict(self.years).get(bucket, Fraction(0))
        return 1 - (1 - rate) * discount_factor(self.annual_rate, years, compound=self.compound)


def discount_factor(annual_rate: Rate, years: Rate, *, compound: bool = True) -> Fraction:
    """Return what 1 received after some years is worth now.

    Args:
        annual_rate: The effective interest rate, 0.08 for 8 %.
        years: How long, 0.5 for six months.
        compound: (1 + rate) ^ years; False for 1 + rate x years. Powers are taken to 60 digits.
    """
    rate, span = as_number(annual_rate, "discount rate"), as_number(years, "years")
    if not compound:
        return 1 / (1 + rate * span)
    if span.denominator == 1:
        return 1 / (1 + rate) ** span.numerator
    exponent = EXACT.divide(Decimal(span.numerator), Decimal(span.denominator))
    base = EXACT.divide(Decimal((1 + rate).numerator), Decimal((1 + rate).denominator))
    return 1 / Fraction(EXACT.power(base, exponent))


def discounted_loss(
    gross: Money,
    expected: tuple[tuple[Money, Rate], ...],
    annual_rate: Rate,
    *,
    compound: bool = True,
    rounding: Rounding = Rounding.HALF_UP,
) -> Money:
    """Return the expected loss of a claim: what is due less the present value of what is expected to come in.

    Args:
        gross: What is due.
        expected: Amounts expected, each with the years until it comes.
        annual_rate: The effective interest rate.
        compound: See `discount_factor`.
        rounding: How the loss is rounded.

    >>> discounted_loss(Money("1000.00", "MXN"), ((Money("900.00", "MXN"), "0.5"),), "0.08")
    Money('133.97', 'MXN')
    """
    left = Fraction(gross.amount)
    for cash, years in expected:
        worth = (gross - gross + cash).amount  # one currency at a time
        left -= Fraction(worth) * discount_factor(annual_rate, years, compound=compound)
    return Money.rounded(left, gross.currency, rounding)
