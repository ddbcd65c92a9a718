"""The fields of MT940 and MT942, read strictly: what is not exactly of the form is no field, and is never guessed at.

Field 61 is value date YYMMDD, entry date MMDD or nothing, mark, funds code or nothing, amount with a decimal comma, type of
transaction, reference of the customer, `//` and reference of the bank; a second line holds more (SWIFT's category 9).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from receivables.errors import UnreadableSource
from receivables.money import Money, decimals

_TAG = re.compile(r":([0-9]{2}[A-Z]?|NS):")
_MEANT = re.compile(
    r":[0-9A-Za-z]{1,3}:|:.*[0-9]{6}R?[CD][0-9A-Z]?[0-9]"
)  # a tag or money, not a word after a colon
_END = re.compile(
    r"-(\}.*|[^ -~]?\s*)$"
)  # `-}`, which national alphabets write as a letter, or `-` alone
_BLOCK = re.compile(r"\{[0-9A-Z]{1,3}:")  # of the network's envelope
_STRAY = re.compile(r":6[0-5][A-Z]?:[0-9CDRE]")
_ENTRY = re.compile(
    r"([0-9]{6})([0-9]{4})?(RC|RD|EC|ED|C|D)([A-Z])?([0-9]{1,14},[0-9]*)([A-Z][A-Z0-9 ]{3})(.*)"
)
_MONEY = re.compile(r"[0-9]{6}R?[CD][0-9A-Z]?[0-9]")
_BALANCE = re.compile(r"([CD])([0-9]{6})([A-Z]{3})([0-9]{1,14},[0-9]*)")
_SUM = re.compile(r"([0-9]{1,5})([A-Z]{3})([0-9]{1,14},[0-9]*)")
_CENTURY_TURNS = 80  # SWIFT: YY of 80 and above is of the last century


@dataclass(slots=True)
class Field:
    """One field: its tag, the line it begins on, and its text with line ends."""

    tag: str
    line: int
    text: str
    stray: bool = False  # a line that belongs to no field

    @property
    def where(self) -> str:
        """Its place in the file."""
        return f"line {self.line}"


@dataclass(slots=True)
class Entry:
    """One field 61, with the text of the field 86 that follows it."""

    where: str
    mark: str
    amount: Money
    day: date
    customer_reference: str
    bank_reference: str
    extra: str
    text: list[str] = field(default_factory=list)

    @property
    def signed(self) -> Decimal:
        """What it does to the balance; nothing while it is only expected."""
        if self.mark in {"EC", "ED"}:
            return Decimal(0)
        return self.amount.amount if self.mark in {"C", "RD"} else -self.amount.amount


def fields(text: str) -> Iterator[Field]:
    """Yield the fields of a file in order, and the lines that belong to none."""
    held: Field | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        tag = _TAG.match(line)
        if tag is None and _MEANT.match(line):
            yield Field("", number, line, stray=True)
        elif tag is not None:
            if held is not None:
                yield held
            held = Field(tag[1], number, line[tag.end() :])
        elif _BLOCK.match(line) or _END.match(line):
            if held is not None:
                yield held
            held = None
        elif held is not None:
            held.text += f"\n{line}"
    if held is not None:
        yield held


def holds_another(it: Field) -> bool:
    """Tell whether a line end was lost, so that a line of money stands inside the text of another field."""
    return _STRAY.search(it.text) is not None


def balance(it: Field) -> Money:
    """Return the balance of a field 60, 62, 64 or 65, below zero when it is a debit.

    Raises:
        ReceivablesError: When the field is not of the form.
    """
    first, _, rest = it.text.strip().partition("\n")
    match = _BALANCE.fullmatch(first.rstrip())
    if match is None or _MONEY.search(
        rest
    ):  # below may stand the head of the next message, and no money
        msg = f"balance {it.text.strip()!r} must be C or D, the date YYMMDD, the currency and an amount with a comma"
        raise UnreadableSource(msg)
    if match[2].strip("0"):  # the first statement of an account may have no day
        _day(match[2])
    amount = _money(match[4], match[3])
    return amount if match[1] == "C" else -amount


def number_and_sum(it: Field) -> tuple[int, Money]:
    """Return how many entries a field 90 counts, and their sum.

    Raises:
        ReceivablesError: When the field is not of the form.
    """
    match = _SUM.fullmatch(it.text.strip())
    if match is None:
        msg = f"{it.text.strip()!r} must be a number of entries, the currency and an amount with a comma"
        raise UnreadableSource(msg)
    return int(match[1]), _money(match[3], match[2])


def entry(it: Field, currency: str) -> Entry:
    """Return a field 61.

    Raises:
        ReceivablesError: When the field is not of the form, or no currency is known.
    """
    first, _, extra = it.text.partition("\n")
    match = _ENTRY.fullmatch(first.rstrip())
    if match is None or (match[4] and match[4] != currency[-1:]):
        msg = (
            f"':61:{first.strip():.60}' must be value date YYMMDD, entry date MMDD or nothing, C, D, RC or RD,"
            f" an amount with a decimal comma and no other mark such as 6600,00, and the type such as NTRF; it is left out"
        )
        raise UnreadableSource(msg)
    value = _day(match[1])
    customer, _, bank = match[7].partition("//")
    return Entry(
        it.where,
        match[3],
        _money(match[5], currency),
        _entry_day(value, match[2]) if match[2] else value,
        customer.strip(),
        bank.strip(),
        extra.strip(),
    )


def _money(written: str, currency: str) -> Money:
    if len(written.partition(",")[2]) > decimals(currency):
        msg = f"amount {written!r} has more decimals than {currency} has, {decimals(currency)}; it is left out"
        raise UnreadableSource(msg)
    return Money(Decimal(written.replace(",", ".")), currency)


def _day(text: str) -> date:
    year = int(text[:2])
    try:
        return date(
            year + (1900 if year >= _CENTURY_TURNS else 2000), int(text[2:4]), int(text[4:6])
        )
    except ValueError:
        msg = f"date {text!r} must be a day of the calendar, as YYMMDD"
        raise UnreadableSource(msg) from None


def _entry_day(value: date, text: str) -> date:
    """Return the entry date nearest to the value date: it has no year of its own."""
    days = []
    for year in (value.year - 1, value.year, value.year + 1):
        try:
            days.append(date(year, int(text[:2]), int(text[2:])))
        except ValueError:
            continue
    if not days:
        msg = f"entry date {text!r} must be a day of the calendar, as MMDD"
        raise UnreadableSource(msg)
    return min(days, key=lambda it: abs(it - value))
