"""What a subledger says as of a date and as known at a moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from receivables.effects import Effect
from receivables.errors import NotADate
from receivables.facts import Customer, Document, Reversal
from receivables.open_items import OpenItem, items_of
from receivables.rounding import EXACT
from receivables.subledger.ledger import Ledger


class View:
    """The documents that count, and the items they make.

    Args:
        ledger: The admitted facts.
        as_of: The last day that counts.
        known_at: The moment whose knowledge counts; None for everything known.

    Raises:
        NotADate: When `as_of` is no date, or `known_at` no moment with a time zone.
    """

    __slots__ = ("_as_of", "_known_at", "_ledger")

    def __init__(self, ledger: Ledger, as_of: date, known_at: datetime | None) -> None:
        if type(as_of) is not date:
            msg = f"as_of {as_of!r} is a {type(as_of).__name__}; give a datetime.date such as date(2026, 3, 31)"
            raise NotADate(msg)
        if known_at is not None and (not isinstance(known_at, datetime) or known_at.tzinfo is None):
            msg = f"known_at {known_at!r} must be a datetime with a time zone, such as datetime(2026, 4, 2, tzinfo=UTC)"
            raise NotADate(msg)
        self._ledger = ledger
        self._as_of = as_of
        self._known_at = known_at

    def documents(self) -> Iterator[Document]:
        """Yield the documents that count: posted, known, and not reversed."""
        return filter(self.counts, self._ledger.documents.values())

    def open_documents(self) -> Iterator[Document]:
        """Yield the documents that count and are not used up."""
        for document in self.documents():
            left = document.amount.amount
            for effect in self._effects(document):
                left = EXACT.add(left, effect.amount.amount)
            if left:
                yield document

    def counts(self, document: Document) -> bool:
        """Tell whether a document counts."""
        if not self._happened(document):
            return False
        reversal = self._ledger.reversals.get(document.id)
        return reversal is None or not self._happened(reversal)

    def items(self, document: Document) -> tuple[OpenItem, ...]:
        """Return the item of a document that counts, or its instalments, those with nothing open included."""
        master = None
        if self._ledger.customers and document.customer is not None:
            master = self.master(document.customer)
        held = self._known(document)
        items = items_of(document, self._effects(document), self._as_of, master, held)
        reversal = self._ledger.reversals.get(document.id)
        if reversal is None or not self._was_known(reversal):
            return items
        return tuple(replace(it, reversal=reversal) for it in items)

    def master(self, customer_id: str) -> Customer | None:
        """Return what was true of a customer, or None when nothing was known yet."""
        held = self._ledger.customers.get(customer_id, ())
        return next(
            (it for it in reversed(held) if it.valid_from <= self._as_of and self._was_known(it)),
            None,
        )

    def _effects(self, document: Document) -> list[Effect]:
        held = self._ledger.effects.get(document.id, ())
        return [effect for effect in held if effect.counts(self._as_of, self._known_at)]

    def _known(self, document: Document) -> tuple[Effect, ...]:
        """Return everything known to be done to a document, whenever it counts."""
        held = self._ledger.effects.get(document.id, ())
        if (moment := self._known_at) is None:
            return held
        return tuple(
            effect._replace(ends=tuple(end for end in effect.ends if end[1] <= moment))
            for effect in held
            if effect.known <= moment
        )

    def _happened(self, fact: Document | Reversal) -> bool:
        return fact.posting_date <= self._as_of and self._was_known(fact)

    def _was_known(self, fact: Document | Reversal | Customer) -> bool:
        return (
            self._known_at is None or fact.recorded_at is None or fact.recorded_at <= self._known_at
        )
