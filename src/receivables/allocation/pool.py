"""The open items and the money of one run, in minor units, indexed so that no rule looks at what it does not need.

Only this package sees these: they change while a proposal is made, and are gone when it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from receivables.allocation.rules import Order
from receivables.facts import Charge, CreditMemo, Payment
from receivables.money import Money
from receivables.open_items import OpenItem

_FEW = 40  # items that are looked through faster than an index of them is made


@dataclass(slots=True, eq=False)
class Slot:
    """An open charge and what is still open of it.

    Args:
        item: The open item.
        charge: Its document.
        place: Its place among all items, oldest due first.
        free: What was free of it before this run.
        pools: The pools it stands in: its customer's, and those of whoever pays for its customer.
        left: Minor units still free.
        offers: Whether its terms offer a cash discount.
    """

    item: OpenItem
    charge: Charge
    place: int
    free: Money
    pools: tuple[Pool, ...] = ()
    left: int = field(init=False)
    offers: bool = field(init=False)
    _whole: int = field(init=False)

    def __post_init__(self) -> None:
        self.left = self._whole = self.free.minor
        terms = self.charge.terms
        self.offers = terms is not None and bool(terms.discounts)

    def take(self, minor: int) -> None:
        """Take minor units off what is left."""
        self.left -= minor
        for pool in self.pools:
            pool.changed(self)

    def money(self, minor: int) -> Money:
        """Return minor units as an amount of its currency."""
        return self.free if minor == self._whole else _amount(minor, self.free.currency)

    def names(self, keys: Sequence[str]) -> Iterator[str]:
        """Yield the texts that name it."""
        item, document = self.item, self.charge
        yield item.id
        if document.id != item.id:
            yield document.id
        if document.reference:
            yield document.reference
        for name, text in document.attributes:
            if name in keys:
                yield text


@dataclass(slots=True, eq=False)
class Source:
    """Money or a credit to be used, and what is left of it.

    Args:
        id: Id of the payment or credit memo.
        document: The fact.
        customer: Whose items it may settle; None while unidentified.
        have: Minor units that were open of it.
        left: Minor units still free to be used.
        payer: What identified its customer, when the payment did not say.
        settled: What settled it, so that no later rule touches it; empty while it is open to rules.
        later: Minor units that were open and are not free: facts posted later use them.
        known: From when all that the books hold about it is known.
    """

    id: str
    document: Payment | CreditMemo
    customer: str | None
    have: int
    left: int
    payer: str = ""
    settled: str = ""
    later: int = 0
    known: datetime | None = None
    _whole: int = field(init=False)

    def __post_init__(self) -> None:
        self._whole = self.document.amount.minor

    @property
    def currency(self) -> str:
        """The currency of its amounts."""
        return self.document.amount.currency

    def money(self, minor: int) -> Money:
        """Return minor units as an amount of its currency."""
        whole = self.document.amount
        return whole if minor == self._whole else _amount(minor, whole.currency)

    def text(self, attributes: Sequence[str]) -> str:
        """Return everything it says in words."""
        document = self.document
        held = [text for name, text in document.attributes if name in attributes]
        return "\n".join([document.reference, *held] if document.reference else held)


def order_key(slot: Slot, order: Order) -> tuple[object, ...]:
    """Return what items are sorted by."""
    item = slot.item
    match order:
        case "due":
            return (slot.place,)
        case "document":
            return item.document_date, slot.place
        case "newest":
            return -item.document_date.toordinal(), slot.place
        case "interest":
            return -_rate(item.attribute("interest_rate")), slot.place


def _rate(text: str | None) -> Decimal:
    try:
        rate = Decimal(text or 0)
    except InvalidOperation:
        return Decimal(0)
    return rate if rate.is_finite() else Decimal(0)


@dataclass(slots=True)
class Pool:
    """The open items of one payer and currency, oldest due first.

    Args:
        slots: The items, in order of their place.
    """

    slots: list[Slot]
    _by_left: dict[int, list[Slot]] | None = None
    _orders: dict[Order, list[Slot]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for slot in self.slots:
            slot.pools = (*slot.pools, self)

    def open(self, order: Order = "due") -> list[Slot]:
        """Return the items with something left, in an order; what is closed is not looked at again."""
        held = self._orders.get(order)
        if held is None:
            held = sorted(self.slots, key=lambda slot: order_key(slot, order))
        still = self._orders[order] = [slot for slot in held if slot.left]
        return still

    def first(self, amount: int, order: Order) -> list[Slot]:
        """Return as many open items, in an order, as an amount reaches."""
        held = self._orders.get(order)
        if held is None:
            held = self.open(order)
        start = 0
        while start < len(held) and not held[start].left:
            start += 1
        del held[:start]
        reached: list[Slot] = []
        for slot in held:
            if amount <= 0:
                break
            if slot.left:
                reached.append(slot)
                amount -= slot.left
        self._orders[order] = held
        return reached

    def with_left(self, minor: int) -> list[Slot]:
        """Return the items with exactly so much left, oldest due first."""
        if len(self.slots) <= _FEW:
            return [slot for slot in self.slots if slot.left == minor]
        if self._by_left is None:
            self._by_left = {}
            for slot in self.slots:
                self._by_left.setdefault(slot.left, []).append(slot)
        held = self._by_left.get(minor, ())
        return [slot for slot in held if slot.left == minor]

    def changed(self, slot: Slot) -> None:
        """Note that something was taken off an item."""
        if self._by_left is not None and slot.left:
            held = self._by_left.setdefault(slot.left, [])
            if slot not in held:
                held.append(slot)
                held.sort(key=lambda it: it.place)


@lru_cache(maxsize=4_096)
def _amount(minor: int, currency: str) -> Money:
    return Money.from_minor(minor, currency)


def by_place(slots: Iterable[Slot]) -> list[Slot]:
    """Sort items oldest due first."""
    return sorted(slots, key=lambda slot: slot.place)


def age_key(item: OpenItem) -> tuple[date, date, str, int]:
    """Return the total order of items: due date, document date, document, instalment; undated items last."""
    document = item.document
    return (item.due_date or date.max, item.document_date, document.id, item.instalment or 0)
