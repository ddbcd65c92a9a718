"""What a review looks at: allocations that still stand, what is open and free, and what a payment's text names.

Corrections are dated on the day looked at and known from when everything they go by is known, and they take no more than is
free; so each can be posted to the books it comes from, whatever those hold for later days.
"""

from __future__ import annotations

from datetime import date, datetime

from receivables.allocation.policy import AllocationPolicy
from receivables.allocation.pool import Slot
from receivables.allocation.references import References
from receivables.facts import CHARGES, Allocation, Charge, Fact, Payment, Refund, Reversal
from receivables.money import Money, total
from receivables.open_items import OpenItem
from receivables.subledger import Subledger

_DIGITS = 4


class Look:
    """The facts a review looks at, as of a day.

    Args:
        books: The subledger.
        as_of: The day looked at.
        since: Look only at allocations posted on this day or later.
        policy: Which attributes hold text, and whether relations count.
    """

    def __init__(
        self, books: Subledger, as_of: date, since: date | None, policy: AllocationPolicy
    ) -> None:
        self.books, self.as_of, self.policy = books, as_of, policy
        ended = {it.of: it.posting_date for it in books.facts if isinstance(it, Reversal)}
        facts = [it for it in books.facts if it.posting_date <= as_of]
        alive = [it for it in facts if ended.get(it.id, date.max) > as_of]
        self.charges: dict[str, Charge] = {it.id: it for it in alive if isinstance(it, CHARGES)}
        self.payments = {it.id: it for it in alive if isinstance(it, Payment)}
        self.all_allocations = [
            it
            for it in alive
            if isinstance(it, Allocation)
            and it.target in self.charges
            and it.source in self.payments
        ]
        # What is taken back on a later day cannot be taken back a second time.
        self.allocations = [
            it
            for it in self.all_allocations
            if (since is None or it.posting_date >= since)
            and not ended.keys() & {it.id, it.source, it.target}
        ]
        self._items: dict[str, list[OpenItem]] = {}
        for item in books.items(as_of=as_of):
            self._items.setdefault(item.document.id, []).append(item)
        self.items = [it for held in self._items.values() for it in held if it.open_amount]
        self._names: dict[str, References] = {}
        self.by_customer: dict[str, list[Charge]] = {}
        for charge in self.charges.values():
            self.by_customer.setdefault(charge.customer, []).append(charge)

    def text(self, payment: Payment) -> str:
        """Return everything a payment says in words."""
        held = [text for name, text in payment.attributes if name in self.policy.texts]
        return "\n".join([payment.reference, *held] if payment.reference else held)

    def named(self, payment: Payment) -> list[str]:
        """Return the documents of its customer that a payment's text names in full, paid or not."""
        if payment.customer is None or not self.text(payment):
            return []
        known = self._names.get(payment.customer)
        if known is None:
            slots = [
                Slot(
                    OpenItem(it.id, it, self.as_of, it.last_due_date, it.amount, it.amount),
                    it,
                    place,
                    it.amount,
                )
                for place, it in enumerate(self.by_customer.get(payment.customer, ()))
            ]
            known = self._names[payment.customer] = References.of(slots, _DIGITS, self.policy.keys)
        return [it.slot.item.id for it in known.find(self.text(payment)) if it.full]

    def open(self, document: str) -> Money | None:
        """Return what is open of a document; None when nothing is."""
        left = [it.open_amount for it in self._items.get(document, ()) if it.open_amount]
        return _sum(left)

    def free(self, document: str) -> Money | None:
        """Return what is open of a document and not used by facts posted later; None when nothing is."""
        left = [it.free_amount for it in self._items.get(document, ())]
        return _sum([it for it in left if it])

    def undo(self, allocation: Allocation) -> Reversal:
        """Return the fact that takes an allocation back."""
        return Reversal(
            id=f"{allocation.id}:undone",
            of=allocation.id,
            posting_date=self.as_of,
            recorded_at=self._known(allocation.source, allocation.target),
            reason="misapplied",
        )

    def redo(self, allocation: Allocation, target: str, amount: Money) -> tuple[Fact, ...]:
        """Return the facts that move a part of an allocation to another document."""
        fresh = [
            Allocation(
                id=f"{allocation.source}>{target}:moved",
                source=allocation.source,
                target=target,
                amount=amount,
                posting_date=self.as_of,
                recorded_at=self._known(allocation.source, target, allocation.target),
            )
        ]
        if allocation.amount > amount:
            rest = allocation.amount - amount
            fresh.append(
                Allocation(
                    id=f"{allocation.source}>{allocation.target}:kept",
                    source=allocation.source,
                    target=allocation.target,
                    amount=rest,
                    instalment=allocation.instalment,
                    posting_date=self.as_of,
                    recorded_at=self._known(allocation.source, allocation.target),
                )
            )
        return (self.undo(allocation), *fresh)

    def refund(self, payment: Payment) -> Refund:
        """Return the fact that gives a payment back."""
        return Refund(
            id=f"{payment.id}:refund",
            source=payment.id,
            amount=payment.amount,
            posting_date=self.as_of,
            recorded_at=self._known(payment.id),
        )

    def _known(self, *documents: str) -> datetime | None:
        held = [it.known_from for name in documents for it in self._items.get(name, ())]
        return max((it for it in held if it is not None), default=None)


def _sum(amounts: list[Money]) -> Money | None:
    return total(amounts, amounts[0].currency) if amounts else None
