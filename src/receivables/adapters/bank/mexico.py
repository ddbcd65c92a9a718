"""Movements as the portals of Mexican banks export them: CSV with day first, commas for thousands, SPEI data in the concept.

No bank publishes a standard. A profile says which column is which; the ones here are recalled, not vendor text, and told
apart by their header. For another export give a `CsvProfile` of your own.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path

from receivables.adapters.bank.statement import Collector, Line, Statement, read_text, spei
from receivables.errors import UnreadableSource

_AMOUNT = re.compile(r"\$?\s*([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(\.[0-9]{1,2})?")
_DAY = re.compile(r"([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4})")
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
    """

    name: str
    day: str
    money_in: str
    texts: tuple[str, ...]
    reference: str = ""
    account: str = ""
    currency: str = "MXN"


PROFILES = (
    CsvProfile(
        "bbva", "fecha operacion", "abono", ("concepto", "referencia ampliada"), "referencia"
    ),
    CsvProfile("banamex", "fecha", "depositos", ("descripcion",), "referencia"),
    CsvProfile(
        "santander", "fecha", "importe abono", ("descripcion", "concepto"), "referencia", "cuenta"
    ),
    CsvProfile(
        "banorte",
        "fecha de operacion",
        "depositos",
        ("descripcion", "descripcion detallada"),
        "referencia",
        "cuenta",
    ),
    CsvProfile(
        "hsbc",
        "fecha del apunte",
        "importe de credito",
        ("descripcion", "referencia de cliente"),
        "referencia bancaria",
    ),
    CsvProfile("plain", "fecha", "abono", ("concepto", "descripcion"), "referencia", "cuenta"),
)


def read_mexican_csv(path: Path, profile: CsvProfile | str | None = None) -> Statement:
    """Read an export.

    Args:
        path: The file, in UTF-8 or Windows-1252.
        profile: A profile, the name of one, or None to tell it by the header.

    Raises:
        UnreadableSource: When no profile fits the header.
    """
    text = read_text(path)
    sample = text[:4_000]
    separator = max(",;\t|", key=sample.count)
    rows = list(csv.reader(StringIO(text), delimiter=separator))
    candidates = PROFILES if profile is None else (_profile(profile),)
    start, chosen, places = _header(path.name, rows, candidates)
    collector = Collector(f"csv:{chosen.name}", path.name)
    for number, row in enumerate(rows[start + 1 :], start=start + 2):
        _take(collector, chosen, places, row, f"line {number}")
    return collector.statement()


def _profile(given: CsvProfile | str) -> CsvProfile:
    if isinstance(given, CsvProfile):
        return given
    for it in PROFILES:
        if it.name == given:
            return it
    msg = f"no profile {given!r}; there are {', '.join(it.name for it in PROFILES)}"
    raise UnreadableSource(msg)


def _header(
    name: str, rows: list[list[str]], candidates: tuple[CsvProfile, ...]
) -> tuple[int, CsvProfile, dict[str, int]]:
    for number, row in enumerate(rows[:_LINES_BEFORE_HEADER]):
        places = {_plain(cell): place for place, cell in enumerate(row)}
        for profile in candidates:
            if {profile.day, profile.money_in} <= places.keys() and any(
                it in places for it in profile.texts
            ):
                return number, profile, places
    wanted = "; ".join(
        f"{it.name}: {it.day}, {it.money_in}, {' or '.join(it.texts)}" for it in candidates
    )
    msg = f"{name} has no header of a known export ({wanted}); give a CsvProfile"
    raise UnreadableSource(msg)


def _take(
    collector: Collector, profile: CsvProfile, places: dict[str, int], row: list[str], where: str
) -> None:
    def cell(name: str) -> str:
        place = places.get(name, -1) if name else -1
        return row[place].strip().lstrip("'") if 0 <= place < len(row) else ""

    written = cell(profile.money_in)
    if not any(it.strip() for it in row) or written.strip(" -$0.,") == "":
        return  # an empty line, or money going out
    amount = _AMOUNT.fullmatch(written)
    if amount is None:
        collector.problem("unreadable-amount", f"amount {written!r} must look like 1,234.56", where)
        return
    text = " ".join(filter(None, (cell(name) for name in profile.texts)))
    found = spei(text)
    reference = cell(profile.reference)
    attributes = {**found, "bank_reference": reference}
    key = found.get("tracking_key", "")
    number = amount[1].replace(",", "") + (amount[2] or "")
    collector.take(
        Line(
            where,
            cell(profile.account) or profile.name,
            key,
            number,
            profile.currency,
            _day(cell(profile.day)),
            text,
            attributes,
        )
    )


def _day(text: str) -> date | None:
    match = _DAY.fullmatch(text)
    try:
        return date(int(match[3]), int(match[2]), int(match[1])) if match else None
    except ValueError:
        return None


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.strip().lstrip("\ufeff").casefold())
    return " ".join("".join(it for it in folded if not unicodedata.combining(it)).split())
