"""The laws of cash application: what a proposal posts obeys every law of the subledger, whatever was offered."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

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
    Tolerance,
    propose_allocations,
    review_allocations,
)
from receivables.allocation import ByCombination, Withholding, find_combination
from receivables.laws import explain_agrees
from receivables.testing.strategies import LAST_DAY, days, subledgers

RULES = (
    *("advice", "reference", "exact", "deductions", "whole-account", "past-due", "combination"),
    *("oldest-due", "oldest-document", "newest-document", "highest-interest", "proportional"),
    *("credits-first", "nearest-sum", "equal-totals", "same-keys"),
)
D1 = date(2026, 3, 31)


@st.composite
def policies(draw):
    rules = draw(st.lists(st.sampled_from(RULES), min_size=1, max_size=6, unique=True))
    tolerance = Tolerance(percent=Decimal(5), over=draw(st.booleans()))
    return AllocationPolicy(
        tuple(rules),
        tolerances=draw(st.sampled_from([(), (tolerance,)])),
        withholdings=draw(st.sampled_from([(), (Withholding(Decimal(10)),)])),
        disputed=draw(st.booleans()),
        partial=draw(st.booleans()),
        short=draw(st.sampled_from(["partial", "residual"])),
        spread=draw(st.booleans()),
        on_account=draw(st.booleans()),
        newest_first=draw(st.booleans()),
    )


@st.composite
def accounts(draw, most=8):
    """Draw open invoices, credit memos and payments of two customers, some of which name or equal others."""
    names = st.sampled_from(["C1", "C2"])
    units = st.integers(1, 2_000) | st.sampled_from([500, 1_000, 1_500])
    terms = st.sampled_from(
        [
            PaymentTerms.net(30),
            PaymentTerms.parse("2/10 net 30"),
            PaymentTerms.parse("50% net 30, 50% net 60"),
        ]
    )
    posted = st.dates(date(2026, 1, 1), D1)
    invoices = [
        Invoice(
            id=f"F-{1000 + at}",
            customer=draw(names),
            amount=Money.from_minor(draw(units), "MXN"),
            posting_date=draw(posted),
            terms=draw(terms),
            disputed=draw(st.integers(0, 9)) == 0,
        )
        for at in range(draw(st.integers(0, most)))
    ]
    credits_ = [
        CreditMemo(
            id=f"N-{at}",
            customer=draw(names),
            amount=Money.from_minor(draw(units), "MXN"),
            posting_date=draw(posted),
        )
        for at in range(draw(st.integers(0, 2)))
    ]
    payments = []
    for at in range(draw(st.integers(1, 5))):
        named = draw(st.sampled_from([None, *(it.id for it in invoices)]))
        sums = [
            sum(it.amount.minor for it in invoices[:count]) for count in range(1, len(invoices) + 1)
        ]
        amount = draw(units | st.sampled_from(sums) if sums else units)
        payments.append(
            Payment(
                id=f"R-{at}",
                customer=draw(names | st.none()),
                amount=Money.from_minor(amount, "MXN"),
                posting_date=draw(posted),
                reference=named and f"pago {named}",
            )
        )
    return (*invoices, *credits_, *payments)


def propose(facts, policy=None, as_of=D1, **more):
    books = Subledger.of(facts)
    payments = [it for it in books.open_items(as_of=as_of) if it.kind == "payment"]
    return books, propose_allocations(
        payments, books.open_items(as_of=as_of), policy=policy, as_of=as_of, **more
    )


@given(facts=accounts(), policy=policies())
def test_what_is_proposed_can_be_posted_and_nothing_vanishes(facts, policy):
    """Every law of the subledger holds after posting, and each payment is accounted for to the cent."""
    books, proposal = propose(facts, policy)
    after = books.with_facts(proposal.facts)
    for document, had in proposal.payments:
        used = sum(it.allocation.taken.minor for it in proposal.of(document.id))
        cleared = sum(
            it.amount.minor
            for it in proposal.differences
            if it.payment == document.id and it.kind == "overpayment"
        )
        left = sum(it.amount.minor for it in proposal.leftovers if it.payment == document.id)
        assert used + cleared + left == had.minor
        explain_agrees(proposal.explain(document.id))
    still = {
        it.document.id: -it.open_amount.minor
        for it in after.open_items(as_of=D1)
        if it.kind == "payment"
    }
    assert still == {
        it.payment: it.amount.minor for it in proposal.leftovers if it.payment.startswith("R-")
    }


@given(facts=subledgers(masters=True), policy=policies(), as_of=days())
def test_a_proposal_can_be_posted_to_the_books_it_comes_from(facts, policy, as_of):
    """On any date, whatever the books hold for later days: no more than what is free of an item or payment is used."""
    books, proposal = propose(facts, policy, as_of)
    after = books.with_facts(proposal.facts)
    eve = as_of - timedelta(days=1)
    assert after.open_items(as_of=eve) == books.open_items(as_of=eve)
    free = {it.id: it.free_amount.minor for it in books.open_items(as_of=as_of)}
    for line in proposal.lines:
        assert line.amount.minor <= free[line.item]
        assert line.allocation.taken.minor <= -free[line.payment]
        explain_agrees(line.explain())
    for document, _ in proposal.payments:
        explain_agrees(proposal.explain(document.id))


@given(facts=subledgers(masters=True), policy=policies(), as_of=days(), back=days())
def test_a_proposal_can_be_taken_back_and_posted_again(facts, policy, as_of, back):
    """Taken back on the day it was posted, it leaves what was there; proposed anew, it finds the same."""
    books, proposal = propose(facts, policy, as_of)
    after = books.with_facts(proposal.facts)
    restored = after.with_facts(proposal.reversals(as_of))
    shown = [(it.id, it.open_amount, it.free_amount) for it in restored.open_items(as_of=as_of)]
    assert shown == [
        (it.id, it.open_amount, it.free_amount) for it in books.open_items(as_of=as_of)
    ]
    payments = [it for it in restored.open_items(as_of=as_of) if it.kind == "payment"]
    again = propose_allocations(
        payments, restored.open_items(as_of=as_of), policy=policy, as_of=as_of
    )
    assert [(it.payment, it.item, it.amount, it.rule) for it in again.lines] == [
        (it.payment, it.item, it.amount, it.rule) for it in proposal.lines
    ]
    restored.with_facts(again.facts)


@given(facts=subledgers(masters=True), as_of=days())
def test_what_is_free_is_the_least_that_is_open_from_then_on(facts, as_of):
    books = Subledger.of(facts)
    later = sorted({it.posting_date for it in books.facts if it.posting_date > as_of})
    gone = {it.of for it in books.facts if isinstance(it, Reversal)}
    for item in books.open_items(as_of=as_of):
        then = [it for day in later for it in books.items(as_of=day) if it.id == item.id]
        least = min(abs(it.open_amount.minor) for it in (item, *then))
        assert abs(item.free_amount.minor) == (0 if item.document.id in gone else least)
        assert not item.free_amount or item.is_credit == (item.free_amount.amount < 0)


@given(facts=accounts(), policy=policies())
def test_reversing_what_was_posted_restores_every_view(facts, policy):
    books, proposal = propose(facts, policy)
    after = books.with_facts(proposal.facts).with_facts(proposal.reversals(D1))
    shown = [(it.id, it.open_amount, it.movements) for it in after.open_items(as_of=D1)]
    assert shown == [(it.id, it.open_amount, it.movements) for it in books.open_items(as_of=D1)]
    assert after.cash_positions(as_of=D1) == books.cash_positions(as_of=D1)


@given(facts=accounts(), policy=policies(), seed=st.integers(0, 99))
def test_the_order_of_the_inputs_is_irrelevant(facts, policy, seed):
    books, proposal = propose(facts, policy)
    items = list(books.open_items(as_of=D1))
    payments = [it for it in items if it.kind == "payment"]
    data = random.Random(seed)  # noqa: S311 - an order, no secret
    data.shuffle(items)
    data.shuffle(payments)
    again = propose_allocations(payments, items, policy=policy, as_of=D1)
    assert (again.facts, again.leftovers) == (proposal.facts, proposal.leftovers)
    assert again == proposal


@given(facts=accounts(), factor=st.sampled_from([2, 3, 10, 100]))
def test_scaled_amounts_scale_the_proposal(facts, factor):
    """Discounts apart, which are rounded."""
    flat = [
        replace(it, terms=PaymentTerms.net(30)) if isinstance(it, Invoice) else it for it in facts
    ]
    flat = [
        replace(it, instalments=(), due_date=it.posting_date, terms=None)
        if isinstance(it, Invoice)
        else it
        for it in flat
    ]
    scaled = [replace(it, amount=it.amount * factor) for it in flat]
    _, one = propose(flat)
    _, other = propose(scaled)
    assert [(it.id, it.amount * factor) for it in one.allocations] == [
        (it.id, it.amount) for it in other.allocations
    ]
    assert [it.rule for it in one.lines] == [it.rule for it in other.lines]


@given(facts=accounts(), at=st.integers(1, 1_000))
def test_splitting_a_payment_never_worsens_what_oldest_first_applies(facts, at):
    payments = [it for it in facts if isinstance(it, Payment)]
    first = payments[0]
    if first.amount.minor < 2:
        return
    part = min(at, first.amount.minor - 1)
    split = [
        replace(first, amount=Money.from_minor(part, "MXN")),
        replace(first, id="R-0b", amount=Money.from_minor(first.amount.minor - part, "MXN")),
    ]
    policy = AllocationPolicy(("oldest-due",))
    applied = [
        sum(it.amount.minor for it in propose(given_, policy)[1].allocations)
        for given_ in (facts, [it for it in facts if it is not first] + split)
    ]
    assert applied[1] == applied[0]


@given(
    amounts=st.lists(st.integers(-400, 2_000).filter(bool), max_size=12),
    target=st.integers(1, 4_000),
    most=st.integers(1, 12),
    planted=st.booleans(),
)
def test_the_search_agrees_with_brute_force(amounts, target, most, planted):
    if planted and len(amounts) > 2:
        target = amounts[0] + amounts[2]
    sets = {
        chosen
        for size in range(1, min(most, len(amounts)) + 1)
        for chosen in combinations(range(len(amounts)), size)
        if sum(amounts[at] for at in chosen) == target
    }
    found = find_combination(amounts, target, most_items=most)
    assert found.status == ("none" if not sets else "unique" if len(sets) == 1 else "ambiguous")
    assert set(found.sets) <= sets
    assert len(found.sets) == min(len(sets), 2)


@given(facts=accounts(most=6))
def test_a_proposed_combination_is_the_only_one(facts):
    """Whatever the rule takes, brute force finds that set and no other, in full or each item less its discount."""
    _, proposal = propose(facts, AllocationPolicy((ByCombination(always=15),), credits=False))
    left = {it.id: it.open_amount.minor for it in proposal.items if may_be_paid(it)}
    by_payment = {line.payment: [*proposal.of(line.payment)] for line in proposal.lines}
    for payment, lines in by_payment.items():
        document, had = proposal.offered(payment)
        if "the only set" in lines[0].evidence[0]:
            held = [
                (it.id, left[it.id], left[it.id] - discount(it, left[it.id], document.posting_date))
                for it in proposal.items
                if it.customer == document.customer and left.get(it.id)
            ]
            fitting = {
                tuple(name for name, _, _ in chosen)
                for size in range(1, len(held) + 1)
                for chosen in combinations(held, size)
                if had.minor in {sum(it[1] for it in chosen), sum(it[2] for it in chosen)}
            }
            assert fitting == {tuple(it.item for it in lines)}
        for it in (*lines, *(it for it in proposal.differences if it.payment == payment)):
            left[it.item] -= it.amount.minor


def may_be_paid(item):
    return not item.is_credit and not item.disputed


def discount(item, left, on):
    """2% up to ten days after posting, half a cent up, on what nothing was paid of: the only discount of `accounts`."""
    terms = item.document.terms
    untouched = left == item.amount.minor
    early = (on - item.posting_date).days <= 10
    return (2 * left + 50) // 100 if terms.discounts and untouched and early else 0


@given(facts=accounts(), data=st.data())
def test_advice_never_pays_more_than_it_says_or_is_open(facts, data):
    invoices = [it for it in facts if isinstance(it, Invoice)]
    payments = [it for it in facts if isinstance(it, Payment)]
    lines = [
        AdviceLine(it.id, Money.from_minor(data.draw(st.integers(1, 3_000)), "MXN"))
        for it in invoices
    ]
    books, proposal = propose(
        facts,
        AllocationPolicy(("advice",)),
        advice=[RemittanceAdvice(payments[0].id, tuple(lines))],
    )
    said = {it.reference: it.amount.minor for it in lines}
    for line in proposal.lines:
        assert line.amount.minor <= said[line.allocation.target]
    books.with_facts(proposal.facts)


@given(facts=subledgers(masters=True), as_of=days() | st.just(LAST_DAY))
def test_what_a_review_proposes_can_be_posted(facts, as_of):
    """On any date each finding's facts, on their own, obey every law; and a correction leaves every cent accounted for."""
    books = Subledger.of(facts)
    for finding in review_allocations(books, as_of=as_of, stale_days=0).findings:
        books.with_facts(finding.facts)
        assert finding.amount.amount > 0
        assert finding.explain().amount == finding.amount.amount


@given(facts=accounts(), first=policies(), second=policies(), day=st.dates(date(2026, 1, 15), D1))
def test_a_review_after_posting_can_be_corrected_finding_by_finding(facts, first, second, day):
    """What was posted on one day is reviewed as of then, when more was posted later."""
    books, proposal = propose(facts, first, day)
    books = books.with_facts(proposal.facts)
    items = books.open_items(as_of=D1)
    payments = [it for it in items if it.kind == "payment"]
    after = books.with_facts(propose_allocations(payments, items, policy=second, as_of=D1).facts)
    for finding in review_allocations(after, as_of=day, stale_days=0).findings:
        after.with_facts(finding.facts)


@given(
    amounts=st.lists(st.integers(1, 100_000), min_size=2, max_size=15, unique=True),
    chosen=st.sets(st.integers(0, 14), min_size=2),
)
def test_up_to_fifteen_items_the_default_policy_agrees_with_brute_force(amounts, chosen):
    """What nobody may mean by its order is paid when it is the only set, and never by combination when there are two."""
    picked = [amounts[at] for at in chosen if at < len(amounts)]
    target = sum(picked)
    if not picked:
        return
    invoices = [
        Invoice(
            id=f"F-{at:02}",
            customer="C1",
            amount=Money.from_minor(minor, "MXN"),
            posting_date=D1,
            due_date=D1,
        )
        for at, minor in enumerate(amounts)
    ]
    payment = Payment(
        id="R-1", customer="C1", amount=Money.from_minor(target, "MXN"), posting_date=D1
    )
    _, proposal = propose((*invoices, payment))
    sums = {0: 1}
    for minor in amounts:
        for total, ways in list(sums.items()):
            sums[total + minor] = sums.get(total + minor, 0) + ways
    paid = sorted(it.amount.minor for it in proposal.lines)
    assert sum(paid) == target
    if sums[target] == 1:
        assert paid == sorted(picked)
        assert proposal.lines[0].rule != "oldest-due"
