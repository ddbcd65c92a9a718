"""Reads amounts as people write them, and says so when a text has two readings.

`1.234` is one thousand two hundred thirty-four to some and one and a bit to others: it is refused until the decimal sign
is declared, or another amount of the same column settles it.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any, Literal

DecimalSign = Literal[".", ","]

_SHAPE = re.compile(r"[0-9.,' ]*[0-9][0-9.,' ]*", re.ASCII)
_GROUPED = {
    sign: re.compile(rf"[0-9]{{1,3}}(?:{re.escape(sign)}[0-9]{{2,3}})*{re.escape(sign)}[0-9]{{3}}")
    for sign in ".,' "
}
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2019": "'", "\u2212": "-"})
_LONGEST = 60


def readings(cell: Any, thousands: str | None = None) -> dict[DecimalSign, Decimal]:
    """Return what a cell may mean, by decimal sign; nothing when it is no amount.

    Args:
        cell: Text, or the number of a typed format.
        thousands: The only grouping sign to accept; None for any.

    >>> readings("1.234,56"), readings("1,5")
    ({',': Decimal('1234.56')}, {',': Decimal('1.5')})
    >>> readings("1.234")
    {'.': Decimal('1.234'), ',': Decimal('1234')}
    """
    if isinstance(cell, float):
        return _both(Decimal(repr(cell))) if math.isfinite(cell) else {}
    if isinstance(cell, Decimal):
        return _both(cell) if cell.is_finite() else {}
    if not isinstance(cell, str) or len(cell) > _LONGEST:
        return {}
    body, negative = _unsigned(cell.translate(_SPACES).strip())
    if not _SHAPE.fullmatch(body):
        return {}
    found: dict[DecimalSign, Decimal] = {}
    signs: tuple[tuple[DecimalSign, str], ...] = ((".", ","), (",", "."))
    for sign, other in signs:
        value = _read(body, sign, other, thousands)
        if value is not None:
            found[sign] = -value if negative and value else value
    return found


def _unsigned(text: str) -> tuple[str, bool]:
    """Take the sign off: `-5`, `5-` as SAP writes it, or `(5)` as accountants do."""
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1].strip(), True
    if text.startswith(("-", "+")):
        return text[1:].strip(), text[0] == "-"
    if text.endswith("-"):
        return text[:-1].strip(), True
    return text, False


def _read(body: str, sign: str, other: str, thousands: str | None) -> Decimal | None:
    whole, point, fraction = body.rpartition(sign) if sign in body else (body, "", "")
    if not all(part.isdigit() and part.isascii() for part in (fraction,) if point) or sign in whole:
        return None
    if whole in {"", "0"} and not point:
        return Decimal(whole) if whole else None
    grouping = [it for it in (other, "'", " ") if it in whole]
    if len(grouping) > 1 or (grouping and thousands is not None and grouping[0] != thousands):
        return None
    if grouping and (not _GROUPED[grouping[0]].fullmatch(whole) or whole.startswith("0")):
        return None
    digits = whole.replace(grouping[0], "") if grouping else whole
    return Decimal(f"{digits or '0'}.{fraction}" if point else digits)


def _both(value: Decimal) -> dict[DecimalSign, Decimal]:
    return {".": value, ",": value}
