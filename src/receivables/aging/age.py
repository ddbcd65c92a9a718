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
from receivables.buckets import (
    DEFAULT,
    RESERVED,
    Basis,
    Buckets,
    CreditDisplay,
    expect_buckets,
    report_columns,
)
from receivables.errors import MixedDates, NoSuchChoice, NoSuchColumn
from receivables.laws import buckets_tie
from receivables.money import Money
from receivables.objects_only import refuse_frame
from receivables.open_items import FIELDS, MASTER_FIELDS, OpenItem
from receivables.rates import ExchangeRates
from receivables.rounding import EXACT, Rounding

Keys = tuple[tuple[str, str | None], ...]


def age(
    items: Iterable[OpenItem],
    *,
    buckets: Buckets = DEFAULT,
    by: str | Sequence[str] = ("customer",),
    basis: Basis | str = Basis.DUE,
    credits: CreditDisplay | str = CreditDisplay.OWN_COLUMN,
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
        by: One attribute to group by, or several: `customer`, `segment`, `collector`, `legal_entity`, `country`,
            `kind`, … or any attribute the facts carry; items that lack it make a group of their own.
        basis: The date to age from, or its name; charges without it are undated.
        credits: Where credit memos and unused payments stand: in their own column, in the bucket of their own date
            (due date, else posting date), or netted against the oldest charges of the same customer and currency.
        as_of: The as-of date; needed only when there are no items to take it from.
        company_currency: Show each row in this currency too, at the booking rate the documents carry.
        rates: With `company_currency`, show each row also at the rates in force on the as-of date.

    Raises:
        BucketError: When `buckets` are none.
        MixedDates: When the items are of several as-of dates, or there are none and no `as_of` is given, or the
            buckets are of another date.
        NoSuchColumn: When `by` names an attribute that no item has, or a column of the report.
        NoSuchChoice: When `basis` or `credits` is none of theirs, or `rates` comes without `company_currency`.
        RateNotFound: When `rates` lacks a rate in force on the as-of date.

    >>> from receivables import Invoice, Money, Subledger
    >>> books = Subledger.of([Invoice(id="F-1", customer="C1", amount=Money("100.00", "MXN"),
    ...                               posting_date=date(2026, 1, 10), due_date=date(2026, 2, 9))])
    >>> report = age(books.open_items(as_of=date(2026, 3, 31)))
    >>> report.rows[0]["31-60"]
    Money('100.00', 'MXN')
    """
    refuse_frame(items, "items", "age")
    expect_buckets(buckets)
    listed = list(items)
    day = _one_date(listed, as_of, buckets)
    names = _names(by, listed, buckets)
    aged_from, display = Basis(basis), CreditDisplay(credits)
    if rates is not None and company_currency is None:
        msg = "rates value the report in the company's currency; give company_currency too"
        raise NoSuchChoice(msg)
    placed = list(place(listed, buckets, aged_from, display))
    columns = report_columns(buckets, display)
    valuer = Valuer(company_currency, rates, day)
    rows = _rows(placed, names, columns, buckets, valuer)
    totals = _rows(placed, (), columns, buckets, valuer)
    company = valuer.value(placed, columns)
    return AgingReport(day, names, buckets, aged_from, display, columns, rows, totals, company)


def _rows(
    placed: list[Placed],
    names: tuple[str, ...],
    columns: tuple[str, ...],
    buckets: Buckets,
    valuer: Valuer,
) -> tuple[AgingRow, ...]:
    """Return a row for each group and currency, sorted, those without a value last."""
    groups: dict[tuple[tuple[str | None, ...], str], list[Placed]] = defaultdict(list)
    for entry in placed:
        values = tuple(entry.item.attribute(name) for name in names)
        groups[values, entry.item.currency].append(entry)
    ordered = sorted(groups, key=lambda it: (tuple((v is None, v or "") for v in it[0]), it[1]))
    return tuple(
        _row(
            tuple(zip(names, group[0], strict=True)),
            group[1],
            columns,
            groups[group],
            buckets,
            valuer,
        )
        for group in ordered
    )


def _one_date(items: list[OpenItem], as_of: date | None, buckets: Buckets) -> date:
    dates = {item.as_of for item in items} | {day for day in (as_of, buckets.as_of) if day}
    if len(dates) != 1:
        listed = ", ".join(str(day) for day in sorted(dates)) or "no items and no as_of"
        msg = f"a report has one as-of date; got {listed}"
        raise MixedDates(msg)
    return dates.pop()


def _names(by: str | Sequence[str], items: list[OpenItem], buckets: Buckets) -> tuple[str, ...]:
    names = (by,) if isinstance(by, str) else tuple(by)
    for name in names:
        if name in (RESERVED | set(buckets.labels)) - {"currency"}:
            msg = f"cannot group by {name!r}: the report has a column of that name; rename the attribute"
            raise NoSuchColumn(msg)
        if items and not any(item.knows(name) for item in items):
            there = ", ".join(sorted(FIELDS | MASTER_FIELDS))
            msg = f"no item has an attribute {name!r}; there are {there}, and the attributes of the facts"
            raise NoSuchColumn(msg)
    return names


def _row(
    keys: Keys,
    currency: str,
    columns: tuple[str, ...],
    placed: list[Placed],
    buckets: Buckets,
    valuer: Valuer,
) -> AgingRow:
    sums = dict.fromkeys(columns, Decimal(0))
    whole = not_past_due = past_due = credit = weighted = Decimal(0)
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
    amounts = tuple(Money.of_sum(sums[column], currency) for column in columns)
    total = Money.of_sum(whole, currency)
    if buckets.is_partition:
        buckets_tie(
            amounts, total, ", ".join(str(value) for _, value in keys) or f"the total in {currency}"
        )
    return AgingRow(
        keys=keys,
        currency=currency,
        columns=columns,
        amounts=amounts,
        total=total,
        items=len(placed),
        not_past_due=Money.of_sum(not_past_due, currency),
        past_due=Money.of_sum(past_due, currency),
        credits=Money.of_sum(credit, currency),
        weighted_days=weighted_days(weighted, past_due),
        parts=tuple(part for entry in placed for part in entry.parts),
        company=valuer.value(placed, columns),
    )


def weighted_days(weighted: Decimal, whole: Decimal) -> Decimal | None:
    """Return days past due weighted by amount, rounded half up to two decimals; None when nothing is past due."""
    return Rounding.HALF_UP.apply(Fraction(weighted) / Fraction(whole), 2) if whole else None
