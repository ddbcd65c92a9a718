"""Aging in one pass over exact integers: a code for the group, a number for the column, one sum a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from receivables.buckets import CREDITS, UNDATED, CreditDisplay
from receivables.frames.kernels.arrays import (
    NEVER,
    Flags,
    Ints,
    codes,
    column,
    day_number,
    days,
    flags,
    minor,
    money,
    pa,
    total,
)
from receivables.frames.kernels.merge import groups_of, pieces

if TYPE_CHECKING:
    from receivables.frames.aging import Report

_DIGITS = 38


def aged(items: Any, report: Report) -> Any:
    """Return the report over a table of open items."""
    amounts = minor(items, "open_amount", report.unit.scale)
    is_credit = amounts < 0
    group, groups, keys = codes(items, report.keys)
    day = days(items, report.day, NEVER)
    if report.stands_in(dict.fromkeys(items.column_names)):
        day = np.where(is_credit & (day == NEVER), days(items, "posting_date", NEVER), day)
    late = day_number(report.as_of) - day
    names = report.columns
    own_date = report.display is CreditDisplay.OWN_DATE
    sums = np.zeros((groups, len(names)), np.int64)
    spot = {name: index for index, name in enumerate(names)}
    aged_ = np.ones(len(amounts), bool) if own_date else ~is_credit
    _fill(sums, report, spot, group, late, day == NEVER, amounts, aged_)
    if not own_date:
        _add(sums, spot[CREDITS], group, amounts, is_credit)
    if report.display is CreditDisplay.NETTED:
        _net(sums, items, report, spot, group, late, amounts)
    made = dict(zip(report.keys, keys, strict=True))
    made["total"] = _money(total(amounts, group, groups), report)
    made["items"] = pa.array(np.bincount(group, minlength=groups).astype(np.int64))
    made.update({name: _money(sums[:, index].copy(), report) for name, index in spot.items()})
    return pa.table({name: made[name] for name in report.names})


def _fill(
    sums: Ints, report: Report, spot: dict[str, int], group: Ints, late: Ints, undated: Flags,
    amounts: Ints, kept: Flags,
) -> None:  # fmt: skip
    """Add what is aged to its buckets, or its several or no buckets where they are no partition."""
    if report.buckets.is_partition:
        place = _place(report, spot, late, undated)
        width = sums.shape[1]
        if not bool(kept.all()):
            group, place, amounts = group[kept], place[kept], amounts[kept]
        sums += total(amounts, group * width + place, sums.size).reshape(sums.shape)
        return
    for bucket in report.buckets.buckets:
        inside = kept & ~undated
        if bucket.first is not None:
            inside &= late >= bucket.first
        if bucket.last is not None:
            inside &= late <= bucket.last
        _add(sums, spot[bucket.label], group, amounts, inside)
    _add(sums, spot[UNDATED], group, amounts, kept & undated)


def _place(report: Report, spot: dict[str, int], late: Ints, undated: Flags) -> Ints:
    """Return the number of the column of each row, for buckets that are a partition."""
    ranges = sorted(report.buckets.buckets, key=lambda it: -NEVER if it.first is None else it.first)
    starts = np.array([it.first for it in ranges[1:]], np.int64)
    columns = np.array([spot[it.label] for it in ranges], np.int64)
    found = np.zeros(len(late), np.int8)
    for start in starts:  # a few comparisons a row beat a search
        found += late >= start
    place: Ints = columns[found]
    if bool(undated.any()):
        place = np.where(undated, spot[UNDATED], place)
    return place


def _net(
    sums: Ints,
    items: Any,
    report: Report,
    spot: dict[str, int],
    group: Ints,
    late: Ints,
    amounts: Ints,
) -> None:
    """Move credits to the columns of the oldest charges of their customer and currency."""
    known = flags(column(items, "customer").is_valid())
    charges, spent = np.flatnonzero((amounts > 0) & known), np.flatnonzero((amounts < 0) & known)
    owed, paid = items.take(pa.array(charges)), items.take(pa.array(spent))
    code, other, keys = groups_of(owed, paid)
    day = days(owed, report.day, NEVER)
    found = pieces(
        (code, day, column(owed, "item_id"), amounts[charges]),
        (other, days(paid, "posting_date", NEVER), column(paid, "item_id"), -amounts[spent]),
        keys.count,
    )
    place = _place(report, spot, late[charges], day == NEVER)[found.target]
    rows = group[spent][found.source]
    np.subtract.at(sums, (rows, place), found.amount)
    np.add.at(sums, (rows, np.full(len(rows), spot[CREDITS])), found.amount)


def _add(sums: Ints, column_: int, group: Ints, amounts: Ints, rows: Flags) -> None:
    sums[:, column_] += total(amounts[rows], group[rows], len(sums))


def _money(units: Ints, report: Report) -> Any:
    unit = report.unit
    return money(units, unit.scale, integer=unit.integer, digits=_DIGITS)
