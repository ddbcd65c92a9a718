"""`receivables age --engine`: a table too large for objects, aged by DuckDB, Polars or Spark where it lies.

Not a row of it passes through Python: the engine streams over the file, and only the report comes back. What has to be
right in every row is checked there too, and a file that breaks a rule is refused, because leaving rows out is the work
of the object core.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col

from receivables import frames
from receivables.aging import AgingReport, AgingRow
from receivables.buckets import CREDITS, UNDATED, Basis, Buckets, CreditDisplay
from receivables.errors import InexactAmount, NoSuchChoice, UnreadableSource
from receivables.frames.door import library
from receivables.money import Money, currencies

ENGINES = ("duckdb", "polars", "spark")
_MEMORY = "700MB"  # what DuckDB may hold before it writes to disk
_OVERDUE = Buckets.of(0)


@dataclass(frozen=True, slots=True)
class Question:
    """What `receivables age` was asked."""

    as_of: date
    known_at: datetime | None
    buckets: Buckets
    by: tuple[str, ...]
    basis: Basis
    credits: CreditDisplay


def aged(path: Path, engine: str, asked: Question, limit: int) -> tuple[AgingReport, int, str]:
    """Age a Parquet file, or the Parquet files of a folder.

    Args:
        path: The file or folder.
        engine: One of `ENGINES`.
        asked: The question.
        limit: How many broken rows to name before refusing.

    Returns:
        The report, whose rows carry no parts and no weighted days; how many rows were read; what they were read as.

    Raises:
        UnreadableSource: When it is no Parquet, neither table of ours, or some of its rows break a rule.
        MissingExtra: When the engine is not installed.
    """
    table = _opened(path, engine)
    plan = nw.from_native(table).lazy()
    names = plan.collect_schema().names()
    if {"id", "kind", "amount", "posting_date"} <= set(names):
        _refuse(frames.check(table), path, limit)
        items, what = (
            frames.open_items(table, as_of=asked.as_of, known_at=asked.known_at),
            "a facts table",
        )
    elif {"item_id", "currency", "open_amount"} <= set(names):
        _refuse(_unreadable(plan), path, limit)
        items, what = table, "an open-items table"
    else:
        msg = f"{path.name} is neither a facts table nor an open-items table; it has {', '.join(names)}"
        raise UnreadableSource(msg)
    rows = _rows(plan.select(nw.len().alias("rows")))[0]["rows"]
    return _report(items, asked), rows, what


def _opened(path: Path, engine: str) -> Any:
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if not files or any(file.suffix != ".parquet" for file in files):
        msg = f"{path.name} holds no Parquet; --engine reads a .parquet file or a folder of them, anything else is read without it"
        raise UnreadableSource(msg)
    if not all(file.is_file() for file in files):
        msg = f"{path} is not there; check the path"
        raise UnreadableSource(msg)
    names = [str(file) for file in files]
    match engine:
        case "duckdb":
            duckdb = library("duckdb", "duckdb")
            settings = {"memory_limit": _MEMORY, "preserve_insertion_order": "false"}
            return duckdb.connect(config=settings).read_parquet(names)
        case "polars":
            return library("polars", "polars").scan_parquet(names)
        case "spark":
            session = library("pyspark.sql", "spark").SparkSession.builder.getOrCreate()
            return session.read.parquet(*names)
        case _:
            msg = f"no engine {engine!r}; there are {', '.join(ENGINES)}"
            raise NoSuchChoice(msg)


def _unreadable(plan: nw.LazyFrame[Any]) -> Any:
    """Return the open items without an amount or with a currency that is none."""
    unknown = ~col("currency").is_in(currencies())
    wrong = col("open_amount").is_null() | col("currency").is_null() | unknown
    return (
        plan.filter(wrong)
        .select(id=col("item_id").cast(nw.String), value=col("currency").cast(nw.String))
        .with_columns(rule=nw.lit("unreadable-fact"), column=nw.lit("currency or open_amount"))
        .to_native()
    )


def _refuse(found: Any, path: Path, limit: int) -> None:
    broken = _rows(nw.from_native(found).lazy().head(limit + 1))
    if broken:
        told = "; ".join(
            f"{it['id']}: {it['rule']} ({it['column']} {it['value']})" for it in broken[:limit]
        )
        more = " and more" if len(broken) > limit else ""
        msg = f"rows of {path.name} break a rule: {told}{more}; without --engine they are set aside one by one"
        raise UnreadableSource(msg)


def _report(items: Any, asked: Question) -> AgingReport:
    how = {"as_of": asked.as_of, "basis": asked.basis}
    rows = _aging_rows(items, asked, asked.by, how)
    return AgingReport(
        asked.as_of, asked.by, asked.buckets, asked.basis, asked.credits,
        tuple(rows[0].columns) if rows else (), rows, _totals(rows),
    )  # fmt: skip


def _aging_rows(
    items: Any, asked: Question, by: tuple[str, ...], how: dict[str, Any]
) -> tuple[AgingRow, ...]:
    keys = [name for name in by if name != "currency"]
    shown = _rows(frames.age(items, buckets=asked.buckets, by=by, credits=asked.credits, **how))
    halves = {
        _key(row, keys): row for row in _rows(frames.age(items, buckets=_OVERDUE, by=by, **how))
    }
    ordered = sorted(
        shown, key=lambda row: [(value is None, str(value)) for value in _key(row, keys)]
    )
    return tuple(_row(row, halves[_key(row, keys)], by, keys) for row in ordered)


def _row(row: dict[str, Any], half: dict[str, Any], by: Sequence[str], keys: list[str]) -> AgingRow:
    currency = row["currency"]
    columns = [name for name in row if name not in {*keys, "currency", "total", "items"}]
    return AgingRow(
        keys=tuple((name, None if row[name] is None else str(row[name])) for name in by),
        currency=currency,
        columns=tuple(columns),
        amounts=tuple(_money(row[name], currency) for name in columns),
        total=_money(row["total"], currency),
        items=row["items"],
        not_past_due=_money(half["current"] + half[UNDATED], currency),
        past_due=_money(half[">0"], currency),
        credits=_money(half[CREDITS], currency),
        weighted_days=None,
        parts=(),
    )


def _totals(rows: Sequence[AgingRow]) -> tuple[AgingRow, ...]:
    totals: dict[str, AgingRow] = {}
    for row in rows:
        old = totals.get(row.currency)
        totals[row.currency] = AgingRow(
            keys=(),
            currency=row.currency,
            columns=row.columns,
            amounts=row.amounts if old is None else tuple(map(_add, old.amounts, row.amounts)),
            total=row.total if old is None else old.total + row.total,
            items=row.items + (old.items if old else 0),
            not_past_due=row.not_past_due if old is None else old.not_past_due + row.not_past_due,
            past_due=row.past_due if old is None else old.past_due + row.past_due,
            credits=row.credits if old is None else old.credits + row.credits,
            weighted_days=None,
            parts=(),
        )
    return tuple(totals[currency] for currency in sorted(totals))


def _add(left: Money, right: Money) -> Money:
    return left + right


def _money(amount: Any, currency: str) -> Money:
    made = Money.of_sum(amount, currency)
    if made.amount != amount:
        msg = f"a sum of {amount} {currency} has more decimals than its currency; some amounts of the file are inexact"
        raise InexactAmount(msg)
    return made


def _key(row: dict[str, Any], keys: Sequence[str]) -> tuple[Any, ...]:
    return (*(row[name] for name in keys), row["currency"])


def _rows(answer: Any) -> list[dict[str, Any]]:
    """Return the rows of an answer that is small by now, through Arrow, which keeps every digit."""
    plan = answer if isinstance(answer, nw.LazyFrame) else nw.from_native(answer).lazy()
    if plan.implementation is nw.Implementation.POLARS:
        rows: list[dict[str, Any]] = plan.to_native().collect(engine="streaming").to_dicts()
        return rows
    table: Any = plan.collect("pyarrow").to_native()
    found: list[dict[str, Any]] = table.to_pylist()
    return found
