"""`allocate_oldest_first`: payments against open items, customer by customer, the oldest due first.

Each customer and currency is a line: open items and payments are laid on it end to end, and every end is a cut. A piece
between two cuts belongs to the next item and the next payment; where either is missing it stays open, or unapplied.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col, lit, when

from receivables.errors import MixedDates, UnfitFrame
from receivables.frames import columns
from receivables.frames.columns import Schema
from receivables.frames.door import Door, Plan
from receivables.frames.gathered import by_rows
from receivables.frames.open_items import days_of, ready
from receivables.frames.places import FAR
from receivables.rounding import Rounding

GROUP = ("customer", "currency")
_ITEMS = ("item_id", "customer", "currency", "due_date", "open_amount")
_PAYMENTS = ("payment_id", "customer", "currency", "amount", "posting_date")


def allocate_oldest_first(
    items: Any,
    payments: Any,
    *,
    scale: int | None = None,
    rounding: Rounding | None = None,
) -> Any:
    """Allocate payments to the open items of the same customer and currency, oldest due first.

    Items are paid by due date and id, undated ones last; payments are used by posting date and id. Items at or below
    zero take nothing, payments of unidentified payers give nothing, and currencies never meet. What is returned is a
    proposal: `payment_id, item_id, customer, currency, amount`, each amount above zero. No payment and no item is used
    past its amount (law: Never below zero).

    Args:
        items: A table with the columns of `schema.OPEN_ITEMS`.
        payments: A table with the columns of `schema.PAYMENTS`, of the same library; `check` finds an id that comes twice.
        scale: Decimals that whole-number amounts count in, in both tables; not for decimals.
        rounding: The named policy by which float amounts become decimals; frames in memory only.

    Raises:
        UnfitFrame: When the tables are of two libraries, or a column is missing or cannot be what it should.
        MixedDates: When a column `as_of` says that the items are of several days.
        NotAnAmount: For floats without a rounding, texts, or whole numbers without a scale.
        TooLarge: When sums could leave 64 bits in a pandas frame or a PyArrow table.
    """
    door, other = Door.of(items, "items"), Door.of(payments, "payments")
    if (door.frame.implementation, door.held) != (other.frame.implementation, other.held):
        both = " and payments a ".join(
            f"{type(it).__name__} of {type(it).__module__.partition('.')[0]}"
            for it in (items, payments)
        )
        msg = f"items are a {both}; give both in one type"
        raise UnfitFrame(msg)
    _need_one_day(door)
    owed, owed_schema = ready(door, _ITEMS, ("open_amount",), rounding)
    paid, paid_schema = ready(other, _PAYMENTS, ("amount",), rounding)
    units = (
        columns.unit_of(owed_schema, ("open_amount",), door.what, scale),
        columns.unit_of(paid_schema, ("amount",), other.what, scale),
    )
    if units[0].integer != units[1].integer:
        msg = "items and payments hold amounts in two ways, decimals and whole numbers; give both one way"
        raise UnfitFrame(msg)
    unit = columns.Unit(max(it.scale for it in units), units[0].integer)
    if door.in_arrays:
        return door.give(_allocated(owed, paid, unit))
    plan = _plan(owed, paid, (owed_schema, paid_schema), unit)
    given = (
        columns.in_words(owed.select(*_ITEMS), ["open_amount"], unit),
        columns.in_words(paid.select(*_PAYMENTS), ["amount"], unit),
    )
    return by_rows(door, given, partial(_allocated, unit=unit), lambda: plan, plan)


def _need_one_day(door: Door) -> None:
    """Assert that no item comes once for each of several days."""
    if "as_of" not in door.frame.collect_schema():
        return
    if not door.held:
        msg = "items have a column as_of; filter one day and drop the column, so that no item is paid twice"
        raise UnfitFrame(msg)
    if len(days := days_of(door)) > 1:
        msg = f"items are of {len(days)} days, {days[0]} to {days[-1]}; filter one, so that no item is paid twice"
        raise MixedDates(msg)


def _allocated(items: Any, payments: Any, unit: columns.Unit) -> Any:
    from receivables.frames.kernels.allocation import allocated

    return allocated(items, payments, unit)


def _plan(owed: Plan, paid: Plan, schemas: tuple[Schema, Schema], unit: columns.Unit) -> Plan:
    """Return the allocation as expressions."""
    owed = columns.settled(owed, schemas[0], ("open_amount",), unit)
    paid = columns.settled(paid, schemas[1], ("amount",), unit)
    line = owed.select(
        *GROUP, _key=col("item_id"), _day=col("due_date"), _amount=col("open_amount")
    )
    spent = paid.select(
        *GROUP, _key=col("payment_id"), _day=col("posting_date"), _amount=col("amount")
    )
    pieces = pieces_of(line, spent)
    return pieces.select(
        *GROUP,
        payment_id=col("_source"),
        item_id=col("_target"),
        amount=col("_amount").cast(unit.single),
    ).select("payment_id", "item_id", *GROUP, "amount")


def pieces_of(owed: Plan, paid: Plan, *, by: Sequence[str] = GROUP) -> Plan:
    """Return the pieces in which one side uses up the other: the group, `_source`, `_target` and `_amount`.

    Args:
        owed: What is to be paid: `_key, _day, _amount` and the group.
        paid: What it is paid with, in the same columns; its keys may be of another type.
        by: The columns of the group; without a value in the first, a row belongs to none.
    """
    keys = {"_target": owed.collect_schema()["_key"], "_source": paid.collect_schema()["_key"]}
    cuts = nw.concat([_line(owed, by, "_target", keys, 0), _line(paid, by, "_source", keys, 1)])
    along = ["_end", "_side"]  # amounts above zero: no end comes twice on a side
    filled = cuts.with_columns(
        *(
            col(name).fill_null(strategy="backward").over(*by, order_by=along)
            for name in ("_source", "_target")
        ),
        col("_end").shift(1).over(*by, order_by=along).alias("_start"),
    )
    piece = when(col("_start").is_null()).then(col("_end")).otherwise(col("_end") - col("_start"))
    both = ~col("_source").is_null() & ~col("_target").is_null()
    found = filled.with_columns(_amount=piece).filter(both & (col("_amount") > 0))
    return found.select(*by, "_source", "_target", "_amount")


def _line(side: Plan, by: Sequence[str], own: str, keys: Schema, rank: int) -> Plan:
    """Lay one side on the line of its group: the end of each amount, and the key that owns it.

    Args:
        side: Its rows.
        by: The columns of the group.
        own: The column of its own keys, `_source` or `_target`.
        keys: Both columns and the types of their keys.
        rank: Which side comes first where two ends meet.
    """
    laid = side.filter((col("_amount") > 0) & ~col(by[0]).is_null())
    end = col("_amount").cum_sum().over(*by, order_by=["_day", "_key"])
    ends = laid.with_columns(_day=col("_day").fill_null(FAR)).with_columns(_end=end)
    held = {
        name: col("_key") if name == own else lit(None, dtype=kind) for name, kind in keys.items()
    }
    return ends.select(*by, "_end", _side=lit(rank), **held)
