"""The laws every subledger obeys, each a function named as it is in the docs and the tests.

A law returns nothing when it holds and raises when it is broken. Where facts enter, the subledger asserts the laws about
facts; where answers are made, the reports assert the laws about sums; the rest hold by construction and are tested by
generation under the names below.

| law | asserted |
|---|---|
| Past answers stand | by construction: a fact counts from its posting date, for a question from when it was recorded |
| Buckets tie | `buckets_tie`, in every row and total of an aging report |
| Nothing vanishes | `nothing_vanishes`, in every cash position |
| Never below zero | `never_below_zero`, where facts enter, at every date and for every known-at |
| Order is irrelevant | by construction: facts are kept by id and sorted by date and id |
| Parts make the whole | `parts_make_the_whole`, wherever an amount is split; instalments and taxes where facts enter |
| Reversal restores | by construction: a reversed fact, and what rests on it, stops counting |
| One currency at a time | by `Money`, which never mixes currencies, and by a row a currency in every report |
| Explain agrees | `explain_agrees`, in every explanation a report gives out |
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from receivables.errors import OverAllocated, PartsDoNotSum
from receivables.explain import Explanation
from receivables.facts import Document, Use
from receivables.money import Money, total

ALWAYS_KNOWN = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Effect:
    """What one use does to what is open of a document, from when until when.

    Args:
        use: The allocation, write-off, adjustment or refund.
        amount: What it adds to the open amount, negative when it takes off.
        start: First day it takes effect.
        known: When that became known.
        ends: Days from which it has none, each with when that became known.
    """

    use: Use
    amount: Decimal
    start: date
    known: datetime = ALWAYS_KNOWN
    ends: tuple[tuple[date, datetime], ...] = ()


def never_below_zero(document: Document, room: Money, effects: Sequence[Effect]) -> None:
    """Assert that a document, or one instalment of it, is never used past its open amount.

    It must hold on every day and for every known-at, not only at the end.

    Args:
        document: The document used.
        room: Its amount, or that of the instalment.
        effects: Everything that uses it.

    Raises:
        OverAllocated: Naming the use that goes too far, what was left and the day.
    """
    if not any(effect.ends or effect.amount > 0 for effect in effects):
        # Uses that only take off and never end: if all of them fit, so does any part of them, on any day.
        if sum(effect.amount for effect in effects) + room.amount >= 0:
            return
    for timeline in _timelines(effects):
        _check_timeline(document, room, timeline)


def parts_make_the_whole(whole: Money, parts: Iterable[Money], what: str) -> None:
    """Assert that parts sum to their whole, to the last minor unit."""
    sums = total(parts, whole.currency)
    if sums != whole:
        msg = f"parts of {what} sum to {sums}; they must sum to {whole}"
        raise PartsDoNotSum(msg)


def buckets_tie(amounts: Iterable[Money], whole: Money, what: str) -> None:
    """Assert that the buckets of a row sum to its total."""
    parts_make_the_whole(whole, amounts, f"the buckets of {what}")


def nothing_vanishes(received: Money, whereabouts: Iterable[Money]) -> None:
    """Assert that payments = allocated + on account + unapplied + unidentified + refunded + cleared."""
    parts_make_the_whole(received, whereabouts, "the payments received")


def explain_agrees(explanation: Explanation) -> None:
    """Assert that the leaves of an explanation sum to its root."""
    leaves = sum((leaf.amount or Decimal(0) for leaf in explanation.leaves()), Decimal(0))
    if explanation.amount is not None and leaves != explanation.amount:
        msg = f"explanation {explanation.line()!r} has leaves that sum to {leaves}; they must sum to its amount"
        raise PartsDoNotSum(msg)


_Event = tuple[date, datetime, Decimal, Use]


def _timelines(effects: Sequence[Effect]) -> Iterable[list[_Event]]:
    """Yield the sequences of events of which every prefix must leave the open amount at zero or more."""
    events = sorted(_events(effects), key=lambda event: (event[0], event[1], -event[2]))
    known = [event[1] for event in events]
    if known == sorted(known) and all(len(effect.ends) <= 1 for effect in effects):
        yield events  # learnt in the order it happened: what was known at any time is a prefix of this
        return
    for moment in sorted({known for effect in effects for known in (effect.known, *(end[1] for end in effect.ends))}):
        then = [_as_known(effect, moment) for effect in effects if effect.known <= moment]
        yield sorted(_events(then), key=lambda event: (event[0], -event[2]))


def _events(effects: Iterable[Effect]) -> Iterable[_Event]:
    for effect in effects:
        day, known = min(effect.ends, default=(date.max, ALWAYS_KNOWN))
        if effect.start < day:
            yield effect.start, effect.known, effect.amount, effect.use
            if effect.ends:
                yield day, max(known, effect.known), -effect.amount, effect.use


def _as_known(effect: Effect, moment: datetime) -> Effect:
    ends = tuple((day, ALWAYS_KNOWN) for day, known in effect.ends if known <= moment)
    return Effect(effect.use, effect.amount, effect.start, ALWAYS_KNOWN, ends)


def _check_timeline(document: Document, room: Money, timeline: list[_Event]) -> None:
    left = room.amount
    for day, _, amount, use in timeline:
        if left + amount < 0:
            was = Money(left, room.currency)
            verb = "takes" if use.kind == "allocation" else "is"
            size = Money(abs(amount), room.currency)
            msg = (
                f"{use.kind.replace('_', '-')} {use.id} {verb} {size} from {document.id}, "
                f"which has {was} open on {day}"
            )
            raise OverAllocated(msg)
        left += amount
