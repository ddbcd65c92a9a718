"""Which columns the exports of Mexican banks have, and how an export is told by its header.

No bank publishes a standard: the profiles are recalled, not vendor text. For another export give a `CsvProfile` of your own.
"""

from __future__ import annotations

import csv
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from receivables.adapters.bank.files import decoded
from receivables.errors import UnreadableSource

LINES_BEFORE_HEADER = 30
SAMPLE = 64 * 1024


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


@dataclass(frozen=True, slots=True)
class Header:
    """A line that is the header of a profile: where the columns stand, and how many there are."""

    profile: CsvProfile
    places: dict[str, int]
    columns: int


def profile_of(path: Path) -> str | None:
    """Return the name of the profile whose header stands near the start of a file, or None."""
    with path.open("rb") as file:
        start = file.read(SAMPLE)
    text = decoded(start[: start.rfind(b"\n") + 1] or start, errors="replace")
    for line in text.split("\n")[:LINES_BEFORE_HEADER]:
        found = header_of(line, separator_of(text), PROFILES)
        if found is not None:
            return found.profile.name
    return None


def profile_named(given: CsvProfile | str) -> CsvProfile:
    """Return a profile by its name.

    Raises:
        UnreadableSource: When there is none.
    """
    if isinstance(given, CsvProfile):
        return given
    for it in PROFILES:
        if it.name == given:
            return it
    msg = f"no profile {given!r}; there are {', '.join(it.name for it in PROFILES)}"
    raise UnreadableSource(msg)


def separator_of(text: str) -> str:
    """Return what most often stands between the fields at the start of a text."""
    return max(",;\t|", key=text[:4_000].count)


def header_of(line: str, separator: str, candidates: tuple[CsvProfile, ...]) -> Header | None:
    """Return what a line says as a header of one of the profiles, or None when it is none."""
    try:
        row = next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return None
    places = {_plain(cell): place for place, cell in enumerate(row)}
    for it in candidates:
        if {it.day, it.money_in} <= places.keys() and any(name in places for name in it.texts):
            return Header(it, places, len(row))
    return None


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.strip().lstrip("\ufeff").casefold())
    return " ".join("".join(it for it in folded if not unicodedata.combining(it)).split())
