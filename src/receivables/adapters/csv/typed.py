"""Opens typed tables: JSON lines, Parquet and spreadsheets, the last two through optional libraries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from receivables.adapters.csv.limits import Limits, check_columns
from receivables.adapters.csv.table import BATCH, Batch, Refused, Table, grouped
from receivables.errors import MissingExtra, UnreadableSource


def open_json_lines(path: Path, *, limits: Limits) -> Table:
    """Open a file with one JSON object a line; numbers keep their digits as written.

    Raises:
        UnreadableSource: When its first line is no JSON object.
    """
    header: dict[str, None] = {}
    for read in _json_rows(path, limits):
        if isinstance(read, tuple):
            header.update(dict.fromkeys(read[1]))
        check_columns(path.name, len(header), limits)
    if not header:
        msg = f'{path.name} holds no JSON object; every line must be one, such as {{"id": "F-1"}}'
        raise UnreadableSource(msg)
    names = tuple(header)

    def batches() -> Iterator[Batch]:
        for chunk in grouped(_json_rows(path, limits)):
            good = [it for it in chunk if isinstance(it, tuple)]
            bad = [it for it in chunk if isinstance(it, Refused)]
            yield Batch(
                [line for line, _ in good],
                [[_plain(row.get(name)) for name in names] for _, row in good],
                bad,
            )

    return Table(path.name, names, batches)


def _json_rows(path: Path, limits: Limits) -> Iterator[tuple[int, dict[str, Any]] | Refused]:
    with path.open("rb") as file:
        number = 0
        while line := file.readline(limits.row + 1):
            number += 1
            if len(line) > limits.row:
                while (rest := file.readline(limits.row)) and not rest.endswith(b"\n"):
                    pass
                yield Refused(
                    number, "row-too-long", f"the row is longer than {limits.row:,} bytes"
                )
            elif line.strip():
                yield _json_row(number, line)


def _json_row(number: int, line: bytes) -> tuple[int, dict[str, Any]] | Refused:
    try:
        row = json.loads(line, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return Refused(
            number,
            "unreadable-json",
            f"the line {line[:60]!r} is not JSON; every line must be one object",
        )
    if not isinstance(row, dict):
        return Refused(
            number,
            "unreadable-json",
            f"the line {line[:60]!r} is no JSON object; every line must be one",
        )
    return number, row


def open_parquet(path: Path, *, limits: Limits) -> Table:
    """Open a Parquet file; needs the extra `parquet`.

    Raises:
        UnreadableSource: When it is none, or has too many columns.
        MissingExtra: When pyarrow is not installed.
    """
    parquet = _library("pyarrow.parquet", "parquet")
    try:
        held = parquet.ParquetFile(path)
    except (OSError, ValueError) as error:
        msg = f"{path.name} is no readable Parquet file: {_first_line(error)}"
        raise UnreadableSource(msg) from None
    names = tuple(held.schema_arrow.names)
    check_columns(path.name, len(names), limits)
    rows = held.metadata.num_rows
    _check_rows(path.name, rows, limits)

    def batches() -> Iterator[Batch]:
        start = 2  # as if the header were line 1, like every other format
        for chunk in held.iter_batches(batch_size=BATCH):
            columns = [[_plain(cell) for cell in column.to_pylist()] for column in chunk.columns]
            yield Batch(range(start, start + chunk.num_rows), list(zip(*columns, strict=True)))
            start += chunk.num_rows

    return Table(path.name, names, batches, expected=rows)


def open_sheet(
    path: Path, *, sheet: str | None, limits: Limits, header_row: int | None = None
) -> Table:
    """Open a sheet of an .xlsx file, the first one when none is named; needs the extra `excel`.

    Raises:
        UnreadableSource: When it is none, beyond the limits, empty, or has no such sheet.
        MissingExtra: When python-calamine is not installed.
    """
    calamine = _library("python_calamine", "excel")
    limits.check_archive(path)
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        names: Sequence[str] = book.sheet_names
        chosen = sheet or (names[0] if names else "")
        if chosen not in names:
            msg = f"{path.name} has no sheet {chosen!r}; it has {', '.join(names) or 'none'}"
            raise UnreadableSource(msg)
        page = book.get_sheet_by_name(chosen)
        rows: list[list[Any]] = page.to_python()
        above = page.start[0] if rows and page.start else 0  # empty rows, which are not given
    except (calamine.CalamineError, OSError, ValueError) as error:
        msg = f"{path.name} is no readable .xlsx file: {_first_line(error)}"
        raise UnreadableSource(msg) from None
    _check_rows(path.name, len(rows), limits)
    if not rows:
        msg = f"{path.name}: sheet {chosen!r} is empty; its first row must name the columns"
        raise UnreadableSource(msg)
    at = header_row - 1 - above if header_row else 0
    if not 0 <= at < len(rows) or not any(cell != "" for cell in rows[at]):
        msg = f"{path.name}: row {header_row} of sheet {chosen!r} is empty; header_row must name the row with the names of the columns"
        raise UnreadableSource(msg)
    header = tuple(str(cell).strip() for cell in rows[at])
    check_columns(path.name, len(header), limits)

    def batches() -> Iterator[Batch]:
        filled = (
            (line, row)
            for line, row in enumerate(rows[at + 1 :], start=above + at + 2)
            if any(cell != "" for cell in row)
        )
        for chunk in grouped(filled):
            yield Batch(
                [line for line, _ in chunk], [[_plain(cell) for cell in row] for _, row in chunk]
            )

    evidence = () if sheet else (f"sheet {chosen!r}: the first of {len(names)}",)
    return Table(path.name, header, batches, evidence, len(rows) - at - 1, whole_floats=True)


def _plain(cell: Any) -> Any:
    """Return a cell as text where text says the same; floats, decimals and dates stay what they are."""
    match cell:
        case bool():
            return "true" if cell else "false"
        case int():
            return str(cell)
        case dict() | list():
            return json.dumps(cell, ensure_ascii=False, default=str)
        case _:
            return cell


def _check_rows(name: str, rows: int, limits: Limits) -> None:
    if rows > limits.rows:
        msg = f"{name} has {rows:,} rows; at most {limits.rows:,} are read; split it"
        raise UnreadableSource(msg)


def _library(module: str, extra: str) -> Any:
    try:
        return import_module(module)
    except ImportError:
        msg = f"{module} is not installed; install it with the extra: pip install 'receivables[{extra}]'"
        raise MissingExtra(msg) from None


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
