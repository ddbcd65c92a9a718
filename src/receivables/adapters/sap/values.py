"""SAP's way of writing keys, dates and numbers, and back: tolerant in reading, exact in what it yields.

Three traps live here and nowhere else. Keys of digits are padded with zeros to their length; a date can be missing in
seven ways; and an amount column holds two decimals whatever its currency, so that 5000 JPY is stored as 50.00.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

from receivables.errors import UnreadableFact
from receivables.money import decimals

KEY_LENGTH = 10
_STORED_DECIMALS = 2  # what every CURR column holds, whatever the currency
_EPOCH = date(1970, 1, 1)
_DAY = 86_400_000  # milliseconds
_JSON_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_DIGITS = 8
_PARTS = {True: (slice(4), slice(4, 6), slice(6, 8)), False: ()}


def padded(key: str, length: int = KEY_LENGTH) -> str:
    """Return a key as SAP stores it: digits filled with zeros, anything else in capitals as it is.

    >>> padded("100001"), padded("cust-1"), padded("7", 3)
    ('0000100001', 'CUST-1', '007')
    """
    text = key.strip()
    if len(text) > length:
        msg = f"key {key!r} is longer than SAP's {length} characters; correct it"
        raise UnreadableFact(msg)
    return text.zfill(length) if text.isascii() and text.isdigit() else text.upper()


def unpadded(key: str | None) -> str:
    """Return a key as people write it.

    >>> unpadded("0000100001"), unpadded("CUST-1"), unpadded("0000000000")
    ('100001', 'CUST-1', '0')
    """
    text = (key or "").strip()
    return (text.lstrip("0") or "0") if text.isascii() and text.isdigit() else text


def day(value: Any) -> date | None:
    """Return a date however SAP writes it; None for every way of writing that there is none.

    Args:
        value: A date, `YYYYMMDD`, `YYYY-MM-DD…`, `/Date(milliseconds)/` (whole UTC days, never local time), or nothing.

    Raises:
        UnreadableFact: For anything else.

    >>> day("20250131"), day("/Date(1743379200000)/"), day("00000000"), day("  ")
    (datetime.date(2025, 1, 31), datetime.date(2025, 3, 31), None, None)
    """
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    text = str(value).strip()
    if not text.strip("0"):
        return None
    if found := _JSON_DATE.fullmatch(text):
        return _EPOCH + timedelta(days=int(found[1]) // _DAY)
    plain = text[:10].replace("-", "")
    try:
        return date(*(int(plain[part]) for part in _PARTS[len(plain) == _DIGITS]))
    except (ValueError, TypeError):
        msg = f"{text!r} is no date of SAP; expected YYYYMMDD or /Date(…)/"
        raise UnreadableFact(msg) from None


def number(value: Any) -> Decimal:
    """Return a number however SAP writes it: a trailing minus, blanks, or nothing, which is zero.

    >>> number("       600.00-"), number(""), number("29496.200")
    (Decimal('-600.00'), Decimal('0'), Decimal('29496.200'))
    """
    if isinstance(value, Decimal):
        return value
    text = str("" if value is None else value).strip().replace(",", "")
    if not text:
        return Decimal(0)
    try:
        read = -Decimal(text[:-1]) if text.endswith("-") else Decimal(text)
    except InvalidOperation:
        read = Decimal("NaN")
    if not read.is_finite():
        msg = (
            f"{value!r} is no number of SAP; expected digits, a point and perhaps a sign at the end"
        )
        raise UnreadableFact(msg)
    return read


def compact(value: date | None) -> str:
    """Return a date as SAP stores it.

    >>> compact(date(2025, 1, 31)), compact(None)
    ('20250131', '00000000')
    """
    return "00000000" if value is None else f"{value:%Y%m%d}"


@dataclass(frozen=True, slots=True)
class Decimals:
    """How many decimals each currency has in one SAP system: its table TCURX, which lists the exceptions from two.

    Args:
        exceptions: Currency and decimals, as TCURX lists them.
        known: False when TCURX could not be read; then ISO 4217 stands in for it.

    >>> system = Decimals.of({"JPY": 0, "KWD": 3})
    >>> system.external(Decimal("50.00"), "JPY"), system.external(Decimal("1000.00"), "KWD")
    (Decimal('5000'), Decimal('100.000'))
    """

    exceptions: Mapping[str, int]
    known: bool = True

    @classmethod
    def of(cls, exceptions: Mapping[str, int]) -> Decimals:
        """Return the decimals that TCURX lists."""
        return cls(MappingProxyType(dict(exceptions)))

    @classmethod
    def iso(cls) -> Decimals:
        """Return what ISO 4217 says, for a system whose TCURX may not be read."""
        return cls(MappingProxyType({}), known=False)

    def places(self, currency: str) -> int:
        """Return the decimals of a currency."""
        if not self.known:
            return decimals(currency)
        return self.exceptions.get(currency, _STORED_DECIMALS)

    def external(self, stored: Decimal, currency: str) -> Decimal:
        """Return the true amount of what an amount column holds: the one shift, done once."""
        places = self.places(currency)
        return stored.scaleb(_STORED_DECIMALS - places).quantize(Decimal(1).scaleb(-places))

    def stored(self, amount: Decimal, currency: str) -> Decimal:
        """Return what an amount column holds for a true amount."""
        return amount.scaleb(self.places(currency) - _STORED_DECIMALS)
