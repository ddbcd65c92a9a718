"""The steps a due date is made of: each moves a date, and their order is the meaning.

`+30d eom` and `eom +30d` are different terms. Month steps aim for the day of the month the chain started from, so
two months after 31 January is 31 March, whether taken in one step or two.
Rules and vectors: SAP table T052, Oracle and Odoo terms all compile to these (docs, concept "Due dates").
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from receivables.dates import WEEKENDS, Calendar, Roll, add_months, day_of_month, end_of_month
from receivables.errors import TermsError

_LAST_DAY = 31


@dataclass(frozen=True, slots=True)
class AddDays:
    """Go forward a number of calendar days: `+30d`."""

    days: int

    def __post_init__(self) -> None:
        _check_whole(self.days, "days")

    def __str__(self) -> str:
        return f"{self.days:+d}d"


@dataclass(frozen=True, slots=True)
class AddMonths:
    """Go forward a number of months, to the same day or the month's end: `+1m`."""

    months: int

    def __post_init__(self) -> None:
        _check_whole(self.months, "months")

    def __str__(self) -> str:
        return f"{self.months:+d}m"


@dataclass(frozen=True, slots=True)
class EndOfMonth:
    """Go to the last day of the month: `eom`."""

    def __str__(self) -> str:
        return "eom"


@dataclass(frozen=True, slots=True)
class DayOfMonth:
    """Go to a day of the same month, or its last day when the month is shorter: `day15`."""

    day: int

    def __post_init__(self) -> None:
        _check_day(self.day)

    def __str__(self) -> str:
        return f"day{self.day}"


@dataclass(frozen=True, slots=True)
class NextDayOfMonth:
    """Go to the first of the given days of a month on or after the date: `next10,25`."""

    days: tuple[int, ...]

    def __post_init__(self) -> None:
        for day in self.days:
            _check_day(day)
        if not self.days or list(self.days) != sorted(set(self.days)):
            msg = f"payment days {self.days} must ascend, such as (10, 25)"
            raise TermsError(msg)

    def __str__(self) -> str:
        return "next" + ",".join(map(str, self.days))


@dataclass(frozen=True, slots=True)
class Cutoff:
    """Count a date after the cut-off day as of the following month: `cutoff25`."""

    day: int

    def __post_init__(self) -> None:
        _check_day(self.day)

    def __str__(self) -> str:
        return f"cutoff{self.day}"


@dataclass(frozen=True, slots=True)
class RollBusiness:
    """Leave a day that is no business day: `roll:following`, or `roll:following@MX` with a calendar of that name."""

    roll: Roll
    calendar: Calendar = WEEKENDS

    def __str__(self) -> str:
        named = "" if self.calendar == WEEKENDS else f"@{'_'.join(self.calendar.name.split())}"
        return f"roll:{self.roll.value.replace(' ', '-')}{named}"


@dataclass(frozen=True, slots=True)
class ByDay:
    """Choose steps by the day of the month of the date they start from: `by15(+1m eom)31(+2m day15)`.

    Each limit applies up to its day inclusive, like the day limits of SAP's T052; the last must be 31.
    """

    limits: tuple[tuple[int, Steps], ...]

    def __post_init__(self) -> None:
        days = [day for day, _ in self.limits]
        if not days or days != sorted(set(days)) or days[-1] != _LAST_DAY:
            msg = f"day limits {days} must ascend and end with 31"
            raise TermsError(msg)

    def steps_for(self, day: date) -> Steps:
        """Return the steps that apply to a date."""
        return next(steps for limit, steps in self.limits if day.day <= limit)

    def __str__(self) -> str:
        return "by" + "".join(
            f"{limit}({' '.join(map(str, steps))})" for limit, steps in self.limits
        )


Step = (
    AddDays | AddMonths | EndOfMonth | DayOfMonth | NextDayOfMonth | Cutoff | RollBusiness | ByDay
)
Steps = tuple[Step, ...]


def walk(base: date, steps: Steps) -> date:
    """Return the date that the steps lead to from a base date.

    Raises:
        TermsError: When the date would lie outside the years 1 to 9999.

    >>> walk(date(2026, 1, 30), (AddDays(30), EndOfMonth()))
    datetime.date(2026, 3, 31)
    """
    try:
        return _walk(base, steps)
    except (OverflowError, ValueError):
        msg = f"{' '.join(map(str, steps))} from {base} leads to no date; dates end with the year 9999"
        raise TermsError(msg) from None


def _walk(base: date, steps: Steps) -> date:
    day, anchor = base, base.day
    for step in steps:
        if isinstance(step, AddMonths):
            day = add_months(day, step.months, anchor=anchor)  # the anchor outlives a cut month end
            continue
        day = _walk_one(day, anchor, step)
        anchor = anchor if isinstance(step, Cutoff) else day.day
    return day


def _walk_one(day: date, anchor: int, step: Step) -> date:
    match step:
        case AddDays(days):
            return day + timedelta(days=days)
        case EndOfMonth():
            return end_of_month(day)
        case DayOfMonth(number):
            return day_of_month(day, number)
        case NextDayOfMonth(days):
            return _next_day_of_month(day, days)
        case Cutoff(last):
            return add_months(day, 1, anchor=anchor) if day.day > last else day
        case RollBusiness(roll, calendar):
            return roll.apply(day, calendar)
        case ByDay():
            return _walk(day, step.steps_for(day))
        case _:
            msg = f"{step!r} is not a step of payment terms; see receivables.terms"
            raise TermsError(msg)


def _next_day_of_month(day: date, days: tuple[int, ...]) -> date:
    reachable = (day_of_month(day, number) for number in days)
    found = next((candidate for candidate in reachable if candidate >= day), None)
    return found or day_of_month(add_months(day.replace(day=1), 1), days[0])


def _check_whole(number: object, unit: str) -> None:
    if not isinstance(number, int) or isinstance(number, bool):
        msg = f"{number!r} {unit} must be a whole number"
        raise TermsError(msg)


def _check_day(day: int) -> None:
    _check_whole(day, "as a day of the month")
    if not 1 <= day <= _LAST_DAY:
        msg = f"day {day} is not a day of a month; give 1 to 31 (31 stands for the last day)"
        raise TermsError(msg)
