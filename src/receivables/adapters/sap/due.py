"""When an item is due by SAP's rules, and its terms as ours.

Net due date: ZFBDT (BLDAT when it is empty) plus the first of ZBD3T, ZBD2T, ZBD1T that is not zero. A credit without an
invoice reference is due on the base date itself; one that refers to an invoice (REBZG a number, or V) follows the days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from receivables.adapters.sap.lines import Line
from receivables.terms import (
    AddDays,
    AddMonths,
    ByDay,
    DayOfMonth,
    DiscountTerms,
    InstalmentTerms,
    PaymentTerms,
    Percent,
    Remainder,
)
from receivables.terms.payment_terms import BaseDate
from receivables.terms.steps import Step, Steps

_LAST_DAY = 31


def base_date(line: Line) -> date:
    """Return the date that the days of a line count from."""
    return line.baseline_date or line.document_date or line.posting_date


def net_due_date(line: Line) -> date:
    """Return the net due date that SAP would calculate; what the system itself says is not looked at."""
    return base_date(line) + timedelta(days=net_days(line))


def net_days(line: Line) -> int:
    """Return how many days after the base date a line is due."""
    if not line.debit and not line.invoice_reference[0]:
        return 0
    return next((days for days in reversed(line.days) if days), 0)


def terms_of(line: Line) -> PaymentTerms | None:
    """Return the terms a line carries, or None when it carries neither days nor percentages."""
    discounts = tuple(
        DiscountTerms(percent, (AddDays(days),))
        for percent, days in zip(line.percents, line.days[:2], strict=True)
        if percent
    )
    net = net_days(line)
    if not net and not discounts:
        return None
    return PaymentTerms.due(AddDays(net), discounts=discounts)


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsRow:
    """One row of T052: terms of payment up to a day limit.

    Args:
        key: ZTERM.
        day_limit: ZTAGG: the row holds for base dates up to this day of the month; 0 for no limit.
        base: ZDART: B posting date, C entry date, D document date, empty none.
        fixed_day: ZFAEL: day of the month that the baseline is moved to; 0 for none.
        months: ZMONA: months that the baseline is moved on by.
        days: ZTAG1, ZTAG2, ZTAG3.
        percents: ZPRZ1, ZPRZ2.
        fixed: ZSTG1 to 3 and ZSMN1 to 3: day of the month and months on, instead of days.
        in_instalments: XSPLT: the row says nothing itself; T052S lists what the key stands for.
    """

    key: str
    day_limit: int = 0
    base: str = "D"
    fixed_day: int = 0
    months: int = 0
    days: tuple[int, int, int] = (0, 0, 0)
    percents: tuple[Decimal, Decimal] = (Decimal(0), Decimal(0))
    fixed: tuple[tuple[int, int], tuple[int, int], tuple[int, int]] = ((0, 0), (0, 0), (0, 0))
    in_instalments: bool = False


class InstalmentRow(NamedTuple):
    """One row of T052S: of the amount on terms `key`, this percentage is due by the terms of another key."""

    key: str
    number: int
    percent: Decimal
    terms: str


def compile_terms(
    rows: Iterable[TermsRow], instalments: Iterable[InstalmentRow] = ()
) -> dict[str, PaymentTerms]:
    """Return the payment terms of every key of T052.

    A discount on several day limits is written for the last of them, because a discount has one percentage. A key in
    instalments whose parts are not all known is left out: its own row says nothing.

    Args:
        rows: All rows of T052, in any order.
        instalments: All rows of T052S.

    >>> rows = [TermsRow(key="Z1", day_limit=15, fixed=((31, 1), (0, 0), (0, 0))),
    ...         TermsRow(key="Z1", day_limit=31, fixed=((15, 2), (0, 0), (0, 0)))]
    >>> terms = compile_terms(rows)["Z1"]
    >>> terms.due_date(date(2026, 1, 15)), terms.due_date(date(2026, 1, 16))
    (datetime.date(2026, 2, 28), datetime.date(2026, 3, 15))
    """
    by_key: dict[str, list[TermsRow]] = {}
    for row in rows:
        by_key.setdefault(row.key, []).append(row)
    parts: dict[str, list[InstalmentRow]] = {}
    for part in sorted(instalments, key=lambda it: (it.key, it.number)):
        parts.setdefault(part.key, []).append(part)
    split = {key for key, found in by_key.items() if any(it.in_instalments for it in found)}
    split |= parts.keys()
    terms = {key: _compile(found) for key, found in by_key.items() if key not in split}
    return terms | {
        key: _in_instalments(parts[key], terms)
        for key in sorted(split & parts.keys())
        if all(it.terms in terms for it in parts[key])
    }


def _in_instalments(parts: list[InstalmentRow], terms: Mapping[str, PaymentTerms]) -> PaymentTerms:
    """Return terms in percentages, each due by the terms of its own key; the last takes the remainder."""
    shares = tuple(
        InstalmentTerms(
            Remainder() if part is parts[-1] else Percent(part.percent),
            terms[part.terms].instalments[-1].steps,
        )
        for part in parts
    )
    return PaymentTerms(shares)


def _compile(rows: list[TermsRow]) -> PaymentTerms:
    ordered = sorted(rows, key=lambda row: row.day_limit or _LAST_DAY)
    last = ordered[-1]
    discounts = tuple(
        DiscountTerms(percent, _by_day(ordered, place))
        for place, percent in enumerate(last.percents)
        if percent
    )
    terms = PaymentTerms.due(*_by_day(ordered, None), discounts=discounts)
    base = BaseDate.POSTING if last.base == "B" else BaseDate.DOCUMENT
    return PaymentTerms(terms.instalments, terms.discounts, base)


def _by_day(rows: list[TermsRow], place: int | None) -> Steps:
    if len(rows) == 1:
        return _steps(rows[0], place)
    limits = [(row.day_limit or _LAST_DAY, _steps(row, place)) for row in rows]
    if limits[-1][0] != _LAST_DAY:
        limits[-1] = (_LAST_DAY, limits[-1][1])
    return (ByDay(tuple(limits)),)


def _steps(row: TermsRow, place: int | None) -> Steps:
    """Return the steps to the discount of a place, or to the net date: the last term that is defined."""
    defined = [it for it in range(3) if row.days[it] or any(row.fixed[it])]
    chosen = (defined[-1] if defined else 0) if place is None else place
    start: list[Step] = []
    if row.fixed_day:
        start.append(DayOfMonth(row.fixed_day))
    if row.months:
        start.append(AddMonths(row.months))
    day, months = row.fixed[chosen]
    if day or months:
        moved: list[Step] = [AddMonths(months)] if months else []
        return (*start, *moved, *([DayOfMonth(day)] if day else []))
    days = row.days[chosen]
    return (*start, AddDays(days)) if days or not start else tuple(start)
