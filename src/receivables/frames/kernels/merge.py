"""Oldest-first allocation as one merge: every group's items and payments on one number line, cut at every end."""

from __future__ import annotations

from typing import Any

import numpy as np

from receivables.frames.columns import DIGITS, Unit
from receivables.frames.kernels.arrays import (
    NEVER,
    Flags,
    Ints,
    codes,
    column,
    days,
    flags,
    guard,
    minor,
    money,
    pa,
    pc,
    plain_text,
)

_WORD_BITS = 63


def allocated(items: Any, payments: Any, unit: Unit) -> Any:
    """Return the pieces in which payments pay items, as a table."""
    owed = minor(items, "open_amount", unit.scale)
    paid = minor(payments, "amount", unit.scale)
    items, owed = _laid(items, owed)
    payments, paid = _laid(payments, paid)
    group, other, groups = groups_of(items, payments)
    due, posted = days(items, "due_date", NEVER), days(payments, "posting_date", NEVER)
    target, source, amount = pieces(
        (group, due, column(items, "item_id"), owed),
        (other, posted, column(payments, "payment_id"), paid),
        groups,
    )
    target, source = pa.array(target), pa.array(source)
    return pa.table(
        {
            "payment_id": column(payments, "payment_id").take(source),
            "item_id": column(items, "item_id").take(target),
            "customer": column(items, "customer").take(target),
            "currency": column(items, "currency").take(target),
            "amount": money(amount, unit.scale, integer=unit.integer, digits=DIGITS),
        }
    )


Side = tuple[Ints, Ints, Any, Ints]  # group, day, key, amount


def pieces(owed: Side, paid: Side, groups: int) -> tuple[Ints, Ints, Ints]:
    """Return the row owed, the row paying and the amount of each piece.

    Args:
        owed: What is to be paid, amounts above zero.
        paid: What it is paid with, amounts above zero.
        groups: How many groups there are.

    Raises:
        TooLarge: When the line would be longer than 64 bits.
    """
    guard(np.concatenate([owed[3], paid[3]]), "all amounts")
    first, second = oldest_first(*owed[:3]), oldest_first(*paid[:3])
    group, other = owed[0][first], paid[0][second]
    mine, theirs = owed[3][first], paid[3][second]
    sums, sums2 = np.zeros(groups, np.int64), np.zeros(groups, np.int64)
    np.add.at(sums, group, mine)
    np.add.at(sums2, other, theirs)
    width = np.maximum(sums, sums2)
    base = np.cumsum(width) - width  # where the line of each group starts
    ends = np.concatenate(
        [
            np.cumsum(mine) + (base - np.cumsum(sums) + sums)[group],
            np.cumsum(theirs) + (base - np.cumsum(sums2) + sums2)[other],
        ]
    )
    order = np.argsort(ends, kind="stable")  # two sorted runs: a linear merge
    is_mine = order < len(mine)
    x: Ints = np.cumsum(is_mine) - is_mine  # the next item at each cut
    y = np.arange(len(order)) - x  # the next payment
    amount = np.diff(ends[order], prepend=0)
    kept = np.flatnonzero((amount > 0) & (x < len(mine)) & (y < len(theirs)))
    x, y, amount = x[kept], y[kept], amount[kept]
    same = group[x] == other[y]
    return first[x[same]], second[y[same]], amount[same]


def oldest_first(group: Ints, day: Ints, key: Any) -> Ints:
    """Return the order of rows by group, day and key: one sort of packed words, then the keys of those that tie."""
    count = len(group)
    if not count:
        return np.zeros(0, np.int64)
    late = day == NEVER
    shifted = day - day.min()
    known = shifted[~late]
    shifted = np.where(late, (known.max() if len(known) else 0) + 1, shifted)
    row_bits, day_bits = int(count - 1).bit_length(), int(shifted.max()).bit_length()
    if int(group.max()).bit_length() + day_bits + row_bits >= _WORD_BITS:
        rank = np.argsort(np.argsort(_sortable(key), kind="stable"))
        return np.lexsort((rank, shifted, group)).astype(np.int64)
    packed = (group << (day_bits + row_bits)) | (shifted << row_bits) | np.arange(count)
    packed.sort()
    order: Ints = packed & ((1 << row_bits) - 1)
    return _untied(order, packed >> row_bits, key)


def _untied(order: Ints, word: Ints, key: Any) -> Ints:
    """Put rows of one group and day in the order of their keys."""
    same = np.diff(word) == 0
    if not bool(same.any()):
        return order
    tied = np.flatnonzero(np.r_[same, False] | np.r_[False, same])
    keys = plain_text(key).take(pa.array(order[tied]))
    rows = pa.table({"word": pa.array(word[tied]), "key": keys})
    ranks = pc.sort_indices(
        rows, sort_keys=[("word", "ascending"), ("key", "ascending")]
    ).to_numpy()
    fixed = order.copy()
    fixed[tied] = order[tied[ranks]]
    return fixed


def _sortable(key: Any) -> Any:
    ranks = pc.sort_indices(plain_text(key)).to_numpy()
    place = np.empty(len(ranks), np.int64)
    place[ranks] = np.arange(len(ranks))
    return place


def groups_of(items: Any, payments: Any) -> tuple[Ints, Ints, int]:
    """Return one code a row for each customer and currency, the same in both tables, and how many there are."""
    names = ["customer", "currency"]
    both = pa.table(
        {
            name: pa.chunked_array(
                [part for table in (items, payments) for part in _chunks(table, name)]
            )
            for name in names
        }
    )
    code, count, _ = codes(both, names)
    return code[: items.num_rows], code[items.num_rows :], count


def _chunks(table: Any, name: str) -> list[Any]:
    array = plain_text(column(table, name))
    return [array.cast(pa.large_string()) if pa.types.is_string(array.type) else array]


def _laid(table: Any, amounts: Ints) -> tuple[Any, Ints]:
    """Leave out what takes or gives nothing: amounts at or below zero, and those of nobody known."""
    kept: Flags = (amounts > 0) & flags(column(table, "customer").is_valid())
    if bool(kept.all()):
        return table, amounts
    return table.filter(pa.array(kept)), amounts[kept]
