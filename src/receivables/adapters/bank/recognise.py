"""Tells the format of a bank file by what is in it, where that is unmistakable."""

from __future__ import annotations

import re
from pathlib import Path

from receivables.adapters.bank.files import decoded

_CAMT = re.compile(
    r"urn:iso:std:iso:20022:tech:xsd:camt\.05[234]|<(\w+:)?BkToCstmr(Stmt|AcctRpt|DbtCdtNtfctn)\b"
)
_MT940 = re.compile(r"(?m)^:20:")
_MT940_TOO = re.compile(r"(?m)^:(25P?|28C?|60[FM]|61):")
_BAI2 = re.compile(r"\A\s*01,[^\n]*\n02,")
_EDI = re.compile(r"\A\s*ISA[^A-Za-z0-9 ]")
_SAMPLE = 200_000

NAMES = {
    "camt": "camt",
    "mt940": "MT940",
    "bai2": "BAI2",
    "edi820": "EDI X12",
}


def recognise(path: Path) -> str | None:
    """Return the format a file is of, or None when its content does not say.

    camt is told by its namespace, MT940 by its fields, BAI2 by its records 01 and 02, EDI by its interchange header.
    """
    if not path.is_file():
        return None
    with path.open("rb") as file:
        text = decoded(file.read(_SAMPLE), errors="replace")
    if _CAMT.search(text):
        return "camt"
    if _MT940.search(text) and _MT940_TOO.search(text):
        return "mt940"
    if _BAI2.search(text):
        return "bai2"
    return "edi820" if _EDI.search(text) else None
