"""From Arrow columns to exact integer arrays and back: money, days, moments, and guarded sums."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from receivables.errors import NotAnAmount, TooLarge, UnfitFrame
from receivables.rounding import Rounding

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
pa: Any = import_module("pyarrow")
pc: Any = import_module("pyarrow.compute")

EPOCH = date(1970, 1, 1)
NEVER = 1 << 40  # a day no calendar reaches: an end that never comes, a due date that is not there
EMPTY = np.zeros(0, np.int64)
_WORD = 1 << 63
_WORD_DIGITS = 18  # every number of so many digits fits 64 bits
_SAFE = 2.0**62
_EXACT_FLOAT = 2.0**53


def column(table: Any, name: str) -> Any:
    """Return a column as one array."""
    return one_array(table[name])


def one_array(found: Any) -> Any:
    """Return a chunked array as one array."""
    if found.num_chunks == 1:  # combining one chunk would copy it
        return found.chunk(0)
    found = found.combine_chunks()
    return found if isinstance(found, pa.Array) else pa.concat_arrays(found.chunks)


def minor(table: Any, name: str, scale: int) -> Ints:
    """Return money as whole minor units, exactly; a row without an amount counts zero.

    Raises:
        TooLarge: When an amount does not fit 64 bits at this scale.
    """
    array = column(table, name)
    if pa.types.is_null(array.type):
        return np.zeros(len(array), np.int64)
    if pa.types.is_integer(array.type):
        plain: Ints = array.cast(pa.int64()).fill_null(0).to_numpy()
        return plain
    if array.null_count:
        array = array.fill_null(pa.scalar(0, array.type))
    if not (pa.types.is_decimal128(array.type) and array.type.scale == scale):
        array = array.cast(pa.decimal128(38, scale))
    words = np.frombuffer(array.buffers()[1], np.int64).reshape(-1, 2)
    low, high = words[array.offset : array.offset + len(array)].T
    if array.type.precision > _WORD_DIGITS and bool((high != low >> 63).any()):
        msg = f"an amount of {name} does not fit 64 bits at {scale} decimals; use a Polars or DuckDB frame, which hold 38 digits"
        raise TooLarge(msg)
    units: Ints = np.ascontiguousarray(low)
    return units


def money(units: Ints, scale: int, *, integer: bool, digits: int) -> Any:
    """Return minor units as an Arrow column of the caller's kind."""
    if integer:
        return pa.array(units)
    words = np.empty((len(units), 2), np.int64)
    words[:, 0] = units
    np.right_shift(units, 63, out=words[:, 1])
    return pa.Array.from_buffers(
        pa.decimal128(digits, scale), len(units), [None, pa.py_buffer(words)]
    )


def days(table: Any, name: str, empty: int) -> Ints:
    """Return dates as days since 1970, `empty` where there is none."""
    array = column(table, name)
    if pa.types.is_timestamp(array.type):
        array = as_dates(array)
    numbers = array.cast(pa.date32()).view(pa.int32()).cast(pa.int64())
    filled: Ints = numbers.fill_null(empty).to_numpy()
    return filled


def as_dates(array: Any) -> Any:
    """Return timestamps as the dates they fall on."""
    return pc.floor_temporal(array, unit="day").cast(pa.date32())


def day_number(day: date) -> int:
    """Return a date as days since 1970."""
    return (day - EPOCH).days


def flags(array: Any) -> Flags:
    """Return truth values; an empty one is false."""
    found: Flags = array.fill_null(False).to_numpy(zero_copy_only=False)
    return found


def integers(table: Any, name: str) -> Ints:
    """Return whole numbers, 0 where there is none."""
    found: Ints = column(table, name).fill_null(0).to_numpy()
    return found


def guard(amounts: Ints, what: str = "amounts") -> None:
    """Refuse amounts some sum of which could leave 64 bits.

    Raises:
        TooLarge: When it could.
    """
    if not len(amounts):
        return
    largest = max(int(amounts.max()), -int(amounts.min()))
    if largest * len(amounts) >= _WORD and float(np.abs(amounts.astype(np.float64)).sum()) >= _SAFE:
        msg = f"sums of {what} could leave 64 bits; use a Polars or DuckDB frame with decimals, which hold 38 digits"
        raise TooLarge(msg)


def total(amounts: Ints, cell: Ints, cells: int) -> Ints:
    """Return exact sums by cell.

    Raises:
        TooLarge: When a sum could leave 64 bits.
    """
    guard(amounts)
    sums = np.zeros(cells, np.int64)
    np.add.at(sums, cell, amounts)
    return sums


def exact(table: Any, names: Sequence[str], decimals: Sequence[int], rounding: Rounding) -> Any:
    """Return a table whose float columns of money became decimals, each row with the digits of its currency.

    A float that is the nearest one to such a decimal is that decimal; any other is rounded as named, from its shortest
    written form.

    Args:
        table: The table.
        names: The columns of money; those that hold no floats stay.
        decimals: How many decimals each row has.
        rounding: The named policy.
    """
    for name in names:
        array = column(table, name)
        if not pa.types.is_floating(array.type):
            continue
        places_ = np.where(flags(array.is_valid()), np.asarray(decimals, np.int64), 0)
        scale = int(places_.max(initial=0))
        filled = array.cast(pa.float64()).fill_null(0.0).to_numpy()
        if not bool(np.isfinite(filled).all()):
            msg = f"{name} holds NaN or Infinity, which is no amount; leave such cells empty"
            raise NotAnAmount(msg)
        units = _units(filled, places_, rounding)
        if len(units) and int(np.abs(units).max()) * 10**scale >= _WORD:
            msg = f"an amount of {name} does not fit 64 bits at {scale} decimals; give decimals"
            raise TooLarge(msg)
        units *= 10 ** (scale - places_)
        made = money(units, scale, integer=False, digits=28)
        made = pc.if_else(array.is_valid(), made, pa.scalar(None, made.type))
        table = table.set_column(table.column_names.index(name), name, made)
    return table


def _units(values: NDArray[np.float64], decimals: Ints, rounding: Rounding) -> Ints:
    factor = 10.0**decimals
    near = np.rint(values * factor)
    if bool((np.abs(near) >= _EXACT_FLOAT).any()):
        msg = "a float of more than 15 digits does not say which cents it means; give decimals"
        raise NotAnAmount(msg)
    units = near.astype(np.int64)
    odd = np.flatnonzero(near / factor != values)
    for row in odd:  # only what is no amount of its currency
        written = Fraction(repr(float(values[row])))
        rounded = rounding.apply(written, int(decimals[row]))
        units[row] = int(rounded.scaleb(int(decimals[row])))
    return units


def whole_numbers(table: Any, name: str) -> Any:
    """Return a table whose column holds integers, also where a gap had made floats of them.

    Raises:
        UnfitFrame: When it holds anything else.
    """
    array = column(table, name)
    try:
        made = array.cast(pa.int64())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        msg = f"{name} is {array.type} and holds what is no whole number; give integers"
        raise UnfitFrame(msg) from None
    return table.set_column(table.column_names.index(name), name, made)
