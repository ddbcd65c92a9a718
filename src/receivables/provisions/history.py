"""What became of what was open: the money of one day followed to a later one.

Of every unit of money open in a bucket on the first day it is said where it was on the second: paid, lost, diluted, or
still open in some bucket. Nothing vanishes, so the shares of a bucket always make the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from receivables.buckets import UNDATED, Buckets
from receivables.errors import UnfitHistory
from receivables.facts import Allocation, Payment, Use, WriteOff
from receivables.laws import parts_make_the_whole
from receivables.money import Money
from receivables.open_items import OpenItem
from receivables.subledger import Subledger


class Outcome(Enum):
    """What a use of an item means for loss."""

    PAID = "paid"
    LOSS = "loss"
    DILUTED = "diluted"


Classify = Callable[[Use, Subledger], Outcome]


def outcome_of(use: Use, books: Subledger) -> Outcome:
    """Return what a use means: payments pay, write-offs lose, credit memos and adjustments dilute.

    Give your own where a kind of adjustment is a loss, or a write-off is none.
    """
    if isinstance(use, Allocation):
        paid = isinstance(books.fact(use.source), Payment)
        return Outcome.PAID if paid else Outcome.DILUTED
    return Outcome.LOSS if isinstance(use, WriteOff) else Outcome.DILUTED


@dataclass(frozen=True, slots=True)
class Followed:
    """One item of the first day, and where its money was on the second.

    Args:
        item: The item as it was on the first day.
        segment: Its customer segment then.
        bucket: Its bucket then.
        amount: What was open then: paid + lost + diluted + still_open.
        paid: Paid since.
        lost: Written off since.
        diluted: Credited, adjusted or cancelled since.
        still_open: Open on the second day.
        bucket_after: Its bucket on the second day, when something is open.
    """

    item: OpenItem
    segment: str | None
    bucket: str
    amount: Money
    paid: Money
    lost: Money
    diluted: Money
    still_open: Money
    bucket_after: str


def follow(
    books: Subledger,
    start: date,
    end: date,
    *,
    buckets: Buckets,
    segment_by: str = "segment",
    classify: Classify = outcome_of,
    known_at: datetime | None = None,
) -> tuple[Followed, ...]:
    """Follow every charge that was open on one day to a later one.

    What was added in between (a reversed payment, a debit adjustment) is not money of the first day: it is taken first
    off what is still open, then off what was paid, diluted and lost.

    Args:
        books: The subledger.
        start: The first day.
        end: The second day.
        buckets: Where items stand, by days past due; due dates are those the documents carry.
        segment_by: The attribute whose value is an item's segment.
        classify: What each use means.
        known_at: Leave out what was recorded later.

    Raises:
        UnfitHistory: When the second day is not after the first.
    """
    if end <= start:
        msg = f"history from {start} to {end} has no length; the second day must be later"
        raise UnfitHistory(msg)
    before = books.items(as_of=start, known_at=known_at)
    after = books.items(as_of=end, known_at=known_at)
    return follow_items(
        before, after, books, buckets=buckets, segment_by=segment_by, classify=classify
    )


def follow_items(
    before: Iterable[OpenItem],
    after: Iterable[OpenItem],
    books: Subledger,
    *,
    buckets: Buckets,
    segment_by: str = "segment",
    classify: Classify = outcome_of,
) -> tuple[Followed, ...]:
    """Follow the open charges of one day to another, both given as `Subledger.items` returned them."""
    later = {item.id: item for item in after}
    return tuple(
        _followed(item, later.get(item.id), buckets, segment_by, lambda use: classify(use, books))
        for item in before
        if item.open_amount and not item.is_credit
    )


def _followed(
    item: OpenItem,
    after: OpenItem | None,
    buckets: Buckets,
    segment_by: str,
    classify: Callable[[Use], Outcome],
) -> Followed:
    none = Money.zero(item.currency)
    found = dict.fromkeys(Outcome, none)
    still = none
    if after is None:  # the document itself was reversed
        found[Outcome.DILUTED] = item.open_amount
    else:
        for outcome, amount in _moved(item, after, classify):
            found[outcome] += amount
        still = after.open_amount
        added = sum(found.values(), still) - item.open_amount
        still, added = _less(still, added)
        for outcome in (Outcome.PAID, Outcome.DILUTED, Outcome.LOSS):
            found[outcome], added = _less(found[outcome], added)
    parts = (*found.values(), still)
    parts_make_the_whole(item.open_amount, parts, f"what became of item {item.id}")
    return Followed(
        item,
        item.attribute(segment_by),
        bucket_of(item, buckets),
        item.open_amount,
        found[Outcome.PAID],
        found[Outcome.LOSS],
        found[Outcome.DILUTED],
        still,
        bucket_of(after or item, buckets),
    )


def _moved(
    item: OpenItem, after: OpenItem, classify: Callable[[Use], Outcome]
) -> Iterator[tuple[Outcome, Money]]:
    """Yield what was taken off the item since, by outcome."""
    before = {movement.use.id: movement.amount for movement in item.movements}
    for movement in after.movements:
        taken = before.get(movement.use.id, Money.zero(item.currency)) - movement.amount
        if taken.amount > 0:
            yield classify(movement.use), taken


def _less(amount: Money, added: Money) -> tuple[Money, Money]:
    cut = min(amount, added) if added.amount > 0 else Money.zero(amount.currency)
    return amount - cut, added - cut


def bucket_of(item: OpenItem, buckets: Buckets) -> str:
    """Return the bucket of an item by its days past due."""
    days = item.days_past_due
    return UNDATED if days is None else buckets.label(days)
