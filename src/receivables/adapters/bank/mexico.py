"""Movements as the portals of Mexican banks export them: CSV with day first, commas for thousands, SPEI data in the concept.

No bank publishes a standard. A profile says which column is which; the ones here are recalled, not vendor text, and told
apart by their header. For another export give a `CsvProfile` of your own.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import cast

from receivables.adapters.bank.collector import Collector, Line
from receivables.adapters.bank.files import decoded, encoding_of, read_bytes
from receivables.adapters.bank.spei import spei
from receivables.adapters.bank.statement import Statement
from receivables.adapters.csv.limits import Limits
from receivables.adapters.csv.records import Records
from receivables.adapters.csv.table import Refused
from receivables.errors import ReceivablesError, UnreadableSource
from receivables.money import Money

_AMOUNT = re.compile(r"\$?\s*([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(\.[0-9]{1,2})?")
_DAY = re.compile(r"([0-9]{1,2})[/-]([0-9]{1,2})[/-]((?:19|20)[0-9]{2})")
_LINES_BEFORE_HEADER = 30


@dataclass(frozen=True, slots=True)
class CsvProfile:
    """Which column of an export is which; names are compared without case and accents.

    Args:
        name: The bank.
        day: Column of the booking date, day first.
        money_in: Column of what came in.
        texts: Columns that hold text, joined in this order.
        reference: Column of the bank's reference, if any.
        account: Column of the account, if any.
        currency: Currency of the account.
        money_out: Column of what went out, if any.
        balance: Column of the balance after the movement, if any; with `money_out` it proves the amounts.
    """

    name: str
    day: str
    money_in: str
    texts: tuple[str, ...]
    reference: str = ""
    account: str = ""
    currency: str = "MXN"
    money_out: str = ""
    balance: str = ""


PROFILES = (
    CsvProfile(
        "bbva",
        "fecha operacion",
        "abono",
        ("concepto", "referencia ampliada"),
        "referencia",
        money_out="cargo",
        balance="saldo",
    ),
    CsvProfile(
        "banamex",
        "fecha",
        "depositos",
        ("descripcion",),
        "referencia",
        money_out="retiros",
        balance="saldo",
    ),
    CsvProfile(
        "santander",
        "fecha",
        "importe abono",
        ("descripcion", "concepto"),
        "referencia",
        "cuenta",
        money_out="importe cargo",
        balance="saldo",
    ),
    CsvProfile(
        "banorte",
        "fecha de operacion",
        "depositos",
        ("descripcion", "descripcion detallada"),
        "referencia",
        "cuenta",
        money_out="retiros",
        balance="saldo",
    ),
    CsvProfile(
        "hsbc",
        "fecha del apunte",
        "importe de credito",
        ("descripcion", "referencia de cliente"),
        "referencia bancaria",
        money_out="importe del debito",
        balance="saldo",
    ),
    CsvProfile(
        "plain",
        "fecha",
        "abono",
        ("concepto", "descripcion"),
        "referencia",
        "cuenta",
        money_out="cargo",
        balance="saldo",
    ),
)


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

    profile: CsvProfile
    places: dict[str, int]
    columns: int
    movements: list[_Movement] = field(default_factory=list)

    def cell(self, row: list[str], name: str) -> str:
        """Return the text of a column, empty when the export has none."""
        place = self.places.get(name, -1) if name else -1
        return row[place].strip().lstrip("'") if 0 <= place < len(row) else ""


def read_mexican_csv(path: Path, profile: CsvProfile | str | None = None) -> Statement:
    """Read an export.

    Args:
        path: The file, in UTF-8 or Windows-1252.
        profile: A profile, the name of one, or None to tell it by the header.

    Raises:
        UnreadableSource: When no profile fits the header.
    """
    candidates = PROFILES if profile is None else (_profile(profile),)
    found = _header(path, candidates)
    if found is None:
        wanted = "; ".join(
            f"{it.name}: {it.day}, {it.money_in}, {' or '.join(it.texts)}" for it in candidates
        )
        msg = f"{path.name} has no header of a known export ({wanted}); give a CsvProfile"
        raise UnreadableSource(msg)
    export, reader, rest = found
    collector = Collector(f"csv:{export.profile.name}", path.name)
    for record in rest:
        row = record if isinstance(record, Refused) else reader.one(*record, export.columns)
        collector.saw()
        if not isinstance(row, Refused):
            _take(collector, export, row, f"line {cast('tuple[int, str]', record)[0]}")
            continue
        said = f"{row.message}; an amount with a comma for thousands must stand in quotes"
        collector.quarantine(row.code, said, f"line {row.line}")
        export.movements.append(_Movement(f"line {row.line}", "", None, None))
    _check_balances(collector, export.movements)
    return collector.statement()


def profile_of(path: Path) -> str | None:
    """Return the name of the profile whose header a file has, or None."""
    try:
        found = _header(path, PROFILES)
    except (ReceivablesError, UnicodeDecodeError):
        return None
    return None if found is None else found[0].profile.name


def _profile(given: CsvProfile | str) -> CsvProfile:
    if isinstance(given, CsvProfile):
        return given
    for it in PROFILES:
        if it.name == given:
            return it
    msg = f"no profile {given!r}; there are {', '.join(it.name for it in PROFILES)}"
    raise UnreadableSource(msg)


def _header(
    path: Path, candidates: tuple[CsvProfile, ...]
) -> tuple[_Export, Records, Iterator[tuple[int, str] | Refused]] | None:
    """Find the header; return what it says, and the reader with the records after it."""
    data = read_bytes(path)
    sample = decoded(data[:4_000], errors="replace")
    separator = max(",;\t|", key=sample.count)
    reader = Records(path, encoding_of(data), separator, Limits())
    records = reader.records()
    for record in islice(records, _LINES_BEFORE_HEADER):
        if isinstance(record, Refused):
            continue
        row = next(csv.reader([record[1]], delimiter=separator), [])
        places = {_plain(cell): place for place, cell in enumerate(row)}
        for profile in candidates:
            if {profile.day, profile.money_in} <= places.keys() and any(
                it in places for it in profile.texts
            ):
                reader.expect(len(row))
                return _Export(profile, places, len(row)), reader, records
    return None


def _take(collector: Collector, export: _Export, row: list[str], where: str) -> None:
    profile = export.profile
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
    change = None if came is None or went is None else came - abs(went)
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
    profile = export.profile
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
    faults = [_faults(held) for held in (movements, movements[::-1])]
    for it, reached in min(faults, key=len):
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


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.strip().lstrip("\ufeff").casefold())
    return " ".join("".join(it for it in folded if not unicodedata.combining(it)).split())
