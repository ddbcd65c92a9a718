"""`roll_rates`: where the money of each bucket was a period later, over a facts table of any size."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col, lit, when

from receivables.buckets import DEFAULT, Buckets
from receivables.errors import NotADate
from receivables.frames.columns import Unit
from receivables.frames.door import Plan
from receivables.frames.open_items import Facts, ascending
from receivables.frames.places import SETTLED, check_buckets, label
from receivables.frames.standing import CREDITS
from receivables.rounding import Rounding

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
    """
    asked = ascending(dates)
    if len(asked) < 2:  # noqa: PLR2004 - a period has two ends
        msg = f"roll rates need two days or more; got {', '.join(map(str, asked))}"
        raise NotADate(msg)
    for day in asked:
        check_buckets(buckets, day, partition_for="a roll rate")
    ready = Facts.of(facts, known_at, scale, rounding, as_rows=True)
    if not isinstance(ready.source, nw.LazyFrame):
        from receivables.frames.kernels.rolling import rolled

        return ready.door.give(rolled(ready.source, ready.unit, asked, known_at, buckets))
    stands = [
        _charges(plan, day, buckets)
        for plan, day in zip(ready.open_items(asked, known_at), asked, strict=True)
    ]
    periods = zip(pairwise(asked), pairwise(stands), strict=True)
    found = [_rolled(*days, *plans, ready.unit) for days, plans in periods]
    return ready.door.give(nw.concat(found))


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
