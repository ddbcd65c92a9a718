"""Reads a small table whole, of columns that somebody else names: cells as in every table, but the first bad one ends it.

A load sets bad rows aside and goes on. Here the table is an order, such as what to state in a tax document, and half of it
would be another order.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from receivables.adapters.csv.limits import Limits
from receivables.adapters.csv.mapping import Mapping, Theirs
from receivables.adapters.csv.plan import Plan
from receivables.adapters.csv.source import LIMITS, opened
from receivables.errors import UnfitMapping, UnreadableSource
from receivables.schema import Table

Placed = tuple[str, dict[str, Any]]


def read_rows(path: str | Path, table: Table, *, limits: Limits = LIMITS) -> list[Placed]:
    """Read the rows of a table file, whatever its format, separator, decimal sign and order of dates.

    Args:
        path: The file.
        table: Its columns, by their own names; those required must have a cell in every row.
        limits: The most that is read.

    Returns:
        Each row as its place, the name of the file and the line, and its cells by name; empty cells are None.

    Raises:
        UnreadableSource: When the file, a row or a cell cannot be read; the message names line and column and what to do.
        MissingExtra: When the format needs a library that is not installed.
    """
    columns = tuple((name, Theirs(((name,),))) for name in table.names)
    mapping = Mapping(table.name, "facts", columns)
    found = opened(Path(path), None, limits)
    try:
        plan = Plan(mapping, found, table.columns, declared=False)
    except UnfitMapping:
        held = {name.casefold() for name in found.header}
        missing = [name for name in table.required if name not in held]
        msg = f"{found.name}: columns {', '.join(missing)} are missing; there are {', '.join(found.header)}{found.hint}"
        raise UnreadableSource(msg) from None
    rows: list[Placed] = []
    for batch in found.batches():
        for refused in batch.refused:
            raise UnreadableSource(str(refused.problem(found.name)))
        for line, row, bad in plan.rows(batch):
            place = f"{found.name}:{line}"
            if bad is not None:
                msg = f"{place}: {bad[1].message}"
                raise UnreadableSource(msg)
            empty = [name for name in table.required if row.get(name) is None]
            if empty:
                msg = f"{place}: {empty[0]} is empty; every row needs one"
                raise UnreadableSource(msg)
            rows.append((place, row))
    return rows
