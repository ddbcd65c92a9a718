"""The reference model itself, on stories small enough to check by eye."""

from datetime import date
from decimal import Decimal

import pytest

from receivables.testing import facts
from receivables.testing.reference import Reference

AS_OF = date(2026, 3, 31)
STORY = facts(
    """
    2026-01-10 invoice    F-1 C001 100.00 MXN due=2026-02-09
    2026-02-01 payment    R-1 C001 60.00 MXN on-account
    2026-02-01 allocation A-1 R-1 -> F-1 40.00 MXN
    2026-02-01 refund     B-1 of R-1 5.00 MXN
    2026-03-01 reversal   X-1 of R-1
    2026-03-02 payment    R-2 ? 7.00 MXN
    """
)


@pytest.mark.parametrize(
    ("as_of", "left"),
    [
        (date(2026, 1, 9), {}),
        (date(2026, 1, 31), {"F-1": "100.00"}),
        (date(2026, 2, 28), {"F-1": "60.00", "R-1": "-15.00"}),
        (date(2026, 3, 1), {"F-1": "100.00"}),
        (AS_OF, {"F-1": "100.00", "R-2": "-7.00"}),
    ],
)
def test_open_items_day_by_day(as_of, left):
    assert {it.id: str(it.open_amount) for it in Reference.of(STORY, as_of).open_items()} == left


def test_aging_and_cash():
    assert Reference.of(STORY, AS_OF).aging((0, 30, 60)) == {
        ("C001", "MXN", "31-60"): Decimal("100.00"),
        (None, "MXN", "credits"): Decimal("-7.00"),
    }
    cash = Reference.of(STORY, date(2026, 2, 28)).cash()
    assert {place: str(amount) for (_, place), amount in cash.items()} == {
        "received": "60.00",
        "allocated": "40.00",
        "refunded": "5.00",
        "on_account": "15.00",
    }


def test_it_shares_no_calculation_with_the_core():
    """It imports facts and nothing that computes an answer from them."""
    from receivables.testing import reference

    loaded = {it.__module__ for it in vars(reference).values() if hasattr(it, "__module__")}
    ours = {name for name in loaded if name.startswith("receivables.")}
    assert {name.split(".")[1] for name in ours} <= {"facts", "terms", "testing"}
