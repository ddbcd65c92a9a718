"""Where the money received is: allocated, on account, unapplied, unidentified, refunded or cleared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from receivables.facts import Allocation, Payment, Refund
from receivables.laws import nothing_vanishes
from receivables.money import Money
from receivables.open_items import OpenItem


@dataclass(frozen=True, slots=True)
class CashPosition:
    """Where the payments of one currency are on a day.

    Args:
        currency: The payments' currency.
        received: All of them.
        allocated: Used against charges.
        on_account: Left unassigned because the customer chose so.
        unapplied: Of a known customer, not used yet.
        unidentified: Of a payer not known yet.
        refunded: Given back.
        cleared: Written off or adjusted away.
    """

    currency: str
    received: Money
    allocated: Money
    on_account: Money
    unapplied: Money
    unidentified: Money
    refunded: Money
    cleared: Money

    @classmethod
    def of(cls, currency: str, sums: dict[str, Money]) -> CashPosition:
        """Build a position from its named sums and assert that nothing vanishes."""
        names = (
            "received",
            "allocated",
            "on_account",
            "unapplied",
            "unidentified",
            "refunded",
            "cleared",
        )
        received, *whereabouts = (sums.get(name, Money.zero(currency)) for name in names)
        nothing_vanishes(received, whereabouts)
        return cls(currency, received, *whereabouts)


def whereabouts(payment: Payment, item: OpenItem) -> Iterator[tuple[str, Money]]:
    """Yield what was received and each place it went, by the names of `CashPosition`."""
    yield "received", payment.amount
    for movement in item.movements:
        name = "allocated" if isinstance(movement.use, Allocation) else "cleared"
        yield ("refunded" if isinstance(movement.use, Refund) else name), movement.amount
    rest = (
        "unidentified"
        if payment.customer is None
        else "on_account"
        if payment.on_account
        else "unapplied"
    )
    yield rest, -item.open_amount
