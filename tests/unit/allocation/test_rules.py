"""What each rule takes, what it leaves, and what it says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from receivables import (
    AdviceLine,
    AllocationPolicy,
    CreditMemo,
    Customer,
    ExchangeRate,
    ExchangeRates,
    Invoice,
    Money,
    Origin,
    Payment,
    PaymentTerms,
    RemittanceAdvice,
    Subledger,
    Tolerance,
    propose_allocations,
)
from receivables.allocation import (
    ByCombination,
    ByReference,
    Discounts,
    ExactAmount,
    SameKeys,
    WholeAccount,
    Withholding,
)
from receivables.errors import ConflictingFact, MixedDates, UnknownFact, WrongKind

DAY = date(2026, 3, 31)
D = Decimal


def mxn(amount):
    return Money(amount, "MXN")


def invoice(name, amount, due="2026-02-01", customer="C1", currency="MXN", **more):
    more.setdefault("posting_date", date(2026, 1, 1))
    if "terms" not in more:
        more["due_date"] = date.fromisoformat(due)
    return Invoice(id=name, customer=customer, amount=Money(amount, currency), **more)


def payment(name, amount, text=None, customer="C1", on="2026-03-01", currency="MXN", **more):
    return Payment(
        id=name,
        customer=customer,
        amount=Money(amount, currency),
        posting_date=date.fromisoformat(on),
        reference=text,
        **more,
    )


def memo(name, amount, customer="C1", **more):
    return CreditMemo(
        id=name, customer=customer, amount=mxn(amount), posting_date=date(2026, 1, 5), **more
    )


def propose(*facts, rules=None, advice=None, rates=None, payers=None, **changes):
    if rules is not None:
        changes["rules"] = rules
    books = Subledger.of(facts)
    proposal = propose_allocations(
        [it for it in facts if isinstance(it, Payment)],
        books.open_items(as_of=DAY),
        policy=AllocationPolicy(**changes),
        advice=[RemittanceAdvice("R-1", tuple(advice))] if advice else (),
        rates=rates,
        payers=payers,
    )
    books.with_facts(proposal.facts)
    return proposal


def made(proposal):
    return [(it.payment, it.item, f"{it.amount.amount:f}", it.rule) for it in proposal.lines]


def kinds(proposal):
    return [(it.kind, f"{it.amount.amount:f}") for it in proposal.differences]


def left(proposal):
    return {it.payment: (f"{it.amount.amount:f}", it.status) for it in proposal.leftovers}


# --- reference ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "F-1001",
        "pago de la factura f 001001, gracias",
        "FACTURA F1001",
        "Págo fáctura 1001",
        "ref/00001001/x",
        "F–1001",
    ],
)
def test_a_number_is_found_however_it_is_written(text):
    proposal = propose(
        invoice("F-1001", "50.00"),
        invoice("F-9", "50.00", "2026-01-01"),
        payment("R-1", "50.00", text),
    )
    assert made(proposal) == [("R-1", "F-1001", "50.00", "reference")]


@pytest.mark.parametrize("text", ["210015", "F-10010", "10 01", "factura", ""])
def test_a_number_never_counts_inside_a_longer_one(text):
    proposal = propose(
        invoice("F-1001", "50.00"), payment("R-1", "20.00", text), rules=("reference",)
    )
    assert made(proposal) == []


def test_lists_and_ranges_name_every_document():
    items = [invoice(f"F-{number}", "10.00") for number in (1001, 1002, 1003, 1004, 1005)]
    listed = propose(*items, payment("R-1", "30.00", "F-1001, 1003 y 1005"), rules=("reference",))
    assert [it.item for it in listed.lines] == ["F-1001", "F-1003", "F-1005"]
    ranged = propose(*items, payment("R-1", "40.00", "facturas 1001 a 1004"), rules=("reference",))
    assert [it.item for it in ranged.lines] == ["F-1001", "F-1004", "F-1002", "F-1003"]
    short = propose(*items, payment("R-1", "20.00", "facturas 1004-05"), rules=("reference",))
    assert [it.item for it in short.lines] == ["F-1004", "F-1005"]


def test_orders_uuids_and_references_name_documents():
    uuid = "6F1B2C3D-1111-2222-3333-ABCDEF012345"
    items = [
        invoice("A1", "10.00", attributes={"purchase_order": "PO-4711"}),
        invoice("A2", "20.00", attributes={"uuid": uuid}),
        invoice("A3", "30.00", reference="SERIE B 77"),
    ]
    for text, paid in (
        ("po 4711", "A1"),
        (uuid.lower(), "A2"),
        (uuid.replace("-", ""), "A2"),
        ("serie-b-77", "A3"),
    ):
        amount = {"A1": "10.00", "A2": "20.00", "A3": "30.00"}[paid]
        assert (
            made(propose(*items, payment("R-1", amount, text), rules=("reference",)))[0][1] == paid
        )


def test_the_text_may_stand_in_an_attribute():
    given = payment("R-1", "10.00", attributes={"remittance": "F-1001"})
    assert made(propose(invoice("F-1001", "10.00"), given)) == [
        ("R-1", "F-1001", "10.00", "reference")
    ]


def test_an_instalment_is_paid_by_the_number_of_its_document_oldest_due_first():
    whole = invoice("F-1001", "100.00", terms=PaymentTerms.parse("50% net 30, 50% net 60"))
    proposal = propose(whole, payment("R-1", "70.00", "F-1001"))
    assert made(proposal) == [
        ("R-1", "F-1001/1", "50.00", "reference"),
        ("R-1", "F-1001/2", "20.00", "reference"),
    ]
    assert [it.instalment for it in proposal.allocations] == [1, 2]


def test_what_a_named_document_leaves_over_waits_unless_the_policy_spreads_it():
    facts = (invoice("F-1001", "50.00"), invoice("F-2", "30.00"), payment("R-1", "60.00", "F-1001"))
    assert left(propose(*facts)) == {"R-1": ("10.00", "unapplied")}
    spread = propose(*facts, spread=True)
    assert made(spread)[1:] == [("R-1", "F-2", "10.00", "oldest-due")]


def test_one_number_of_two_documents_takes_neither_unless_the_amount_tells():
    facts = (invoice("A-1001", "50.00"), invoice("B-1001", "70.00", "2026-01-01"))
    told = propose(*facts, payment("R-1", "70.00", "1001"), rules=("reference", "exact"))
    assert made(told) == [("R-1", "B-1001", "70.00", "exact")]
    untold = propose(*facts, payment("R-1", "60.00", "1001"), rules=("reference",))
    assert (made(untold), [it.items for it in untold.alternatives]) == ([], [("B-1001", "A-1001")])
    both = propose(*facts, payment("R-1", "120.00", "1001"), rules=("reference",))
    assert [it.item for it in both.lines] == ["B-1001", "A-1001"]


def test_a_misread_number_counts_from_the_threshold_on():
    facts = (invoice("INV100234", "50.00"), invoice("INV200567", "50.00"))
    typo = payment("R-1", "50.00", "INV100243")
    assert made(propose(*facts, typo, rules=("reference",))) == []
    similar = propose(*facts, typo, rules=(ByReference(similarity=D("0.75")),))
    assert made(similar) == [("R-1", "INV100234", "50.00", "reference")]
    assert similar.lines[0].evidence[0] == "INV100234 is like INV100243 in the text: 0.78 similar"
    assert similar.lines[0].confidence == D("0.54")
    assert made(propose(*facts, typo, rules=(ByReference(similarity=D("0.8")),))) == []


def test_an_unknown_payer_is_identified_by_a_document_named_in_full():
    facts = (invoice("F-1001", "50.00"), invoice("F-1002", "50.00", customer="C2"))
    proposal = propose(*facts, payment("R-1", "50.00", "F-1001", customer=None))
    assert made(proposal) == [("R-1", "F-1001", "50.00", "reference")]
    both = propose(*facts, payment("R-1", "50.00", "F-1001 F-1002", customer=None))
    assert (made(both), left(both)) == ([], {"R-1": ("50.00", "unidentified")})
    digits = propose(*facts, payment("R-1", "50.00", "1001", customer=None))
    assert (made(digits), left(digits)) == ([], {"R-1": ("50.00", "unidentified")})


def test_a_known_account_or_tax_id_identifies_the_payer():
    given = payment("R-1", "50.00", customer=None, attributes={"payer_account": "012345"})
    assert made(propose(invoice("F-1", "50.00"), given, payers={"012345": "C1"}))[0][1] == "F-1"
    assert made(propose(invoice("F-1", "50.00"), given)) == []
    by_tax = payment("R-1", "50.00", customer=None, attributes={"payer_tax_id": "AAA010101AAA"})
    master = Customer(id="C1", valid_from=date(2026, 1, 1), tax_id="AAA010101AAA")
    assert made(propose(invoice("F-1", "50.00"), master, by_tax))[0][1] == "F-1"


# --- amounts ------------------------------------------------------------------------------------


def test_of_two_equal_items_the_one_due_first_is_paid_and_the_other_named():
    facts = (
        invoice("F-1", "50.00", "2026-02-02"),
        invoice("F-2", "50.00", "2026-02-01"),
        payment("R-1", "50.00"),
    )
    proposal = propose(*facts)
    assert made(proposal) == [("R-1", "F-2", "50.00", "exact")]
    assert (proposal.lines[0].confidence, proposal.alternatives[0].items) == (D("0.6"), ("F-1",))
    assert made(propose(*facts, rules=(ExactAmount(unique=True),))) == []


def test_a_part_paid_item_is_exact_by_what_is_left():
    facts = (invoice("F-1", "50.00"), invoice("F-2", "80.00", "2026-03-01"))
    proposal = propose(
        *facts,
        payment("R-1", "30.00", "F-1"),
        payment("R-2", "20.00"),
        rules=("reference", "exact"),
    )
    assert made(proposal) == [
        ("R-1", "F-1", "30.00", "reference"),
        ("R-2", "F-1", "20.00", "exact"),
    ]


def test_among_many_items_the_exact_one_is_found_also_after_a_part_was_paid():
    items = [invoice(f"F-{at:04}", f"{at}.00") for at in range(1, 61)]
    first = propose(*items, payment("R-1", "44.00"), payment("R-2", "45.00", on="2026-03-02"))
    assert made(first)[:2] == [
        ("R-1", "F-0044", "44.00", "exact"),
        ("R-2", "F-0045", "45.00", "exact"),
    ]
    proposal = propose(
        *items,
        payment("R-1", "20.50", "F-0050"),
        payment("R-2", "29.50", on="2026-03-02"),
        payment("R-3", "29.50", on="2026-03-03"),
        rules=("exact", "reference", "exact"),
    )
    assert made(proposal) == [
        ("R-1", "F-0050", "20.50", "reference"),
        ("R-2", "F-0050", "29.50", "exact"),
    ]


def test_among_many_items_of_one_amount_the_one_due_first_is_paid_also_after_a_part_was_paid():
    items = [
        *(invoice(f"F-{at:04}", f"{at}.00") for at in range(1, 61)),
        invoice("F-9000", "29.50", "2026-02-02"),
        invoice("F-9001", "29.50", "2026-02-03"),
    ]
    proposal = propose(
        *items,
        payment("R-1", "20.50", "F-0050"),
        payment("R-2", "29.50", on="2026-03-02"),
        payment("R-3", "29.50", on="2026-03-03"),
        payment("R-4", "29.50", on="2026-03-04"),
        rules=(ExactAmount(unique=True), "reference", "exact"),
    )
    assert [(it.payment, it.item) for it in proposal.lines] == [
        ("R-1", "F-0050"),
        ("R-2", "F-0050"),
        ("R-3", "F-9000"),
        ("R-4", "F-9001"),
    ]


def test_the_whole_account_is_cleared_with_its_credits():
    facts = (
        invoice("F-1", "50.00"),
        invoice("F-2", "30.00", "2026-03-01"),
        memo("N-1", "20.00"),
        payment("R-1", "60.00"),
    )
    proposal = propose(*facts)
    assert made(proposal) == [
        ("N-1", "F-1", "20.00", "whole-account"),
        ("R-1", "F-1", "30.00", "whole-account"),
        ("R-1", "F-2", "30.00", "whole-account"),
    ]
    assert made(propose(*facts, rules=("whole-account",), credits=False)) == []


def test_past_due_and_past_due_by_terms():
    terms = [PaymentTerms.net(10), PaymentTerms.net(20)]
    facts = [
        invoice("F-1", "10.00", terms=terms[1]),
        invoice("F-2", "20.00", terms=terms[0]),
        invoice("F-3", "40.00", terms=terms[1]),
        invoice("F-4", "80.00", "2026-03-31"),
    ]
    due = propose(*facts, payment("R-1", "70.00"), rules=("past-due",))
    assert [it.item for it in due.lines] == ["F-2", "F-1", "F-3"]
    grouped = propose(
        *facts, payment("R-1", "50.00"), rules=(WholeAccount(past_due=True, by="terms"),)
    )
    assert [it.item for it in grouped.lines] == ["F-1", "F-3"]
    assert grouped.lines[0].evidence[0] == "everything past due of one terms, 2 items"
    assert made(propose(*facts, payment("R-1", "150.00"), rules=("past-due",))) == []


def irregular(*amounts, due=None):
    return [
        invoice(f"F-{at}", amount, f"2026-0{at}-15", posting_date=date(2026, 1, at))
        for at, amount in enumerate(amounts, 1)
    ]


def test_the_only_set_that_fits_is_paid_and_two_are_ambiguous():
    items = irregular("11.13", "29.71", "53.09", "97.27", "61.51")
    one = propose(*items, payment("R-1", "126.98"), rules=("combination",))
    assert [it.item for it in one.lines] == ["F-2", "F-4"]
    assert (
        one.lines[0].evidence[0] == "F-2, F-4: the only set of up to 5 of 5 items that comes to it"
    )
    two = propose(
        *irregular("15.00", "11.00", "29.00", "61.00", "25.00"),
        payment("R-1", "40.00"),
        rules=("combination",),
    )
    assert made(two) == []
    assert {it.items for it in two.alternatives} == {("F-1", "F-5"), ("F-2", "F-3")}
    assert [it.text for it in two.notes] == ["ambiguous: two sets come to exactly that amount"]


@pytest.mark.parametrize(
    "amounts",
    [
        ("600.00", "400.00", "500.00", "480.00"),
        ("600.00", "400.00", "495.00", "485.00", "300.00", "680.00"),
    ],
)
def test_a_set_in_full_and_one_less_its_discount_are_two(amounts):
    """F-1 and F-2 less 2% come to 980.00; so does another pair in full."""
    terms = {"terms": PaymentTerms.parse("2/10 net 30")}
    items = [
        invoice(f"F-{at}", amount, "2026-05-01", posting_date=date(2026, 2, 20 + at), **(terms if at < 3 else {}))
        for at, amount in enumerate(amounts, 1)
    ]  # fmt: skip
    items.append(invoice("F-0", "77.77", "2026-01-15"))
    proposal = propose(*items, payment("R-1", "980.00"), rules=(ByCombination(always=15),))
    assert made(proposal) == []
    assert {it.items for it in proposal.alternatives} == {("F-1", "F-2"), ("F-3", "F-4")}
    items[2:-1] = [invoice("F-9", "33.33", "2026-05-01", posting_date=date(2026, 2, 25))]
    alone = propose(*items, payment("R-1", "980.00"), rules=("combination",))
    assert kinds(alone) == [("discount", "12.00"), ("discount", "8.00")]
    assert "of 4 items that comes to it, in full or each less its discount" in str(
        alone.lines[0].evidence
    )


def test_sets_with_a_reason_come_before_any_other():
    items = irregular("11.13", "29.71", "53.09", "97.27")
    assert (
        propose(*items, payment("R-1", "40.84"), rules=("combination",)).lines[0].evidence[0]
        == "the oldest 2 items"
    )
    assert (
        propose(*items, payment("R-1", "93.93"), rules=("combination",)).lines[0].evidence[0]
        == "everything past due"
    )
    assert (
        propose(*items, payment("R-1", "138.11"), rules=("combination",)).lines[0].evidence[0]
        == "all but F-3"
    )
    tagged = [
        invoice(f"F-{at}", amount, f"2026-0{at}-15", attributes={"purchase_order": order})
        for at, (amount, order) in enumerate(
            [("11.13", "X"), ("29.71", "Y"), ("53.09", "X"), ("97.27", "Z"), ("13.31", "X")], 1
        )
    ]
    assert (
        propose(*tagged, payment("R-1", "77.53"), rules=("combination",)).lines[0].evidence[0]
        == "everything of purchase order X"
    )


def test_a_credit_memo_may_be_part_of_the_set():
    items = irregular("11.13", "29.71", "53.09", "97.27")
    proposal = propose(
        *items, memo("N-1", "9.99"), payment("R-1", "116.99"), rules=("combination",)
    )
    assert made(proposal) == [
        ("N-1", "F-2", "9.99", "combination"),
        ("R-1", "F-2", "19.72", "combination"),
        ("R-1", "F-4", "97.27", "combination"),
    ]


def test_among_many_round_amounts_no_set_is_searched():
    items = [
        invoice(f"F-{at:03}", f"{at * 5}.00", "2026-04-01", posting_date=date(2026, 1, 1 + at % 28))
        for at in range(1, 60)
    ]
    proposal = propose(*items, payment("R-1", "333.00"), rules=("combination",))
    assert made(proposal) == []
    round_ = propose(*items, payment("R-1", "335.00"), rules=("combination",))
    assert [it.text for it in round_.notes] == [
        "not searched: among 59 such amounts even pairs fit by chance"
    ]
    many = propose(*items, payment("R-1", "335.00"), rules=(ByCombination(candidates=58),))
    assert [it.text for it in many.notes] == [
        "not searched: 59 items, of which any amount is a sum; at most 58"
    ]


def test_a_search_stops_at_its_bound_and_says_so():
    items = irregular("11.13", "29.71", "53.09", "97.27", "61.51", "71.77")
    proposal = propose(*items, payment("R-1", "99.99"), rules=(ByCombination(work=12),))
    assert [it.text for it in proposal.notes] == [
        "stopped at the bound: sets of up to 1 of 6 items tried, 8 sums"
    ]


# --- deductions ---------------------------------------------------------------------------------

TERMS = PaymentTerms.parse("2/10 net 30")


def test_a_discount_is_earned_up_to_the_last_day_and_the_days_of_grace():
    item = invoice("F-1", "100.00", terms=TERMS)  # until 11 January
    on_time = propose(item, payment("R-1", "98.00", on="2026-01-11"))
    assert (made(on_time), kinds(on_time)) == (
        [("R-1", "F-1", "98.00", "deductions")],
        [("discount", "2.00")],
    )
    assert on_time.lines[0].evidence == ("F-1 offers 2% until 2026-01-11; paid on 2026-01-11",)
    late = payment("R-1", "98.00", on="2026-01-12")
    assert kinds(propose(item, late)) == []
    assert kinds(propose(item, late, discounts=Discounts(grace_days=1))) == [("discount", "2.00")]
    assert kinds(propose(item, late, discounts=Discounts(unearned=True))) == [
        ("unearned_discount", "2.00")
    ]
    assert (
        kinds(
            propose(
                item, payment("R-1", "98.00", on="2026-01-11"), discounts=Discounts(taken=False)
            )
        )
        == []
    )


def test_no_discount_once_something_is_paid_unless_the_policy_grants_it():
    item = invoice("F-1", "100.00", terms=TERMS)
    facts = (
        item,
        payment("R-0", "50.00", "F-1", on="2026-01-05"),
        payment("R-1", "49.00", "F-1", on="2026-01-06"),
    )
    assert kinds(propose(*facts)) == []
    assert kinds(propose(*facts, discounts=Discounts(part_paid=True))) == [("discount", "1.00")]


def test_a_named_document_is_settled_after_its_discount():
    proposal = propose(
        invoice("F-1001", "100.00", terms=TERMS), payment("R-1", "98.00", "F-1001", on="2026-01-11")
    )
    assert (made(proposal), kinds(proposal)) == (
        [("R-1", "F-1001", "98.00", "reference")],
        [("discount", "2.00")],
    )


def test_withholding_and_fees_settle_an_item():
    item = invoice("F-1", "116.00", net_amount=mxn("100.00"), taxes=(vat("100.00", "16.00"),))
    net = propose(
        item, payment("R-1", "106.00"), withholdings=(Withholding(D(10), of="net", reason="ISR"),)
    )
    assert [(it.kind, it.reason, f"{it.amount.amount:f}") for it in net.differences] == [
        ("withholding", "ISR", "10.00")
    ]
    other = propose(
        item, payment("R-1", "106.00"), withholdings=(Withholding(D(10), of="net", customer="C2"),)
    )
    assert kinds(other) == []
    fee = propose(item, payment("R-1", "101.00"), fees=(mxn("15.00"),))
    assert kinds(fee) == [("bank_fee", "15.00")]
    assert kinds(propose(item, payment("R-1", "101.01"), fees=(mxn("15.00"),))) == []


def vat(base, amount):
    from receivables import TaxLine

    return TaxLine("IVA", mxn(base), mxn(amount), D("0.16"))


@pytest.mark.parametrize(
    ("tolerance", "paid", "settled"),
    [
        (Tolerance(mxn("1.00")), "99.00", [("tolerance", "1.00")]),
        (Tolerance(mxn("1.00")), "98.99", []),
        (Tolerance(percent=D(1)), "99.00", [("tolerance", "1.00")]),
        (Tolerance(mxn("5.00"), D(1)), "98.99", []),
        (Tolerance(mxn("1.00"), customer="C2"), "99.00", []),
        (Tolerance(percent=D(1), currency="USD"), "99.00", []),
        (Tolerance(Money("1.00", "USD")), "99.00", []),
        (Tolerance(mxn("1.00")), "101.00", []),
        (Tolerance(mxn("1.00"), over=True), "101.00", [("overpayment", "1.00")]),
    ],
)
def test_every_limit_of_a_tolerance_must_hold(tolerance, paid, settled):
    proposal = propose(invoice("F-1", "100.00"), payment("R-1", paid), tolerances=(tolerance,))
    assert kinds(proposal) == settled


def test_a_difference_says_who_may_approve_it():
    tolerance = Tolerance(mxn("1.00"), reason="rounding", approver="AR lead")
    [difference] = propose(
        invoice("F-1", "100.00"), payment("R-1", "99.00"), tolerances=(tolerance,)
    ).differences
    assert (difference.reason, difference.approver) == ("rounding", "AR lead")
    assert str(difference.explain()).splitlines() == [
        "tolerance of F-1 (rounding): 1.00 MXN",
        "  short by 1.00 MXN, within the tolerance up to 1.00 MXN, short payments only, approved by AR lead",
        "  to be approved by AR lead",
    ]


def test_a_short_payment_leaves_a_residual_item_where_the_policy_says_so():
    facts = (invoice("F-1001", "100.00"), payment("R-1", "60.00", "F-1001"))
    assert kinds(propose(*facts)) == []
    proposal = propose(*facts, short="residual")
    assert kinds(proposal) == [("residual", "40.00")]
    after = Subledger.of(facts).with_facts(proposal.facts).open_items(as_of=DAY)
    assert [(it.id, str(it.open_amount), it.due_date, it.reference) for it in after] == [
        ("R-1>F-1001~residual", "40.00 MXN", date(2026, 2, 1), "F-1001")
    ]


# --- advice -------------------------------------------------------------------------------------


def test_advice_goes_before_every_other_rule():
    facts = (invoice("F-1", "50.00"), invoice("F-2", "50.00"), payment("R-1", "50.00", "F-1"))
    proposal = propose(*facts, advice=[AdviceLine("F-2", mxn("30.00"))])
    assert made(proposal) == [("R-1", "F-2", "30.00", "advice")]
    assert left(proposal) == {"R-1": ("20.00", "unapplied")}


def test_advice_uses_credits_discounts_and_claims_deductions():
    facts = (
        invoice("F-1", "100.00", terms=TERMS),
        invoice("F-2", "50.00"),
        memo("N-1", "20.00"),
        payment("R-1", "120.00", on="2026-01-11"),
    )
    lines = [
        AdviceLine("F-1", mxn("98.00"), discount=mxn("2.00")),
        AdviceLine("F-2", mxn("42.00"), deduction=mxn("8.00"), reason="DAMAGE"),
        AdviceLine("N-1", mxn("-20.00")),
        AdviceLine("F-9", mxn("1.00")),
    ]
    proposal = propose(*facts, advice=lines)
    assert made(proposal) == [
        ("N-1", "F-1", "20.00", "advice"),
        ("R-1", "F-1", "78.00", "advice"),
        ("R-1", "F-2", "42.00", "advice"),
    ]
    assert [(it.kind, it.item, it.reason, len(it.facts)) for it in proposal.differences] == [
        ("discount", "F-1", "cash discount", 1),
        ("deduction", "F-2", "DAMAGE", 0),
    ]
    assert [it.text for it in proposal.notes] == [
        "the advice names F-9, which is no open item of the payer"
    ]


def test_a_discount_the_advice_takes_too_late_is_a_claim():
    facts = (invoice("F-1", "100.00", terms=TERMS), payment("R-1", "98.00", on="2026-01-12"))
    proposal = propose(*facts, advice=[AdviceLine("F-1", mxn("98.00"), discount=mxn("2.00"))])
    assert [(it.kind, it.reason, it.facts) for it in proposal.differences] == [
        ("deduction", "unearned discount", ())
    ]


def test_a_line_of_advice_fills_the_instalments_of_its_document():
    whole = invoice("F-1001", "100.00", terms=PaymentTerms.parse("50% net 30, 50% net 60"))
    both = propose(whole, payment("R-1", "80.00"), advice=[AdviceLine("F-1001", mxn("80.00"))])
    assert made(both) == [
        ("R-1", "F-1001/1", "50.00", "advice"),
        ("R-1", "F-1001/2", "30.00", "advice"),
    ]
    second = propose(whole, payment("R-1", "50.00"), advice=[AdviceLine("F-1001/2", mxn("50.00"))])
    assert made(second) == [("R-1", "F-1001/2", "50.00", "advice")]
    everything = propose(whole, payment("R-1", "100.00"), advice=[AdviceLine("F-1001")])
    assert left(everything) == {}


def test_a_line_of_advice_uses_of_a_credit_only_what_it_says():
    facts = (invoice("F-1001", "100.00"), memo("N-1", "50.00"), payment("R-1", "80.00"))
    lines = [AdviceLine("F-1001", mxn("100.00")), AdviceLine("N-1", mxn("-20.00"))]
    assert made(propose(*facts, advice=lines)) == [
        ("N-1", "F-1001", "20.00", "advice"),
        ("R-1", "F-1001", "80.00", "advice"),
    ]


def test_advice_in_two_pieces_is_one_and_another_currency_is_not_followed():
    facts = (invoice("F-1001", "10.00"), invoice("F-1002", "20.00"), payment("R-1", "30.00"))
    books = Subledger.of(facts)
    pieces = [RemittanceAdvice("R-1", (AdviceLine(name),)) for name in ("F-1002", "F-1001")]
    proposal = propose_allocations(facts[2:], books.open_items(as_of=DAY), advice=pieces)
    assert [(it.item, it.rule) for it in proposal.lines] == [
        ("F-1002", "advice"),
        ("F-1001", "advice"),
    ]
    foreign = propose(
        *facts, rules=("advice",), advice=[AdviceLine("F-1001", Money("10.00", "USD"))]
    )
    assert made(foreign) == []


def test_money_above_what_credits_leave_open_is_not_written_off():
    """The credit alone covers the item: eight too much would be more than the payment brought."""
    facts = (invoice("F-1", "20.00"), memo("N-1", "25.00"), payment("R-1", "3.00"))
    tolerance = Tolerance(mxn("8.00"), over=True)
    proposal = propose(*facts, rules=("whole-account",), tolerances=(tolerance,))
    assert (made(proposal), kinds(proposal)) == ([], [])
    assert left(proposal) == {"R-1": ("3.00", "unapplied")}


# --- orders -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        ("oldest-due", "F-1"),
        ("oldest-document", "F-2"),
        ("newest-document", "F-3"),
        ("highest-interest", "F-4"),
    ],
)
def test_orders(rule, first):
    facts = (
        invoice("F-1", "10.00", "2026-01-20", document_date=date(2026, 1, 15)),
        invoice("F-2", "10.00", "2026-01-21", document_date=date(2026, 1, 10)),
        invoice("F-3", "10.00", "2026-01-22", document_date=date(2026, 1, 18)),
        invoice(
            "F-4",
            "10.00",
            "2026-01-23",
            document_date=date(2026, 1, 12),
            attributes={"interest_rate": "12.5"},
        ),
    )
    assert made(propose(*facts, payment("R-1", "4.00"), rules=(rule,))) == [
        ("R-1", first, "4.00", rule)
    ]


def test_parts_are_paid_only_where_the_policy_allows_it():
    facts = (
        invoice("F-1", "10.00", "2026-01-01"),
        invoice("F-2", "10.00"),
        payment("R-1", "15.00"),
    )
    assert made(propose(*facts, rules=("oldest-due",), partial=False)) == [
        ("R-1", "F-1", "10.00", "oldest-due")
    ]
    named = propose(
        invoice("F-1001", "10.00"),
        payment("R-1", "5.00", "F-1001"),
        rules=("reference",),
        partial=False,
    )
    assert made(named) == []


def test_proportional_shares_sum_to_the_payment():
    facts = [invoice(f"F-{at}", "10.00", f"2026-01-0{at}") for at in (1, 2, 3)]
    proposal = propose(*facts, payment("R-1", "10.00"), rules=("proportional",))
    assert [f"{it.amount.amount:f}" for it in proposal.lines] == ["3.34", "3.33", "3.33"]
    more = propose(*facts, payment("R-1", "40.00"), rules=("proportional",))
    assert left(more) == {"R-1": ("10.00", "unapplied")}


def test_credits_are_used_before_money():
    facts = (invoice("F-1", "50.00"), memo("N-1", "20.00"), payment("R-1", "50.00"))
    proposal = propose(*facts, rules=("credits-first", "oldest-due"))
    assert made(proposal) == [
        ("N-1", "F-1", "20.00", "credits-first"),
        ("R-1", "F-1", "30.00", "oldest-due"),
    ]


def test_equal_totals_settle_everything():
    facts = (
        invoice("F-1", "50.00"),
        invoice("F-2", "30.00"),
        payment("R-1", "60.00"),
        payment("R-2", "20.00"),
    )
    proposal = propose(*facts, rules=("equal-totals",))
    assert [it.payment for it in proposal.lines] == ["R-1", "R-1", "R-2"]
    assert proposal.leftovers == ()
    assert made(propose(*facts[:3], rules=("equal-totals",))) == []


def test_groups_with_the_same_keys_that_come_to_zero_are_cleared():
    facts = (
        invoice("F-1", "50.00", reference="X"),
        invoice("F-2", "30.00", reference="X"),
        invoice("F-3", "10.00", reference="Y"),
        memo("N-1", "5.00", reference="X"),
        payment("R-1", "75.00", "X"),
        payment("R-2", "9.00", "Y"),
    )
    proposal = propose(*facts, rules=(SameKeys(),))
    assert {(it.payment, it.item) for it in proposal.lines} == {
        ("R-1", "F-1"),
        ("N-1", "F-2"),
        ("R-1", "F-2"),
    }
    near = propose(*facts, rules=(SameKeys(tolerance=True),), tolerances=(Tolerance(mxn("1.00")),))
    assert kinds(near) == [("tolerance", "1.00")]


# --- who, what, which --------------------------------------------------------------------------


def test_disputed_and_blocked_items_are_left_alone_unless_told():
    disputed = invoice("F-1001", "50.00", disputed=True, dispute_reason="damaged")
    facts = (disputed, payment("R-1", "50.00", "F-1001"))
    proposal = propose(*facts)
    assert made(proposal) == []
    assert str(proposal.why_not("R-1", "F-1001")).splitlines()[1] == (
        "  F-1001 is disputed (damaged), and the policy leaves disputed items alone"
    )
    assert len(propose(*facts, disputed=True).lines) == 1
    for value, count in (("yes", 0), ("A", 0), ("no", 1), ("", 1)):
        item = invoice("F-1", "50.00", attributes={"blocked": value})
        assert len(propose(item, payment("R-1", "50.00")).lines) == count


def test_a_payer_may_pay_for_the_customers_it_pays_for_and_heads():
    master = Customer(id="C2", valid_from=date(2026, 1, 1), payer="C1")
    facts = (invoice("F-1", "50.00", customer="C2"), payment("R-1", "50.00"), master)
    assert made(propose(*facts))[0][:2] == ("R-1", "F-1")
    assert made(propose(*facts, related=False)) == []
    head = Customer(id="C2", valid_from=date(2026, 1, 1), head_office="C1")
    assert made(propose(*facts[:2], head))[0][:2] == ("R-1", "F-1")


def test_money_on_account_stays_there_unless_the_policy_uses_it():
    facts = (invoice("F-1", "50.00"), payment("R-1", "50.00", on_account=True))
    assert (made(propose(*facts)), left(propose(*facts))) == ([], {"R-1": ("50.00", "on_account")})
    assert len(propose(*facts, on_account=True).lines) == 1


def test_a_refund_is_proposed_only_where_nothing_is_open():
    facts = (invoice("F-1", "50.00"), payment("R-1", "60.00"))
    assert left(propose(*facts, refunds=True)) == {"R-1": ("10.00", "refund_candidate")}
    assert left(propose(*facts)) == {"R-1": ("10.00", "unapplied")}
    assert left(propose(*facts, rest="on_account")) == {"R-1": ("10.00", "on_account")}


def test_matches_below_the_confidence_asked_for_are_alternatives():
    facts = (invoice("F-1", "50.00"), payment("R-1", "20.00"))
    proposal = propose(*facts, confidence=D("0.6"))
    assert (made(proposal), [it.why for it in proposal.alternatives]) == (
        [],
        ["confidence 0.5 is below 0.6"],
    )
    assert made(propose(*facts, confidence=D("0.5"))) == [("R-1", "F-1", "20.00", "oldest-due")]


@pytest.mark.parametrize(("count", "said"), [(60, 0), (61, 1)])
def test_sets_are_searched_among_sixty_items(count, said):
    items = [
        invoice(
            f"F-{at}", f"{at}.{at % 97:02}", "2026-05-01", posting_date=date(2026, 1, 1 + at % 28)
        )
        for at in range(11, 11 + count)
    ]
    proposal = propose(*items, payment("R-1", "151.51"), rules=("combination",))
    assert sum(it.text.startswith(f"not searched: {count} items") for it in proposal.notes) == said


def test_open_credits_and_used_payments_are_taken_with_what_is_left():
    facts = (
        invoice("F-1", "50.00"),
        invoice("F-2", "50.00", "2026-03-01"),
        payment("R-1", "70.00"),
    )
    books = Subledger.of(facts)
    first = propose_allocations(
        [facts[2]], books.open_items(as_of=DAY)[:1], policy=AllocationPolicy(("oldest-due",))
    )
    books = books.with_facts(first.facts)
    again = propose_allocations([facts[2]], books.open_items(as_of=DAY))
    assert made(again) == [("R-1", "F-2", "20.00", "oldest-due")]
    as_item = [it for it in books.open_items(as_of=DAY) if it.is_credit]
    assert propose_allocations(as_item, books.open_items(as_of=DAY)).facts == again.facts


@pytest.mark.parametrize(("run", "name"), [("", "R-1>F-1~2"), ("march", "R-1>F-1:march")])
def test_what_was_reversed_can_be_proposed_again(run, name):
    facts = (invoice("F-1", "50.00"), payment("R-1", "50.00"))
    books = Subledger.of(facts)
    first = propose_allocations([facts[1]], books.open_items(as_of=DAY))
    books = books.with_facts(first.facts).with_facts(first.reversals(DAY))
    second = propose_allocations([facts[1]], books.open_items(as_of=DAY), run=run)
    assert [it.id for it in second.facts] == [name]
    assert books.with_facts(second.facts).open_items(as_of=DAY) == ()


def test_a_second_allocation_of_one_pair_has_its_own_id():
    facts = (invoice("F-1", "50.00"), payment("R-1", "50.00"))
    books = Subledger.of(facts)
    for part, expected in (("20.00", "R-1>F-1"), ("30.00", "R-1>F-1~2")):
        advice = [RemittanceAdvice("R-1", (AdviceLine("F-1", mxn(part)),))]
        proposal = propose_allocations([facts[1]], books.open_items(as_of=DAY), advice=advice)
        assert [it.id for it in proposal.allocations] == [expected]
        books = books.with_facts(proposal.facts)


# --- currencies ---------------------------------------------------------------------------------

RATES = ExchangeRates.of([ExchangeRate("USD", "MXN", date(2026, 1, 1), D("17.05"), "test")])


@pytest.mark.parametrize(
    ("paid", "allocated", "taken", "over"),
    [
        ("100.00", "1705.00", "100.00", {}),
        ("99.99", "1704.83", "99.99", {}),
        ("110.00", "1705.00", "100.00", {"R-1": ("10.00", "unapplied")}),
        ("50.00", "852.50", "50.00", {}),
    ],
)
def test_a_document_in_another_currency_is_paid_at_the_rate_of_the_day(
    paid, allocated, taken, over
):
    """One cent of a dollar is seventeen centavos: 99.99 misses by exactly one cent's worth, so it settles."""
    facts = (invoice("F-1001", "1705.00"), payment("R-1", paid, "F-1001", currency="USD"))
    proposal = propose(*facts, rates=RATES)
    [line] = proposal.lines
    expected = "1705.00" if paid == "99.99" else allocated
    assert (f"{line.amount.amount:f}", f"{line.allocation.taken.amount:f}") == (expected, taken)
    assert left(proposal) == over
    assert made(propose(*facts)) == []


def test_the_rate_of_the_other_way_is_used_and_its_absence_said():
    facts = (invoice("F-1001", "100.00", currency="USD"), payment("R-1", "1705.00", "F-1001"))
    assert str(propose(*facts, rates=RATES).lines[0].amount) == "100.00 USD"
    later = ExchangeRates.of([ExchangeRate("USD", "MXN", date(2026, 3, 2), D("17.05"))])
    [note] = propose(*facts, rates=later).notes
    assert note.text == "no rate of MXN in USD is in force on 2026-03-01"


def test_three_amounts_close_to_the_cent_over_several_payments():
    """100 EUR booked at 1,850.37 and paid in three thirds: the parts booked sum to it."""
    item = invoice("F-1001", "100.00", currency="EUR", company_amount=mxn("1850.37"))
    parts = [
        payment(f"R-{at}", amount, "F-1001", currency="EUR", company_amount=mxn(worth))
        for at, (amount, worth) in enumerate(
            [("33.33", "630.00"), ("33.33", "610.00"), ("33.34", "616.90")], 1
        )
    ]
    proposal = propose(item, *parts, rules=("reference",))
    assert [f"{it.company_amount.amount:f}" for it in proposal.allocations] == [
        "616.73",
        "616.73",
        "616.91",
    ]
    assert kinds(proposal) == [("fx_gain", "13.27"), ("fx_loss", "6.73"), ("fx_loss", "0.01")]


# --- what is said -------------------------------------------------------------------------------


def test_a_payment_explains_itself_and_the_leaves_sum():
    facts = (invoice("F-1001", "100.00"), payment("R-1", "130.00", "F-1001"))
    proposal = propose(*facts)
    assert str(proposal.explain("R-1")).splitlines() == [
        "payment R-1 of customer C1: 130.00 MXN",
        "  to F-1001 by reference: 100.00 MXN",
        "    the text names F-1001: F 1001",
        "    over by 30.00 MXN",
        "    confidence 0.85",
        "  unapplied of R-1: 30.00 MXN",
        "    rule reference settled what it was for, and this was left over",
    ]
    assert str(proposal.lines[0].explain()).splitlines() == [
        "open of F-1001 after this allocation: 0.00 MXN",
        "  open before: 100.00 MXN",
        "  paid with R-1: -100.00 MXN",
        "  the text names F-1001: F 1001",
        "  over by 30.00 MXN",
        "  rule reference, confidence 0.85",
    ]


def test_why_not_names_what_stood_in_the_way():
    facts = (
        invoice("F-1", "100.00"),
        invoice("F-2", "50.00", customer="C2"),
        invoice("F-3", "7.00", currency="USD"),
        memo("N-1", "3.00"),
        payment("R-1", "40.00"),
        payment("R-2", "60.00"),
    )
    proposal = propose(*facts, rules=("oldest-due",))
    said = [it.text for it in proposal.why_not("R-1", "F-2").parts]
    assert said[0] == "F-2 belongs to customer C2, the payment to C1"
    foreign = proposal.why_not("R-1", "F-3").parts[0]
    assert foreign.text == "F-3 is in USD, the money in MXN"
    assert [it.text for it in proposal.why_not("R-1", "N-1").parts] == [
        "N-1 is a credit memo: a credit pays, it is not paid"
    ]
    assert str(proposal.why_not("R-1", "F-1")).startswith("R-1 does pay F-1")
    for payment_id, item_id in (("R-9", "F-1"), ("R-1", "F-9")):
        with pytest.raises(UnknownFact):
            proposal.why_not(payment_id, item_id)


def test_the_proposal_as_plain_values():
    proposal = propose(
        invoice("F-1", "100.00"), invoice("F-2", "1.00", customer="C2"), payment("R-1", "40.00")
    )
    tree = proposal.to_dict()
    assert tree["allocations"] == [
        {
            "payment": "R-1",
            "item": "F-1",
            "amount": "40.00",
            "currency": "MXN",
            "rule": "oldest-due",
            "confidence": "0.5",
            "evidence": ["oldest due date first"],
        }
    ]
    assert (tree["unmatched_items"], tree["leftovers"], tree["differences"]) == (1, [], [])
    assert [it.id for it in proposal.unmatched_items] == ["F-2"]


def test_a_proposal_tells_the_first_ten_of_each():
    facts = [
        fact
        for at in range(11, 22)
        for fact in (
            invoice(f"F-{at}", "101.00", customer=f"C{at}"),
            payment(f"R-{at}", "100.00", customer=f"C{at}"),
            payment(f"Q-{at}", "7.00", customer=None),
        )
    ]
    told = str(propose(*facts, rules=("deductions",), tolerances=(Tolerance(mxn("1.00")),)))
    first, *lines = told.splitlines()
    assert first == "11 allocations, 11 differences, 11 leftovers"
    assert [line.strip() for line in lines] == [
        *(f"R-{at} pays 100.00 MXN of F-{at} by deductions (0.8)" for at in range(11, 21)),
        *(f"tolerance 1.00 MXN of F-{at} with R-{at}: small difference" for at in range(11, 21)),
        *(f"7.00 MXN of Q-{at} unidentified" for at in range(11, 21)),
    ]


def test_posting_is_on_the_day_of_the_items_or_later_documents():
    facts = (invoice("F-1", "10.00"), payment("R-1", "10.00"))
    assert [it.posting_date for it in propose(*facts).facts] == [DAY]
    later = payment("R-1", "10.00", on="2026-04-02")
    proposal = propose_allocations([later], Subledger.of(facts[:1]).open_items(as_of=DAY))
    assert [it.posting_date for it in proposal.facts] == [date(2026, 4, 2)]


def test_what_cannot_be_is_refused():
    items = Subledger.of([invoice("F-1", "10.00"), memo("N-1", "1.00")]).open_items(as_of=DAY)
    other = Subledger.of([invoice("F-1", "10.00")]).open_items(as_of=date(2026, 3, 30))
    one = payment("R-1", "1.00")
    for payments, given, error, said in (
        ([one], (*items, *other), ConflictingFact, "item F-1 is given twice"),
        ([one], (items[1], *other), MixedDates, "2026-03-30 and 2026-03-31"),
        ([one], (), MixedDates, "no date"),
        ([items[0]], items, WrongKind, "F-1.* given as a payment is a Invoice"),
        ([one], [one], WrongKind, "given as an item is a Payment"),
        ([one, payment("R-1", "2.00")], items, ConflictingFact, "payment R-1 is given twice"),
    ):
        with pytest.raises(error, match=said):
            propose_allocations(payments, given)
    assert propose_allocations([one, one], items).leftovers == ()
    assert left(propose_allocations([one], (), as_of=DAY)) == {"R-1": ("1.00", "unapplied")}


def test_a_year_in_the_text_names_no_document_and_the_source_key_neither():
    origin = Origin("items.csv", "4711")
    facts = (
        invoice("2026-1234", "50.00", origin=origin),
        invoice("2026-1235", "60.00"),
        invoice("2025-2026", "7.00"),
    )
    assert (
        made(propose(*facts, payment("R-1", "9.00", "pago marzo 2026"), rules=("reference",))) == []
    )
    assert made(propose(*facts, payment("R-1", "9.00", "4711"), rules=("reference",))) == []
    named = propose(*facts, payment("R-1", "60.00", "pago 2026 1235"), rules=("reference",))
    assert made(named) == [("R-1", "2026-1235", "60.00", "reference")]
    [note] = propose(*facts, payment("R-1", "9.00", "F-9999"), rules=("reference",)).notes
    assert note.text == "'F-9999' names no open item of the payer"


def test_a_credit_memo_the_text_names_is_used_with_the_money():
    facts = (
        invoice("F-1001", "50.00"),
        memo("N-77", "20.00"),
        payment("R-1", "30.00", "F-1001 menos N-77"),
    )
    assert made(propose(*facts, rules=("reference",))) == [
        ("N-77", "F-1001", "20.00", "reference"),
        ("R-1", "F-1001", "30.00", "reference"),
    ]


def test_a_range_needs_both_ends_and_takes_what_lies_between():
    first = [invoice(f"F-{number}", "10.00") for number in (1001, 1002)]
    proposal = propose(*first, payment("R-1", "10.00", "1001-1004"), rules=("reference",))
    assert [it.item for it in proposal.lines] == ["F-1001"]
    gap = [invoice(f"F-{number}", "10.00") for number in (1001, 1003, 1004)]
    proposal = propose(*gap, payment("R-1", "30.00", "1001-1004"), rules=("reference",))
    assert {it.item for it in proposal.lines} == {"F-1001", "F-1003", "F-1004"}


def test_the_most_similar_number_is_taken():
    facts = (invoice("INV100234", "50.00"), invoice("INV100244", "50.00"))
    proposal = propose(
        *facts, payment("R-1", "50.00", "INV100243"), rules=(ByReference(similarity=D("0.7")),)
    )
    assert [it.item for it in proposal.lines] == ["INV100244"]


def test_an_item_without_a_rate_bears_no_interest():
    facts = (
        invoice("F-1", "10.00", "2026-01-01"),
        invoice("F-2", "10.00", attributes={"interest_rate": "0.5"}),
    )
    proposal = propose(*facts, payment("R-1", "4.00"), rules=("highest-interest",))
    assert [it.item for it in proposal.lines] == ["F-2"]


def test_a_discount_too_small_for_a_cent_is_none_and_the_others_count():
    facts = (invoice("F-1", "0.10", terms=TERMS), invoice("F-2", "100.00", terms=TERMS))
    proposal = propose(*facts, payment("R-1", "98.10", on="2026-01-11"), rules=("whole-account",))
    assert kinds(proposal) == [("discount", "2.00")]
    assert "discount 2.00 MXN of F-2 with R-1: cash discount" in str(proposal.explain("R-1"))


def test_what_is_settled_without_money_carries_its_share_of_what_was_booked():
    item = invoice("F-1", "100.00", currency="USD", terms=TERMS, company_amount=mxn("10.00"))
    proposal = propose(item, payment("R-1", "98.00", on="2026-01-11", currency="USD"))
    assert [str(it.company_amount) for it in proposal.facts] == ["9.80 MXN", "0.20 MXN"]


def test_a_short_number_in_an_advice_names_nothing():
    assert AdviceLine("F-1", discount=mxn("0.00")).discount == mxn("0.00")
    facts = (invoice("F-123", "10.00"), payment("R-1", "10.00"))
    assert made(propose(*facts, rules=("advice",), advice=[AdviceLine("123")])) == []
    assert len(propose(*facts, rules=("advice",), advice=[AdviceLine("F-0123")]).lines) == 1
