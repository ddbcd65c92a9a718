"""Aging in one pass over exact integers: a code for the group, a number for the column, one sum a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from receivables.buckets import CREDITS, UNDATED, CreditDisplay
from receivables.frames.allocation import GROUP
from receivables.frames.kernels.arrays import (
    NEVER,
    Flags,
    Ints,
    column,
    day_number,
    days,
    flags,
    minor,
    money,
    pa,
    total,
)
from receivables.frames.kernels.keys import codes, groups_of
from receivables.frames.kernels.merge import Side, pieces

if TYPE_CHECKING:
    from receivables.frames.aging import Report

_DIGITS = 38
Spots = NDArray[np.int16]  # a column for every day of many years


def aged(items: Any, report: Report) -> Any:
    """Return the report over a table of open items."""
    amounts = minor(items, "open_amount", report.unit.scale)
    is_credit = amounts < 0
    group, groups, keys = codes(items, report.keys)
    day = days(items, report.day, NEVER)
    if report.stands_in(dict.fromkeys(items.column_names)):
        day = np.where(is_credit & (day == NEVER), days(items, "posting_date", NEVER), day)
    late = day_number(report.as_of) - day
    undated = day == NEVER
    spot = {name: index for index, name in enumerate(report.columns)}
    if report.buckets.is_partition:
        place = _place(report, spot, late, undated)
        if CREDITS in spot:
            place = np.where(is_credit, np.int16(spot[CREDITS]), place)
        sums = total(amounts, group * len(spot) + place, groups * len(spot)).reshape(
            groups, len(spot)
        )
        whole = sums.sum(
            axis=1
        )  # each amount stands in one column, and no sum of them leaves 64 bits
    else:
        sums = _overlapping(report, spot, late, undated, (amounts, group, groups), is_credit)
        whole = total(amounts, group, groups)
    if report.display is CreditDisplay.NETTED:
        _net(sums, items, report, spot, group, late, amounts)
    made = dict(zip(report.keys, keys, strict=True))
    made["total"] = _money(whole, report)
    made["items"] = pa.array(np.bincount(group, minlength=groups).astype(np.int64))
    made.update({name: _money(sums[:, index].copy(), report) for name, index in spot.items()})
    return pa.table({name: made[name] for name in report.names})


def _overlapping(
    report: Report,
    spot: dict[str, int],
    late: Ints,
    undated: Flags,
    rows: tuple[Ints, Ints, int],
    is_credit: Flags,
) -> Ints:
    """Return sums over buckets that are no partition: an amount goes to all of its buckets, or to none."""
    amounts, group, groups = rows
    aged_ = ~is_credit if CREDITS in spot else np.ones(len(amounts), bool)
    cells = {UNDATED: aged_ & undated}
    for bucket in report.buckets.buckets:
        inside = aged_ & ~undated
        if bucket.first is not None:
            inside &= late >= bucket.first
        if bucket.last is not None:
            inside &= late <= bucket.last
        cells[bucket.label] = inside
    if CREDITS in spot:
        cells[CREDITS] = is_credit
    sums = np.zeros((groups, len(spot)), np.int64)
    for name, inside in cells.items():
        sums[:, spot[name]] = total(amounts[inside], group[inside], groups)
    return sums


def _place(report: Report, spot: dict[str, int], late: Ints, undated: Flags) -> Spots:
    """Return the number of the column of each row, for buckets that are a partition."""
    ranges = sorted(report.buckets.buckets, key=lambda it: -NEVER if it.first is None else it.first)
    starts = np.array([it.first for it in ranges[1:]], np.int64)
    columns = np.array([spot[it.label] for it in ranges], np.int16)
    found = np.zeros(len(late), np.int16)
    for start in starts:  # a few comparisons a row beat a search
        found += late >= start
    place: Spots = columns[found]
    if bool(undated.any()):
        place[undated] = spot[UNDATED]
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
    code, other, keys = groups_of(owed, paid, GROUP)
    day = days(owed, report.day, NEVER)
    found = pieces(
        Side(code, day, column(owed, "item_id"), amounts[charges]),
        Side(other, days(paid, "posting_date", NEVER), column(paid, "item_id"), -amounts[spent]),
        keys.count,
    )
    place = _place(report, spot, late[charges], day == NEVER)[found.target]
    rows = group[spent][found.source]
    np.subtract.at(sums, (rows, place), found.amount)
    np.add.at(sums, (rows, np.full(len(rows), spot[CREDITS])), found.amount)


def _money(units: Ints, report: Report) -> Any:
    unit = report.unit
    return money(units, unit.scale, integer=unit.integer, digits=_DIGITS)
