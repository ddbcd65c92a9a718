"""Spark answers from the same source; its tests are few, because every question takes it a second."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

import pytest
from tests.frames.stories import books_of, common_table, gathered, ours

from receivables import CreditDisplay, frames

pytestmark = pytest.mark.slow  # the session alone takes ten seconds
AS_OF, KNOWN_AT = date(2026, 4, 15), datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def held(spark):
    frame = spark.frame(common_table(gathered()))
    return frame.cache()


def test_open_items_agree(spark, held):
    """Law: Frames agree, on 240 subledgers."""
    rows = spark.rows(frames.open_items(held, as_of=AS_OF, known_at=KNOWN_AT))
    wanted = Counter(
        (
            ours(number, item.id),
            item.currency,
            item.due_date,
            item.open_amount.amount,
            item.baseline_date,
        )
        for number, ledger in enumerate(books_of(gathered()))
        for item in ledger.open_items(as_of=AS_OF, known_at=KNOWN_AT)
    )
    names = ("item_id", "currency", "due_date", "open_amount", "baseline_date")
    assert Counter(tuple(row[name] for name in names) for row in rows) == wanted


def test_aging_rolling_and_allocating_agree_with_arrow(spark, held):
    """What Arrow answers agrees with the object core; Spark agrees with Arrow."""
    table = common_table(gathered())
    items, ours_ = (
        frames.open_items(held, as_of=AS_OF).cache(),
        frames.open_items(table, as_of=AS_OF),
    )
    for display in CreditDisplay:
        how = {"as_of": AS_OF, "credits": display}
        assert as_set(spark.rows(frames.age(items, **how))) == as_set(
            frames.age(ours_, **how).to_pylist()
        )
    days = (date(2026, 3, 31), AS_OF)
    assert as_set(spark.rows(frames.roll_rates(held, days))) == as_set(
        frames.roll_rates(table, days).to_pylist()
    )
    charges = ours_.select(["item_id", "customer", "currency", "due_date", "open_amount"])
    credits_ = payments(table)
    found = frames.allocate_oldest_first(spark.frame(charges), spark.frame(credits_))
    assert as_set(spark.rows(found)) == as_set(
        frames.allocate_oldest_first(charges, credits_).to_pylist()
    )


def payments(table):
    import pyarrow.compute as pc

    rows = table.filter(pc.equal(table["kind"], "payment"))
    return rows.select(["id", "customer", "currency", "amount", "posting_date"]).rename_columns(
        ["payment_id", "customer", "currency", "amount", "posting_date"]
    )


def as_set(rows):
    return Counter(tuple(sorted((name, str(value)) for name, value in row.items())) for row in rows)


@pytest.mark.parametrize("way", ["python", "spark-submit"])
def test_the_job_of_the_examples_runs(spark, root, tmp_path, way):
    """In plain Python and by `spark-submit`, on two local threads; what it writes is what the object core answers."""
    import os
    import subprocess
    import sys
    from pathlib import Path

    import pyarrow.parquet as pq
    import pyspark

    submit = [Path(pyspark.__file__).parent / "bin" / "spark-submit", "--master", "local[2]",
              "--conf", "spark.ui.enabled=false", "--conf", "spark.sql.shuffle.partitions=2"]  # fmt: skip
    table = common_table(gathered())
    (tmp_path / "facts").mkdir()
    pq.write_table(table, tmp_path / "facts" / "1.parquet")
    job = ["examples/spark_job.py", tmp_path / "facts", tmp_path / "aged", str(AS_OF)]
    done = subprocess.run(
        [*(submit if way == "spark-submit" else [sys.executable]), *job],
        cwd=root,
        env={**os.environ, "PYSPARK_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    wanted = frames.age(frames.open_items(table, as_of=AS_OF), as_of=AS_OF)
    assert as_set(pq.read_table(tmp_path / "aged").to_pylist()) == as_set(wanted.to_pylist())


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_the_command_line_asks_spark(spark, capsys, tmp_path, ending):
    """To the byte what the object core gives, of Parquet and of text."""
    import pyarrow.parquet as pq
    from tests.cli.test_engines import write_csv

    from receivables import Subledger
    from receivables.cli.app import run
    from receivables.testing import make_portfolio

    made = make_portfolio(customers=12, invoices=150, seed=5)
    books = Subledger.of(fact for fact in made.facts if fact.kind != "customer")
    table, path = frames.facts_table(books.facts), tmp_path / f"facts.{ending}"
    (pq.write_table if ending == "parquet" else write_csv)(table, path)
    asked = ["age", str(path), "--as-of", "2026-03-31", "--format", "json"]
    told = []
    for more in ([], ["--engine", "spark"]):
        assert run([*asked, *more]) == 0
        told.append(capsys.readouterr().out)
    assert told[0] == told[1]
    assert len(told[0]) > 1000
