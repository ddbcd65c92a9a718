"""Numbers for the values of key columns, so that kernels group and join by integers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from receivables.frames.kernels.arrays import EMPTY, Ints, column, pa

_SQUEEZE = 1 << 22


def codes(table: Any, names: Sequence[str]) -> tuple[Ints, int, list[Any]]:
    """Return one dense code a row for each distinct combination of keys, how many there are, and the keys of each."""
    encoded = [_dictionary(column(table, name)) for name in names]
    code, size = encoded[0][0], len(encoded[0][1])
    for indices, keys in encoded[1:]:
        code, size = code * len(keys) + indices, size * len(keys)
    if size > _SQUEEZE:
        used, code = np.unique(code, return_inverse=True)
        code = code.astype(np.int64, copy=False)
    else:
        used = np.flatnonzero(np.bincount(code, minlength=size))
        if len(used) < size:
            squeezed = np.zeros(size, np.int64)
            squeezed[used] = np.arange(len(used))
            code = squeezed[code]
    found, rest = [], used
    for _, keys in reversed(encoded):
        found.append(keys.take(pa.array(rest % len(keys))))
        rest = rest // len(keys)
    return code, len(used), found[::-1]


def _dictionary(array: Any) -> tuple[Ints, Any]:
    """Return dense codes of a column and its distinct values, nothing being a value too."""
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    keys, indices = array.dictionary, array.indices.cast(pa.int64())
    if keys.null_count:  # values that are themselves nothing become the one nothing below
        whole = array.cast(keys.type).dictionary_encode()
        keys, indices = whole.dictionary, whole.indices.cast(pa.int64())
    if indices.null_count:
        indices = indices.fill_null(len(keys))
        keys = pa.concat_arrays([keys, pa.nulls(1, keys.type)])
    plain: Ints = indices.to_numpy()
    return plain, keys


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


def shared_codes(*columns: Any) -> tuple[Any, list[Ints]]:
    """Return the distinct values of several columns, nothing being a value too, and the number of each row's value.

    Of dictionary-encoded columns only the dictionaries are compared.

    Args:
        columns: Chunked arrays of one kind of values.
    """
    parts = [_indexed(it) for it in columns]
    kind = parts[0][0].type
    values = [it if it.type == kind else it.cast(kind) for it, _ in parts]
    joined = pa.chunked_array([chunk for it in values for chunk in it.chunks], kind)
    encoded = joined.dictionary_encode(null_encoding="encode")
    whole = encoded.combine_chunks()
    whole = whole if isinstance(whole, pa.Array) else pa.concat_arrays(whole.chunks)
    flat = whole.indices.cast(pa.int64()).to_numpy()
    found, start = [], 0
    for it, indices in zip(values, (indices for _, indices in parts), strict=True):
        mine = flat[start : start + len(it)]
        start += len(it)
        if indices is None or np.array_equal(mine, np.arange(len(mine))):
            found.append(mine if indices is None else indices)
        else:
            found.append(mine[indices])
    return whole.dictionary, found


def _indexed(column_: Any) -> tuple[Any, Ints | None]:
    """Return the values of a column, and where each row's is among them; None where it is the row's own."""
    if not pa.types.is_dictionary(column_.type):
        return column_, None
    array = column_.combine_chunks()
    values, indices = array.dictionary, array.indices.cast(pa.int64())
    if indices.null_count:
        indices = indices.fill_null(len(values))
        values = pa.concat_arrays([values, pa.nulls(1, values.type)])
    return pa.chunked_array([values]), indices.to_numpy()


def like(keys: Any, codes_: Ints, column_: Any) -> Any:
    """Return the values with these numbers, dictionary-encoded where a column is."""
    if pa.types.is_dictionary(column_.type):
        return pa.DictionaryArray.from_arrays(pa.array(codes_.astype(np.int32)), keys)
    return keys.take(pa.array(codes_))
