"""What the facts that rest on a document do to it: how much, from which day, until which day.

This is the one place that says when an allocation, write-off, adjustment or refund counts, and in which direction.
A use takes effect once it and every document it rests on have been posted, and ends when any of them is reversed; so a
reversed payment gives every invoice back what it had paid, and an allocation may be dated before its documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from receivables.facts import Adjustment, Allocation, Customer, Document, Fact, Reversal, Use
from receivables.money import Money

ALWAYS_KNOWN = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Effect:
    """What one use does to what is open of one document.

    Args:
        use: The allocation, write-off, adjustment or refund.
        amount: What it adds to the document's open amount: negative when it takes off, whatever the document's kind.
        start: First day it takes effect.
        known: When that became known.
        ends: Days from which it has none, each with when that became known.
    """

    use: Use
    amount: Money
    start: date
    known: datetime = ALWAYS_KNOWN
    ends: tuple[tuple[date, datetime], ...] = ()

    def counts(self, as_of: date, known_at: datetime | None) -> bool:
        """Tell whether it had begun and not ended by a day, as far as was known at a moment."""
        if self.start > as_of or (known_at is not None and self.known > known_at):
            return False
        return not any(
            day <= as_of and (known_at is None or known <= known_at) for day, known in self.ends
        )

    @property
    def instalment(self) -> int | None:
        """The instalment its use names, if any."""
        return getattr(self.use, "instalment", None)


def effect_of(
    use: Use,
    document: Document,
    documents: Mapping[str, Document],
    reversals: Mapping[str, Reversal],
) -> Effect:
    """Return what a use does to one of the documents it rests on.

    Args:
        use: The use.
        document: The document looked at.
        documents: Documents by id, to find the other one of an allocation.
        reversals: Reversals by the id of the fact they end.
    """
    other = document
    if isinstance(use, Allocation):
        source = use.source == document.id
        other = documents[use.target if source else use.source]
        amount = -use.taken if source else -use.amount
    else:
        amount = use.amount if raises(use) else -use.amount
    ends: tuple[tuple[date, datetime], ...] = ()
    if reversals:
        found = (reversals.get(name) for name in dict.fromkeys((use.id, document.id, other.id)))
        ends = tuple((it.posting_date, known_from(it)) for it in found if it is not None)
    start = max(use.posting_date, document.posting_date, other.posting_date)
    known = max(known_from(use), known_from(document), known_from(other))
    return Effect(use, amount, start, known, ends)


def raises(use: Use) -> bool:
    """Tell whether a use adds to what is open; all others take off."""
    return isinstance(use, Adjustment) and use.increase


def known_from(fact: Fact | Customer) -> datetime:
    """Return when a fact became known; always, when it does not say."""
    return fact.recorded_at or ALWAYS_KNOWN


def in_order(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """Sort effects by when they start, then by the id of their use."""
    return tuple(sorted(effects, key=lambda effect: (effect.start, effect.use.id)))
