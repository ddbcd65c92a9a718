"""The gathered cases with other amounts and currencies, several payments, and two things at once; figures worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from receivables import (
    AdviceLine,
    AllocationPolicy,
    ExchangeRate,
    ExchangeRates,
    Money,
    PaymentTerms,
    RemittanceAdvice,
    TaxLine,
    Tolerance,
    propose_allocations,
)
from receivables.allocation import Discounts, DiscountTax, InOrder, Withholding
from receivables.terms import AddDays, DiscountTerms
from receivables.testing import books as told

DAY = date(2026, 3, 31)
D = Decimal
TIERS = PaymentTerms.due(
    AddDays(30),
    discounts=(DiscountTerms(D(3), (AddDays(10),)), DiscountTerms(D(2), (AddDays(20),))),
)


def propose(text, policy="default", *, advice=(), rates=None, changed=None, **changes):
    books = told(text)
    if changed:
        facts = [replace(it, **changed.get(it.id, {})) for it in books.facts]
        books = type(books).of(facts)
    items = books.open_items(as_of=DAY)
    if isinstance(policy, str):
        policy = AllocationPolicy.preset(policy, **changes)
    payments = [it for it in items if it.kind == "payment"]
    lines = [RemittanceAdvice(payments[0].id, tuple(advice))] if advice else ()
    proposal = propose_allocations(payments, items, policy=policy, advice=lines, rates=rates)
    after = books.with_facts(proposal.facts)
    return proposal, {it.id: str(it.open_amount) for it in after.open_items(as_of=DAY)}


def made(proposal):
    return [(it.payment, it.item, f"{it.amount.amount:f}") for it in proposal.lines]


def kinds(proposal):
    return [(it.kind, f"{it.amount.amount:f}") for it in proposal.differences]


@pytest.mark.parametrize(
    ("unit", "old", "new", "first", "second", "paid", "left"),
    [
        ("JPY", "7500", "10000", "10000", "3333", ["7500", "2500", "3333"], "4167"),
        ("KWD", "75.125", "100.005", "100.000", "0.001", ["75.125", "24.875", "0.001"], "75.129"),
        ("CLP", "1", "2", "1", "1", ["1", "1"], "1"),
    ],
)
def test_l001_two_receipts_fill_the_oldest_in_any_currency(
    unit, old, new, first, second, paid, left
):
    proposal, still = propose(
        f"""
        2026-01-10 invoice I-1 A {new} {unit} due=2026-02-10
        2025-12-01 invoice O-1 A {old} {unit} due=2026-03-10
        2026-03-01 payment R-1 A {first} {unit}
        2026-03-02 payment R-2 A {second} {unit}
        """,
        "python-accounting",
    )
    assert [it.amount.amount for it in proposal.lines] == [D(it) for it in paid]
    assert still == {"I-1": f"{left} {unit}"}


TWO = """
    2026-01-10 invoice I-1 A 1000.00 MXN due=2026-02-10
    2026-01-10 invoice I-2 A  500.00 MXN due=2026-02-20
    2026-03-01 payment B-1 A {} MXN
"""


@pytest.mark.parametrize(
    ("paid", "percent", "expected", "settled", "left"),
    [
        ("1400.00", 5, [], [], "1400.00"),
        ("1400.00", 7, [("I-1", "900.00"), ("I-2", "500.00")], [("tolerance", "100.00")], None),
        ("1600.00", 0, [("I-1", "1000.00"), ("I-2", "500.00")], [], "100.00"),
        ("1000.00", 0, [("I-1", "1000.00")], [], None),
    ],
)
def test_m00x_items_taken_together_are_settled_within_the_tolerance_or_not_at_all(
    paid, percent, expected, settled, left
):
    """100 of 1500 is 6.67%; too much is always accepted and stays."""
    proposal, still = propose(TWO.format(paid), "odoo", tolerances=(Tolerance(percent=D(percent)),))
    assert [it[1:] for it in made(proposal)] == expected
    assert kinds(proposal) == settled
    assert still.get("B-1") == (f"-{left} MXN" if left else None)
    noted = [it.text for it in proposal.notes]
    assert noted == (
        [] if expected else ["the money does not settle I-1, I-2, and parts are not paid"]
    )


def test_an_order_that_pays_only_whole_sets_says_so():
    assert str(InOrder(whole=True)) == "oldest-due(whole=True)"
    assert str(
        AllocationPolicy.parse({"rules": [{"rule": "oldest-due", "whole": True}]}).rules[0]
    ) == str(InOrder(whole=True))


@pytest.mark.parametrize(("paid", "settled"), [("990", [("tolerance", "9")]), ("989", [])])
def test_m003_one_percent_of_999_yen_is_nine(paid, settled):
    proposal, _ = propose(
        f"2026-01-10 invoice I-1 A 999 JPY due=2026-02-10\n2026-03-01 payment B-1 A {paid} JPY",
        "odoo",
        tolerances=(Tolerance(percent=D(1)),),
    )
    assert kinds(proposal) == settled


@pytest.mark.parametrize(
    ("day", "paid", "discount"),
    [
        ("2026-01-20", "970.00", "30.00"),
        ("2026-01-22", "970.00", "30.00"),
        ("2026-01-22", "980.00", "20.00"),
        ("2026-01-23", "970.00", None),
        ("2026-01-23", "980.00", "20.00"),
        ("2026-02-01", "980.00", "20.00"),
        ("2026-02-02", "980.00", None),
    ],
)
def test_e002_each_discount_stands_to_its_last_day_and_two_days_of_grace(day, paid, discount):
    """3% to the 20th, 2% to the 30th; in the days of grace of the first the second may be taken as well."""
    proposal, _ = propose(
        f"2026-01-10 invoice I-1 A 1000.00 MXN\n{day} payment P-1 A {paid} MXN",
        changed={"I-1": {"terms": TIERS, "due_date": None}},
        discounts=Discounts(grace_days=2),
    )
    assert kinds(proposal) == ([("discount", discount)] if discount else [])


def test_e002_three_percent_of_999_yen_are_thirty():
    proposal, still = propose(
        "2026-01-10 invoice I-1 A 999 JPY\n2026-01-20 payment P-1 A 969 JPY",
        changed={"I-1": {"terms": TIERS, "due_date": None}},
    )
    assert (kinds(proposal), still) == ([("discount", "30")], {})


def test_e007_of_a_batch_only_what_is_in_time_is_discounted():
    proposal, still = propose(
        """
        2025-11-01 invoice I-1 A 2000.00 MXN
        2026-01-10 invoice I-2 A 1000.00 MXN
        2026-01-20 payment P-1 A 2970.00 MXN
        """,
        changed={name: {"terms": TIERS, "due_date": None} for name in ("I-1", "I-2")},
    )
    assert ([(it.item, str(it.amount)) for it in proposal.differences], still) == (
        [("I-2", "30.00 MXN")],
        {},
    )


@pytest.mark.parametrize(
    ("mode", "amount", "base", "tax", "paid", "discount", "corrected"),
    [
        (DiscountTax.INCLUDED, "1160.00", "1000.00", "160.00", "1125.20", "34.80", "4.80"),
        (DiscountTax.EXCLUDED, "1160.00", "1000.00", "160.00", "1130.00", "30.00", "0.00"),
        (DiscountTax.MIXED, "1155.20", "970.00", "155.20", "1125.20", "30.00", "0.00"),
    ],
)  # fmt: skip
def test_e004_three_percent_in_the_three_modes(mode, amount, base, tax, paid, discount, corrected):
    """Net 1000.00 at 16%; in the mixed mode it was taxed on 970.00 from the start."""
    line = TaxLine("IVA", Money(base, "MXN"), Money(tax, "MXN"), D("0.16"))
    proposal, still = propose(
        f"2026-01-10 invoice I-1 A {amount} MXN\n2026-01-20 payment P-1 A {paid} MXN",
        changed={
            "I-1": {
                "terms": TIERS,
                "due_date": None,
                "taxes": (line,),
                "net_amount": Money("1000.00", "MXN"),
            }
        },
        discounts=Discounts(mode),
    )
    [found] = proposal.differences
    assert (str(found.amount), str(found.tax), still) == (f"{discount} MXN", f"{corrected} MXN", {})


MEXICAN = (Withholding(D(10), "net", "ISR"), Withholding(D("10.6667"), "net", "IVA"))


@pytest.mark.parametrize(
    ("paid", "more"),
    [
        ("9533.33", []),
        ("9533.30", [("tolerance", "0.03")]),
        ("9518.33", [("bank_fee", "15.00")]),
    ],
)
def test_w001_two_taxes_withheld_with_a_few_cents_or_a_bank_fee(paid, more):
    """Net 10,000.00 and 1,600.00 of tax: 1,000.00 and 1,066.67 are kept back."""
    line = TaxLine("IVA", Money("10000.00", "MXN"), Money("1600.00", "MXN"), D("0.16"))
    proposal, still = propose(
        f"2026-01-10 invoice I-1 A 11600.00 MXN due=2026-02-10\n2026-03-01 payment P-1 A {paid} MXN",
        changed={"I-1": {"taxes": (line,)}},
        withholdings=MEXICAN,
        fees=(Money("15.00", "MXN"),),
        tolerances=(Tolerance(Money("0.05", "MXN")),),
    )
    assert kinds(proposal) == [("withholding", "1000.00"), ("withholding", "1066.67"), *more]
    assert still == {}


def test_a_fee_and_a_tax_withheld_leave_room_for_each_other():
    """The tax takes 90 of 100; a fee of 15 on top would be more than the item has."""
    proposal, still = propose(
        """
        2026-01-10 invoice I-1 A 100.00 MXN due=2026-02-10
        2026-01-11 invoice I-2 A 100.00 MXN due=2026-02-11
        2026-03-01 payment P-1 A 5.00 MXN
        """,
        AllocationPolicy(
            ("whole-account",), withholdings=(Withholding(D(90)),), fees=(Money("15.00", "MXN"),)
        ),
    )
    assert (made(proposal), kinds(proposal)) == ([], [])
    assert still == {"I-1": "100.00 MXN", "I-2": "100.00 MXN", "P-1": "-5.00 MXN"}


def test_the_last_of_several_items_bears_the_fee():
    proposal, still = propose(
        """
        2026-01-10 invoice I-1 A 100000 CLP due=2026-02-10
        2026-01-10 invoice I-2 A  50000 CLP due=2026-02-11
        2026-03-01 payment P-1 A 148500 CLP
        """,
        fees=(Money("1500", "CLP"),),
    )
    assert ([(it.item, str(it.amount)) for it in proposal.differences], still) == (
        [("I-2", "1500 CLP")],
        {},
    )


def test_l023_two_part_payments_close_the_booked_amount():
    """8,500.00 INR booked for 100.00 EUR: 5,100.00 for the first sixty, the rest for the last forty."""
    proposal, still = propose(
        """
        2026-01-10 invoice I-1 A 100.00 EUR due=2026-02-10
        2026-03-01 payment P-1 A 60.00 EUR
        2026-03-02 payment P-2 A 40.00 EUR
        """,
        changed={
            "I-1": {"company_amount": Money("8500.00", "INR")},
            "P-1": {"company_amount": Money("4800.00", "INR")},
            "P-2": {"company_amount": Money("3600.01", "INR")},
        },
    )
    assert (kinds(proposal), still) == ([("fx_loss", "300.00"), ("fx_gain", "200.01")], {})
    assert [str(it.company_amount) for it in proposal.allocations] == ["5100.00 INR", "3400.00 INR"]


@pytest.mark.parametrize(
    ("invoice", "booked", "payment", "worth", "expected"),
    [
        ("1000.00 USD", "17000.00 MXN", "18000.00 MXN", None, [("fx_gain", "1000.00")]),
        ("1000.00 USD", "18500.00 MXN", "18000.00 MXN", None, [("fx_loss", "500.00")]),
        ("18000.00 MXN", None, "1000.00 USD", "18100.00 MXN", [("fx_gain", "100.00")]),
        ("18000.00 MXN", None, "1000.00 USD", None, []),
    ],
)
def test_m018_money_or_an_item_in_the_company_s_own_currency_is_its_own_worth(
    invoice, booked, payment, worth, expected
):
    rates = ExchangeRates.of([ExchangeRate("USD", "MXN", date(2026, 1, 1), D(18), "test")])
    amounts = {"F-1001": booked, "P-1": worth}
    proposal, still = propose(
        f"2026-01-10 invoice F-1001 A {invoice} due=2026-02-10\n2026-03-01 payment P-1 A {payment} reference=F-1001",
        changed={
            name: {"company_amount": Money(*text.split())} for name, text in amounts.items() if text
        },
        rates=rates,
    )
    assert (kinds(proposal), still) == (expected, {})


@pytest.mark.parametrize(
    ("line", "settled", "still_open"),
    [
        ({"deduction": "40.000", "reason": "DAMAGE"}, [("residual", "40.000", "DAMAGE")], "40.000 KWD"),
        ({}, [("residual", "40.000", "residual item")], "40.000 KWD"),
    ],
)  # fmt: skip
def test_an_advised_part_leaves_a_residual_item_with_the_payer_s_reason(line, settled, still_open):
    kept = {"deduction": Money(line["deduction"], "KWD"), "reason": line["reason"]} if line else {}
    proposal, still = propose(
        "2026-01-10 invoice F-1001 A 100.000 KWD due=2026-02-10\n2026-03-01 payment R-1 A 60.000 KWD",
        "sap-residual",
        advice=[AdviceLine("F-1001", Money("60.000", "KWD"), **kept)],
    )
    assert [(it.kind, f"{it.amount.amount:f}", it.reason) for it in proposal.differences] == settled
    assert still == {"R-1>F-1001~residual": still_open}


def test_an_advised_item_the_money_does_not_reach_keeps_no_residual():
    proposal, still = propose(
        """
        2026-01-10 invoice F-1001 A 60.00 MXN due=2026-02-10
        2026-01-10 invoice F-1002 A 70.00 MXN due=2026-02-10
        2026-03-01 payment R-1 A 60.00 MXN
        """,
        "sap-residual",
        advice=[
            AdviceLine("F-1001", Money("60.00", "MXN")),
            AdviceLine("F-1002", Money("50.00", "MXN")),
        ],
    )
    assert (kinds(proposal), still) == ([], {"F-1002": "70.00 MXN"})


def test_two_named_documents_short_by_forty_leave_one_residual_item():
    text = """
        2026-01-10 invoice F-1001 A 100.00 MXN due=2026-02-10
        2026-01-10 invoice F-1002 A 100.00 MXN due=2026-02-11
        2026-03-01 payment R-1 A 160.00 MXN reference="F-1001, F-1002"
    """
    partial, still = propose(text, "sap-incoming")
    assert (kinds(partial), still) == ([], {"F-1002": "40.00 MXN"})
    residual, still = propose(text, "sap-residual")
    assert (kinds(residual), still) == (
        [("residual", "40.00")],
        {"R-1>F-1002~residual": "40.00 MXN"},
    )
    for proposal in (partial, residual):
        assert [it.text for it in proposal.notes] == ["paid short by 40.00 MXN"]


def test_l01_the_nearest_set_counts_credits_in_their_place():
    """10 and 20 less the credit of 5 are 25; without the latest item 5 remain, and 5 are paid."""
    proposal, still = propose(
        """
        2026-01-01 invoice L-1 A 10.00 MXN due=2026-01-01
        2026-01-01 credit_memo L-2 A 5.00 MXN due=2026-01-02
        2026-01-01 invoice L-3 A 20.00 MXN due=2026-01-03
        2026-03-01 payment R-1 A 5.00 MXN
        """,
        "tryton",
    )
    assert made(proposal) == [("L-2", "L-1", "5.00"), ("R-1", "L-1", "5.00")]
    assert still == {"L-3": "20.00 MXN"}


AUTOCASH = """
    2026-01-10 invoice F-1 A 100.13 MXN due=2026-02-10
    2026-01-11 invoice F-2 A  13.07 MXN due=2026-02-11
    2026-01-12 invoice F-3 A  50.00 MXN due=2026-05-01
    2026-01-15 credit_memo N-1 A 30.00 MXN
    2026-03-01 payment R-1 A {} MXN
"""


@pytest.mark.parametrize(
    ("paid", "rules", "rule", "items"),
    [
        ("133.20", ("whole-account", "past-due", "oldest-due"), "whole-account", ["N-1>F-1", "R-1>F-1", "R-1>F-2", "R-1>F-3"]),
        ("163.20", ("whole-account", "past-due", "oldest-due"), "whole-account", ["R-1>F-1", "R-1>F-2", "R-1>F-3"]),
        ("113.20", ("whole-account", "past-due", "oldest-due"), "past-due", ["R-1>F-1", "R-1>F-2"]),
        ("83.20", ("past-due", "oldest-due"), "past-due", ["N-1>F-1", "R-1>F-1", "R-1>F-2"]),
        ("113.20", ("oldest-due", "past-due"), "oldest-due", ["R-1>F-1", "R-1>F-2"]),
        ("113.21", ("whole-account", "past-due", "oldest-due"), "oldest-due", ["R-1>F-1", "R-1>F-2", "R-1>F-3"]),
        ("50.00", ("exact", "oldest-due"), "exact", ["R-1>F-3"]),
    ],
)  # fmt: skip
def test_autocash_rules_in_several_orders(paid, rules, rule, items):
    proposal, _ = propose(AUTOCASH.format(paid), AllocationPolicy(rules))
    assert [it.id for it in proposal.allocations] == items
    assert {it.rule for it in proposal.lines} == {rule}
