"""How the commands of provisions and measures give their rows: an aligned table, CSV or JSON."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from receivables.adapters.csv.texts import escaped

FORMATS = {name: name for name in ("table", "csv", "json")}
_WIDEST = 10_000

Rows = Sequence[Mapping[str, object]]


def give(
    how: str, tree: Mapping[str, Any], rows: Rows, *, title: str, output: Path | None, last: int = 0
) -> None:
    """Write rows as a table or CSV, or the whole tree as JSON, to a file or standard output.

    Args:
        how: `table`, `csv` or `json`.
        tree: What JSON gets.
        rows: What the others get, all with the same names.
        title: Above a table.
        output: The file; standard output when None.
        last: How many rows at the end are totals.
    """
    text = {"json": _json, "csv": _csv}.get(how)
    written = text(tree, rows) if text else _table(rows, title, last, to_screen=output is None)
    if output is None:
        sys.stdout.write(written)
    else:
        output.write_text(written, encoding="utf-8", newline="")


def _json(tree: Mapping[str, Any], rows: Rows) -> str:  # noqa: ARG001 - one shape for both
    return json.dumps(tree, ensure_ascii=False, indent=2) + "\n"


def _csv(tree: Mapping[str, Any], rows: Rows) -> str:  # noqa: ARG001 - one shape for both
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    names = list(rows[0]) if rows else []
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in names])
    return buffer.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    numeric = text.lstrip("-").replace(".", "", 1).isdigit()
    return text if numeric else escaped(text)


def _table(rows: Rows, title: str, last: int, *, to_screen: bool) -> str:
    names = list(rows[0]) if rows else []
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        header_style="bold",
        pad_edge=False,
    )
    figures = {name: all(_figure(row[name]) for row in rows) for name in names}
    for name in names:
        table.add_column(
            name.replace("_", " "), justify="right" if figures[name] else "left", no_wrap=True
        )
    for number, row in enumerate(rows):
        if last and number == len(rows) - last:
            table.add_section()
        table.add_row(*(Text("" if row[name] is None else str(row[name])) for name in names))
    buffer = StringIO()
    colours = to_screen and sys.stdout.isatty()
    console = Console(file=buffer, width=_WIDEST, force_terminal=colours)
    console.print(table)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def _figure(value: object) -> bool:
    text = "" if value is None else str(value)
    return text.lstrip("-").replace(".", "", 1).isdigit() or not text
