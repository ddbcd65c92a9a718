"""Law: Frames agree, for the measures of a period: the same figures and reasons as the object core."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from tests.frames.stories import common_books, common_table, gathered

from receivables import frames
from receivables.errors import MixedDates, NotADate, UnfitFrame
from receivables.metrics import measure_kpis
from receivables.rounding import Rounding

D = Decimal
SETTLEMENT = {"settled items", "ADTP", "WADTP", "WADL (signed)", "WADL (clipped at 0)",
              "on time by count", "on time by amount"}  # fmt: skip


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
            if it.name not in SETTLEMENT:
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
def test_every_measure_that_rests_on_sums(engine, table, books, start, as_of, known_at):
    found = frames.kpis(
        engine.frame(table), start=start, as_of=as_of, known_at=known_at, **engine.ints
    )
    wanted = list(by_core(books, start, as_of, known_at))
    assert len(wanted) >= 3 * 23
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
