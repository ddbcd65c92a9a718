"""Exchange rates: dated, found by day, never derived."""

from datetime import date
from decimal import Decimal

import pytest

from receivables import ExchangeRate, ExchangeRates, Money, Rounding
from receivables.errors import NotAnAmount, RateNotFound, UnknownCurrency

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
RATES = ExchangeRates.of(
    [
        ExchangeRate("USD", "MXN", APRIL, Decimal("18.00")),
        ExchangeRate("USD", "MXN", MARCH, Decimal("17.05"), "Banxico"),
        ExchangeRate("JPY", "MXN", MARCH, Decimal("0.1135")),
    ]
)


@pytest.mark.parametrize(
    ("on", "rate"),
    [(MARCH, "17.05"), (date(2026, 3, 31), "17.05"), (APRIL, "18.00"), (date(2030, 1, 1), "18.00")],
)
def test_a_rate_holds_from_its_day_until_the_next(on, rate):
    assert str(RATES.find("USD", "MXN", on=on).rate) == rate


@pytest.mark.parametrize(
    ("pair", "on", "hint"),
    [
        (("USD", "MXN"), date(2026, 2, 28), "; the first one held is from 2026-03-01; add one"),
        (("MXN", "USD"), APRIL, "in force on 2026-04-01; add one"),
        (("EUR", "MXN"), APRIL, "in force on 2026-04-01; add one"),
        (("JPY", "MXN"), date(2026, 1, 1), "; the first one held is from 2026-03-01; add one"),
    ],
)
def test_no_rate_is_invented(pair, on, hint):
    """Neither before the first, nor the inverse, nor a cross rate."""
    with pytest.raises(RateNotFound, match=f"{hint}$"):
        RATES.find(*pair, on=on)


def test_conversion_rounds_by_the_named_policy():
    yen = Money("101", "JPY")
    assert RATES.convert(yen, "MXN", on=MARCH, rounding=Rounding.HALF_UP) == Money("11.46", "MXN")
    assert RATES.convert(yen, "MXN", on=MARCH, rounding=Rounding.UP) == Money("11.47", "MXN")
    assert RATES.convert(yen, "JPY", on=date(2020, 1, 1), rounding=Rounding.UP) == yen


def test_two_rates_on_one_day_must_agree():
    again = ExchangeRate("USD", "MXN", MARCH, Decimal("17.050"))
    assert len(ExchangeRates.of([*RATES.rates, again]).rates) == 3
    with pytest.raises(
        RateNotFound,
        match=r"^two rates on one day: 1 USD = 17.05 MXN from 2026-03-01 .Banxico. and ",
    ):
        ExchangeRates.of([*RATES.rates, ExchangeRate("USD", "MXN", MARCH, Decimal(17))])


@pytest.mark.parametrize("rate", [Decimal(0), Decimal(-1), Decimal("NaN"), 1.5, 2])
def test_a_rate_is_a_decimal_above_zero(rate):
    with pytest.raises(NotAnAmount):
        ExchangeRate("USD", "MXN", MARCH, rate)


def test_a_rate_is_of_known_currencies():
    with pytest.raises(UnknownCurrency):
        ExchangeRate("USD", "QQQ", MARCH, Decimal(1))
    with pytest.raises(UnknownCurrency):
        ExchangeRate("QQQ", "USD", MARCH, Decimal(1))
