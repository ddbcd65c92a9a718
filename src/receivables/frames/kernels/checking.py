"""What the rules of `check` need beside the rows: their numbers, and which amounts have digits too many."""

from __future__ import annotations

from typing import Any

import numpy as np

from receivables.frames.columns import Unit
from receivables.frames.kernels.arrays import column, minor, pa
from receivables.frames.kernels.keys import plain_text
from receivables.money import currencies, decimals


def with_marks(facts: Any, unit: Unit, name: str) -> Any:
    """Return the facts with a column `_row`, and one that says whether the amount is inexact in its currency."""
    units = minor(facts, "amount", unit.scale)
    inexact = np.zeros(len(units), bool)
    if "currency" in facts.column_names:
        encoded = plain_text(column(facts, "currency")).dictionary_encode()
        known = set(currencies())
        places = [
            decimals(it) if it in known else unit.scale for it in encoded.dictionary.to_pylist()
        ]
        index = encoded.indices.fill_null(len(places)).to_numpy()
        spare = unit.scale - np.array([*places, unit.scale], np.int64)[index]
        inexact = units % 10 ** np.maximum(spare, 0) != 0
    marked = facts.append_column("_row", pa.array(np.arange(facts.num_rows)))
    return marked.append_column(name, pa.array(inexact))
