"""What the rules of `check` need beside the rows: their numbers, and which amounts have digits too many."""

from __future__ import annotations

from typing import Any

import numpy as np

from receivables.frames.columns import Unit
from receivables.frames.kernels.arrays import column, minor, pa
from receivables.frames.kernels.keys import plain_text
from receivables.money import currencies, decimals


def numbered(table: Any) -> Any:
    """Return the table with the number of each row as `_row`."""
    return table.append_column("_row", pa.array(np.arange(table.num_rows)))


def with_mark(table: Any, amount: str, currency: str, unit: Unit, name: str) -> Any:
    """Return the table with a column that says whether an amount is inexact in its currency."""
    units = minor(table, amount, unit.scale)
    inexact = np.zeros(len(units), bool)
    if currency in table.column_names:
        encoded = plain_text(column(table, currency)).dictionary_encode()
        known = set(currencies())
        places = [
            decimals(it) if it in known else unit.scale for it in encoded.dictionary.to_pylist()
        ]
        index = encoded.indices.fill_null(len(places)).to_numpy()
        spare = unit.scale - np.array([*places, unit.scale], np.int64)[index]
        inexact = units % 10 ** np.maximum(spare, 0) != 0
    return table.append_column(name, pa.array(inexact))
