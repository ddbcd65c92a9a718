"""What came as a plan and is answered by a kernel: the same answer, types and laziness as the plan's own."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

from receivables import frames
from receivables.frames import gathered

D = Decimal
TYPE = pa.decimal128(28, 2)


def items(*amounts, kind=TYPE):
    return pa.table({
        "item_id": pa.array([f"F-{n}" for n in range(len(amounts))]),
        "customer": pa.array(["C1"] * len(amounts)),
        "currency": pa.array(["MXN"] * len(amounts)),
        "due_date": pa.array([date(2026, 1, 1 + n) for n in range(len(amounts))]),
        "open_amount": pa.array(amounts, kind),
    })  # fmt: skip


def payments(*amounts, kind=TYPE):
    table = items(*amounts, kind=kind)
    names = ["payment_id", "customer", "currency", "posting_date", "amount"]
    return table.rename_columns(names)


PLANS = ("polars", "polars-lazy", "duckdb")


@pytest.fixture(params=PLANS)
def planned(request, engines):
    """An engine that answers by plans; skipped where it is not installed."""
    if request.param not in engines:
        pytest.skip(f"{request.param} is not installed")
    return engines[request.param]


def allocate(engine, owed, paid, **how):
    found = frames.allocate_oldest_first(engine.frame(owed), engine.frame(paid), **how)
    rows = [(it["payment_id"], it["item_id"], it["amount"]) for it in engine.rows(found)]
    return found, sorted(rows)


def test_more_rows_than_are_gathered_are_answered_by_the_plan(planned, monkeypatch):
    """To the same rows and types; one row of items and two of payments are three."""
    owed, paid = items(D("100.00")), payments(D("60.00"), D("70.00"))
    kernel, rows = allocate(planned, owed, paid)
    monkeypatch.setattr(gathered, "ROWS", 2)
    plan, again = allocate(planned, owed, paid)
    assert rows == again == [("F-0", "F-0", D("60.00")), ("F-1", "F-0", D("40.00"))]
    assert planned.arrow(kernel).schema == planned.arrow(plan).schema


def test_sums_past_64_bits_are_answered_by_the_plan(planned):
    """Ten times nine thousand billiards are past 2 ** 63 cents: 38 digits hold them."""
    huge = D("90000000000000000.00")
    _, rows = allocate(planned, items(*[huge] * 10), payments(*[huge] * 10))
    assert rows == [(f"F-{n}", f"F-{n}", huge) for n in range(10)]


def test_a_polars_plan_runs_when_it_is_collected():
    pl = pytest.importorskip("polars")
    ran = []

    def watched(table):
        def seen(frame):
            ran.append(frame.height)
            return frame

        return pl.from_arrow(table).lazy().map_batches(seen, schema=None)

    plan = frames.allocate_oldest_first(watched(items(D(5))), watched(payments(D(3))))
    assert ran == []
    assert plan.collect().rows() == [("F-0", "F-0", "C1", "MXN", D("3.00"))]
    assert ran == [1, 1]


def test_categories_come_back_as_texts_as_the_plan_has_them():
    pl = pytest.importorskip("polars")
    owed = pl.from_arrow(items(D(5))).cast({"customer": pl.Categorical})
    found = frames.allocate_oldest_first(owed, pl.from_arrow(payments(D(3))))
    assert found.schema["customer"] == pl.String
    assert found.rows() == [("F-0", "F-0", "C1", "MXN", D("3.00"))]


@pytest.fixture
def con():
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as opened:
        yield opened


def relations(con, kind="DECIMAL(12,2)"):
    con.execute(
        f"create table i as select 'F-0' item_id, 'C1' customer, 'MXN' currency, date '2026-01-01' due_date, 1234::{kind} open_amount"
    ).fetchall()
    con.execute(
        f"create table p as select 'R-0' payment_id, 'C1' customer, 'MXN' currency, date '2026-01-02' posting_date, 1000::{kind} amount"
    ).fetchall()
    return con.table("i"), con.table("p")


def test_whole_numbers_of_128_bits_count_what_the_caller_says(con):
    """Sums of integers are HUGEINT in DuckDB: 1000 at scale 2 are ten, not a thousand."""
    found = frames.allocate_oldest_first(*relations(con, "HUGEINT"), scale=2)
    assert found.fetchall() == [("R-0", "F-0", "C1", "MXN", 1000)]
    assert str(found.types[-1]) == "BIGINT"


def test_the_answer_joins_with_tables_of_the_same_connection(con):
    """And can be read again and again."""
    found = frames.allocate_oldest_first(*relations(con))
    assert found.join(con.table("i").set_alias("held"), "item_id").fetchall() == [
        ("R-0", "F-0", "C1", "MXN", D("1000.00"), "C1", "MXN", date(2026, 1, 1), D("1234.00"))
    ]
    assert found.fetchall() == found.fetchall() == [("R-0", "F-0", "C1", "MXN", D("1000.00"))]


def test_a_connection_that_may_not_read_python_tables_is_answered_by_the_plan(con):
    con.execute("set python_enable_replacements = false")
    found = frames.allocate_oldest_first(*relations(con))
    assert found.fetchall() == [("R-0", "F-0", "C1", "MXN", D("1000.00"))]
