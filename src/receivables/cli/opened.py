"""Opens a table file or a folder for an engine, which streams over it: Parquet as it is, text tables by our own columns.

Text is given its types by the columns of `schema`, and only where it is written the way we write it ourselves; whether it
is, `receivables.cli.clean` asks of every cell.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col

from receivables.adapters.csv.shapes.columns import COLUMNS, TableName
from receivables.cli.tables import SEPARATORS, files_of
from receivables.errors import NoSuchChoice, UnreadableSource
from receivables.frames.door import Plan, library
from receivables.schema import FACTS, OPEN_ITEMS, Type

ENGINES = ("duckdb", "polars", "spark")
_MEMORY = "700MB"  # what DuckDB may hold before it writes to disk
_PLACES = 4  # ISO 4217 knows no currency of more
_TYPED: dict[Type, Callable[[str], nw.Expr]] = {
    "amount": lambda name: col(name).cast(nw.Decimal(28, _PLACES)),
    "date": lambda name: col(name).str.to_date(format="%Y-%m-%d"),
    "integer": lambda name: col(name).cast(nw.Int64),
    "flag": lambda name: col(name) == "true",
}


@dataclass(frozen=True, slots=True)
class Opened:
    """A table that an engine can stream over.

    Args:
        plan: Its rows; text is text still.
        kind: Which of our tables it is.
        is_text: Whether it comes from text, so that its cells must be read.
        name: Of the file or folder.
    """

    plan: Plan
    kind: TableName
    is_text: bool
    name: str

    @property
    def types(self) -> dict[str, Type]:
        """The columns that are ours, and what their cells hold."""
        held = self.plan.collect_schema().names()
        return {it.name: it.type for it in COLUMNS[self.kind] if it.name in held}

    def typed(self, *, known: bool) -> Plan:
        """Return the rows with the types that `receivables.frames` counts on.

        Args:
            known: Whether it matters when a row was recorded.
        """
        plan = self.plan
        if not self.is_text:
            return plan
        made = {name: _TYPED[it](name) for name, it in self.types.items() if it in _TYPED}
        plan = plan.with_columns(**made)
        if "recorded_at" not in self.types:
            return plan
        return _moments(plan) if known else plan.drop("recorded_at")


def open_table(path: Path, engine: str) -> Opened:
    """Open a Parquet or text file, or the facts of a folder.

    Raises:
        UnreadableSource: When there is no such file, or it is none of our tables.
        MissingExtra: When the engine is not installed.
        NoSuchChoice: For an engine that is none.
    """
    files = files_of(path)
    ending = files[0].suffix.lower()
    if not all(file.is_file() for file in files):
        msg = f"{path} is not there; check the path"
        raise UnreadableSource(msg)
    names = [str(file) for file in files]
    native = _parquet(names, engine) if ending == ".parquet" else _text(files, engine)
    plan = nw.from_native(native).lazy()
    held = plan.collect_schema().names()
    if set(FACTS.required) | {"amount"} <= set(held):
        kind: TableName = "facts"
    elif set(OPEN_ITEMS.required) <= set(held):
        kind = "open-items"
    else:
        msg = f"{path.name} is neither a facts table nor an open-items table; it has {', '.join(held)}"
        raise UnreadableSource(msg)
    return Opened(plan, kind, ending != ".parquet", path.name)


def duckdb_connection() -> Any:
    """Return a connection of DuckDB that holds little in memory, and writes to disk what is more."""
    settings = {
        "memory_limit": _MEMORY,
        "preserve_insertion_order": "false",
        "temp_directory": tempfile.gettempdir(),
    }
    return library("duckdb", "duckdb").connect(config=settings)


def _parquet(names: list[str], engine: str) -> Any:
    match engine:
        case "duckdb":
            return duckdb_connection().read_parquet(names)
        case "polars":
            return library("polars", "polars").scan_parquet(names)
        case "spark":
            return _session().read.parquet(*names)
        case _:
            raise NoSuchChoice(_no_engine(engine))


def _text(files: list[Path], engine: str) -> Any:
    names, separator = [str(file) for file in files], SEPARATORS[files[0].suffix.lower()]
    header = _header(files[0], separator)
    if any(_header(file, separator) != header for file in files):
        msg = f"the files of {files[0].parent.name} have different headers; age them one by one"
        raise UnreadableSource(msg)
    match engine:
        case "duckdb":
            return duckdb_connection().read_csv(
                names, columns=dict.fromkeys(header, "VARCHAR"), header=True, sep=separator,
                quotechar='"', escapechar='"', na_values="", strict_mode=True,
            )  # fmt: skip
        case "polars":
            polars = library("polars", "polars")
            return polars.scan_csv(names, separator=separator, infer_schema=False)
        case "spark":
            how = {"header": True, "sep": separator, "quote": '"', "escape": '"', "multiLine": True}
            return _session().read.csv(names, **how)
        case _:
            raise NoSuchChoice(_no_engine(engine))


def _header(file: Path, separator: str) -> list[str]:
    with file.open(encoding="utf-8-sig", newline="", errors="replace") as text:
        header = [name.strip() for name in next(csv.reader(text, delimiter=separator), [])]
    if not header or len(set(header)) != len(header) or "" in header:
        msg = f"{file.name} has no header with one name a column; the first line must name them"
        raise UnreadableSource(msg)
    return header


def _moments(plan: Plan) -> Plan:
    """Return the rows with `recorded_at` as moments, each engine in its own words."""
    native: Any = plan.to_native()
    match plan.implementation:
        case nw.Implementation.POLARS:
            pl = library("polars", "polars")
            moments = pl.col("recorded_at").str.to_datetime(time_unit="us", time_zone="UTC")
            made = native.with_columns(moments)
        case nw.Implementation.DUCKDB:
            made = native.select("* replace (recorded_at::timestamptz as recorded_at)")
        case _:
            made = native.withColumn("recorded_at", native["recorded_at"].cast("timestamp"))
    told: Plan = nw.from_native(made).lazy()
    return told


def _session() -> Any:
    builder = library("pyspark.sql", "spark").SparkSession.builder
    return builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()


def _no_engine(engine: str) -> str:
    return f"no engine {engine!r}; there are {', '.join(ENGINES)}"
