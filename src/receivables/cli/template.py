"""`receivables template`: an empty table of ours, with rows that show how it is filled in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, get_args

import typer

from receivables.adapters.csv import template as written
from receivables.adapters.csv.write import TableName
from receivables.cli import options
from receivables.cli.output import form, write


def template(
    *,
    table: Annotated[str, typer.Option(help="facts, open-items, payments or customers.")] = "facts",
    output: Annotated[Path | None, typer.Option(help="Write it to this file.")] = None,
) -> None:
    """Print a CSV template of a table this library reads."""
    names: dict[str, TableName] = {name: name for name in get_args(TableName)}
    if output is not None:
        form(None, output, ("csv",), is_told=False)
    write(written(options.choice("--table", table, names)), output, "csv")
