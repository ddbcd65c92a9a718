"""Bank files as payments, remittance advice and problems: camt, MT940, BAI2, lockbox, EDI 820, exports of Mexican banks.

Reading a file twice, or two files that overlap, gives each payment one id. Every line that states money is counted, and what a
file says of itself (balances, totals, numbers of records) is compared with its lines.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from receivables.adapters.bank.advice import read_advice
from receivables.adapters.bank.bai2 import read_bai2
from receivables.adapters.bank.camt import read_camt
from receivables.adapters.bank.edi820 import read_edi820
from receivables.adapters.bank.lockbox import LockboxLayout, read_lockbox
from receivables.adapters.bank.mexico import read_mexican_csv
from receivables.adapters.bank.mexico_profiles import CsvProfile, profile_of
from receivables.adapters.bank.mt940 import read_mt940
from receivables.adapters.bank.payers import read_payers
from receivables.adapters.bank.recognise import recognise
from receivables.adapters.bank.statement import LineTally, NoReceipt, Statement
from receivables.errors import UnreadableSource

_READERS: dict[str, Callable[[Path], Statement]] = {
    "camt": read_camt,
    "mt940": read_mt940,
    "bai2": read_bai2,
    "lockbox": read_lockbox,
    "edi820": read_edi820,
    "mexico": read_mexican_csv,
}
_BY_ENDING = {
    **dict.fromkeys((".xml",), "camt"),
    **dict.fromkeys((".sta", ".940", ".mt940", ".942"), "mt940"),
    **dict.fromkeys((".bai", ".bai2"), "bai2"),
    ".lbx": "lockbox",
    **dict.fromkeys((".820", ".edi"), "edi820"),
}
_TEXTS = {".csv", ".txt", ".tsv", ""}
FORMATS = tuple(_READERS)


def format_of(path: str | Path) -> str | None:
    """Return the format of a bank file, or None when neither its content nor its name says one.

    The content decides where it is unmistakable: camt by its namespace, MT940 by its fields, BAI2 by its records, EDI by its
    interchange header, an export of a Mexican bank by a header of the profiles; then the ending of the name.
    """
    file = Path(path)
    if not file.is_file():
        return _BY_ENDING.get(file.suffix.lower())
    found = recognise(file) or _BY_ENDING.get(file.suffix.lower())
    if found is None and file.suffix.lower() in _TEXTS and profile_of(file):
        return "mexico"
    return found


def read_statement(path: str | Path, format: str | None = None) -> Statement:
    """Read a bank file.

    Args:
        path: The file.
        format: One of `FORMATS`; told by `format_of` when not given.

    Raises:
        UnreadableSource: When the format is none of these, or the file is not of it.
    """
    file = Path(path)
    chosen = format or format_of(file) or ""
    if chosen not in _READERS:
        msg = f"bank format {chosen!r} of {file.name} is none of {', '.join(FORMATS)}; name one"
        raise UnreadableSource(msg)
    try:
        return _READERS[chosen](file)
    except UnreadableSource as error:
        looks = format_of(file)
        if looks in {None, chosen}:
            raise
        msg = f"{error}; it looks like {looks}: read it with format {looks} (--bank-format {looks})"
        raise UnreadableSource(msg) from None


__all__ = [
    "FORMATS",
    "CsvProfile",
    "LineTally",
    "LockboxLayout",
    "NoReceipt",
    "Statement",
    "format_of",
    "read_advice",
    "read_bai2",
    "read_camt",
    "read_edi820",
    "read_lockbox",
    "read_mexican_csv",
    "read_mt940",
    "read_payers",
    "read_statement",
]
