"""`age`: put open items into buckets and sum them, by group and currency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from receivables.aging.place import Placed, place
from receivables.aging.report import AgingReport, AgingRow
from receivables.aging.valuation import Valuer
from receivables.buckets import CREDITS, DEFAULT, UNDATED, Basis, Buckets, CreditDisplay
from receivables.errors import MixedDates
from receivables.laws import buckets_tie
from receivables.money import Money
from receivables.open_items import OpenItem
from receivables.rates import ExchangeRates
from receivables.rounding import EXACT, Rounding

Keys = tuple[tuple[str, str | None], ...]


def age(
    items: Iterable[OpenItem],
    *,
    buckets: Buckets = DEFAULT,
    by: Sequence[str] = ("customer",),
    basis: Basis = Basis.DUE,
    credits: CreditDisplay = CreditDisplay.OWN_COLUMN,
    as_of: date | None = None,
    company_currency: str | None = None,
    rates: ExchangeRates | None = None,
) -> AgingReport:
    """Age open items: one row a group and currency, one column a bucket.

    The columns of every row and total sum to what is open (law: Buckets tie); currencies are never added together.
    Due today is current. Charges without a date to age from stand in `undated`.

    Args:
        items: What `Subledger.open_items` returned, all of one as-of date.
        buckets: The bucket convention.
        by: Attributes to group by: `customer`, `segment`, `collector`, `legal_entity`, `country`, `kind`, … or any
            attribute the facts carry.
        basis: The date to age from; charges without it are undated.
        credits: Where credit memos and unused payments stand: in their own column, in the bucket of their own date
            (due date, else posting date), or netted against the oldest charges of the same customer and currency.
        as_of: The as-of date; needed only when there are no items to take it from.
        company_currency: Show each row in this currency too, at the booking rate the documents carry.
        rates: With `company_currency`, show each row also at the rates in force on the as-of date.

    Raises:
        MixedDates: When the items are of several as-of dates, or there are none and no `as_of` is given.
        NoSuchColumn: When `by` names an attribute that items do not have.
        RateNotFound: When `rates` lacks a rate in force on the as-of date.

    >>> from receivables import Invoice, Money, Subledger
    >>> books = Subledger.of([Invoice(id="F-1", customer="C1", amount=Money("100.00", "MXN"),
    ...                               posting_date=date(2026, 1, 10), due_date=date(2026, 2, 9))])
    >>> report = age(books.open_items(as_of=date(2026, 3, 31)))
    >>> report.rows[0]["31-60"]
    Money('100.00', 'MXN')
    """
    listed = list(items)
    day = _one_date(listed, as_of)
    names = tuple(by)
    columns = (*buckets.labels, UNDATED, *(() if credits is CreditDisplay.OWN_DATE else (CREDITS,)))
    groups: dict[tuple[tuple[str | None, ...], str], list[Placed]] = defaultdict(list)
    totals: dict[str, list[Placed]] = defaultdict(list)
    for placed in place(listed, buckets, basis, credits):
        item = placed.item
        groups[tuple(item.attribute(name) for name in names), item.currency].append(placed)
        totals[item.currency].append(placed)
    valuer = Valuer(company_currency, rates, day)
    ordered = sorted(groups, key=lambda it: (tuple(value or "" for value in it[0]), it[1]))
    rows = tuple(
        _row(tuple(zip(names, group[0], strict=True)), group[1], columns, groups[group], buckets, valuer)
        for group in ordered
    )
    sums = tuple(_row((), currency, columns, totals[currency], buckets, valuer) for currency in sorted(totals))
    everything = [placed for currency in sorted(totals) for placed in totals[currency]]
    company = valuer.value(everything, columns)
    return AgingReport(day, names, buckets, basis, credits, columns, rows, sums, company)


def _one_date(items: list[OpenItem], as_of: date | None) -> date:
    dates = {item.as_of for item in items} | ({as_of} if as_of else set())
    if len(dates) != 1:
        listed = ", ".join(str(day) for day in sorted(dates)) or "no items and no as_of"
        msg = f"a report has one as-of date; got {listed}"
        raise MixedDates(msg)
    return dates.pop()


def _row(
    keys: Keys, currency: str, columns: tuple[str, ...], placed: list[Placed], buckets: Buckets, valuer: Valuer
) -> AgingRow:
    sums = dict.fromkeys(columns, Decimal(0))
    whole = not_past_due = past_due = credit = Decimal(0)
    weighted = 0 * Decimal(0)
    for entry in placed:
        open_amount = entry.item.open_amount.amount
        whole = EXACT.add(whole, open_amount)
        if entry.item.is_credit:
            credit = EXACT.add(credit, open_amount)
        elif entry.days is not None and entry.days > 0:
            past_due = EXACT.add(past_due, open_amount)
            weighted = EXACT.add(weighted, EXACT.multiply(open_amount, Decimal(entry.days)))
        else:
            not_past_due = EXACT.add(not_past_due, open_amount)
        for part in entry.parts:
            sums[part.column] = EXACT.add(sums[part.column], part.amount.amount)
    amounts = tuple(Money(sums[column], currency) for column in columns)
    total = Money(whole, currency)
    if buckets.is_partition:
        buckets_tie(amounts, total, ", ".join(str(value) for _, value in keys) or f"the total in {currency}")
    return AgingRow(
        keys=keys,
        currency=currency,
        columns=columns,
        amounts=amounts,
        total=total,
        items=len(placed),
        not_past_due=Money(not_past_due, currency),
        past_due=Money(past_due, currency),
        credits=Money(credit, currency),
        weighted_days=_ratio(weighted, past_due),
        parts=tuple(part for entry in placed for part in entry.parts),
        company=valuer.value(placed, columns),
    )


def _ratio(weighted: Decimal, whole: Decimal) -> Decimal | None:
    return Rounding.HALF_UP.apply(Fraction(weighted) / Fraction(whole), 2) if whole else None
