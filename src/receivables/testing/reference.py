"""A second opinion: the same answers, computed slowly from the definitions, sharing no calculation with the library.

Everything is looked up again for every question and nothing is kept, so each rule can be read off in one place.
Facts are taken at their word for what they say themselves (amounts, dates, instalments); due dates that follow from
terms are tested on literal dates elsewhere. Use it in tests against `Subledger` and `age`, on small sets of facts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from receivables.facts import (
    CHARGES,
    Adjustment,
    Allocation,
    Customer,
    Document,
    Fact,
    Payment,
    Refund,
    Reversal,
    Use,
)


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
        if self.known_at is not None and fact.recorded_at is not None:
            return fact.posting_date <= self.as_of and fact.recorded_at <= self.known_at
        return fact.posting_date <= self.as_of

    def counts(self, fact: Fact) -> bool:
        """Seen, not reversed, and so is everything it rests on."""
        ends = (it for it in self.facts if isinstance(it, Reversal) and it.of == fact.id)
        names = {getattr(fact, "source", None), getattr(fact, "target", None)}
        rests_on = (it for it in self.facts if it.id in names)
        return self.seen(fact) and not any(map(self.seen, ends)) and all(map(self.counts, rests_on))

    def documents(self) -> Iterator[Document]:
        """Return those that count."""
        return (it for it in self.facts if isinstance(it, Document) and self.counts(it))

    def uses(self, document: Document) -> Iterator[tuple[Use, Decimal, int]]:
        """Each use that counts, what it adds to the open amount of a document, and the instalment it names, else 0."""
        for use in self.facts:
            if not isinstance(use, Use) or not self.counts(use):
                continue
            if not isinstance(use, Refund) and use.target == document.id:
                raises = isinstance(use, Adjustment) and use.increase
                size = use.amount.amount
                yield use, size if raises else -size, use.instalment or 0
            elif isinstance(use, Refund) and use.source == document.id:
                yield use, -use.amount.amount, 0
            elif isinstance(use, Allocation) and use.source == document.id:
                yield use, -(use.source_amount or use.amount).amount, 0

    def open_items(self) -> list[Open]:
        """Every document that counts, instalment by instalment, where something is open."""
        parts = (part for document in self.documents() for part in self.parts(document))
        return [part for part in parts if part.open_amount != 0]

    def parts(self, document: Document) -> list[Open]:
        """Named uses go to their instalment, unnamed increases to the last, the rest fills the oldest due first."""
        left, dues = {0: document.amount.amount}, {0: getattr(document, "due_date", None)}
        if not isinstance(document, Payment) and document.instalments:
            left = {part.number: part.amount.amount for part in document.instalments}
            dues = {part.number: part.due_date for part in document.instalments}
        *_, last = left
        loose = Decimal(0)
        for _, amount, number in self.uses(document):
            if number or amount > 0:
                left[number if number in left else last] += amount
            else:
                loose -= amount
        for number in sorted(left, key=lambda it: (dues[it] or date.max, it)):
            used = min(loose, left[number])
            left[number] -= used
            loose -= used
        sign = 1 if isinstance(document, CHARGES) else -1
        owner, unit = document.customer, document.amount.currency
        names = {number: f"{document.id}/{number}" if number else document.id for number in left}
        return [
            Open(names[it], owner, unit, dues[it], amount * sign, sign < 0)
            for it, amount in left.items()
        ]

    def aging(self, edges: Sequence[int]) -> dict[tuple[str | None, str, str], Decimal]:
        """Open amounts by customer, currency and column; credits and undated charges stand apart."""
        sums: dict[tuple[str | None, str, str], Decimal] = defaultdict(Decimal)
        for item in self.open_items():
            sums[item.customer, item.currency, self.column(item, edges)] += item.open_amount
        return sums

    def column(self, item: Open, edges: Sequence[int]) -> str:
        """The bucket of one item: due today is current, each edge belongs to the bucket it ends."""
        if item.is_credit or item.due_date is None:
            return "credits" if item.is_credit else "undated"
        days = (self.as_of - item.due_date).days
        if days <= edges[0]:
            return "current"
        inner = (f"{low + 1}-{high}" for low, high in pairwise(edges) if low < days <= high)
        return next(inner, f">{edges[-1]}")

    def cash(self) -> dict[tuple[str, str], Decimal]:
        """Where the money received is, by currency and place."""
        sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        places = {"allocation": "allocated", "refund": "refunded"}
        for payment in self.documents():
            if isinstance(payment, Payment):
                unit, left = payment.amount.currency, payment.amount.amount
                sums[unit, "received"] += left
                for use, amount, _ in self.uses(payment):
                    sums[unit, places.get(use.kind, "cleared")] -= amount
                    left += amount
                rest = "on_account" if payment.on_account else "unapplied"
                sums[unit, rest if payment.customer else "unidentified"] += left
        return sums
