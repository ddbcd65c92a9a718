"""All measures of a period from the subledger, each with its variant named and its inputs shown.

Measures of promises, contacts and disputes over time need facts that the subledger does not hold yet; they are absent.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from receivables.errors import AmbiguousCurrency, NoSuchColumn
from receivables.metrics.activity import COLLECTED, WRITTEN_OFF, Activity, AmountBasis, activity
from receivables.metrics.collection import (
    CeiVariant,
    average_days_delinquent,
    best_possible_dso,
    cei,
    countback_dso,
    dso,
    share,
    true_dso,
    turnover,
)
from receivables.metrics.measure import Amount, Measure, exact, inputs, ratio
from receivables.money import Money, total
from receivables.subledger import Subledger

_OLD = 90  # days past due
_NOTHING_OPEN = "nothing is open"
_NOTHING_PAID = "nothing was collected in the period"


@dataclass(frozen=True, slots=True)
class KpiReport:
    """The measures of one currency over a period.

    Args:
        activity: What happened in the period; the measures' source.
        measures: Each measure, in order.
    """

    activity: Activity
    measures: tuple[Measure, ...]

    def __getitem__(self, name: str) -> Measure:
        """Return a measure by name.

        Raises:
            NoSuchColumn: When there is none of that name.
        """
        for measure in self.measures:
            if measure.name == name:
                return measure
        msg = f"no measure {name!r}; there are {', '.join(it.name for it in self.measures)}"
        raise NoSuchColumn(msg)

    def to_dict(self) -> dict[str, Any]:
        """Return the period and its measures as plain values, ready for JSON."""
        period = self.activity
        return {
            "start": period.start.isoformat(),
            "as_of": period.end.isoformat(),
            "currency": period.currency,
            "measures": [it.to_dict() for it in self.measures],
        }

    def __str__(self) -> str:
        return "\n".join(str(it) for it in self.measures)


def measure_kpis(
    books: Subledger,
    *,
    start: date,
    as_of: date,
    currency: str | None = None,
    basis: AmountBasis = AmountBasis.GROSS,
    known_at: datetime | None = None,
) -> KpiReport:
    """Measure a period: DSO and its kin, effectiveness, lateness, concentration.

    Due on the as-of date is not past due. Receivables are open charges, gross of VAT as documents carry it; what credits
    and unapplied payments would take off is a measure of its own.

    Args:
        books: The subledger.
        start: First day of the period.
        as_of: Last day.
        currency: Whose amounts; not needed when there is one.
        basis: Gross, or net of the taxes that documents carry; sales and receivables alike.
        known_at: Leave out what was recorded later.

    Raises:
        AmbiguousCurrency: When the books have several currencies, or none, and none is named.
    """
    unit = currency or _only_currency(books, as_of, known_at)
    period = activity(books, start, as_of, currency=unit, basis=basis, known_at=known_at)
    return KpiReport(
        period,
        (
            *_turning(period, _months(period)),
            *_portfolio(period),
            *_lateness(period),
            *_settlement(period),
            *_concentration(period),
        ),
    )


def _turning(period: Activity, months: list[tuple[str, Money, int]]) -> tuple[Measure, ...]:
    closing, sold, days = period.closing, period.sales, period.days
    figures = [(sale, length) for _, sale, length in months]
    aged = [
        ((period.end - it.document_date).days, f"{it.posting_date:%Y-%m}", it.open_amount)
        for it in period.opened
    ]
    by_month = {name: sale for name, sale, _ in months}
    return (
        dso(closing, sold, days),
        dso(closing + period.credits, sold, days, name="DSO (net of credits)"),
        best_possible_dso(period.current, sold, days),
        average_days_delinquent(closing, period.current, sold, days),
        countback_dso(closing, figures),
        true_dso(aged, by_month),
        cei(period.begin, sold, closing, period.current),
        cei(period.begin, sold, closing, period.current, variant=CeiVariant.QUARTER_DIV3),
        turnover(sold, (period.begin, closing)),
        share("bad debt to sales", -period.sum(WRITTEN_OFF), sold, of="credit sales"),
        share("unapplied to receivables", -period.credits, closing, of="receivables"),
    )


def _portfolio(period: Activity) -> tuple[Measure, ...]:
    late = [it for it in period.opened if (it.days_past_due or 0) > 0]
    today = sum(1 for it in period.opened if it.days_past_due == 0)
    over_90 = total(
        (it.open_amount for it in late if (it.days_past_due or 0) > _OLD), period.currency
    )
    past_due = period.closing - period.current
    return (
        _count("open items", len(period.opened)),
        _count("past due items", len(late)),
        _count("due on the as-of date", today),
        share("current", period.current, period.closing, of="open charges"),
        share("past due", past_due, period.closing, of="open charges"),
        share("more than 90 days past due", over_90, period.closing, of="open charges"),
    )


def _lateness(period: Activity) -> tuple[Measure, ...]:
    late = [(it.days_past_due or 0, exact(it.open_amount)) for it in period.opened]
    late = [(days, amount) for days, amount in late if days > 0]
    oldest = max((days for days, _ in late), default=0)
    return (
        Measure("oldest days past due", Fraction(oldest), "days"),
        _weighted("weighted days past due", late, "days past due x open / open past due", "nothing is past due"),
    )  # fmt: skip


def _settlement(period: Activity) -> tuple[Measure, ...]:
    paid = [it for it in period.changes if it.kind == COLLECTED and it.amount.amount < 0]
    to_pay = [((it.on - it.item.document_date).days, -exact(it.amount)) for it in paid]
    dated = [(it, it.item.due_date) for it in paid]
    late = [((it.on - due).days, -exact(it.amount)) for it, due in dated if due is not None]
    clipped = [(max(days, 0), amount) for days, amount in late]
    each = [(Fraction((day - it.document_date).days), it, day) for it, day in period.settled]
    due = [(it, day) for it, day in period.settled if it.due_date is not None]
    on_time = sum(1 for it, day in due if it.due_date is not None and day <= it.due_date)
    count = Fraction(len(each))
    return (
        _count("settled items", len(each)),
        ratio("ADTP", sum((it[0] for it in each), Fraction(0)), count, unit="days",
              formula="mean days from document date to settlement", reason="nothing was settled in the period"),
        _weighted("WADTP", to_pay, "days from document date to payment x paid / paid", _NOTHING_PAID),
        _weighted("WADL (signed)", late, "days from due date to payment x paid / paid, early counts negative", _NOTHING_PAID),
        _weighted("WADL (clipped at 0)", clipped, "days paid late x paid / paid, early counts 0", _NOTHING_PAID),
        ratio("on time by count", Fraction(on_time * 100), Fraction(len(due)), unit="%",
              formula="settled by the due date / settled x 100", reason="nothing with a due date was settled"),
        share("on time by amount", sum((amount for days, amount in late if days <= 0), Fraction(0)),
              sum((amount for _, amount in late), Fraction(0)), of="amounts collected"),
    )  # fmt: skip


def _concentration(period: Activity) -> tuple[Measure, ...]:
    sums: dict[str, Fraction] = defaultdict(Fraction)
    for item in period.opened:
        sums[item.customer or ""] += exact(item.open_amount)
    ordered = sorted(sums.values(), reverse=True)
    return (
        _count("customers with open items", len(ordered)),
        herfindahl(ordered),
        top_share(ordered, 5),
        Measure("largest customer", ordered[0], period.currency)
        if ordered
        else Measure("largest customer", None, period.currency, reason=_NOTHING_OPEN),
    )


def herfindahl(balances: list[Fraction] | list[Amount]) -> Measure:
    """Return the concentration of positive balances: the sum of squared shares x 10,000.

    >>> str(herfindahl([40, 30, 20, 10]))
    'HHI: 3000'
    """
    found = [exact(it) for it in balances if exact(it) > 0]
    whole = sum(found, Fraction(0))
    return ratio(
        "HHI",
        sum((it * it for it in found), Fraction(0)) * 10_000,
        whole * whole,
        unit="",
        formula="sum of squared shares of customers x 10,000",
        reason=_NOTHING_OPEN,
    )


def top_share(balances: list[Fraction] | list[Amount], count: int) -> Measure:
    """Return the share of the largest customers in percent."""
    found = sorted((exact(it) for it in balances if exact(it) > 0), reverse=True)
    return share(f"top {count} customers", sum(found[:count], Fraction(0)), sum(found, Fraction(0)), of="open charges")  # fmt: skip


def average_days_to_pay(days: list[int]) -> Measure:
    """Return the mean of days to pay.

    >>> str(average_days_to_pay([5, 10, 15]))
    'ADTP: 10.00 days'
    """
    return ratio("ADTP", Fraction(sum(days)), Fraction(len(days)), unit="days",
                 formula="mean days to settlement", reason="nothing was settled")  # fmt: skip


def _weighted(name: str, pairs: list[tuple[int, Fraction]], formula: str, reason: str) -> Measure:
    top = sum((days * amount for days, amount in pairs), Fraction(0))
    whole = sum((amount for _, amount in pairs), Fraction(0))
    given = inputs(items=len(pairs), amount=whole)
    return ratio(name, top, whole, unit="days", formula=formula, reason=reason, inputs=given)


def _count(name: str, number: int) -> Measure:
    return Measure(name, Fraction(number))


def _only_currency(books: Subledger, as_of: date, known_at: datetime | None) -> str:
    found = sorted({it.currency for it in books.items(as_of=as_of, known_at=known_at)})
    if len(found) != 1:
        msg = f"the books have currencies {', '.join(found) or 'none'}; name one"
        raise AmbiguousCurrency(msg)
    return found[0]


def _months(period: Activity) -> list[tuple[str, Money, int]]:
    """Return name, sales and days of the month of the as-of date and those before it, back to the first sales.

    Of the month of the as-of date only the days up to it count.
    """
    sold, none = dict(period.sales_by_month), Money.zero(period.currency)
    found: list[tuple[str, Money, int]] = []
    day = period.end
    while sold and f"{day:%Y-%m}" >= period.sales_by_month[0][0]:
        whole = calendar.monthrange(day.year, day.month)[1]
        found.append((f"{day:%Y-%m}", sold.get(f"{day:%Y-%m}", none), whole if found else day.day))
        day = day.replace(day=1) - timedelta(days=1)
    return found
