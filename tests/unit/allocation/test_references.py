"""What a text says: how far one writing of a number is from another, and which part of a long text is read."""

from __future__ import annotations

from datetime import date

import pytest

from receivables import CreditMemo, Invoice, Money, Payment, Subledger, propose_allocations
from receivables.allocation import AllocationPolicy
from receivables.allocation.references import edits, names

DAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("F1001", "F1001", 0),
        ("F1001", "F1010", 2),
        ("1001", "F1001", 1),
        ("F1001", "1001", 1),
        ("F1001", "F100", 1),
        ("F100", "F1001", 1),
        ("KITTEN", "SITTING", 3),
        ("FLAW", "LAWN", 2),
        ("AB", "BA", 2),
        ("", "F1", 2),
        ("F1", "", 2),
        ("", "", 0),
    ],
)
def test_letters_changed_added_and_left_out_are_counted(one, other, count):
    assert edits(one, other) == count


@pytest.mark.parametrize(
    ("text", "number", "said"),
    [
        ("F-1001 menos N-12", "n12", True),
        ("N-12 de F-1001", "N-12", True),
        ("N-123", "N-12", False),
        ("menos N", "N-12", False),
        ("pago F-1001", "--", False),
        ("", "N-12", False),
    ],
)
def test_a_number_is_said_in_full_or_not_at_all(text, number, said):
    assert names(text, number) is said


def proposed(text, *more):
    facts = (
        Invoice(
            id="F-1001",
            customer="C1",
            amount=Money("10.00", "MXN"),
            posting_date=date(2026, 1, 10),
            due_date=date(2026, 2, 10),
        ),
        Payment(
            id="R-1",
            customer="C1",
            amount=Money("10.00", "MXN"),
            posting_date=date(2026, 3, 5),
            reference=text,
        ),
        *more,
    )
    return propose_allocations(
        [facts[1]],
        Subledger.of(facts).open_items(as_of=DAY),
        policy=AllocationPolicy(("reference",)),
    )


@pytest.mark.parametrize(("before", "found"), [(1_994, 1), (1_995, 0)])
def test_of_a_text_the_first_two_thousand_characters_are_read(before, found):
    assert len(proposed("." * before + "F-1001").lines) == found


def test_a_credit_without_letters_or_digits_in_its_number_is_named_by_no_text():
    credit = CreditMemo(
        id="--", customer="C1", amount=Money("3.00", "MXN"), posting_date=date(2026, 1, 12)
    )
    assert [it.payment for it in proposed("pago F-1001", credit).lines] == ["R-1"]
