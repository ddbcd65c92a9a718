"""The admitted facts, indexed: what a subledger holds inside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from receivables.effects import Effect, effects_of, in_order
from receivables.facts import Customer, Document, Fact, Reversal, Use


@dataclass(slots=True)
class Ledger:
    """Facts by id, and what they do to each document. Filled while facts are admitted, never changed after.

    Args:
        facts: Every fact by id.
        documents: Those that are documents.
        effects: What was done to each document, by its id, in order of taking effect.
        reversals: Reversals by the id of the fact they end.
        customers: Customer facts by customer id, in order of validity.
    """

    facts: dict[str, Fact] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    effects: dict[str, tuple[Effect, ...]] = field(default_factory=dict)
    reversals: dict[str, Reversal] = field(default_factory=dict)
    customers: dict[str, tuple[Customer, ...]] = field(default_factory=dict)

    def copy(self) -> Ledger:
        """Return a ledger that can be added to without changing this one; the values are shared."""
        return Ledger(
            dict(self.facts),
            dict(self.documents),
            dict(self.effects),
            dict(self.reversals),
            dict(self.customers),
        )

    def effects_on(self, document_id: str, uses: Iterable[Use]) -> tuple[Effect, ...]:
        """Return what uses do to a document, in order of taking effect."""
        found = (effects_of(use, self.documents, self.reversals) for use in uses)
        return in_order(it for effects in found for it in effects if it.document == document_id)


def sort_key(fact: Fact) -> tuple[date, str]:
    """Return the order of facts: by posting date, then by id."""
    return fact.posting_date, fact.id
