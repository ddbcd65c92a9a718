"""Law: Frames agree, for the measures of a period: the same figures and reasons as the object core."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from unittest.mock import patch

import pyarrow as pa
import pytest
from tests.frames.stories import common_books, common_table, gathered

from receivables import frames
from receivables.errors import MixedDates, NotADate, TooLarge, UnfitFrame
from receivables.frames import gathered as gathering
from receivables.metrics import measure_kpis
from receivables.rounding import Rounding

D = Decimal


@pytest.fixture
def engine(any_engine):
    return any_engine


@pytest.fixture(scope="module")
def table():
    return common_table(gathered())


@pytest.fixture(scope="module")
def books():
    return common_books(gathered())


def by_core(books, start, as_of, known_at=None):
    for unit in sorted({it.currency for it in books.items(as_of=as_of, known_at=known_at)}):
        report = measure_kpis(books, start=start, as_of=as_of, currency=unit, known_at=known_at)
        for it in report.measures:
            value = None if it.value is None else Rounding.HALF_UP.apply(it.value, 8)
            yield unit, it.name, value, it.unit, it.reason or None


@pytest.mark.parametrize(
    ("start", "as_of", "known_at"),
    [
        (date(2026, 1, 1), date(2026, 3, 31), None),
        (date(2026, 4, 1), date(2026, 6, 30), None),
        (date(2026, 3, 15), date(2026, 3, 15), datetime(2026, 1, 1, 12, tzinfo=UTC)),
    ],
)
def test_every_measure(engine, table, books, start, as_of, known_at):
    found = frames.kpis(
        engine.frame(table), start=start, as_of=as_of, known_at=known_at, **engine.ints
    )
    wanted = list(by_core(books, start, as_of, known_at))
    assert len(wanted) >= 3 * 30
    assert sum(value not in {None, 0} for _, _, value, *_ in wanted) >= 30
    assert [tuple(row.values()) for row in engine.rows(found)] == wanted


def test_write_offs_of_what_was_cancelled_are_no_bad_debt(engine):
    """What was written off before and stands is none of the period; what was reversed in it counts back."""
    day = date(2026, 1, 10)

    def fact(id_, kind, on=day, **more):
        return {"id": id_, "kind": kind, "customer": "C1", "currency": "MXN", "posting_date": on,
                "amount": D("100.00"), "target_id": None, "reverses_id": None, **more}  # fmt: skip

    rows = [
        *(fact(f"F-{n}", "invoice") for n in range(3)),
        *(fact(f"W-{n}", "write_off", target_id=f"F-{n}", amount=D("10.00")) for n in range(3)),
        fact("X-1", "reversal", date(2026, 2, 5), reverses_id="W-1", amount=None),
        fact("X-2", "reversal", date(2026, 2, 5), reverses_id="F-2", amount=None),
        fact("F-9", "invoice", date(2026, 2, 2), amount=D("40.00")),
        fact("W-9", "write_off", date(2026, 2, 9), target_id="F-9", amount=D("15.00")),
    ]
    types = {"amount": pa.decimal128(12, 2), "posting_date": pa.date32()}
    table = pa.table(
        {n: pa.array([r[n] for r in rows], types.get(n, pa.string())) for n in rows[0]}
    )
    found = frames.kpis(
        engine.frame(table), start=date(2026, 2, 1), as_of=date(2026, 2, 28), **engine.ints
    )
    told = {row["measure"]: row["value"] for row in engine.rows(found)}
    assert told["bad debt to sales"] == D("12.5")  # (15 - 10) of 40
    assert told["open items"] == 3
    assert told["DSO"] == D("150.5")  # (90 + 100 + 25) of 40 in 28 days


def test_the_question_is_checked(engine, table):
    frame = engine.frame(table)
    day = date(2026, 1, 31)
    with pytest.raises(MixedDates, match="has no day"):
        frames.kpis(frame, start=day, as_of=date(2026, 1, 30), **engine.ints)
    with pytest.raises(NotADate, match="is a str"):
        frames.kpis(frame, start="2026-01-01", as_of=day, **engine.ints)
    with pytest.raises(UnfitFrame, match="facts lack the columns currency"):
        frames.kpis(
            engine.frame(table.drop_columns(["currency"])), start=day, as_of=day, **engine.ints
        )


def table_of(rows):
    types = {"amount": pa.decimal128(24, 2), "posting_date": pa.date32(), "due_date": pa.date32(),
             "instalment": pa.int64()}  # fmt: skip
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table(
        {n: pa.array([row.get(n) for row in rows], types.get(n, pa.string())) for n in names}
    )


def posted(id_, kind, amount, **more):
    day = date(2026, 1, 10)
    return {"id": id_, "kind": kind, "customer": "C1", "currency": "MXN", "posting_date": day,
            "amount": amount, "target_id": None, "source_id": None, "reverses_id": None, **more}  # fmt: skip


def measured(engine, table):
    day = date(2026, 1, 31)
    found = frames.kpis(engine.frame(table), start=day.replace(day=1), as_of=day, **engine.ints)
    return {row["measure"]: row["value"] for row in engine.rows(found)}


def test_a_refund_has_no_target_whatever_its_row_says(engine):
    rows = [
        posted("F-1", "invoice", D("100.00")),
        posted("R-1", "payment", D("100.00")),
        posted("B-1", "refund", D("100.00"), source_id="R-1", target_id="F-1"),
    ]
    told = measured(engine, table_of(rows))
    assert (told["open items"], told["settled items"]) == (1, 0)


@pytest.mark.parametrize(
    "name",
    ["pyarrow", "pandas-arrow", "polars", pytest.param("duckdb", marks=pytest.mark.slow)],
)
def test_instalments_past_64_bits_are_measured_where_the_engine_holds_them(engines, name):
    """Two instalments of 20 digits, one of them paid without naming it; DuckDB is asked when the kernel refuses."""
    if name not in engines:
        pytest.skip(f"{name} is not installed")
    part = D("100000000000000000.00")
    rows = [
        posted("F-1", "invoice", part, instalment=1, due_date=date(2026, 1, 15)),
        posted("F-1", "invoice", part, instalment=2, due_date=date(2026, 1, 20)),
        posted("R-1", "payment", part),
        posted("A-1", "allocation", part, source_id="R-1", target_id="F-1"),
    ]
    if name in {"pyarrow", "pandas-arrow"}:
        with pytest.raises(TooLarge):
            measured(engines[name], table_of(rows))
        return
    told = measured(engines[name], table_of(rows))
    assert (told["open items"], told["settled items"], told["WADTP"]) == (1, 1, 0)


def test_whole_numbers_of_many_decimals_are_scaled_once(int_engine):
    rows = [
        posted("F-1", "invoice", 10**14, instalment=1, due_date=date(2026, 1, 15)),
        posted("F-1", "invoice", 10**14, instalment=2, due_date=date(2026, 1, 20)),
        posted("R-1", "payment", 10**14),
        posted("A-1", "allocation", 10**14, source_id="R-1", target_id="F-1"),
    ]
    table = table_of([{**row, "amount": None} for row in rows])
    amounts = pa.array([row["amount"] for row in rows], pa.int64())
    table = table.set_column(table.column_names.index("amount"), "amount", amounts)
    day = date(2026, 1, 31)
    found = frames.kpis(int_engine.frame(table), start=day.replace(day=1), as_of=day, scale=8)
    told = {row["measure"]: row["value"] for row in int_engine.arrow(found).to_pylist()}
    assert (told["open items"], told["settled items"]) == (1, 1)
    assert told["largest customer"] == 10**6


@pytest.mark.slow  # the engine is asked for each sum anew
def test_rows_that_are_not_gathered_are_measured_by_the_engine(engines, table):
    """As many as memory would not hold, or where Arrow is not installed."""
    pytest.importorskip("duckdb")
    engine = engines["duckdb"]
    asked = {"start": date(2026, 1, 1), "as_of": date(2026, 3, 31), **engine.ints}
    held = engine.rows(frames.kpis(engine.frame(table), **asked))
    with patch.object(gathering, "ROWS", 10):
        assert engine.rows(frames.kpis(engine.frame(table), **asked)) == held
