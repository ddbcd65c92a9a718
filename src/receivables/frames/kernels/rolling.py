"""Roll rates over many days from one grid of items and days, in blocks that stay in the processor's cache."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import numpy as np

from receivables.buckets import UNDATED, Buckets
from receivables.frames.columns import Unit
from receivables.frames.kernels.arrays import (
    NEVER,
    Ints,
    codes,
    day_number,
    days,
    guard,
    money,
    pa,
)
from receivables.frames.kernels.standing import grid

_DIGITS = 38
_SETTLED = "settled"


def rolled(
    facts: Any, unit: Unit, dates: Sequence[date], known_at: datetime | None, buckets: Buckets
) -> Any:
    """Return the moved amounts of every pair of neighbouring days as one table."""
    made = grid(facts, unit, dates, known_at)
    kept = np.flatnonzero(~made.credit)
    table, open_ = made.table.take(pa.array(kept)), made.open_amounts[kept]
    currency, count, names = codes(table, ["currency"])
    has_due = "due_date" in table.column_names
    due = days(table, "due_date", NEVER) if has_due else np.full(len(kept), NEVER)
    labels = [*buckets.labels, UNDATED, _SETTLED]
    states = len(labels) - 1
    asked = [day_number(day) for day in dates]
    parts = []
    for index in range(len(asked) - 1):
        sums = _moved(
            open_[:, index], open_[:, index + 1], currency, count, states,
            _places(due, asked[index], buckets), _places(due, asked[index + 1], buckets),
        )  # fmt: skip
        where = np.nonzero(sums)
        size = len(where[0])
        parts.append(
            pa.table(
                {
                    "from_date": pa.array([dates[index]] * size, pa.date32()),
                    "to_date": pa.array([dates[index + 1]] * size, pa.date32()),
                    "currency": names[0].take(pa.array(where[0])),
                    "from_bucket": pa.array(labels).take(pa.array(where[1])),
                    "to_bucket": pa.array(labels).take(pa.array(where[2])),
                    "amount": money(sums[where], unit.scale, integer=unit.integer, digits=_DIGITS),
                }
            )
        )
    return pa.concat_tables(parts)


def _moved(
    now: Ints, then: Ints, currency: Ints, count: int, states: int, place: Ints, later: Ints
) -> Ints:
    """Return sums by currency, bucket before and bucket after, the last of which is settled."""
    rows = np.flatnonzero(now)
    now, then, place, later, currency = (it[rows] for it in (now, then, place, later, currency))
    guard(now)
    stays = np.minimum(now, then)
    base = (currency * states + place) * (states + 1)
    sums = np.zeros(count * states * (states + 1), np.int64)
    np.add.at(sums, base + later, stays)
    np.add.at(sums, base + states, now - stays)
    return sums.reshape(count, states, states + 1)


def _places(due: Ints, day: int, buckets: Buckets) -> Ints:
    """Return the number of the bucket of each due date, in the order of the labels."""
    ranges = sorted(
        enumerate(buckets.buckets), key=lambda it: -NEVER if it[1].first is None else it[1].first
    )
    late = day - due
    found = np.zeros(len(due), np.int8)
    for _, bucket in ranges[1:]:
        found += late >= (bucket.first or 0)
    order = np.array([index for index, _ in ranges], np.int64)
    place: Ints = order[found]
    return np.where(due == NEVER, len(ranges), place)
