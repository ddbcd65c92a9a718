"""The laws every subledger obeys, each under the name it has in the docs and the tests.

A law here is a function that returns nothing when it holds and raises when it is broken.

| law | where it is kept |
|---|---|
| Past answers stand | by construction: a fact counts from its posting date, for a question from when it was recorded |
| Buckets tie | `buckets_tie`, in every row and total of an aging report |
| Nothing vanishes | `nothing_vanishes`, in every cash position |
| Never below zero | `never_below_zero`, where facts enter: on every day, for every known-at, for every instalment |
| Order is irrelevant | by construction: facts are kept by id and sorted by date and id |
| Parts make the whole | `parts_make_the_whole`, for instalments and taxes where facts enter and for every sum in a report |
| Reversal restores | by construction: a reversed fact, and what rests on it, stops counting |
| One currency at a time | by `Money`, which never mixes currencies, and by a row a currency in every report |
| Explain agrees | `explain_agrees`, in every explanation that is given out |
| Each item on one path | `each_on_one_path`, in every provision |
| Migration rows sum to one | `rows_sum_to_one`, in every migration matrix and absorbing chain |
| Movements make the balance | `parts_make_the_whole`, for what moved an allowance, a balance or an aging |
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from receivables.effects import Effect
from receivables.errors import NotAPartition, OverAllocated, PartsDoNotSum
from receivables.explain import Explanation
from receivables.facts import Document, Payment
from receivables.money import Money, total
from receivables.rounding import EXACT


@dataclass(frozen=True, slots=True)
class Shortfall:
    """How far below zero a document, or one instalment of it, would go, and on which day."""

    name: str
    day: date
    below: Money


def never_below_zero(document: Document, effects: Sequence[Effect]) -> None:
    """Assert that a document, and each instalment that a use names, is never used past its open amount.

    Raises:
        OverAllocated: Naming the document, the day, and how far below zero it would go.
    """
    short = shortfall(document, effects)
    if short is not None:
        msg = f"{short.name} is used {short.below} past its open amount on {short.day}"
        raise OverAllocated(msg)


def shortfall(document: Document, effects: Sequence[Effect]) -> Shortfall | None:
    """Return where a document is first used past its open amount, on any day and for any known-at; None when never.

    Args:
        document: The document.
        effects: What was done to it.
    """
    short = _shortfall(document.id, document.amount, effects)
    if short or isinstance(document, Payment) or not document.instalments:
        return short
    parts = document.instalments
    for part in parts:
        last = part is parts[-1]
        own = [
            it
            for it in effects
            if it.instalment == part.number or (last and it.instalment is None and _adds(it))
        ]
        short = _shortfall(f"{document.id}/{part.number}", part.amount, own)
        if short:
            return short
    return None


def parts_make_the_whole(whole: Money, parts: Iterable[Money], what: str) -> None:
    """Assert that parts sum to their whole, to the last minor unit."""
    sums = total(parts, whole.currency)
    if sums != whole:
        msg = f"{what} sum to {sums}; they must sum to {whole}"
        raise PartsDoNotSum(msg)


def buckets_tie(amounts: Iterable[Money], whole: Money, what: str) -> None:
    """Assert that the buckets of a row sum to its total."""
    parts_make_the_whole(whole, amounts, f"the buckets of {what}")


def nothing_vanishes(received: Money, whereabouts: Iterable[Money]) -> None:
    """Assert that payments = allocated + on account + unapplied + unidentified + refunded + cleared."""
    parts_make_the_whole(received, whereabouts, "the whereabouts of the payments")


def explain_agrees(explanation: Explanation) -> Explanation:
    """Assert that the leaves of an explanation sum to its root, and hand it on."""
    leaves = Decimal(0)
    for leaf in explanation.leaves():
        leaves = EXACT.add(leaves, leaf.amount or Decimal(0))
    if explanation.amount is not None and leaves != explanation.amount:
        msg = f"the leaves of {explanation.line()!r} sum to {leaves}; they must sum to its amount"
        raise PartsDoNotSum(msg)
    return explanation


def each_on_one_path(items: Iterable[str], placed: Iterable[str]) -> None:
    """Assert that what was placed is what was given: each id once, none lost and none made.

    Raises:
        NotAPartition: Naming the ids on no path, or on two.
    """
    wanted, found = Counter(items), Counter(placed)
    if wanted != found:
        lost = ", ".join(sorted((wanted - found).elements())) or "none"
        twice = ", ".join(sorted((found - wanted).elements())) or "none"
        msg = (
            f"items on no path: {lost}; items on two: {twice}; each item goes down exactly one path"
        )
        raise NotAPartition(msg)


def rows_sum_to_one(rows: Iterable[tuple[str, Sequence[Fraction]]]) -> None:
    """Assert that each row of shares sums to exactly 1.

    Raises:
        NotAPartition: Naming the row and its sum.
    """
    for name, shares in rows:
        if sum(shares) != 1:
            msg = f"the shares of row {name} sum to {sum(shares)}; they must sum to 1"
            raise NotAPartition(msg)


_Event = tuple[date, datetime, Decimal]


def _shortfall(name: str, room: Money, effects: Sequence[Effect]) -> Shortfall | None:
    worst = room.amount
    for effect in effects:
        if not _adds(effect):
            worst = EXACT.add(worst, effect.amount.amount)
    if worst >= 0:
        return (
            None  # all that is ever taken off fits together: then any part of it fits, on any day
        )
    for timeline in _timelines(effects):
        left = room.amount
        for index, (day, known, amount) in enumerate(timeline):
            left = EXACT.add(left, amount)
            follows = timeline[index + 1][:2] if index + 1 < len(timeline) else None
            if left < 0 and follows != (day, known):
                return Shortfall(name, day, Money.of_sum(left.copy_negate(), room.currency))
    return None


def _timelines(effects: Sequence[Effect]) -> Iterator[list[_Event]]:
    """Yield sequences of events of which every day's end must leave the open amount at zero or more."""
    events = sorted(event for effect in effects for event in _events(effect))
    known = [event[1] for event in events]
    if known == sorted(known) and all(len(effect.ends) <= 1 for effect in effects):
        yield events  # learnt in the order it happened: what was known at any time is a prefix of this
        return
    for moment in sorted(set(known)):
        then = (_as_known(effect, moment) for effect in effects if effect.known <= moment)
        yield sorted((day, moment, amount) for effect in then for day, _, amount in _events(effect))


def _events(effect: Effect) -> Iterator[_Event]:
    amount = effect.amount.amount
    yield effect.start, effect.known, amount
    for day, known in effect.ends[:1] if len(effect.ends) < 2 else (min(effect.ends),):  # noqa: PLR2004
        yield max(day, effect.start), max(known, effect.known), amount.copy_negate()


def _as_known(effect: Effect, moment: datetime) -> Effect:
    ends = tuple(end for end in effect.ends if end[1] <= moment)
    return effect._replace(ends=ends)


def _adds(effect: Effect) -> bool:
    return effect.amount.amount > 0
