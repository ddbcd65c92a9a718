"""Answers of every library as one Arrow table of whole cents in one order, so that they can be asserted to be equal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def arrow_of(answer: Any) -> pa.Table:
    """Return any frame as an Arrow table."""
    if isinstance(answer, pa.Table):
        return answer
    if hasattr(answer, "collect") and not hasattr(answer, "toArrow"):
        answer = answer.collect()
    for name in ("to_arrow_table", "to_arrow", "toArrow"):
        if hasattr(answer, name):
            return getattr(answer, name)()
    return pa.Table.from_pandas(answer, preserve_index=False)


def cents(column: pa.ChunkedArray) -> pa.Array:
    """Return decimals or whole cents as whole cents, nothing as zero."""
    if not pa.types.is_decimal(column.type):
        return column.cast(pa.int64()).fill_null(0).combine_chunks()
    whole = column.cast(pa.decimal128(38, 2)).combine_chunks()
    whole = pc.fill_null(whole, pa.scalar(0, whole.type))
    words = np.frombuffer(whole.buffers()[1], np.int64).reshape(-1, 2)
    return pa.array(words[whole.offset :][: len(whole), 0])


def figures(answer: Any, keys: Sequence[str], amounts: Sequence[str]) -> pa.Table:
    """Return the keys as texts and the amounts as cents, sorted by the keys."""
    table = arrow_of(answer)
    made = {name: table[name].cast(pa.string()) for name in keys}
    made |= {name: cents(table[name]) for name in amounts}
    return pa.table(made).combine_chunks().sort_by([(name, "ascending") for name in keys])


def pieces(answer: Any) -> pa.Table:
    """Return which item each payment paid with how much: the numbers in their ids packed, sorted, and the cents."""
    table = arrow_of(answer)
    item, paying = (_number(table[name]).to_numpy() for name in ("item_id", "payment_id"))
    key = (item << 32) | paying
    order = np.argsort(key)
    return pa.table({"key": key[order], "amount": cents(table["amount"]).to_numpy()[order]})


def _number(ids: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_integer(ids.type):
        return ids
    return pc.utf8_slice_codeunits(ids.cast(pa.string()), 2).cast(pa.int64())
