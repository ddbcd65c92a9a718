"""`receivables template`: an empty table of ours, with rows that show how it is filled in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, get_args

import typer

from receivables.adapters.csv import template as written
from receivables.adapters.csv.write import TableName
from receivables.cli import options


def template(
    *,
    table: Annotated[str, typer.Option(help="facts, open-items, payments or customers.")] = "facts",
    output: Annotated[Path | None, typer.Option(help="Write it to this file.")] = None,
) -> None:
    """Print a CSV template of a table this library reads."""
    names: dict[str, TableName] = {name: name for name in get_args(TableName)}
    text = written(options.choice("--table", table, names))
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8", newline="")
