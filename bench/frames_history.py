"""Open items of one day and roll rates of 24 days from a table of facts, against Polars and DuckDB by hand.

Usage: python bench/frames_history.py [--rows 2000000] [--rounds 5] [snapshot|rolls …]; four facts an item.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
from side_by_side.answers import figures
from side_by_side.tables import AS_OF, EDGES, LABELS, ledger
from side_by_side.timing import Work, compare, options

from receivables import frames

DAY = AS_OF - timedelta(days=60)
MONTHS = [AS_OF - timedelta(days=30 * n) for n in range(24)][::-1]
SHOWN = ["item_id", "customer", "currency", "due_date", "posting_date", "kind", "open_amount"]
ROLLED = ["from_date", "to_date", "currency", "from_bucket", "to_bucket"]


def standing(facts: pl.LazyFrame, day: date) -> pl.LazyFrame:
    """Write a snapshot as an expert does in Polars: what counts on the day, less what was used of it."""
    now = facts.filter(pl.col("posting_date") <= day)
    documents = pl.col("kind").is_in(["invoice", "payment"])
    over = now.filter(pl.col("kind") == "reversal").select(pl.col("reverses_id").alias("id"))
    ahead = facts.filter(documents & (pl.col("posting_date") > day)).select("id")
    gone = pl.concat([over, ahead])
    uses = now.filter(pl.col("kind") == "allocation").join(gone, on="id", how="anti")
    uses = uses.join(gone, left_on="target_id", right_on="id", how="anti")
    uses = uses.join(gone, left_on="source_id", right_on="id", how="anti")
    sides = [uses.select(pl.col(side).alias("id"), "amount") for side in ("target_id", "source_id")]
    used = pl.concat(sides).group_by("id").agg(pl.col("amount").sum().alias("used"))
    untouched = pl.col("used").is_null()
    left = pl.when(untouched).then("amount").otherwise(pl.col("amount") - pl.col("used"))
    held = now.filter(documents).join(over, on="id", how="anti")
    items = held.join(used, on="id", how="left").with_columns(left.alias("left"))
    paid = pl.col("kind") == "payment"
    signed = pl.when(paid).then(-pl.col("left")).otherwise(pl.col("left"))
    shown = items.filter(pl.col("left") != 0).with_columns(item_id="id", open_amount=signed)
    return shown.select(SHOWN)


def snapshot_sql(day: date) -> str:
    return f"""with now as (select * from facts where posting_date <= date '{day}'),
        over as (select reverses_id as id from now where kind = 'reversal'),
        gone as (from over union all select id from facts where kind in ('invoice', 'payment') and posting_date > date '{day}'),
        uses as (select now.* from now anti join gone on now.id = gone.id anti join gone g on now.target_id = g.id
            anti join gone h on now.source_id = h.id where kind = 'allocation'),
        used as (select id, sum(amount) as used from (select target_id as id, amount from uses
            union all select source_id, amount from uses) group by id)
        select n.id as item_id, customer, currency, due_date, posting_date, kind,
            case when kind = 'payment' then -1 else 1 end * (amount - coalesce(used, 0)) as open_amount
        from now n anti join over on n.id = over.id left join used u on u.id = n.id
        where kind in ('invoice', 'payment') and amount <> coalesce(used, 0)"""  # noqa: S608


def connected(table: pa.Table) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(config={"threads": 2})
    con.register("given", table)
    con.execute("create table facts as select * from given").fetchall()
    con.unregister("given")
    return con


def snapshots(table: pa.Table) -> Work:
    held, con = pl.from_arrow(table).rechunk(), connected(table)
    sql = snapshot_sql(DAY)
    ask = frames.open_items
    return {
        "Polars by hand": lambda: standing(held.lazy(), DAY).collect(),
        "frames.open_items of Polars": lambda: ask(held.lazy(), as_of=DAY).select(SHOWN).collect(),
        "frames.open_items of PyArrow": lambda: ask(table, as_of=DAY).select(SHOWN),
        "DuckDB by hand": lambda: con.sql(sql).to_arrow_table(),
        "frames.open_items of DuckDB": lambda: (
            ask(con.table("facts"), as_of=DAY).select(*SHOWN).to_arrow_table()
        ),
    }


def charges(facts: pl.LazyFrame, day: date) -> pl.LazyFrame:
    late = (pl.lit(day) - pl.col("due_date")).dt.total_days()
    bucket = pl.when(late <= 0).then(pl.lit(LABELS[0]))
    for edge, name in zip(EDGES[1:], LABELS[1:], strict=False):
        bucket = bucket.when(late <= edge).then(pl.lit(name))
    found = standing(facts, day).filter(pl.col("kind") == "invoice")
    bucket = bucket.otherwise(pl.lit(LABELS[-1])).alias("bucket")
    return found.select("item_id", "currency", "open_amount", bucket)


def moved(before: pl.DataFrame, now: pl.DataFrame, days: tuple[date, date]) -> pl.DataFrame:
    later = now.select("item_id", then="open_amount", to="bucket")
    joined = before.join(later, on="item_id", how="left")
    gone, first = pl.col("then").is_null(), pl.col("open_amount")
    stays = pl.min_horizontal(first, "then")
    parts = [
        joined.filter(~gone).select("currency", from_bucket="bucket", to_bucket="to", amount=stays),
        joined.select(
            "currency",
            from_bucket="bucket",
            to_bucket=pl.lit("settled"),
            amount=pl.when(gone).then(first).otherwise(first - stays),
        ),
    ]
    sums = pl.concat(parts).group_by("currency", "from_bucket", "to_bucket").agg(pl.sum("amount"))
    return sums.with_columns(from_date=pl.lit(days[0]), to_date=pl.lit(days[1]))


def in_polars(held: pl.DataFrame) -> pl.DataFrame:
    found, before = [], charges(held.lazy(), MONTHS[0]).collect()
    for days in pairwise(MONTHS):
        now = charges(held.lazy(), days[1]).collect()
        found.append(moved(before, now, days))
        before = now
    return pl.concat(found).filter(pl.col("amount") != 0)


def in_duckdb(con: duckdb.DuckDBPyConnection) -> pa.Table:
    found = []
    for index, day in enumerate(MONTHS):
        tests = " ".join(
            f"when due_date >= date '{day - timedelta(days=edge)}' then '{name}'"
            for edge, name in zip(EDGES, LABELS, strict=False)
        )
        bucket = f"case {tests} else '{LABELS[-1]}' end as bucket"
        con.execute(
            f"create or replace temp table now{index % 2} as select item_id, currency, open_amount, {bucket} "  # noqa: S608
            f"from ({snapshot_sql(day)}) where kind = 'invoice'"
        ).fetchall()
        if not index:
            continue
        both = f"now{1 - index % 2} a left join now{index % 2} b using (item_id)"
        sql = f"""select date '{MONTHS[index - 1]}' as from_date, date '{day}' as to_date, currency, from_bucket, to_bucket,
            sum(amount) as amount from (select a.currency, a.bucket as from_bucket, b.bucket as to_bucket,
            least(a.open_amount, b.open_amount) as amount from {both} where b.item_id is not null union all
            select a.currency, a.bucket, 'settled', case when b.item_id is null then a.open_amount
            else a.open_amount - least(a.open_amount, b.open_amount) end from {both}) group by all having sum(amount) <> 0"""  # noqa: S608
        found.append(con.sql(sql).to_arrow_table())
    return pa.concat_tables(found)


def rolls(table: pa.Table) -> Work:
    held, con = pl.from_arrow(table).rechunk(), connected(table)
    ask = frames.roll_rates
    return {
        "Polars by hand, a loop of snapshots": lambda: in_polars(held),
        "DuckDB by hand, a loop of snapshots": lambda: in_duckdb(con),
        "frames.roll_rates of Polars": lambda: ask(held, MONTHS),
        "frames.roll_rates of PyArrow": lambda: ask(table, MONTHS),
        "frames.roll_rates of DuckDB": lambda: ask(con.table("facts"), MONTHS).to_arrow_table(),
    }


def open_same(answer: Any) -> pa.Table:
    return figures(answer, [name for name in SHOWN if name != "open_amount"], ["open_amount"])


def rolled_same(answer: Any) -> pa.Table:
    return figures(answer, ROLLED, ["amount"])


def main() -> None:
    asked = options(__doc__, 100_000, ["snapshot", "rolls"])
    table = ledger(asked.rows)
    facts = f"{table.num_rows:,} facts of {asked.rows:,} invoices"
    if "snapshot" in (asked.only or ["snapshot"]):
        compare(f"open items of {facts}", snapshots(table), open_same, asked.rounds)
    if "rolls" in (asked.only or ["rolls"]):
        compare(
            f"roll rates of 24 days, {facts}", rolls(table), rolled_same, asked.rounds, limits=2
        )


if __name__ == "__main__":
    main()
