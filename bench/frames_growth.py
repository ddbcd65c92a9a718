"""How the cost of aging and of allocation grows with rows: seconds of processor at each size, and the slope.

The slope is the exponent of the power of the rows that fits best: 1.0 is a cost in proportion.

Usage: python bench/frames_growth.py [--rows 1000000 3000000 10000000 30000000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import gc
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter, process_time
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
from side_by_side.tables import AS_OF, items, plain, sides

from receivables import frames

Named = tuple[str, Callable[[], Any]]


def of_duckdb(con: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> Any:
    con.register("given", table)
    con.execute(f"create table {name} as select * from given").fetchall()  # noqa: S608
    con.unregister("given")
    return con.table(name)


def ages(rows: int) -> Iterator[Named]:
    table = items(rows)
    yield "age, PyArrow, categorical keys", lambda: frames.age(table, as_of=AS_OF)
    texts = plain(table)
    held = pl.from_arrow(texts).rechunk()
    yield "age, Polars", lambda: frames.age(held, as_of=AS_OF)
    cents = np.frombuffer(table["open_amount"].combine_chunks().buffers()[1], np.int64)[::2].copy()
    whole = texts.drop_columns(["open_amount"]).to_pandas(date_as_object=False)
    whole["open_amount"] = cents
    yield "age, pandas, int64", lambda: frames.age(whole, as_of=AS_OF, scale=2)
    relation = of_duckdb(duckdb.connect(config={"threads": 2}), "held", texts)
    yield "age, DuckDB", lambda: frames.age(relation, as_of=AS_OF).to_arrow_table()


def allocations(rows: int) -> Iterator[Named]:
    owed, paid = map(plain, sides(rows * 5 // 8))
    allocate = frames.allocate_oldest_first
    yield "allocate, PyArrow", lambda: allocate(owed, paid)
    con = duckdb.connect(config={"threads": 2})
    relations = of_duckdb(con, "owed", owed), of_duckdb(con, "paid", paid)
    yield "allocate, DuckDB", lambda: allocate(*relations).to_arrow_table()


def cost(run: Callable[[], Any], rounds: int) -> tuple[float, float]:
    """Return seconds of processor and of the clock, medians."""
    spent, wall = [], []
    for _ in range(rounds):
        gc.collect()
        start, used = perf_counter(), process_time()
        run()
        spent.append(process_time() - used)
        wall.append(perf_counter() - start)
    return median(spent), median(wall)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 300_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    taken: dict[str, list[float]] = {}
    for rows in asked.rows:
        for part in (ages, allocations):
            for name, run in part(rows):
                spent, wall = cost(run, asked.rounds)
                taken.setdefault(name, []).append(spent)
                print(
                    f"{rows:12,}  {name:34} processor {spent:8.3f} s   clock {wall:8.3f} s",
                    flush=True,
                )
    print()
    for name, spent in taken.items():
        slope, _ = np.polyfit(np.log(asked.rows), np.log(spent), 1)
        print(f"{name:34} slope {slope:4.2f}")


if __name__ == "__main__":
    main()
