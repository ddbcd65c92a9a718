"""Answers that are small by now: out of an engine as rows of exact values, and back into the caller's own type.

Rates and roundings happen between the two, in Python. No library is imported but the one the frame is of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

import narwhals.stable.v2 as nw

from receivables.frames.door import Door, Plan, library
from receivables.rounding import EXACT

Kind = Literal["text", "date", "count", "money", "rate"]
Row = Mapping[str, Any]
PLACES: Mapping[str, int] = {"money": 4, "rate": 8}  # ISO 4217 knows no currency of more than four
_DIGITS = 38


def rows_of(plan: Plan) -> list[dict[str, Any]]:
    """Run a plan whose answer is small, and return its rows; decimals stay decimals."""
    return list(each_row(plan))


def each_row(plan: Plan) -> Iterator[dict[str, Any]]:
    """Run a plan and yield its rows, as `rows_of`, but named one at a time."""
    native: Any = plan.to_native()
    match plan.implementation:
        case nw.Implementation.POLARS:
            yield from native.collect(engine="streaming").iter_rows(named=True)
        case nw.Implementation.DUCKDB:
            names = native.columns
            yield from (dict(zip(names, row, strict=True)) for row in native.fetchall())
        case nw.Implementation.PYARROW | nw.Implementation.PANDAS | nw.Implementation.SQLFRAME:
            # SQLFrame's own rows come through pandas, where decimals have become floats.
            yield from plan.collect("pyarrow").to_native().to_pylist()
        case _:
            yield from (row.asDict() for row in native.collect())


def give_rows(door: Door, rows: Sequence[Row], kinds: Mapping[str, Kind]) -> Any:
    """Return rows as a table of the type that came in; a plan for a plan.

    Args:
        door: Where the caller's table came in.
        rows: The rows.
        kinds: What each column holds, in order.
    """
    cells = [[_cell(row[name], kind) for name, kind in kinds.items()] for row in rows]
    match door.frame.implementation:
        case nw.Implementation.POLARS:
            made = _polars(cells, kinds)
            return made if door.held else made.lazy()
        case nw.Implementation.DUCKDB:
            return door.native.query("caller", _sql(cells, kinds))
        case nw.Implementation.PANDAS | nw.Implementation.PYARROW:
            return door.give(_arrow(cells, kinds))
        case nw.Implementation.SQLFRAME:
            return door.native.session.sql(_sql(cells, kinds), dialect="duckdb")
        case _:
            types = _typed(kinds, "string", "date", "bigint", "decimal({},{})")
            listed = ", ".join(f"`{name}` {type_}" for name, type_ in types.items())
            return door.native.sparkSession.createDataFrame([tuple(it) for it in cells], listed)


def _cell(value: Any, kind: Kind) -> Any:
    if value is None or kind not in PLACES:
        return value
    return Decimal(value).quantize(Decimal(1).scaleb(-PLACES[kind]), context=EXACT)


def _polars(cells: list[list[Any]], kinds: Mapping[str, Kind]) -> Any:
    pl = library("polars", "polars")
    types = {"text": pl.String, "date": pl.Date, "count": pl.Int64}
    schema = {
        name: types[kind] if kind in types else pl.Decimal(_DIGITS, PLACES[kind])
        for name, kind in kinds.items()
    }
    return pl.DataFrame(cells, schema=schema, orient="row")


def _arrow(cells: list[list[Any]], kinds: Mapping[str, Kind]) -> Any:
    pa = library("pyarrow", "parquet")
    types = {"text": pa.string(), "date": pa.date32(), "count": pa.int64()}
    columns = list(zip(*cells, strict=True)) if cells else [()] * len(kinds)
    return pa.table(
        {
            name: pa.array(
                list(column),
                types[kind] if kind in types else pa.decimal128(_DIGITS, PLACES[kind]),
            )
            for (name, kind), column in zip(kinds.items(), columns, strict=True)
        }
    )


def _sql(cells: list[list[Any]], kinds: Mapping[str, Kind]) -> str:
    """Return the rows as a query of literals, so that the answer lives in the caller's own connection."""
    types = _typed(kinds, "varchar", "date", "bigint", "decimal({},{})")
    shown = ", ".join(f'c{index}::{type_} as "{name}"' for index, (name, type_) in enumerate(types.items()))  # fmt: skip
    names = ", ".join(f"c{index}" for index in range(len(kinds)))
    listed = ", ".join(f"({', '.join(map(_literal, row))})" for row in cells)
    nothing = f"({', '.join(['null'] * len(kinds))})"
    kept = "" if cells else " where false"
    return f"select {shown} from (values {listed or nothing}) as t({names}){kept}"  # noqa: S608 - literals


def _literal(value: Any) -> str:
    if value is None:
        return "null"
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return "'" + text.replace("'", "''") + "'"


def _typed(kinds: Mapping[str, Kind], text: str, day: str, count: str, decimal: str) -> dict[str, str]:  # fmt: skip
    names = {"text": text, "date": day, "count": count}
    return {
        name: names.get(kind) or decimal.format(_DIGITS, PLACES.get(kind, 0))
        for name, kind in kinds.items()
    }
