"""Law: Frames agree. What a frame answers equals what the object core answers, to the last digit, on every engine."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import UTC, date, datetime

import pytest
from tests.frames.stories import books_of, common_table, gathered, ours

from receivables import Basis, Buckets, CreditDisplay, age, frames
from receivables.schema import FACTS

DAYS = (date(2026, 1, 31), date(2026, 4, 15), date(2026, 6, 30))
MOMENTS = (None, datetime(2026, 1, 1, 3, tzinfo=UTC), datetime(2026, 1, 1, 12, tzinfo=UTC))
COLUMNS = ("item_id", "customer", "currency", "due_date", "open_amount", "document_date", "kind",
           "instalment", "posting_date", "baseline_date", "reference", "segment")  # fmt: skip


@pytest.fixture(scope="module")
def stories():
    return gathered()


@pytest.fixture(scope="module")
def table(stories):
    return common_table(stories)


@pytest.fixture(scope="module")
def books(stories):
    return books_of(stories)


def core_items(books, as_of, known_at=None):
    for number, ledger in enumerate(books):
        for item in ledger.open_items(as_of=as_of, known_at=known_at):
            yield number, item


def as_cells(number, item):
    own = {"item_id": ours(number, item.id), "customer": ours(number, item.customer),
           "open_amount": item.open_amount.amount, "segment": item.document.segment}  # fmt: skip
    return tuple(own[name] if name in own else getattr(item, name) for name in COLUMNS)


def test_the_stories_hold_what_is_hard(table):
    """Otherwise the law below would say little."""
    rows = table.to_pylist()
    kinds = Counter(row["kind"] for row in rows)
    assert (
        min(kinds[it] for it in ("reversal", "refund", "write_off", "adjustment", "allocation"))
        >= 20
    )
    assert {row["currency"] for row in rows} >= {"MXN", "JPY", "KWD"}
    assert sum(row["instalment"] is not None for row in rows if row["kind"] == "invoice") >= 20
    assert sum(row["instalment"] is not None for row in rows if row["kind"] == "allocation") >= 5
    assert sum(bool(row["increase"]) for row in rows) >= 10
    assert sum(row["recorded_at"] is not None for row in rows) >= 100
    assert sum(row["due_date"] is None for row in rows if row["kind"] == "invoice") >= 20
    assert sum(row["source_currency"] not in {None, row["currency"]} for row in rows) >= 10


@pytest.mark.parametrize(
    ("as_of", "known_at"),
    list(itertools.product(DAYS, MOMENTS[:1])) + [(DAYS[1], it) for it in MOMENTS[1:]],
)
def test_open_items(engine, table, books, as_of, known_at):
    """On any day, as known at any time."""
    found = engine.rows(
        frames.open_items(engine.frame(table), as_of=as_of, known_at=known_at, **engine.ints)
    )
    wanted = Counter(as_cells(*it) for it in core_items(books, as_of, known_at))
    assert len(wanted) > 200
    assert Counter(tuple(row[name] for name in COLUMNS) for row in found) == wanted


def aged_by_core(books, by, **how):
    """Return the cells of the object core's report over the items of all subledgers, as the common table names them."""
    for number, ledger in enumerate(books):
        report = age(ledger.open_items(as_of=DAYS[2]), by=by, as_of=DAYS[2], **how)
        for row in report.rows:
            keys = [
                ours(number, value) if name == "customer" else value for name, value in row.keys
            ]
            amounts = [it.amount for it in (row.total, *row.amounts)]
            yield (*keys, row.currency), [amounts[0], row.items, *amounts[1:]]


def summed(cells):
    found = {}
    for key, figures in cells:
        old = found.get(key, [0] * len(figures))
        found[key] = [a + b for a, b in zip(old, figures, strict=True)]
    return found


@pytest.fixture(scope="module")
def items(table):
    return frames.open_items(table, as_of=DAYS[2])


@pytest.mark.parametrize("credits", list(CreditDisplay))
@pytest.mark.parametrize(
    ("basis", "by"),
    [
        (Basis.DUE, ("customer",)),
        (Basis.DOCUMENT, ("segment", "kind")),
        (Basis.POSTING, ()),
        (Basis.BASELINE, ("customer", "segment")),
    ],
)
def test_age(engine, items, books, credits, basis, by):
    """By any columns, in each display of credits, from each date."""
    found = frames.age(
        engine.frame(items), as_of=DAYS[2], by=by, basis=basis, credits=credits, **engine.ints
    )
    wanted = summed(aged_by_core(books, by, basis=basis, credits=credits))
    rows = [list(row.values()) for row in engine.rows(found)]
    width = len(by) + 1
    assert {tuple(row[:width]): row[width:] for row in rows} == wanted
    assert len(rows) == len(wanted)


@pytest.mark.parametrize("name", ["idempiere", "akaunting", "ledgersmb", "tryton"])
def test_age_by_the_conventions_of_other_systems(engine, items, books, name):
    """Also those that count a day twice or not at all."""
    buckets = Buckets.preset(name)
    found = frames.age(
        engine.frame(items), as_of=DAYS[2], by="currency", buckets=buckets, **engine.ints
    )
    wanted = summed(aged_by_core(books, (), buckets=buckets))
    rows = engine.rows(found)
    assert list(rows[0]) == ["currency", "total", "items", *buckets.labels, "undated", "credits"]
    assert {(row.pop("currency"),): list(row.values()) for row in rows} == wanted


def test_snapshots(engine, table, books):
    """The same items, day by day, each with its day."""
    found = engine.rows(frames.snapshots(engine.frame(table), DAYS[:2], **engine.ints))
    wanted = Counter((day, *as_cells(*it)) for day in DAYS[:2] for it in core_items(books, day))
    assert Counter(tuple(row[name] for name in ("as_of", *COLUMNS)) for row in found) == wanted


def rolled_by_core(books, dates):
    """Follow every charge from one day to the next."""
    buckets = Buckets.of(0, 30, 60, 90, 120)
    sums = Counter()
    for first, second in itertools.pairwise(dates):
        for ledger in books:
            later = {it.id: it for it in ledger.open_items(as_of=second)}
            for item in ledger.open_items(as_of=first):
                if item.is_credit:
                    continue
                then = later.get(item.id)
                stays = min(item.open_amount.amount, then.open_amount.amount) if then else 0
                key = (first, second, item.currency, place(item, buckets))
                if then:
                    sums[*key, place(then, buckets)] += stays
                sums[*key, "settled"] += item.open_amount.amount - stays
    return {key: amount for key, amount in sums.items() if amount}


def place(item, buckets):
    return "undated" if item.due_date is None else buckets.label(item.days_past_due)


def test_roll_rates(engine, table, books):
    """Between neighbouring days, partial payments split the money, not the item."""
    found = engine.rows(frames.roll_rates(engine.frame(table), DAYS, **engine.ints))
    got = {tuple(row.values())[:-1]: row["amount"] for row in found}
    assert len(got) == len(found)
    assert got == rolled_by_core(books, DAYS)


def test_a_table_with_every_column_of_the_schema(engine, table):
    """As a pulled folder has it: nothing is missing, most of it is empty."""
    import pyarrow as pa

    types = {"text": pa.string(), "date": pa.date32(), "amount": pa.decimal128(21, 3), "flag": pa.bool_(),
             "integer": pa.int64(), "timestamp": pa.timestamp("us", tz="UTC")}  # fmt: skip
    full = table
    for column in FACTS.columns:
        if column.name not in full.column_names:
            kind = types.get(column.type, pa.string())
            full = full.append_column(column.name, pa.nulls(full.num_rows, kind))
    found = frames.open_items(engine.frame(full), as_of=DAYS[1], **engine.ints)
    plain = frames.open_items(engine.frame(table), as_of=DAYS[1], **engine.ints)
    assert Counter(tuple(row[name] for name in COLUMNS) for row in engine.rows(found)) == Counter(
        tuple(row[name] for name in COLUMNS) for row in engine.rows(plain)
    )


def test_check_finds_nothing_in_lawful_facts(engine, table):
    assert engine.rows(frames.check(engine.frame(table), **engine.ints)) == []
