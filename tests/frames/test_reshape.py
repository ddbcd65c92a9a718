"""A report of frames as a tidy table, and back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from tests.frames.stories import common_table, gathered

from receivables import Buckets, frames
from receivables.errors import UnfitFrame

AS_OF = date(2026, 4, 15)
LABELS = ["current", "1-30", "31-60", "61-90", "91-120", ">120", "undated", "credits"]


@pytest.fixture
def engine(any_engine):
    return any_engine


@pytest.fixture(scope="module")
def items():
    return frames.open_items(common_table(gathered()[:60]), as_of=AS_OF)


def test_long_and_wide_again(engine, items):
    """A row a bucket, which sum to the report; and from them the report."""
    aged = frames.age(engine.frame(items), as_of=AS_OF, by=("customer", "segment"), **engine.ints)
    long = frames.to_long(aged)
    rows, tidy = engine.rows(aged), engine.rows(long)
    assert len(rows) > 30
    names = ("customer", "segment", "currency", "bucket", "bucket_order", "amount")
    assert {tuple(row) for row in tidy} == {names}
    order = {(row["bucket_order"], row["bucket"]) for row in tidy}
    assert [bucket for _, bucket in sorted(order)] == LABELS
    wanted = {
        (row["customer"], row["segment"], row["currency"], name): row[name]
        for row in rows
        for name in LABELS
    }
    assert {tuple(row.values())[:4]: row["amount"] for row in tidy} == wanted
    wide = engine.rows(frames.to_wide(long))
    for row in rows:
        row.pop("items")
    keys = ("customer", "segment", "currency")
    by_key = {tuple(map(row.get, keys)): row for row in rows}
    assert {tuple(map(row.get, keys)): row for row in wide} == by_key
    assert len(wide) == len(rows)


def test_a_bucket_of_another_convention_is_refused(engine, items):
    """Its money would be in no column."""
    buckets = Buckets.of(0, 30, 90)
    aged = frames.age(engine.frame(items), as_of=AS_OF, buckets=buckets, **engine.ints)
    long = frames.to_long(aged)
    with pytest.raises(UnfitFrame, match=r"long has the buckets 31-90, >90, but .* has none such"):
        frames.to_wide(long)
    wide = engine.rows(frames.to_wide(long, buckets=buckets))
    assert sum(row["31-90"] for row in wide) == sum(row["31-90"] for row in engine.rows(aged)) != 0


def test_what_is_no_report_is_refused(engine, items):
    with pytest.raises(UnfitFrame, match="aged lack the columns total, items"):
        frames.to_long(engine.frame(items))
    with pytest.raises(UnfitFrame, match="long lack the columns bucket, amount"):
        frames.to_wide(engine.frame(items))
    bare = items.select(["currency"]).append_column("total", items["open_amount"])
    bare = bare.append_column("items", [[Decimal(1)] * items.num_rows])
    with pytest.raises(UnfitFrame, match="no bucket behind items"):
        frames.to_long(engine.frame(bare))
