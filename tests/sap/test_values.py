"""SAP's way of writing keys, dates and numbers."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from receivables import errors
from receivables.adapters.sap.values import Decimals, compact, day, number, padded, unpadded


def test_keys_are_padded_going_in_and_stripped_coming_out():
    assert [padded("100001"), padded(" cust-1 "), padded("7", 3)] == ["0000100001", "CUST-1", "007"]
    assert [unpadded("0000100001"), unpadded("CUST-1"), unpadded(None)] == ["100001", "CUST-1", ""]
    with pytest.raises(errors.UnreadableFact, match="longer than SAP's 10 characters"):
        padded("12345678901")


@pytest.mark.parametrize("nothing", [None, "", "        ", "00000000", "0"])
def test_a_date_can_be_missing_in_many_ways(nothing):
    assert day(nothing) is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("20250131", date(2025, 1, 31)),
        (date(2025, 1, 31), date(2025, 1, 31)),
        (datetime(2025, 1, 31, 23, 59, tzinfo=UTC), date(2025, 1, 31)),
        ("/Date(1743379200000)/", date(2025, 3, 31)),
        ("/Date(1743379200000+0000)/", date(2025, 3, 31)),
        ("/Date(-86400000)/", date(1969, 12, 31)),
        ("99991231", date(9999, 12, 31)),
        ("2025-04-02T00:00:00.000Z", date(2025, 4, 2)),
    ],
)
def test_a_date_is_the_day_that_was_written(written, meant):
    assert day(written) == meant


@pytest.mark.parametrize("wrong", ["20250231", "31.01.2025", "soon"])
def test_what_is_no_date_is_refused(wrong):
    with pytest.raises(errors.UnreadableFact, match="is no date of SAP"):
        day(wrong)


def test_a_minus_may_stand_behind_the_number():
    assert number("       600.00-") == Decimal("-600.00")
    assert [number(""), number(None), number("29496.200"), number(Decimal("1.5"))] == [
        0,
        0,
        Decimal("29496.2"),
        Decimal("1.5"),
    ]
    for wrong in ("1x", "NaN", "1-2"):
        with pytest.raises(errors.UnreadableFact, match="is no number of SAP"):
            number(wrong)


def test_amounts_are_shifted_by_the_decimals_of_their_currency():
    system = Decimals.of({"JPY": 0, "KWD": 3, "CLP": 0, "USDN": 5})
    shifted = [
        ("50.00", "JPY", "5000"), ("1000.00", "KWD", "100.000"), ("1160.00", "MXN", "1160.00"),
        ("12.34", "CLP", "1234"), ("0.05", "KWD", "0.005"), ("100000.00", "USDN", "100.00000"),
    ]  # fmt: skip
    for stored, currency, external in shifted:
        assert str(system.external(Decimal(stored), currency)) == external
        assert system.stored(Decimal(external), currency) == Decimal(stored)


def test_without_tcurx_iso_stands_in():
    assert Decimals.iso().external(Decimal("50.00"), "JPY") == 5000
    assert not Decimals.iso().known


def test_a_date_is_written_in_eight_digits():
    assert [compact(date(2025, 1, 31)), compact(None)] == ["20250131", "00000000"]
