"""Payment terms from a BI Publisher report over Oracle's term tables: no REST resource of Receivables terms is known.

The report has one row a term line, and one a discount of it. Names of the columns and what they mean are recalled from
those tables, and stand in this module and in `extracts.TABLES` alone; an invoice only gets terms that lead to its own due dates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from receivables.adapters.oracle import wire
from receivables.adapters.oracle.extracts import read_table
from receivables.errors import TermsError, UnreadableTerms
from receivables.problems import Problem
from receivables.terms import (
    AddDays,
    AddMonths,
    BaseDate,
    Cutoff,
    DayOfMonth,
    DiscountTerms,
    InstalmentTerms,
    PaymentTerms,
    Percent,
    Remainder,
    Steps,
)

Row = Mapping[str, str]
_HUNDRED = Decimal(100)


def read_terms(name: str, text: str) -> tuple[dict[str, PaymentTerms], tuple[Problem, ...]]:
    """Read the report from CSV.

    Args:
        name: Its file name, for messages.
        text: Its content.

    Raises:
        UnreadableSource: When it has no such columns.
    """
    return compile_terms(read_table(name, text, {"terms": "RELATIVE_AMOUNT"})[1])


def compile_terms(rows: Iterable[Row]) -> tuple[dict[str, PaymentTerms], tuple[Problem, ...]]:
    """Return payment terms by name; those that cannot be told exactly are listed and left out.

    >>> line = {"NAME": "30 Net", "SEQUENCE_NUM": "1", "RELATIVE_AMOUNT": "100", "DUE_DAYS": "30"}
    >>> str(compile_terms([line])[0]["30 Net"])
    'net 30 from document date'
    """
    by_name: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_name[row.get("NAME", "")].append(row)
    found, problems = {}, []
    for name, its in by_name.items():
        try:
            found[name] = _terms(its)
        except (TermsError, ValueError) as error:
            problems.append(Problem("unfit-terms", f"{error}", f"terms {name}", severity="noted"))
    return found, tuple(problems)


def _terms(rows: Sequence[Row]) -> PaymentTerms:
    lines: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        lines[_whole(row, "SEQUENCE_NUM") or 1].append(row)
    ordered = [lines[number] for number in sorted(lines)]
    base = wire.number(rows[0].get("BASE_AMOUNT")) or _HUNDRED
    percents = [_percent(line[0], base) for line in ordered]
    if sum(percents) != _HUNDRED:
        msg = f"its lines make {sum(percents)}% of the amount; they must make 100%"
        raise UnreadableTerms(msg)
    dues = [_steps(line[0], "DUE") for line in ordered]
    parts = [
        InstalmentTerms(Percent(percent), due)
        for percent, due in zip(percents[:-1], dues[:-1], strict=True)
    ]
    discounts = [_discounts(line) for line in ordered]
    if len(ordered) > 1 and any(discounts):
        msg = "it has discounts for single instalments; ours are for the whole, so they cannot be told"
        raise UnreadableTerms(msg)
    whole = (*parts, InstalmentTerms(Remainder(), dues[-1]))
    return PaymentTerms(whole, discounts[0], BaseDate.DOCUMENT)


def _percent(row: Row, base: Decimal) -> Decimal:
    relative = wire.number(row.get("RELATIVE_AMOUNT")) or Decimal(0)
    percent = relative * _HUNDRED / base
    if percent * base != relative * _HUNDRED:
        msg = f"a line of {relative} of {base} is no exact percentage"
        raise UnreadableTerms(msg)
    return percent


def _discounts(line: Sequence[Row]) -> tuple[DiscountTerms, ...]:
    """Return the discounts of a line, most first: the earlier paid, the more kept back."""
    found = {
        DiscountTerms(percent, _steps(row, "DISCOUNT"))
        for row in line
        if (percent := wire.number(row.get("DISCOUNT_PERCENT")))
    }
    return tuple(sorted(found, key=lambda it: -it.percent))


def _steps(row: Row, what: str) -> Steps:
    """Return the steps of a due date or a discount: days, or a day some months forward behind the cutoff day."""
    days, day = _whole(row, f"{what}_DAYS"), _whole(row, f"{what}_DAY_OF_MONTH")
    if row.get(f"{what}_DATE"):
        msg = f"{what}_DATE {row[f'{what}_DATE']} is one day for all invoices; terms count from a date"
        raise UnreadableTerms(msg)
    if (days is None) == (day is None):
        msg = f"it must say either {what}_DAYS or {what}_DAY_OF_MONTH"
        raise UnreadableTerms(msg)
    if day is None:
        return (AddDays(days or 0),)
    months, cutoff = _whole(row, f"{what}_MONTHS_FORWARD") or 0, _whole(row, "DUE_CUTOFF_DAY")
    return _proxima(day, months, cutoff if what == "DUE" else None)


def _proxima(day: int, months: int, cutoff: int | None) -> Steps:
    """Return the steps to a day of a month; an invoice on the cutoff day counts as of the next month (recalled)."""
    last = None if cutoff is None else cutoff - 1
    if last == 0:
        return (AddMonths(months + 1), DayOfMonth(day))
    return (*(() if last is None else (Cutoff(last),)), AddMonths(months), DayOfMonth(day))


def _whole(row: Row, name: str) -> int | None:
    found = wire.number(row.get(name))
    if found is not None and found != int(found):
        msg = f"{name} {found} must be a whole number"
        raise UnreadableTerms(msg)
    return None if found is None else int(found)
