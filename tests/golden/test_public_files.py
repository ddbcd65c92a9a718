"""Public files of receivables that we may not ship: the exact figures that must come out of each."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

import receivables as ar
from receivables.adapters import load
from receivables.adapters.csv import CsvSource
from receivables.errors import BeforeExtract


@pytest.fixture(scope="module")
def ibm(shared):
    return load(CsvSource(shared / "data/ibm/WA_Fn-UseC_-Accounts-Receivable.csv", mapping="ibm"))


@pytest.fixture(scope="module")
def highradius(shared):
    file = shared / "data/highradius/open_items_nulldata.csv"
    return load(CsvSource(file, mapping="highradius", drawn_on=date(2020, 5, 22)))


@pytest.fixture(scope="module")
def o2c(shared):
    file = shared / "data/sap_o2c/journal_entry_items_accounts_receivable.jsonl"
    return load(CsvSource(file, mapping="sap-o2c"))


def figures(loaded, day):
    """Return the total row of an aging: items, total, and the columns that hold something."""
    [total] = ar.age(loaded.open_items(as_of=day), as_of=day).totals
    held = {n: str(a.amount) for n, a in zip(total.columns, total.amounts, strict=True) if a}
    return total.items, str(total.total), held


def test_ibm_open_at_the_end_of_2012(ibm):
    expected = (99, "5725.06 USD", {"current": "4936.32", "1-30": "788.74"})
    assert figures(ibm, date(2012, 12, 31)) == expected


@pytest.mark.parametrize(
    ("day", "total"), [(date(2012, 6, 30), "5504.09 USD"), (date(2013, 6, 30), "5119.85 USD")]
)
def test_ibm_open_at_midyears(ibm, day, total):
    assert figures(ibm, day)[1] == total


def test_ibm_every_row_gives_an_invoice_a_payment_and_an_allocation(ibm):
    kinds = Counter(fact.kind for fact in ibm.books.facts)
    assert kinds == {"invoice": 2466, "payment": 2466, "allocation": 2466}
    assert str(ibm.tally) == "2,466 rows = 2,466 accepted + 0 duplicates + 0 quarantined"
    assert str(ibm.tally.totals[0].read) == "147703.18"


def test_highradius_aged_on_the_day_it_was_drawn(highradius):
    expected = {
        "current": "10744330.72",
        "1-30": "114337459.15",
        "31-60": "148871828.55",
        "61-90": "36474240.60",
    }
    assert figures(highradius, date(2020, 5, 22)) == (9681, "310427859.02 USD", expected)


def test_highradius_items_in_each_bucket(highradius):
    items = highradius.open_items(as_of=date(2020, 5, 22))
    counts = Counter(ar.Buckets.of(0, 30, 60, 90).label(item.days_past_due) for item in items)
    assert counts == {"current": 500, "1-30": 3567, "31-60": 4427, "61-90": 1187}


def test_highradius_says_what_rounding_changed_and_which_items_fall_due_before_they_begin(
    highradius,
):
    counts = Counter(problem.code for problem in highradius.problems)
    assert counts == {"due-before-document": 27, "amounts-rounded": 1}
    assert "631 amounts in USD" in highradius.problems[-1].message


def test_highradius_has_no_history(highradius):
    with pytest.raises(BeforeExtract):
        highradius.open_items(as_of=date(2020, 5, 21))


def test_sap_o2c_leaves_three_items_open(o2c):
    day = date(2025, 12, 31)
    assert figures(o2c, day) == (3, "2654.64 INR", {"undated": "2654.64"})
    assert sorted(item.reference for item in o2c.open_items(as_of=day)) == [
        "90504248",
        "90628265",
        "90628266",
    ]


def test_sap_o2c_explains_what_cleared_each_item(o2c):
    kinds = Counter(fact.kind for fact in o2c.books.facts)
    assert kinds == {"invoice": 67, "credit_memo": 56, "allocation": 44, "adjustment": 32}
    assert Counter(problem.code for problem in o2c.problems) == {"clearing-outside-extract": 32}
    reversed_ = o2c.explain("ABCD/9400000220/2025/1", as_of=date(2025, 12, 31))
    assert "allocation 9400635977/" in str(reversed_)
    assert reversed_.amount == 0
