"""How low each document gets, by running sums in exact integers; only for those that may get below zero at all."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import numpy as np

from receivables.frames.columns import DIGITS
from receivables.frames.door import Plan
from receivables.frames.kernels.arrays import days, guard, minor, money, pa
from receivables.frames.kernels.keys import codes
from receivables.frames.timeline import LOW, Lowest


def lowest(scale: int) -> Lowest:
    """Return what finds the keys that ever stand below zero, at a scale of amounts."""

    def found(plan: Plan) -> Plan:
        table = plan.collect("pyarrow").to_native()
        owner, count, [keys] = codes(table, ["_key"])
        order = np.lexsort((days(table, "_day", 0), owner))
        change, owner = minor(table, "_change", scale)[order], owner[order]
        room = minor(table, "_room", scale)[order]
        guard(np.concatenate([change, room]))
        run = np.cumsum(change)
        first = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]]) if len(owner) else owner
        before = np.repeat(run[first] - change[first], np.diff(np.r_[first, len(owner)]))
        low = np.zeros(count, np.int64)
        np.minimum.at(low, owner, room + run - before)
        below = np.flatnonzero(low < 0)
        told = {"_key": keys.take(pa.array(below)), LOW: money(low[below], scale, integer=False, digits=DIGITS)}  # fmt: skip
        made: Plan = nw.from_native(pa.table(told)).lazy()
        return made

    return found
