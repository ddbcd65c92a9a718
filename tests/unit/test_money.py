"""Money: exact, of one currency, and refusing everything else."""

from decimal import Decimal
from fractions import Fraction

import pytest
from pydantic import TypeAdapter, ValidationError

from receivables import Money, Rounding
from receivables.errors import CurrencyMismatch, InexactAmount, NotAnAmount, UnknownCurrency
from receivables.money import decimals, total

MXN = "MXN"


@pytest.mark.parametrize(
    ("given", "currency", "written"),
    [
        ("11600", "MXN", "11600.00 MXN"),
        (5, "MXN", "5.00 MXN"),
        (Decimal("1.5"), "KWD", "1.500 KWD"),
        ("120", "JPY", "120 JPY"),
        ("0.0001", "CLF", "0.0001 CLF"),
        ("-0.00", "MXN", "0.00 MXN"),
        ("1E+2", "MXN", "100.00 MXN"),
        ("999999999999999999.99", "MXN", "999999999999999999.99 MXN"),
        ("0.000", "MXN", "0.00 MXN"),
    ],
)
def test_an_amount_is_kept_with_the_decimals_of_its_currency(given, currency, written):
    assert str(Money(given, currency)) == written


@pytest.mark.parametrize(
    "given", [1.5, True, None, "1,000", "", "abc", "１", "1_000", "NaN", "Infinity", float("nan")]
)
def test_what_is_no_plain_number_is_refused(given):
    with pytest.raises(NotAnAmount):
        Money(given, MXN)


@pytest.mark.parametrize(
    "given",
    [
        "1000000000000000000.0",
        10**18,
        "-1e18",
        Decimal("1E+400000"),
        pytest.param(10**5000, id="huge"),
    ],
)
def test_more_than_eighteen_whole_digits_are_refused(given):
    with pytest.raises(NotAnAmount, match=r"at most 18 whole digits"):
        Money(given, MXN)


@pytest.mark.parametrize(
    ("given", "currency"),
    [("10.005", "MXN"), ("0.1", "JPY"), ("1.0001", "KWD"), ("1.000000000000000000001", "MXN")],
)
def test_more_decimals_than_the_currency_has_are_refused(given, currency):
    with pytest.raises(InexactAmount, match=r"round it first with a named policy$"):
        Money(given, currency)


@pytest.mark.parametrize("currency", ["mxn", "QQQ", "", "EURO", None, 5])
def test_an_unknown_currency_is_refused(currency):
    with pytest.raises(UnknownCurrency):
        Money(1, currency)


def test_lower_case_gets_a_hint():
    with pytest.raises(UnknownCurrency, match=r"Did you mean 'MXN'\?$"):
        Money(1, "mxn")


@pytest.mark.parametrize(
    ("currency", "places"),
    [("MXN", 2), ("JPY", 0), ("CLP", 0), ("KWD", 3), ("TND", 3), ("CLF", 4), ("UYW", 4)],
)
def test_decimals_of_a_currency(currency, places):
    assert decimals(currency) == places


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        ("1.23", "MXN", 123),
        ("-0.500", "KWD", -500),
        ("7", "JPY", 7),
        ("0.00", "MXN", 0),
        ("9999999999999999.99", "MXN", 10**18 - 1),
        ("10000000000000000.00", "MXN", 10**18),
        ("999999999999999999.99", "MXN", 10**20 - 1),
        ("-99999999999999.9999", "CLF", 1 - 10**18),
    ],
)
def test_minor_units_there_and_back(amount, currency, units):
    assert Money(amount, currency).minor == units
    assert Money.from_minor(units, currency) == Money(amount, currency)
    assert str(Money.from_minor(units, currency)) == f"{amount} {currency}"


@pytest.mark.parametrize(
    ("units", "currency"), [(10**20, "MXN"), (-(10**18), "JPY"), (10**30, "KWD")]
)
def test_minor_units_of_more_than_eighteen_whole_digits_are_refused(units, currency):
    with pytest.raises(NotAnAmount, match="18 whole digits"):
        Money.from_minor(units, currency)


def test_arithmetic_is_exact():
    one, two = Money("0.10", MXN), Money("0.20", MXN)
    assert one + two == Money("0.30", MXN)
    assert one - two == Money("-0.10", MXN)
    assert two * 3 == 3 * two == Money("0.60", MXN)
    assert -one == Money("-0.10", MXN)
    assert abs(-one) == one


@pytest.mark.parametrize(
    "zero", [Money("-5", MXN) * 0, Money(0, MXN) * -1, -Money(0, MXN), Money("-0", MXN)]
)
def test_zero_has_no_sign(zero):
    assert str(zero) == "0.00 MXN"
    assert not zero


@pytest.mark.parametrize("factor", [1.5, Decimal("1.5"), "2", None])
def test_only_whole_factors_multiply_without_rounding(factor):
    with pytest.raises(NotAnAmount, match=r"use Money\.times with a named rounding$"):
        Money(1, MXN) * factor


@pytest.mark.parametrize(
    ("factor", "rounding", "result"),
    [
        (Decimal("0.055"), Rounding.HALF_UP, "0.06"),
        (Decimal("0.055"), Rounding.HALF_DOWN, "0.05"),
        (Fraction(1, 3), Rounding.HALF_UP, "0.33"),
        (Fraction(1, 3), Rounding.UP, "0.34"),
        (2, Rounding.HALF_UP, "2.00"),
    ],
)
def test_times_rounds_by_the_named_policy(factor, rounding, result):
    assert Money("1.00", MXN).times(factor, rounding) == Money(result, MXN)


@pytest.mark.parametrize("factor", [0.5, "2", Decimal("NaN"), Decimal("Infinity")])
def test_times_refuses_inexact_factors(factor):
    with pytest.raises(NotAnAmount, match=r"never a float$"):
        Money(1, MXN).times(factor, Rounding.HALF_UP)


@pytest.mark.parametrize("other", [5, "5.00", Decimal(5), None])
def test_a_bare_number_is_never_combined(other):
    with pytest.raises(CurrencyMismatch, match=r"give it a currency first$"):
        Money(5, MXN) + other


def test_order_within_a_currency():
    small, large = Money(1, MXN), Money(2, MXN)
    assert small < large
    assert small <= Money(1, MXN)
    assert large > small
    assert large >= Money(2, MXN)
    assert max(small, large) == large


def test_rounded_takes_what_a_plain_amount_refuses():
    assert Money.rounded("2309.7899999999995", "USD", Rounding.HALF_UP) == Money("2309.79", "USD")
    assert Money.rounded(Fraction(1, 3), "KWD", Rounding.HALF_UP) == Money("0.333", "KWD")


def test_a_sum_may_grow_past_the_digits_of_one_amount():
    most = Money("999999999999999999.99", MXN)
    assert str(most + most) == "1999999999999999999.98 MXN"
    assert str(Money.of_sum(Decimal("1999999999999999999.98"), MXN)) == "1999999999999999999.98 MXN"


def test_total_of_nothing_is_zero_and_of_another_currency_refused():
    assert total([], MXN) == Money.zero(MXN) == Money(0, MXN)
    assert total([Money(1, MXN), Money("2.50", MXN)], MXN) == Money("3.50", MXN)
    with pytest.raises(CurrencyMismatch):
        total([Money(1, "USD")], MXN)


def test_split_by_weights():
    assert [part.minor for part in Money("0.05", MXN).split([3, 1])] == [4, 1]
    assert [part.minor for part in Money("-0.05", MXN).split([1, 1])] == [-3, -2]


def test_in_json_an_amount_is_two_texts():
    adapter = TypeAdapter(Money)
    assert adapter.dump_json(Money("1.50", MXN)) == b'{"amount":"1.50","currency":"MXN"}'
    assert adapter.validate_json(b'{"amount":"1.50","currency":"MXN"}') == Money("1.50", MXN)


@pytest.mark.parametrize(
    "written", [b'{"amount":1.5,"currency":"MXN"}', b'{"amount":"1.5"}', b'"1.50 MXN"']
)
def test_in_json_nothing_else_is_an_amount(written):
    with pytest.raises(ValidationError):
        TypeAdapter(Money).validate_json(written)


def test_the_largest_whole_number():
    assert Money(10**18 - 1, "JPY").minor == 10**18 - 1
    with pytest.raises(NotAnAmount, match=r"^amount of more than 18 digits; "):
        Money(10**18, "JPY")
    with pytest.raises(NotAnAmount, match=r"^amount of more than 18 digits; "):
        Money(-(10**18), "JPY")


def test_repr_can_be_typed_in_again():
    assert repr(Money("1.5", MXN)) == "Money('1.50', 'MXN')"
    assert eval(repr(Money("1.5", MXN))) == Money("1.5", MXN)  # noqa: S307 - our own text


def test_the_smallest_fraction_that_is_still_read():
    with pytest.raises(InexactAmount):
        Money("1E-18", MXN)
    with pytest.raises(NotAnAmount):
        Money("1E-19", MXN)
