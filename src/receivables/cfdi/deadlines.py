"""When a complement is due: the fifth calendar day of the month after the payment, weekends included.

Source: RMF 2026, rule 2.7.1.32 (read in secondary sources). One place, so that another year's rule is one change here.
"""

from __future__ import annotations

import calendar
from datetime import date

_DAY = 5


def complement_due(paid_on: date) -> date:
    """Return the last day to issue the complement of a payment.

    >>> complement_due(date(2026, 12, 31))
    datetime.date(2027, 1, 5)
    """
    year, month = divmod(paid_on.year * 12 + paid_on.month, 12)
    return date(year, month + 1, _DAY)


def month_end(day: date) -> date:
    """Return the last day of a month: until then an invoice marked PUE may be paid (rule 2.7.1.39, recalled).

    >>> month_end(date(2026, 2, 10))
    datetime.date(2026, 2, 28)
    """
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
