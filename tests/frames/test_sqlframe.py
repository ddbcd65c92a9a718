"""The plan as SQL of a warehouse, by SQLFrame; where it is installed, on DuckDB."""

from __future__ import annotations

import gc
from collections import Counter
from datetime import date

import pytest
from tests.frames.stories import common_table, gathered

import receivables as ar
from receivables import frames

pytestmark = [
    pytest.mark.slow,  # SQLFrame takes seconds to write the SQL of one question
    pytest.mark.filterwarnings("ignore"),  # its own
]
AS_OF = date(2026, 4, 15)


def test_a_warehouse_answers_the_same():
    duckdb = pytest.importorskip("duckdb")
    sqlframe = pytest.importorskip("sqlframe.duckdb", reason="SQLFrame is not installed")
    table = common_table(gathered()[:15])
    connection = duckdb.connect()
    connection.register("given", table)
    connection.execute("create table facts as select * from given").fetchall()
    held = sqlframe.DuckDBSession(conn=connection).table("facts")
    items, ours = frames.open_items(held, as_of=AS_OF), frames.open_items(table, as_of=AS_OF)
    matrix = ar.ProvisionMatrix.of({"current": "0.01", ">0": "0.1", "undated": "0.2"})
    aged = frames.age(items, as_of=AS_OF)
    assert "group by" in aged.sql().lower()
    connection.register("open", ours)
    connection.execute("create table items as select * from open").fetchall()
    drawn = sqlframe.DuckDBSession(conn=connection).table("items")
    found = [aged, frames.measure_provision(drawn, matrix, as_of=AS_OF)[0]]
    wanted = [
        frames.age(ours, as_of=AS_OF),
        frames.measure_provision(ours, matrix, as_of=AS_OF)[0],
    ]
    for native, arrow in zip(found, wanted, strict=True):
        rows = Counter(tuple(map(str, row.values())) for row in native.toArrow().to_pylist())
        assert rows == Counter(tuple(map(str, row.values())) for row in arrow.to_pylist())
        assert len(rows) > 3
    gc.collect()
