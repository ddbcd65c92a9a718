"""A subledger in the making, so that generated facts obey the laws by construction and not by filtering.

Facts are drawn one after the other and learnt in that order. Each is kept only if every document stays at zero or more
on every day; as what was known at any time is a beginning of that order, the law then holds for every known-at too.
The rule is restated here from its definition; nothing is asked of the subledger that the facts are meant to test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from receivables.facts import (
    DOCUMENTS,
    Adjustment,
    Allocation,
    Document,
    Fact,
    Payment,
    Reversal,
    Use,
)


@dataclass(frozen=True, slots=True)
class _Change:
    """What one use does to one document, in minor units, from one day until another."""

    use: str
    rests_on: frozenset[str]
    start: date
    end: date
    units: int
    part: int | None

    def on(self, day: date) -> int:
        return self.units if self.start <= day < self.end else 0


@dataclass(slots=True)
class Draft:
    """The facts kept so far, and what they do to each document."""

    facts: list[Fact] = field(default_factory=list[Fact])
    documents: dict[str, Document] = field(default_factory=dict[str, Document])
    reversed_on: dict[str, date] = field(default_factory=dict[str, date])
    _changes: dict[str, list[_Change]] = field(default_factory=dict[str, list[_Change]])

    def add(self, fact: Fact) -> bool:
        """Keep a fact if every document it touches stays at zero or more; tell whether it was kept."""
        if isinstance(fact, DOCUMENTS):
            self.documents[fact.id] = fact
            self._changes[fact.id] = []
        elif isinstance(fact, Reversal):
            if not self._reverse(fact):
                return False
        elif not self._use(fact):
            return False
        self.facts.append(fact)
        return True

    def room(self, document_id: str, day: date, part: int | None = None) -> int:
        """Return the units that may still be taken off a document from a day on, for good."""
        whole = min(self._open(document_id, it) for it in self._days(document_id, day))
        if part is None:
            return whole
        return min(
            whole, *(self._open_part(document_id, part, it) for it in self._days(document_id, day))
        )

    def parts(self, document_id: str) -> tuple[int, ...]:
        """Return the numbers of a document's instalments; none when it has a single due date."""
        document = self.documents[document_id]
        schedule = () if isinstance(document, Payment) else document.instalments
        return tuple(part.number for part in schedule) if len(schedule) > 1 else ()

    def _use(self, use: Use) -> bool:
        touched = {role: getattr(use, role) for role in ("source", "target") if hasattr(use, role)}
        rests_on = frozenset({use.id, *touched.values()})
        start = max(use.posting_date, *(self.documents[it].posting_date for it in touched.values()))
        end = min(
            (self.reversed_on[it] for it in rests_on if it in self.reversed_on), default=date.max
        )
        for role, document_id in touched.items():
            amount = use.taken if isinstance(use, Allocation) and role == "source" else use.amount
            sign = 1 if isinstance(use, Adjustment) and use.increase else -1
            part = getattr(use, "instalment", None) if role == "target" else None
            change = _Change(use.id, rests_on, start, end, sign * amount.minor, part)
            self._changes[document_id].append(change)
        return self._fits_or_undo(list(touched.values()), lambda it: it.use != use.id)

    def _reverse(self, reversal: Reversal) -> bool:
        if reversal.of in self.reversed_on:
            return False
        before = {name: list(changes) for name, changes in self._changes.items()}
        for changes in self._changes.values():
            changes[:] = [
                replace(it, end=min(it.end, reversal.posting_date))
                if reversal.of in it.rests_on
                else it
                for it in changes
            ]
        if not all(self._fits(name) for name in self._changes):
            self._changes = before
            return False
        self.reversed_on[reversal.of] = reversal.posting_date
        return True

    def _fits_or_undo(self, touched: list[str], keep: Callable[[_Change], bool]) -> bool:
        if all(self._fits(name) for name in touched):
            return True
        for name in touched:
            self._changes[name] = [it for it in self._changes[name] if keep(it)]
        return False

    def _fits(self, document_id: str) -> bool:
        days = list(self._days(document_id, date.min))
        named = self.parts(document_id)
        return all(self._open(document_id, day) >= 0 for day in days) and all(
            self._open_part(document_id, part, day) >= 0 for part in named for day in days
        )

    def _days(self, document_id: str, first: date) -> Iterator[date]:
        yield first
        for change in self._changes[document_id]:
            yield from (day for day in (change.start, change.end) if day > first)

    def _open(self, document_id: str, day: date) -> int:
        return self.documents[document_id].amount.minor + sum(
            change.on(day) for change in self._changes[document_id]
        )

    def _open_part(self, document_id: str, part: int, day: date) -> int:
        document = self.documents[document_id]
        schedule = () if isinstance(document, Payment) else document.instalments
        amount = next(it.amount.minor for it in schedule if it.number == part)
        return amount + sum(it.on(day) for it in self._changes[document_id] if it.part == part)
