"""Calendar arithmetic that terms and reports share: month ends, anchored months, business days.

Only `datetime.date` is used; the library has no clock and no time of day.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Protocol

from dateutil.relativedelta import relativedelta

from receivables.errors import TermsError

SATURDAY_SUNDAY = frozenset({5, 6})


class Calendar(Protocol):
    """Says which days are business days; bring your own, bank and public holidays differ."""

    @property
    def name(self) -> str:
        """Name and edition, carried into explanations."""
        ...

    def is_business_day(self, day: date) -> bool:
        """Tell whether payments are settled on `day`."""
        ...


@dataclass(frozen=True, slots=True)
class HolidayCalendar:
    """A calendar made of a weekend and a set of holidays.

    >>> HolidayCalendar("MX 2026", frozenset({date(2026, 11, 16)})).is_business_day(date(2026, 11, 16))
    False
    """

    name: str
    holidays: frozenset[date] = frozenset()
    weekend: frozenset[int] = SATURDAY_SUNDAY

    def is_business_day(self, day: date) -> bool:
        """Tell whether `day` is neither weekend nor holiday."""
        return day.weekday() not in self.weekend and day not in self.holidays


WEEKENDS = HolidayCalendar("weekends")


class Roll(Enum):
    """Where a date goes that is not a business day.

    >>> Roll.MODIFIED_FOLLOWING.apply(date(2026, 5, 31), WEEKENDS)
    datetime.date(2026, 5, 29)
    """

    FOLLOWING = "following"
    PRECEDING = "preceding"
    MODIFIED_FOLLOWING = "modified following"

    def apply(self, day: date, calendar: Calendar) -> date:
        """Return the business day that stands for `day`."""
        if self is Roll.PRECEDING:
            return _next_business_day(day, calendar, -1)
        rolled = _next_business_day(day, calendar, 1)
        if self is Roll.MODIFIED_FOLLOWING and rolled.month != day.month:
            return _next_business_day(day, calendar, -1)
        return rolled


def end_of_month(day: date) -> date:
    """Return the last day of the month of `day`.

    >>> end_of_month(date(2024, 2, 10))
    datetime.date(2024, 2, 29)
    """
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def day_of_month(day: date, number: int) -> date:
    """Return the day `number` of the month of `day`, or its last day when the month is shorter.

    >>> day_of_month(date(2026, 2, 10), 31)
    datetime.date(2026, 2, 28)
    """
    last = end_of_month(day)
    return last if number >= last.day else day.replace(day=number)


def add_months(day: date, months: int, *, anchor: int | None = None) -> date:
    """Return the same day of the month `months` later, cut to the month's end.

    Args:
        day: Where to start.
        months: How many months, negative to go back.
        anchor: Day of the month to aim for when `day` itself was already cut (31 for a chain begun on the 31st).

    >>> add_months(date(2026, 1, 31), 1), add_months(date(2026, 2, 28), 1, anchor=31)
    (datetime.date(2026, 2, 28), datetime.date(2026, 3, 31))
    """
    return day_of_month(day.replace(day=1) + relativedelta(months=months), anchor or day.day)


def _next_business_day(day: date, calendar: Calendar, step: int) -> date:
    found = day
    for _ in range(366):
        if calendar.is_business_day(found):
            return found
        found += timedelta(days=step)
    msg = (
        f"calendar {calendar.name!r} has no business day within a year of {day}; check its holidays"
    )
    raise TermsError(msg)
