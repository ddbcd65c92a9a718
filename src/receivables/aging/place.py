"""Where each open item stands in a report: its column, or its columns when a credit is netted against several."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from receivables.aging.report import Part
from receivables.buckets import CREDITS, UNDATED, Basis, Buckets, CreditDisplay
from receivables.money import Money
from receivables.open_items import OpenItem


@dataclass(frozen=True, slots=True)
class Placed:
    """An item, the days it was aged by, and the parts that its open amount was put into."""

    item: OpenItem
    days: int | None
    parts: tuple[Part, ...]


def place(
    items: Sequence[OpenItem], buckets: Buckets, basis: Basis, credits: CreditDisplay
) -> Iterator[Placed]:
    """Yield every item with its parts; where the buckets are a partition the parts sum to the open amount."""
    charges = [_placed(item, buckets, basis) for item in items if not item.is_credit]
    found = [item for item in items if item.is_credit]
    yield from charges
    if credits is CreditDisplay.OWN_DATE:
        for item in found:
            yield _placed(item, buckets, basis)
    elif credits is CreditDisplay.OWN_COLUMN:
        for item in found:
            yield _in_credits(item)
    else:
        yield from _net(charges, found)


def _placed(item: OpenItem, buckets: Buckets, basis: Basis) -> Placed:
    day = _aged_from(item, basis)
    if day is None:
        return Placed(item, None, (Part(item, UNDATED, item.open_amount, None),))
    days = (item.as_of - day).days
    parts = tuple(Part(item, column, item.open_amount, days) for column in buckets.columns(days))
    return Placed(item, days, parts)


def _aged_from(item: OpenItem, basis: Basis) -> date | None:
    match basis:
        case Basis.DUE:
            return item.posting_date if item.is_credit and item.due_date is None else item.due_date
        case Basis.DOCUMENT:
            return item.document_date
        case Basis.POSTING:
            return item.posting_date
        case Basis.BASELINE:
            return item.baseline_date


def _in_credits(item: OpenItem) -> Placed:
    return Placed(item, None, (Part(item, CREDITS, item.open_amount, None),))


def _net(charges: list[Placed], credits: list[OpenItem]) -> Iterator[Placed]:
    """Set each credit against the oldest charges of its customer and currency; what is left stays in `credits`."""
    queues: dict[tuple[str | None, str], list[tuple[Placed, Money]]] = defaultdict(list)
    for placed in sorted(
        charges, key=lambda it: (-(it.days if it.days is not None else -(10**9)), it.item.id)
    ):
        queues[placed.item.customer, placed.item.currency].append((placed, placed.item.open_amount))
    for queue in queues.values():
        queue.reverse()  # oldest last, where a list gives it up cheaply
    for item in sorted(credits, key=lambda it: (it.posting_date, it.id)):
        queue = queues[item.customer, item.currency] if item.customer is not None else []
        yield Placed(item, None, tuple(_spend(item, queue)))


def _spend(item: OpenItem, queue: list[tuple[Placed, Money]]) -> Iterator[Part]:
    rest = -item.open_amount
    while rest and queue:
        placed, left = queue.pop()
        used = min(rest, left)
        rest -= used
        if left - used:
            queue.append((placed, left - used))
        column = placed.parts[0].column if placed.parts else CREDITS
        yield Part(item, column, -used, None, f"netted against {placed.item.id}")
    if rest:
        yield Part(item, CREDITS, -rest, None)
