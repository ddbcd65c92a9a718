"""Where a table of the caller comes in and an answer goes out: the same type both ways, and never through a float.

Frames that are plans, or are best worked on as plans (Polars, DuckDB, Spark, …), are answered by expressions. Frames
that hold their rows in memory without an engine behind them (pandas, PyArrow) are answered by exact integer kernels
over Arrow arrays. Nothing else in this package asks which library it has before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import narwhals.stable.v2 as nw

from receivables.errors import MissingExtra, UnfitFrame

Plan = nw.LazyFrame[Any]
_KERNELS = frozenset({nw.Implementation.PANDAS, nw.Implementation.PYARROW})
_PLANS = frozenset(
    {
        nw.Implementation.POLARS,
        nw.Implementation.DUCKDB,
        nw.Implementation.PYSPARK,
        nw.Implementation.PYSPARK_CONNECT,
        nw.Implementation.SQLFRAME,
    }
)


@dataclass(frozen=True, slots=True)
class Door:
    """One table that the caller brought.

    Args:
        what: What it is for, in messages: `facts`, `items` or `payments`.
        native: The table itself.
        frame: The same, seen through narwhals.
    """

    what: str
    native: Any
    frame: nw.DataFrame[Any] | Plan

    @classmethod
    def of(cls, native: Any, what: str) -> Door:
        """Open the door to a table.

        Raises:
            UnfitFrame: When it is none that this package knows.
        """
        try:
            frame = nw.from_native(native)
        except TypeError:
            frame = None
        except nw.exceptions.DuplicateError as error:
            msg = f"{what} have a column twice: {error!s:.120}"
            raise UnfitFrame(msg) from None
        if frame is None or frame.implementation not in _KERNELS | _PLANS:
            kind = type(native)
            msg = (
                f"{what} is a {kind.__module__}.{kind.__qualname__}; "
                "give a pandas or Polars frame, a PyArrow table, a DuckDB relation, a Spark or a SQLFrame frame"
            )
            raise UnfitFrame(msg)
        return cls(what, native, frame)

    @property
    def in_arrays(self) -> bool:
        """Whether its rows are answered by the integer kernels."""
        return self.frame.implementation in _KERNELS

    @property
    def held(self) -> bool:
        """Whether its rows are in memory, so that a kernel can reach them without running a plan."""
        return isinstance(self.frame, nw.DataFrame)

    @property
    def skips_gaps(self) -> bool:
        """Whether its engine sums columns with gaps faster than with zeros in them, as DuckDB does not."""
        return self.frame.implementation is nw.Implementation.POLARS

    def plan(self) -> Plan:
        """Return the table as a plan; nothing runs."""
        return self.frame.lazy()

    def table(self) -> Any:
        """Return the rows as a PyArrow table, amounts and dates unchanged.

        Raises:
            UnfitFrame: When a column mixes types, such as decimals with floats.
        """
        arrow = library("pyarrow", "parquet")
        if self.frame.implementation is nw.Implementation.PYARROW:
            return self.native
        if self.frame.implementation is not nw.Implementation.PANDAS:
            return self.frame.to_arrow() if isinstance(self.frame, nw.DataFrame) else None
        try:
            return arrow.Table.from_pandas(self.native, preserve_index=False)
        except (arrow.ArrowInvalid, arrow.ArrowTypeError) as error:
            msg = f"a column of {self.what} holds several types ({error!s:.120}); give each column one type"
            raise UnfitFrame(msg) from None

    def give(self, answer: Any) -> Any:
        """Return an answer, a plan or a PyArrow table, in the caller's own type."""
        if isinstance(answer, nw.LazyFrame):
            return answer.collect().to_native() if self.held else answer.to_native()
        match self.frame.implementation:
            case nw.Implementation.PANDAS:
                return _to_pandas(answer, self.native)
            case nw.Implementation.POLARS:
                return library("polars", "polars").from_arrow(answer)
            case _:
                return answer


def library(name: str, extra: str) -> Any:
    """Import an optional library.

    Raises:
        MissingExtra: When it is not installed.
    """
    try:
        return import_module(name)
    except ImportError:
        msg = f"{name} is not installed; install it with the extra: pip install 'receivables[{extra}]'"
        raise MissingExtra(msg) from None


def _to_pandas(table: Any, like: Any) -> Any:
    """Return a pandas frame with Arrow types where the caller's had them, else with NumPy's and Python's own."""
    pandas, arrow = library("pandas", "pandas"), library("pyarrow", "parquet")
    if any(isinstance(it, pandas.ArrowDtype) for it in like.dtypes):
        return table.to_pandas(types_mapper=pandas.ArrowDtype)
    whole = {arrow.int64(): pandas.Int64Dtype()}
    gaps = [
        field.name for field in table.schema if table[field.name].null_count and field.type in whole
    ]
    frame = table.to_pandas(date_as_object=False, integer_object_nulls=True)
    for name in gaps:  # never a float for want of a null
        frame[name] = frame[name].astype(pandas.Int64Dtype())
    return frame
