"""Text cells: cleaned once on reading, and made harmless to spreadsheets on writing.

A spreadsheet runs a cell that begins like a formula. We put `'` before such a text when we write a text table, and take
away the one we put when we read one, so that nothing is lost on the way there and back.
"""

from __future__ import annotations

import re
import unicodedata

_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")


def escaped(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    >>> escaped("=1+1"), escaped("'=1+1"), escaped("F-1")
    ("'=1+1", "''=1+1", 'F-1')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unescaped(text: str) -> str:
    """Return the text that `escaped` was given.

    >>> unescaped("'=1+1"), unescaped("'tis")
    ('=1+1', "'tis")
    """
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def cleaned(text: str) -> str:
    """Return a text without spaces around it, its characters in their composed form (NFC)."""
    stripped = text.strip()
    return stripped if stripped.isascii() else unicodedata.normalize("NFC", stripped)


def turns_around(text: str) -> bool:
    """Tell whether a text holds characters that turn the direction of writing, so that it may look like another."""
    return not text.isascii() and _BIDI.search(text) is not None
