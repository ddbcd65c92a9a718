"""Bank files as payments, remittance advice and problems: camt, MT940, BAI2, lockbox, EDI 820, exports of Mexican banks.

Reading MT940 and BAI2 needs the extra `bank`. Reading a file twice, or two files that overlap, gives each payment one id.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from receivables.adapters.bank.advice import read_advice
from receivables.adapters.bank.bai2 import read_bai2
from receivables.adapters.bank.camt import read_camt
from receivables.adapters.bank.edi820 import read_edi820
from receivables.adapters.bank.lockbox import LockboxLayout, read_lockbox
from receivables.adapters.bank.mexico import CsvProfile, read_mexican_csv
from receivables.adapters.bank.mt940 import read_mt940
from receivables.adapters.bank.payers import read_payers
from receivables.adapters.bank.statement import Statement
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
FORMATS = tuple(_READERS)
ENDINGS = frozenset(_BY_ENDING)


def read_statement(path: str | Path, format: str | None = None) -> Statement:
    """Read a bank file.

    Args:
        path: The file.
        format: One of `FORMATS`; told by the ending of the file when not given.

    Raises:
        UnreadableSource: When the format is none of these, or the file is not of it.
        MissingExtra: When the format needs a library that is not installed.
    """
    file = Path(path)
    chosen = format or _BY_ENDING.get(file.suffix.lower(), "")
    if chosen not in _READERS:
        msg = f"bank format {chosen!r} of {file.name} is none of {', '.join(FORMATS)}; name one"
        raise UnreadableSource(msg)
    return _READERS[chosen](file)


__all__ = [
    "ENDINGS",
    "FORMATS",
    "CsvProfile",
    "LockboxLayout",
    "Statement",
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
