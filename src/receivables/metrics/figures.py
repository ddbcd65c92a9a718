"""The sums of a period that the measures rest on, and the measures; where the sums come from does not matter.

`measure_kpis` sums them from the movements of a subledger, `receivables.frames.kpis` from a data frame.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from receivables.errors import MixedDates
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

_OLD = 90  # days past due
_NOTHING_OPEN = "nothing is open"
_NOTHING_PAID = "nothing was collected in the period"


@dataclass(frozen=True, slots=True)
class Standing:
    """Charges open at the end that share their dates.

    Args:
        document_date: Date on the documents.
        posting_date: Date they count from.
        due_date: When they are due, if ever.
        amount: What is open of them.
        items: How many they are.
    """

    document_date: date
    posting_date: date
    due_date: date | None
    amount: Money
    items: int = 1

    def late(self, end: date) -> int:
        """Return the days past due; 0 for what is undated."""
        return 0 if self.due_date is None else (end - self.due_date).days


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Charges of the same dates whose last open amount a payment took off on one day.

    Args:
        document_date: Date on the documents.
        due_date: When they were due, if ever.
        on: The day.
        items: How many they are.
    """

    document_date: date
    due_date: date | None
    on: date
    items: int = 1

    @property
    def days_to_pay(self) -> int:
        """Days from the date on the documents."""
        return (self.on - self.document_date).days

    @property
    def late(self) -> int:
        """Days past due, negative for early; 0 for what is undated."""
        return 0 if self.due_date is None else (self.on - self.due_date).days


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected(Settled):
    """What payments took off charges of the same dates on one day.

    Args:
        amount: How much.
    """

    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A period in one currency, summed.

    Args:
        start: First day.
        end: Last day.
        currency: Whose amounts.
        begin: Open charges at the end of the day before `start`.
        credits: Credit memos and payments open at the end; negative.
        sales: Charges posted in the period less credit memos posted in it.
        sales_by_month: Sales of each month there were any, up to the end, oldest first, by name such as `2026-03`.
        written_off: What write-offs took off charges in the period.
        standing: The charges open at the end.
        balances: What is open of charges at the end, one amount a customer.
        collected: What payments took off charges in the period.
        settled: The charges that a payment settled in the period.
    """

    start: date
    end: date
    currency: str
    begin: Money
    credits: Money
    sales: Money
    sales_by_month: tuple[tuple[str, Money], ...]
    written_off: Money
    standing: tuple[Standing, ...]
    balances: tuple[Money, ...]
    collected: tuple[Collected, ...]
    settled: tuple[Settled, ...]

    def __post_init__(self) -> None:
        check_period(self.start, self.end)

    @property
    def days(self) -> int:
        """How many days the period has, both ends included."""
        return (self.end - self.start).days + 1

    @property
    def closing(self) -> Money:
        """Open charges at the end."""
        return total((it.amount for it in self.standing), self.currency)

    @property
    def current(self) -> Money:
        """What of the closing is not past due: due on the last day or later, or undated."""
        return total((it.amount for it in self.standing if it.late(self.end) <= 0), self.currency)


def check_period(start: date, end: date) -> None:
    """Assert that a period has a day.

    Raises:
        MixedDates: When its end is before its start.
    """
    if end < start:
        msg = f"a period from {start} to {end} has no day; the end must not be before the start"
        raise MixedDates(msg)


def turning(period: Figures) -> tuple[Measure, ...]:
    """Return how fast receivables turn into money: DSO and its kin, effectiveness, turnover."""
    closing, current, sold, days = period.closing, period.current, period.sales, period.days
    months = _months(period)
    aged = [
        ((period.end - it.document_date).days, f"{it.posting_date:%Y-%m}", it.amount)
        for it in period.standing
    ]
    return (
        dso(closing, sold, days),
        dso(closing + period.credits, sold, days, name="DSO (net of credits)"),
        best_possible_dso(current, sold, days),
        average_days_delinquent(closing, current, sold, days),
        countback_dso(closing, [(sale, length) for _, sale, length in months]),
        true_dso(aged, {name: sale for name, sale, _ in months}),
        cei(period.begin, sold, closing, current),
        cei(period.begin, sold, closing, current, variant=CeiVariant.QUARTER_DIV3),
        turnover(sold, (period.begin, closing)),
        share("bad debt to sales", period.written_off, sold, of="credit sales"),
        share("unapplied to receivables", -period.credits, closing, of="receivables"),
    )


def portfolio(period: Figures) -> tuple[Measure, ...]:
    """Return what is open: how many items, how much of it late, and how late."""
    end, closing = period.end, period.closing
    late = [it for it in period.standing if it.late(end) > 0]
    over_90 = total((it.amount for it in late if it.late(end) > _OLD), period.currency)
    today = sum(it.items for it in period.standing if it.due_date == end)
    aged = [(it.late(end), exact(it.amount), it.items) for it in late]
    oldest = max((days for days, *_ in aged), default=0)
    return (
        count("open items", sum(it.items for it in period.standing)),
        count("past due items", sum(it.items for it in late)),
        count("due on the as-of date", today),
        share("current", period.current, closing, of="open charges"),
        share("past due", closing - period.current, closing, of="open charges"),
        share("more than 90 days past due", over_90, closing, of="open charges"),
        Measure("oldest days past due", Fraction(oldest), "days"),
        weighted("weighted days past due", aged, "days past due x open / open past due", "nothing is past due"),
    )  # fmt: skip


def settlement(period: Figures) -> tuple[Measure, ...]:
    """Return how many charges were settled, how soon, and how much of it in time."""
    dated = [it for it in period.collected if it.due_date is not None]
    due = [it for it in period.settled if it.due_date is not None]
    done = sum(it.items for it in period.settled)
    days = sum(it.days_to_pay * it.items for it in period.settled)
    on_time = sum(it.items for it in due if it.late <= 0)
    whole = sum((exact(it.amount) for it in dated), Fraction(0))
    in_time = sum((exact(it.amount) for it in dated if it.late <= 0), Fraction(0))

    def paid(measured: Iterable[tuple[int, Collected]]) -> list[tuple[int, Fraction, int]]:
        return [(days, exact(it.amount), it.items) for days, it in measured]

    return (
        count("settled items", done),
        _mean_days(days, done),
        weighted("WADTP", paid((it.days_to_pay, it) for it in period.collected),
                 "days from document date to payment x paid / paid", _NOTHING_PAID),
        weighted("WADL (signed)", paid((it.late, it) for it in dated),
                 "days from due date to payment x paid / paid, early counts negative", _NOTHING_PAID),
        weighted("WADL (clipped at 0)", paid((max(it.late, 0), it) for it in dated),
                 "days paid late x paid / paid, early counts 0", _NOTHING_PAID),
        ratio("on time by count", Fraction(on_time * 100), Fraction(sum(it.items for it in due)), unit="%",
              formula="settled by the due date / settled x 100", reason="nothing with a due date was settled"),
        share("on time by amount", in_time, whole, of="amounts collected"),
    )  # fmt: skip


def average_days_to_pay(days: Sequence[int]) -> Measure:
    """Return the mean of days to pay.

    >>> str(average_days_to_pay([5, 10, 15]))
    'ADTP: 10.00 days'
    """
    return _mean_days(sum(days), len(days))


def _mean_days(days: int, items: int) -> Measure:
    return ratio("ADTP", Fraction(days), Fraction(items), unit="days",
                 formula="mean days from document date to settlement", reason="nothing was settled in the period")  # fmt: skip


def concentration(period: Figures) -> tuple[Measure, ...]:
    """Return how much of what is open the largest customers owe."""
    ordered = sorted((exact(it) for it in period.balances), reverse=True)
    return (
        count("customers with open items", len(ordered)),
        herfindahl(ordered),
        top_share(ordered, 5),
        Measure("largest customer", ordered[0], period.currency)
        if ordered
        else Measure("largest customer", None, period.currency, reason=_NOTHING_OPEN),
    )


def herfindahl(balances: Sequence[Amount]) -> Measure:
    """Return the concentration of positive balances: the sum of squared shares x 10,000.

    >>> str(herfindahl([40, 30, 20, 10]))
    'HHI: 3000'
    """
    found = [it for it in map(exact, balances) if it > 0]
    whole = sum(found, Fraction(0))
    return ratio(
        "HHI",
        sum((it * it for it in found), Fraction(0)) * 10_000,
        whole * whole,
        unit="",
        formula="sum of squared shares of customers x 10,000",
        reason=_NOTHING_OPEN,
    )


def top_share(balances: Sequence[Amount], count: int) -> Measure:
    """Return the share of the largest customers in percent."""
    found = sorted((it for it in map(exact, balances) if it > 0), reverse=True)
    return share(f"top {count} customers", sum(found[:count], Fraction(0)), sum(found, Fraction(0)), of="open charges")  # fmt: skip


def weighted(
    name: str, groups: Sequence[tuple[int, Fraction, int]], formula: str, reason: str
) -> Measure:
    """Return days weighted by amount; each group is days, amount and number of items."""
    top = sum((days * amount for days, amount, _ in groups), Fraction(0))
    whole = sum((amount for _, amount, _ in groups), Fraction(0))
    given = inputs(items=sum(items for *_, items in groups), amount=whole)
    return ratio(name, top, whole, unit="days", formula=formula, reason=reason, inputs=given)


def count(name: str, number: int) -> Measure:
    """Return a number of things as a measure."""
    return Measure(name, Fraction(number))


def _months(period: Figures) -> list[tuple[str, Money, int]]:
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
