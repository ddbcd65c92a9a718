"""Reads dates as people write them, and says so when a text has two readings.

`03/04/2025` is March to some and April to others: it is refused until the order is declared, or another date of the same
column settles it. Dates with dots run day, month, year wherever dots are used. Nothing outside 1970 to 2100 is believed.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

Order = Literal["YMD", "DMY", "MDY", "excel"]
FIRST_YEAR, LAST_YEAR = 1970, 2100

_TIME = r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?(?:Z|[+-]00:?00)?)?"
_YEAR_FIRST = re.compile(rf"([0-9]{{4}})([-/.])([0-9]{{1,2}})\2([0-9]{{1,2}}){_TIME}")
_PLAIN = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_YEAR_LAST = re.compile(rf"([0-9]{{1,2}})([-/.])([0-9]{{1,2}})\2([0-9]{{4}}){_TIME}")
_NAMED = re.compile(r"([0-9]{1,2})[-/. ]+([^\W\d_]{3,10})\.?[-/., ]+([0-9]{4})")
_NAMED_FIRST = re.compile(r"([^\W\d_]{3,10})\.? +([0-9]{1,2}), *([0-9]{4})")
_SERIAL = re.compile(r"([0-9]{5})(?:\.0+)?")
_EPOCH = date(1899, 12, 30)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january enero ene januar", "feb february febrero februar", "mar march marzo mär märz mrz",
            "apr april abril abr", "may mayo mai", "jun june junio juni", "jul july julio juli",
            "aug august agosto ago", "sep sept september septiembre", "oct october octubre okt oktober",
            "nov november noviembre", "dec december diciembre dic dez dezember",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip


def readings(cell: Any) -> dict[Order, date]:
    """Return what a cell may mean, by order; nothing when it is no date, or has a time of day.

    >>> readings("26/01/2025")
    {'DMY': datetime.date(2025, 1, 26)}
    >>> sorted(readings("03/04/2025"))
    ['DMY', 'MDY']
    """
    if isinstance(cell, datetime):
        return _sure(cell.date()) if cell.time() == time.min else {}
    if isinstance(cell, date):
        return _sure(cell)
    if isinstance(cell, float):
        return _serial(f"{cell:.0f}") if cell.is_integer() else {}
    if not isinstance(cell, str) or not cell.isprintable():
        return {}
    text = cell.strip()
    if match := _YEAR_FIRST.fullmatch(text) or _PLAIN.fullmatch(text):
        groups = match.groups()
        if len(groups) == 3:  # noqa: PLR2004 - year, month, day
            return _dated("YMD", *groups)
        return {} if _has_time(groups[4:]) else _dated("YMD", groups[0], groups[2], groups[3])
    if match := _YEAR_LAST.fullmatch(text):
        first, sign, second, year, *clock = match.groups()
        if _has_time(clock):
            return {}
        day_first = _dated("DMY", year, second, first)
        return day_first if sign == "." else {**day_first, **_dated("MDY", year, first, second)}
    return _named(text) or _serial(text)


def in_range(day: date) -> bool:
    """Tell whether a date lies in the years that are believed."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def _named(text: str) -> dict[Order, date]:
    if match := _NAMED.fullmatch(text):
        day, name, year = match.groups()
    elif match := _NAMED_FIRST.fullmatch(text):
        name, day, year = match.groups()
    else:
        return {}
    month = _MONTHS.get(name.casefold())
    made = _made(year, str(month), day) if month else None
    return _sure(made) if made else {}


def _serial(text: str) -> dict[Order, date]:
    match = _SERIAL.fullmatch(text)
    return {"excel": _EPOCH + timedelta(days=int(match[1]))} if match else {}


def _dated(order: Order, year: str, month: str, day: str) -> dict[Order, date]:
    made = _made(year, month, day)
    return {} if made is None else _sure(made) if order == "YMD" else {order: made}


def _made(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _sure(day: date) -> dict[Order, date]:
    return {"YMD": day, "DMY": day, "MDY": day, "excel": day}


def _has_time(clock: tuple[str | None, ...] | list[str | None]) -> bool:
    return any(part is not None and int(part) for part in clock)
