"""What is open on a day as an open-items table, column by column the same as the expressions make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from receivables.frames.columns import DIGITS, Unit
from receivables.frames.kernels.arrays import Ints, column, money, pa, pc
from receivables.frames.kernels.keys import plain_text
from receivables.frames.kernels.standing import Items


def as_table(items: Items, whole: Ints, unit: Unit, names: Sequence[str]) -> Any:
    """Return the items that are open on a day.

    Args:
        items: All items.
        whole: What is open of each on that day.
        unit: How the caller holds amounts.
        names: The columns of the answer, in order.
    """
    rows = np.flatnonzero(whole)
    picked = items.take(rows)
    signed = np.where(picked.credit, -whole[rows], whole[rows])
    table = picked.table
    told = _first(table, "document_date", "posting_date")
    ids = column(table, "id")
    made = {
        "item_id": picked.ids(),
        "document_id": ids,
        "kind": plain_text(column(table, "kind")),
        "open_amount": money(signed, unit.scale, integer=unit.integer, digits=DIGITS),
        "document_date": told,
        "baseline_date": _baseline(table, told),
        "instalment": _instalment(picked),
    }
    columns = {name: made[name] if name in made else _held(table, name) for name in names}
    return pa.table(columns)


def _held(table: Any, name: str) -> Any:
    if name not in table.column_names:
        return pa.nulls(table.num_rows, pa.date32() if name == "due_date" else pa.string())
    array = column(table, name)
    is_day = name in {"due_date", "posting_date"}
    return _as_date(array) if is_day else array


def _as_date(array: Any) -> Any:
    if pa.types.is_timestamp(array.type):
        array = pc.floor_temporal(array, unit="day")
    return array.cast(pa.date32())


def _first(table: Any, *names: str) -> Any:
    there = [_as_date(column(table, name)) for name in names if name in table.column_names]
    return pc.coalesce(*there)


def _baseline(table: Any, told: Any) -> Any:
    """Return the day the terms count from (`Invoice.base_date`)."""
    stated = "baseline_date" in table.column_names
    base = pc.coalesce(_as_date(column(table, "baseline_date")), told) if stated else told
    if "terms" in table.column_names:
        terms = plain_text(column(table, "terms"))
        if not pa.types.is_null(terms.type):
            base = pc.if_else(_ends(terms, "from document date"), told, base)
            posted = _as_date(column(table, "posting_date"))
            base = pc.if_else(_ends(terms, "from posting date"), posted, base)
    return pc.if_else(pc.equal(plain_text(column(table, "kind")), "payment"), told, base)


def _ends(texts: Any, ending: str) -> Any:
    return pc.ends_with(texts, ending).fill_null(False)


def _instalment(items: Items) -> Any:
    count = items.table.num_rows
    if "instalment" not in items.table.column_names:
        return pa.nulls(count, pa.int64())
    number = column(items.table, "instalment")
    return pc.if_else(pa.array(items.number > 0), number, pa.scalar(None, number.type))
