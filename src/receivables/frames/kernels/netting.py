"""Netting in exact integers: what is left of each item once its owner's credits have met the owner's oldest charges."""

from __future__ import annotations

from typing import Any

import numpy as np

from receivables.frames.columns import DIGITS, Schema, Unit
from receivables.frames.kernels.arrays import (
    NEVER,
    Flags,
    Ints,
    column,
    days,
    flags,
    guard,
    minor,
    money,
    pa,
    pc,
)
from receivables.frames.kernels.keys import codes, plain_text
from receivables.frames.kernels.plain import plain
from receivables.frames.netting import CREDIT, LEFT, owner_of


def with_left(items: Any, schema: Schema, unit: Unit) -> Any:
    """Return the items with what is left of each, a decimal, and whether it is a credit; dates and texts made plain."""
    amounts = minor(items, "open_amount", unit.scale)
    left = _left(items, schema, amounts)
    told = money(left, unit.scale, integer=False, digits=DIGITS)
    made = plain(items, ("open_amount",), unit)
    return made.append_column(LEFT, told).append_column(CREDIT, pa.array(amounts < 0))


def _left(items: Any, schema: Schema, amounts: Ints) -> Ints:
    left = amounts.copy()
    owner, count, _ = codes(items, owner_of(schema))
    known = flags(column(items, "customer").is_valid())
    has_credit = np.zeros(count, bool)
    has_credit[owner[(amounts < 0) & known]] = True
    rows = np.flatnonzero(has_credit[owner] & known)
    if not len(rows):
        return left
    guard(amounts[rows])
    met, mine, sums = items.take(pa.array(rows)), owner[rows], amounts[rows]
    is_credit = sums < 0
    due = days(met, "due_date", NEVER)
    posted = days(met, "posting_date", NEVER) if "posting_date" in schema else due
    line = pa.table({"owner": mine, "due": due, "posted": posted, "id": plain_text(column(met, "item_id"))})  # fmt: skip
    totals = [np.zeros(count, np.int64), np.zeros(count, np.int64)]
    np.add.at(totals[0], mine[~is_credit], sums[~is_credit])
    np.add.at(totals[1], mine[is_credit], -sums[is_credit])
    for side, keys, free, sign in (
        (~is_credit, ("owner", "due", "posted", "id"), totals[1], 1),
        (is_credit, ("owner", "posted", "id"), totals[0], -1),
    ):
        order = _sorted(line, side, keys)
        left[rows[order]] = sign * _rest(sign * sums[order], mine[order], free)
    return left


def _sorted(line: Any, side: Flags, keys: tuple[str, ...]) -> Ints:
    picked = np.flatnonzero(side)
    ranked = pc.sort_indices(
        line.take(pa.array(picked)), sort_keys=[(name, "ascending") for name in keys]
    )
    order: Ints = picked[ranked.to_numpy()]
    return order


def _rest(amounts: Ints, owner: Ints, free: Ints) -> Ints:
    """Return what is left of amounts in line once `free` of each owner has run over them."""
    if not len(amounts):
        return amounts
    reach = np.cumsum(amounts)
    first = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    before = np.repeat(reach[first] - amounts[first], np.diff(np.r_[first, len(owner)]))
    rest: Ints = np.clip(reach - before - free[owner], 0, amounts)
    return rest
