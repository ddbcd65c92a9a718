"""Law: Buckets tie. The columns of every row and total sum to what is open, in every grouping and display."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import AgingRow, Basis, Bucket, Buckets, CreditDisplay, Money, Subledger, age
from receivables.errors import PartsDoNotSum
from receivables.laws import buckets_tie
from receivables.testing.strategies import days, subledgers

GROUPINGS = [("customer",), ("segment", "kind"), ("collector", "currency", "disputed"), ()]
edges = st.lists(st.integers(-60, 200), min_size=1, max_size=6, unique=True).map(sorted)


def sums(row: AgingRow) -> Decimal:
    return sum((amount.amount for amount in row.amounts), Decimal(0))


@given(
    facts=subledgers(),
    as_of=days(),
    edges=edges,
    by=st.sampled_from(GROUPINGS),
    basis=st.sampled_from(Basis),
    shown=st.sampled_from(CreditDisplay),
)
def test_columns_sum_to_what_is_open(facts, as_of, edges, by, basis, shown):
    """Whatever the buckets, the grouping, the basis and the display of credits."""
    items = Subledger.of(facts).open_items(as_of=as_of)
    report = age(items, buckets=Buckets.of(*edges), by=by, basis=basis, credits=shown, as_of=as_of)
    whole = Counter()
    for item in items:
        whole[item.currency] += item.open_amount.amount
    assert {row.currency: row.total.amount for row in report.totals} == whole
    assert all(sums(row) == row.total.amount for row in (*report.rows, *report.totals))
    assert sum(row.items for row in report.rows) == len(items)


@given(facts=subledgers(), as_of=days())
def test_portfolio_parts_sum_to_what_is_open(facts, as_of):
    """Not past due + past due + credits = open, and past due is what the buckets above 0 hold."""
    report = age(Subledger.of(facts).open_items(as_of=as_of), as_of=as_of)
    for row in report.totals:
        assert row.not_past_due + row.past_due + row.credits == row.total
        assert row.not_past_due == row["current"] + row["undated"]
        assert row.credits == row["credits"]


@given(facts=subledgers(), as_of=days(), months=st.integers(1, 12))
def test_month_end_buckets_tie_too(facts, as_of, months):
    """Buckets that end at calendar month ends hold every day once."""
    buckets = Buckets.month_ends(as_of=as_of, months=months)
    report = age(Subledger.of(facts).open_items(as_of=as_of), buckets=buckets, as_of=as_of)
    assert buckets.is_partition
    assert all(sums(row) == row.total.amount for row in report.totals)


@given(edges=edges, number=st.integers(-400, 400))
def test_every_day_falls_in_one_bucket(edges, number):
    """A partition names exactly one bucket for any number of days."""
    buckets = Buckets.of(*edges)
    assert len(buckets.columns(number)) == 1
    assert buckets.columns(number) == (buckets.label(number),)


@given(name=st.sampled_from(Buckets.presets()), number=st.integers(-400, 400))
def test_a_preset_says_whether_it_is_a_partition(name, number):
    """Where a preset claims to be a partition, it is one."""
    buckets = Buckets.preset(name)
    assert not buckets.is_partition or len(buckets.columns(number)) == 1


def test_the_law_refuses_a_cent():
    """The law itself fails when a cent is missing, and names the row."""
    cell = Money("99.99", "MXN")
    with pytest.raises(
        PartsDoNotSum,
        match=r"^the buckets of C001 sum to 99\.99 MXN; they must sum to 100\.00 MXN$",
    ):
        buckets_tie([cell], Money("100.00", "MXN"), "C001")


@pytest.mark.parametrize(
    "ranges",
    [((None, 0), (2, None)), ((None, 0), (0, None)), ((0, 1), (2, None)), ((None, 0), (1, 2))],
)
def test_ranges_with_a_gap_an_overlap_or_an_end_are_no_partition(ranges):
    """A day outside every range, or in two of them, breaks the tie, so such buckets do not claim it."""
    assert not Buckets(tuple(Bucket(str(it), *it) for it in ranges)).is_partition
    assert age([], buckets=Buckets.of(0), as_of=date(2026, 1, 1)).totals == ()
