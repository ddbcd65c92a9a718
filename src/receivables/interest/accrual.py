"""Late interest of a claim: segments of one principal and one rate, summed exactly and rounded once.

Interest runs from the day after the due date to the day of payment, both counted. A partial payment lowers the principal
from the day after it; in which order a payment covers costs, interest and principal is a choice of the contract or law.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from receivables.errors import InterestError
from receivables.explain import Explanation
from receivables.interest.rules import (
    DayCount,
    InterestRule,
    Percent,
    ReferenceRates,
    as_percent,
)
from receivables.laws import explain_agrees, parts_make_the_whole
from receivables.money import Money, total
from receivables.open_items import OpenItem
from receivables.rounding import Rounding


class Order(Enum):
    """What a payment covers first."""

    PRINCIPAL_FIRST = ("principal", "interest", "costs")
    COSTS_INTEREST_PRINCIPAL = ("costs", "interest", "principal")


@dataclass(frozen=True, slots=True)
class Segment:
    """Days on which principal and rate did not change.

    Args:
        first: First day counted.
        last: Last day counted.
        days: How many, by the day count.
        principal: What was owed.
        percent: The yearly rate.
        amount: The interest, exact.
    """

    first: date
    last: date
    days: int
    principal: Money
    percent: Fraction
    amount: Fraction


@dataclass(frozen=True, slots=True)
class AppliedPayment:
    """How one payment was used.

    Args:
        on: Its day.
        amount: What was paid: costs + interest + principal + over.
        costs: Used for the lump sum and other costs.
        interest: Used for interest accrued by then.
        principal: Used for the principal.
        over: What was left.
    """

    on: date
    amount: Money
    costs: Money
    interest: Money
    principal: Money
    over: Money


@dataclass(frozen=True, slots=True)
class LateInterest:
    """What a late claim costs.

    Args:
        rule: The rule it was computed by.
        due: The due date.
        until: The last day counted.
        segments: The days, in order.
        interest: Their sum, rounded once.
        lump_sum: The fixed compensation.
        payments: How each payment was used.
        principal_left: What is still owed of the principal.
    """

    rule: InterestRule
    due: date
    until: date
    segments: tuple[Segment, ...]
    interest: Money
    lump_sum: Money
    payments: tuple[AppliedPayment, ...]
    principal_left: Money

    @property
    def total(self) -> Money:
        """Interest and lump sum."""
        return self.interest + self.lump_sum

    def vat(self, rate: Percent, rounding: Rounding = Rounding.HALF_UP) -> Money:
        """Return the VAT on the interest, where interest is part of its base; 0.16 for 16 %."""
        return self.interest.times(as_percent(rate, "VAT rate"), rounding)

    def explain(self) -> Explanation:
        """Return the interest segment by segment (law: Explain agrees)."""
        unit = self.interest.currency
        reached, shown, parts = Fraction(0), Decimal(0), []
        places = -int(self.interest.amount.as_tuple().exponent)
        if self.rule.round_daily:
            parts = [Explanation("interest, each day rounded", self.interest.amount, unit)]
        else:
            for it in self.segments:
                reached += it.amount
                then = Rounding.HALF_UP.apply(reached, places)
                text = f"{it.first} to {it.last}, {it.days} days at {_percent(it.percent)} % of {it.principal}"
                parts.append(Explanation(text, then - shown, unit))
                shown = then
        parts.append(Explanation("lump sum", self.lump_sum.amount, unit))
        remark = Explanation(f"{self.rule.name}, {self.rule.rate_rule.value}, {self.rule.day_count.value}: {self.rule.source or 'no source'}")  # fmt: skip
        text = f"late interest on what was due {self.due}, to {self.until}"
        return explain_agrees(Explanation(text, self.total.amount, unit, (*parts, remark)))


def late_interest(
    principal: Money,
    *,
    due: date,
    until: date,
    rule: InterestRule,
    references: ReferenceRates | None = None,
    payments: Iterable[tuple[date, Money]] = (),
    order: Order = Order.PRINCIPAL_FIRST,
    rounding: Rounding = Rounding.HALF_UP,
) -> LateInterest:
    """Return the interest on a claim paid late, or still unpaid.

    Args:
        principal: What was due.
        due: The due date; interest starts the day after.
        until: The last day counted: the payment's, or the day asked about.
        rule: The rule.
        references: The reference rates it needs.
        payments: Partial payments and their days, up to `until`.
        order: What a payment covers first.
        rounding: How the sum is rounded.

    Raises:
        InterestError: For a payment of zero or less, or after `until`.
        RateNotFound: When a reference rate is missing.

    >>> rule = InterestRule("6 % a year", "MX", "business", date(2000, 1, 1), Fraction(6))
    >>> late_interest(Money("100000.00", "MXN"), due=date(2026, 1, 1), until=date(2026, 2, 15), rule=rule).interest
    Money('739.73', 'MXN')
    """
    paid = sorted(payments)
    for on, amount in paid:
        if amount.amount <= 0 or on > until:
            msg = f"payment of {amount} on {on} must be above zero and not after {until}"
            raise InterestError(msg)
    started = until > due + timedelta(days=rule.grace_days)
    lump = rule.lump_sum(principal) if started else Money.zero(principal.currency)
    claim = _Claim(principal, lump, due, rule, references or ReferenceRates(()), rounding)
    used: list[AppliedPayment] = []
    for on, amount in paid:
        if started:
            claim.accrue(on)
        used.append(claim.pay(on, amount, order))
    if started:
        claim.accrue(until)
    return LateInterest(
        rule, due, until, tuple(claim.segments), claim.interest, lump, tuple(used), claim.principal
    )


def interest_on(
    item: OpenItem,
    *,
    rule: InterestRule,
    references: ReferenceRates | None = None,
    until: date | None = None,
) -> LateInterest:
    """Return the late interest of an item: each of its movements changes the principal from the day after.

    Args:
        item: A charge with a due date, settled (from `Subledger.items`) or open.
        rule: The rule.
        references: The reference rates it needs.
        until: The last day counted; for a settled item the day of its last movement, for an open one the as-of date.

    Raises:
        InterestError: When the item is a credit, undated, or was raised after it was due.
    """
    due = item.due_date
    if item.is_credit or due is None:
        msg = f"{item.id} is a credit or has no due date; only dated charges bear interest"
        raise InterestError(msg)
    settled = max((it.on for it in item.movements), default=item.as_of)
    last = until or (item.as_of if item.open_amount else settled)
    if any(it.amount.amount > 0 and it.on > due for it in item.movements):
        msg = f"{item.id} was raised after it was due; measure the increase as a claim of its own"
        raise InterestError(msg)
    before = [it.amount for it in item.movements if it.on <= due]
    start = total((item.amount, *before), item.currency)
    later = [(it.on, -it.amount) for it in item.movements if due < it.on <= last]
    return late_interest(
        start, due=due, until=max(last, due), rule=rule, references=references, payments=later
    )


def simple_interest(
    principal: Money,
    percent: Percent,
    days: int,
    *,
    year: int = 365,
    round_daily: bool = False,
    rounding: Rounding = Rounding.HALF_UP,
) -> Money:
    """Return the interest of a number of days at one rate, rounded once; or the rounded amount of a day times the days.

    >>> simple_interest(Money("5000.00", "GBP"), "12.25", 101)
    Money('169.49', 'GBP')
    >>> simple_interest(Money("5000.00", "GBP"), "12.25", 101, round_daily=True)
    Money('169.68', 'GBP')
    """
    daily = as_percent(percent, "rate") / 100 / year
    if round_daily:
        return principal.times(daily, rounding) * days
    return principal.times(daily * days, rounding)


class _Claim:
    """A claim while it is worked through: what is owed, and what has accrued."""

    def __init__(
        self,
        principal: Money,
        costs: Money,
        due: date,
        rule: InterestRule,
        references: ReferenceRates,
        rounding: Rounding,
    ) -> None:
        self.principal, self.costs = principal, costs
        self.segments: list[Segment] = []
        self._due, self._counted = due, due
        self._rule, self._references, self._rounding = rule, references, rounding
        self._covered = Money.zero(principal.currency)

    @property
    def interest(self) -> Money:
        unit = self.principal.currency
        if self._rule.round_daily:
            days = (self._one_day(it) * it.days for it in self.segments)
            return total(days, unit)
        exact = sum((it.amount for it in self.segments), Fraction(0))
        return Money.rounded(exact, unit, self._rounding)

    def accrue(self, until: date) -> None:
        if until <= self._counted:
            return
        count = self._rule.day_count
        steps = self._rule.steps(self._due, until, self._references)
        ends = [first - timedelta(days=1) for first, _ in steps[1:]] + [until]
        for (_, percent), end in zip(steps, ends, strict=True):
            if end <= self._counted:
                continue
            share = count.share(self._counted, end)
            amount = Fraction(self.principal.amount) * percent / 100 * share
            first, days = self._counted + timedelta(days=1), count.days(self._counted, end)
            if self.principal:
                self.segments.append(Segment(first, end, days, self.principal, percent, amount))
            self._counted = end

    def pay(self, on: date, amount: Money, order: Order) -> AppliedPayment:
        owed = {
            "costs": self.costs,
            "interest": self.interest - self._covered,
            "principal": self.principal,
        }
        used, left = {}, amount
        for part in order.value:
            used[part] = min(left, owed[part])
            left -= used[part]
        self.costs -= used["costs"]
        self._covered += used["interest"]
        self.principal -= used["principal"]
        parts_make_the_whole(amount, (*used.values(), left), f"the uses of the payment on {on}")
        return AppliedPayment(on, amount, used["costs"], used["interest"], used["principal"], left)

    def _one_day(self, segment: Segment) -> Money:
        year = 365 if self._rule.day_count is DayCount.ACT_365 else 360
        return segment.principal.times(segment.percent / 100 / year, self._rounding)


def _percent(value: Fraction) -> str:
    text = f"{Rounding.HALF_UP.apply(value, 6):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
