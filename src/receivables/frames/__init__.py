"""The same answers over data frames: pandas, Polars, PyArrow, DuckDB, Spark and SQLFrame, in the caller's own type.

    items = ar.frames.open_items(facts, as_of=date(2026, 3, 31))
    aged = ar.frames.age(items, as_of=date(2026, 3, 31), by=("customer",))

A frame comes back in the type it came in, and a plan comes back a plan. Amounts are decimals, or whole minor units of a
stated scale; inside an engine they are only added, subtracted, compared and summed (law: Frames agree).
"""

from __future__ import annotations

from receivables.frames.aging import age
from receivables.frames.allocation import allocate_oldest_first
from receivables.frames.check import check
from receivables.frames.kpis import kpis
from receivables.frames.open_items import open_items, snapshots
from receivables.frames.provision import measure_provision
from receivables.frames.reshape import to_long, to_wide
from receivables.frames.roll_rates import roll_rates
from receivables.frames.table import facts_table

__all__ = [
    "age",
    "allocate_oldest_first",
    "check",
    "facts_table",
    "kpis",
    "measure_provision",
    "open_items",
    "roll_rates",
    "snapshots",
    "to_long",
    "to_wide",
]
