"""What pays what, the oldest first, as one merge: every group's two sides on one number line, cut at every end."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from receivables.frames.kernels.arrays import Flags, Ints, guard
from receivables.frames.kernels.order import oldest_first
from receivables.frames.kernels.threads import at_once


class Side(NamedTuple):
    """Rows of one side in any order, arrays of one length: group, day, key, and amount in minor units, above zero."""

    group: Ints
    day: Ints
    key: Any
    amount: Ints


class Pieces(NamedTuple):
    """What pays what: the row owed, the row paying, the amount in minor units, the group of both; by group and end."""

    target: Ints
    source: Ints
    amount: Ints
    group: Ints


def pieces(owed: Side, paid: Side, groups: int) -> Pieces:
    """Return the pieces in which one side uses up the other.

    Only what both sides of a group have goes on the line: what is past it ends where the group ends, in pieces of zero.

    Args:
        owed: What is to be paid.
        paid: What it is paid with.
        groups: How many groups there are.

    Raises:
        TooLarge: When the line would be longer than 64 bits.
    """
    rows = len(owed.amount) + len(paid.amount)
    items, payments = at_once(rows, lambda: _line(owed, groups), lambda: _line(paid, groups))
    shared = np.minimum(items.sums, payments.sums)
    stop = np.cumsum(shared)
    count = len(items.order)
    ends = np.empty(rows, np.int64)
    at_once(
        rows,
        lambda: items.lay(stop - shared, stop, ends[:count]),
        lambda: payments.lay(stop - shared, stop, ends[count:]),
    )
    # Two sorted runs, so a linear merge; where ends meet, items come first.
    order = np.argsort(ends, kind="stable")
    length, items_before = at_once(
        rows, lambda: _lengths(ends, order), lambda: _before(order < count)
    )
    cut = np.flatnonzero(length)
    item = items_before[cut]
    payment = cut - item  # every earlier cut that ends no item ends a payment
    return Pieces(
        *at_once(
            rows,
            lambda: items.order[item],
            lambda: payments.order[payment],
            lambda: length[cut],
            lambda: items.group[item],
        )
    )


class _Line(NamedTuple):
    """One side in order, its amounts end to end over all groups; `counts`, `before` and `sums` are of groups."""

    order: Ints
    group: Ints
    reach: Ints
    counts: Ints
    before: Ints
    sums: Ints

    def lay(self, start: Ints, stop: Ints, ends: Ints) -> None:
        """Write where each amount ends when its group starts anew, nothing past the end of the group."""
        np.add(self.reach, np.repeat(start - self.before, self.counts), out=ends)
        np.minimum(ends, np.repeat(stop, self.counts), out=ends)


def _line(side: Side, groups: int) -> _Line:
    guard(side.amount, "all amounts")
    order, group = oldest_first(side.group, side.day, side.key)
    reach = np.cumsum(side.amount[order])
    counts = np.bincount(group, minlength=groups)
    last = np.cumsum(counts)
    upto = np.where(last > 0, reach[last - 1], 0) if len(reach) else np.zeros(groups, np.int64)
    sums = np.diff(upto, prepend=0)
    return _Line(order, group, reach, counts, upto - sums, sums)


def _lengths(ends: Ints, order: Ints) -> Ints:
    """Return how far each end is from the one before it, written over the ends: fresh memory costs more than the sums."""
    cuts = ends[order]
    ends[:1] = cuts[:1]
    np.subtract(cuts[1:], cuts[:-1], out=ends[1:])
    return ends


def _before(marked: Flags) -> Ints:
    """Return how many rows before each one are marked."""
    upto = np.cumsum(marked, dtype=np.int64)
    upto -= marked
    return upto
