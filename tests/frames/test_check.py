"""Every rule of `check` on every engine: the rows that break it are listed, all others are not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

from receivables import frames
from receivables.frames.table import rows_table

D = Decimal
DAY = date(2026, 1, 10)
INVOICE = {
    "id": "F-1",
    "kind": "invoice",
    "customer": "C1",
    "currency": "MXN",
    "amount": D("100.00"),
    "posting_date": DAY,
}
PAYMENT = {**INVOICE, "id": "R-1", "kind": "payment"}
ALLOCATION = {"id": "A-1", "kind": "allocation", "currency": "MXN", "amount": D("40.00"), "posting_date": DAY,
              "source_id": "R-1", "target_id": "F-1"}  # fmt: skip
DINAR = {**INVOICE, "id": "K-1", "currency": "KWD", "amount": D("1.234")}


def broken(engine, *rows):
    table = rows_table([*rows, INVOICE, PAYMENT, ALLOCATION, DINAR])
    found = engine.rows(frames.check(engine.frame(table), **engine.ints))
    numbered = engine.name not in {"polars-lazy", "polars-int64", "duckdb", "duckdb-int64"}
    assert all(
        (row["row"] is not None) == (numbered and row["rule"] != "over-allocated") for row in found
    )
    return sorted((row["rule"], row["column"], row["id"]) for row in found), found


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({**INVOICE, "id": "F-2", "kind": "bill"}, ("unreadable-fact", "kind", "F-2")),
        ({**INVOICE, "id": "F-2", "posting_date": None}, ("unreadable-fact", "posting_date", "F-2")),
        ({**INVOICE, "id": "F-2", "amount": None}, ("unreadable-fact", "amount", "F-2")),
        ({**INVOICE, "id": "F-2", "currency": None}, ("unreadable-fact", "currency", "F-2")),
        ({**INVOICE, "id": "F-2", "customer": None}, ("unreadable-fact", "customer", "F-2")),
        ({**INVOICE, "id": "F-2", "currency": "XXQ"}, ("unknown-currency", "currency", "F-2")),
        ({**INVOICE, "id": "F-2", "amount": D("-1.00")}, ("not-positive", "amount", "F-2")),
        ({**INVOICE, "id": "F-2", "amount": D("1.005")}, ("inexact-amount", "amount", "F-2")),
        ({**INVOICE, "id": "F-2", "currency": "JPY", "amount": D("1.5")}, ("inexact-amount", "amount", "F-2")),
        ({**ALLOCATION, "id": "A-2", "target_id": None}, ("unreadable-fact", "target_id", "A-2")),
        ({**ALLOCATION, "id": "A-2", "target_id": "F-9"}, ("unknown-fact", "target_id", "A-2")),
        ({**ALLOCATION, "id": "A-2", "source_id": "A-1"}, ("unknown-fact", "source_id", "A-2")),
        ({"id": "X-1", "kind": "reversal", "posting_date": DAY, "reverses_id": "F-9"}, ("unknown-fact", "reverses_id", "X-1")),
        ({**ALLOCATION, "id": "W-1", "kind": "write_off", "amount": D("70.00")}, ("over-allocated", "open_amount", "F-1")),
    ],
)  # fmt: skip
def test_the_row_that_breaks_a_rule_is_found(engine, row, expected):
    found, _ = broken(engine, row)
    assert found == [expected]


def test_rows_and_values_are_told(engine):
    _, [row] = broken(engine, {**INVOICE, "id": "F-2", "currency": "XXQ"})
    assert row["value"] == "XXQ"
    assert row["row"] in {0, None}


def test_an_id_may_stand_twice_only_for_instalments(engine):
    parts = [{**INVOICE, "id": "F-3", "instalment": number, "due_date": DAY} for number in (1, 2)]
    found, _ = broken(engine, *parts, {**DINAR, "amount": D("2.000")})
    assert found == [("conflicting-fact", "id", "K-1")] * 2


def test_facts_in_order_give_an_empty_table_of_the_same_columns(engine):
    found = frames.check(engine.frame(rows_table([INVOICE])), **engine.ints)
    assert list(engine.arrow(found).column_names) == ["row", "id", "column", "value", "rule"]
    assert engine.rows(found) == []


def test_an_empty_table_is_in_order():
    table = rows_table([INVOICE]).slice(0, 0)
    assert isinstance(table, pa.Table)
    assert frames.check(table).num_rows == 0
    assert frames.open_items(table, as_of=DAY).num_rows == 0
