"""`age`: an open-items table of any size in, a report table out, a column a bucket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import add
from typing import Any

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col, lit, when

from receivables.buckets import (
    CREDITS,
    DEFAULT,
    UNDATED,
    Basis,
    Buckets,
    CreditDisplay,
    report_columns,
)
from receivables.frames import columns
from receivables.frames.allocation import pieces_of
from receivables.frames.door import Door, Plan
from receivables.frames.open_items import of_day, ready
from receivables.frames.places import check_buckets, keys_of, within
from receivables.rounding import Rounding

_ADDED = 6  # decimals with which Spark still adds two sums of 38 digits exactly; past it, it rounds


def age(
    items: Any,
    *,
    as_of: date,
    buckets: Buckets = DEFAULT,
    by: str | Sequence[str] = ("customer",),
    basis: Basis | str = Basis.DUE,
    credits: CreditDisplay | str = CreditDisplay.OWN_COLUMN,
    scale: int | None = None,
    rounding: Rounding | None = None,
) -> Any:
    """Age an open-items table: one row a group and currency, one column a bucket.

    The figures of `receivables.age`, to the last digit, in the columns of `AgingReport.to_frame`: what it is grouped by,
    `currency`, `total`, `items`, the buckets, `undated`, and `credits` unless they stand at their own date. Rows come in
    no particular order.

    Args:
        items: A table with the columns of `schema.OPEN_ITEMS`; of one with a column `as_of`, the items of that day.
        as_of: The day of the items, and to which they are aged.
        buckets: The bucket convention.
        by: Columns to group by; items without a value make a group of their own.
        basis: The date to age from; charges without it are undated.
        credits: Where negative amounts stand, as for `receivables.age`.
        scale: Decimals that whole-number amounts count in; not for decimals.
        rounding: The named policy by which float amounts become decimals; frames in memory only.

    Raises:
        NotADate: When `as_of` is none.
        BucketError: When `buckets` are none.
        MixedDates: When the buckets, or all items of a frame in memory, are of another day.
        NoSuchColumn: When `by` names no column, or one of the report.
        NoSuchChoice: When `basis` or `credits` is none of theirs, or credits are netted in buckets that are no partition.
        UnfitFrame: When a column is missing or cannot be what it should.
        NotAnAmount: For floats without a rounding, texts, or whole numbers without a scale.
        TooLarge: When sums could leave 64 bits in a frame that is answered by kernels.
    """
    columns.check_question(as_of)
    aged_from, display = Basis(basis), CreditDisplay(credits)
    netted = display is CreditDisplay.NETTED
    check_buckets(buckets, as_of, partition_for="netting credits" if netted else None)
    door = Door.of(items, "items")
    needed = [
        "currency",
        "open_amount",
        f"{aged_from.value}_date",
        *(["customer", "item_id"] if netted else []),
    ]
    source, schema = ready(door, needed, ("open_amount",), rounding)
    source = of_day(door, source, schema, as_of)
    if display is CreditDisplay.NETTED:
        columns.need(schema, ("posting_date",), door.what)
    unit = columns.unit_of(schema, ("open_amount",), door.what, scale)
    report = Report(as_of, buckets, keys_of(by, schema, buckets), aged_from, display, unit)
    if isinstance(source, nw.LazyFrame):
        plan = columns.settled(source, schema, ("open_amount",), unit, only_summed=not netted)
        return door.give(_aged(plan, schema, report, gaps=door.skips_gaps))
    from receivables.frames.kernels.aging import aged

    return door.give(aged(source, report))


@dataclass(frozen=True, slots=True)
class Report:
    """What is asked of the items.

    Args:
        as_of: The day.
        buckets: The bucket convention.
        keys: What rows are grouped by, the currency among it.
        basis: The date aged from.
        display: Where credits stand.
        unit: How amounts are held.
    """

    as_of: date
    buckets: Buckets
    keys: tuple[str, ...]
    basis: Basis
    display: CreditDisplay
    unit: columns.Unit

    @property
    def day(self) -> str:
        """The column of the date aged from."""
        return f"{self.basis.value}_date"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of amounts."""
        return report_columns(self.buckets, self.display)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the answer, in order."""
        keys = [name for name in self.keys if name != "currency"]
        return (*keys, "currency", "total", "items", *self.columns)

    def stands_in(self, schema: Mapping[str, Any]) -> bool:
        """Whether credits without a due date are aged from their posting date."""
        own_date = self.display is CreditDisplay.OWN_DATE and self.basis is Basis.DUE
        return own_date and "posting_date" in schema


def _aged(items: Plan, schema: columns.Schema, report: Report, *, gaps: bool) -> Plan:
    day = col(report.day)
    if report.stands_in(schema):
        is_credit = (col("open_amount") < 0) & day.is_null()
        day = when(is_credit).then(col("posting_date")).otherwise(day)
    entries = items.select(
        *report.keys, _day=day, _amount=col("open_amount"), _credit=col("open_amount") < 0
    )
    count = nw.len()
    if report.display is CreditDisplay.NETTED:
        entries, count = _netted(items, entries, report), col("_items").sum()
    spots = {f"_{index}": name for index, name in enumerate(report.columns)}
    held = _cells(report)
    # Sums of nothing are zero on every engine; where zeros are faster, they are of the amounts' type: 0 is no decimal.
    nothing = lit(None if gaps else 0).cast(entries.collect_schema()["_amount"])
    cells = [
        when(held[name]).then(col("_amount")).otherwise(nothing).sum().alias(spot)
        for spot, name in spots.items()
    ]
    adds_up = report.buckets.is_partition and report.unit.scale <= _ADDED
    whole = [] if adds_up else [col("_amount").sum().alias("_total")]
    sums = entries.group_by(list(report.keys)).agg(*cells, count.alias("items"), *whole)
    total = report.unit.total
    added = reduce(add, map(col, spots)) if adds_up else col("_total")
    return sums.select(
        *(name for name in report.names[: report.names.index("total")]),
        added.cast(total).alias("total"),
        col("items").cast(nw.Int64),
        *(col(spot).cast(total).alias(name) for spot, name in spots.items()),
    )


def _cells(report: Report) -> dict[str, nw.Expr]:
    """Return which entries each column of amounts is the sum of."""
    day, credit = col("_day"), col("_credit")
    cells = {it.label: within(it, report.as_of, "_day") for it in report.buckets.buckets}
    cells[UNDATED] = day.is_null()
    if CREDITS in report.columns:
        cells = {name: ~credit & inside for name, inside in cells.items()}
        cells[CREDITS] = credit
    return cells


def _netted(items: Plan, entries: Plan, report: Report) -> Plan:
    """Return entries in which credits stand at the day of the charges they are set against, the rest as credits.

    A piece of a credit leaves the credits and goes to the charge's day, both in the credit's own group.
    """
    keys, inside = list(report.keys), report.unit.inside
    charges = items.filter(col("open_amount") > 0).with_columns(_day=col(report.day))
    spent = items.filter(col("open_amount") < 0).with_columns(
        _amount=(-col("open_amount")).cast(inside)
    )
    line = charges.select(
        "customer", "currency", "_day", _key=col("item_id"), _amount=col("open_amount")
    )
    other = spent.select(
        "customer", "currency", "_amount", _day=col("posting_date"), _key=col("item_id")
    )
    pieces = pieces_of(line, other)
    of_credit = spent.select(*keys, _credit_key=col("item_id"))
    of_charge = charges.select("_day", _charge_key=col("item_id"))
    joined = pieces.join(of_credit, left_on="_source", right_on="_credit_key", how="inner")
    joined = joined.join(of_charge, left_on="_target", right_on="_charge_key", how="inner")
    moved = joined.select(
        *keys,
        "_day",
        _amount=(-col("_amount")).cast(inside),
        _credit=lit(value=False),
        _items=lit(0),
    )
    freed = joined.select(
        *keys,
        "_day",
        _amount=col("_amount").cast(inside),
        _credit=lit(value=True),
        _items=lit(0),
    )
    own = entries.with_columns(_amount=col("_amount").cast(inside), _items=lit(1))
    return nw.concat([own.select(moved.collect_schema().names()), moved, freed])
