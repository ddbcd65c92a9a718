"""When a bad debt may be deducted in Mexico (income tax law, article 27 fraction XV): a dated checklist with reasons.

Never a bare yes or no: each step says what is done, what is missing and by when. Read in public summaries, fraction c)
recalled; check the law, the series of UDI values and every form with an adviser. The UDI series is data.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from receivables.dates import add_months
from receivables.errors import CurrencyMismatch, RateNotFound
from receivables.money import Money
from receivables.rounding import Rounding

LIMIT_UDI = 30_000
Route = Literal["small", "large", "bankruptcy", "prescription"]


@dataclass(frozen=True, slots=True)
class UdiSeries:
    """Values of the investment unit by day, in pesos; each day needs its own value.

    Args:
        values: Day and value, ascending.
        source: Where they were published.
    """

    values: tuple[tuple[date, Decimal], ...]
    source: str = ""

    def on(self, day: date) -> Decimal:
        """Return the value of a day.

        Raises:
            RateNotFound: When the series has none for it.
        """
        index = bisect_right(self.values, day, key=lambda it: it[0]) - 1
        if index < 0 or self.values[index][0] != day:
            msg = f"no UDI value for {day}; add the one published for that day"
            raise RateNotFound(msg)
        return self.values[index][1]


@dataclass(frozen=True, slots=True)
class DoubtfulCredit:
    """A claim that may be deducted, and what has been done about it.

    Args:
        item: Its id.
        debtor: Who owes: the tax number, so that claims on one debtor are added up.
        principal: What was owed when due, in MXN.
        due: The due date.
        business_debtor: Whether the debtor carries on a business.
        public_at_large: Whether it is a credit to the general public.
        debtor_informed: When the debtor was told in writing to include it as income.
        authority_informed: When the tax authority was told.
        bureau_informed: When a credit bureau was told.
        resolution: When a court found that collection is exhausted or impossible.
        bankruptcy: When bankruptcy was declared ended for lack of assets.
        prescription: When the limitation period ran out.
    """

    item: str
    debtor: str
    principal: Money
    due: date
    business_debtor: bool = True
    public_at_large: bool = False
    debtor_informed: date | None = None
    authority_informed: date | None = None
    bureau_informed: date | None = None
    resolution: date | None = None
    bankruptcy: date | None = None
    prescription: date | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One condition: what it is, whether it is met, when, and by when it must be.

    Args:
        text: What is needed.
        met: True or False; None when it cannot be known yet.
        on: When it was met, or will be by the calendar alone.
        by: The last day for it.
    """

    text: str
    met: bool | None
    on: date | None = None
    by: date | None = None

    def __str__(self) -> str:
        state = {True: "met", False: "missing", None: "not yet"}[self.met]
        on = f" on {self.on}" if self.on else ""
        by = f", by {self.by}" if self.by else ""
        return f"{state}{on}{by}: {self.text}"


@dataclass(frozen=True, slots=True)
class Checklist:
    """What the deduction of one claim needs.

    Args:
        credit: The claim.
        as_of: The day asked about.
        route: The way the law offers.
        month: First day of the month of deduction, when the calendar or an act fixes it.
        steps: The conditions.
        reasons: Why this route.
    """

    credit: DoubtfulCredit
    as_of: date
    route: Route
    month: date | None
    steps: tuple[Step, ...]
    reasons: tuple[str, ...]

    @property
    def missing(self) -> tuple[Step, ...]:
        """The conditions that are not met."""
        return tuple(step for step in self.steps if step.met is not True)

    def __str__(self) -> str:
        when = f"{self.month:%Y-%m}" if self.month else "open"
        head = f"{self.credit.item}: route {self.route}, month of deduction {when}"
        return "\n".join((head, *(f"  {text}" for text in (*self.reasons, *map(str, self.steps)))))


def check_deductibility(
    credits: Iterable[DoubtfulCredit], udi: UdiSeries, *, as_of: date
) -> tuple[Checklist, ...]:
    """Return the checklist of each claim; claims on one debtor are added up to test the limit of 30,000 UDI.

    Args:
        credits: The claims, in MXN.
        udi: UDI values on their due dates.
        as_of: The day asked about.

    Raises:
        CurrencyMismatch: For a claim in another currency.
        RateNotFound: When the series lacks the value of a due date.
    """
    listed = list(credits)
    for it in listed:
        if it.principal.currency != "MXN":
            msg = f"claim {it.item} is {it.principal}; the limit is tested in MXN, convert it at the rate of the due date"
            raise CurrencyMismatch(msg)
    return tuple(
        _check(it, [x for x in listed if x.debtor == it.debtor], udi, as_of) for it in listed
    )


def udi_limit(udi: UdiSeries, *, due: date) -> Money:
    """Return the limit of 30,000 UDI in pesos on a due date.

    >>> udi_limit(UdiSeries(((date(2023, 12, 1), Decimal("7.94469")),)), due=date(2023, 12, 1))
    Money('238340.70', 'MXN')
    """
    return Money.rounded(Fraction(udi.on(due)) * LIMIT_UDI, "MXN", Rounding.HALF_UP)


def _check(
    credit: DoubtfulCredit, same_debtor: Sequence[DoubtfulCredit], udi: UdiSeries, as_of: date
) -> Checklist:
    units = sum(
        (Fraction(it.principal.amount) / Fraction(udi.on(it.due)) for it in same_debtor),
        Fraction(0),
    )
    shown = Rounding.HALF_UP.apply(units, 2)
    count = f"{len(same_debtor)} claim{'s' if len(same_debtor) > 1 else ''} on {credit.debtor}"
    reasons = [f"{count}: {shown} UDI at the due dates, limit {LIMIT_UDI}"]
    if credit.prescription is not None and credit.prescription <= as_of:
        step = Step("the limitation period has run out", met=True, on=credit.prescription)
        return Checklist(credit, as_of, "prescription", _month(credit.prescription), (step,), tuple(reasons))  # fmt: skip
    if credit.bankruptcy is not None:
        done = credit.bankruptcy <= as_of
        step = Step(
            "bankruptcy declared ended for lack of assets (recalled)", done, credit.bankruptcy
        )
        return Checklist(credit, as_of, "bankruptcy", _month(credit.bankruptcy), (step,), tuple(reasons))  # fmt: skip
    if units <= LIMIT_UDI:
        return _small(credit, as_of, reasons)
    return _large(credit, as_of, reasons)


def _small(credit: DoubtfulCredit, as_of: date, reasons: list[str]) -> Checklist:
    default = credit.due + timedelta(days=1)
    complete = add_months(default, 12)
    over = complete <= as_of
    steps = [
        Step("one year since default without collection", met=True if over else None, on=complete)
    ]
    steps += _notices(credit, complete, as_of)
    if credit.public_at_large:
        steps.append(_told("reported to a credit bureau", credit.bureau_informed, None, as_of))
    reasons.append(f"in default from {default}, the day after the due date")
    return Checklist(credit, as_of, "small", _month(complete), tuple(steps), tuple(reasons))


def _large(credit: DoubtfulCredit, as_of: date, reasons: list[str]) -> Checklist:
    found = credit.resolution is not None and credit.resolution <= as_of
    steps = [
        Step(
            "final resolution that collection is exhausted or impossible (since 2022; filing suit no longer suffices)",
            found,
            credit.resolution,
        )
    ]
    steps += _notices(credit, credit.resolution, as_of)
    month = _month(credit.resolution) if credit.resolution else None
    reasons.append("above the limit, so the passing of a year is not enough")
    return Checklist(credit, as_of, "large", month, tuple(steps), tuple(reasons))


def _notices(credit: DoubtfulCredit, deducted: date | None, as_of: date) -> list[Step]:
    if not credit.business_debtor:
        return []
    by = date(deducted.year + 1, 2, 15) if deducted else None
    return [
        _told(
            "debtor told in writing to include it as income", credit.debtor_informed, None, as_of
        ),
        _told("tax authority told of the year's deductions", credit.authority_informed, by, as_of),
    ]


def _told(text: str, on: date | None, by: date | None, as_of: date) -> Step:
    done = on is not None and on <= as_of and (by is None or on <= by)
    late = by is not None and as_of > by
    return Step(text, met=True if done else (False if late or by is None else None), on=on, by=by)


def _month(day: date) -> date:
    return day.replace(day=1)
