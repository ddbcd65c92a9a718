"""The gathered vectors of provisions, measures, interest, discounts and splits, each by its kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from receivables import Buckets, CreditMemo, Invoice, Money, Payment, Subledger
from receivables.interest import (
    SAMPLE_REFERENCES,
    SAMPLE_RULES,
    DayCount,
    late_interest,
    simple_interest,
)
from receivables.metrics import (
    CeiVariant,
    annual_cost_of_discount,
    average_days_delinquent,
    average_days_to_pay,
    best_possible_dso,
    cei,
    countback_dso,
    dbt_score,
    dso,
    effective_cost_of_discount,
)
from receivables.probability import wilson
from receivables.provisions import (
    AbsorbingChain,
    Assessment,
    Cover,
    Overlay,
    Path,
    ProvisionMatrix,
    ProvisionPolicy,
    Scenario,
    Scope,
    Vat,
    discounted_loss,
    flow_rates,
    measure_provision,
    roll_forward,
)

EDGES = Buckets.of(0, 30, 60, 90)
AS_OF = date(2026, 3, 31)


def usd(amount):
    return Money(amount, "USD")


def matrix(given, wanted, key="gross", decimals=None):
    rates = ProvisionMatrix.of(dict(zip(EDGES.labels, given["rates"], strict=True)))
    exposures = dict(zip(EDGES.labels, map(usd, given[key]), strict=True))
    found = rates.allowances(exposures, decimals=decimals).values()
    assert [it.amount for it in found] == [Decimal(it) for it in wanted["ecl"]]
    assert sum(it.amount for it in found) == Decimal(wanted["total"])


def flow_rate(given, wanted):
    rates, _ = flow_rates(
        given["snapshots"], average=given["average"], last_loss=given["last_bucket_loss"]
    )
    assert [str(it) for it in rates.flows] == wanted["flow"]
    assert rates.loss_rates == tuple(Fraction(it) for it in wanted["loss_rates"])
    last = dict(zip(EDGES.labels, map(usd, given["snapshots"][-1]), strict=True))
    total = sum(it.amount for it in rates.matrix(EDGES).allowances(last).values())
    assert total == Decimal(wanted["ecl_total"])


def absorbing_markov(given, wanted):
    chain = AbsorbingChain.of(given["Q"], given["R"], exits=("paid", "bad"))
    assert [[str(it) for it in row] for row in chain.fundamental] == wanted["N"]
    assert [[str(it) for it in row] for row in chain.absorption] == wanted["B"]
    assert {name: str(it) for name, it in chain.outcome(given["balance"]).items()} == {
        "paid": wanted["paid"],
        "bad": wanted["bad"],
    }


AGES = {"current": 0, "1-30": 10, "31-60": 40, "61-90": 75, "91+": 200, None: 0}


def composite_pool(given, wanted):
    kinds = {"INV": Invoice, "CREDIT": CreditMemo, "CASH_UNAPPLIED": Payment}
    facts = []
    for name, customer, kind, amount, bucket in given["items"]:
        due = {} if kind == "CASH_UNAPPLIED" else {"due_date": AS_OF - timedelta(days=AGES[bucket])}
        money = usd(abs(amount))
        facts.append(kinds[kind](id=name, customer=customer, amount=money, posting_date=date(2025, 1, 1), **due))  # fmt: skip
    policy = ProvisionPolicy(
        ProvisionMatrix.of(given["rates"]),
        vat=Vat(given["vat_rate"], given["vat_loss_share"]),
        assessments=tuple(Assessment(Scope(customer=c), r, "specific") for c, r in given["specific"].items()),
        covers=tuple(Cover(Scope(customer=c), it["cover"], it["insurer_rate"]) for c, it in given["insured"].items()),
    )  # fmt: skip
    made, _ = measure_provision(Subledger.of(facts).open_items(as_of=AS_OF), policy)
    for names, allowance in wanted["by_item"].items():
        found = sum(made.line(it).allowance.amount for it in names.split("+"))
        assert (names, found) == (names, Decimal(allowance))
    pool = made.allowance(path=Path.POOL) + made.allowance(path=Path.SECURED)
    figures = (pool, made.allowance(path=Path.INDIVIDUAL), made.allowance(), made.reclassified())
    assert figures == tuple(
        usd(wanted[it]) for it in ("pool", "specific", "total", "credit_balance_reclass")
    )


def rollforward(given, wanted):
    moves = {"charge": "charge", "write_offs": "write_off", "recoveries": "recovery", "fx": "fx"}
    made = roll_forward(usd(given["opening"]), **{to: usd(given[it]) for to, it in moves.items()})
    assert made.closing == usd(wanted["closing"])


def discounted(given, wanted):
    expected = ((usd(given["expected_cash"]), given["years"]),)
    assert discounted_loss(usd(given["gross"]), expected, given["eir"]) == usd(wanted["ecl"])


def scenario_multiplier(given, wanted):
    pairs = zip(given["w"], given["m"], strict=True)
    scenarios = tuple(Scenario(f"s{number}", w, m) for number, (w, m) in enumerate(pairs))
    overlay = Overlay("ana", AS_OF, "outlook", scenarios)
    assert overlay.factor == Fraction(wanted["multiplier"])
    assert Fraction(given["base"]) * overlay.factor == Fraction(wanted["ecl"])


def wilson_interval(given, wanted):
    found = wilson(given["k"], given["n"])
    assert (round(float(found.low), 7), round(float(found.high), 7)) == (
        pytest.approx(wanted["lo"], abs=1e-7),
        pytest.approx(wanted["hi"], abs=1e-7),
    )


def dso_add(given, wanted):
    ar, current, sales, days = (given[it] for it in ("ar", "current", "sales", "days"))
    found = (
        dso(ar, sales, days),
        best_possible_dso(current, sales, days),
        average_days_delinquent(ar, current, sales, days),
    )
    assert [str(it.value) for it in found] == [wanted["dso"], wanted["bpdso"], wanted["add"]]


def countback(given, wanted):
    found = countback_dso(given["ar"], [tuple(it) for it in given["months"]])
    assert str(found.value) == wanted["days"]


def cei_full(given, wanted):
    found = cei(given["begin"], given["sales"], given["end_total"], given["end_current"], variant=CeiVariant.FULL)  # fmt: skip
    assert found.rounded() == Decimal(wanted["cei"])


def days_to_pay(given, wanted):
    assert str(average_days_to_pay(given["days"]).value) == wanted["avg"]


def british(given, wanted):
    claim = Money(given["amount"], "GBP")
    daily = given["round"] == "daily"
    found = simple_interest(claim, given["rate"], given["days"], round_daily=daily)
    lump = SAMPLE_RULES.find("GB", "business", on=AS_OF).lump_sum(claim)
    assert (found.amount, lump.amount) == (Decimal(wanted["interest"]), Decimal(wanted["fixed"]))


def german(given, wanted):
    due, paid = date.fromisoformat(given["due"]), date.fromisoformat(given["paid"])
    rule = SAMPLE_RULES.find("DE", "business", on=due)
    found = late_interest(
        Money(given["amount"], "EUR"), due=due, until=paid, rule=rule, references=SAMPLE_REFERENCES
    )
    assert [[it.days, it.percent] for it in found.segments] == [
        [days, Fraction(percent)] for days, percent in wanted["segments"]
    ]
    assert (found.interest.amount, found.lump_sum.amount) == (
        Decimal(wanted["interest"]),
        Decimal(wanted["lump"]),
    )


def mexican(given, wanted):
    due = date(2026, 1, 1)
    rule = SAMPLE_RULES.find("MX", "business", on=due)
    for name, count in (("act365", DayCount.ACT_365), ("act360", DayCount.ACT_360)):
        found = late_interest(
            Money(given["amount"], "MXN"), due=due, until=due + timedelta(days=given["days"]),
            rule=replace(rule, day_count=count),
        )  # fmt: skip
        assert (name, found.interest.amount) == (name, Decimal(wanted[name]))


def simple(given, wanted):
    claim = usd(given["amount"])
    found = [simple_interest(claim, given["rate"], days) for days in (365, 1)]
    assert found == [usd(wanted["year"]), usd(wanted["day"])]


def annual_cost(given, wanted):
    terms = (given["d"], given["disc_days"], given["net"])
    found = (
        annual_cost_of_discount(*terms),
        annual_cost_of_discount(*terms, year=360),
        effective_cost_of_discount(*terms),
    )
    names = ("nominal365", "nominal360", "effective")
    assert [it.rounded() for it in found] == [Decimal(wanted[it]) for it in names]


def split(given, wanted):
    whole, weights = Money.from_minor(given["cents"], "USD"), given["weights"]
    first = [it.minor for it in whole.split(weights)]
    last = [it.minor for it in reversed(whole.split(weights[::-1]))]
    assert (first, last) == (wanted["first"], wanted["balance_last"])


def lookup(given, wanted):
    assert [dbt_score(it) for it in given["days_beyond_terms"]] == wanted["score"]


CHECKS = {
    "ECL-01": matrix,
    "ECL-02": lambda given, wanted: matrix(given, wanted, "balance", 0),
    "ECL-04-simple": flow_rate,
    "ECL-05": absorbing_markov,
    "ECL-07": composite_pool,
    "ECL-08": rollforward,
    "ECL-09": discounted,
    "ECL-10": scenario_multiplier,
    "STAT-W0_50": wilson_interval,
    "STAT-W3_120": wilson_interval,
    "STAT-W1_10": wilson_interval,
    "KPI-01": dso_add,
    "KPI-02": dso_add,
    "KPI-03": countback,
    "KPI-05": cei_full,
    "KPI-08": days_to_pay,
    "INT-01": british,
    "INT-03": german,
    "INT-04": mexican,
    "INT-05": simple,
    "DISC-01": annual_cost,
    "SPLIT-01": split,
    "PAYDEX-KEY": lookup,
}
ELSEWHERE = {
    "KPI-07",
    "IBM-AGE",
    "DUE",
    "CRED-01",
}  # the IBM file, terms, and credit have tests of their own


@pytest.mark.parametrize("name", CHECKS)
def test_vector(vectors, name):
    CHECKS[name](vectors[name]["input"], vectors[name]["expected"])


def test_no_vector_is_forgotten(vectors):
    assert set(vectors) == set(CHECKS) | ELSEWHERE
