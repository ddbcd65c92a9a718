"""Dated rates with their provenance: a lookup says which rate it used, and never invents one.

Exchange rates, and any other rate that changes over time (interest, UDI, tax, loss), are data given by the caller.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from receivables.errors import NotAnAmount, RateNotFound
from receivables.money import Money, decimals
from receivables.rounding import Rounding


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """What one unit of a currency is worth in another from a date on.

    Args:
        currency: The currency priced.
        to: The currency of the price.
        on: First day the rate is in force; it holds until the next one.
        rate: Units of `to` for one unit of `currency`; above zero.
        source: Who published it, such as "Banxico FIX 2026-03-30".
    """

    currency: str
    to: str
    on: date
    rate: Decimal
    source: str = ""

    def __post_init__(self) -> None:
        decimals(self.currency)
        decimals(self.to)
        if not isinstance(self.rate, Decimal) or not self.rate.is_finite() or self.rate <= 0:
            msg = f"rate {self.rate!r} of {self.currency} in {self.to} must be a Decimal above zero"
            raise NotAnAmount(msg)

    def __str__(self) -> str:
        origin = f" ({self.source})" if self.source else ""
        return f"1 {self.currency} = {self.rate:f} {self.to} from {self.on}{origin}"


@dataclass(frozen=True, slots=True)
class ExchangeRates:
    """A table of exchange rates, each in force from its date until the next one of its pair.

    The inverse of a pair is not derived and no cross rate is computed: say the rate that was meant.

    >>> rates = ExchangeRates.of([ExchangeRate("USD", "MXN", date(2026, 3, 1), Decimal("17.05"))])
    >>> rates.convert(Money("100.00", "USD"), "MXN", on=date(2026, 3, 31), rounding=Rounding.HALF_UP)
    Money('1705.00', 'MXN')
    """

    rates: tuple[ExchangeRate, ...]

    @classmethod
    def of(cls, rates: Iterable[ExchangeRate]) -> ExchangeRates:
        """Build the table; two rates of one pair on one day must agree."""
        by_key: dict[tuple[str, str, date], ExchangeRate] = {}
        for rate in rates:
            known = by_key.setdefault(_key(rate), rate)
            if known.rate != rate.rate:
                msg = f"two rates on one day: {known} and {rate}; keep one"
                raise RateNotFound(msg)
        return cls(tuple(by_key[key] for key in sorted(by_key)))

    def find(self, currency: str, to: str, *, on: date) -> ExchangeRate:
        """Return the rate of a pair in force on a day.

        Raises:
            RateNotFound: When no rate of the pair starts on or before that day.
        """
        if currency == to:
            return ExchangeRate(currency, to, on, Decimal(1), "same currency")
        index = bisect_right(self.rates, (currency, to, on), key=_key) - 1
        if index < 0 or _key(self.rates[index])[:2] != (currency, to):
            later = self.rates[index + 1 : index + 2]
            held = (
                f"; the first one held is from {later[0].on}"
                if later and _key(later[0])[:2] == (currency, to)
                else ""
            )
            msg = f"no rate of {currency} in {to} is in force on {on}{held}; add one"
            raise RateNotFound(msg)
        return self.rates[index]

    def convert(self, amount: Money, to: str, *, on: date, rounding: Rounding) -> Money:
        """Return `amount` in another currency at the rate in force on a day."""
        rate = self.find(amount.currency, to, on=on)
        return Money.rounded(Fraction(amount.amount) * Fraction(rate.rate), to, rounding)


def _key(rate: ExchangeRate) -> tuple[str, str, date]:
    return rate.currency, rate.to, rate.on
