"""The same report in the company's currency: at the rate each document was booked at, and at the as-of rate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import partial

from receivables.aging.place import Placed
from receivables.aging.report import Valuation
from receivables.money import Money
from receivables.open_items import OpenItem
from receivables.rates import ExchangeRates
from receivables.rounding import EXACT, Rounding


class Valuer:
    """Values rows in one currency; without a currency it values nothing.

    Args:
        currency: The company's currency, or None.
        rates: Exchange rates, or None to value at the booking rate only.
        as_of: The day whose rates count.
    """

    def __init__(self, currency: str | None, rates: ExchangeRates | None, as_of: date) -> None:
        self._currency = currency
        self._rates = rates
        self._as_of = as_of

    def value(self, placed: Sequence[Placed], columns: tuple[str, ...]) -> tuple[Valuation, ...]:
        """Return the row at each rate asked for; item by item, rounded half up, then summed."""
        if self._currency is None:
            return ()
        booked = self._sum("booking rate", placed, columns, self._booked)
        if self._rates is None:
            return (booked,)
        return booked, self._sum("as-of rate", placed, columns, partial(self._at_rate, self._rates))

    def _booked(self, item: OpenItem) -> Money | None:
        if item.currency == self._currency:
            return item.open_amount
        booked = item.booked_open_amount
        return booked if booked is not None and booked.currency == self._currency else None

    def _at_rate(self, rates: ExchangeRates, item: OpenItem) -> Money | None:
        return rates.convert(
            item.open_amount, self._currency or "", on=self._as_of, rounding=Rounding.HALF_UP
        )

    def _sum(
        self,
        at: str,
        placed: Sequence[Placed],
        columns: tuple[str, ...],
        amount_of: Callable[[OpenItem], Money | None],
    ) -> Valuation:
        currency = self._currency or ""
        sums = dict.fromkeys(columns, Decimal(0))
        whole, missing = Decimal(0), 0
        for entry in placed:
            amount = amount_of(entry.item)
            if amount is None:
                missing += 1
                continue
            whole = EXACT.add(whole, amount.amount)
            for column, share in _shares(entry, amount):
                sums[column] = EXACT.add(sums[column], share.amount)
        amounts = tuple(Money.of_sum(sums[column], currency) for column in columns)
        return Valuation(at, amounts, Money.of_sum(whole, currency), missing)  # type: ignore[arg-type]


def _shares(entry: Placed, amount: Money) -> list[tuple[str, Money]]:
    """Spread an item's value over its parts, so that they sum to it; overlapping buckets each show the whole."""
    if sum(part.amount.minor for part in entry.parts) != entry.item.open_amount.minor:
        return [(part.column, amount) for part in entry.parts]
    shares = amount.split([abs(part.amount.minor) for part in entry.parts])
    return [(part.column, share) for part, share in zip(entry.parts, shares, strict=True)]
