"""Movements as the portals of Mexican banks export them: CSV with day first, commas for thousands, SPEI data in the concept.

A profile says which column is which. Where an export has columns of what went out and of the balance, they prove the amounts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import cast

from receivables.adapters.bank.collector import Collector, Line
from receivables.adapters.bank.files import decoded, encoding_of, read_bytes
from receivables.adapters.bank.mexico_profiles import (
    LINES_BEFORE_HEADER,
    PROFILES,
    SAMPLE,
    CsvProfile,
    Header,
    header_of,
    profile_named,
    separator_of,
)
from receivables.adapters.bank.spei import spei
from receivables.adapters.bank.statement import Statement
from receivables.adapters.csv.limits import Limits
from receivables.adapters.csv.records import Records
from receivables.adapters.csv.table import Refused
from receivables.errors import UnreadableSource
from receivables.money import Money

_AMOUNT = re.compile(r"\$?\s*([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(\.[0-9]{1,2})?")
_DAY = re.compile(r"([0-9]{1,2})[/-]([0-9]{1,2})[/-]((?:19|20)[0-9]{2})")
_FEW = 3  # faults of balances that are told one by one, however few rows there are


@dataclass(slots=True)
class _Movement:
    """What a row does to the balance; None where it cannot be read."""

    where: str
    account: str
    change: Decimal | None
    balance: Decimal | None


@dataclass(slots=True)
class _Export:
    """An export while it is read."""

    header: Header
    movements: list[_Movement] = field(default_factory=list)

    def cell(self, row: list[str], name: str) -> str:
        """Return the text of a column, empty when the export has none."""
        place = self.header.places.get(name, -1) if name else -1
        return row[place].strip().lstrip("'") if 0 <= place < len(row) else ""


def read_mexican_csv(path: Path, profile: CsvProfile | str | None = None) -> Statement:
    """Read an export.

    Args:
        path: The file, in UTF-8 or Windows-1252.
        profile: A profile, the name of one, or None to tell it by the header.

    Raises:
        UnreadableSource: When no profile fits the header.
    """
    candidates = PROFILES if profile is None else (profile_named(profile),)
    found = _header(path, candidates)
    if found is None:
        wanted = "; ".join(
            f"{it.name}: {it.day}, {it.money_in}, {' or '.join(it.texts)}" for it in candidates
        )
        msg = f"{path.name} has no header of a known export ({wanted}); give a CsvProfile"
        raise UnreadableSource(msg)
    export, reader, rest = found
    collector = Collector(f"csv:{export.header.profile.name}", path.name)
    for record in rest:
        row = record if isinstance(record, Refused) else reader.one(*record, export.header.columns)
        collector.saw()
        if not isinstance(row, Refused):
            _take(collector, export, row, f"line {cast('tuple[int, str]', record)[0]}")
            continue
        said = f"{row.message}; an amount with a comma for thousands must stand in quotes"
        collector.quarantine(row.code, said, f"line {row.line}")
        export.movements.append(_Movement(f"line {row.line}", "", None, None))
    _check_balances(collector, export.movements)
    return collector.statement()


def _header(
    path: Path, candidates: tuple[CsvProfile, ...]
) -> tuple[_Export, Records, Iterator[tuple[int, str] | Refused]] | None:
    """Find the header; return what it says, and the reader with the records after it."""
    data = read_bytes(path)
    separator = separator_of(decoded(data[:SAMPLE], errors="replace"))
    reader = Records(path, encoding_of(data), separator, Limits())
    records = reader.records()
    for record in islice(records, LINES_BEFORE_HEADER):
        found = None if isinstance(record, Refused) else header_of(record[1], separator, candidates)
        if found is not None:
            reader.expect(found.columns)
            return _Export(found), reader, records
    return None


def _take(collector: Collector, export: _Export, row: list[str], where: str) -> None:
    profile = export.header.profile
    if not any(it.strip() for it in row):
        collector.no_receipt("empty row", where)
        return
    account = export.cell(row, profile.account) or profile.name
    written = {
        name: export.cell(row, column)
        for name, column in (("in", profile.money_in), ("out", profile.money_out))
    }
    came, went = _number(written["in"]), _number(written["out"])
    balance = _number(export.cell(row, profile.balance), signed=True)
    change = None if came is None or went is None else came - went
    if profile.money_out not in export.header.places:
        change = None  # what went out is not known
    export.movements.append(_Movement(where, account, change, balance))
    if came is None:
        said = f"amount {written['in']!r} must look like 1,234.56"
        collector.quarantine("unreadable-amount", said, where)
    elif came and (went is None or went):
        said = f"{written['in']} came in and {written['out']} went out in one row; it is left out"
        collector.quarantine("unreadable-amount", said, where)
    elif not came:
        reason = "debit" if written["out"].strip(" -$0.,") else "no amount in"
        out = Money(abs(went), profile.currency) if went else None
        collector.no_receipt(reason, where, out)
    else:
        collector.take(_line(export, row, account, came, where))


def _line(export: _Export, row: list[str], account: str, came: Decimal, where: str) -> Line:
    profile = export.header.profile
    text = " ".join(filter(None, (export.cell(row, name) for name in profile.texts)))
    found = spei(text)
    key = found.get("tracking_key", "")
    return Line(
        where,
        account,
        key,
        came,
        profile.currency,
        _day(export.cell(row, profile.day)),
        text,
        {**found, "bank_reference": export.cell(row, profile.reference)},
        once=bool(key),
    )


def _check_balances(collector: Collector, movements: list[_Movement]) -> None:
    """Compare each balance with the one before it; exports begin with the oldest movement or with the newest."""
    faults = min((_faults(held) for held in (movements, movements[::-1])), key=len)
    if len(faults) > _FEW and len(faults) * 2 > len(movements):
        said = f"the balances of {len(faults)} of {len(movements)} rows do not follow from the movements, so they prove nothing"
        collector.differs(said, faults[0][0].where)
        return
    for it, reached in faults:
        said = f"the balance before and the movement make {reached}, the row says {it.balance}"
        collector.differs(said, it.where)


def _faults(movements: list[_Movement]) -> list[tuple[_Movement, Decimal]]:
    found = []
    before: dict[str, Decimal] = {}
    for it in movements:
        if it.balance is None or it.change is None:
            before.clear()  # what this row did is not known, so the next proves nothing
        elif it.account in before and before[it.account] + it.change != it.balance:
            found.append((it, before[it.account] + it.change))
        if it.balance is not None:
            before[it.account] = it.balance
    return found


def _number(text: str, *, signed: bool = False) -> Decimal | None:
    """Return an amount as written; an empty cell, a dash and zero are zero, and what is no amount is None."""
    if not text.strip(" -$0.,"):
        return None if signed and not text else Decimal(0)
    minus = text.startswith("-") and signed
    match = _AMOUNT.fullmatch(text.removeprefix("-").strip() if minus else text)
    if match is None:
        return None
    found = Decimal(match[1].replace(",", "") + (match[2] or ""))
    return -found if minus else found


def _day(text: str) -> date | None:
    match = _DAY.fullmatch(text)
    try:
        return date(int(match[3]), int(match[2]), int(match[1])) if match else None
    except ValueError:
        return None
