"""`roll_rates`: where the money of each bucket was a period later, over a facts table of any size."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from itertools import pairwise
from typing import Any

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col, lit, when

from receivables.buckets import DEFAULT, Buckets
from receivables.errors import NotADate
from receivables.frames import columns
from receivables.frames.columns import Unit
from receivables.frames.door import Plan
from receivables.frames.gathered import by_rows
from receivables.frames.open_items import Facts, ascending
from receivables.frames.places import SETTLED, check_buckets, label
from receivables.frames.standing import CREDITS
from receivables.rounding import Rounding

# What of the facts decides where the money of charges is.
_USED = ("id", "kind", "currency", "amount", "source_amount", "posting_date", "due_date", "recorded_at",
         "source_id", "target_id", "reverses_id", "instalment", "increase")  # fmt: skip
NAMES = ("from_date", "to_date", "currency", "from_bucket", "to_bucket", "amount")


def roll_rates(
    facts: Any,
    dates: Sequence[date],
    *,
    buckets: Buckets = DEFAULT,
    known_at: datetime | None = None,
    scale: int | None = None,
    rounding: Rounding | None = None,
) -> Any:
    """Return how much of each bucket's charges stood in which bucket at the next of several days.

    One row a pair of days, currency and pair of buckets: `from_date, to_date, currency, from_bucket, to_bucket, amount`.
    Partial payments split the money, not the item: what is still open moved to its bucket of the second day, the rest
    is `settled`. The amounts of one `from_bucket` sum to what was open in it (law: Parts make the whole); dividing them
    is left to exact fractions, on the small table returned. Charges that are new on the second day are in no row, and
    what an adjustment added between the days is not either. Credits are left out.

    Args:
        facts: As for `open_items`.
        dates: The days, at least two, such as month ends.
        buckets: The bucket convention; every day in exactly one bucket.
        known_at: As for `open_items`.
        scale: As for `open_items`.
        rounding: As for `open_items`.

    Raises:
        NotADate: When there are fewer than two days, or one is none.
        NoSuchChoice: When the buckets are no partition.
        UnfitFrame: When a column is missing or cannot be what it should.
    """
    asked = ascending(dates)
    if len(asked) < 2:  # noqa: PLR2004 - a period has two ends
        msg = f"roll rates need two days or more; got {', '.join(map(str, asked))}"
        raise NotADate(msg)
    for day in asked:
        check_buckets(buckets, day, partition_for="a roll rate")
    ready = Facts.of(facts, known_at, scale, rounding)
    columns.need(ready.schema, ("currency",), ready.door.what)
    kernel = partial(_by_kernel, unit=ready.unit, dates=asked, known_at=known_at, buckets=buckets)
    if not isinstance(ready.source, nw.LazyFrame):
        return ready.door.give(kernel(ready.source))

    def plan(days: Sequence[date]) -> Plan:
        items = zip(ready.open_items(days, known_at), days, strict=True)
        stands = [_charges(part, day, buckets) for part, day in items]
        periods = zip(pairwise(days), pairwise(stands), strict=True)
        return nw.concat([_rolled(*ends, *plans, ready.unit) for ends, plans in periods])

    return by_rows(ready.door, [ready.rows(_USED)], kernel, partial(plan, asked), plan(asked[:2]))


def _by_kernel(
    facts: Any, unit: Unit, dates: Sequence[date], known_at: datetime | None, buckets: Buckets
) -> Any:
    from receivables.frames.kernels.rolling import rolled

    return rolled(facts, unit, dates, known_at, buckets)


def _charges(items: Plan, day: date, buckets: Buckets) -> Plan:
    charges = items.filter(~col("kind").is_in(CREDITS))
    return charges.select(
        "item_id", "currency", "open_amount", _bucket=label(buckets, day, "due_date")
    )


def _rolled(first: date, second: date, before: Plan, after: Plan, unit: Unit) -> Plan:
    later = after.select(_item="item_id", _then="open_amount", _to="_bucket")
    held = before.join(later, left_on="item_id", right_on="_item", how="left")
    now, then = col("open_amount"), col("_then")
    inside = unit.inside
    stays = when(then < now).then(then).otherwise(now).cast(inside)
    moved = held.filter(~then.is_null()).select(
        "currency", from_bucket=col("_bucket"), to_bucket=col("_to"), amount=stays
    )
    gone = when(then.is_null()).then(now).otherwise(now - then).cast(inside)
    settled = held.filter(then.is_null() | (then < now)).select(
        "currency", from_bucket=col("_bucket"), to_bucket=lit(SETTLED), amount=gone
    )
    keys = ["currency", "from_bucket", "to_bucket"]
    sums = nw.concat([moved, settled]).group_by(keys).agg(col("amount").sum())
    return sums.select(
        lit(first, dtype=nw.Date).alias("from_date"),
        lit(second, dtype=nw.Date).alias("to_date"),
        *keys,
        col("amount").cast(unit.total),
    )
