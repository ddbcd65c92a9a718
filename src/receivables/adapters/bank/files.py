"""Reads bank files as bytes and text, within limits: byte order marks are obeyed, and what is no UTF-8 is Windows-1252."""

from __future__ import annotations

import codecs
from pathlib import Path

from receivables.errors import UnreadableSource

_LARGEST = 200 * 1024 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_bytes(path: Path) -> bytes:
    """Read a file, within limits.

    Raises:
        UnreadableSource: When it is missing or too large.
    """
    if not path.is_file():
        msg = f"file {str(path)!r} does not exist; give a bank file"
        raise UnreadableSource(msg)
    if path.stat().st_size > _LARGEST:
        msg = f"{path.name} is larger than {_LARGEST // 1024 // 1024} MB; split it by day"
        raise UnreadableSource(msg)
    return path.read_bytes()


def read_text(path: Path) -> str:
    """Read a text file, with every end of line as one line feed.

    Raises:
        UnreadableSource: When it is missing, too large, or its bytes are not those of its encoding.
    """
    try:
        return decoded(read_bytes(path))
    except UnicodeDecodeError as error:
        msg = f"{path.name} starts with the mark of {error.encoding}, and is none; export it again"
        raise UnreadableSource(msg) from None


def decoded(data: bytes, errors: str = "strict") -> str:
    """Return bytes as text.

    Raises:
        UnicodeDecodeError: When they are not of the encoding that their mark says.
    """
    text = data.decode(encoding_of(data), errors)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def encoding_of(data: bytes) -> str:
    """Return the encoding that a mark at the start says, else UTF-8, else Windows-1252, whichever fits."""
    marked = next((name for bom, name in _BOMS if data.startswith(bom)), "")
    if marked:
        return marked
    if b"\0" in data[:2]:
        return "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
    for encoding in ("utf-8", "cp1252"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"
