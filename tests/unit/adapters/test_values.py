"""Amounts and dates as people write them: one reading, two, or none."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from receivables.adapters.csv import amounts, days
from receivables.adapters.csv.texts import cleaned, escaped, turns_around, unescaped


@pytest.mark.parametrize(
    ("text", "dot", "comma"),
    [
        ("11600.00", "11600.00", None),
        ("1,234.56", "1234.56", None),
        ("1.234,56", None, "1234.56"),
        ("1.234", "1.234", "1234"),
        ("1,234", "1234", "1.234"),
        ("1.234.567", None, "1234567"),
        ("1 234,5", None, "1234.5"),
        ("1\u00a0234,5", None, "1234.5"),
        ("1'234.50", "1234.50", None),
        ("1,23,456.78", "123456.78", None),
        ("0.500", "0.500", None),
        ("1234.567", "1234.567", None),
        ("-5.25", "-5.25", None),
        ("5,25-", None, "-5.25"),
        ("(5.25)", "-5.25", None),
        ("\u22125.25", "-5.25", None),
        ("12", "12", "12"),
        ("-0", "0", "0"),
    ],
)
def test_an_amount_has_the_readings_its_signs_allow(text, dot, comma):
    found = amounts.readings(text)
    assert found == {s: Decimal(v) for s, v in ((".", dot), (",", comma)) if v is not None}


@pytest.mark.parametrize(
    "cell",
    ["", "-", "abc", "1e999", "1e5", "NaN", "Infinity", "١٢٣", "１２", "1,2,3", "12 34", "5.", "1_000", "$5"]  # noqa: RUF005
    + ["1.2.3,4,5", "--5", "+-5", "0x10", "9" * 61, float("inf"), float("nan"), Decimal("sNaN"), True, None, b"5"],  # noqa: RUF005, RUF100
)  # fmt: skip
def test_what_is_no_amount_has_no_reading(cell):
    assert amounts.readings(cell) == {} or cell is True


def test_a_declared_thousands_sign_is_the_only_one_accepted():
    assert amounts.readings("1,234.50", thousands=" ") == {}
    assert amounts.readings("1,234.50", thousands=",") == {".": Decimal("1234.50")}


@pytest.mark.parametrize(
    ("cell", "orders"),
    [
        ("2026-03-31", "DMY MDY YMD excel"),
        ("20260331", "DMY MDY YMD excel"),
        ("31-MAR-2026", "DMY MDY YMD excel"),
        ("31 marzo 2026", "DMY MDY YMD excel"),
        ("March 31, 2026", "DMY MDY YMD excel"),
        ("2026-03-31T00:00:00.000Z", "DMY MDY YMD excel"),
        ("2026-03-31 00:00:00", "DMY MDY YMD excel"),
        (datetime(2026, 3, 31), "DMY MDY YMD excel"),  # noqa: DTZ001 - as a spreadsheet gives it
        ("31.03.2026", "DMY"),
        ("31/03/2026", "DMY"),
        ("03/31/2026", "MDY"),
        ("46112", "excel"),
    ],
)
def test_a_date_has_the_readings_its_form_allows(cell, orders):
    assert days.readings(cell) == dict.fromkeys(orders.split(), date(2026, 3, 31))


def test_day_and_month_up_to_twelve_can_be_read_both_ways():
    assert days.readings("03/04/2025") == {"DMY": date(2025, 4, 3), "MDY": date(2025, 3, 4)}


@pytest.mark.parametrize(
    "cell",
    ["", "2026-02-30", "2026-13-01", "0000-00-00", "1/1/26", "2026-03-31T12:00:00", "٣١/٠٣/٢٠٢٦", "31-ABC-2026"]  # noqa: RUF005
    + ["2026-03-31T00:00:00+05:00", "31/03-2026", "99999999", 45.5, True, None, "\x00", "2026-03-31\n2026-04-01"],
)  # fmt: skip
def test_what_is_no_date_has_no_reading(cell):
    assert days.readings(cell) == {}


@pytest.mark.parametrize(
    "text", ["=1+1", "+49", "-5", "@x", "\tx", "\rx", "\nx", "'=1", "''@", "'tis", "F-1", "'", ""]
)
def test_a_text_survives_escaping(text):
    assert unescaped(escaped(text)) == text
    assert not escaped(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_texts_are_trimmed_and_composed():
    assert cleaned("  Mu\u0308ller ") == "M\u00fcller"


def test_texts_that_turn_the_direction_of_writing_are_told():
    assert turns_around("C\u202e100")
    assert not turns_around("Müller")
