"""Aging a frame against what an expert writes by hand on the same engine, and against the limit of the machine.

Usage: python bench/frames_age.py [--rows 10000000] [--rounds 5] [duckdb|polars|pandas|limit …]
"""

from __future__ import annotations

from datetime import timedelta
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from side_by_side.answers import figures
from side_by_side.tables import AS_OF, CUSTOMERS, DAY0, EDGES, LABELS, items, plain
from side_by_side.timing import Work, compare, options

from receivables import frames

CUTS = [AS_OF - timedelta(days=edge) for edge in EDGES]


def with_duckdb(table: pa.Table) -> Work:
    con = duckdb.connect(config={"threads": 2})
    con.register("given", plain(table))
    con.execute("create table t as select * from given").fetchall()
    con.unregister("given")
    low, high = ([f"due_date {sign} date '{cut}'" for cut in CUTS] for sign in (">=", "<"))
    tests = [low[0], *(f"{a} and {b}" for a, b in zip(high, low[1:], strict=False)), high[-1]]
    filtered = ", ".join(
        f'sum(open_amount) filter (open_amount > 0 and {test}) as "{name}"'
        for name, test in zip(LABELS, tests, strict=True)
    )
    cases = ", ".join(
        f'sum(case when open_amount > 0 and {test} then open_amount end) as "{name}"'
        for name, test in zip(LABELS, tests, strict=True)
    )
    whole = "sum(open_amount) as total, count(*) as items from t group by all"
    with_filter = (
        f"select customer, currency, {filtered}, sum(open_amount) filter (open_amount < 0) as credits, "
        f"sum(open_amount) filter (open_amount > 0 and due_date is null) as undated, {whole}"
    )
    with_case = (
        f"select customer, currency, {cases}, sum(case when open_amount < 0 then open_amount end) as credits, "
        f"sum(case when open_amount > 0 and due_date is null then open_amount end) as undated, {whole}"
    )
    return {
        "DuckDB by hand, sum filter": lambda: con.sql(with_filter).to_arrow_table(),
        "DuckDB by hand, sum case": lambda: con.sql(with_case).to_arrow_table(),
        "frames.age of DuckDB": lambda: frames.age(con.table("t"), as_of=AS_OF).to_arrow_table(),
    }


def with_polars(table: pa.Table) -> Work:
    held = pl.from_arrow(plain(table)).rechunk()
    late, amount = (pl.lit(AS_OF) - pl.col("due_date")).dt.total_days(), pl.col("open_amount")
    due, owed = pl.col("due_date"), amount > 0
    by_days = [
        late <= EDGES[0],
        *((late > a) & (late <= b) for a, b in pairwise(EDGES)),
        late > EDGES[-1],
    ]
    by_dates = [due >= CUTS[0], *((due < a) & (due >= b) for a, b in pairwise(CUTS)), due < CUTS[-1]]  # fmt: skip

    def by_hand(tests: list[pl.Expr]) -> pl.DataFrame:
        cells = {name: owed & test for name, test in zip(LABELS, tests, strict=True)}
        cells |= {"credits": ~owed, "undated": owed & due.is_null()}
        wide = held.lazy().with_columns(**{n: pl.when(t).then(amount) for n, t in cells.items()})
        sums = [*(pl.col(name).sum() for name in cells), amount.sum().alias("total")]
        return wide.group_by("customer", "currency").agg(*sums, pl.len().alias("items")).collect()

    return {
        "Polars by hand, days": lambda: by_hand(by_days),
        "Polars by hand, dates": lambda: by_hand(by_dates),
        "frames.age of Polars": lambda: frames.age(held, as_of=AS_OF),
        "frames.age of Polars, lazy": lambda: frames.age(held.lazy(), as_of=AS_OF).collect(),
    }


def with_pandas(table: pa.Table) -> Work:
    units = np.frombuffer(table["open_amount"].combine_chunks().buffers()[1], np.int64)[::2].copy()
    held = plain(table).drop_columns(["open_amount"]).to_pandas(date_as_object=False)
    held["open_amount"] = units

    def parts() -> pd.DataFrame:
        late = (pd.Timestamp(AS_OF) - held["due_date"]).dt.days.to_numpy()
        spot = np.searchsorted(EDGES, late, side="left")
        bucket = np.where(held["open_amount"].to_numpy() < 0, len(LABELS), spot)
        sums = held.groupby([held["customer"], held["currency"], bucket])["open_amount"].sum()
        wide = sums.unstack(fill_value=0)  # noqa: PD010 - a series has no pivot_table
        wide.columns = pd.Index([(*LABELS, "credits")[n] for n in wide.columns])
        wide["total"] = wide.sum(axis=1)
        return wide.reset_index()

    def cut_and_pivot() -> pd.DataFrame:
        late = (pd.Timestamp(AS_OF) - held["due_date"]).dt.days
        bucket = pd.cut(late, [-np.inf, *EDGES, np.inf], labels=LABELS).astype("str")
        wide = held.assign(bucket=bucket.where(held["open_amount"] >= 0, "credits")).pivot_table(
            index=["customer", "currency"],
            columns="bucket",
            values="open_amount",
            aggfunc="sum",
            fill_value=0,
        )
        wide["total"] = wide.sum(axis=1)
        return wide.reset_index()

    return {
        "pandas by hand, int64": parts,
        "pandas by hand, cut and pivot_table": cut_and_pivot,
        "frames.age of pandas, int64": lambda: frames.age(held, as_of=AS_OF, scale=2),
    }


def with_limit(table: pa.Table) -> Work:
    import numba

    customer, currency = (
        table[name].combine_chunks().indices.to_numpy().astype(np.int64)
        for name in ("customer", "currency")
    )
    code = customer * 3 + currency
    due = table["due_date"].combine_chunks().view(pa.int32()).to_numpy()
    units = np.frombuffer(table["open_amount"].combine_chunks().buffers()[1], np.int64)[::2].copy()

    @numba.njit
    def one_pass(code, due, units, out, count):  # noqa: ANN001, ANN202
        for row in range(len(code)):
            late = DAY0 - due[row]
            place = 6 if units[row] < 0 else 0 if late <= 0 else min((late - 1) // 30 + 1, 5)
            out[code[row], place] += units[row]
            out[code[row], 7] += units[row]
            count[code[row]] += 1

    def limit() -> pa.Table:
        out, count = np.zeros((CUSTOMERS * 3, 8), np.int64), np.zeros(CUSTOMERS * 3, np.int64)
        one_pass(code, due, units, out, count)
        used = np.flatnonzero(count)
        names = [table[name].combine_chunks().dictionary for name in ("customer", "currency")]
        keys = [names[0].take(pa.array(used // 3)), names[1].take(pa.array(used % 3))]
        sums = {name: out[used, spot] for spot, name in enumerate((*LABELS, "credits", "total"))}
        return pa.table({"customer": keys[0], "currency": keys[1], **sums})

    return {
        "numba, one pass over codes": limit,
        "frames.age of Arrow, categorical keys": lambda: frames.age(table, as_of=AS_OF),
    }


def same(answer: Any) -> pa.Table:
    return figures(answer, ("customer", "currency"), (*LABELS, "credits", "total"))


PARTS = {"duckdb": (with_duckdb, 2), "polars": (with_polars, 2), "pandas": (with_pandas, 2)}
if find_spec("numba"):
    PARTS["limit"] = (with_limit, 1)


def main() -> None:
    asked = options(__doc__, 1_000_000, list(PARTS))
    table = items(asked.rows)
    for name in asked.only or PARTS:
        made, limits = PARTS[name]
        title = f"age {asked.rows:,} items of {CUSTOMERS:,} customers: {name}"
        compare(title, made(table), same, asked.rounds, limits)


if __name__ == "__main__":
    main()
