"""The records of a BAI2 file: continuation lines joined to what they continue, and fields taken apart.

A line that ends with `/` ends its field; one that does not goes on in the middle of its text. In a record 16 the last field is
text and may hold commas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from receivables.errors import UnreadableSource
from receivables.money import Money

CODES = {"01", "02", "03", "16", "49", "98", "99"}
_AMOUNT = re.compile(r"[+-]?[0-9]{1,15}")
_AFTER_FUNDS = {"": 0, "0": 0, "1": 0, "2": 0, "Z": 0, "S": 3, "V": 2}


@dataclass(slots=True)
class Record:
    """One record: its code, the line it begins on, how many lines it has, and its text after the code."""

    code: str
    line: int
    text: str
    lines: int = 1
    ended: bool = False

    @property
    def where(self) -> str:
        """Its place in the file."""
        return f"line {self.line}"

    @property
    def fields(self) -> list[str]:
        """Its fields."""
        return [it.strip() for it in self.text.split(",")]

    def field(self, place: int) -> str:
        """Return a field, empty when the record has fewer."""
        return self.fields[place] if place < len(self.fields) else ""

    def whole(self, place: int) -> int:
        """Return a field that holds a whole number or amount.

        Raises:
            UnreadableSource: When it holds something else.
        """
        return whole(self.field(place))


def records(text: str) -> Iterator[Record]:
    """Yield the records of a file; what is none has the code that was read."""
    held: Record | None = None
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.rstrip()
        if not line:
            continue
        code, _, rest = line.partition(",")
        ended = rest.endswith("/")
        body = rest[:-1] if ended else rest
        if code == "88" and held is not None:
            held.text += ("," if held.ended else " ") + body
            held.lines, held.ended = held.lines + 1, ended
            continue
        if held is not None:
            yield held
        held = Record(code.rstrip("/"), number, body, ended=ended)
    if held is not None:
        yield held


def whole(text: str) -> int:
    """Return a whole number of minor units.

    Raises:
        UnreadableSource: When it is none.
    """
    if not _AMOUNT.fullmatch(text):
        msg = f"{text!r} must be digits alone, in minor units"
        raise UnreadableSource(msg)
    return int(text)


def amount(text: str, currency: str) -> Money:
    """Return an amount in minor units; nothing is zero.

    Raises:
        UnreadableSource: When it is no number.
        UnknownCurrency: When there is no such currency.
    """
    return Money.from_minor(whole(text or "0"), currency)


def past_funds(fields: list[str], place: int) -> int:
    """Return where the fields go on after a funds type and what it brings: days and amounts, or a value date.

    Raises:
        UnreadableSource: When the funds type is unknown.
    """
    kind = fields[place] if place < len(fields) else ""
    if kind == "D":
        count = whole(fields[place + 1] if place + 1 < len(fields) else "")
        return place + 2 + 2 * count
    if kind not in _AFTER_FUNDS:
        msg = f"funds type {kind!r} must be one of 0, 1, 2, D, S, V, Z"
        raise UnreadableSource(msg)
    return place + 1 + _AFTER_FUNDS[kind]


def day(text: str) -> date | None:
    """Return a day written YYMMDD, or None."""
    if not re.fullmatch(r"[0-9]{6}", text):
        return None
    try:
        return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:6]))
    except ValueError:
        return None
