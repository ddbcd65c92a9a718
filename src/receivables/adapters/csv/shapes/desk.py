"""What every shape needs while rows become facts: amounts by the declared rules, and a place to say what was wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from receivables.adapters.port import Entry
from receivables.errors import InexactAmount, ReceivablesError
from receivables.money import Money, decimals
from receivables.problems import Problem
from receivables.rounding import EXACT, Rounding

Row = Mapping[str, Any]
_IDS = {
    "id": "fact",
    "item_id": "fact",
    "payment_id": "fact",
    "source_id": "source_id",
    "target_id": "target_id",
    "reverses_id": "reverses_id",
}
F = TypeVar("F")


class Refusal(Exception):
    """A row cannot become facts: the problem's code and its sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Shape(Protocol):
    """Makes facts of the rows of one kind of table."""

    def take(self, line: int, row: Row) -> Entry | None:
        """Return what a row says, or None when it must wait for other rows."""
        ...

    def rest(self) -> list[Entry]:
        """Return what waited, when every row was taken."""
        ...

    @property
    def waiting_since(self) -> int | None:
        """The first line that waits."""
        ...


@dataclass(slots=True)
class Desk:
    """One reading of one file.

    Args:
        source: The file's name.
        rounding: How amounts with too many decimals are brought to the currency's.
        drawn_on: The day an extract was drawn.
        kinds: Their kind of document, and ours.
        problems: What was wrong, so far.
    """

    source: str
    rounding: Rounding | None = None
    drawn_on: date | None = None
    kinds: Mapping[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    rounded: dict[str, tuple[int, Decimal]] = field(default_factory=dict)

    def money(self, amount: Decimal, currency: str) -> Money:
        """Return an amount, rounded only when the mapping declares how."""
        if self.rounding is None:
            return Money(amount, currency)
        places = decimals(currency)
        if amount.as_tuple().exponent >= -places:  # type: ignore[operator]
            return Money(amount, currency)
        money = Money.rounded(amount, currency, self.rounding)
        count, difference = self.rounded.get(currency, (0, Decimal(0)))
        added = EXACT.subtract(money.amount, amount)
        self.rounded[currency] = (count + 1, EXACT.add(difference, added))
        return money

    def counted(self, row: Row, name: str) -> Money | None:
        """Return what a row counts with in the control totals, or None when it cannot be read."""
        amount, currency = row.get(name), row.get("currency")
        if not isinstance(amount, Decimal) or not isinstance(currency, str):
            return None
        try:
            return (
                Money(amount, currency)
                if self.rounding is None
                else Money.rounded(amount, currency, self.rounding)
            )
        except ReceivablesError:
            return None

    def needs(self, row: Row, *names: str) -> None:
        """Refuse a row in which one of these cells is empty."""
        for name in names:
            if row.get(name) is None:
                raise Refusal("missing-value", f"{name} is empty; every row needs one")

    def note(self, line: int, code: str, message: str) -> None:
        """Remark on a row that is kept as read."""
        self.problems.append(Problem(code, message, f"{self.source}:{line}", severity="noted"))

    def refuse(
        self, lines: tuple[int, ...], row: Row, amount: Money | None, code: str, message: str
    ) -> Entry:
        """Leave rows out, with the reason, the ids that the first of them names, and what they count with."""
        context = [
            (told, str(row[name])) for name, told in _IDS.items() if isinstance(row.get(name), str)
        ]
        if code == InexactAmount.code and self.rounding is None:
            message = f'{message}; to have the amounts of a file rounded, say rounding = "half up" in [values] of its mapping'
        if amount is not None:
            context += [("amount", f"{amount.amount:f}"), ("currency", amount.currency)]
        self.problems.append(Problem(code, message, f"{self.source}:{lines[0]}", tuple(context)))
        return Entry(lines, (), amount, quarantined=True)

    def rounding_note(self) -> list[Problem]:
        """Say how many amounts were rounded, and what that added in all."""
        return [
            Problem(
                "amounts-rounded",
                f"{count:,} amounts in {currency} had more decimals than the currency and were rounded as the mapping"
                f" declares; together they changed by {difference:+f}",
                self.source,
                severity="noted",
            )
            for currency, (count, difference) in sorted(self.rounded.items())
        ]


def attributes_of(row: Row, known: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """Return the cells of columns that are none of ours, as attributes."""
    return tuple(
        sorted(
            (name, str(cell))
            for name, cell in row.items()
            if cell is not None and name not in known
        )
    )
