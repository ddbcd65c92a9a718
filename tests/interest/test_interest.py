"""Late interest: the published examples, three rate rules, day counts, partial payments."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import Money
from receivables.errors import InterestError, RateNotFound
from receivables.interest import (
    SAMPLE_REFERENCES,
    SAMPLE_RULES,
    DayCount,
    InterestRule,
    Order,
    RateRule,
    ReferenceRate,
    ReferenceRates,
    interest_on,
    late_interest,
    simple_interest,
)
from receivables.testing import books

DUE, PAID = date(2025, 5, 31), date(2025, 8, 31)


def eur(amount):
    return Money(amount, "EUR")


def german(debtor, **more):
    rule = replace(SAMPLE_RULES.find("DE", debtor, on=DUE), **more)
    return late_interest(eur(10_000), due=DUE, until=PAID, rule=rule, references=SAMPLE_REFERENCES)


def test_german_business_rate_changes_with_the_semester():
    found = german("business")
    assert [(it.days, it.percent) for it in found.segments] == [
        (30, Fraction("11.27")),
        (62, Fraction("10.27")),
    ]
    assert (found.interest, found.lump_sum, found.total) == (eur("267.08"), eur(40), eur("307.08"))


def test_german_consumer_rate_has_no_lump_sum():
    found = german("consumer")
    assert (found.interest, found.lump_sum) == (eur("166.26"), eur(0))


def test_fixed_at_start_keeps_the_first_rate():
    found = german("business", rate_rule=RateRule.FIXED_AT_START)
    assert [(it.days, it.percent) for it in found.segments] == [(92, Fraction("11.27"))]
    assert found.interest == eur("284.07")


def test_floating_daily_follows_every_change():
    rates = ReferenceRates.of(
        ReferenceRate("base", day, Fraction(percent))
        for day, percent in ((date(2025, 1, 1), 2), (date(2025, 6, 11), 3), (date(2025, 8, 1), 1))
    )
    rule = InterestRule("x", "X", "business", date(2000, 1, 1), 8, "base", RateRule.FLOATING_DAILY)
    found = late_interest(eur(3650), due=DUE, until=PAID, rule=rule, references=rates)
    assert [(it.days, it.percent) for it in found.segments] == [(10, 10), (51, 11), (31, 9)]
    assert found.interest == eur("94.00")  # (10 x 10 + 51 x 11 + 31 x 9) cents a day and point


def test_british_fixing_is_the_day_before_the_half_year():
    rates = ReferenceRates.of(
        (ReferenceRate("Bank Rate", date(2024, 1, 1), 5), ReferenceRate("Bank Rate", date(2025, 1, 1), 4))
    )  # fmt: skip
    rule = SAMPLE_RULES.find("GB", "business", on=date(2025, 2, 1))
    claim = Money(5000, "GBP")
    found = late_interest(claim, due=date(2025, 2, 1), until=date(2025, 2, 11), rule=rule, references=rates)  # fmt: skip
    assert [it.percent for it in found.segments] == [13]
    assert found.lump_sum == Money(70, "GBP")


@pytest.mark.parametrize(
    ("amount", "lump"), [("999.99", 40), ("1000.00", 70), ("9999.99", 70), ("10000.00", 100)]
)
def test_british_lump_sums(amount, lump):
    rule = SAMPLE_RULES.find("GB", "business", on=DUE)
    assert rule.lump_sum(Money(amount, "GBP")) == Money(lump, "GBP")


def test_rounded_daily_or_once():
    claim = Money(5000, "GBP")
    assert simple_interest(claim, "12.25", 101, round_daily=True) == Money("169.68", "GBP")
    assert simple_interest(claim, "12.25", 101) == Money("169.49", "GBP")
    rule = InterestRule(
        "x", "GB", "business", date(2000, 1, 1), Fraction("12.25"), round_daily=True
    )
    found = late_interest(claim, due=date(2026, 1, 1), until=date(2026, 4, 12), rule=rule)
    assert found.interest == Money("169.68", "GBP")
    assert found.explain().amount == Decimal("169.68")


def test_a_year_and_a_day():
    claim = Money(1000, "GBP")
    assert simple_interest(claim, "8.5", 365) == Money("85.00", "GBP")
    assert simple_interest(claim, "8.5", 1) == Money("0.23", "GBP")


def test_mexico_with_vat_on_the_interest():
    claim = {"due": date(2026, 1, 1), "until": date(2026, 2, 15)}
    rule = SAMPLE_RULES.find("MX", "business", on=date(2026, 1, 1))
    found = late_interest(Money(100_000, "MXN"), rule=rule, **claim)
    assert found.interest == Money("739.73", "MXN")
    banker = replace(rule, day_count=DayCount.ACT_360)
    found = late_interest(Money(100_000, "MXN"), rule=banker, **claim)
    assert (found.interest, found.vat("0.16")) == (Money(750, "MXN"), Money(120, "MXN"))


def test_directive():
    found = simple_interest(eur(2500), "10.15", 60)
    assert found + SAMPLE_RULES.find("EU", "business", on=DUE).lump_sum(eur(2500)) == eur("81.71")


def test_gathered_dunning_case():
    """100.00 USD, 15 days at 10 %: 0.41, and the fee of 10.00 beside it."""
    rule = InterestRule("contract", "US", "business", date(2000, 1, 1), 10,
                        lump_sums=((Money(0, "USD"), Money(10, "USD")),))  # fmt: skip
    found = late_interest(Money(100, "USD"), due=date(2024, 2, 29), until=date(2024, 3, 15), rule=rule)  # fmt: skip
    assert (found.interest, found.total) == (Money("0.41", "USD"), Money("10.41", "USD"))
    free = replace(rule, spread_points=Fraction(0), lump_sums=())
    found = late_interest(Money(100, "USD"), due=date(2024, 2, 24), until=date(2024, 3, 15), rule=free)  # fmt: skip
    assert found.total == Money(0, "USD")


@pytest.mark.parametrize(
    ("count", "after", "until", "days", "share"),
    [
        (DayCount.ACT_365, date(2023, 12, 31), date(2024, 12, 31), 366, Fraction(366, 365)),
        (DayCount.ACT_360, date(2025, 1, 1), date(2025, 1, 31), 30, Fraction(1, 12)),
        (DayCount.THIRTY_E_360, date(2025, 1, 31), date(2025, 3, 31), 60, Fraction(1, 6)),
        (DayCount.ACT_ACT, date(2023, 12, 31), date(2024, 12, 31), 366, Fraction(1)),
        (DayCount.ACT_ACT, date(2023, 11, 30), date(2024, 1, 31), 62, Fraction(31, 365) + Fraction(31, 366)),
    ],
)  # fmt: skip
def test_day_counts(count, after, until, days, share):
    assert (count.days(after, until), count.share(after, until)) == (days, share)


RULE = InterestRule("x", "X", "business", date(2000, 1, 1), Fraction("36.5"),
                    lump_sums=((Money(0, "EUR"), Money(5, "EUR")),))  # fmt: skip


def test_a_partial_payment_lowers_the_principal_from_the_day_after():
    """0.1 % a day: 10 days of 1,000 and 10 of 600."""
    paid = [(date(2026, 1, 11), eur(400))]
    found = late_interest(eur(1000), due=date(2026, 1, 1), until=date(2026, 1, 21), rule=RULE, payments=paid)  # fmt: skip
    assert [(it.days, it.principal) for it in found.segments] == [(10, eur(1000)), (10, eur(600))]
    assert (found.interest, found.principal_left) == (eur(16), eur(600))


def test_costs_and_interest_may_come_first():
    """Of 400 paid, 5 go to costs and 10 to interest: 615 remain."""
    paid = [(date(2026, 1, 11), eur(400))]
    found = late_interest(
        eur(1000), due=date(2026, 1, 1), until=date(2026, 1, 21), rule=RULE, payments=paid,
        order=Order.COSTS_INTEREST_PRINCIPAL,
    )  # fmt: skip
    [use] = found.payments
    assert (use.costs, use.interest, use.principal, use.over) == (eur(5), eur(10), eur(385), eur(0))
    assert (found.interest, found.principal_left) == (eur("16.15"), eur(615))


def test_grace_days_forgive_but_do_not_move_the_start():
    rule = replace(RULE, grace_days=5)
    claim = {"due": date(2026, 1, 1), "rule": rule}
    within = late_interest(eur(1000), until=date(2026, 1, 6), **claim)
    beyond = late_interest(eur(1000), until=date(2026, 1, 7), **claim)
    assert (within.total, beyond.interest, beyond.lump_sum) == (eur(0), eur(6), eur(5))


def test_interest_on_an_item_follows_its_movements():
    ledger = books("""
        2025-12-01 invoice    F-1 C1 1000.00 EUR due=2026-01-01
        2026-01-11 payment    R-1 C1 400.00 EUR
        2026-01-11 allocation A-1 R-1 -> F-1 400.00 EUR
        2026-01-21 payment    R-2 C1 600.00 EUR
        2026-01-21 allocation A-2 R-2 -> F-1 600.00 EUR
    """)
    [settled] = [it for it in ledger.items(as_of=date(2026, 3, 1)) if it.id == "F-1"]
    assert interest_on(settled, rule=RULE).interest == eur(16)
    [still] = [it for it in ledger.open_items(as_of=date(2026, 1, 15)) if it.id == "F-1"]
    assert interest_on(still, rule=RULE).interest == eur("12.40")
    [credit, _] = [it for it in ledger.items(as_of=date(2026, 3, 1)) if it.is_credit]
    with pytest.raises(InterestError, match="is a credit or has no due date"):
        interest_on(credit, rule=RULE)


def test_what_cannot_be_is_refused():
    claim = {"due": date(2026, 1, 1), "until": date(2026, 1, 2), "rule": RULE}
    with pytest.raises(InterestError, match="must be above zero and not after 2026-01-02"):
        late_interest(eur(1), payments=[(date(2026, 1, 3), eur(1))], **claim)
    with pytest.raises(InterestError, match="is a float"):
        simple_interest(eur(1), 8.5, 1)
    with pytest.raises(
        RateNotFound, match="no reference rate 'Basiszinssatz' is in force on 2024-01-01"
    ):
        late_interest(eur(1), due=date(2024, 1, 1), until=date(2024, 1, 2), references=SAMPLE_REFERENCES,
                      rule=SAMPLE_RULES.find("DE", "business", on=date(2024, 1, 1)))  # fmt: skip
    with pytest.raises(RateNotFound, match="no interest rule for a consumer in MX"):
        SAMPLE_RULES.find("MX", "consumer", on=DUE)
    with pytest.raises(InterestError, match="ascending"):
        replace(RULE, lump_sums=((eur(5), eur(1)), (eur(0), eur(2))))


def test_interest_explains_itself():
    assert str(german("business").explain()).splitlines() == [
        "late interest on what was due 2025-05-31, to 2025-08-31: 307.08 EUR",
        "  2025-06-01 to 2025-06-30, 30 days at 11.27 % of 10000.00 EUR: 92.63 EUR",
        "  2025-07-01 to 2025-08-31, 62 days at 10.27 % of 10000.00 EUR: 174.45 EUR",
        "  lump sum: 40.00 EUR",
        "  BGB 288(2), floating by semester, ACT/365F: read: points and lump sum of BGB 288(2) and (5)",
    ]


DAYS = st.dates(date(2025, 1, 2), date(2026, 12, 31))


@given(due=DAYS, first=st.integers(1, 400), more=st.integers(1, 400), how=st.sampled_from(RateRule))
def test_law_interest_of_a_span_is_that_of_its_parts(due, first, more, how):
    """Splitting the principal, or counting longer, moves interest as predicted."""
    rule = replace(SAMPLE_RULES.find("DE", "business", on=due), rate_rule=how)
    middle, end = due + timedelta(days=first), due + timedelta(days=first + more)
    long, short = (
        late_interest(eur(1000), due=due, until=it, rule=rule, references=SAMPLE_REFERENCES)
        for it in (end, middle)
    )
    assert sum(it.days for it in long.segments) == first + more
    assert short.interest <= long.interest
    twice = late_interest(eur(2000), due=due, until=end, rule=rule, references=SAMPLE_REFERENCES)
    exact = [sum(it.amount for it in found.segments) for found in (long, twice)]
    assert exact[1] == 2 * exact[0]
    assert twice.explain().amount == twice.total.amount
