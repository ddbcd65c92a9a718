"""Numbers for the values of key columns, so that kernels group and join by integers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import prod
from typing import Any

import numpy as np

from receivables.frames.kernels.arrays import EMPTY, Ints, column, one_array, pa
from receivables.frames.kernels.threads import at_once

_SQUEEZE = 1 << 22
_WORD = 1 << 62


def codes(table: Any, names: Sequence[str]) -> tuple[Ints, int, list[Any]]:
    """Return one dense code a row for each distinct combination of keys, how many there are, and the keys of each."""
    encoded = [_encoded(column(table, name)) for name in names]
    keys, indices = encoded[0]
    code, held, widths = indices.astype(np.int64), [np.arange(len(keys))], list[int]()
    for keys, indices in encoded[1:]:
        if len(held[0]) * prod(widths) * len(keys) >= _WORD:
            code, held = _squeezed(code, held, widths)
            widths = []
        code = code * len(keys) + indices
        widths.append(len(keys))
    code, held = _squeezed(code, held, widths)
    values = [keys.take(pa.array(it)) for (keys, _), it in zip(encoded, held, strict=True)]
    return code, len(held[0]), values


def _squeezed(code: Ints, held: list[Ints], widths: list[int]) -> tuple[Ints, list[Ints]]:
    """Count combinations anew, those alone that there are.

    Args:
        code: The combination of each row.
        held: Of each combination of the first columns, the number of its value in each of them.
        widths: How many values each of the columns after them has.
    """
    size = len(held[0]) * prod(widths)
    if size > _SQUEEZE:
        used, code = np.unique(code, return_inverse=True)
        code = code.astype(np.int64, copy=False)
    else:
        used = np.flatnonzero(np.bincount(code, minlength=size))
        if len(used) < size:
            place = np.zeros(size, np.int64)
            place[used] = np.arange(len(used))
            code = place[code]
    rest, found = used, list[Ints]()
    for width in reversed(widths):
        rest, number = np.divmod(rest, width)
        found.append(number)
    return code, [*(it[rest] for it in held), *found[::-1]]


def plain_text(array: Any) -> Any:
    """Return the values behind a dictionary-encoded column; any other column as it is."""
    return array.cast(array.type.value_type) if pa.types.is_dictionary(array.type) else array


def codes_of(*arrays: Any) -> list[Ints]:
    """Return a number a row for each distinct value, counted from 0 in order of appearance, -1 for nothing."""
    values = [plain_text(array) for array in arrays]
    values = [it if it.type == values[0].type else it.cast(values[0].type) for it in values]
    encoded = pa.chunked_array(values).dictionary_encode()
    if encoded.num_chunks != len(values):
        encoded = pa.chunked_array([encoded.combine_chunks()])
    indices = [chunk.indices.cast(pa.int64()) for chunk in encoded.chunks]
    flat = np.concatenate([it.fill_null(-1).to_numpy() for it in indices]) if indices else EMPTY
    return np.split(flat, np.cumsum([len(it) for it in values])[:-1])


@dataclass(frozen=True, slots=True)
class Keys:
    """What the numbers of groups stand for: the values of some columns of two tables.

    Args:
        by: The columns.
        values: The distinct values of each.
        used: The combinations that there are, when they are few of all that could be.
    """

    by: tuple[str, ...]
    values: tuple[Any, ...]
    used: Ints | None

    @property
    def count(self) -> int:
        """How many groups there can be."""
        return prod(map(len, self.values)) if self.used is None else len(self.used)

    def of(self, group: Ints, table: Any) -> list[Any]:
        """Return the values of each group number, a column each, in the types of a table."""
        rest = group if self.used is None else self.used[group]
        found: list[Any] = []
        for name, values in zip(reversed(self.by), reversed(self.values), strict=True):
            code = rest
            if len(values) == 1:
                code = np.zeros(len(rest), np.int64)
            elif len(found) < len(self.by) - 1:
                rest, code = np.divmod(rest, len(values))
            found.append(like(values, code, table[name]))
        return found[::-1]


def groups_of(first: Any, second: Any, by: Sequence[str]) -> tuple[Ints, Ints, Keys]:
    """Return one number a row for each combination of values, the same in both tables, and what they stand for.

    Args:
        first: A table.
        second: Another.
        by: Columns that both have.
    """
    values: list[Any] = []
    mine, theirs = EMPTY, EMPTY
    for name in by:
        found, (one, two) = shared_codes(first[name], second[name])
        if values and len(found) > 1:
            one, two = mine * len(found) + one, theirs * len(found) + two
        elif values:
            one, two = mine, theirs
        mine, theirs = one, two
        values.append(found)
    keys = Keys(tuple(by), tuple(values), None)
    if keys.count <= 2 * (len(mine) + len(theirs)):
        return mine, theirs, keys
    used, code = np.unique(np.concatenate([mine, theirs]), return_inverse=True)
    code = code.astype(np.int64, copy=False)
    return code[: len(mine)], code[len(mine) :], replace(keys, used=used)


def shared_codes(*columns: Any) -> tuple[Any, list[Ints]]:
    """Return the distinct values of several columns, nothing being a value too, and the number of each row's value.

    Each column is encoded by itself, where it is not yet; then only the dictionaries are compared.

    Args:
        columns: Chunked arrays of one kind of values.
    """
    rows = sum(map(len, columns))
    parts = at_once(rows, *(partial(_encoded, one_array(it)) for it in columns))
    kind = next((it.type for it, _ in parts if not pa.types.is_null(it.type)), pa.null())
    values = [it if it.type == kind else it.cast(kind) for it, _ in parts]
    whole = pa.concat_arrays(values).dictionary_encode(null_encoding="encode")
    numbers = whole.indices.cast(pa.int64()).to_numpy()
    places = np.split(numbers, np.cumsum([len(it) for it in values])[:-1])
    indices = (it for _, it in parts)
    found = at_once(rows, *map(partial, [_renumbered] * len(parts), places, indices))
    return whole.dictionary, found


def _encoded(array: Any) -> tuple[Any, Any]:
    """Return the distinct values of a column, nothing being a value too, and where each row's is among them."""
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode(null_encoding="encode")
    elif array.dictionary.null_count or len(array.dictionary.unique()) < len(array.dictionary):
        # A value that is nothing, and a row without one, are the same; so is a value that stands twice.
        array = plain_text(array).dictionary_encode(null_encoding="encode")
    values, indices = array.dictionary, array.indices
    if indices.null_count:
        indices = indices.cast(pa.int64()).fill_null(len(values))
        values = pa.concat_arrays([values, pa.nulls(1, values.type)])
    return values, indices.to_numpy()


def _renumbered(places: Ints, codes_: Any) -> Ints:
    """Return codes of one dictionary as those of another, given where its values are in that one."""
    if np.array_equal(places, np.arange(len(places))):
        same: Ints = codes_.astype(np.int64)
        return same
    renumbered: Ints = places[codes_]
    return renumbered


def like(keys: Any, codes_: Ints, column_: Any) -> Any:
    """Return the values with these numbers, dictionary-encoded where a column is."""
    if pa.types.is_dictionary(column_.type):
        return pa.DictionaryArray.from_arrays(pa.array(codes_.astype(np.int32)), keys)
    return keys.take(pa.array(codes_))
