"""An Arrow table in the types that expressions count on: amounts as decimals, days as dates, texts not encoded."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from receivables.frames.columns import DATES, DIGITS, TEXTS, Unit
from receivables.frames.kernels.arrays import as_dates, column, minor, money, pa, pc
from receivables.frames.kernels.keys import plain_text

_KINDS = {
    "instalment": pa.int64(),
    "increase": pa.bool_(),
    **dict.fromkeys(DATES, pa.date32()),
}
NAMING = ("source_id", "target_id", "reverses_id")


def plain(table: Any, amounts: Collection[str], unit: Unit) -> Any:
    """Return the table with plain types; columns of nothing but empty cells get the type they should have.

    Args:
        table: The table.
        amounts: Its columns of money.
        unit: How they are held.
    """
    text = plain_text(column(table, "id")).type if "id" in table.column_names else pa.string()
    for name in NAMING:  # joins of Arrow tell its two types of text apart
        if "id" in table.column_names and name not in table.column_names:
            table = table.append_column(name, pa.nulls(table.num_rows, text))
    for index, name in enumerate(table.column_names):
        array = column(table, name)
        made = _plain(name, array, text)
        if name in amounts:
            units = money(minor(table, name, unit.scale), unit.scale, integer=False, digits=DIGITS)
            made = pc.if_else(array.is_valid(), units, pa.scalar(None, units.type))
        if made is not array:
            table = table.set_column(index, name, made)
    return table


def with_types(table: Any) -> Any:
    """Return the table with types for the columns of ours that hold nothing and have none; amounts are left as they are."""
    for index, name in enumerate(table.column_names):
        is_ours = name in _KINDS or name in TEXTS or name == "customer"
        if is_ours and pa.types.is_null(table.schema.field(index).type):
            table = table.set_column(index, name, table[name].cast(_KINDS.get(name, pa.string())))
    return table


def _plain(name: str, array: Any, text: Any) -> Any:
    if pa.types.is_null(array.type):
        return array.cast(_KINDS.get(name, text))
    if name in DATES and pa.types.is_timestamp(array.type):
        return as_dates(array)
    return plain_text(array)
