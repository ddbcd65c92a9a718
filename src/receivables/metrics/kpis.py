"""All measures of a period from the subledger, each with its variant named and its inputs shown.

Measures of promises, contacts and disputes over time need facts that the subledger does not hold yet; they are absent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from receivables.errors import AmbiguousCurrency, NoSuchColumn
from receivables.metrics.activity import COLLECTED, WRITTEN_OFF, Activity, AmountBasis, activity
from receivables.metrics.collection import share
from receivables.metrics.figures import (
    Figures,
    Standing,
    concentration,
    count,
    portfolio,
    turning,
    weighted,
)
from receivables.metrics.measure import Measure, exact, ratio
from receivables.money import Money
from receivables.objects_only import refuse_frame
from receivables.subledger import Subledger

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
    refuse_frame(books, "books", "kpis")
    unit = currency or _only_currency(books, as_of, known_at)
    period = activity(books, start, as_of, currency=unit, basis=basis, known_at=known_at)
    figures = _figures(period)
    return KpiReport(
        period,
        (
            *turning(figures),
            *portfolio(figures),
            *_settlement(period),
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
        period.start, period.end, period.currency, period.begin, period.credits,
        period.sales, period.sales_by_month, -period.sum(WRITTEN_OFF),
        tuple(
            Standing(it.document_date, it.posting_date, it.due_date, it.open_amount)
            for it in period.opened
        ),
        tuple(balances.values()),
    )  # fmt: skip


def _settlement(period: Activity) -> tuple[Measure, ...]:
    paid = [it for it in period.changes if it.kind == COLLECTED and it.amount.amount < 0]
    to_pay = [((it.on - it.item.document_date).days, -exact(it.amount), 1) for it in paid]
    dated = [(it, it.item.due_date) for it in paid]
    late = [((it.on - due).days, -exact(it.amount), 1) for it, due in dated if due is not None]
    clipped = [(max(days, 0), amount, items) for days, amount, items in late]
    each = [(Fraction((day - it.document_date).days), it, day) for it, day in period.settled]
    due = [(it, day) for it, day in period.settled if it.due_date is not None]
    on_time = sum(1 for it, day in due if it.due_date is not None and day <= it.due_date)
    settled = Fraction(len(each))
    return (
        count("settled items", len(each)),
        ratio("ADTP", sum((it[0] for it in each), Fraction(0)), settled, unit="days",
              formula="mean days from document date to settlement", reason="nothing was settled in the period"),
        weighted("WADTP", to_pay, "days from document date to payment x paid / paid", _NOTHING_PAID),
        weighted("WADL (signed)", late, "days from due date to payment x paid / paid, early counts negative", _NOTHING_PAID),
        weighted("WADL (clipped at 0)", clipped, "days paid late x paid / paid, early counts 0", _NOTHING_PAID),
        ratio("on time by count", Fraction(on_time * 100), Fraction(len(due)), unit="%",
              formula="settled by the due date / settled x 100", reason="nothing with a due date was settled"),
        share("on time by amount", sum((amount for days, amount, _ in late if days <= 0), Fraction(0)),
              sum((amount for _, amount, _ in late), Fraction(0)), of="amounts collected"),
    )  # fmt: skip


def average_days_to_pay(days: list[int]) -> Measure:
    """Return the mean of days to pay.

    >>> str(average_days_to_pay([5, 10, 15]))
    'ADTP: 10.00 days'
    """
    return ratio("ADTP", Fraction(sum(days)), Fraction(len(days)), unit="days",
                 formula="mean days to settlement", reason="nothing was settled")  # fmt: skip


def _only_currency(books: Subledger, as_of: date, known_at: datetime | None) -> str:
    found = sorted({it.currency for it in books.items(as_of=as_of, known_at=known_at)})
    if len(found) != 1:
        msg = f"the books have currencies {', '.join(found) or 'none'}; name one"
        raise AmbiguousCurrency(msg)
    return found[0]
