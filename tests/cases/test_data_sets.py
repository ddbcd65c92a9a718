"""Public files of receivables: the figures their publishers and other systems state come out, to the cent."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from receivables import Buckets, Invoice, Money, Rounding, Subledger, age


@pytest.mark.parametrize("index", range(3))
def test_ibm_aging(ibm, vectors, index):
    """Open, current and 1-30 on three dates."""
    wanted = vectors["IBM-AGE"]["expected"][index]
    [row] = age(ibm.open_items(as_of=date.fromisoformat(wanted["asof"])), by=()).totals
    cells = (row.items, row.total.amount, row["current"].amount, row["1-30"].amount)
    assert cells == (
        wanted["items"],
        *(Decimal(wanted[key]) for key in ("total", "current", "d1_30")),
    )
    assert row["1-30"] + row["current"] == row.total


def test_ibm_due_today(ibm, case):
    """What is due today is current here; GnuCash counts it as overdue, and its preset does too."""
    wanted = case("A026").expected["2012-12-31"]
    items = ibm.open_items(as_of=date(2012, 12, 31))
    today = sum(item.open_amount.amount for item in items if item.days_past_due == 0)
    assert today == Decimal(wanted["of_which_due_today"])
    [row] = age(items, buckets=Buckets.preset("gnucash"), by=()).totals
    assert (str(row["Current"].amount), str(row["0-30 days"].amount)) == ("4867.11", "857.95")


def test_ibm_counts(ibm, case):
    wanted = case("A026").expected
    invoices = [it for it in ibm.facts if it.kind == "invoice"]
    assert len(invoices) == wanted["rows"]
    assert len({it.customer for it in invoices}) == wanted["customers"]
    assert sum(it.amount.amount for it in invoices) == Decimal(wanted["invoiced_total"])


def test_highradius_aging(shared, case):
    """Rounded half up item by item, because the file carries binary noise; the counts are those of the case."""
    path = shared / "data" / "highradius" / "open_items_nulldata.csv"
    with path.open(encoding="utf-8", newline="") as file:
        items = [
            Invoice(
                id=row["doc_id"],
                customer=row["cust_number"],
                amount=Money.rounded(row["converted_usd"], "USD", Rounding.HALF_UP),
                posting_date=date.fromisoformat(row["posting_date"]),
                due_date=date.fromisoformat(row["due_in_date"]),
            )
            for row in csv.DictReader(file)
        ]
    [row] = age(Subledger.of(items).open_items(as_of=date(2020, 5, 22)), by=()).totals
    counts = Counter(part.column for part in row.parts)
    shown = {
        label: (counts[label], f"{row[label].amount:f}")
        for label in ("current", "1-30", "31-60", "61-90")
    }
    assert shown == {
        "current": (500, "10744330.72"),
        "1-30": (3567, "114337459.15"),
        "31-60": (4427, "148871828.55"),
        "61-90": (1187, "36474240.60"),
    }
    assert (row.items, f"{row.total.amount:f}") == (9681, "310427859.02")
    unrounded = case("A030").expected
    assert [str(counts["current"]), str(row.items)] == [
        unrounded["not_due"][0],
        unrounded["total"][0],
    ]
