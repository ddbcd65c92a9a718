"""Roll rates over many days in one run over the days, touching only what is open or changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import numpy as np

from receivables.buckets import UNDATED, Buckets
from receivables.frames.columns import Unit
from receivables.frames.kernels.arrays import NEVER, Ints, day_number, days, guard, money, pa
from receivables.frames.kernels.keys import codes
from receivables.frames.kernels.standing import follow
from receivables.frames.places import SETTLED

_DIGITS = 38


def rolled(
    facts: Any, unit: Unit, dates: Sequence[date], known_at: datetime | None, buckets: Buckets
) -> Any:
    """Return the moved amounts of every pair of neighbouring days as one table."""
    items, found = follow(facts, unit, dates, known_at, charges=True)
    currency, count, names = codes(items.table, ["currency"])
    has_due = "due_date" in items.table.column_names
    due = days(items.table, "due_date", NEVER) if has_due else np.full(len(currency), NEVER)
    labels = [*buckets.labels, UNDATED, SETTLED]
    states = len(labels) - 1
    asked = [day_number(day) for day in dates]
    parts, now = [], next(found)
    for index, then in enumerate(found):
        rows = np.flatnonzero(now)
        mine = due[rows]
        before, after = (_places(mine, day, buckets) for day in asked[index : index + 2])
        cell = (currency[rows] * states + before) * (states + 1)
        sums = _moved(now[rows], then[rows], cell, after, count * states, states)
        where = np.nonzero(sums.reshape(count, states, states + 1))
        size = len(where[0])
        columns = {
            "from_date": pa.array([dates[index]] * size, pa.date32()),
            "to_date": pa.array([dates[index + 1]] * size, pa.date32()),
            "currency": names[0].take(pa.array(where[0])),
            "from_bucket": pa.array(labels).take(pa.array(where[1])),
            "to_bucket": pa.array(labels).take(pa.array(where[2])),
        }
        moved = sums[np.flatnonzero(sums)]
        amount = money(moved, unit.scale, integer=unit.integer, digits=_DIGITS)
        parts.append(pa.table({**columns, "amount": amount}))
        now = then
    return pa.concat_tables(parts)


def _moved(now: Ints, then: Ints, cell: Ints, after: Ints, rows: int, states: int) -> Ints:
    """Return sums by currency and bucket before, and by bucket after, the last of which is settled."""
    guard(now)
    stays = np.minimum(now, then)
    sums = np.zeros(rows * (states + 1), np.int64)
    np.add.at(sums, cell + after, stays)
    np.add.at(sums, cell + states, now - stays)
    return sums


def _places(due: Ints, day: int, buckets: Buckets) -> Ints:
    """Return the number of the bucket of each due date, in the order of the labels."""
    ranges = sorted(
        enumerate(buckets.buckets), key=lambda it: -NEVER if it[1].first is None else it[1].first
    )
    late = day - due
    found = np.zeros(len(due), np.int16)
    for _, bucket in ranges[1:]:
        found += late >= (bucket.first or 0)
    order = np.array([index for index, _ in ranges], np.int64)
    place: Ints = order[found]
    return np.where(due == NEVER, len(ranges), place)
