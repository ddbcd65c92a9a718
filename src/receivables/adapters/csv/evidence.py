"""Settles how the ambiguous columns of a file are read, by a cell that can only be read one way; the cell is named.

Nothing is guessed: a column without such a cell stays unsettled, and its ambiguous cells are refused one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from receivables.adapters.csv import amounts, days
from receivables.adapters.csv.cells import Settled
from receivables.adapters.csv.table import Table

_ORDERS = ("DMY", "MDY")
_SIGNS = (".", ",")


def settle(table: Table, columns: Mapping[int, str]) -> dict[int, Settled]:
    """Look through a table until every column is settled.

    Args:
        table: The file.
        columns: Positions of the columns nobody declared, with `amount` or `date`.

    Returns:
        For each column how to read it; `Settled(None)` when nothing in it says.
    """
    open_columns = dict(columns)
    found: dict[int, Settled] = {}
    seen: dict[int, set[Any]] = {position: set() for position in columns}
    for batch in table.batches() if columns else ():
        for position in list(open_columns):
            for line, row in zip(batch.lines, batch.rows, strict=True):
                cell = row[position]
                if cell in seen[position]:
                    continue
                seen[position].add(cell)
                reading = _only(cell, open_columns[position])
                if reading is not None:
                    found[position] = Settled(
                        reading, f"settled by {str(cell).strip()!r} in line {line}"
                    )
                    del open_columns[position]
                    break
            if len(seen[position]) > _REMEMBERED:
                seen[position].clear()
        if not open_columns:
            break
    return {position: found.get(position, Settled(None, "not settled")) for position in columns}


def _only(cell: Any, type_: str) -> str | None:
    """Return the one reading a cell has among those that compete; None when it has all of them or none."""
    if not isinstance(cell, str):
        return None
    rivals = _ORDERS if type_ == "date" else _SIGNS
    held: Mapping[Any, Any] = days.readings(cell) if type_ == "date" else amounts.readings(cell)
    possible = [rival for rival in rivals if rival in held]
    return possible[0] if len(possible) == 1 else None


_REMEMBERED = 100_000
