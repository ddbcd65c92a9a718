"""Oldest-first allocation as one merge: every group's items and payments on one number line, cut at every end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from receivables.frames.columns import DIGITS, Unit
from receivables.frames.kernels.arrays import (
    EMPTY,
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
from receivables.frames.kernels.keys import like, plain_text, shared_codes

_WORD_BITS = 63


def allocated(items: Any, payments: Any, unit: Unit) -> Any:
    """Return the pieces in which payments pay items, as a table."""
    items, owed = _laid(items, minor(items, "open_amount", unit.scale))
    payments, paid = _laid(payments, minor(payments, "amount", unit.scale))
    group, other, keys = groups_of(items, payments)
    due, posted = days(items, "due_date", NEVER), days(payments, "posting_date", NEVER)
    item_ids, payment_ids = column(items, "item_id"), column(payments, "payment_id")
    found = pieces((group, due, item_ids, owed), (other, posted, payment_ids, paid), keys.count)
    customer, currency = keys.of(found.group, items)
    return pa.table(
        {
            "payment_id": payment_ids.take(pa.array(found.source)),
            "item_id": item_ids.take(pa.array(found.target)),
            "customer": customer,
            "currency": currency,
            "amount": money(found.amount, unit.scale, integer=unit.integer, digits=DIGITS),
        }
    )


Side = tuple[Ints, Ints, Any, Ints]  # group, day, key, amount


class Pieces(NamedTuple):
    """What pays what: the row owed, the row paying, the amount, the group of both."""

    target: Ints
    source: Ints
    amount: Ints
    group: Ints


def pieces(owed: Side, paid: Side, groups: int) -> Pieces:
    """Return the pieces in which one side uses up the other.

    Only what both sides of a group have goes on the line: what is past it ends where the group ends, in pieces of zero.

    Args:
        owed: What is to be paid, amounts above zero.
        paid: What it is paid with, amounts above zero.
        groups: How many groups there are.

    Raises:
        TooLarge: When the line would be longer than 64 bits.
    """
    guard(owed[3], "all amounts")
    guard(paid[3], "all amounts")
    first, group = oldest_first(*owed[:3])
    second, other = oldest_first(*paid[:3])
    mine, theirs = np.cumsum(owed[3][first]), np.cumsum(paid[3][second])
    counts, counts2 = (np.bincount(it, minlength=groups) for it in (group, other))
    before, sums = _sums(mine, counts)
    before2, sums2 = _sums(theirs, counts2)
    shorter = np.minimum(sums, sums2)
    stop = np.cumsum(shorter)
    start = stop - shorter
    ends = np.empty(len(mine) + len(theirs), np.int64)
    _lay(ends[: len(mine)], mine, counts, start - before, stop)
    _lay(ends[len(mine) :], theirs, counts2, start - before2, stop)
    order = np.argsort(ends, kind="stable")  # two sorted runs: a linear merge
    amount = np.diff(ends[order], prepend=0)
    is_mine = order < len(mine)
    items_before: Ints = np.cumsum(is_mine) - is_mine
    kept = np.flatnonzero(amount)
    x: Ints = items_before[
        kept
    ]  # the next item at each cut; the rest of what is before it are payments
    return Pieces(first[x], second[kept - x], amount[kept], group[x])


def _sums(reach: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Return how much comes before each group, and how much it has."""
    upto = np.concatenate([np.zeros(1, np.int64), reach])[np.cumsum(counts)]
    sums = np.diff(upto, prepend=0)
    return upto - sums, sums


def _lay(ends: Ints, reach: Ints, counts: Ints, shift: Ints, stop: Ints) -> None:
    """Write where each amount ends on the line of all groups, nothing past the end of its group."""
    np.add(reach, np.repeat(shift, counts), out=ends)
    np.minimum(ends, np.repeat(stop, counts), out=ends)


def oldest_first(group: Ints, day: Ints, key: Any) -> tuple[Ints, Ints]:
    """Return the order of rows by group, day and key, and their groups in it.

    One sort of packed words, then the keys of those that tie.
    """
    count = len(group)
    if not count:
        return EMPTY, EMPTY
    shifted = _shifted(day)
    row_bits, day_bits = int(count - 1).bit_length(), int(shifted.max()).bit_length()
    if int(group.max()).bit_length() + day_bits + row_bits >= _WORD_BITS:
        rank = np.argsort(np.argsort(_sortable(key), kind="stable"))
        order: Ints = np.lexsort((rank, shifted, group)).astype(np.int64)
        return order, group[order]
    packed = group << day_bits
    packed |= shifted
    packed <<= row_bits
    packed |= np.arange(count)
    packed.sort()
    order = packed & ((1 << row_bits) - 1)
    packed >>= row_bits
    return _untied(order, packed, key), packed >> day_bits


def _shifted(day: Ints) -> Ints:
    """Return days counted from the first, those that never come right after the last."""
    first, last = int(day.min()), int(day.max())
    if last == NEVER:
        known = day[day != NEVER]
        last = int(known.max()) + 1 if len(known) else first
        day = np.minimum(day, last)
        first = min(first, last)
    return day - first


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


@dataclass(frozen=True, slots=True)
class Keys:
    """What the numbers of groups stand for: the customers and the currencies of two tables.

    Args:
        customers: The distinct customers.
        currencies: The distinct currencies.
        used: The pairs that there are, when they are few of all that could be.
    """

    customers: Any
    currencies: Any
    used: Ints | None

    @property
    def count(self) -> int:
        """How many groups there can be."""
        return len(self.customers) * len(self.currencies) if self.used is None else len(self.used)

    def of(self, group: Ints, items: Any) -> tuple[Any, Any]:
        """Return the customer and the currency of each group number, in the types of a table."""
        pair = group if self.used is None else self.used[group]
        customer, currency = pair, np.zeros(len(pair), np.int64)
        if len(self.currencies) > 1:
            customer, currency = np.divmod(pair, len(self.currencies))
        return (
            like(self.customers, customer, items["customer"]),
            like(self.currencies, currency, items["currency"]),
        )


def groups_of(items: Any, payments: Any) -> tuple[Ints, Ints, Keys]:
    """Return one number a row for each customer and currency, the same in both tables, and what they stand for."""
    customers, (mine, theirs) = shared_codes(items["customer"], payments["customer"])
    currencies, (kind, kind2) = shared_codes(items["currency"], payments["currency"])
    if len(currencies) > 1:
        mine, theirs = mine * len(currencies) + kind, theirs * len(currencies) + kind2
    if len(customers) * len(currencies) <= 2 * (len(mine) + len(theirs)):
        return mine, theirs, Keys(customers, currencies, None)
    used, code = np.unique(np.concatenate([mine, theirs]), return_inverse=True)
    code = code.astype(np.int64, copy=False)
    return code[: len(mine)], code[len(mine) :], Keys(customers, currencies, used)


def _laid(table: Any, amounts: Ints) -> tuple[Any, Ints]:
    """Leave out what takes or gives nothing: amounts at or below zero, and those of nobody known."""
    kept: Flags = amounts > 0
    if table["customer"].null_count:
        kept &= flags(column(table, "customer").is_valid())
    if bool(kept.all()):
        return table, amounts
    return table.filter(pa.array(kept)), amounts[kept]
