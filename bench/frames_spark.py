"""Aging in Spark on two local threads against the same report written in Spark's own expressions.

Usage: python bench/frames_spark.py [--rows 5000000] [--rounds 5]; needs PySpark and Java.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from datetime import timedelta
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from side_by_side.answers import figures
from side_by_side.tables import AS_OF, CUSTOMERS, EDGES, LABELS, items, plain
from side_by_side.timing import Work, compare, options

from receivables import frames

SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.memory": "3g",
}
KEYS = ("customer", "currency")
SHOWN = (*LABELS, "credits", "undated", "total", "items")


def session() -> Any:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]")
    for key, value in SETTINGS.items():
        builder = builder.config(key, value)
    found = builder.getOrCreate()
    found.sparkContext.setLogLevel("OFF")
    return found


def by_hand(held: Any) -> Any:
    from pyspark.sql import functions as f

    amount, due = f.col("open_amount"), f.col("due_date")
    cuts = [f.lit(AS_OF - timedelta(days=edge)) for edge in EDGES]
    tests = [due >= cuts[0]]
    tests += [(due < a) & (due >= b) for a, b in pairwise(cuts)]
    tests.append(due < cuts[-1])
    cells = {name: (amount > 0) & test for name, test in zip(LABELS, tests, strict=True)}
    cells |= {"credits": amount < 0, "undated": (amount > 0) & due.isNull()}
    sums = [f.sum(f.when(test, amount)).alias(name) for name, test in cells.items()]
    whole = [f.sum(amount).alias("total"), f.count("*").alias("items")]
    return held.groupBy("customer", "currency").agg(*sums, *whole)


def work(held: Any, read: Callable[[Any], Any]) -> Work:
    return {
        "Spark by hand": lambda: read(by_hand(held)),
        "frames.age of Spark": lambda: read(frames.age(held, as_of=AS_OF).select(*KEYS, *SHOWN)),
    }


def main() -> None:
    if find_spec("pyspark") is None or shutil.which("java") is None:
        print("left out: PySpark or Java is not installed")
        sys.exit()
    asked = options(__doc__, 500_000)
    spark = session()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "items.parquet"
        pq.write_table(plain(items(asked.rows)), path)
        held = spark.read.parquet(str(path)).cache()
        held.count()
        title = f"age {asked.rows:,} items of {CUSTOMERS:,} customers: Spark, local[2]"

        def same(answer: Any) -> pa.Table:
            return figures(answer, KEYS, (*LABELS, "credits", "total"))

        compare(title, work(held, lambda it: it.toArrow()), same, asked.rounds)
        spark.stop()


if __name__ == "__main__":
    main()
