"""How figures and moments stand in a file: SAT's limits depend on the decimals written, and the seal on every digit."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Self

from receivables.errors import UnreadableCfdi

_TO_THE_SECOND = len("2026-07-20T12:00:00")
_REMEMBERED = 8192  # figures and moments, which repeat within and across documents
_new_decimal = Decimal.__new__
_is_number = re.compile(r"-?[0-9]{1,24}(?:\.[0-9]{1,12})?").fullmatch


class Written(Decimal):
    """A number that remembers how it was written; it computes and compares as a `Decimal`.

    Raises:
        UnreadableCfdi: When the text is no plain decimal number.

    >>> Written("1160.00").text, Written("1160.00").decimals, Written("1160.00") == 1160
    ('1160.00', 2, True)
    """

    __slots__ = ("text",)

    text: str

    def __new__(cls, text: str) -> Self:
        """Read a number as it stands in a file."""
        if _is_number(text) is None:
            text = text.strip()
            if _is_number(text) is None:
                msg = f"{text[:40]!r} is no plain decimal number; write it like 1160.00"
                raise UnreadableCfdi(msg)
        made = _new_decimal(cls, text)
        made.text = text
        return made

    @classmethod
    def of(cls, value: Decimal, decimals: int | None = None) -> Written:
        """Write a number with exactly so many decimals, or with those it has.

        >>> Written.of(Decimal("18.5"), 4).text
        '18.5000'
        """
        return cls(f"{value:f}" if decimals is None else f"{value:.{decimals}f}")

    @property
    def decimals(self) -> int:
        """How many decimals are written."""
        return len(self.text.partition(".")[2])

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Written({self.text!r})"

    def __reduce__(self) -> tuple[type[Written], tuple[str]]:
        return Written, (self.text,)


@lru_cache(maxsize=_REMEMBERED)
def figure(text: str) -> Written:
    """Return a number as `Written` does; it never changes, so the same one may stand in many documents."""
    return Written(text)


@lru_cache(maxsize=_REMEMBERED)
def moment(text: str) -> datetime:
    """Return a date and time as SAT writes them: local, to the second, without zone.

    >>> moment("2026-07-20T12:00:00")
    datetime.datetime(2026, 7, 20, 12, 0)
    >>> moment("2026-07-20T12:00:00-06:00")
    Traceback (most recent call last):
        ...
    ValueError: not a date and time like 2026-07-20T12:00:00
    """
    made = datetime.fromisoformat(text)
    if len(text) != _TO_THE_SECOND or made.isoformat() != text:
        msg = "not a date and time like 2026-07-20T12:00:00"
        raise ValueError(msg)
    return made


def count(text: str) -> int:
    """Return a whole number written in digits alone."""
    if not (text.isascii() and text.isdigit()):
        msg = "not a whole number"
        raise ValueError(msg)
    return int(text)
