"""The order in which a group's rows are paid or used: by day, then by key."""

from __future__ import annotations

from typing import Any

import numpy as np

from receivables.frames.kernels.arrays import EMPTY, NEVER, Flags, Ints, flags, pa, pc
from receivables.frames.kernels.keys import plain_text

_WORD_BITS = 63


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
        order: Ints = np.lexsort((_ranks(key), shifted, group)).astype(np.int64)
        return order, group[order]
    packed = group << day_bits
    packed |= shifted
    packed <<= row_bits
    packed |= np.arange(count)
    packed.sort()
    order = packed & ((1 << row_bits) - 1)
    packed >>= row_bits
    order = _untied(order, packed, key)
    packed >>= day_bits
    return order, packed


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
    """Put rows of one word, which is a group and a day, in the order of their keys.

    Tables are mostly written in that order, and comparing is cheaper than sorting: only words out of order are sorted.
    """
    same = word[1:] == word[:-1]
    if not bool(same.any()):
        return order
    tied = np.flatnonzero(np.r_[same, False] | np.r_[False, same])
    keys, words = plain_text(key).take(pa.array(order[tied])), word[tied]
    odd = _out_of_order(words, keys)
    if not bool(odd.any()):
        return order
    tied, keys, words = tied[odd], keys.filter(pa.array(odd)), words[odd]
    rows = pa.table({"word": pa.array(words), "key": keys})
    by = [("word", "ascending"), ("key", "ascending")]
    fixed = order.copy()
    fixed[tied] = order[tied[pc.sort_indices(rows, sort_keys=by).to_numpy()]]
    return fixed


def _out_of_order(words: Ints, keys: Any) -> Flags:
    """Return which rows share a word with keys that do not ascend; a missing key never does."""
    first = np.diff(words, prepend=-1) != 0
    behind = ~first[1:] & flags(pc.less(keys[1:], keys[:-1]).fill_null(True))
    number = np.cumsum(first) - 1
    mixed = np.zeros(int(number[-1]) + 1, bool)
    mixed[number[1:][behind]] = True
    odd: Flags = mixed[number]
    return odd


def _ranks(key: Any) -> Ints:
    """Return the place of each key among all, in order."""
    ranks = pc.sort_indices(plain_text(key)).to_numpy()
    place = np.empty(len(ranks), np.int64)
    place[ranks] = np.arange(len(ranks))
    return place
