"""`to_long`, `to_wide`: an aging report with a row a bucket, as pivot tables and charts want it, and back."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col, lit, when

from receivables.buckets import CREDITS, DEFAULT, UNDATED, Buckets
from receivables.errors import UnfitFrame
from receivables.frames import columns
from receivables.frames.door import Door, Plan
from receivables.frames.small import rows_of


def to_long(aged: Any) -> Any:
    """Return an aging report with one row a group, currency and bucket.

    What it is grouped by, then `currency, bucket, bucket_order, amount`; buckets are counted from 1, to sort by. Every
    bucket has a row, empty ones too, so that sums over rows are those of the report (law: Buckets tie). A plan stays a
    plan; rows come in no particular order.

    Args:
        aged: What `age` returned.

    Raises:
        UnfitFrame: When it is no aging report.
    """
    door, plan, names = _opened(aged, "aged", ("currency", "total", "items"))
    first = names.index("items") + 1
    keys = names[: names.index("total")]
    unit = _unit(plan, names[first:], door.what)
    parts = [
        plan.select(
            *keys,
            bucket=lit(name),
            bucket_order=lit(order, dtype=nw.Int64),
            amount=col(name).cast(unit.total),
        )
        for order, name in enumerate(names[first:], start=1)
    ]
    return _give(door, nw.concat(parts))


def to_wide(long: Any, *, buckets: Buckets = DEFAULT) -> Any:
    """Return what `to_long` made as a report again: what it is grouped by, `currency, total`, and a column a bucket.

    A plan stays a plan, but runs once to look at its buckets.

    Args:
        long: A table with `currency`, `bucket`, `amount`, and what it is grouped by.
        buckets: The bucket convention it was aged with.

    Raises:
        UnfitFrame: When a column is missing, or a bucket is none of `buckets`.
        NotAnAmount: When amounts are floats or texts.
    """
    door, plan, names = _opened(long, "long", ("currency", "bucket", "amount"))
    unit = _unit(plan, ["amount"], door.what)
    keys = [name for name in names if name not in {"bucket", "bucket_order", "amount"}]
    labels = (*buckets.labels, UNDATED, CREDITS)
    held = {row["bucket"] for row in rows_of(plan.select("bucket").unique())}
    if strange := sorted(map(str, held - set(labels))):
        msg = f"long has the buckets {', '.join(strange)}, but {buckets} has none such; give the buckets it was aged with"
        raise UnfitFrame(msg)
    spots = {f"_{index}": name for index, name in enumerate(labels)}
    if unit.integer:  # sums may leave 64 bits
        plan = plan.with_columns(col("amount").cast(unit.inside))
    placed = plan.with_columns(
        **{it: when(col("bucket") == name).then(col("amount")) for it, name in spots.items()}
    )
    sums = placed.group_by(*keys).agg(col("amount").sum(), *(col(it).sum() for it in spots))
    made = (col(it).cast(unit.total).alias(name) for it, name in spots.items())
    return _give(door, sums.select(*keys, col("amount").cast(unit.total).alias("total"), *made))


def _opened(native: Any, what: str, needed: tuple[str, ...]) -> tuple[Door, Plan, list[str]]:
    door = Door.of(native, what)
    plan = nw.from_native(door.table()).lazy() if door.in_arrays else door.plan()
    schema = plan.collect_schema()
    columns.need(schema, needed, what)
    names = schema.names()
    if "total" in needed and names.index("items") == len(names) - 1:
        msg = f"{what} have no bucket behind items; give what receivables.frames.age returned"
        raise UnfitFrame(msg)
    return door, plan, names


def _unit(plan: Plan, names: list[str], what: str) -> columns.Unit:
    held = {name: kind for name, kind in plan.collect_schema().items() if name in names}
    whole = all(kind.is_integer() for kind in held.values())
    return columns.unit_of(held, names, what, 0 if whole else None)


def _give(door: Door, plan: Plan) -> Any:
    return door.give(plan.collect("pyarrow").to_native() if door.in_arrays else plan)
