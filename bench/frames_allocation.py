"""Payments against open items, oldest first, against hand-written SQL and expressions and a compiled loop.

The compiled loop sorts packed keys and walks both sides with two pointers; it is measured from customers already in
codes to row numbers, and over the same tables to the same table.

Usage: python bench/frames_allocation.py [--rows 5000000] [--rounds 5] [engines|limit …]; three payments for five rows.
"""

from __future__ import annotations

from importlib.util import find_spec

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
from side_by_side.answers import pieces
from side_by_side.tables import plain, sides
from side_by_side.timing import Work, compare, options

from receivables import frames

RANGES = """with a as (select *, sum(open_amount) over w as hi, sum(open_amount) over w - open_amount as lo from i
        window w as (partition by customer, currency order by due_date, item_id)),
    b as (select *, sum(amount) over w as hi, sum(amount) over w - amount as lo from p
        window w as (partition by customer, currency order by posting_date, payment_id))
select payment_id, item_id, customer, currency, least(a.hi, b.hi) - greatest(a.lo, b.lo) as amount
from a join b using (customer, currency) where a.lo < b.hi and b.lo < a.hi"""
GROUP = ["customer", "currency"]


def engines(owed: pa.Table, paid: pa.Table) -> Work:
    owed, paid = plain(owed), plain(paid)
    con = duckdb.connect(config={"threads": 2})
    con.register("i0", owed)
    con.register("p0", paid)
    con.execute("create table i as select * from i0; create table p as select * from p0").fetchall()
    left, right = pl.from_arrow(owed).rechunk(), pl.from_arrow(paid).rechunk()

    def line(frame: pl.DataFrame, day: str, key: str, amount: str) -> pl.LazyFrame:
        laid = frame.lazy().sort(*GROUP, day, key)
        return laid.select(*GROUP, pl.col(amount).cum_sum().over(GROUP).alias("end"), pl.col(key))

    def polars_by_hand() -> pl.DataFrame:
        both = pl.concat(
            [
                line(left, "due_date", "item_id", "open_amount"),
                line(right, "posting_date", "payment_id", "amount"),
            ],
            how="diagonal",
        )
        cuts = both.sort(*GROUP, "end").with_columns(
            pl.col("item_id", "payment_id").backward_fill().over(GROUP),
            (pl.col("end") - pl.col("end").shift(1).over(GROUP).fill_null(0)).alias("amount"),
        )
        paired = pl.col("item_id").is_not_null() & pl.col("payment_id").is_not_null()
        found = cuts.filter(paired & (pl.col("amount") > 0))
        return found.select("payment_id", "item_id", *GROUP, "amount").collect()

    allocate = frames.allocate_oldest_first
    return {
        "DuckDB by hand, range join": lambda: con.sql(RANGES).to_arrow_table(),
        "Polars by hand, union and fill": polars_by_hand,
        "frames, Polars": lambda: allocate(left, right),
        "frames, PyArrow": lambda: allocate(owed, paid),
        "frames, DuckDB": lambda: allocate(con.table("i"), con.table("p")).to_arrow_table(),
        "frames, Polars lazy": lambda: allocate(left.lazy(), right.lazy()).collect(),
    }


def limit(owed: pa.Table, paid: pa.Table) -> Work:  # noqa: C901 - one compiled loop of two pointers
    import numba

    def flat(table: pa.Table, day: str, amount: str) -> tuple[np.ndarray, ...]:
        return (
            table["customer"].combine_chunks().indices.to_numpy().astype(np.int64),
            table[day].combine_chunks().view(pa.int32()).to_numpy().astype(np.int64),
            np.frombuffer(table[amount].combine_chunks().buffers()[1], np.int64)[::2].copy(),
        )

    def ordered(group: np.ndarray, day: np.ndarray) -> np.ndarray:
        bits = len(group).bit_length()
        word = (group << (bits + 20)) | ((day - day.min()) << bits) | np.arange(len(group))
        word.sort()
        return word & ((1 << bits) - 1)

    @numba.njit
    def walk(group, mine, other, theirs, item, paying, cents):  # noqa: ANN001, ANN202
        x = y = found = 0
        left, right = mine[0], theirs[0]
        while x < len(group) and y < len(other):
            if group[x] == other[y]:
                cut = min(left, right)
                item[found], paying[found], cents[found] = x, y, cut
                found, left, right = found + 1, left - cut, right - cut
            elif group[x] < other[y]:
                left = 0
            else:
                right = 0
            if left == 0:
                x += 1
                left = mine[x] if x < len(mine) else 0
            if right == 0:
                y += 1
                right = theirs[y] if y < len(theirs) else 0
        return found

    def rows(first: tuple[np.ndarray, ...], second: tuple[np.ndarray, ...]) -> pa.Table:
        (group, due, mine), (other, posted, theirs) = first, second
        a, b = ordered(group, due), ordered(other, posted)
        item, paying, cents = (np.empty(len(a) + len(b), np.int64) for _ in range(3))
        found = walk(group[a], mine[a], other[b], theirs[b], item, paying, cents)
        return a[item[:found]], b[paying[:found]], cents[:found]

    given = flat(owed, "due_date", "open_amount"), flat(paid, "posting_date", "amount")
    # Rows in the order of their ids, so that a sort by customer, day and row is one by id.
    numbered = owed.set_column(0, "item_id", pa.array(np.arange(owed.num_rows)))
    paying_ = paid.set_column(0, "payment_id", pa.array(np.arange(paid.num_rows)))

    def to_rows() -> pa.Table:
        item, paying, cents = rows(*given)
        return pa.table({"item_id": item, "payment_id": paying, "amount": cents})

    return {
        "numba, from codes to row numbers": to_rows,
        "frames, PyArrow, categories, integer ids": lambda: frames.allocate_oldest_first(
            numbered, paying_
        ),
    }


def main() -> None:
    parts = ["engines", "limit"] if find_spec("numba") else ["engines"]
    asked = options(__doc__, 500_000, parts)
    owed, paid = sides(asked.rows)
    title = f"allocate oldest first, {owed.num_rows:,} items x {paid.num_rows:,} payments"
    if not asked.only or "engines" in asked.only:
        compare(title, engines(owed, paid), pieces, asked.rounds, limits=2)
    if "limit" in (asked.only or parts):
        compare(f"{title}, the limit", limit(owed, paid), pieces, asked.rounds)


if __name__ == "__main__":
    main()
