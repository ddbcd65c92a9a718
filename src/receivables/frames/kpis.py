"""`kpis`: the measures of a period over a facts table of any size, a row a currency and measure.

The engine sums by dates, customers and currencies; the figures are divided by the code of the object core.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col

from receivables.frames import columns
from receivables.frames.activity import activity
from receivables.frames.columns import Unit
from receivables.frames.door import Plan
from receivables.frames.open_items import Facts
from receivables.frames.small import Kind, give_rows, rows_of
from receivables.frames.standing import AMOUNTS, CREDITS, in_force
from receivables.metrics.figures import (
    Collected,
    Figures,
    Settled,
    Standing,
    check_period,
    concentration,
    portfolio,
    settlement,
    turning,
)
from receivables.money import Money
from receivables.rounding import EXACT, Rounding

_ANSWER: dict[str, Kind] = {
    "currency": "text",
    "measure": "text",
    "value": "rate",
    "unit": "text",
    "reason": "text",
}
_DATES = ("document_date", "posting_date", "due_date")
_CAME_IN = ("document_date", "due_date", "on")


def kpis(
    facts: Any,
    *,
    start: date,
    as_of: date,
    known_at: datetime | None = None,
    scale: int | None = None,
    rounding: Rounding | None = None,
) -> Any:
    """Measure a period of a facts table: `currency, measure, value, unit, reason`; a plan stays a plan.

    The measures of `receivables.measure_kpis`, under the same names and in the same order, amounts gross, rounded half
    up to 8 decimals. A measure that cannot be computed has no value and a reason. Amounts net of taxes are measured by
    the object core alone.

    Args:
        facts: As for `open_items`.
        start: First day of the period.
        as_of: Last day.
        known_at: As for `open_items`.
        scale: As for `open_items`.
        rounding: As for `open_items`.

    Raises:
        NotADate: When a date of the question is none.
        MixedDates: When the period ends before it starts.
        UnfitFrame: When a column is missing or cannot be what it should.
        NotAnAmount: For floats without a rounding, texts, or whole numbers without a scale.
        TooLarge: When amounts leave 64 bits in a pandas frame or a PyArrow table.
    """
    columns.check_question(start, known_at)
    columns.check_question(as_of)
    check_period(start, as_of)
    ready = Facts.of(facts, known_at, scale, rounding)
    columns.need(ready.schema, ("currency",), ready.door.what)
    sums = _sums(ready, start, as_of, known_at)
    rows = [row for unit in sums.currencies for row in _rows(_figures(sums, unit, start, as_of))]
    return give_rows(ready.door, rows, _ANSWER)


Rows = list[dict[str, Any]]


class _Sums(NamedTuple):
    """What the engine summed, each row with its currency; amounts as decimals."""

    begin: Rows
    open: Rows
    balances: Rows
    posted: Rows
    written_off: Rows
    collected: Rows
    settled: Rows

    @property
    def currencies(self) -> list[str]:
        return sorted({row["currency"] for row in self.posted if row["currency"] is not None})


def _sums(ready: Facts, start: date, as_of: date, known_at: datetime | None) -> _Sums:
    before = start - timedelta(days=1)
    earlier, later = map(_plan, ready.open_items([before, as_of], known_at))
    plan, unit = _facts(ready)
    schema = plan.collect_schema()
    documents, uses = in_force(plan, schema, as_of, known_at)
    used_before = in_force(plan, schema, before, known_at)[1]
    alive = documents.filter(~_is_credit()).select(_alive="id")
    came_in = activity(plan, schema, unit, start=start, as_of=as_of, known_at=known_at)
    shift = ready.unit.scale if unit.integer else 0
    held = ready.unit.scale if ready.unit.integer else 0
    return _Sums(
        begin=_summed(earlier.filter(~_is_credit()), ("currency",), "open_amount", held),
        open=_summed(later, ("currency", "kind", *_DATES), "open_amount", held),
        balances=_summed(
            later.filter(~_is_credit()), ("currency", "customer"), "open_amount", held
        ),
        posted=_summed(documents, ("currency", "kind", "posting_date"), "amount", shift),
        written_off=[
            *_written_off(uses, alive, 1, shift),
            *_written_off(used_before, alive, -1, shift),
        ],
        collected=_summed(came_in.collected, ("currency", *_CAME_IN), "amount", shift),
        settled=rows_of(
            came_in.settled.group_by("currency", *_CAME_IN).agg(nw.len().alias("_items"))
        ),
    )


def _plan(items: Any) -> Plan:
    return items if isinstance(items, nw.LazyFrame) else nw.from_native(items).lazy()


def _facts(ready: Facts) -> tuple[Plan, Unit]:
    """Return the facts as a plan, and how that one holds amounts."""
    if isinstance(ready.source, nw.LazyFrame):
        return ready.source, ready.unit
    from receivables.frames.kernels.plain import plain

    made = plain(ready.source, AMOUNTS, ready.unit)
    return nw.from_native(made).lazy(), Unit(ready.unit.scale, integer=False)


def _is_credit() -> nw.Expr:
    return col("kind").is_in(CREDITS)


def _written_off(uses: Plan, alive: Plan, sign: int, shift: int) -> Rows:
    """Return what write-offs had taken off charges; only those that still count at the end of the period."""
    taken = uses.filter(col("kind") == "write_off").join(
        alive, left_on="target_id", right_on="_alive", how="semi"
    )
    rows = _summed(taken, ("currency",), "amount", shift)
    return [{**row, "amount": row["amount"] * sign} for row in rows]


def _summed(plan: Plan, keys: tuple[str, ...], amount: str, shift: int) -> Rows:
    """Return the sums of an amount by some columns, as decimals, and the number of rows of each."""
    held = (
        plan.with_columns(col(amount).cast(nw.Decimal(28, 0))) if shift else plan
    )  # sums may leave 64 bits
    sums = held.group_by(*keys).agg(col(amount).sum().alias("_sum"), nw.len().alias("_items"))
    return [{**row, "amount": Decimal(row["_sum"]).scaleb(-shift, EXACT)} for row in rows_of(sums)]


def _figures(sums: _Sums, currency: str, start: date, as_of: date) -> Figures:
    def of(rows: Rows) -> Rows:
        return [row for row in rows if row["currency"] == currency]

    def whole(rows: Rows) -> Money:
        found = Decimal(0)
        for row in rows:
            found = EXACT.add(found, row["amount"])
        return Money.of_sum(found, currency)

    sold = [
        {**row, "amount": -row["amount"] if row["kind"] == "credit_memo" else row["amount"]}
        for row in of(sums.posted)
        if row["kind"] != "payment"
    ]
    months: dict[str, Rows] = defaultdict(list)
    for row in sold:
        months[f"{row['posting_date']:%Y-%m}"].append(row)
    standing = of(sums.open)
    return Figures(
        start=start,
        end=as_of,
        currency=currency,
        begin=whole(of(sums.begin)),
        credits=whole([row for row in standing if row["kind"] in CREDITS]),
        sales=whole([row for row in sold if start <= row["posting_date"] <= as_of]),
        sales_by_month=tuple((name, whole(rows)) for name, rows in sorted(months.items())),
        written_off=whole(of(sums.written_off)),
        standing=tuple(
            Standing(
                row["document_date"],
                row["posting_date"],
                row["due_date"],
                whole([row]),
                row["_items"],
            )
            for row in standing
            if row["kind"] not in CREDITS
        ),
        balances=tuple(whole([row]) for row in of(sums.balances)),
        collected=tuple(
            Collected(**_came_in(row), amount=whole([row])) for row in of(sums.collected)
        ),
        settled=tuple(Settled(**_came_in(row)) for row in of(sums.settled)),
    )


def _came_in(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"items": row["_items"], **{name: row[name] for name in _CAME_IN}}


def _rows(period: Figures) -> Iterator[Mapping[str, Any]]:
    measures = (*turning(period), *portfolio(period), *settlement(period), *concentration(period))
    for measure in measures:
        value = None if measure.value is None else Rounding.HALF_UP.apply(measure.value, 8)
        yield {
            "currency": period.currency,
            "measure": measure.name,
            "value": value,
            "unit": measure.unit,
            "reason": measure.reason or None,
        }
