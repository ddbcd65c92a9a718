"""The allowance over time, its entries, what is booked against what was measured, and the tax checklist."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from receivables import Money, Subledger
from receivables.errors import (
    CurrencyMismatch,
    PartsDoNotSum,
    RateNotFound,
    UnfitHistory,
    UnfitRate,
)
from receivables.provisions import (
    Account,
    Assessment,
    Booked,
    DoubtfulCredit,
    Exclusion,
    Framework,
    JournalEntry,
    JournalLine,
    Method,
    Overlay,
    ProvisionMatrix,
    ProvisionPolicy,
    Scope,
    UdiSeries,
    Vat,
    check_deductibility,
    check_provision,
    measure_provision,
    propose_charge,
    propose_entries,
    propose_reclassification,
    propose_recovery,
    propose_write_off,
    provision_deltas,
    roll_forward,
    udi_limit,
)
from receivables.testing import books

AS_OF = date(2026, 3, 31)


def mxn(amount):
    return Money(amount, "MXN")


MOVES = {"write_offs": mxn(42_000), "recoveries": mxn(6_000), "fx": mxn(1_500)}


def test_roll_forward_closes_and_the_charge_is_the_plug():
    forward = roll_forward(mxn(120_000), charge=mxn(35_000), **MOVES)
    back = roll_forward(mxn(120_000), closing=mxn(120_500), **MOVES)
    assert (forward.closing, back.charge) == (mxn(120_500), mxn(35_000))
    assert str(forward.explain()).splitlines() == [
        "closing allowance: 120500.00 MXN",
        "  opening allowance: 120000.00 MXN",
        "  charge: 35000.00 MXN",
        "  write-offs: -42000.00 MXN",
        "  recoveries: 6000.00 MXN",
        "  exchange differences: 1500.00 MXN",
    ]


def test_a_roll_forward_that_does_not_close_is_refused():
    good = roll_forward(mxn(1), charge=mxn(2))
    with pytest.raises(PartsDoNotSum):
        replace(good, closing=mxn(4))
    for given_ in (
        {},
        {"charge": mxn(1), "closing": mxn(1)},
        {"charge": mxn(1), "write_offs": mxn(-1)},
    ):
        with pytest.raises(UnfitRate):
            roll_forward(mxn(1), **given_)


def sides(entry):
    return [
        (it.account, str((it.debit or it.credit).amount), it.debit is not None)
        for it in entry.lines
    ]


def test_entries_of_a_charge_a_release_and_a_reclassification():
    assert sides(propose_charge(mxn(5))) == [
        (Account.IMPAIRMENT, "5.00", True), (Account.ALLOWANCE, "5.00", False),
    ]  # fmt: skip
    assert sides(propose_charge(mxn(-5))) == [
        (Account.ALLOWANCE, "5.00", True), (Account.IMPAIRMENT, "5.00", False),
    ]  # fmt: skip
    assert sides(propose_reclassification(mxn(7))) == [
        (Account.RECEIVABLES, "7.00", True), (Account.LIABILITIES, "7.00", False),
    ]  # fmt: skip


def test_mexican_write_off_gives_the_vat_back():
    entry = propose_write_off(mxn(116_000), vat=mxn(16_000), framework=Framework.NIF_C_16)
    assert sides(entry) == [
        (Account.ALLOWANCE, "100000.00", True),
        (Account.VAT_NOT_COLLECTED, "16000.00", True),
        (Account.RECEIVABLES, "116000.00", False),
    ]


def test_what_was_not_provided_is_a_loss():
    entry = propose_write_off(mxn(100), allowance=mxn(60))
    assert [(it.account, it.debit) for it in entry.lines[:2]] == [
        (Account.ALLOWANCE, mxn(60)), (Account.IMPAIRMENT, mxn(40)),
    ]  # fmt: skip
    with pytest.raises(UnfitRate):
        propose_write_off(mxn(100), vat=mxn(101))


def test_a_recovery_goes_where_the_standard_says():
    to = [propose_recovery(mxn(1), it).lines[1].account for it in Framework]
    assert to == [Account.IMPAIRMENT_GAIN, Account.ALLOWANCE, Account.IMPAIRMENT_GAIN]
    made = roll_forward(mxn(0), charge=mxn(3), recoveries=mxn(1))
    assert [it.text for it in propose_entries(made)] == [
        "charge to loss allowance", "recovery of what was written off",
    ]  # fmt: skip


def test_entries_balance():
    with pytest.raises(PartsDoNotSum, match="the credits of 'x'"):
        JournalEntry("x", Framework.IFRS_9, (JournalLine(Account.CASH, debit=mxn(1)),))


LEDGER = """
    2025-01-01 invoice     F-1 A 4000.00 MXN due=2026-01-15
    2025-01-01 invoice     F-2 A 1500.00 MXN due=2025-06-01
    2025-01-01 invoice     F-3 B 1160.00 MXN due=2026-01-15
    2026-01-01 credit_memo M-1 B 580.00 MXN
    2025-01-01 invoice     F-4 C 900.00 MXN due=2025-06-01
    2025-01-01 invoice     F-5 D 800.00 MXN due=2025-06-01
"""
RATES = ProvisionMatrix.of({"current": "0", "1-60": "0", "61-90": "0.03", "91-120": "0.25", ">120": "1"}, origin="key V1")  # fmt: skip


def measured(ledger=LEDGER, **more):
    policy = ProvisionPolicy(RATES, Overlay("ana", AS_OF, "none needed"), **more)
    return measure_provision(books(ledger).open_items(as_of=AS_OF), policy)[0]


def test_valuation_percentages_by_days():
    """75 days 3 %, 100 days 25 %, over 120 all."""
    ledger = """
        2025-01-01 invoice F-1 A 10000.00 MXN due=2026-01-15
        2025-01-01 invoice F-2 A 4000.00 MXN due=2025-12-21
        2025-01-01 invoice F-3 A 1500.00 MXN due=2025-09-12
    """
    found = provision_deltas(measured(ledger), [], legal_entity="1000")
    assert [(it.days_past_due, str(it.new.amount)) for it in found] == [
        (75, "300.00"), (100, "1000.00"), (200, "1500.00"),
    ]  # fmt: skip


def test_deltas_are_posted_once():
    provision = measured()
    old = [Booked("F-1", mxn(50)), Booked("F-9", mxn(70))]
    first = provision_deltas(provision, old, legal_entity="1000")
    assert [(it.item, str(it.delta.amount), it.reason) for it in first] == [
        ("F-1", "70.00", "measured anew"),
        ("F-2", "1500.00", "new"),
        ("F-3", "17.40", "new"),
        ("F-4", "900.00", "new"),
        ("F-5", "800.00", "new"),
        ("F-9", "-70.00", "no longer open"),
    ]
    assert first[0].key == "1000/2026-03-31/flat_rate/F-1"
    assert (first[-1].rate, first[-1].base, first[-1].days_past_due) == (0, mxn(0), None)
    assert (first[0].rate, first[0].base) == (Fraction(3, 100), mxn(4000))
    then = [*old, *(Booked(it.item, it.delta) for it in first)]
    again = provision_deltas(provision, then, legal_entity="1000")
    assert {it.delta for it in again} == {mxn(0)}
    assert {it.key for it in again} == {it.key for it in first}


def test_doubtful_items_provided_in_full_are_kept():
    old = [Booked("X", mxn(70), exposure=mxn(70)), Booked("Y", mxn(20), exposure=mxn(80))]
    found = provision_deltas(measured(), old, legal_entity="1000", method=Method.DOUBTFUL)
    gone = {it.item: (it.delta, it.reason) for it in found if it.item in "XY"}
    assert gone == {"X": (mxn(0), "unchanged"), "Y": (mxn(-20), "no longer open")}


def test_the_base_of_several_entries_is_the_last_one_told():
    old = [Booked("X", mxn(30), exposure=mxn(99)), Booked("X", mxn(40), exposure=mxn(70))]
    found = provision_deltas(measured(), old, legal_entity="1000", method=Method.DOUBTFUL)
    [gone] = [it for it in found if it.item == "X"]
    assert (gone.old, gone.new) == (mxn(70), mxn(70))


def test_check_names_another_rate_and_another_base():
    wrong = Booked("F-2", mxn(100), exposure=mxn(400), rate=Fraction(1, 4), bucket=">120")
    check = check_provision([wrong], measured(), currency="MXN")
    [found] = [it for it in check.differences if it.item == "F-2"]
    assert found.reasons == (
        "booked at 0.25; the rate is 1: >120: 100 % (key V1)",
        "booked on 400.00 MXN; 1500.00 MXN can be lost",
    )


def test_check_says_where_a_booked_provision_differs_and_why():
    provision = measured(
        vat=Vat("0.16"),
        exclusions=(Exclusion(Scope(item="F-4"), "group company"),),
        assessments=(Assessment(Scope(item="F-5"), "0.5", "in court"),),
    )
    reported = [
        Booked("F-1", mxn("120.00"), exposure=mxn(4000), rate=Fraction(3, 100), bucket="61-90"),
        Booked("F-2", mxn("323.28"), bucket="91-120", rate=Fraction(1, 4)),
        Booked("F-3", mxn("30.00"), exposure=mxn(1160)),
        Booked("F-4", mxn(900)),
        Booked("F-8", mxn(10)),
    ]
    check = check_provision(reported, provision, currency="MXN")
    assert not check.agrees
    shown = {it.item: (str(it.amount.amount), it.reasons[0]) for it in check.differences}
    assert shown == {
        "F-2": ("-969.82", "booked in 91-120; it belongs in >120, 303 days past due"),
        "F-4": ("900.00", "excluded: group company"),
        "F-5": ("-344.83", "nothing is booked; individual, >120, assessed: in court"),
        "F-1": ("16.55", "VAT was left in: 4000.00 MXN instead of 3448.28 MXN"),
        "F-3": ("15.00", "credits of the customer were not set off: 580.00 MXN of M-1"),
        "F-8": ("10.00", "not open on 2026-03-31"),
    }
    differences = sum(it.amount.amount for it in check.differences)
    assert differences == (check.booked - check.measured).amount
    twice = [Booked("F-1", mxn(1)), Booked("F-1", mxn(1))]
    with pytest.raises(UnfitHistory, match="reported twice"):
        check_provision(twice, provision, currency="MXN")


def test_a_provision_agrees_with_itself():
    provision = measured()
    own = [Booked(it.item.id, it.allowance) for it in provision.lines]
    assert check_provision(own, provision, currency="MXN").agrees
    assert Subledger.of([]).facts == ()


UDI = UdiSeries(((date(2023, 12, 1), Decimal("7.94469")),), "DOF")


def claim(name, amount, **more):
    return DoubtfulCredit(name, "XAXX010101000", mxn(amount), date(2023, 12, 1), **more)


def test_a_small_claim_is_deducted_when_the_year_is_complete():
    assert udi_limit(UDI, due=date(2023, 12, 1)) == mxn("238340.70")
    [found] = check_deductibility([claim("F-1", 150_000)], UDI, as_of=date(2025, 1, 31))
    assert (found.route, found.month) == ("small", date(2024, 12, 1))
    assert str(found).splitlines() == [
        "F-1: route small, month of deduction 2024-12",
        "  1 claim on XAXX010101000: 18880.54 UDI at the due dates, limit 30000",
        "  in default from 2023-12-02, the day after the due date",
        "  met on 2024-12-02: one year since default without collection",
        "  missing: debtor told in writing to include it as income",
        "  not yet, by 2025-02-15: tax authority told of the year's deductions",
    ]


def test_claims_on_one_debtor_are_added_up():
    found = check_deductibility(
        [claim("F-1", 150_000), claim("F-2", 100_000)], UDI, as_of=date(2025, 1, 31)
    )
    assert [(it.route, it.month) for it in found] == [("large", None)] * 2
    won = replace(claim("F-1", 250_000), resolution=date(2025, 1, 10))
    [found] = check_deductibility([won], UDI, as_of=date(2025, 1, 31))
    assert (found.month, found.steps[0].met) == (date(2025, 1, 1), True)


def test_a_notice_after_the_fifteenth_of_february_is_late():
    told = {"debtor_informed": date(2024, 12, 20)}
    for on, met in ((date(2025, 2, 15), True), (date(2025, 2, 16), False)):
        credit = claim("F-1", 1_000, authority_informed=on, **told)
        [found] = check_deductibility([credit], UDI, as_of=date(2025, 3, 1))
        assert (found.steps[-1].met, found.missing == ()) == (met, met)


def test_other_routes_and_what_is_refused():
    old = claim("F-1", 1_000_000, prescription=date(2024, 6, 30))
    [found] = check_deductibility([old], UDI, as_of=date(2024, 7, 1))
    assert (found.route, found.month, found.missing) == ("prescription", date(2024, 6, 1), ())
    broke = claim("F-1", 1_000_000, bankruptcy=date(2024, 6, 30))
    assert check_deductibility([broke], UDI, as_of=date(2024, 7, 1))[0].route == "bankruptcy"
    public = claim("F-1", 10_000, business_debtor=False, public_at_large=True)
    steps = check_deductibility([public], UDI, as_of=date(2025, 7, 1))[0].steps
    assert [it.text for it in steps][1:] == ["reported to a credit bureau"]
    with pytest.raises(CurrencyMismatch):
        check_deductibility([replace(old, principal=Money(1, "USD"))], UDI, as_of=AS_OF)
    with pytest.raises(RateNotFound, match="no UDI value for 2023-12-05"):
        check_deductibility([replace(old, due=date(2023, 12, 5))], UDI, as_of=AS_OF)
