"""Turns the cells of a column into values, each distinct cell once, and says what is wrong with those it cannot read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from receivables.adapters.csv import amounts, days
from receivables.adapters.csv.texts import cleaned, turns_around, unescaped
from receivables.errors import UnknownCurrency
from receivables.money import decimals

_CACHED = 200_000  # distinct cells remembered; a column of amounts may have millions
_DAMAGED = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]{2,3}")  # as a spreadsheet writes a long number
_WHOLE = re.compile(r"([0-9]+)\.0+")
_YES = frozenset({"true", "yes", "y", "x", "1", "si", "sí", "ja", "wahr", "verdadero"})
_NO = frozenset({"false", "no", "n", "0", "nein", "falsch", "falso"})


@dataclass(frozen=True, slots=True)
class Bad:
    """A cell that could not be read: the problem's code and its sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Settled:
    """How an ambiguous column is read, and why: declared in the mapping, or shown by one of its own cells.

    Args:
        reading: A decimal sign or a date order; None when nothing settles it.
        why: Such as `declared` or `settled by '1.234,56' in line 7`.
    """

    reading: str | None = None
    why: str = "declared"


@dataclass(frozen=True, slots=True)
class Rules:
    """How the cells of one column are read.

    Args:
        name: What people call the column.
        settled: The decimal sign or date order.
        empty: Texts that stand for nothing.
        thousands: The only grouping sign to accept; None for any.
        whole_number_ids: True to read the id `1930438491.0` as `1930438491`.
        whole_floats: True when the format writes every number as a float.
        declared: False when nobody can declare how the column is written.
    """

    name: str
    settled: Settled = Settled(None)
    empty: frozenset[str] = frozenset()
    thousands: str | None = None
    whole_number_ids: bool = False
    whole_floats: bool = False
    declared: bool = True

    def remedy(self, declaration: str, example: str) -> str:
        """Return what to do about a cell: declare how the column is written, or write the cell another way."""
        return f"declare {declaration}" if self.declared else f"write it like {example}"


class Reader(dict[Any, Any]):
    """Reads one column; each distinct cell is read once and then looked up."""

    def __init__(self, rules: Rules, read: Callable[[Any, Rules], Any]) -> None:
        super().__init__()
        self.rules = rules
        self.has_bad = False
        self.turning: set[str] = set()
        self._read = read

    def __missing__(self, cell: Any) -> Any:
        value = self._value(cell)
        if isinstance(value, Bad):
            self.has_bad = True
        elif isinstance(value, str) and turns_around(value):
            self.turning.add(value)
        if len(self) < _CACHED:
            self[cell] = value
        return value

    def _value(self, cell: Any) -> Any:
        if cell is None:
            return None
        if isinstance(cell, str):
            text = cleaned(cell)
            if not text or text in self.rules.empty:
                return None
            return self._read(text, self.rules)
        return self._read(cell, self.rules)


def reader(type_: str, rules: Rules) -> Reader:
    """Return the reader of a column by the type its cells must have."""
    return Reader(rules, _READ[type_])


def _text(cell: Any, rules: Rules) -> str | Bad:
    if isinstance(cell, str):
        return unescaped(cell)
    if isinstance(cell, float) and rules.whole_floats and cell.is_integer():
        return f"{cell:.0f}"
    if isinstance(cell, float):
        return _text(repr(cell), rules)
    return cell.isoformat() if isinstance(cell, date | datetime) else str(cell)


def _id(cell: Any, rules: Rules) -> str | Bad:
    text = _text(cell, rules)
    if isinstance(text, Bad):
        return text
    if _DAMAGED.fullmatch(text):
        return Bad(
            "damaged-id",
            f"{rules.name} {text!r} is a number in scientific notation, its last digits are lost; export the column as text",
        )
    if rules.whole_number_ids and (match := _WHOLE.fullmatch(text)):
        return match[1]
    return text


def _amount(cell: Any, rules: Rules) -> Decimal | Bad:
    found = amounts.readings(cell, rules.thousands)
    settled = rules.settled
    if settled.reading is not None and settled.reading in found:
        return found[settled.reading]
    if not found:
        return Bad(
            "unreadable-amount", f"{rules.name} {_shown(cell)} is no amount; write it like 11600.00"
        )
    if settled.reading is not None:
        [sign] = found
        msg = f"{rules.name} {_shown(cell)} has the decimal sign {sign!r}, but the column has {settled.reading!r} ({settled.why}); correct it, or {rules.remedy('decimal', '11600.00')}"
        return Bad("unreadable-amount", msg)
    if len(set(found.values())) > 1:
        dot, comma = found["."], found[","]
        remedy = rules.remedy('decimal = "." or ","', "11600.00")
        msg = f"{rules.name} {_shown(cell)} may be {dot} or {comma}, and nothing in the column settles it; {remedy}"
        return Bad("ambiguous-amount", msg)
    return next(iter(found.values()))


def _date(cell: Any, rules: Rules) -> date | Bad:
    found = days.readings(cell)
    order = rules.settled.reading
    if order is None:
        found.pop("excel", None)
    if not found:
        return Bad(
            "unreadable-date", f"{rules.name} {_shown(cell)} is no date; write it like 2026-03-31"
        )
    if order is not None and order not in found:
        msg = f"{rules.name} {_shown(cell)} is no date in the order {order} ({rules.settled.why}); correct it, or {rules.remedy('dates', '2026-03-31')}"
        return Bad("unreadable-date", msg)
    meant = {found[order]} if order is not None else set(found.values())
    if len(meant) > 1:
        first, second = sorted(meant)
        remedy = rules.remedy('dates = "DMY" or "MDY"', "2026-03-31")
        msg = f"{rules.name} {_shown(cell)} may be {first} or {second}, and nothing in the column settles it; {remedy}"
        return Bad("ambiguous-date", msg)
    [day] = meant
    if not days.in_range(day):
        msg = f"{rules.name} {day} is outside {days.FIRST_YEAR} to {days.LAST_YEAR}; correct it, or declare {_shown(cell)} as empty"
        return Bad("date-out-of-range", msg)
    return day


def _timestamp(cell: Any, rules: Rules) -> datetime | Bad:
    try:
        moment = cell if isinstance(cell, datetime) else datetime.fromisoformat(str(cell))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not days.in_range(moment.date()):
        msg = f"{rules.name} {_shown(cell)} is no moment with a time zone; write it like 2026-03-31T18:00:00+00:00"
        return Bad("unreadable-timestamp", msg)
    return moment


def _currency(cell: Any, rules: Rules) -> str | Bad:
    code = str(cell).upper()
    try:
        decimals(code)
    except UnknownCurrency:
        return Bad(
            "unreadable-currency",
            f"{rules.name} {_shown(cell)} is not an ISO 4217 code; write it like MXN",
        )
    return code


def _integer(cell: Any, rules: Rules) -> int | Bad:
    text = _text(cell, rules)
    if not (isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= 9):  # noqa: PLR2004
        return Bad(
            "unreadable-integer",
            f"{rules.name} {_shown(cell)} is no whole number from 0 on; write it like 2",
        )
    return int(text)


def _flag(cell: Any, rules: Rules) -> bool | Bad:
    text = str(cell).casefold()
    if text in _YES:
        return True
    if text in _NO:
        return False
    return Bad(
        "unreadable-flag", f"{rules.name} {_shown(cell)} is neither yes nor no; write true or false"
    )


def _json(cell: Any, rules: Rules) -> str | Bad:
    text = _text(cell, rules)
    try:
        tree = json.loads(str(text))
    except (ValueError, RecursionError):
        tree = None
    if not isinstance(tree, list) or not all(isinstance(it, dict) for it in tree):
        return Bad(
            "unreadable-json",
            f"{rules.name} {_shown(cell)} is no JSON list of objects; see the template",
        )
    return text


def _shown(cell: Any) -> str:
    return f"{str(cell)[:40]!r}"


_READ: dict[str, Callable[[Any, Rules], Any]] = {
    "text": _text,
    "id": _id,
    "amount": _amount,
    "date": _date,
    "timestamp": _timestamp,
    "currency": _currency,
    "integer": _integer,
    "flag": _flag,
    "json": _json,
}
