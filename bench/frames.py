"""Frames against what an expert writes by hand on the same engine, and against the limit of the machine.

One process, rounds in turn, medians of each round's ratio; the results are asserted to be equal before anything is
timed. Usage: python bench/frames.py [ITEMS] [ROUNDS] [age|allocate|history …], such as 1000000 5 age.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from datetime import date, timedelta
from importlib.util import find_spec
from itertools import pairwise
from statistics import median
from time import perf_counter
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from receivables import frames

AS_OF = date(2026, 6, 30)
EDGES = (0, 30, 60, 90, 120)
LABELS = ("current", "1-30", "31-60", "61-90", "91-120", ">120")
CUSTOMERS = 100_000
DAY0 = (AS_OF - date(1970, 1, 1)).days
Work = dict[str, Callable[[], Any]]


def decimals(units: np.ndarray, digits: int = 18, scale: int = 2) -> pa.Array:
    words = np.empty((len(units), 2), np.int64)
    words[:, 0], words[:, 1] = units, units >> 63
    return pa.Array.from_buffers(
        pa.decimal128(digits, scale), len(units), [None, pa.py_buffer(words)]
    )


def names(prefix: str, numbers: np.ndarray) -> pa.Array:
    return pa.array(np.char.add(prefix, numbers.astype("U9")).tolist())


def items(count: int, rng: np.random.Generator) -> pa.Table:
    customer = rng.integers(0, CUSTOMERS, count).astype(np.int32)
    home = rng.choice(3, CUSTOMERS, p=[0.6, 0.3, 0.1])
    units = np.maximum(1, np.exp(rng.normal(10.8, 1.4, count))).astype(np.int64)
    units = np.where(rng.random(count) < 0.07, -(units // 3) - 1, units)
    due = (DAY0 - rng.gamma(1.3, 60, count) + rng.integers(0, 75, count)).astype(np.int32)
    keys = pa.DictionaryArray.from_arrays(pa.array(customer), names("C", np.arange(CUSTOMERS)))
    codes = pa.DictionaryArray.from_arrays(
        pa.array(home[customer].astype(np.int8)), pa.array(["EUR", "USD", "MXN"])
    )
    return pa.table(
        {
            "customer": keys,
            "currency": codes,
            "due_date": pa.array(due).cast(pa.date32()),
            "open_amount": decimals(units),
        }
    )


def plain(table: pa.Table) -> pa.Table:
    return pa.table(
        {
            n: c.cast(c.type.value_type) if pa.types.is_dictionary(c.type) else c
            for n, c in zip(table.column_names, table.columns, strict=True)
        }
    )


def compare(title: str, work: Work, same: Callable[[Any], Any], rounds: int) -> None:
    """Time each piece of work in turn, the first being what the others are measured against."""
    print(title)
    results = {name: same(run()) for name, run in work.items()}
    first = next(iter(results.values()))
    if any(it != first for it in results.values()):
        sys.exit(f"the answers differ: { {name: str(it)[:200] for name, it in results.items()} }")
    taken: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, run in work.items():
            gc.collect()
            start = perf_counter()
            run()
            taken[name].append(perf_counter() - start)
    base = next(iter(taken.values()))
    for name, seconds in taken.items():
        ratio = median(a / b for a, b in zip(seconds, base, strict=True))
        print(f"  {name:44} {median(seconds) * 1e3:9.1f} ms  {ratio:5.2f}x")


def arrow_of(answer: Any) -> pa.Table:
    match answer:
        case pa.Table():
            return answer
        case pl.LazyFrame():
            return answer.collect().to_arrow()
        case pl.DataFrame():
            return answer.to_arrow()
        case pd.DataFrame():
            return pa.Table.from_pandas(answer, preserve_index=False)
        case _:
            return answer.to_arrow_table()


def sums(answer: Any) -> list[int]:
    """Return the number of rows and the exact sum of every figure, in cents."""
    table = arrow_of(answer)
    found = [table.num_rows]
    for name in (*LABELS, "credits", "total"):
        column = table[name]
        total = sum(v for v in column.to_pylist() if v is not None)
        found.append(int(total) if pa.types.is_integer(column.type) else int(total.scaleb(2)))
    return found


def age_polars(table: pa.Table) -> Work:
    held = pl.from_arrow(plain(table)).rechunk()
    late, amount = (pl.lit(AS_OF) - pl.col("due_date")).dt.total_days(), pl.col("open_amount")
    owed = amount > 0
    spans = [
        (None, 0),
        *((a + 1, b) for a, b in pairwise(EDGES)),
        (EDGES[-1] + 1, None),
    ]
    cells = [
        pl.when(
            owed
            & (late >= low if low is not None else True)
            & (late <= high if high is not None else True)
        )
        .then(amount)
        .alias(name)
        for name, (low, high) in zip(LABELS, spans, strict=True)
    ]
    cells += [
        pl.when(~owed).then(amount).alias("credits"),
        pl.when(owed & pl.col("due_date").is_null()).then(amount).alias("undated"),
    ]
    shown = [*LABELS, "credits", "undated"]

    def by_hand() -> pl.DataFrame:
        wide = held.lazy().with_columns(cells).group_by("customer", "currency")
        return wide.agg(
            *(pl.col(n).sum() for n in shown), amount.sum().alias("total"), pl.len().alias("items")
        ).collect()

    return {
        "Polars by hand": by_hand,
        "frames.age of Polars": lambda: frames.age(held, as_of=AS_OF),
    }


def age_duckdb(table: pa.Table) -> Work:
    con = duckdb.connect(config={"threads": 2})
    con.register("given", plain(table))
    con.execute("create table t as select * from given").fetchall()
    low = [f"due_date >= date '{AS_OF - timedelta(days=e)}'" for e in EDGES]
    high = [f"due_date < date '{AS_OF - timedelta(days=e)}'" for e in EDGES]
    tests = [low[0], *(f"{a} and {b}" for a, b in zip(high, low[1:], strict=False)), high[-1]]
    cells = ", ".join(
        f'sum(open_amount) filter (open_amount > 0 and {t}) as "{n}"'
        for n, t in zip(LABELS, tests, strict=True)
    )
    more = "sum(open_amount) filter (open_amount < 0) as credits, sum(open_amount) filter (open_amount > 0 and due_date is null) as undated"
    sql = f"select customer, currency, {cells}, {more}, sum(open_amount) as total, count(*) as items from t group by all"  # noqa: S608
    return {
        "DuckDB SQL by hand": lambda: con.sql(sql).to_arrow_table(),
        "frames.age of DuckDB": lambda: frames.age(con.table("t"), as_of=AS_OF).to_arrow_table(),
    }


def age_pandas(table: pa.Table) -> Work:
    units = np.frombuffer(table["open_amount"].combine_chunks().buffers()[1], np.int64)[::2].copy()
    held = plain(table).drop_columns(["open_amount"]).to_pandas(date_as_object=False)
    held["open_amount"] = units
    ints, ends = held, [-np.inf, *EDGES, np.inf]

    def parts() -> pd.DataFrame:
        late = (pd.Timestamp(AS_OF) - ints["due_date"]).dt.days.to_numpy()
        spot = np.searchsorted(EDGES, late, side="left")
        bucket = np.where(ints["open_amount"].to_numpy() < 0, len(LABELS), spot)
        sums_ = ints.groupby([ints["customer"], ints["currency"], bucket])["open_amount"].sum()
        wide = sums_.unstack(fill_value=0)  # noqa: PD010 - a series has no pivot_table
        wide.columns = pd.Index([(*LABELS, "credits")[n] for n in wide.columns])
        wide["total"] = wide.sum(axis=1)
        return wide.reset_index()

    def cut_and_pivot() -> pd.DataFrame:
        late = (pd.Timestamp(AS_OF) - ints["due_date"]).dt.days
        bucket = (
            pd.cut(late, ends, labels=LABELS)
            .astype("str")
            .where(ints["open_amount"] >= 0, "credits")
        )
        wide = ints.assign(bucket=bucket).pivot_table(
            index=["customer", "currency"],
            columns="bucket",
            values="open_amount",
            aggfunc="sum",
            fill_value=0,
        )
        wide["total"] = wide.sum(axis=1)
        return wide.reset_index()

    return {
        "pandas int64 by hand": parts,
        "pandas cut + pivot_table": cut_and_pivot,
        "frames.age of pandas int64": lambda: frames.age(ints, as_of=AS_OF, scale=2),
    }


def age_limit(table: pa.Table) -> Work:
    import numba

    customer = table["customer"].combine_chunks().indices.to_numpy()
    currency = table["currency"].combine_chunks().indices.to_numpy()
    code = customer.astype(np.int64) * 3 + currency
    due = table["due_date"].combine_chunks().view(pa.int32()).to_numpy()
    units = np.frombuffer(table["open_amount"].combine_chunks().buffers()[1], np.int64)[::2].copy()

    @numba.njit
    def one_pass(code, due, units, out):  # noqa: ANN001, ANN202
        for row in range(len(code)):
            late = DAY0 - due[row]
            place = 6 if units[row] < 0 else 0 if late <= 0 else min((late - 1) // 30 + 1, 5)
            out[code[row], place] += units[row]
            out[code[row], 7] += units[row]

    def limit() -> pa.Table:
        out = np.zeros((CUSTOMERS * 3, 8), np.int64)
        one_pass(code, due, units, out)
        used = np.flatnonzero(np.bincount(code, minlength=len(out)))
        return pa.table({n: out[used, i] for i, n in enumerate((*LABELS, "credits", "total"))})

    return {
        "numba, one pass over codes": limit,
        "frames.age of Arrow, categorical keys": lambda: frames.age(table, as_of=AS_OF),
    }


def sides(count: int, rng: np.random.Generator) -> tuple[pa.Table, pa.Table]:
    def side(size: int, key: str, day: str, amount: str, largest: int) -> pa.Table:
        return pa.table({
            key: names(key[0].upper() + "-", np.arange(size)),
            "customer": names("C", rng.integers(0, CUSTOMERS * count // 5_000_000 + 1, size)),
            "currency": pa.array(["MXN"] * size),
            day: pa.array((DAY0 - rng.integers(0, 400, size)).astype(np.int32)).cast(pa.date32()),
            amount: decimals(rng.integers(1, largest, size)),
        })  # fmt: skip

    return side(count, "item_id", "due_date", "open_amount", 10**6), side(
        count * 3 // 5, "payment_id", "posting_date", "amount", 2 * 10**6
    )


def allocations(owed: pa.Table, paid: pa.Table) -> Work:
    con = duckdb.connect(config={"threads": 2})
    con.register("i0", owed)
    con.register("p0", paid)
    con.execute("create table i as select * from i0; create table p as select * from p0").fetchall()
    sql = """with a as (select *, sum(open_amount) over w as hi, sum(open_amount) over w - open_amount as lo from i
                window w as (partition by customer, currency order by due_date, item_id)),
            b as (select *, sum(amount) over w as hi, sum(amount) over w - amount as lo from p
                window w as (partition by customer, currency order by posting_date, payment_id))
        select payment_id, item_id, least(a.hi, b.hi) - greatest(a.lo, b.lo) as amount from a join b
            using (customer, currency) where a.lo < b.hi and b.lo < a.hi"""
    left, right = pl.from_arrow(owed).rechunk(), pl.from_arrow(paid).rechunk()
    group = ["customer", "currency"]

    def line(frame: pl.DataFrame, day: str, key: str, amount: str) -> pl.LazyFrame:
        laid = frame.lazy().sort(*group, day, key)
        return laid.select(*group, pl.col(amount).cum_sum().over(group).alias("end"), pl.col(key))

    def polars_by_hand() -> pl.DataFrame:
        both = pl.concat(
            [
                line(left, "due_date", "item_id", "open_amount"),
                line(right, "posting_date", "payment_id", "amount"),
            ],
            how="diagonal",
        )
        cuts = both.sort(*group, "end").with_columns(
            pl.col("item_id").backward_fill().over(group),
            pl.col("payment_id").backward_fill().over(group),
            (pl.col("end") - pl.col("end").shift(1).over(group).fill_null(0)).alias("amount"),
        )
        found = cuts.filter(
            pl.col("item_id").is_not_null()
            & pl.col("payment_id").is_not_null()
            & (pl.col("amount") > 0)
        )
        return found.select("payment_id", "item_id", "amount").collect()

    return {
        "DuckDB range join by hand": lambda: con.sql(sql).to_arrow_table(),
        "Polars union and fill by hand": polars_by_hand,
        "frames, Polars eager (kernel)": lambda: frames.allocate_oldest_first(left, right),
        "frames, PyArrow (kernel)": lambda: frames.allocate_oldest_first(owed, paid),
        "frames, DuckDB (expressions)": lambda: frames.allocate_oldest_first(
            con.table("i"), con.table("p")
        ).to_arrow_table(),
        "frames, Polars lazy (expressions)": lambda: frames.allocate_oldest_first(
            left.lazy(), right.lazy()
        ).collect(),
    }


def pieces(answer: Any) -> tuple[int, int, int]:
    table = arrow_of(answer)
    units = np.array([int(v.scaleb(2)) for v in table["amount"].to_pylist()], np.int64)
    item = np.array([int(v[2:]) for v in table["item_id"].to_pylist()], np.uint64)
    paying = np.array([int(v[2:]) for v in table["payment_id"].to_pylist()], np.uint64)
    mixed = (
        (item * np.uint64(0x9E3779B97F4A7C15))
        ^ (paying * np.uint64(0xC2B2AE3D27D4EB4F))
        ^ units.astype(np.uint64)
    )
    return table.num_rows, int(units.sum()), int(np.bitwise_xor.reduce(mixed))


def ledger(count: int, rng: np.random.Generator) -> pa.Table:
    """Return facts: `count` invoices, and payments each allocated once, in all about four facts an invoice."""
    posted = DAY0 - rng.integers(0, 720, count)
    due = posted + rng.choice([0, 14, 30, 60], count)
    units = np.maximum(2, np.exp(rng.normal(10.8, 1.4, count))).astype(np.int64)
    uses = count * 3 // 2
    target = rng.integers(0, count, uses)
    first = np.zeros(count, np.int64)
    np.add.at(first, target, 1)
    used = units[target] // (first[target] + 1)
    on = np.maximum(due[target] + rng.gamma(1.2, 40, uses).astype(np.int64) - 10, posted[target])
    invoice, payment = names("F", np.arange(count)), names("R", np.arange(uses))
    nobody = pa.nulls(count, pa.string())
    none = pa.nulls(uses, pa.string())
    days_ = lambda it: pa.array(it.astype(np.int32)).cast(pa.date32())  # noqa: E731
    gaps = pa.nulls(uses, pa.date32())
    owner = names("C", rng.integers(0, CUSTOMERS, count))
    parts = [
        (invoice, "invoice", owner, units, days_(posted), days_(due), nobody, nobody),
        (
            payment,
            "payment",
            owner.take(pa.array(target)),
            np.maximum(used, 1),
            days_(on),
            gaps,
            none,
            none,
        ),
        (
            names("A", np.arange(uses)),
            "allocation",
            none,
            np.maximum(used, 1),
            days_(on),
            gaps,
            payment,
            invoice.take(pa.array(target)),
        ),
    ]
    tables = [
        pa.table({"id": a, "kind": pa.array([k] * len(a)), "customer": c, "currency": pa.array(["MXN"] * len(a)), "amount": decimals(u),
                  "posting_date": p, "due_date": d, "source_id": s, "target_id": t, "reverses_id": pa.nulls(len(a), pa.string())})
        for a, k, c, u, p, d, s, t in parts
    ]  # fmt: skip
    table = pa.concat_tables(tables).combine_chunks()
    return table.take(pa.array(rng.permutation(table.num_rows)))


def by_hand(held: pl.DataFrame, day: date) -> pl.LazyFrame:
    """Write a snapshot as an expert does in Polars: what counts on the day, less what was used of it."""
    facts = held.lazy()
    now = facts.filter(pl.col("posting_date") <= day)
    over = now.filter(pl.col("kind") == "reversal").select(pl.col("reverses_id").alias("id"))
    documents = now.filter(pl.col("kind").is_in(["invoice", "payment"])).join(
        over, on="id", how="anti"
    )
    ahead = facts.filter(
        pl.col("kind").is_in(["invoice", "payment"]) & (pl.col("posting_date") > day)
    ).select("id")
    gone = pl.concat([over, ahead])
    uses = now.filter(pl.col("kind") == "allocation").join(gone, on="id", how="anti")
    uses = uses.join(gone, left_on="target_id", right_on="id", how="anti").join(
        gone, left_on="source_id", right_on="id", how="anti"
    )
    both = pl.concat(
        [
            uses.select(pl.col("target_id").alias("id"), "amount"),
            uses.select(pl.col("source_id").alias("id"), "amount"),
        ]
    )
    used = both.group_by("id").agg(pl.col("amount").sum().alias("used"))
    left = (
        pl.when(pl.col("used").is_null())
        .then("amount")
        .otherwise(pl.col("amount") - pl.col("used"))
    )
    signed = (
        documents.join(used, on="id", how="left")
        .with_columns(left.alias("left"))
        .filter(pl.col("left") != 0)
    )
    sign = pl.when(pl.col("kind") == "payment").then(-pl.col("left")).otherwise(pl.col("left"))
    return signed.select(
        pl.col("id").alias("item_id"),
        "customer",
        "currency",
        "due_date",
        "posting_date",
        "kind",
        sign.alias("open_amount"),
    )


def snapshots(table: pa.Table) -> Work:
    held, day = pl.from_arrow(table).rechunk(), AS_OF - timedelta(days=60)
    wanted = ["item_id", "customer", "currency", "due_date", "posting_date", "kind", "open_amount"]
    return {
        "Polars by hand": lambda: by_hand(held, day).collect(),
        "frames.open_items of Polars": lambda: (
            frames.open_items(held.lazy(), as_of=day).select(wanted).collect()
        ),
        "frames.open_items of PyArrow (kernel)": lambda: frames.open_items(table, as_of=day).select(
            wanted
        ),
    }


def rolls(table: pa.Table, months: int = 24) -> Work:
    held = pl.from_arrow(table).rechunk()
    days_ = [AS_OF - timedelta(days=30 * n) for n in range(months)][::-1]

    def hand() -> pl.DataFrame:
        def charges(day: date) -> pl.LazyFrame:
            late = (pl.lit(day) - pl.col("due_date")).dt.total_days()
            bucket = pl.when(late <= 0).then(pl.lit(LABELS[0]))
            for edge, name in zip(EDGES[1:], LABELS[1:], strict=False):
                bucket = bucket.when(late <= edge).then(pl.lit(name))
            found = by_hand(held, day).filter(pl.col("kind") == "invoice")
            return found.select(
                "item_id",
                "currency",
                "open_amount",
                bucket.otherwise(pl.lit(LABELS[-1])).alias("bucket"),
            )

        found, before = [], None
        for day in days_:
            now = charges(day).collect()
            if before is not None:
                joined = before.join(
                    now.select("item_id", then="open_amount", to="bucket"), on="item_id", how="left"
                )
                stays = pl.min_horizontal("open_amount", "then")
                moved = joined.filter(pl.col("then").is_not_null()).select(
                    "currency", "bucket", "to", amount=stays
                )
                gone = joined.select(
                    "currency",
                    "bucket",
                    to=pl.lit("settled"),
                    amount=pl.col("open_amount")
                    - pl.when(pl.col("then").is_null())
                    .then(pl.col("then"))
                    .otherwise(stays)
                    .fill_null(0),
                )
                found.append(
                    pl.concat([moved, gone])
                    .group_by("currency", "bucket", "to")
                    .agg(pl.col("amount").sum())
                )
            before = now
        return pl.concat(found).filter(pl.col("amount") != 0)

    return {
        "Polars by hand, a loop of snapshots": hand,
        "frames.roll_rates of Polars (kernel)": lambda: frames.roll_rates(held, days_),
        "frames.roll_rates of PyArrow (kernel)": lambda: frames.roll_rates(table, days_),
    }


def count_and_sum(name: str) -> Callable[[Any], Any]:
    def same(answer: Any) -> tuple[int, int]:
        table = arrow_of(answer)
        return table.num_rows, int(sum(table[name].to_pylist()).scaleb(2))

    return same


def ages(count: int, rounds: int, rng: np.random.Generator) -> None:
    table = items(count, rng)
    compare("age, DuckDB", age_duckdb(table), sums, rounds)
    compare("age, Polars", age_polars(table), sums, rounds)
    compare("age, pandas", age_pandas(table), sums, rounds)
    if find_spec("numba"):
        compare("age, categorical keys", age_limit(table), sums, rounds)


def allocates(count: int, rounds: int, rng: np.random.Generator) -> None:
    owed, paid = sides(count // 2, rng)
    title = f"allocate oldest first, {owed.num_rows:,} x {paid.num_rows:,}"
    compare(title, allocations(owed, paid), pieces, rounds)


def histories(count: int, rounds: int, rng: np.random.Generator) -> None:
    facts = ledger(count // 4, rng)
    title = f"open items of {facts.num_rows:,} facts"
    compare(title, snapshots(facts), count_and_sum("open_amount"), rounds)
    title = f"roll rates of 24 days, {facts.num_rows:,} facts"
    compare(title, rolls(facts), count_and_sum("amount"), min(rounds, 3))


SECTIONS = {"age": ages, "allocate": allocates, "history": histories}


def main(count: int, rounds: int, names_: list[str]) -> None:
    print(f"{count:,} items, {CUSTOMERS:,} customers, {rounds} rounds; ratios to the first line\n")
    for name in names_ or SECTIONS:
        SECTIONS[name](count, rounds, np.random.default_rng(7))


if __name__ == "__main__":
    given = [*sys.argv[1:], "1000000", "5"][:2] if len(sys.argv) < 3 else sys.argv[1:]
    main(int(given[0]), int(given[1]), given[2:])
