"""A second opinion: the same answers, computed slowly from the definitions, sharing no calculation with the library.

Everything is looked up again for every question and nothing is kept, so each rule can be read off in one place.
Facts are taken at their word for what they say themselves (amounts, dates, instalments); due dates that follow from
terms are tested on literal dates elsewhere. Use it in tests against `Subledger` and `age`, on small sets of facts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from receivables.facts import Adjustment, Allocation, Customer, Fact, Payment, Refund, Reversal
from receivables.terms import Instalment

CHARGES = ("invoice", "debit_memo")
DOCUMENTS = ("invoice", "debit_memo", "credit_memo", "payment")
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Open:
    """What is open of a document, or of one instalment: positive is owed, negative is a credit."""

    id: str
    customer: str | None
    currency: str
    due_date: date | None
    open_amount: Decimal
    is_credit: bool


@dataclass(frozen=True)
class Reference:
    """Facts as seen on one day, as known at one time."""

    facts: tuple[Fact, ...]
    as_of: date
    known_at: datetime | None = None

    @classmethod
    def of(
        cls, facts: Iterable[Fact | Customer], as_of: date, known_at: datetime | None = None
    ) -> Reference:
        """Take the facts that answers are computed from; customers change no amount."""
        return cls(tuple(it for it in facts if not isinstance(it, Customer)), as_of, known_at)

    def seen(self, fact: Fact) -> bool:
        """Posted by the day, and known by the time."""
        known = self.known_at is None or fact.recorded_at is None
        return fact.posting_date <= self.as_of and (known or fact.recorded_at <= self.known_at)  # type: ignore[operator]

    def reversed(self, fact: Fact) -> bool:
        """Ended by a reversal that is seen."""
        return any(
            isinstance(it, Reversal) and it.of == fact.id and self.seen(it) for it in self.facts
        )

    def counts(self, fact: Fact) -> bool:
        """Seen, not reversed, and so is everything it rests on."""
        names = {getattr(fact, "source", None), getattr(fact, "target", None)} - {None}
        rests_on = [it for it in self.facts if it.id in names]
        return self.seen(fact) and not self.reversed(fact) and all(map(self.counts, rests_on))

    def uses(self, document: Fact) -> list[tuple[Decimal, int | None]]:
        """What each counting use adds to the open amount of a document, and the instalment it names."""
        found = []
        for use in self.facts:
            if document.id == getattr(use, "target", None) and self.counts(use):
                size = use.amount.amount  # type: ignore[union-attr]
                raises = isinstance(use, Adjustment) and use.increase
                found.append((size if raises else -size, use.instalment))  # type: ignore[union-attr]
            if document.id == getattr(use, "source", None) and self.counts(use):
                taken = getattr(use, "source_amount", None) or use.amount  # type: ignore[union-attr]
                found.append((-taken.amount, None))
        return found

    def open_items(self) -> list[Open]:
        """Every document that counts, instalment by instalment, where something is open."""
        items = [
            item
            for document in self.facts
            if document.kind in DOCUMENTS and self.counts(document)
            for item in self.parts_of(document)
        ]
        return [item for item in items if item.open_amount != 0]

    def parts_of(self, document: Fact) -> list[Open]:
        """Named uses go to their instalment, unnamed increases to the last, the rest fills the oldest due first."""
        schedule: tuple[Instalment, ...] = getattr(document, "instalments", ())
        if len(schedule) > 1:
            left = {part.number: part.amount.amount for part in schedule}
            dues: dict[int, date | None] = {part.number: part.due_date for part in schedule}
            last = schedule[-1].number
        else:
            left = {0: document.amount.amount}  # type: ignore[union-attr]
            dues, last = {0: getattr(document, "last_due_date", None)}, 0
        loose = NOTHING
        for amount, number in self.uses(document):
            if number is not None or amount > 0:
                left[number if number in left else last] += amount
            else:
                loose -= amount
        for number in sorted(left, key=lambda it: (dues[it] or date.max, it)):
            used = min(loose, left[number])
            left[number] -= used
            loose -= used
        return [self.part(document, number, left[number], dues[number]) for number in left]

    def part(self, document: Fact, number: int, left: Decimal, due: date | None) -> Open:
        """One line of the answer, in the sign of the view."""
        charge = document.kind in CHARGES
        name = document.id if number == 0 else f"{document.id}/{number}"
        currency: str = document.amount.currency  # type: ignore[union-attr]
        customer: str | None = document.customer  # type: ignore[union-attr]
        return Open(name, customer, currency, due, left if charge else -left, not charge)

    def aging(self, edges: Sequence[int]) -> dict[tuple[str | None, str, str], Decimal]:
        """Open amounts by customer, currency and column; credits and undated charges stand apart."""
        sums: dict[tuple[str | None, str, str], Decimal] = defaultdict(Decimal)
        for item in self.open_items():
            sums[item.customer, item.currency, self.column(item, edges)] += item.open_amount
        return dict(sums)

    def column(self, item: Open, edges: Sequence[int]) -> str:
        """The bucket of one item: due today is current, each edge belongs to the bucket it ends."""
        if item.is_credit:
            return "credits"
        if item.due_date is None:
            return "undated"
        days = (self.as_of - item.due_date).days
        if days <= edges[0]:
            return "current"
        for low, high in pairwise(edges):
            if low < days <= high:
                return f"{low + 1}-{high}"
        return f">{edges[-1]}"

    def cash(self) -> dict[tuple[str, str], Decimal]:
        """Where the money received is, by currency and place."""
        sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for payment in self.facts:
            if not isinstance(payment, Payment) or not self.counts(payment):
                continue
            unit, left = payment.amount.currency, payment.amount.amount
            sums[unit, "received"] += left
            for use in self.facts:
                if payment.id in {
                    getattr(use, "source", None),
                    getattr(use, "target", None),
                } and self.counts(use):
                    size = (getattr(use, "source_amount", None) or use.amount).amount  # type: ignore[union-attr]
                    taken = -size if isinstance(use, Adjustment) and use.increase else size
                    sums[unit, _place(use)] += taken
                    left -= taken
            rest = "on_account" if payment.on_account else "unapplied"
            sums[unit, rest if payment.customer else "unidentified"] += left
        return dict(sums)


def _place(use: Fact) -> str:
    return {Allocation: "allocated", Refund: "refunded"}.get(type(use), "cleared")
