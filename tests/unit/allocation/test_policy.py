"""Policies and rules print what they mean, are read from plain values, and refuse what cannot be."""

from __future__ import annotations

import tomllib
from decimal import Decimal

import pytest

from receivables import AdviceLine, AllocationPolicy, Money, Tolerance
from receivables.allocation import (
    ByCombination,
    ByReference,
    Discounts,
    DiscountTax,
    InOrder,
    Withholding,
)
from receivables.allocation.rules import rule_named
from receivables.errors import NoSuchChoice, NotAnAmount

TOML = """
preset = "sap-residual"
name = "ours"
rules = ["advice", { rule = "reference", similarity = "0.9", digits = 5 }, { rule = "combination", most_items = 3 }, "oldest"]
fees = ["15.00 USD"]
disputed = true
confidence = "0.6"
blocked_by = ["hold"]

[discounts]
grace_days = 3
tax = "excluded"

[[tolerances]]
absolute = "10.00 MXN"
percent = "0.5"
approver = "AR lead"

[[withholdings]]
percent = "10"
of = "net"
reason = "ISR"
"""


def test_a_policy_is_read_from_toml():
    policy = AllocationPolicy.parse(tomllib.loads(TOML))
    assert policy == AllocationPolicy(
        rules=(
            "advice",
            ByReference(digits=5, similarity=Decimal("0.9")),
            ByCombination(most_items=3),
            InOrder("due"),
        ),
        tolerances=(Tolerance(Money("10.00", "MXN"), Decimal("0.5"), approver="AR lead"),),
        discounts=Discounts(DiscountTax.EXCLUDED, grace_days=3),
        withholdings=(Withholding(Decimal(10), "net", "ISR"),),
        fees=(Money("15.00", "USD"),),
        disputed=True,
        blocked_by=("hold",),
        short="residual",
        rest="on_account",
        confidence=Decimal("0.6"),
        name="ours",
    )


def test_a_policy_prints_everything_that_decides():
    assert str(AllocationPolicy.parse(tomllib.loads(TOML))).splitlines() == [
        "policy ours",
        "  rules: advice, reference(digits=5, similarity=0.9), combination(most_items=3), oldest-due",
        "  tolerance: up to 10.00 MXN and 0.5%, short payments only, approved by AR lead",
        "  discounts: excluded, last day included, grace 3 days",
        "  withholding: ISR 10% of net",
        "  bank fee: 15.00 USD",
        "  short payments: residual; rest: on_account",
        "  disputed: True",
        "  confidence: 0.6",
    ]
    none = AllocationPolicy(("exact",), discounts=Discounts(taken=False))
    assert str(none).splitlines()[2] == "  discounts: none"


def test_every_preset_has_its_name_and_can_be_changed():
    for name in AllocationPolicy.presets():
        assert AllocationPolicy.preset(name).name == name
    assert AllocationPolicy.preset("odoo", spread=True).spread
    assert AllocationPolicy.preset("default") == AllocationPolicy()


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (
            lambda: AllocationPolicy(("exat",)),
            NoSuchChoice,
            "no allocation rule 'exat'; it must be one of advice",
        ),
        (lambda: AllocationPolicy("exact"), NoSuchChoice, "is one text"),
        (lambda: AllocationPolicy((InOrder("random"),)), NoSuchChoice, "no allocation rule"),
        (
            lambda: AllocationPolicy(short="full"),
            NoSuchChoice,
            "short 'full' is not there; it must be one of partial, residual",
        ),
        (lambda: AllocationPolicy(rest="x"), NoSuchChoice, "rest 'x'"),
        (lambda: AllocationPolicy.preset("odo"), NoSuchChoice, "Did you mean 'odoo'"),
        (
            lambda: rule_named("exact", size=3),
            NoSuchChoice,
            "rule exact has no size; it has unique",
        ),
        (lambda: AllocationPolicy.parse({"rule": []}), NoSuchChoice, "a policy has no rule"),
        (
            lambda: AllocationPolicy.parse({"rules": [{"name": "x"}]}),
            NoSuchChoice,
            "must be a name, or a table",
        ),
        (
            lambda: AllocationPolicy.parse({"discounts": {"tax": "x"}}),
            NoSuchChoice,
            "tax 'x' is not there",
        ),
        (lambda: AllocationPolicy.parse({"discounts": 3}), NoSuchChoice, "must be a table"),
        (
            lambda: AllocationPolicy.parse({"tolerances": [{"limit": 1}]}),
            NoSuchChoice,
            "a tolerance has no limit",
        ),
        (
            lambda: AllocationPolicy.parse({"tolerances": [{"percent": 0.5}]}),
            NotAnAmount,
            "must be a number in quotes",
        ),
        (
            lambda: AllocationPolicy.parse({"tolerances": [{"percent": "x"}]}),
            NotAnAmount,
            "percent 'x' must be a number in quotes",
        ),
        (
            lambda: AllocationPolicy.parse({"fees": ["15"]}),
            NotAnAmount,
            "must be text with its currency",
        ),
        (Tolerance, NotAnAmount, "needs an absolute limit"),
        (
            lambda: Tolerance(percent=Decimal(101)),
            NotAnAmount,
            "101'. percent must be a Decimal from 0",
        ),
        (
            lambda: Tolerance(percent=Decimal(-1)),
            NotAnAmount,
            "-1'. percent must be a Decimal from 0",
        ),
        (lambda: Withholding(0.1), NotAnAmount, "from 0 to 100"),
        (
            lambda: AdviceLine("F-1", discount=Money("-1.00", "MXN")),
            NotAnAmount,
            "must not be below zero",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(make, error, said):
    with pytest.raises(error, match=said):
        make()


def test_tolerances_print_their_scope():
    shown = str(Tolerance(percent=Decimal("1.5"), currency="USD", customer="C1", over=True))
    assert shown == "up to 1.5%, in USD, of C1, short and over payments"
