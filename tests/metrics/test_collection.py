"""DSO and its kin: published examples, and no value without a denominator."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import Money
from receivables.errors import CurrencyMismatch, NotAnAmount
from receivables.metrics import (
    CeiVariant,
    annual_cost_of_discount,
    average_days_delinquent,
    average_days_to_pay,
    best_possible_dso,
    cei,
    conventional_dso,
    countback_dso,
    credit_utilisation,
    days_deductions_outstanding,
    dso,
    effective_cost_of_discount,
    herfindahl,
    sales_weighted_dso,
    share,
    top_share,
    true_dso,
    turnover,
)


@pytest.mark.parametrize(
    ("receivables", "current", "sales", "wanted"),
    [(15_000, 4_000, 10_000, (45, 12, 33)), (25_000, 6_000, 15_000, (50, 12, 38))],
)
def test_dso_best_possible_and_delinquent(receivables, current, sales, wanted):
    found = (
        dso(receivables, sales, 30).value,
        best_possible_dso(current, sales, 30).value,
        average_days_delinquent(receivables, current, sales, 30).value,
    )
    assert found == wanted


@pytest.mark.parametrize(
    ("receivables", "months", "days"),
    [
        (212_000, [(100_000, 30), (80_000, 30), (70_000, 30)], Fraction(516, 7)),
        (2_100_000, [(900_000, 31), (800_000, 28), (700_000, 31)], Fraction(537, 7)),
    ],
)
def test_countback(receivables, months, days):
    found = countback_dso(receivables, months)
    assert (found.value, found.notes) == (days, ())


def test_countback_says_where_it_stopped():
    short = countback_dso(100, [(40, 30), (40, 30)])
    assert (short.value, short.notes) == (
        60,
        ("truncated: receivables exceed the sales of the months given",),
    )
    halted = countback_dso(100, [(40, 30), (0, 30), (90, 30)])
    assert (halted.value, halted.notes) == (30, ("truncated: month 2 back has no sales",))
    none = countback_dso(100, [(0, 30)])
    assert (none.value, none.reason) == (None, "the latest month has no sales")
    assert countback_dso(0, [(10, 30)]).value == 0


def test_cei_variants_have_names():
    full = cei(6_200, 10_890, 6_340, 3_590)
    third = cei(6_200, 10_890, 6_340, 3_590, variant=CeiVariant.QUARTER_DIV3)
    assert (full.rounded(), third.rounded()) == (Decimal("79.63"), Decimal("55.93"))
    assert (full.name, third.name) == ("CEI (full period)", "CEI (sales/3)")


def test_other_dso_forms():
    assert conventional_dso(900, 1000).value == 27
    assert true_dso([(10, "2026-01", 50), (5, "2026-02", 20)], {"2026-01": 100, "2026-02": 40}).value == Fraction(15, 2)  # fmt: skip
    assert sales_weighted_dso([(50, 100, 31), (10, 40, 28)]).value == Fraction(45, 2)


def test_true_dso_names_the_first_month_without_sales():
    open_items = [(1, "2026-02", 10), (40, "2026-01", 10)]
    for items in (open_items, open_items[::-1]):
        assert (
            true_dso(items, {}).reason
            == "month 2026-01, of which an item is open, has no credit sales"
        )


def test_shares_and_times():
    assert average_days_to_pay([5, 10, 15]).value == 10
    assert turnover(1000, (100, 300)).value == 5
    assert days_deductions_outstanding(75_000, 450_000, 90).value == 15
    assert share("bad debt to sales", 5, 1000, of="credit sales").value == Fraction(1, 2)
    assert herfindahl([40, 30, 20, 10, -5]).value == 3000
    assert top_share([40, 30, 20, 10], 2).value == 70
    assert credit_utilisation(50, 200).value == 25


def test_discount_cost():
    """2/10 net 30 and 3/10 net 30; paid on day 40 it costs less a year."""
    assert annual_cost_of_discount("0.02", 10, 30).rounded() == Decimal("37.24")
    assert annual_cost_of_discount("0.02", 10, 30, year=360).rounded() == Decimal("36.73")
    assert effective_cost_of_discount("0.02", 10, 30).rounded() == Decimal("44.59")
    assert annual_cost_of_discount("0.03", 10, 30).rounded() == Decimal("56.44")
    assert effective_cost_of_discount("0.03", 10, 30).rounded() == Decimal("74.35")
    assert annual_cost_of_discount("0.03", 10, 40).rounded() == Decimal("37.63")
    assert effective_cost_of_discount("0.03", 10, 40).rounded() == Decimal("44.86")


@pytest.mark.parametrize(
    "measure",
    [
        dso(1, 0, 30),
        dso(1, -5, 30),
        best_possible_dso(1, 0, 30),
        average_days_delinquent(2, 1, 0, 30),
        true_dso([(1, "x", 1)], {}),
        sales_weighted_dso([(1, 0, 30)]),
        cei(0, 10, 20, 10),
        turnover(5, (0, 0)),
        turnover(5, ()),
        days_deductions_outstanding(1, 0, 30),
        share("x", 1, 0, of="y"),
        herfindahl([]),
        top_share([-1], 5),
        average_days_to_pay([]),
        credit_utilisation(1, 0),
        credit_utilisation(1, None),
        annual_cost_of_discount("0.02", 30, 30),
        effective_cost_of_discount(1, 10, 30),
    ],
    ids=range(18),
)
def test_no_denominator_no_value_but_a_reason(measure):
    assert measure.value is None
    assert measure.reason
    assert measure.reason in str(measure)
    assert measure.to_dict()["value"] is None
    assert measure.explain().amount is None


def test_no_limit_and_a_limit_of_zero_differ():
    assert credit_utilisation(1, None).reason == "no limit is set"
    assert credit_utilisation(1, 0).reason == "the limit is zero: any exposure is over it"


def test_amounts_are_of_one_currency_and_never_float():
    with pytest.raises(CurrencyMismatch):
        dso(Money(1, "MXN"), Money(1, "USD"), 30)
    with pytest.raises(NotAnAmount):
        dso(1.5, 2, 30)


def test_a_measure_shows_its_inputs():
    text = str(dso(Money(15_000, "MXN"), Money(10_000, "MXN"), 30).explain())
    assert text.splitlines() == [
        "DSO: 45.00 days",
        "  receivables at the end / credit sales x days",
        "  receivables 15000.00 MXN",
        "  credit sales 10000.00 MXN",
        "  days 30",
    ]


AMOUNTS = st.integers(1, 10**9)


@given(owed=AMOUNTS, current=AMOUNTS, sales=AMOUNTS, factor=st.integers(2, 1000))
def test_law_ratios_do_not_change_with_scale(owed, current, sales, factor):
    pairs = [
        (dso(owed, sales, 92), dso(owed * factor, sales * factor, 92)),
        (cei(owed, sales, owed, current), cei(owed * factor, sales * factor, owed * factor, current * factor)),
        (countback_dso(owed, [(sales, 30)]), countback_dso(owed * factor, [(sales * factor, 30)])),
    ]  # fmt: skip
    assert all(a.value == b.value for a, b in pairs)
    parts = dso(owed, sales, 92).value - best_possible_dso(current, sales, 92).value
    assert parts == average_days_delinquent(owed, current, sales, 92).value
