"""Probabilities: intervals, shrinkage, smoothing and tests for small samples of losses.

This is statistics, not money: intervals are computed in binary floating point and handed out as decimals of ten places.
What can be exact (shares, weighted means, effective samples, smoothing) is an exact fraction.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import exp, lgamma, log, log1p, sqrt
from statistics import NormalDist

from receivables.errors import UnfitRate

_PLACES = Decimal("1e-10")
_CLOSE, _TINY = 1e-15, 1e-300


@dataclass(frozen=True, slots=True)
class Interval:
    """Where an unknown share lies, at a level of confidence.

    Args:
        low: Lower end.
        high: Upper end.
        level: How sure, 0.95 for 95 %.
        method: How it was made.
    """

    low: Decimal
    high: Decimal
    level: Decimal
    method: str

    def __str__(self) -> str:
        return f"{self.low * 100:.3f} % to {self.high * 100:.3f} % ({(self.level * 100).normalize():f} % {self.method})"


def wilson(events: int, trials: int, *, level: Decimal = Decimal("0.95")) -> Interval:
    """Return the Wilson score interval of a share.

    Trials are taken as independent; where customers bring many items, count customers.

    Args:
        events: How many of the trials were losses.
        trials: How many there were; at least one.
        level: How sure.

    Raises:
        UnfitRate: When there are no trials or more events than trials.

    >>> wilson(3, 120).low, wilson(3, 120).high
    (Decimal('0.0085381748'), Decimal('0.0709300333'))
    """
    _check(events, trials)
    z = NormalDist().inv_cdf((1 + float(level)) / 2)
    share = events / trials
    middle = share + z * z / (2 * trials)
    half = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    whole = 1 + z * z / trials
    low, high = (middle - half) / whole, (middle + half) / whole
    return Interval(
        _decimal(low if events else 0.0),
        _decimal(high if events < trials else 1.0),
        level,
        "Wilson",
    )


def beta_interval(
    a: Fraction | int, b: Fraction | int, *, level: Decimal = Decimal("0.95"), method: str = "Beta"
) -> Interval:
    """Return the equal-tailed interval of a Beta(a, b) distribution.

    >>> beta_interval(Fraction(7, 2), Fraction(235, 2)).high  # 3 of 120, Jeffreys
    Decimal('0.0652...')
    """
    tail = (1 - float(level)) / 2
    ends = [_beta_quantile(it, float(a), float(b)) for it in (tail, 1 - tail)]
    return Interval(_decimal(ends[0]), _decimal(ends[1]), level, method)


def jeffreys(events: int, trials: int, *, level: Decimal = Decimal("0.95")) -> Interval:
    """Return the Jeffreys interval of a share: Beta(events + 1/2, the rest + 1/2)."""
    _check(events, trials)
    half = Fraction(1, 2)
    return beta_interval(events + half, trials - events + half, level=level, method="Jeffreys")


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A share of a small sample drawn towards a prior.

    Args:
        mean: (events + a) / (trials + a + b), exact.
        interval: Where it lies.
    """

    mean: Fraction
    interval: Interval


def shrink(
    events: int,
    trials: int,
    prior: tuple[Fraction | int, Fraction | int],
    *,
    level: Decimal = Decimal("0.95"),
) -> Shrunk:
    """Return the Beta-Binomial estimate of a share.

    Args:
        events: Losses of the small segment.
        trials: Its size; may be 0, which gives the prior.
        prior: (a, b) of the pool: a prior of (2, 98) is worth 100 trials at 2 %.
        level: How sure the interval is.

    >>> shrink(3, 20, (2, 98)).mean
    Fraction(1, 24)
    """
    if trials:
        _check(events, trials)
    a, b = (Fraction(it) for it in prior)
    if a <= 0 or b <= 0:
        msg = f"prior {prior} must have two numbers above 0"
        raise UnfitRate(msg)
    interval = beta_interval(a + events, b + trials - events, level=level, method="Beta-Binomial")
    return Shrunk((events + a) / (trials + a + b), interval)


def effective_sample(weights: Sequence[Fraction | Decimal | int]) -> Fraction:
    """Return Kish's effective sample size: (sum of weights) squared over the sum of their squares; 0 for none.

    One large customer among many small ones is worth little more than one observation.

    >>> round(float(effective_sample([500_000, 20_000, 15_000, 10_000, 5_000, 5_000, 5_000])), 2)
    1.25
    """
    exact = [Fraction(it) for it in weights]
    squares = sum((it * it for it in exact), Fraction(0))
    return sum(exact, Fraction(0)) ** 2 / squares if squares else Fraction(0)


def isotonic(values: Sequence[Fraction], weights: Sequence[Fraction | int]) -> tuple[Fraction, ...]:
    """Return the closest values that never fall, by pooling adjacent violators with weights.

    >>> isotonic([Fraction(1, 10), Fraction(3, 10), Fraction(1, 10)], [1, 1, 3])
    (Fraction(1, 10), Fraction(3, 20), Fraction(3, 20))
    """
    blocks: list[tuple[Fraction, Fraction, int]] = []  # mean, weight, length
    for value, given in zip(values, weights, strict=True):
        mean, weight, length = Fraction(value), Fraction(given), 1
        while blocks and blocks[-1][0] > mean:
            before, held, count = blocks.pop()
            both = held + weight
            mean = (before * held + mean * weight) / both if both else max(before, mean)
            weight, length = both, length + count
        blocks.append((mean, weight, length))
    return tuple(mean for mean, _, length in blocks for _ in range(length))


def binomial_tail(events: int, trials: int, share: Fraction) -> Decimal:
    """Return the probability of at least so many events when each trial has this share.

    >>> binomial_tail(17, 500, Fraction(2, 100))
    Decimal('0.0257...')
    """
    if not events:
        return Decimal(1)
    if not 0 < share < 1:
        return Decimal(1 if share else 0)
    return _decimal(_beta_cdf(float(share), float(events), float(trials - events + 1)))


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """The share that is still open after so many days, by Kaplan and Meier; exact.

    Args:
        steps: Days at which something ended, and the share left after them.
        events: How many ended.
        censored: How many were still open when they were last seen.

    >>> curve = SurvivalCurve.of([(10, True), (20, True), (20, False), (30, True)])
    >>> [str(curve.at(day)) for day in (9, 10, 20, 30)]
    ['1', '3/4', '1/2', '0']
    """

    steps: tuple[tuple[int, Fraction], ...]
    events: int
    censored: int

    @classmethod
    def of(cls, durations: Sequence[tuple[int, bool]]) -> SurvivalCurve:
        """Build the curve from durations in days, each with whether it ended (True) or was only last seen then."""
        ended = Counter(days for days, done in durations if done)
        seen = Counter(days for days, _ in durations)
        left, share, steps = len(durations), Fraction(1), []
        for day in sorted(seen):
            if ended[day]:
                share *= Fraction(left - ended[day], left)
                steps.append((day, share))
            left -= seen[day]
        return cls(tuple(steps), ended.total(), seen.total() - ended.total())

    def at(self, day: int) -> Fraction:
        """Return the share still open after a day."""
        index = bisect_right(self.steps, day, key=lambda step: step[0]) - 1
        return self.steps[index][1] if index >= 0 else Fraction(1)

    def ends_within(self, age: int, days: int) -> Fraction | None:
        """Return the chance that what is open at an age ends within so many days; None beyond all that was seen."""
        now = self.at(age)
        return 1 - self.at(age + days) / now if now else None

    @property
    def median(self) -> int | None:
        """The first day after which at most half is open; None when more than half never ended."""
        return next((day for day, share in self.steps if share * 2 <= 1), None)


def normal_quantile(mean: Fraction, variance: Fraction, level: Decimal) -> Decimal:
    """Return a quantile of a normal distribution, to ten places; the mean when there is no variance."""
    if variance <= 0:
        return Decimal(mean.numerator) / Decimal(mean.denominator)
    return _decimal(NormalDist(float(mean), sqrt(variance)).inv_cdf(float(level)))


def rank_accuracy(scores: Sequence[tuple[Fraction, bool]]) -> Fraction | None:
    """Return the area under the ROC curve: how often a late one scores above one on time, ties counting half.

    >>> rank_accuracy([(Fraction(9, 10), True), (Fraction(1, 10), False), (Fraction(1, 10), True)])
    Fraction(3, 4)
    """
    ordered = sorted(score for score, late in scores if not late)
    found, late_ones = Fraction(0), [score for score, late in scores if late]
    for score in late_ones:
        below, upto = bisect_left(ordered, score), bisect_right(ordered, score)
        found += below + Fraction(upto - below, 2)
    pairs = len(ordered) * len(late_ones)
    return found / pairs if pairs else None


def _check(events: int, trials: int) -> None:
    if trials < 1 or not 0 <= events <= trials:
        msg = f"{events} events of {trials} trials; there must be at least one trial, and 0 to {trials} events"
        raise UnfitRate(msg)


def _decimal(value: float) -> Decimal:
    return Decimal(value).quantize(_PLACES)


def _beta_quantile(probability: float, a: float, b: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(80):
        middle = (low + high) / 2
        if _beta_cdf(middle, a, b) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _beta_cdf(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function, by its continued fraction."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1.0 - _beta_cdf(1.0 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    return front * _continued(a, b, x)


def _continued(a: float, b: float, x: float) -> float:
    """Return the continued fraction 1/(1 + d1/(1 + d2/(1 + …))) by Lentz's method."""
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1)
    d = 1.0 / _away(d)
    value = d
    for m in range(1, 1000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1.0 / _away(1.0 + even * d)
        c = _away(1.0 + even / c)
        value *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1.0 / _away(1.0 + odd * d)
        c = _away(1.0 + odd / c)
        value *= d * c
        if abs(d * c - 1.0) < _CLOSE:
            break
    return value


def _away(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
