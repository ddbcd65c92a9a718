"""Cash expected from what is open: the time-to-pay curve applied to each item's age, week by week.

Each item is paid in full or not at all within a horizon, independently of the others; bands are those of a normal sum of
such items, cut to what is certain to come and what may come. They are estimates of chance: expected amounts are rounded half up to the currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from receivables.errors import AmbiguousCurrency, MixedDates
from receivables.metrics.activity import COLLECTED, kind_of
from receivables.money import Money, total
from receivables.open_items import OpenItem
from receivables.probability import SurvivalCurve, normal_quantile
from receivables.problems import Problem
from receivables.rounding import Rounding
from receivables.subledger import Subledger

_LEVELS = (Decimal("0.1"), Decimal("0.5"), Decimal("0.9"))


def time_to_pay(
    books: Subledger, *, as_of: date, currency: str | None = None, known_at: datetime | None = None
) -> SurvivalCurve:
    """Return the share of charges still unpaid by days since issue, as known on a day.

    Charges still open count as not paid yet (censored); so do those credited or written off, on the day they were.

    Args:
        books: The subledger.
        as_of: The last day that counts.
        currency: Only charges in it; all when None.
        known_at: Leave out what was recorded later.
    """
    durations = []
    for item in books.items(as_of=as_of, known_at=known_at):
        if item.is_credit or currency not in (None, item.currency):
            continue
        last = max(item.movements, key=lambda it: it.on, default=None)
        if item.open_amount or last is None:
            durations.append(((as_of - item.document_date).days, False))
        else:
            paid = kind_of(books, last.use) == COLLECTED
            durations.append(((last.on - item.document_date).days, paid))
    return SurvivalCurve.of(durations)


@dataclass(frozen=True, slots=True)
class CashBand:
    """An expected amount and its band: one time in ten less than `p10`, one time in ten more than `p90`."""

    expected: Money
    p10: Money
    p50: Money
    p90: Money


@dataclass(frozen=True, slots=True)
class ForecastWeek:
    """The cash of one week, and from the as-of date to its end.

    Args:
        first: First day.
        last: Last day.
        cash: Of the week.
        cumulative: From the day after the as-of date to the last day.
    """

    first: date
    last: date
    cash: CashBand
    cumulative: CashBand


@dataclass(frozen=True, slots=True)
class CashForecast:
    """Cash expected from the open charges of one currency.

    Args:
        as_of: The day it is made.
        currency: Of every amount.
        opened: What is open.
        weeks: Week by week.
    """

    as_of: date
    currency: str
    opened: Money
    weeks: tuple[ForecastWeek, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the forecast as plain values, amounts as text, ready for JSON."""
        return {
            "as_of": self.as_of.isoformat(),
            "currency": self.currency,
            "open": f"{self.opened.amount:f}",
            "weeks": [
                {
                    "first": week.first.isoformat(),
                    "last": week.last.isoformat(),
                    **_band("", week.cash),
                    **_band("cumulative_", week.cumulative),
                }
                for week in self.weeks
            ],
        }


def forecast_cash(
    items: Iterable[OpenItem], curve: SurvivalCurve, *, weeks: int = 13
) -> tuple[tuple[CashForecast, ...], tuple[Problem, ...]]:
    """Return the cash expected from open charges, one forecast a currency.

    Args:
        items: What `Subledger.open_items` returned; credits are left out.
        curve: What `time_to_pay` returned.
        weeks: How far to look.

    Returns:
        The forecasts, and the items older than anything ever paid: of them nothing is expected.

    Raises:
        MixedDates: When the items are of several as-of dates.
    """
    charges = [item for item in items if not item.is_credit]
    days = {item.as_of for item in charges}
    if len(days) > 1:
        msg = f"a forecast has one as-of date; got {', '.join(str(day) for day in sorted(days))}"
        raise MixedDates(msg)
    found = []
    for currency in sorted({item.currency for item in charges}):
        own = [item for item in charges if item.currency == currency]
        found.append(_forecast(own, curve, weeks))
    return tuple(found), tuple(_beyond(charges, curve))


def expected_cash(items: Iterable[OpenItem], curve: SurvivalCurve, *, days: int) -> Money:
    """Return the cash expected from open charges of one currency within so many days.

    Raises:
        AmbiguousCurrency: When there are no charges, or of several currencies.
    """
    charges = [item for item in items if not item.is_credit]
    currencies = sorted({item.currency for item in charges})
    if len(currencies) != 1:
        msg = f"expected cash is of one currency; the items have {', '.join(currencies) or 'none'}"
        raise AmbiguousCurrency(msg)
    chances = [_chance(_age(it), curve, days) for it in charges]
    return _cash_band(charges, chances, currencies[0]).expected


def _forecast(items: Sequence[OpenItem], curve: SurvivalCurve, weeks: int) -> CashForecast:
    as_of, currency = items[0].as_of, items[0].currency
    made, before = [], [Fraction(0)] * len(items)
    ages = [_age(item) for item in items]
    for number in range(1, weeks + 1):
        chances = {age: _chance(age, curve, 7 * number) for age in set(ages)}
        upto = [chances[age] for age in ages]
        within = [now - then for now, then in zip(upto, before, strict=True)]
        made.append(
            ForecastWeek(
                as_of + timedelta(days=7 * number - 6),
                as_of + timedelta(days=7 * number),
                _cash_band(items, within, currency),
                _cash_band(items, upto, currency),
            )
        )
        before = upto
    opened = total((item.open_amount for item in items), currency)
    return CashForecast(as_of, currency, opened, tuple(made))


def _chance(age: int, curve: SurvivalCurve, days: int) -> Fraction:
    """Return the chance that an item of an age is paid within so many days, to twelve places; 0 beyond all history."""
    found = curve.ends_within(age, days)
    return Fraction(0) if found is None else round(found, 12)


def _cash_band(items: Sequence[OpenItem], chances: Sequence[Fraction], currency: str) -> CashBand:
    amounts = [Fraction(item.open_amount.amount) for item in items]
    mean = sum((a * p for a, p in zip(amounts, chances, strict=True)), Fraction(0))
    variance = sum(
        (a * a * p * (1 - p) for a, p in zip(amounts, chances, strict=True)), Fraction(0)
    )
    sure = sum((a for a, p in zip(amounts, chances, strict=True) if p == 1), Fraction(0))
    most = sum((a for a, p in zip(amounts, chances, strict=True) if p), Fraction(0))
    ends = [Fraction(normal_quantile(mean, variance, level)) for level in _LEVELS]
    cut = (Money.rounded(min(max(it, sure), most), currency, Rounding.HALF_UP) for it in ends)
    return CashBand(Money.rounded(mean, currency, Rounding.HALF_UP), *cut)


def _beyond(items: Sequence[OpenItem], curve: SurvivalCurve) -> Iterable[Problem]:
    for item in items:
        if not curve.at(_age(item)):
            text = f"item {item.id} is {_age(item)} days old, older than anything ever paid; nothing is expected of it"
            yield Problem("older-than-history", text, item.id, severity="noted")


def _age(item: OpenItem) -> int:
    return max((item.as_of - item.document_date).days, 0)


def _band(prefix: str, band: CashBand) -> dict[str, str]:
    named = {"expected": band.expected, "p10": band.p10, "p50": band.p50, "p90": band.p90}
    return {f"{prefix}{name}": f"{it.amount:f}" for name, it in named.items()}
