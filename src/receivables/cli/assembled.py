"""The aging report from what an engine summed: the same values as the object core makes, but for the parts behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col, when

from receivables import frames
from receivables.aging import AgingReport, AgingRow
from receivables.aging.age import weighted_days
from receivables.buckets import CREDITS, UNDATED, Buckets, report_columns
from receivables.cli.tables import Question
from receivables.errors import InexactAmount
from receivables.frames.columns import unit_of
from receivables.frames.door import Plan
from receivables.frames.small import each_row
from receivables.money import Money
from receivables.rounding import EXACT

_OVERDUE = Buckets.of(0)
_BITS = 16  # of days past due: what is believed of dates spans fewer than 2 ** 16
_Weighed = tuple[AgingRow, Decimal]


def report_of(items: Any, asked: Question) -> AgingReport:
    """Age open items where they lie and return the report; its rows carry no parts.

    Raises:
        InexactAmount: When a sum has more decimals than its currency.
    """
    rows = _aging_rows(items, asked)
    columns = report_columns(asked.buckets, asked.credits)
    return AgingReport(
        asked.as_of, asked.by, asked.buckets, asked.basis, asked.credits,
        columns, tuple(row for row, _ in rows), _totals(rows),
    )  # fmt: skip


def _aging_rows(items: Any, asked: Question) -> list[_Weighed]:
    how: dict[str, Any] = {"as_of": asked.as_of, "basis": asked.basis, "by": asked.by}
    keys = [*dict.fromkeys((*asked.by, "currency"))]
    # Of a hundred thousand groups only what is needed of a row is kept, one at a time.
    halves = {
        _key(row, keys): (row[">0"], row["current"] + row[UNDATED], row[CREDITS])
        for row in each_row(_plan(frames.age(items, buckets=_OVERDUE, **how)))
    }
    weighed = each_row(_weighed(_plan(items), asked, keys))
    weights = {_key(row, keys): _weight(row) for row in weighed}
    shown = frames.age(items, buckets=asked.buckets, credits=asked.credits, **how)
    made = {}
    for row in each_row(_plan(shown)):
        key = _key(row, keys)
        made[key] = _row(row, halves.pop(key), weights.pop(key, Decimal(0)), asked)
    return [made[key] for key in sorted(made, key=_ascending)]


def _weighed(items: Plan, asked: Question, keys: Sequence[str]) -> Plan:
    """Return, by group, the past-due amounts whose days past due have each binary digit.

    Days times money would leave the digits an engine has; sums of money by the digits of the days do not, and are added
    up to the same product afterwards.
    """
    day = col(f"{asked.basis.value}_date").cast(nw.Date)
    past = (day.dt.year() - 1).cast(nw.Int64)
    ordinal = (
        past * 365 + past // 4 - past // 100 + past // 400 + day.dt.ordinal_day().cast(nw.Int64)
    )
    late = items.filter((col("open_amount") > 0) & (day < asked.as_of))
    counted = late.with_columns(_days=nw.lit(asked.as_of.toordinal()) - ordinal)
    amount = col("open_amount").cast(nw.Decimal(28, _scale(items)))
    bits = {f"_{bit}": when((col("_days") // 2**bit) % 2 == 1).then(amount) for bit in range(_BITS)}
    sums = (col(name).sum() for name in bits)
    return counted.with_columns(**bits).group_by(*keys).agg(*sums)


def _scale(items: Plan) -> int:
    return unit_of(items.collect_schema(), ["open_amount"], "items", None).scale


def _weight(row: dict[str, Any]) -> Decimal:
    found = Decimal(0)
    for bit in range(_BITS):
        found = EXACT.add(found, EXACT.multiply(Decimal(row[f"_{bit}"] or 0), Decimal(2**bit)))
    return found


def _row(
    row: dict[str, Any], half: tuple[Any, Any, Any], weight: Decimal, asked: Question
) -> _Weighed:
    currency, columns = row["currency"], report_columns(asked.buckets, asked.credits)
    late, not_late, credits_ = (_money(it, currency) for it in half)
    made = AgingRow(
        keys=tuple((name, row[name]) for name in asked.by),
        currency=currency,
        columns=columns,
        amounts=tuple(_money(row[name], currency) for name in columns),
        total=_money(row["total"], currency),
        items=row["items"],
        not_past_due=not_late,
        past_due=late,
        credits=credits_,
        weighted_days=weighted_days(weight, late.amount),
        parts=(),
    )
    return made, weight


def _totals(rows: Sequence[_Weighed]) -> tuple[AgingRow, ...]:
    totals: dict[str, _Weighed] = {}
    for row, weight in rows:
        old = totals.get(row.currency)
        totals[row.currency] = _sum(row, weight, *old) if old else (replace(row, keys=()), weight)
    return tuple(totals[currency][0] for currency in sorted(totals))


def _sum(row: AgingRow, weight: Decimal, old: AgingRow, before: Decimal) -> _Weighed:
    whole, late = EXACT.add(weight, before), row.past_due + old.past_due
    made = replace(
        old,
        amounts=tuple(a + b for a, b in zip(old.amounts, row.amounts, strict=True)),
        total=row.total + old.total,
        items=row.items + old.items,
        not_past_due=row.not_past_due + old.not_past_due,
        past_due=late,
        credits=row.credits + old.credits,
        weighted_days=weighted_days(whole, late.amount),
    )
    return made, whole


def _money(amount: Any, currency: str) -> Money:
    made = Money.of_sum(amount, currency)
    if made.amount != amount:
        msg = f"a sum of {amount} {currency} has more decimals than its currency; some amounts of the file are inexact"
        raise InexactAmount(msg)
    return made


def _ascending(key: tuple[Any, ...]) -> list[tuple[bool, Any]]:
    """Sort by each value in turn, what has none last."""
    return [(it is None, it or "") for it in key]


def _key(row: dict[str, Any], keys: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in keys)


def _plan(items: Any) -> Plan:
    plan: Plan = nw.from_native(items).lazy()
    return plan
