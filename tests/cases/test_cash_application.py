"""Cash application cases of other systems: under the preset of its name, each gives the figures that system gives."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from receivables import (
    AdviceLine,
    AllocationPolicy,
    CreditMemo,
    Invoice,
    Money,
    Payment,
    PaymentTerms,
    RemittanceAdvice,
    Reversal,
    Subledger,
    TaxLine,
    Tolerance,
    propose_allocations,
)
from receivables.allocation import Discounts, DiscountTax, Withholding, nearest_sum
from receivables.terms import AddDays, DiscountTerms

D = Decimal


class Story:
    """A case without the allocations it tells: they are what must be found."""

    def __init__(self, case, *, as_of=None, **changes):
        self.case, self.expected, self.currency = case, case["expected"], case["currency"]
        self.as_of = as_of or date.fromisoformat(case["as_of"])
        self.facts = [
            *(self.invoice(it, **changes) for it in case["invoices"]),
            *(self.payment(it) for it in case["payments"]),
            *(self.payment(it, CreditMemo) for it in case["credit_notes"]),
        ]
        self.books = Subledger.of(self.facts)

    def money(self, amount):
        return Money(amount, self.currency)

    def invoice(self, it, **changes):
        day = date.fromisoformat(it["date"])
        currency = it.get("currency", self.currency)
        values = {"due_date": date.fromisoformat(it["due_date"])} | changes
        if "payment_reference" in it:
            values["reference"] = it["payment_reference"]
        return Invoice(
            id=it["id"],
            customer="A",
            amount=Money(it["amount"], currency),
            posting_date=day,
            **values,
        )

    def payment(self, it, kind=Payment, **changes):
        return kind(
            id=it["id"],
            customer="A",
            amount=Money(it["amount"], it.get("currency", self.currency)),
            posting_date=date.fromisoformat(it["date"]),
            **changes,
        )

    def propose(self, policy, **changes):
        policy = AllocationPolicy.preset(policy, **changes) if isinstance(policy, str) else policy
        given = [it for it in self.facts if isinstance(it, Payment | CreditMemo)]
        given = [it for it in given if it.posting_date <= self.as_of]
        self.proposal = propose_allocations(
            given, self.books.open_items(as_of=self.as_of), policy=policy
        )
        self.books = self.books.with_facts(self.proposal.facts)
        return self

    def follow(self, *lines, policy=None):
        [credit] = [it for it in self.facts if isinstance(it, Payment | CreditMemo)]
        items = self.books.open_items(as_of=self.as_of)
        advice = [RemittanceAdvice(credit.id, lines)]
        self.proposal = propose_allocations([credit], items, policy=policy, advice=advice)
        self.books = self.books.with_facts(self.proposal.facts)
        return self

    @property
    def made(self):
        return [[it.payment, it.item, plain(it.amount)] for it in self.proposal.lines]

    @property
    def settled(self):
        return [(it.kind, plain(it.amount)) for it in self.proposal.differences]

    def open(self, as_of=None):
        return {
            it.id: plain(it.open_amount) for it in self.books.open_items(as_of=as_of or self.as_of)
        }

    @property
    def left(self):
        return {it.payment: plain(it.amount) for it in self.proposal.leftovers}


def plain(amount):
    text = f"{amount.amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@pytest.fixture
def story(gathered):
    """Return a case by id, ready to be proposed for."""
    return lambda name, **changes: Story(gathered[name], **changes)


@pytest.mark.parametrize("preset", ["python-accounting", "default"])
def test_l001_a_receipt_fills_the_oldest_invoice_then_the_next(story, preset):
    told = story("L001").propose(
        AllocationPolicy(("oldest-document",)) if preset == "default" else preset
    )
    assert told.made == [["R1", "O1", "75"], ["R1", "I1", "25"]]
    assert (told.open(), told.left) == ({"I1": "75"}, {})


def test_l002_a_receipt_of_400_pays_320_and_80(story):
    told = story("L002").propose("python-accounting")
    assert told.made == [["R1", "I91", "320"], ["R1", "I90", "80"]]
    assert told.open() == {"I0": "10", "I20": "20", "I30": "40", "I31": "80", "I90": "80"}


def test_l003_the_credit_that_does_not_reach_leaves_the_last_due_open(story):
    told = story("L003").propose("tryton-receivable-rule")
    assert (told.open(), told.left) == ({"I3": "20"}, {})


def test_l020_cancelling_a_payment_reopens_exactly_its_share(story):
    told = story("L020").propose("erpnext")
    assert (told.open(), told.left) == ({"I1": "110"}, {})
    cancelled = told.books.with_facts([Reversal(id="X", of="P1", posting_date=told.as_of)])
    assert [str(it.open_amount) for it in cancelled.open_items(as_of=told.as_of)] == ["165.00 USD"]


def test_l021_a_credit_note_used_in_part_stays_open_by_the_rest(story):
    told = story("L021").follow(AdviceLine("I1", Money("80", "USD")))
    assert told.made == [["CN1", "I1", "80"]]
    assert told.open() == {"I1": "20", "CN1": "-20"}


@pytest.mark.parametrize("name", ["L01a", "L01b", "L01d", "L01e", "L01g", "L01h", "L01j", "L01k"])
def test_l01_the_set_that_dropping_the_latest_brings_nearest(gathered, name):
    case = gathered[name]
    lines = sorted(case["invoices"], key=lambda it: it["due_date"])
    best = nearest_sum([int(it["amount"]) for it in lines], int(case["config"]["target_amount"]))
    assert [lines[at]["id"] for at in best.positions] == case["expected"]["best"]
    assert str(best.remaining) == case["expected"]["remaining"]


def test_tryton_pays_the_nearest_set():
    """The rule, not only its search: 110 is nearest to the two items due first."""
    told = Story(
        {
            "as_of": "2024-03-15",
            "currency": "USD",
            "expected": {},
            "credit_notes": [],
            "invoices": [
                {"id": name, "date": "2024-01-01", "due_date": due, "amount": amount}
                for name, due, amount in (
                    ("I1", "2024-01-31", "60"),
                    ("I2", "2024-02-01", "50"),
                    ("I3", "2024-02-02", "70"),
                )
            ],
            "payments": [{"id": "P1", "date": "2024-03-15", "amount": "110"}],
        }
    ).propose("tryton")
    assert told.made == [["P1", "I1", "60"], ["P1", "I2", "50"]]


@pytest.mark.parametrize(
    ("name", "tolerance", "made", "settled", "left"),
    [
        ("M001", Tolerance(percent=D(0)), [], [], {"B1": "990"}),
        ("M003", Tolerance(percent=D(1)), [["B1", "I1", "990"]], [("tolerance", "10")], {}),
        ("M004", Tolerance(percent=D(0)), [["B1", "I1", "1000"]], [], {"B1": "10"}),
        ("M006", Tolerance(Money("10", "USD")), [["B1", "I1", "990"]], [("tolerance", "10")], {}),
    ],
)
def test_m00x_only_short_payments_within_the_tolerance_are_written_off(
    story, name, tolerance, made, settled, left
):
    told = story(name).propose("odoo", tolerances=(tolerance,))
    assert (told.made, told.settled, told.left) == (made, settled, left)


def test_m007_without_a_check_of_the_amount_items_are_taken_until_it_is_covered(story):
    told = story("M007").propose("odoo-no-amount-check")
    assert told.made == [["B1", "I1", "100"], ["B1", "I2", "150"]]


def test_m008_one_item_of_the_exact_amount_beats_a_set_of_older_ones(story):
    assert story("M008").propose("odoo-no-amount-check").made == [["B1", "I3", "300"]]


@pytest.mark.parametrize(
    ("texts", "paid"),
    [
        ({"reference": "1111"}, "I1"),
        ({"reference": "1111", "attributes": {"label": "2222 3333"}}, "I2"),
        (
            {"reference": "1111", "attributes": {"label": "2222 3333", "note": "4444 5555 6666"}},
            "I3",
        ),
    ],
)
@pytest.mark.parametrize("preset", ["odoo", "default"])
def test_m010_the_item_that_shares_most_numbers_with_the_text_is_paid(story, texts, paid, preset):
    told = story("M010")
    told.facts[-1] = told.payment(told.case["payments"][0], **texts)
    told.books = Subledger.of(told.facts)
    assert told.propose(preset).made == [["B1", paid, "1000"]]


def test_m012_the_newest_payment_has_the_first_turn(story):
    told = story("M012").propose("oca-mass-reconcile", newest_first=True)
    assert (told.made, told.open()) == ([["P2", "I1", "50"]], {"P1": "-50"})


def test_m014_a_payment_larger_than_what_is_open_waits_for_the_next_invoice(story):
    told = story("M014").propose("oca-mass-reconcile")
    assert told.open() == {"P1": "-450"}
    told.as_of = date(2024, 3, 16)
    assert told.propose("oca-mass-reconcile").open() == {"I2": "50"}


@pytest.mark.parametrize(
    ("limit", "settled", "still_open"),
    [("0.05", [], {"P1": "-0.1"}), ("0.11", [("overpayment", "0.1")], {})],
)
def test_m015_ten_cents_too_much_are_written_off_within_the_limit(
    story, limit, settled, still_open
):
    tolerance = Tolerance(Money(limit, "USD"), over=True)
    told = story("M015").propose("oca-mass-reconcile", tolerances=(tolerance,))
    assert (told.settled, told.open()) == (settled, still_open)


@pytest.mark.parametrize(
    ("tolerances", "settled", "still_open"),
    [
        ((Tolerance(Money("10", "USD"), over=True),), [("overpayment", "10")], {}),
        ((), [], {"P1": "-10"}),
    ],
)
def test_m017_an_overpayment_is_kept_or_written_off(story, tolerances, settled, still_open):
    told = story("M017").propose("default", tolerances=tolerances)
    assert (told.settled, told.open()) == (settled, still_open)


@pytest.mark.parametrize(
    ("name", "booked", "paid", "difference"),
    [
        ("L023", Money("8500.00", "INR"), Money("8000.00", "INR"), ("fx_loss", "500")),
        ("M018", Money("333.33", "USD"), Money("363.64", "USD"), ("fx_gain", "30.31")),
        ("M020", Money("50.00", "USD"), Money("45.00", "USD"), ("fx_loss", "5")),
    ],
)
def test_l023_m018_m020_the_company_realises_the_difference_of_the_rates(
    story, name, booked, paid, difference
):
    told = story(name, as_of=date(2024, 3, 16))
    invoice, payment = told.facts
    told.facts = [replace(invoice, company_amount=booked), replace(payment, company_amount=paid)]
    told.books = Subledger.of(told.facts)
    told.propose("default")
    assert told.settled == [difference]
    assert [it.allocation.company_amount for it in told.proposal.lines] == [booked]
    assert told.open() == {}


def taxed(net, tax, rate, **more):
    return TaxLine("VAT", Money(net, "USD"), Money(tax, "USD"), D(rate), **more)


def test_m022_a_discount_and_a_write_off_of_two_each_correct_eleven_cents_of_tax(story):
    policy = AllocationPolicy(
        tolerances=(Tolerance(Money("2", "USD")),), discounts=Discounts(unearned=True)
    )
    told = story("M022", taxes=(taxed("100", "6", "0.06"),))
    told.follow(AdviceLine("I1", told.money("102"), discount=told.money("2")), policy=policy)
    shown = [(it.kind, plain(it.net), plain(it.tax)) for it in told.proposal.differences]
    assert shown == [("unearned_discount", "1.89", "0.11"), ("tolerance", "1.89", "0.11")]
    assert told.open() == {}


def test_m024_what_the_advice_says_is_what_is_paid(story):
    told = story("M024")
    uses = told.case["payments"][0]["applies"]
    told.follow(*(AdviceLine(it["to"], told.money(it["amount"])) for it in uses))
    assert told.open() == {"I1": "30", "I2": "70"}


TEN_IN_TEN = PaymentTerms.due(AddDays(0), discounts=(DiscountTerms(D(10), (AddDays(10),)),))


def test_e001_the_last_discount_day_is_ten_days_after_the_invoice(story):
    told = story("E001", terms=TEN_IN_TEN)
    [item] = told.books.open_items(as_of=told.as_of)
    assert [str(it.last_day) for it in item.discount_offers] == [told.expected["discount_until"]]


@pytest.mark.parametrize(
    ("day", "left_open"), [(date(2019, 1, 11), {}), (date(2019, 1, 12), {"I1": "100"})]
)
def test_e002_nine_hundred_settle_a_thousand_up_to_the_last_day(story, day, left_open):
    told = story("E002", terms=TEN_IN_TEN, as_of=day)
    told.facts[-1] = replace(told.facts[-1], posting_date=day)
    told.books = Subledger.of(told.facts)
    told.propose("default")
    assert told.settled == ([("discount", "100")] if not left_open else [])
    assert told.open() == left_open


def test_e004_the_tax_in_the_discount_is_that_of_each_line(story):
    lines = (taxed("1000", "150", "0.15"), taxed("2000", "0", "0"))
    told = story("E004", terms=TEN_IN_TEN, taxes=lines).propose("default")
    [discount] = told.proposal.differences
    assert [plain(it.base) for it in discount.taxes] == ["100", "200"]
    assert (plain(discount.tax), plain(discount.net), told.open()) == ("15", "300", {})


def test_e006_a_fixed_tax_is_not_discounted(story):
    lines = (taxed("50", "7.50", "0.15"), taxed("50", "0.05", "0.05", factor="quota"))
    told = story("E006", terms=TEN_IN_TEN, taxes=lines).propose("default")
    [discount] = told.proposal.differences
    assert (plain(discount.amount), plain(discount.net), plain(discount.tax)) == (
        "5.75",
        "5",
        "0.75",
    )
    assert told.open() == {}


@pytest.mark.parametrize("tax", [DiscountTax.EXCLUDED, DiscountTax.MIXED])
def test_a_discount_on_the_net_amount_leaves_tax_alone(story, tax):
    """10% of 1000 net is 100, whatever the tax: 1050 settle 1150."""
    told = story("E002", terms=TEN_IN_TEN, taxes=(taxed("1000", "150", "0.15"),))
    told.facts[:] = [
        replace(told.facts[0], amount=told.money("1150")),
        replace(told.facts[1], amount=told.money("1050")),
    ]
    told.books = Subledger.of(told.facts)
    told.propose("default", discounts=Discounts(tax))
    [discount] = told.proposal.differences
    assert (plain(discount.amount), discount.taxes, told.open()) == ("100", (), {})


def test_e007_one_payment_takes_the_discount_of_every_invoice(story):
    told = story("E007", terms=TEN_IN_TEN).propose("default")
    assert told.settled == [("discount", "100"), ("discount", "200")]
    assert told.open() == {}


def test_w001_tax_withheld_settles_the_invoice_and_stays_a_claim(story):
    told = story("W001").propose("default", withholdings=(Withholding(D(10), reason="TDS"),))
    assert (told.made, told.settled, told.open()) == (
        [["P1", "I1", "90000"]],
        [("withholding", "10000")],
        {},
    )


def test_the_example_of_autocash_with_a_discount_in_the_days_of_grace():
    """Oracle's own: 1800 on 14 January for 2000 of 1 January, 10% in 10 days, 5 days of grace."""
    terms = PaymentTerms.due(AddDays(30), discounts=(DiscountTerms(D(10), (AddDays(10),)),))
    invoice = Invoice(
        id="I",
        customer="A",
        amount=Money("2000", "USD"),
        posting_date=date(2003, 1, 1),
        terms=terms,
    )
    payment = Payment(
        id="P", customer="A", amount=Money("1800", "USD"), posting_date=date(2003, 1, 14)
    )
    books = Subledger.of([invoice, payment])
    policy = AllocationPolicy.preset("oracle-autocash", discounts=Discounts(grace_days=5))
    proposal = propose_allocations(
        [payment], books.open_items(as_of=date(2003, 1, 14)), policy=policy
    )
    assert [(it.kind, plain(it.amount)) for it in proposal.differences] == [("discount", "200")]
    assert books.with_facts(proposal.facts).open_items(as_of=date(2003, 1, 14)) == ()
