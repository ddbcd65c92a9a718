"""All measures of a period from the subledger, each with its variant named and its inputs shown.

Measures of promises, contacts and disputes over time need facts that the subledger does not hold yet; they are absent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from receivables.errors import AmbiguousCurrency, NoSuchColumn
from receivables.metrics.activity import COLLECTED, WRITTEN_OFF, Activity, AmountBasis, activity
from receivables.metrics.figures import (
    Collected,
    Figures,
    Settled,
    Standing,
    concentration,
    portfolio,
    settlement,
    turning,
)
from receivables.metrics.measure import Measure
from receivables.money import Money
from receivables.objects_only import refuse_frame
from receivables.subledger import Subledger


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
    refuse_frame(books, "books", "kpis")
    unit = currency or _only_currency(books, as_of, known_at)
    period = activity(books, start, as_of, currency=unit, basis=basis, known_at=known_at)
    figures = _figures(period)
    return KpiReport(
        period,
        (
            *turning(figures),
            *portfolio(figures),
            *settlement(figures),
            *concentration(figures),
        ),
    )


def _figures(period: Activity) -> Figures:
    none = Money.zero(period.currency)
    balances: dict[str, Money] = {}
    for item in period.opened:
        owner = item.customer or ""
        balances[owner] = balances.get(owner, none) + item.open_amount
    return Figures(
        start=period.start,
        end=period.end,
        currency=period.currency,
        begin=period.begin,
        credits=period.credits,
        sales=period.sales,
        sales_by_month=period.sales_by_month,
        written_off=-period.sum(WRITTEN_OFF),
        standing=tuple(
            Standing(it.document_date, it.posting_date, it.due_date, it.open_amount)
            for it in period.opened
        ),
        balances=tuple(balances.values()),
        collected=tuple(
            Collected(
                document_date=it.item.document_date,
                due_date=it.item.due_date,
                on=it.on,
                amount=-it.amount,
            )
            for it in period.changes
            if it.kind == COLLECTED and it.amount.amount < 0
        ),
        settled=tuple(
            Settled(document_date=it.document_date, due_date=it.due_date, on=day)
            for it, day in period.settled
        ),
    )


def _only_currency(books: Subledger, as_of: date, known_at: datetime | None) -> str:
    found = sorted({it.currency for it in books.items(as_of=as_of, known_at=known_at)})
    if len(found) != 1:
        msg = f"the books have currencies {', '.join(found) or 'none'}; name one"
        raise AmbiguousCurrency(msg)
    return found[0]
