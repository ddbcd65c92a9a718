"""How customers pay: scores, the default predictor on a time split, the time-to-pay curve and the cash forecast."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import Invoice, Money, Subledger
from receivables.errors import AmbiguousCurrency
from receivables.metrics import (
    PaymentHistory,
    check_predictions,
    customer_dbt_score,
    dbt_score,
    expected_cash,
    forecast_cash,
    settlements,
    time_to_pay,
    weighted_dbt_score,
)
from receivables.probability import SurvivalCurve, rank_accuracy
from receivables.testing import books
from receivables.testing.strategies import days, subledgers

SPLIT = date(2013, 7, 1)
LAST = date(2014, 1, 31)


def test_score_key():
    late = (-30, -20, 0, 15, 22, 30, 60, 90, 120)
    assert [dbt_score(it) for it in late] == [100, 90, 80, 70, 60, 50, 40, 30, 20]
    between = [str(round(float(dbt_score(it)), 2)) for it in (8, 18, 26, 45, 75)]
    assert between == ["74.67", "65.71", "55.0", "45.0", "35.0"]
    assert [dbt_score(it) for it in (-99, 150, 180, 999)] == [100, 10, 0, 0]


def test_score_of_a_customer_is_weighted_and_needs_five():
    pairs = [(50_000, 80), (20_000, 70), (10_000, 50), (5_000, 20)]
    assert weighted_dbt_score(pairs).rounded() == Decimal("70.59")
    few = weighted_dbt_score(pairs, at_least=5)
    assert (few.value, few.reason) == (None, "4 paid invoices are fewer than the 5 a score needs")


def test_ibm_default_predictor_on_the_time_split(ibm):
    """Test: issued from the split on. Each is predicted from what was settled before its own issue."""
    paid = settlements(ibm, as_of=LAST)
    assert sum(1 for it in paid if it.settled < SPLIT) == 1846
    test = [it for it in paid if it.issued >= SPLIT]
    found = check_predictions(PaymentHistory(paid), test)
    assert found.tested == 536
    assert found.auc >= Fraction("0.850")
    assert found.mean_absolute_error <= Fraction("6.6")
    shown = [f"{float(it):.4f}" for it in (found.auc, found.mean_absolute_error, found.accuracy)]
    assert shown == ["0.8501", "6.5487", "0.8041"]


def test_ibm_score_of_a_prompt_customer(ibm):
    paid = settlements(ibm, as_of=SPLIT)
    score = customer_dbt_score(paid, "0379-NEVHP")
    assert score.value is not None
    assert 80 < score.value <= 100


def test_ibm_time_to_pay(ibm):
    curve = time_to_pay(ibm, as_of=date(2013, 6, 30))
    assert (curve.events, curve.censored, curve.median) == (1846, 84, 26)
    left = [f"{float(curve.at(day)):.4f}" for day in (10, 20, 30, 40, 50, 60)]
    assert left == ["0.9159", "0.6998", "0.3767", "0.1520", "0.0394", "0.0045"]


def test_ibm_cash_forecast(ibm):
    """30 days ahead within 5 % of what came in."""
    as_of = date(2013, 6, 30)
    items = ibm.open_items(as_of=as_of)
    curve = time_to_pay(ibm, as_of=as_of)
    month = expected_cash(items, curve, days=30)
    [forecast], problems = forecast_cash(items, curve, weeks=8)
    open_ids = {item.id for item in items}
    came = sum(
        it.amount.amount for it in settlements(ibm, as_of=date(2013, 7, 30)) if it.item in open_ids
    )
    assert came == Decimal("4696.87")
    assert abs(month.amount - came) / came < Decimal("0.05")
    assert (month, forecast.opened, problems) == (
        Money("4484.29", "USD"),
        Money("5119.85", "USD"),
        (),
    )
    first = forecast.weeks[0]
    assert first.cash.expected == Money("1402.72", "USD")
    assert (first.first, first.last) == (date(2013, 7, 1), date(2013, 7, 7))
    assert first.cash.p10 < first.cash.p50 < first.cash.p90
    assert first.cash.p10.amount < Decimal("1382.71") < first.cash.p90.amount
    last = forecast.weeks[-1].cumulative
    assert last.p90 <= forecast.opened


LEDGER = """
    2026-01-01 invoice    F-1 C1 100.00 MXN due=2026-01-31
    2026-01-01 invoice    F-2 C1 200.00 MXN due=2026-01-11
    2026-01-01 invoice    F-3 C2 300.00 MXN due=2026-01-31
    2026-01-11 payment    R-1 C1 100.00 MXN
    2026-01-11 allocation A-1 R-1 -> F-1 100.00 MXN
    2026-01-21 payment    R-2 C1 200.00 MXN
    2026-01-21 allocation A-2 R-2 -> F-2 200.00 MXN
    2026-01-25 write_off  W-1 on F-3 300.00 MXN
"""


def test_only_paid_charges_are_settled_and_only_past_ones_count():
    paid = settlements(books(LEDGER), as_of=date(2026, 2, 1))
    assert [(it.item, it.days, it.days_late, it.late) for it in paid] == [
        ("F-1", 10, -20, False),
        ("F-2", 20, 10, True),
    ]
    history = PaymentHistory(paid)
    assert history.predict("C1", issued=date(2026, 1, 11)) is None
    early = history.predict("C1", issued=date(2026, 1, 21))
    assert (early.late, early.days, early.paid_before) == (0, 10, 1)
    later = history.predict("C1", issued=date(2026, 1, 22))
    assert (later.late, later.days, later.settled) == (Fraction(1, 2), 15, date(2026, 2, 6))
    stranger = history.predict("C9", issued=date(2026, 1, 22))
    assert (stranger.late, stranger.paid_before) == (Fraction(1, 2), 0)


def test_a_small_history_is_drawn_to_everyones():
    paid = settlements(books(LEDGER), as_of=date(2026, 2, 1))
    more = [paid[1]] * 3
    history = PaymentHistory([paid[0], *(x for x in more)], prior_weight=4)
    found = history.predict("C1", issued=date(2026, 3, 1))
    assert found.late == (3 + 4 * Fraction(3, 4)) / 8


def test_nothing_to_test_is_none():
    assert (
        check_predictions(PaymentHistory([]), settlements(books(LEDGER), as_of=date(2026, 2, 1)))
        is None
    )


def test_write_offs_are_no_payments_in_the_curve():
    curve = time_to_pay(books(LEDGER), as_of=date(2026, 2, 1))
    assert (curve.events, curve.censored) == (2, 1)
    assert curve.steps == ((10, Fraction(2, 3)), (20, Fraction(1, 3)))


def test_items_older_than_history_are_said():
    curve = SurvivalCurve.of([(10, True)])
    facts = [
        Invoice(id="old", customer="C", amount=Money(100, "MXN"), posting_date=date(2026, 1, 1)),
        Invoice(id="new", customer="C", amount=Money(50, "MXN"), posting_date=date(2026, 1, 30)),
    ]
    items = Subledger.of(facts).open_items(as_of=date(2026, 1, 31))
    [forecast], problems = forecast_cash(items, curve, weeks=2)
    assert [it.where for it in problems] == ["old"]
    assert [str(week.cash.expected.amount) for week in forecast.weeks] == ["0.00", "50.00"]
    assert forecast.to_dict()["weeks"][1]["cumulative_p90"] == "50.00"
    with pytest.raises(AmbiguousCurrency):
        expected_cash([], curve, days=7)


def test_a_band_ends_at_what_is_certain_and_at_what_may_come():
    curve = SurvivalCurve.of([(10, True), (20, True), (30, True), (40, True)])
    facts = [
        Invoice(id=name, customer="C", amount=Money(amount, "MXN"), posting_date=posted)
        for name, amount, posted in (
            ("sure", 700, date(2025, 12, 28)),  # 34 days old: all that old are paid at 40
            ("even", 3000, date(2026, 1, 6)),  # 25 days old: one in two is paid, at 30
            ("beyond", 2000, date(2025, 11, 1)),
        )
    ]
    items = Subledger.of(facts).open_items(as_of=date(2026, 1, 31))
    [forecast], _ = forecast_cash(items, curve, weeks=1)
    band = forecast.weeks[0].cash
    assert [str(it) for it in (band.p10, band.expected, band.p90)] == [
        "700.00 MXN",
        "2200.00 MXN",
        "3700.00 MXN",
    ]


@given(st.lists(st.tuples(st.integers(0, 90), st.booleans()), max_size=40))
def test_law_a_survival_curve_never_rises(durations):
    curve = SurvivalCurve.of(durations)
    shares = [curve.at(day) for day in range(-1, 95)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == 1
    assert curve.events + curve.censored == len(durations)


@given(facts=subledgers(), as_of=days())
def test_law_a_forecast_never_exceeds_what_is_open(facts, as_of):
    ledger = Subledger.of(facts)
    curve = time_to_pay(ledger, as_of=as_of)
    forecasts, _ = forecast_cash(ledger.open_items(as_of=as_of), curve, weeks=6)
    for forecast in forecasts:
        sums = [week.cumulative.expected for week in forecast.weeks]
        assert sums == sorted(sums)
        assert all(it <= forecast.opened for it in sums)
        for week in forecast.weeks:
            assert 0 <= week.cash.p10.amount <= week.cash.p50.amount <= week.cash.p90.amount


def test_rank_accuracy_needs_both_kinds():
    assert rank_accuracy([(Fraction(1), True)]) is None
    assert rank_accuracy([(Fraction(1), True), (Fraction(0), False)]) == 1


def test_as_of_features_only(ibm):
    """What is settled later changes no prediction for an earlier day."""
    paid = settlements(ibm, as_of=LAST)
    cut = date(2012, 9, 1)
    known = [it for it in paid if it.settled < cut]
    for customer in ("0379-NEVHP", "8976-AMJEO"):
        assert PaymentHistory(paid).predict(customer, issued=cut) == PaymentHistory(known).predict(
            customer, issued=cut + timedelta(days=0)
        )
