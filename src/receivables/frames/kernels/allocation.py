"""Oldest-first allocation of Arrow tables, and of plans over Arrow: rows in, the merge of `kernels.merge`, rows out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw

from receivables.frames.allocation import GROUP
from receivables.frames.columns import DIGITS, Unit
from receivables.frames.door import Plan
from receivables.frames.kernels.arrays import (
    NEVER,
    Flags,
    Ints,
    column,
    days,
    flags,
    minor,
    money,
    pa,
)
from receivables.frames.kernels.keys import groups_of
from receivables.frames.kernels.merge import Side, pieces
from receivables.frames.kernels.threads import at_once

_OWED, _PAID = ("item_id", "due_date", "open_amount"), ("payment_id", "posting_date", "amount")
_PLANNED = ("_key", "_day", "_amount")


def allocated(items: Any, payments: Any, unit: Unit) -> Any:
    """Return the pieces in which payments pay items, as a table."""
    found = _paired((items, _OWED), (payments, _PAID), GROUP, unit)
    order = ["payment_id", "item_id", *GROUP, "amount"]
    return found.rename_columns([*GROUP, "payment_id", "item_id", "amount"]).select(order)


def pieces_of_plans(owed: Plan, paid: Plan, *, by: Sequence[str], scale: int) -> Plan:
    """Return what `frames.allocation.pieces_of` does, of plans over Arrow, at a scale of amounts."""
    first, second = (it.collect("pyarrow").to_native() for it in (owed, paid))
    found = _paired((first, _PLANNED), (second, _PLANNED), by, Unit(scale, integer=False))
    made: Plan = nw.from_native(found).lazy()
    return made


def _paired(
    owed: tuple[Any, tuple[str, str, str]],
    paid: tuple[Any, tuple[str, str, str]],
    by: Sequence[str],
    unit: Unit,
) -> Any:
    """Return the pieces of two tables: the group, `_source`, `_target` and `_amount`.

    Args:
        owed: What is to be paid, and its columns of keys, days and amounts.
        paid: What it is paid with, likewise.
        by: The columns of the group.
        unit: How amounts are held.
    """
    rows = owed[0].num_rows + paid[0].num_rows
    items, payments = at_once(rows, lambda: _rows(*owed, by, unit), lambda: _rows(*paid, by, unit))
    mine, theirs, keys = groups_of(items.table, payments.table, by)
    found = pieces(items.side(mine), payments.side(theirs), keys.count)
    source, target, group, amount = at_once(
        rows,
        lambda: payments.key.take(pa.array(found.source)),
        lambda: items.key.take(pa.array(found.target)),
        lambda: keys.of(found.group, items.table),
        lambda: money(found.amount, unit.scale, integer=unit.integer, digits=DIGITS),
    )
    told = {"_source": source, "_target": target, "_amount": amount}
    return pa.table(dict(zip(by, group, strict=True)) | told)


class _Rows(NamedTuple):
    """The rows of a table that take or give something, and their columns as a side of the merge."""

    table: Any
    day: Ints
    key: Any
    amount: Ints

    def side(self, group: Ints) -> Side:
        return Side(group, self.day, self.key, self.amount)


def _rows(table: Any, names: tuple[str, str, str], by: Sequence[str], unit: Unit) -> _Rows:
    """Leave out what takes or gives nothing: amounts at or below zero, and those of nobody known."""
    key, day, amount = names
    amounts = minor(table, amount, unit.scale)
    kept: Flags = amounts > 0
    if table[by[0]].null_count:
        kept &= flags(column(table, by[0]).is_valid())
    if not bool(kept.all()):
        table, amounts = table.filter(pa.array(kept)), amounts[kept]
    return _Rows(table, days(table, day, NEVER), column(table, key), amounts)
