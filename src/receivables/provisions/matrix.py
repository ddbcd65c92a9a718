"""The provision matrix: which share of what is open is expected to be lost, by segment and bucket.

The matrix is the practical expedient of IFRS 9 (B5.5.35) and the aging schedule of ASC 326-20-55-37. Its rates are data
with an origin; the library ships none. Rates are exact fractions; money is rounded once, bucket by bucket.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from receivables.buckets import UNDATED, Bucket, Buckets
from receivables.errors import BucketError, RateNotFound, UnfitRate
from receivables.money import Money
from receivables.money import decimals as decimals_of
from receivables.problems import Problem
from receivables.rounding import Rounding

Rate = Decimal | Fraction | int | str


def as_rate(value: Rate, what: str) -> Fraction:
    """Return a share between 0 and 1 as an exact fraction.

    Args:
        value: Decimal, Fraction, int or text such as "0.003"; never a float.
        what: What it is, for the error.

    Raises:
        UnfitRate: When it is a float, no number, or outside 0 to 1.

    >>> as_rate("0.003", "rate")
    Fraction(3, 1000)
    """
    exact = as_number(value, what)
    if not 0 <= exact <= 1:
        msg = f"{what} {value} is not between 0 and 1; write 2 % as 0.02"
        raise UnfitRate(msg)
    return exact


def as_number(value: Rate, what: str) -> Fraction:
    """Return a number as an exact fraction.

    Raises:
        UnfitRate: When it is a float or no number.
    """
    if isinstance(value, bool) or not isinstance(value, Decimal | Fraction | int | str):
        msg = f"{what} {value!r} is a {type(value).__name__}; give a Decimal, a Fraction or text"
        raise UnfitRate(msg)
    try:
        return Fraction(value)
    except (ValueError, OverflowError):
        msg = f"{what} {value!r} is no number; write it like 0.003"
        raise UnfitRate(msg) from None


def as_text(rate: Fraction, places: int = 8) -> str:
    """Return a rate as decimal text: exact where it ends within `places`, else rounded half up to them.

    >>> as_text(Fraction(3, 1000)), as_text(Fraction(2, 23))
    ('0.003', '0.08695652')
    """
    text = f"{Rounding.HALF_UP.apply(rate, places):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True, slots=True)
class LossRate:
    """The share of one bucket that is expected to be lost over the life of what is in it.

    Args:
        bucket: The bucket's label.
        rate: Between 0 and 1.
        segment: The customer segment; None for every segment without a rate of its own.
        origin: Where it comes from: a study, a period, an approval.
    """

    bucket: str
    rate: Fraction
    segment: str | None = None
    origin: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", as_rate(self.rate, f"loss rate of {self.bucket}"))

    def __str__(self) -> str:
        who = f"segment {self.segment}, " if self.segment is not None else ""
        origin = f" ({self.origin})" if self.origin else ""
        return f"{who}{self.bucket}: {as_text(self.rate * 100, 6)} %{origin}"


@dataclass(frozen=True, slots=True)
class ProvisionMatrix:
    """Loss rates by segment and bucket.

    Args:
        buckets: The buckets items are placed in, by days past due.
        rates: One for each segment and bucket; those without a segment serve every other segment.
        rate_decimals: Round rates to this many decimals after the overlay; None to keep them exact. Rounding of rates is
            a policy and changes the result (the published ASC 326 example rounds to 3).

    >>> matrix = ProvisionMatrix.of({"current": "0.005", "1-30": "0.02", ">30": "0.10"}, origin="study of 2025")
    >>> str(matrix.find("retail", "1-30"))
    '1-30: 2 % (study of 2025)'
    """

    buckets: Buckets
    rates: tuple[LossRate, ...]
    rate_decimals: int | None = None

    def __post_init__(self) -> None:
        known = {*self.buckets.labels, UNDATED}
        keys = [(rate.segment, rate.bucket) for rate in self.rates]
        for segment, bucket in keys:
            if bucket not in known:
                msg = (
                    f"rate for bucket {bucket!r}, which is none of {', '.join(self.buckets.labels)}"
                )
                raise UnfitRate(msg)
            if keys.count((segment, bucket)) > 1:
                msg = f"two rates for bucket {bucket!r} of segment {segment or 'default'}; keep one"
                raise UnfitRate(msg)
        if not self.buckets.is_partition:
            msg = f"the buckets {self.buckets} lose days or hold some twice; a matrix needs each day once"
            raise BucketError(msg)

    @classmethod
    def of(
        cls,
        rates: Mapping[str, Rate],
        *,
        segments: Mapping[str, Mapping[str, Rate]] | None = None,
        buckets: Buckets | None = None,
        origin: str = "",
        rate_decimals: int | None = None,
    ) -> ProvisionMatrix:
        """Build a matrix from bucket labels and rates.

        Args:
            rates: By bucket label, for every segment without its own. `91+` may be written for `>90`.
            segments: By segment, then by bucket label.
            buckets: The buckets; read from the labels when not given.
            origin: Where the rates come from.
            rate_decimals: See the class.

        Raises:
            UnfitRate: When a rate is not between 0 and 1 or its bucket is unknown.
            BucketError: When the labels do not say which days they hold.
        """
        tables: list[tuple[str | None, Mapping[str, Rate]]] = [(None, rates)]
        tables += (segments or {}).items()
        names = dict.fromkeys(label for _, table in tables for label in table)
        ranges = buckets or buckets_of(names)
        known = {*ranges.labels, UNDATED}
        found = [
            LossRate(_ours(label, known), as_rate(rate, f"loss rate of {label}"), segment, origin)
            for segment, table in tables
            for label, rate in table.items()
        ]
        return cls(ranges, tuple(found), rate_decimals)

    def find(self, segment: str | None, bucket: str) -> LossRate:
        """Return the rate of a segment and bucket, or the one that serves every segment.

        Raises:
            RateNotFound: When there is neither: an item is never measured at a rate nobody gave.
        """
        for wanted in (segment, None):
            for rate in self.rates:
                if (rate.segment, rate.bucket) == (wanted, bucket):
                    return rate
        who = f"segment {segment!r}" if segment else "items without a segment"
        msg = f"no loss rate for {who} in bucket {bucket!r}; add one, or one for every segment"
        raise RateNotFound(msg)

    def allowances(
        self,
        exposures: Mapping[str, Money],
        *,
        segment: str | None = None,
        rounding: Rounding = Rounding.HALF_UP,
        decimals: int | None = None,
    ) -> dict[str, Money]:
        """Return the expected loss of each bucket's exposure, each rounded once; their sum is the allowance.

        Args:
            exposures: What is open, by bucket label.
            segment: Whose rates.
            rounding: How each bucket is rounded.
            decimals: To how many decimals; those of the currency when None.

        >>> matrix = ProvisionMatrix.of({"current": "0.003", ">0": "0.016"})
        >>> matrix.allowances({"current": Money("15000000.00", "USD"), ">0": Money("7500000.00", "USD")})
        {'current': Money('45000.00', 'USD'), '>0': Money('120000.00', 'USD')}
        """
        return {
            bucket: rounded(
                Fraction(exposure.amount) * self.find(segment, bucket).rate,
                exposure.currency,
                rounding,
                decimals,
            )
            for bucket, exposure in exposures.items()
        }

    def remarks(self) -> tuple[Problem, ...]:
        """Return what a reviewer should see: rates that fall with age, and rates of nothing."""
        found: list[Problem] = []
        for segment in dict.fromkeys(rate.segment for rate in self.rates):
            by_label = {it.bucket: it for it in self.rates if it.segment == segment}
            ordered = [by_label[label] for label in self.buckets.labels if label in by_label]
            who = f"segment {segment}" if segment is not None else "every segment"
            found += [
                Problem(
                    "rate-falls-with-age",
                    f"of {who} {older.bucket} has {as_text(older.rate)}, less than {younger.bucket} with "
                    f"{as_text(younger.rate)}; confirm it, or smooth the rates with `isotonic`",
                    severity="noted",
                )
                for younger, older in pairwise(ordered)
                if older.rate < younger.rate
            ]
            found += [
                Problem(
                    "zero-rate",
                    f"of {who} {it.bucket} has a loss rate of 0 and says no origin; state why",
                    severity="noted",
                )
                for it in ordered
                if not it.rate and not it.origin
            ]
        return tuple(found)


def buckets_of(labels: Iterable[str]) -> Buckets:
    """Read buckets from their labels: `current`, `1-30`, `31-60`, …, `>90` or `91+`.

    Raises:
        BucketError: For a label that does not say its days, or labels that do not follow each other.

    >>> str(buckets_of(["current", "1-30", "31+"]))
    'rates: current […, 0], 1-30 [1, 30], >30 [31, …]'
    """
    ranges = sorted(
        (_range(label) for label in labels if label != UNDATED),
        key=lambda it: -(10**9) if it.first is None else it.first,
    )
    firsts = [bucket for bucket in ranges if bucket.first is None and bucket.last is None]
    if firsts:  # `current` ends where the next one starts
        starts = [it.first for it in ranges if it.first is not None]
        end = min(starts) - 1 if starts else 0
        ranges = [Bucket(it.label, None, end) if it in firsts else it for it in ranges]
    found = Buckets(tuple(ranges), "rates")
    if not found.is_partition:
        msg = f"bucket labels {', '.join(labels)} leave days out or hold some twice; they must run on like current, 1-30, 31-60, >60"
        raise BucketError(msg)
    return found


def rounded(amount: Fraction, currency: str, rounding: Rounding, decimals: int | None) -> Money:
    """Return an amount of money rounded to the currency's decimals, or to fewer."""
    if decimals is None or decimals >= decimals_of(currency):
        return Money.rounded(amount, currency, rounding)
    return Money(rounding.apply(amount, decimals), currency)


def _range(label: str) -> Bucket:
    if label == "current":
        return Bucket(label, None, None)
    if found := re.fullmatch(r"(\d+)-(\d+)", label):
        return Bucket(label, int(found[1]), int(found[2]))
    if found := re.fullmatch(r">(\d+)", label):
        return Bucket(label, int(found[1]) + 1, None)
    if found := re.fullmatch(r"(\d+)\+", label):
        return Bucket(f">{int(found[1]) - 1}", int(found[1]), None)
    msg = f"bucket label {label!r} does not say which days it holds; write current, 1-30, >90 or 91+, or give the buckets"
    raise BucketError(msg)


def _ours(label: str, known: set[str]) -> str:
    if label not in known and (found := re.fullmatch(r"(\d+)\+", label)):
        return f">{int(found[1]) - 1}"
    return label
