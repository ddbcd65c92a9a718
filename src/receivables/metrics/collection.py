"""How fast receivables turn into money: DSO and its kin, CEI, turnover; plain figures in, a measure out.

Every function states its period; sales and receivables must both be gross or both net of VAT. The formulas and their
named variants are those of the reference page "Measures".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from receivables.metrics.measure import Amount, Measure, exact, inputs, ratio
from receivables.rounding import EXACT, Rounding

_NO_SALES = "credit sales of the period are not above zero"


class CeiVariant(Enum):
    """Which sales the collection effectiveness index counts.

    The credit research form divides a quarter's sales by its three months; without the name two figures cannot be compared.
    """

    FULL = 1
    QUARTER_DIV3 = 3


def dso(receivables: Amount, sales: Amount, days: int, *, name: str = "DSO") -> Measure:
    """Return days sales outstanding: receivables at the end / credit sales x days.

    >>> str(dso(15_000, 10_000, 30))
    'DSO: 45.00 days'
    """
    given = inputs(receivables=receivables, credit_sales=sales, days=days)
    return ratio(
        name,
        exact(receivables) * days,
        exact(sales),
        unit="days",
        formula="receivables at the end / credit sales x days",
        reason=_NO_SALES,
        inputs=given,
    )


def best_possible_dso(current: Amount, sales: Amount, days: int) -> Measure:
    """Return the DSO if everything were paid when due: receivables not past due / credit sales x days."""
    return ratio(
        "BPDSO",
        exact(current) * days,
        exact(sales),
        unit="days",
        formula="receivables not past due / credit sales x days",
        reason=_NO_SALES,
        inputs=inputs(current=current, credit_sales=sales, days=days),
    )


def average_days_delinquent(
    receivables: Amount, current: Amount, sales: Amount, days: int
) -> Measure:
    """Return DSO less BPDSO, exactly.

    >>> str(average_days_delinquent(15_000, 4_000, 10_000, 30))
    'ADD: 33.00 days'
    """
    given = inputs(receivables=receivables, current=current, credit_sales=sales, days=days)
    return ratio(
        "ADD",
        (exact(receivables) - exact(current)) * days,
        exact(sales),
        unit="days",
        formula="DSO - BPDSO",
        reason=_NO_SALES,
        inputs=given,
    )


def countback_dso(receivables: Amount, months: Sequence[tuple[Amount, int]]) -> Measure:
    """Return the DSO by exhaustion: take month sales off receivables, the latest first, and count their days.

    Args:
        receivables: What is open at the end.
        months: Credit sales and days of each month, the latest first; days of the calendar, or 30.

    >>> countback_dso(212_000, [(100_000, 30), (80_000, 30), (70_000, 30)]).value
    Fraction(516, 7)
    """
    formula = "days of the months whose sales make up receivables, the latest first"
    left, counted = exact(receivables), Fraction(0)
    given = (*inputs(receivables=receivables),)
    notes: list[str] = []
    for number, (sales, days) in enumerate(months, start=1):
        sold = exact(sales)
        if left <= 0:
            break
        if sold <= 0:
            notes.append(f"truncated: month {number} back has no sales")
            break
        given = (*given, *inputs(**{f"sales_{number}_back": sales}))
        counted += days * min(left / sold, Fraction(1))
        left -= min(left, sold)
    else:
        if left > 0:
            notes.append("truncated: receivables exceed the sales of the months given")
    if left > 0 and not counted:
        reason = "the latest month has no sales"
        return Measure("DSO (countback)", None, "days", formula, reason, given, tuple(notes))
    return Measure("DSO (countback)", counted, "days", formula, "", given, tuple(notes))


def true_dso(
    items: Sequence[tuple[int, str, Amount]], sales_by_month: Mapping[str, Amount]
) -> Measure:
    """Return the sum over open items of age in days x amount / credit sales of the month they were issued in.

    Args:
        items: Age in days since the document date, month of issue, open amount.
        sales_by_month: Credit sales by month of issue.
    """
    formula = "sum of age x open amount / credit sales of the month of issue"
    sold = {month: exact(sales_by_month.get(month, 0)) for _, month, _ in items}
    without = sorted(month for month, sales in sold.items() if sales <= 0)
    if without:
        reason = f"month {without[0]}, of which an item is open, has no credit sales"
        return Measure("DSO (true)", None, "days", formula, reason)
    found = sum((age * exact(amount) / sold[month] for age, month, amount in items), Fraction(0))
    return Measure("DSO (true)", found, "days", formula)


def sales_weighted_dso(months: Sequence[tuple[Amount, Amount, int]]) -> Measure:
    """Return the sum over months of what is open from the month / its sales x its days.

    Args:
        months: Open from the month, credit sales of the month, days of the month.
    """
    formula = "sum of open from the month / sales of the month x its days"
    found = Fraction(0)
    for opened, sales, days in months:
        if exact(sales) <= 0:
            if exact(opened):
                reason = "a month without sales has an open amount"
                return Measure("DSO (sales-weighted)", None, "days", formula, reason)
            continue
        found += exact(opened) / exact(sales) * days
    return Measure("DSO (sales-weighted)", found, "days", formula)


def conventional_dso(receivables: Amount, prior_sales: Amount) -> Measure:
    """Return receivables x 30 / sales of the prior period, the conventional form of one ERP."""
    return dso(receivables, prior_sales, 30, name="DSO (conventional)")


def cei(
    begin: Amount,
    sales: Amount,
    end_total: Amount,
    end_current: Amount,
    *,
    variant: CeiVariant = CeiVariant.FULL,
) -> Measure:
    """Return the collection effectiveness index in percent.

    (begin + sales - end total) / (begin + sales - end current) x 100; it may exceed 100, or be negative.

    >>> str(cei(6_200, 10_890, 6_340, 3_590))
    'CEI (full period): 79.63 %'
    """
    part = exact(sales) / variant.value
    top = exact(begin) + part - exact(end_total)
    bottom = exact(begin) + part - exact(end_current)
    said = "sales" if variant is CeiVariant.FULL else f"sales/{variant.value}"
    name = "CEI (full period)" if variant is CeiVariant.FULL else f"CEI (sales/{variant.value})"
    return ratio(
        name,
        top * 100,
        bottom,
        unit="%",
        formula=f"(begin + {said} - end) / (begin + {said} - end not past due) x 100",
        reason="begin + sales less what is not past due is not above zero",
        inputs=inputs(begin=begin, credit_sales=sales, end=end_total, end_current=end_current),
    )


def turnover(sales: Amount, balances: Sequence[Amount]) -> Measure:
    """Return credit sales over the average receivables: of two balances, or of thirteen."""
    average = sum((exact(it) for it in balances), Fraction(0)) / max(len(balances), 1)
    return ratio(
        f"turnover ({len(balances)}-point)",
        exact(sales),
        average,
        unit="times",
        formula="credit sales / average receivables",
        reason="average receivables are not above zero",
        inputs=(*inputs(credit_sales=sales), *inputs(average_receivables=average)),
    )


def days_deductions_outstanding(open_deductions: Amount, deductions: Amount, days: int) -> Measure:
    """Return open deductions / (deductions of the period / its days).

    >>> str(days_deductions_outstanding(75_000, 450_000, 90))
    'DDO: 15.00 days'
    """
    return ratio(
        "DDO",
        exact(open_deductions) * days,
        exact(deductions),
        unit="days",
        formula="open deductions / (deductions / days)",
        reason="no deductions in the period",
        inputs=inputs(open_deductions=open_deductions, deductions=deductions, days=days),
    )


def share(name: str, part: Amount, whole: Amount, *, of: str) -> Measure:
    """Return part / whole in percent: bad debt to sales, unapplied to receipts, recoveries to write-offs, auto-match."""
    return ratio(
        name,
        exact(part) * 100,
        exact(whole),
        unit="%",
        formula=f"{name} = part / {of} x 100",
        reason=f"{of} are not above zero",
        inputs=(*inputs(part=part), *inputs(whole=whole)),
    )


def credit_utilisation(exposure: Amount, limit: Amount | None) -> Measure:
    """Return exposure / limit in percent; no limit and a limit of zero are different things, and said."""
    formula = "exposure / limit x 100"
    if limit is None:
        given = inputs(exposure=exposure)
        return Measure("credit utilisation", None, "%", formula, "no limit is set", given)
    reason = "the limit is zero: any exposure is over it"
    return ratio(
        "credit utilisation",
        exact(exposure) * 100,
        exact(limit),
        unit="%",
        formula=formula,
        reason=reason,
        inputs=inputs(exposure=exposure, limit=limit),
    )


def annual_cost_of_discount(
    discount: Amount, discount_days: int, net_days: int, *, year: int = 365
) -> Measure:
    """Return what paying late costs a customer a year, simple: d / (1 - d) x year / (net - discount days), in percent.

    >>> str(annual_cost_of_discount("0.02", 10, 30))
    'annual cost of discount: 37.24 %'
    """
    given = exact(discount)
    return ratio(
        "annual cost of discount",
        given * year * 100,
        (1 - given) * (net_days - discount_days),
        unit="%",
        formula="d / (1 - d) x year / (net days - discount days) x 100",
        reason="the net days are not after the discount days, or the discount is everything",
        inputs=inputs(discount=discount, discount_days=discount_days, net_days=net_days, year=year),
    )


def effective_cost_of_discount(
    discount: Amount, discount_days: int, net_days: int, *, year: int = 365
) -> Measure:
    """Return the same compounded, in percent, to 12 decimals: (1 + d / (1 - d)) ^ (year / days) - 1.

    >>> str(effective_cost_of_discount("0.02", 10, 30))
    'effective cost of discount: 44.59 %'
    """
    given, days = exact(discount), net_days - discount_days
    name, formula = "effective cost of discount", "((1 + d / (1 - d)) ^ (year / days) - 1) x 100"
    if days <= 0 or given >= 1:
        reason = "the net days are not after the discount days, or the discount is everything"
        return Measure(name, None, "%", formula, reason)
    base = 1 / (1 - given)
    grown = EXACT.power(
        EXACT.divide(Decimal(base.numerator), Decimal(base.denominator)),
        EXACT.divide(Decimal(year), Decimal(days)),
    )
    value = Fraction(Rounding.HALF_UP.apply((Fraction(grown) - 1) * 100, 12))
    return Measure(name, value, "%", formula, "", inputs(discount=discount, days=days, year=year))
