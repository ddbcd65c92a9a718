"""Dated samples of rules and reference rates, to try the functions with. They are no truth: check each before use.

Read in November 2026 from public pages, or recalled from the statute named; the source of each says which.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from receivables.interest.rules import (
    InterestRule,
    InterestRules,
    RateRule,
    ReferenceRate,
    ReferenceRates,
)
from receivables.money import Money

_SEMESTER = RateRule.FLOATING_SEMESTER
_BASIS = "Basiszinssatz"
_BANK = "Bank Rate"
_RECALLED = "recalled, check the text of"

SAMPLE_RULES = InterestRules(
    (
        InterestRule("BGB 288(2)", "DE", "business", date(2014, 7, 29), Fraction(9), _BASIS, _SEMESTER,
                     lump_sums=((Money("0.00", "EUR"), Money("40.00", "EUR")),),
                     source="read: points and lump sum of BGB 288(2) and (5)"),
        InterestRule("BGB 288(1)", "DE", "consumer", date(2002, 1, 1), Fraction(5), _BASIS, _SEMESTER,
                     source="read: points of BGB 288(1)"),
        InterestRule("Directive 2011/7/EU", "EU", "business", date(2013, 3, 16), Fraction(8),
                     "ECB main refinancing", _SEMESTER,
                     lump_sums=((Money("0.00", "EUR"), Money("40.00", "EUR")),),
                     source=f"{_RECALLED} articles 2, 3 and 6; member states add points"),
        InterestRule("Late Payment of Commercial Debts Act 1998", "GB", "business", date(2002, 8, 7), Fraction(8),
                     _BANK, RateRule.FIXED_AT_START, fixing_before=True,
                     lump_sums=((Money("0.00", "GBP"), Money("40.00", "GBP")),
                                (Money("1000.00", "GBP"), Money("70.00", "GBP")),
                                (Money("10000.00", "GBP"), Money("100.00", "GBP"))),
                     source=f"lump sums read; timing {_RECALLED} SI 2002/1675"),
        InterestRule("Codigo de Comercio 362", "MX", "business", date(1970, 1, 1), Fraction(6),
                     source="read: 6 % a year unless agreed otherwise; VAT comes on top"),
    )
)  # fmt: skip

SAMPLE_REFERENCES = ReferenceRates.of(
    (
        ReferenceRate(_BASIS, date(2025, 1, 1), Fraction("2.27"), "recalled, check with the Bundesbank"),
        ReferenceRate(_BASIS, date(2025, 7, 1), Fraction("1.27"), "read; unchanged on 2026-01-01"),
        ReferenceRate(_BANK, date(2026, 6, 1), Fraction(Decimal("3.75")), "read: mid-2026"),
    )
)  # fmt: skip
