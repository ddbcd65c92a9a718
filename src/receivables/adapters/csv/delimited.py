"""Opens text tables (.csv, .tsv): encoding and separator are declared, or detected by evidence that is named."""

from __future__ import annotations

import codecs
import csv
from dataclasses import dataclass
from pathlib import Path

from receivables.adapters.csv.limits import Limits, check_columns
from receivables.adapters.csv.records import Records
from receivables.adapters.csv.table import TITLED, Refused, Table
from receivables.errors import UnfitMapping, UnreadableSource

SEPARATORS = (",", ";", "\t", "|")
_BLOCK = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FALLBACK = "cp1252"


def open_delimited(
    path: Path,
    *,
    encoding: str | None,
    separator: str | None,
    limits: Limits,
    header_row: int | None = None,
) -> Table:
    """Open a text table.

    Args:
        path: The file.
        encoding: Its encoding, or None to detect it.
        separator: What stands between its fields, or None to detect it.
        limits: The most that is read.
        header_row: The line that names the columns; None for the first that is not blank.

    Raises:
        UnreadableSource: When it is empty, has too many columns, or bytes that its encoding does not have.
        UnfitMapping: When the separator cannot be told from the first line.
    """
    scan = _scan(path, encoding)
    start = header_row or 1
    reader = Records(path, scan.encoding, separator or ",", limits, start)
    first = next(reader.records(), None)
    if header_row is not None and (first is None or _line(first) != header_row):
        msg = f"{path.name}: row {header_row} is empty; header_row must name the row with the names of the columns"
        raise UnreadableSource(msg)
    if first is None or isinstance(first, Refused) or not first[1].strip():
        reason = f": {first.message}" if isinstance(first, Refused) else ""
        msg = f"{path.name} has no header{reason}; the first line must name the columns"
        raise UnreadableSource(msg)
    found = separator or _separator(path.name, first[1])
    header = tuple(name.strip() for name in next(csv.reader([first[1]], delimiter=found)))
    check_columns(path.name, len(header), limits)
    reader = Records(path, scan.encoding, found, limits, start)
    evidence = scan.evidence
    if separator is None:
        evidence = (
            *evidence,
            f"separator {found!r}: it splits the first line into {len(header)} columns",
        )
    return Table(
        path.name, header, lambda: reader.batches(len(header)), evidence, max(scan.lines - start, 0)
    )


def _line(record: tuple[int, str] | Refused) -> int:
    return record.line if isinstance(record, Refused) else record[0]


@dataclass(frozen=True, slots=True)
class _Scan:
    encoding: str
    lines: int
    evidence: tuple[str, ...]


def _scan(path: Path, declared: str | None) -> _Scan:
    """Go through the bytes once: do they decode, and how many lines are there."""
    with path.open("rb") as file:
        start = file.read(4)
        name = declared or next((name for bom, name in _BOMS if start.startswith(bom)), "utf-8")
        evidence = (
            ()
            if declared or name == "utf-8"
            else (f"encoding {name}: the byte order mark says so",)
        )
        file.seek(0)
        lines, offset = 0, 0
        decoder = _decoder(name)
        while True:
            block = file.read(_BLOCK)
            try:
                decoder.decode(block, final=not block)
            except UnicodeError as error:
                return _fallback(
                    path, declared or (name if evidence else None), offset, block, error
                )
            lines += block.count(b"\n")
            offset += len(block)
            if not block:
                return _Scan("utf-8-sig" if name == "utf-8" else name, lines, evidence)


def _decoder(name: str) -> codecs.IncrementalDecoder:
    try:
        return codecs.getincrementaldecoder(name)()
    except LookupError:
        msg = f"encoding {name!r} is not known; use one such as utf-8, windows-1252 or utf-16"
        raise UnfitMapping(msg) from None


def _fallback(
    path: Path, fixed: str | None, offset: int, block: bytes, error: UnicodeError
) -> _Scan:
    start = getattr(error, "start", 0)
    byte = f"0x{getattr(error, 'object', block)[start]:02X}" if block else "the end"
    if fixed is not None:
        msg = f"{path.name} is not {fixed}: {byte} near byte {offset + start:,} cannot be read; declare the encoding it has"
        raise UnreadableSource(msg)
    text = path.read_bytes()
    try:
        text.decode(_FALLBACK)
    except UnicodeDecodeError:
        msg = (
            f"{path.name} is neither utf-8 nor windows-1252: {byte} near byte {offset + start:,};"
            " declare its encoding in the mapping"
        )
        raise UnreadableSource(msg) from None
    seen = f"encoding windows-1252: {byte} near byte {offset + start:,} is no utf-8; declare another if texts look wrong"
    return _Scan(_FALLBACK, text.count(b"\n"), (seen,))


def _separator(name: str, line: str) -> str:
    """Return the separator that splits the header into most columns; a tie is refused."""
    counts: dict[str, int] = {}
    for candidate in SEPARATORS:
        try:
            counts[candidate] = len(next(csv.reader([line], delimiter=candidate, strict=True)))
        except csv.Error:
            counts[candidate] = 1
    most = max(counts.values())
    best = [candidate for candidate, count in counts.items() if count == most]
    if most == 1 or len(best) > 1:
        listed = ", ".join(repr(it) for it in (best if most > 1 else SEPARATORS))
        msg = f"{name}: the separator of {line.strip()!r:.80} could be any of {listed}; declare it in the mapping{TITLED}"
        raise UnfitMapping(msg)
    return best[0]
