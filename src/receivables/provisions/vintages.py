"""Losses by the month an invoice was issued: the vintage triangle and its chain ladder.

A vintage's cumulative loss by age shows drift after a change of policy early, and gives the loss rate on sales.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from receivables.dates import add_months, end_of_month
from receivables.errors import UnfitHistory
from receivables.money import Money
from receivables.provisions.history import Classify, Outcome, outcome_of
from receivables.provisions.matrix import as_number
from receivables.subledger import Subledger


@dataclass(frozen=True, slots=True)
class Triangle:
    """Cumulative losses by vintage and age in months.

    Args:
        vintages: Their names, oldest first.
        sales: What was issued less dilution, by vintage.
        losses: By vintage, the cumulative loss at age 0, 1, 2 … as far as it is known.
    """

    vintages: tuple[str, ...]
    sales: tuple[Fraction, ...]
    losses: tuple[tuple[Fraction, ...], ...]

    @classmethod
    def of(
        cls,
        sales: Sequence[Decimal | int | str],
        losses: Sequence[Sequence[Decimal | int | str]],
        vintages: Sequence[str] = (),
    ) -> Triangle:
        """Build a triangle from figures.

        Raises:
            UnfitHistory: When there is not one row of losses for each vintage.
        """
        if len(sales) != len(losses) or not sales:
            msg = f"{len(sales)} sales and {len(losses)} rows of losses; give one row for each vintage"
            raise UnfitHistory(msg)
        names = tuple(vintages) or tuple(str(number + 1) for number in range(len(sales)))
        return cls(
            names,
            tuple(as_number(it, "sales") for it in sales),
            tuple(tuple(as_number(it, "loss") for it in row) for row in losses),
        )

    @property
    def development(self) -> tuple[Fraction | None, ...]:
        """The chain-ladder factor from each age to the next, over the vintages that know both; None where all are 0."""
        longest = max(len(row) for row in self.losses)
        factors: list[Fraction | None] = []
        for age in range(longest - 1):
            both = [row for row in self.losses if len(row) > age + 1]
            base = sum((row[age] for row in both), Fraction(0))
            then = sum((row[age + 1] for row in both), Fraction(0))
            factors.append(then / base if base else None)
        return tuple(factors)

    @property
    def ultimate(self) -> tuple[Fraction, ...]:
        """Each vintage's loss at the oldest known age; an age at which no vintage had losses develops by 1."""
        found = []
        for row in self.losses:
            loss = row[-1] if row else Fraction(0)
            for factor in self.development[max(len(row) - 1, 0) :]:
                loss *= factor if factor is not None else 1
            found.append(loss)
        return tuple(found)

    @property
    def loss_rates(self) -> tuple[Fraction | None, ...]:
        """Ultimate loss over sales, by vintage; None without sales."""
        pairs = zip(self.ultimate, self.sales, strict=True)
        return tuple(loss / sales if sales else None for loss, sales in pairs)


def loss_triangle(
    books: Subledger, *, as_of: date, currency: str, classify: Classify = outcome_of
) -> Triangle:
    """Return the losses by month of issue and age in months, as known on a day.

    Args:
        books: The subledger.
        as_of: The last day that counts; the month it falls in counts as it stands.
        currency: Whose amounts.
        classify: What each use means.
    """
    sales: dict[date, Money] = defaultdict(lambda: Money.zero(currency))
    lost: dict[tuple[date, int], Money] = defaultdict(lambda: Money.zero(currency))
    for item in books.items(as_of=as_of):
        if item.is_credit or item.currency != currency:
            continue
        month = item.posting_date.replace(day=1)
        sales[month] += item.amount
        for movement in item.movements:
            outcome = classify(movement.use, books)
            if outcome is Outcome.DILUTED:
                sales[month] += movement.amount
            elif outcome is Outcome.LOSS:
                age = _months(month, movement.on)
                lost[month, age] -= movement.amount
    if not sales:
        msg = f"no charge in {currency} was posted by {as_of}; there is no vintage"
        raise UnfitHistory(msg)
    rows = []
    for month in sorted(sales):
        sums, row = Money.zero(currency), []
        for age in range(_months(month, as_of) + 1):
            sums += lost[month, age]
            row.append(Fraction(sums.amount))
        rows.append(tuple(row))
    months = sorted(sales)
    return Triangle(
        tuple(f"{it:%Y-%m}" for it in months),
        tuple(Fraction(sales[it].amount) for it in months),
        tuple(rows),
    )


def month_ends(first: date, last: date) -> tuple[date, ...]:
    """Return the month ends from one day to another, both included when they are month ends."""
    found, day = [], end_of_month(first)
    while day <= last:
        found.append(day)
        day = end_of_month(add_months(day, 1))
    return tuple(found)


def _months(start: date, day: date) -> int:
    return (day.year - start.year) * 12 + day.month - start.month
