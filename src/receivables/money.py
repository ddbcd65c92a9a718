"""Exact money: a decimal amount that knows its currency and refuses everything inexact.

No float, NaN or Infinity, no implicit conversion, no silent rounding (law: One currency at a time).
Decimals per currency are those of ISO 4217 (list one, amendments to 2025).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import total_ordering
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from receivables.errors import CurrencyMismatch, InexactAmount, NotAnAmount, UnknownCurrency
from receivables.rounding import EXACT, Rounding, largest_remainder

_MOST_DIGITS = 18  # whole digits an amount may have: what every engine and ERP can hold
_MOST_MINOR = 10**_MOST_DIGITS  # within the digits of every currency, whatever its decimals


@total_ordering
@dataclass(frozen=True, slots=True, init=False, order=False)
class Money:
    """An exact amount of one currency.

    Args:
        amount: Decimal, int, or text such as "11600.00"; never a float.
        currency: ISO 4217 code in capitals.

    Raises:
        NotAnAmount: For a float, NaN, Infinity, a grouping sign, or more than 18 whole digits.
        InexactAmount: When the amount has more decimals than the currency.
        UnknownCurrency: When the code is not in ISO 4217.

    >>> Money("11600", "MXN") - Money("0.01", "MXN")
    Money('11599.99', 'MXN')
    """

    amount: Decimal
    currency: str

    def __init__(self, amount: Decimal | int | str, currency: str) -> None:
        places = decimals(currency)
        exact = _exact(amount, currency)
        written = exact.quantize(_UNITS[places], context=EXACT)
        if written != exact:
            msg = f"{amount} {currency} has more than {places} decimals; round it first with a named policy"
            raise InexactAmount(msg)
        object.__setattr__(self, "amount", written or written.copy_abs())
        object.__setattr__(self, "currency", currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Return nothing, of a currency."""
        return cls(0, currency)

    @classmethod
    def from_minor(cls, units: int, currency: str) -> Money:
        """Return an amount given in minor units (cents, fils; yen themselves).

        >>> Money.from_minor(1234, "KWD")
        Money('1.234', 'KWD')
        """
        places = decimals(currency)
        if type(units) is int and -_MOST_MINOR < units < _MOST_MINOR:
            return _trusted(Decimal(units).scaleb(-places, EXACT), currency)
        return cls(Decimal(units).scaleb(-places, EXACT), currency)

    @classmethod
    def of_sum(cls, amount: Decimal, currency: str) -> Money:
        """Return a sum of exact amounts, which may have more whole digits than a single amount.

        >>> Money.of_sum(Decimal("1234567890123456789.00"), "MXN")
        Money('1234567890123456789.00', 'MXN')
        """
        return _trusted(amount.quantize(_UNITS[decimals(currency)], context=EXACT), currency)

    @classmethod
    def rounded(
        cls, amount: Decimal | Fraction | int | str, currency: str, rounding: Rounding
    ) -> Money:
        """Return `amount` brought to the currency's decimals by a named policy.

        >>> Money.rounded("2309.7899999999995", "USD", Rounding.HALF_UP)
        Money('2309.79', 'USD')
        """
        exact = amount if isinstance(amount, Fraction) else _exact(amount, currency)
        return cls(rounding.apply(exact, decimals(currency)), currency)

    @property
    def minor(self) -> int:
        """The amount in minor units.

        >>> Money("1.23", "MXN").minor, Money("123", "JPY").minor
        (123, 123)
        """
        return int(self.amount.scaleb(_DECIMALS[self.currency], EXACT))

    def times(self, factor: Decimal | Fraction | int, rounding: Rounding) -> Money:
        """Return the amount multiplied by an exact factor and rounded by a named policy.

        >>> Money("100.00", "MXN").times(Decimal("0.0533"), Rounding.HALF_UP)
        Money('5.33', 'MXN')
        """
        if not isinstance(factor, Decimal | Fraction | int) or (
            isinstance(factor, Decimal) and not factor.is_finite()
        ):
            msg = f"factor {factor!r} must be a finite Decimal, a Fraction or an int, never a float"
            raise NotAnAmount(msg)
        return Money.rounded(Fraction(self.amount) * Fraction(factor), self.currency, rounding)

    def split(self, weights: Sequence[int | Decimal | Fraction]) -> tuple[Money, ...]:
        """Split in proportion to `weights` by largest remainder (law: Parts make the whole).

        >>> [str(part) for part in Money("1000.00", "MXN").split([1, 1, 1])]
        ['333.34 MXN', '333.33 MXN', '333.33 MXN']
        """
        parts = largest_remainder(self.minor, weights)
        return tuple(Money.from_minor(part, self.currency) for part in parts)

    def __add__(self, other: Money) -> Money:
        return _trusted(EXACT.add(self.amount, self._same(other)), self.currency)

    def __sub__(self, other: Money) -> Money:
        return _trusted(EXACT.subtract(self.amount, self._same(other)), self.currency)

    def __mul__(self, factor: int) -> Money:
        if not isinstance(factor, int):
            msg = f"{self} times {factor!r} is not exact; use Money.times with a named rounding"
            raise NotAnAmount(msg)
        return Money(EXACT.multiply(self.amount, Decimal(factor)), self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> Money:
        return _trusted(self.amount.copy_negate() if self.amount else self.amount, self.currency)

    def __abs__(self) -> Money:
        return _trusted(self.amount.copy_abs(), self.currency)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"

    def __repr__(self) -> str:
        return f"Money('{self.amount:f}', '{self.currency}')"

    def _same(self, other: Money) -> Decimal:
        if not isinstance(other, Money):
            msg = f"cannot combine {self} with {other!r}; give it a currency first"
            raise CurrencyMismatch(msg)
        if self.currency != other.currency:
            msg = f"cannot combine {self} with {other}; convert first with a dated rate"
            raise CurrencyMismatch(msg)
        return other.amount

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Accept Money as it is; in JSON an object of two texts, `amount` and `currency`."""
        text = core_schema.typed_dict_field(core_schema.str_schema(strict=True))
        written = core_schema.typed_dict_schema({"amount": text, "currency": text})
        read = core_schema.no_info_after_validator_function(lambda it: cls(**it), written)
        serializer = core_schema.plain_serializer_function_ser_schema(
            lambda it: {"amount": f"{it.amount:f}", "currency": it.currency}, when_used="json"
        )
        exact = core_schema.is_instance_schema(cls)
        return core_schema.json_or_python_schema(read, exact, serialization=serializer)


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Return the sum of amounts that are all of `currency`; zero when there are none.

    >>> total([Money("1.10", "MXN"), Money("2.20", "MXN")], "MXN")
    Money('3.30', 'MXN')
    """
    result = Money.zero(currency)
    for amount in amounts:
        result += amount
    return result


def decimals(currency: str) -> int:
    """Return how many decimals a currency has.

    >>> decimals("MXN"), decimals("JPY"), decimals("KWD"), decimals("CLF")
    (2, 0, 3, 4)
    """
    try:
        return _DECIMALS[currency]
    except (KeyError, TypeError):
        near = f" Did you mean {currency.upper()!r}?" if str(currency).upper() in _DECIMALS else ""
        msg = f"currency {currency!r} is not an ISO 4217 code.{near}"
        raise UnknownCurrency(msg) from None


def currencies() -> tuple[str, ...]:
    """Return the ISO 4217 codes this library knows, sorted.

    >>> len(currencies()) > 150, "MXN" in currencies()
    (True, True)
    """
    return tuple(sorted(_DECIMALS))


def _exact(amount: Decimal | int | str, currency: str) -> Decimal:
    if isinstance(amount, bool) or not isinstance(amount, Decimal | int | str):
        msg = f"amount {amount!r} {currency} is a {type(amount).__name__}; give a Decimal, an int or text"
        raise NotAnAmount(msg)
    if isinstance(amount, int) and abs(amount) >= 10**_MOST_DIGITS:
        msg = f"amount of more than {_MOST_DIGITS} digits; amounts have at most {_MOST_DIGITS} whole digits"
        raise NotAnAmount(msg)
    if isinstance(amount, str) and not (amount.isascii() and "_" not in amount):
        msg = f"amount {amount!r} {currency} is not a plain number; write it like 11600.00"
        raise NotAnAmount(msg)
    try:
        value = Decimal(amount)
    except (InvalidOperation, ValueError):
        msg = f"amount {amount!r} {currency} is not a plain number; write it like 11600.00"
        raise NotAnAmount(msg) from None
    if not value.is_finite() or (value and not -_MOST_DIGITS <= value.adjusted() < _MOST_DIGITS):
        msg = f"amount {amount!s:.40} {currency} is not a finite amount of at most {_MOST_DIGITS} whole digits"
        raise NotAnAmount(msg)
    return value or Decimal(0)


def _trusted(amount: Decimal, currency: str) -> Money:
    # Sums of exact amounts are exact: what the constructor would check holds already.
    money = object.__new__(Money)
    _put_amount(money, amount)
    _put_currency(money, currency)
    return money


_put_amount, _put_currency = vars(Money)["amount"].__set__, vars(Money)["currency"].__set__


_ZERO = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_TWO = """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF
CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF
IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR
MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN
SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ZWL"""
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"
_DECIMALS = {
    code: places
    for places, codes in ((0, _ZERO), (2, _TWO), (3, _THREE), (4, _FOUR))
    for code in codes.split()
}
_UNITS = {places: Decimal(1).scaleb(-places) for places in range(5)}
