"""T052 compiles to payment terms; the day-limit example is SAP's own."""

from datetime import date
from decimal import Decimal

import pytest

from receivables.adapters.sap.due import TermsRow, compile_terms, instalment_terms

MONTH_END = [
    TermsRow(key="Z1", day_limit=15, fixed=((31, 1), (0, 0), (0, 0))),
    TermsRow(key="Z1", day_limit=31, fixed=((15, 2), (0, 0), (0, 0))),
]


@pytest.mark.parametrize(
    ("base", "due"),
    [
        (date(2026, 1, 15), date(2026, 2, 28)),
        (date(2026, 1, 16), date(2026, 3, 15)),
        (date(2026, 1, 31), date(2026, 3, 15)),
        (date(2026, 12, 16), date(2027, 2, 15)),
    ],
)
def test_day_limits_choose_by_the_day_of_the_base_date(base, due):
    assert compile_terms(MONTH_END)["Z1"].due_date(base) == due


@pytest.mark.parametrize(
    ("row", "due"),
    [
        (TermsRow(key="A", days=(30, 0, 0)), date(2026, 3, 1)),
        (TermsRow(key="A", days=(14, 30, 45)), date(2026, 3, 16)),
        (TermsRow(key="A"), date(2026, 1, 30)),
        (TermsRow(key="A", fixed_day=31, days=(30, 0, 0)), date(2026, 3, 2)),
        (TermsRow(key="A", fixed_day=31, months=1), date(2026, 2, 28)),
    ],
)
def test_a_row_is_its_baseline_and_its_last_term(row, due):
    assert compile_terms([row])["A"].due_date(date(2026, 1, 30)) == due


def test_percentages_are_discounts():
    terms = compile_terms(
        [TermsRow(key="A", days=(10, 20, 30), percents=(Decimal(3), Decimal(2)))]
    )["A"]
    assert str(terms) == "discount 3%[+10d] discount 2%[+20d] net 30 from document date"


def test_t052s_makes_instalments():
    half = compile_terms([TermsRow(key="A", days=(30, 0, 0)), TermsRow(key="B", days=(60, 0, 0))])
    assert (
        str(instalment_terms([(Decimal(50), half["A"]), (Decimal(50), half["B"])]))
        == "50%[+30d] remainder[+60d]"
    )
