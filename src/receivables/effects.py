"""What the facts that rest on a document do to it: how much, from which day, until which day.

This is the one place that says when an allocation, write-off, adjustment or refund counts, and in which direction.
A use takes effect once it and every document it rests on have been posted, and ends when any of them is reversed; so a
reversed payment gives every invoice back what it had paid, and an allocation may be dated before its documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import NamedTuple

from receivables.facts import (
    Adjustment,
    Allocation,
    Customer,
    Document,
    Fact,
    Refund,
    Reversal,
    Use,
)
from receivables.money import Money

ALWAYS_KNOWN = datetime.min.replace(tzinfo=UTC)


class Effect(NamedTuple):
    """What one use does to what is open of one document.

    Args:
        use: The allocation, write-off, adjustment or refund.
        document: Id of the document it is done to.
        amount: What it adds to the document's open amount: negative when it takes off, whatever the document's kind.
        start: First day it takes effect.
        known: When that became known.
        ends: Days from which it has none, each with when that became known.
    """

    use: Use
    document: str
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
        """The instalment of the document that its use names, if any; an allocation names one of its target."""
        if isinstance(self.use, Allocation) and self.document == self.use.source:
            return None
        return getattr(self.use, "instalment", None)


def effects_of(
    use: Use, documents: Mapping[str, Document], reversals: Mapping[str, Reversal]
) -> tuple[Effect, ...]:
    """Return what a use does to each document it rests on: two for an allocation, else one.

    Args:
        use: The use.
        documents: Documents by id, among them those it rests on.
        reversals: Reversals by the id of the fact they end.
    """
    names = rests_on(use)
    first, last = documents[names[0]], documents[names[-1]]
    start = max(use.posting_date, first.posting_date, last.posting_date)
    known = ALWAYS_KNOWN
    if use.recorded_at or first.recorded_at or last.recorded_at:
        known = max(known_from(use), known_from(first), known_from(last))
    ends: tuple[tuple[date, datetime], ...] = ()
    if reversals:
        found = (reversals.get(name) for name in (use.id, *names))
        ends = tuple((it.posting_date, known_from(it)) for it in found if it is not None)
    amount = use.amount if raises(use) else -use.amount
    if not isinstance(use, Allocation):
        return (Effect(use, names[0], amount, start, known, ends),)
    taken = amount if use.source_amount is None else -use.source_amount
    return (
        Effect(use, names[0], taken, start, known, ends),
        Effect(use, names[1], amount, start, known, ends),
    )


def rests_on(use: Use) -> tuple[str, ...]:
    """Return the ids of the documents a use rests on: source and target of an allocation, else one."""
    if isinstance(use, Allocation):
        return use.source, use.target
    return (use.source,) if isinstance(use, Refund) else (use.target,)


def raises(use: Use) -> bool:
    """Tell whether a use adds to what is open; all others take off."""
    return isinstance(use, Adjustment) and use.increase


def known_from(fact: Fact | Customer) -> datetime:
    """Return when a fact became known; always, when it does not say."""
    return fact.recorded_at or ALWAYS_KNOWN


def in_order(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """Sort effects by when they start, then by the id of their use."""
    return tuple(sorted(effects, key=lambda effect: (effect.start, effect.use.id)))
