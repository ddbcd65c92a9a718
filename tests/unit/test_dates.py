"""Month ends, anchored months and business days."""

from datetime import date

import pytest

from receivables import HolidayCalendar, Roll
from receivables.dates import WEEKENDS, add_months, day_of_month, end_of_month
from receivables.errors import TermsError


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2024, 2, 10), date(2024, 2, 29)),
        (date(2026, 2, 28), date(2026, 2, 28)),
        (date(2026, 12, 1), date(2026, 12, 31)),
        (date(2026, 4, 30), date(2026, 4, 30)),
    ],
)
def test_end_of_month(day, end):
    assert end_of_month(day) == end


@pytest.mark.parametrize(
    ("number", "result"),
    [
        (1, date(2026, 2, 1)),
        (27, date(2026, 2, 27)),
        (28, date(2026, 2, 28)),
        (31, date(2026, 2, 28)),
    ],
)
def test_day_of_month_is_cut_to_the_months_end(number, result):
    assert day_of_month(date(2026, 2, 10), number) == result


@pytest.mark.parametrize(
    ("day", "months", "anchor", "result"),
    [
        (date(2026, 1, 31), 1, None, date(2026, 2, 28)),
        (date(2026, 2, 28), 1, None, date(2026, 3, 28)),
        (date(2026, 2, 28), 1, 31, date(2026, 3, 31)),
        (date(2026, 11, 15), 3, None, date(2027, 2, 15)),
        (date(2026, 3, 31), -1, None, date(2026, 2, 28)),
        (date(2026, 3, 31), 0, None, date(2026, 3, 31)),
    ],
)
def test_add_months(day, months, anchor, result):
    """To the same day, cut to the month's end, aiming for the anchor."""
    assert add_months(day, months, anchor=anchor) == result


SATURDAY, SUNDAY, MONDAY, FRIDAY = (
    date(2026, 5, 30),
    date(2026, 5, 31),
    date(2026, 6, 1),
    date(2026, 5, 29),
)


@pytest.mark.parametrize(
    ("roll", "day", "result"),
    [
        (Roll.FOLLOWING, SATURDAY, MONDAY),
        (Roll.PRECEDING, SUNDAY, FRIDAY),
        (Roll.MODIFIED_FOLLOWING, SUNDAY, FRIDAY),
        (Roll.MODIFIED_FOLLOWING, date(2026, 6, 6), date(2026, 6, 8)),
        (Roll.FOLLOWING, FRIDAY, FRIDAY),
        (Roll.PRECEDING, FRIDAY, FRIDAY),
        (Roll.MODIFIED_FOLLOWING, FRIDAY, FRIDAY),
    ],
)
def test_rolling(roll, day, result):
    """A business day stays; modified following does not leave the month."""
    assert roll.apply(day, WEEKENDS) == result


def test_holidays_and_other_weekends():
    calendar = HolidayCalendar("Gulf", frozenset({date(2026, 6, 1)}), weekend=frozenset({4, 5}))
    assert not calendar.is_business_day(FRIDAY)
    assert calendar.is_business_day(SUNDAY)
    assert not calendar.is_business_day(MONDAY)
    assert Roll.FOLLOWING.apply(FRIDAY, calendar) == SUNDAY


def test_a_calendar_without_business_days_is_refused():
    never = HolidayCalendar("never", weekend=frozenset(range(7)))
    with pytest.raises(TermsError, match="calendar 'never' has no business day within a year of "):
        Roll.FOLLOWING.apply(FRIDAY, never)


def test_a_calendar_without_business_days_is_told_with_the_day_asked_about():
    never = HolidayCalendar("never", weekend=frozenset(range(7)))
    with pytest.raises(TermsError, match=r"^calendar 'never' has no .* a year of 2026-05-29; "):
        Roll.FOLLOWING.apply(date(2026, 5, 29), never)
