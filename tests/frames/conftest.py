"""Every engine that frames are tried on: how it takes a table, and how its answers are read back."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Any

import pytest

pytest.importorskip("pyarrow", reason="frames are tried on tables of pyarrow (extra `parquet`)")

import pyarrow as pa

NUMBERS = count()


@dataclass(frozen=True)
class Engine:
    """An engine: what turns an Arrow table into its frame, what turns a frame into Arrow, and its type of frame."""

    name: str
    frame: Callable[[pa.Table], Any]
    arrow: Callable[[Any], pa.Table]
    type: type
    scale: int | None = None

    @property
    def lazy(self) -> bool:
        """Whether its frames are plans, whose rows are in no order and not at hand."""
        return self.type.__module__.startswith(("duckdb", "_duckdb", "pyspark")) or (
            self.type.__name__ == "LazyFrame"
        )

    @property
    def ints(self) -> dict[str, int]:
        """What a call must state beside the frame."""
        return {} if self.scale is None else {"scale": self.scale}

    def rows(self, native: Any) -> list[dict[str, Any]]:
        """Return the rows of an answer, after checking that it is a frame of this engine without a float in it."""
        assert isinstance(native, self.type)
        table = self.arrow(native)
        assert not [field for field in table.schema if pa.types.is_floating(field.type)]
        return [self._plain(row) for row in table.to_pylist()]

    def _plain(self, row: dict[str, Any]) -> dict[str, Any]:
        days = {
            k: v.date() if hasattr(v, "hour") and k != "recorded_at" else v for k, v in row.items()
        }
        if self.scale is None:
            return days
        counts = {"items", "instalment", "row", "bucket_order"}
        return {
            k: Decimal(v).scaleb(-self.scale)
            if isinstance(v, int) and not isinstance(v, bool) and k not in counts
            else v
            for k, v in days.items()
        }


def minor_units(table: pa.Table, scale: int) -> pa.Table:
    """Return a table whose amounts are whole minor units."""
    for index, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type):
            units = [
                None if v is None else int(v.scaleb(scale)) for v in table[field.name].to_pylist()
            ]
            table = table.set_column(index, field.name, pa.array(units, pa.int64()))
    return table


@cache
def connection() -> Any:
    import duckdb

    return duckdb.connect(config={"threads": 2})


def duckdb_frame(table: pa.Table) -> Any:
    name = f"held_{next(NUMBERS)}"
    connection().register("given", table)
    connection().execute(f"create table {name} as select * from given").fetchall()  # noqa: S608
    connection().unregister("given")
    return connection().table(name)


def nullable(table: pa.Table) -> Any:
    import pandas as pd

    whole = {pa.int64(): pd.Int64Dtype()}  # NumPy's own integers have no empty cells
    return minor_units(table, 3).to_pandas(date_as_object=False, types_mapper=whole.get)


def pandas_engines() -> list[Engine]:
    import pandas as pd

    def arrow(table: pa.Table) -> pd.DataFrame:
        return table.to_pandas(types_mapper=pd.ArrowDtype)

    def plain(table: pa.Table) -> pd.DataFrame:
        return table.to_pandas(date_as_object=False)

    def back(frame: pd.DataFrame) -> pa.Table:
        return pa.Table.from_pandas(frame, preserve_index=False)

    return [
        Engine("pandas-arrow", arrow, back, pd.DataFrame),
        Engine("pandas-numpy", plain, back, pd.DataFrame),
        Engine("pandas-int64", nullable, back, pd.DataFrame, 3),
    ]


def polars_engines() -> list[Engine]:
    import polars as pl

    def lazy(table: pa.Table) -> pl.LazyFrame:
        return pl.from_arrow(table).lazy()

    def units(table: pa.Table) -> pl.LazyFrame:
        return pl.from_arrow(minor_units(table, 3)).lazy()

    def back(plan: pl.LazyFrame) -> pa.Table:
        return plan.collect().to_arrow()

    return [
        Engine("polars", pl.from_arrow, lambda it: it.to_arrow(), pl.DataFrame),
        Engine("polars-lazy", lazy, back, pl.LazyFrame),
        Engine("polars-int64", units, back, pl.LazyFrame, 3),
    ]


def duckdb_engines() -> list[Engine]:
    import duckdb

    def units(table: pa.Table) -> duckdb.DuckDBPyRelation:
        return duckdb_frame(minor_units(table, 3))

    def back(relation: duckdb.DuckDBPyRelation) -> pa.Table:
        return relation.to_arrow_table()

    return [
        Engine("duckdb", duckdb_frame, back, duckdb.DuckDBPyRelation),
        Engine("duckdb-int64", units, back, duckdb.DuckDBPyRelation, 3),
    ]


def engines() -> dict[str, Engine]:
    """Return the engines that are installed."""
    found = [Engine("pyarrow", lambda it: it, lambda it: it, pa.Table)]
    for name, made in (
        ("pandas", pandas_engines),
        ("polars", polars_engines),
        ("duckdb", duckdb_engines),
    ):
        found += made() if importlib.util.find_spec(name) else []
    return {it.name: it for it in found}


ENGINES = engines()


@pytest.fixture(params=[name for name, it in ENGINES.items() if it.scale is None])
def decimal_engine(request) -> Engine:
    """Each engine whose amounts are decimals, Spark aside."""
    return ENGINES[request.param]


@pytest.fixture(params=[name for name, it in ENGINES.items() if it.scale is not None])
def int_engine(request) -> Engine:
    """Each engine whose amounts are whole minor units."""
    return ENGINES[request.param]


@pytest.fixture(name="engines")
def every_engine() -> dict[str, Engine]:
    return ENGINES


@pytest.fixture(params=list(ENGINES))
def engine(request) -> Engine:
    """Each engine but Spark, whose tests are few because it takes seconds to start."""
    return ENGINES[request.param]


@pytest.fixture(params=[*ENGINES, pytest.param("spark", marks=pytest.mark.slow)])
def any_engine(request) -> Engine:
    """Each engine, Spark among the slow tests."""
    name = request.param
    return ENGINES[name] if name in ENGINES else request.getfixturevalue("spark")


@pytest.fixture(scope="session")
def spark():
    """Spark on two local threads; skip where PySpark or Java is missing."""
    pytest.importorskip("pyspark", reason="PySpark is not installed (extra `spark`)")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, and there is no `java` on the path")
    from pyspark.sql import DataFrame, SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "UTC",
        "spark.driver.memory": "1g",
    }
    builder = SparkSession.builder.master("local[2]")
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield Engine("spark", session.createDataFrame, lambda it: it.toArrow(), DataFrame)
    session.stop()
