"""Rules of late interest and the reference rates they rest on: dated data with a source, never constants of the library."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from receivables.errors import InterestError, RateNotFound
from receivables.money import Money

Percent = Decimal | Fraction | int | str


class RateRule(Enum):
    """When the reference rate of a claim is read again.

    `FIXED_AT_START`: once, for the half-year in which interest starts, and it stays.
    `FLOATING_SEMESTER`: on 1 January and 1 July, for the days of that half-year.
    `FLOATING_DAILY`: whenever it changes.
    """

    FIXED_AT_START = "fixed at start"
    FLOATING_SEMESTER = "floating by semester"
    FLOATING_DAILY = "floating daily"


class DayCount(Enum):
    """How days become a share of a year."""

    ACT_365 = "ACT/365F"
    ACT_360 = "ACT/360"
    THIRTY_E_360 = "30E/360"
    ACT_ACT = "ACT/ACT"

    def days(self, after: date, until: date) -> int:
        """Return the days from the day after `after` to `until`, both counted."""
        if self is DayCount.THIRTY_E_360:
            years, months = until.year - after.year, until.month - after.month
            return 360 * years + 30 * months + min(until.day, 30) - min(after.day, 30)
        return (until - after).days

    def share(self, after: date, until: date) -> Fraction:
        """Return the share of a year those days are; ACT/ACT counts each year's days over its own length.

        >>> DayCount.ACT_ACT.share(date(2023, 12, 31), date(2024, 12, 31))
        Fraction(1, 1)
        """
        if self is DayCount.ACT_ACT:
            found, day = Fraction(0), after
            while day < until:
                last = min(until, date(day.year + (day.month == 12 and day.day == 31), 12, 31))  # noqa: PLR2004
                length = (date(last.year, 12, 31) - date(last.year - 1, 12, 31)).days
                found += Fraction((last - day).days, length)
                day = last
            return found
        return Fraction(self.days(after, until), 365 if self is DayCount.ACT_365 else 360)


@dataclass(frozen=True, slots=True)
class ReferenceRate:
    """A published rate from a day on.

    Args:
        name: Which: `ECB main refinancing`, `Basiszinssatz`, `Bank Rate`.
        on: First day it is in force; it holds until the next one.
        percent: Of a year; 1.27 for 1.27 %; may be negative.
        source: Who published it, and where it was read.
    """

    name: str
    on: date
    percent: Fraction
    source: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "percent", as_percent(self.percent, f"rate {self.name}"))


@dataclass(frozen=True, slots=True)
class ReferenceRates:
    """Series of reference rates, each in force until the next one of its name."""

    rates: tuple[ReferenceRate, ...]

    @classmethod
    def of(cls, rates: Iterable[ReferenceRate]) -> ReferenceRates:
        """Build the table; two rates of one name on one day must agree."""
        by_key: dict[tuple[str, date], ReferenceRate] = {}
        for rate in rates:
            known = by_key.setdefault((rate.name, rate.on), rate)
            if known.percent != rate.percent:
                msg = f"two rates of {rate.name} on {rate.on}; keep one"
                raise RateNotFound(msg)
        return cls(tuple(by_key[key] for key in sorted(by_key)))

    def find(self, name: str, *, on: date) -> ReferenceRate:
        """Return the rate in force on a day.

        Raises:
            RateNotFound: When no rate of that name starts on or before it.
        """
        index = bisect_right(self.rates, (name, on), key=lambda it: (it.name, it.on)) - 1
        if index < 0 or self.rates[index].name != name:
            msg = f"no reference rate {name!r} is in force on {on}; add one"
            raise RateNotFound(msg)
        return self.rates[index]

    def changes(self, name: str, after: date, until: date) -> tuple[date, ...]:
        """Return the days after one and up to another on which the rate changes."""
        return tuple(it.on for it in self.rates if it.name == name and after < it.on <= until)


@dataclass(frozen=True, slots=True)
class InterestRule:
    """What late payment costs: a rule of law or of a contract, from a day on.

    Args:
        name: Its name.
        jurisdiction: Where: `DE`, `GB`, `MX`, `EU`.
        debtor: Whom it is for: `business`, `consumer`.
        valid_from: First due date it is for.
        spread_points: Percentage points on the reference rate, or the whole rate without one. Five points above 1.14 %
            are 6.14 %; five per cent above it would be 1.197 %, which no rule here means.
        reference: Name of the reference rate; None for a rate of its own.
        rate_rule: When the reference rate is read again.
        fixing_before: The half-year's rate is that of the day before it begins (United Kingdom), not of its first day.
        day_count: How days become a share of a year.
        lump_sums: Fixed compensation by principal: from which amount on, how much; ascending.
        grace_days: Paid within so many days after the due date costs nothing; later, interest starts after the due date.
        round_daily: Round the amount of one day first, then multiply; reproduces some calculators.
        source: Where the rule was read, and how surely.
    """

    name: str
    jurisdiction: str
    debtor: str
    valid_from: date
    spread_points: Fraction
    reference: str | None = None
    rate_rule: RateRule = RateRule.FIXED_AT_START
    fixing_before: bool = False
    day_count: DayCount = DayCount.ACT_365
    lump_sums: tuple[tuple[Money, Money], ...] = ()
    grace_days: int = 0
    round_daily: bool = False
    source: str = ""

    def __post_init__(self) -> None:
        spread = as_percent(self.spread_points, f"spread of {self.name}")
        object.__setattr__(self, "spread_points", spread)
        bounds = [bound for bound, _ in self.lump_sums]
        if bounds != sorted(bounds):
            msg = f"lump sums of {self.name} must be listed by ascending principal"
            raise InterestError(msg)

    def lump_sum(self, principal: Money) -> Money:
        """Return the fixed compensation for a claim; nothing where the rule has none."""
        found = Money.zero(principal.currency)
        for bound, amount in self.lump_sums:
            if principal >= bound:
                found = amount
        return found

    def steps(
        self, after: date, until: date, references: ReferenceRates
    ) -> tuple[tuple[date, Fraction], ...]:
        """Return the first days after `after` from which a rate in percent holds, up to `until`.

        Raises:
            RateNotFound: When the reference rate is not known on a day it is needed.
        """
        first = after + timedelta(days=1)
        if self.reference is None:
            return ((first, self.spread_points),)
        match self.rate_rule:
            case RateRule.FIXED_AT_START:
                days = [(first, self._fixing(semester_start(first)))]
            case RateRule.FLOATING_SEMESTER:
                starts = [first, *_semesters(first, until)]
                days = [(day, self._fixing(semester_start(day))) for day in starts]
            case RateRule.FLOATING_DAILY:
                changes = references.changes(self.reference, first, until)
                days = [(day, day) for day in (first, *changes)]
        return tuple(
            (day, references.find(self.reference, on=read).percent + self.spread_points)
            for day, read in days
        )

    def _fixing(self, start: date) -> date:
        return start - timedelta(days=1) if self.fixing_before else start


@dataclass(frozen=True, slots=True)
class InterestRules:
    """Rules by jurisdiction and debtor, each valid until the next one."""

    rules: tuple[InterestRule, ...]

    def find(self, jurisdiction: str, debtor: str, *, on: date) -> InterestRule:
        """Return the rule for a claim due on a day.

        Raises:
            RateNotFound: When there is none.
        """
        held = [
            it
            for it in self.rules
            if (it.jurisdiction, it.debtor) == (jurisdiction, debtor) and it.valid_from <= on
        ]
        if not held:
            msg = f"no interest rule for a {debtor} in {jurisdiction} due on {on}; add one"
            raise RateNotFound(msg)
        return max(held, key=lambda it: it.valid_from)


def as_percent(value: Percent, what: str) -> Fraction:
    """Return a percentage as an exact fraction; never from a float.

    Raises:
        InterestError: When it is a float or no number.
    """
    if isinstance(value, bool) or not isinstance(value, Decimal | Fraction | int | str):
        msg = f"{what} {value!r} is a {type(value).__name__}; give a Decimal, an int or text"
        raise InterestError(msg)
    try:
        return Fraction(value)
    except (ValueError, OverflowError):
        msg = f"{what} {value!r} is no number; write 11.27 for 11.27 %"
        raise InterestError(msg) from None


def semester_start(day: date) -> date:
    """Return 1 January or 1 July, whichever the half-year of a day began on."""
    return date(day.year, 1 if day.month < 7 else 7, 1)  # noqa: PLR2004


def _semesters(first: date, until: date) -> list[date]:
    starts: list[date] = []
    year, half = first.year, 0 if first.month < 7 else 1  # noqa: PLR2004
    while True:
        year, half = (year + half, 1 - half)
        day = date(year, 7 if half else 1, 1)
        if day > until:
            return starts
        starts.append(day)
