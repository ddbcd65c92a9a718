"""How an answer leaves a command: which form it has, and where it goes; the one place that writes either."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

from rich.text import Text

from receivables.adapters.csv.texts import escaped
from receivables.cli import options
from receivables.cli.layout import Column, Grid, figure, rendered
from receivables.errors import QuestionError

_PROSE = 10_000  # a sentence goes on in the next line only where a terminal is narrow
FORMATS = ("table", "csv", "json")
_ENDINGS = {".txt": "table", ".csv": "csv", ".json": "json", ".html": "html"}

Rows = Sequence[Mapping[str, Any]]


def form(
    given: str | None, to: Path | None, forms: Sequence[str] = FORMATS, *, is_told: bool = True
) -> str:
    """Return the form of an answer: the one asked for, or else the one that the file's ending says.

    Args:
        given: `--format`; None when it was not given.
        to: `--output`; None for standard output, which gets a table.
        forms: What the command can write.
        is_told: Whether the command has a `--format`.

    Raises:
        QuestionError: When the format or the ending is none of those.
    """
    if given is not None:
        return options.choice("--format", given, {name: name for name in forms})
    if to is None:
        return "table"
    found = _ENDINGS.get(to.suffix.lower(), "")
    if found not in forms:
        endings = ", ".join(ending for ending, name in _ENDINGS.items() if name in forms)
        ending = f"has the ending {to.suffix!r}" if to.suffix else "has no ending"
        must = f"one of {endings}, or say --format" if is_told else endings
        msg = f"--output {to.name!r} {ending}; it must be {must}"
        raise QuestionError(msg)
    return found


def write(text: str, to: Path | None, how: str) -> None:
    """Write an answer to a file or standard output.

    A CSV file begins with a byte order mark, because Excel takes a file without one for its own code page and shows
    letters such as ñ as two others; our reader and most others skip it. Standard output has none.
    """
    if to is None:
        sys.stdout.write(text)
    else:
        to.write_text(text, encoding="utf-8-sig" if how == "csv" else "utf-8", newline="")


def give(
    how: str,
    tree: Mapping[str, Any],
    rows: Rows,
    *,
    names: Sequence[str],
    title: str,
    figures: Collection[str],
    prose: Collection[str] = (),
    output: Path | None,
    last: int = 0,
) -> None:
    """Write rows as a table or CSV, or the whole tree as JSON, to a file or standard output.

    Args:
        how: `table`, `csv` or `json`.
        tree: What JSON gets.
        rows: What the others get.
        names: The columns of the rows.
        title: Above a table.
        figures: The names that hold numbers.
        prose: The names that hold sentences.
        output: The file; standard output when None.
        last: How many rows at the end are totals.
    """
    match how:
        case "json":
            text = as_json(tree)
        case "csv":
            text = _csv(rows, names)
        case _:
            columns = [_column(name, figures, prose) for name in names]
            grid = Grid(title, columns, *_cells(rows, names, figures, last))
            text = rendered(grid, to_screen=output is None)
    write(text, output, how)


def as_json(tree: Mapping[str, Any]) -> str:
    """Return plain values as JSON."""
    return json.dumps(tree, ensure_ascii=False, indent=2) + "\n"


def _csv(rows: Rows, names: Sequence[str]) -> str:
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in names])
    return buffer.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return text if _is_number(text) else escaped(text)


def _column(name: str, figures: Collection[str], prose: Collection[str]) -> Column:
    told = _PROSE if name in prose else None
    return Column(name.replace("_", " "), figure=name in figures, prose=told)


def _cells(
    rows: Rows, names: Sequence[str], figures: Collection[str], last: int
) -> tuple[list[list[Text]], list[list[Text]]]:
    """Return the cells of a table: the rows, and the totals behind them."""
    cells = [[_shown(row[name], is_figure=name in figures) for name in names] for row in rows]
    body = len(rows) - last
    return cells[:body], cells[body:]


def _shown(value: object, *, is_figure: bool) -> Text:
    text = "" if value is None else str(value)
    return figure(Decimal(text)) if is_figure and _is_number(text) else Text(text)


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()
