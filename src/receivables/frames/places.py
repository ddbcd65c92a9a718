"""Where an amount stands in an aging report, as comparisons of dates with literals.

The ranges are those of `buckets`; a day of a bucket becomes a date before the as-of date, because engines subtract dates
each in a way of its own, or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col, lit, when

from receivables.buckets import (
    RESERVED,
    UNDATED,
    Bucket,
    Buckets,
    expect_buckets,
)
from receivables.errors import MixedDates, NoSuchChoice, NoSuchColumn
from receivables.frames.columns import Schema

SETTLED = "settled"  # where money goes that is no longer open
FAR = date(9999, 12, 31)  # after every due date: where undated items stand in line


def bounds(bucket: Bucket, as_of: date) -> tuple[date | None, date | None]:
    """Return the first and last date that fall in a bucket; None where it has no such end.

    >>> bounds(Bucket("1-30", 1, 30), date(2026, 3, 31))
    (datetime.date(2026, 3, 1), datetime.date(2026, 3, 30))
    """
    latest = None if bucket.first is None else _back(as_of, bucket.first)
    earliest = None if bucket.last is None else _back(as_of, bucket.last)
    return earliest, latest


def within(bucket: Bucket, as_of: date, day: str) -> nw.Expr:
    """Return whether the date in a column falls in a bucket; nothing is in none."""
    earliest, latest = bounds(bucket, as_of)
    if earliest is not None and latest is not None:
        return (col(day) >= earliest) & (col(day) <= latest)
    if earliest is not None:
        return col(day) >= earliest
    return col(day) <= latest if latest is not None else ~col(day).is_null()


def label(buckets: Buckets, as_of: date, day: str) -> nw.Expr:
    """Return the bucket that the date in a column falls in, `undated` for nothing; for buckets that are a partition."""
    found = lit(buckets.buckets[-1].label)
    for bucket in reversed(buckets.buckets[:-1]):
        found = when(within(bucket, as_of, day)).then(lit(bucket.label)).otherwise(found)
    return when(col(day).is_null()).then(lit(UNDATED)).otherwise(found)


def keys_of(by: str | Sequence[str], schema: Schema, buckets: Buckets) -> tuple[str, ...]:
    """Return what a report is grouped by, the currency always among it.

    Raises:
        NoSuchColumn: When the items lack it, or the report has a column of that name.
    """
    names = (by,) if isinstance(by, str) else tuple(by)
    for name in names:
        if name in (RESERVED | set(buckets.labels)) - {"currency"}:
            msg = f"cannot group by {name!r}: the report has a column of that name; rename the attribute"
            raise NoSuchColumn(msg)
        if name not in schema:
            msg = f"no item has an attribute {name!r}; there are {', '.join(schema)}"
            raise NoSuchColumn(msg)
    return tuple(dict.fromkeys((*names, "currency")))


def check_buckets(buckets: Buckets, as_of: date, *, partition_for: str | None = None) -> None:
    """Assert that buckets are right for a day, and a partition where one is needed.

    Args:
        buckets: The buckets.
        as_of: The day of the report.
        partition_for: What needs every day in exactly one bucket; None for nothing.

    Raises:
        BucketError: When they are no buckets.
        MixedDates: When they are of another day.
        NoSuchChoice: When a partition is needed and they are none.
    """
    expect_buckets(buckets)
    if buckets.as_of is not None and buckets.as_of != as_of:
        msg = f"a report has one as-of date; got {as_of}, and buckets of {buckets.as_of}"
        raise MixedDates(msg)
    if partition_for is not None and not buckets.is_partition:
        msg = f"{partition_for} needs every day in exactly one bucket; {buckets.name} loses days or counts them twice"
        raise NoSuchChoice(msg)


def _back(as_of: date, days: int) -> date | None:
    try:
        return as_of - timedelta(days=days)
    except OverflowError:  # further than the calendar reaches
        return date.min if days > 0 else date.max
