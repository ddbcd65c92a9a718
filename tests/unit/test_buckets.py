"""Bucket conventions: where a day falls, what the columns are called, and what cannot be."""

from datetime import date

import pytest

from receivables import Bucket, Buckets
from receivables.errors import BucketError


@pytest.mark.parametrize(
    ("days", "label"),
    [
        (-5, "current"),
        (0, "current"),
        (1, "1-30"),
        (30, "1-30"),
        (31, "31-60"),
        (60, "31-60"),
        (61, ">60"),
    ],
)
def test_an_edge_belongs_to_the_bucket_it_ends(days, label):
    assert Buckets.of(0, 30, 60).label(days) == label
    assert Buckets.of(0, 30, 60).columns(days) == (label,)


def test_labels_and_text():
    buckets = Buckets.of(0, 30)
    assert buckets.labels == ("current", "1-30", ">30")
    assert str(buckets) == "of(0, 30): current […, 0], 1-30 [1, 30], >30 [31, …]"
    assert Buckets.of(5).labels == ("current", ">5")


@pytest.mark.parametrize("edges", [(), (30, 0), (0, 0), (0, 30.5), ("0", "30"), (0, 30, 30)])
def test_edges_must_ascend(edges):
    with pytest.raises(
        BucketError, match=r"must be whole days that ascend, such as 0, 30, 60, 90$"
    ):
        Buckets.of(*edges)


@pytest.mark.parametrize(
    "labels",
    [(), ("a", "a"), ("undated", "a"), ("credits",), ("total",), ("items", "b"), ("currency",)],
)
def test_labels_differ_from_each_other_and_from_the_reports_own(labels):
    with pytest.raises(
        BucketError,
        match=r"must differ from each other and from credits, currency, items, total, undated$",
    ):
        Buckets(tuple(Bucket(label, index, index) for index, label in enumerate(labels)))


@pytest.mark.parametrize(("first", "last"), [(2, 1), (1.5, 3), (None, "3")])
def test_a_bucket_is_of_whole_days_in_order(first, last):
    with pytest.raises(BucketError, match=r"must be whole days, the first not after the last$"):
        Bucket("a", first, last)


def test_a_bucket_of_one_day():
    day = Bucket("today", 0, 0)
    assert [day.holds(it) for it in (-1, 0, 1)] == [False, True, False]


def test_a_day_outside_every_bucket_has_no_label():
    lossy = Buckets.preset("ledgersmb")
    assert not lossy.is_partition
    assert lossy.columns(-30) == ()
    with pytest.raises(
        BucketError, match=r"^-30 days fall in no bucket of ledgersmb: c0 \[-29, 29\]"
    ):
        lossy.label(-30)


def test_overlapping_buckets_name_the_first():
    both = Buckets.preset("akaunting")
    assert both.columns(30) == ("1-30", "30-60")
    assert both.label(30) == "1-30"


def test_an_unknown_preset_lists_those_there_are():
    with pytest.raises(
        BucketError, match=r"^no bucket preset 'sap'; there are akaunting, default, erpnext, "
    ):
        Buckets.preset("sap")


def test_presets_are_listed_by_name():
    names = Buckets.presets()
    assert list(names) == sorted(names)
    assert [Buckets.preset(name).name for name in names] == list(names)
    assert {name for name in names if not Buckets.preset(name).is_partition} == {
        "akaunting",
        "idempiere",
        "ledgersmb",
    }


def test_equal_ranges_are_equal_whatever_the_name():
    assert Buckets.preset("default") == Buckets.of(0, 30, 60, 90, 120)
    assert Buckets.of(0, 30) != Buckets.of(0, 31)


@pytest.mark.parametrize(
    ("as_of", "labels"),
    [
        (date(2024, 5, 31), ("current", "since 2024-04-30", "since 2024-03-31", "older")),
        (date(2026, 1, 1), ("current", "since 2025-12-31", "since 2025-11-30", "older")),
    ],
)
def test_month_ends(as_of, labels):
    """Due after the last month end falls in the first bucket after current."""
    buckets = Buckets.month_ends(as_of=as_of, months=2)
    assert buckets.labels == labels
    assert buckets.as_of == as_of
    last_month_end = date.fromisoformat(labels[1].removeprefix("since "))
    assert buckets.label((as_of - last_month_end).days) == labels[1]
    assert buckets.label((as_of - last_month_end).days + 1) == labels[2]
    assert len(Buckets.month_ends(as_of=as_of).labels) == 6
    assert buckets.is_partition


def test_windows_of_presets_at_their_edges():
    """Half-open windows of systems that name a day twice."""
    odoo = Buckets.preset("odoo-11")
    assert [odoo.label(it) for it in (-1, 0, 30, 31, 61, 62, 123, 124)] == [
        *("not due", "0-30", "0-30", "30-60", "30-60", "60-90", "90-120", "+120")
    ]
    oca = Buckets.preset("oca-statement")
    assert [oca.label(it) for it in (0, 1, 29, 30, 59, 60, 119, 120)] == [
        *("current", "1-30", "1-30", "31-60", "31-60", "61-90", "91-120", "+120")
    ]
    sage = Buckets.preset("sage-intacct")
    assert [sage.label(it) for it in (-1, 0, 30, 31, 120, 121)] == [
        *("not due", "0-30", "0-30", "31-60", "91-120", "121-")
    ]


# Every range of every preset, as the systems' sources, tests and documentation have them.
RANGES = (
    "akaunting: 1-30 [1, 30], 30-60 [30, 60], 60-90 [60, 90], 90+ [90, …]",
    "default: current […, 0], 1-30 [1, 30], 31-60 [31, 60], 61-90 [61, 90], 91-120 [91, 120], >120 [121, …]",
    "erpnext: not due […, -1], 0-30 [0, 30], 31-60 [31, 60], 61-90 [61, 90], 91-120 [91, 120], >120 [121, …]",
    "gnucash: Current […, -1], 0-30 days [0, 29], 31-60 days [30, 59], 61-90 days [60, 89], 91+ days [90, …]",
    "idempiere: due […, 0], due0 [0, 0], due0_7 [-7, 0], due0_30 [-30, 0], due1_7 [-7, -1], due8_30 [-30, -8], due31_60 [-60, -31], due31_plus […, -31], due61_90 [-90, -61], due61_plus […, -61], due91_plus […, -91], past_due [1, …], past1_7 [1, 7], past1_30 [1, 30], past8_30 [8, 30], past31_60 [31, 60], past31_plus [31, …], past61_90 [61, 90], past61_plus [61, …], past91_plus [91, …]",
    "invoice-ninja: current […, -1], 30 [0, 30], 60 [31, 60], 90 [61, 90], 120 [91, 120], 120+ [121, …]",
    "ledgersmb: c0 [-29, 29], c30 [30, 59], c60 [60, 89], c90 [90, …]",
    "moqui: current […, -1], period0 [0, 29], period1 [30, 59], period2 [60, 89], period3 [90, 119], remaining [120, …]",
    "oca-aged: current […, 0], 1-30 [1, 30], 31-60 [31, 60], 61-90 [61, 90], 91-120 [91, 120], older [121, …]",
    "oca-statement: current […, 0], 1-30 [1, 29], 31-60 [30, 59], 61-90 [60, 89], 91-120 [90, 119], +120 [120, …]",
    "odoo: at date […, 0], 1-30 [1, 30], 31-60 [31, 60], 61-90 [61, 90], 91-120 [91, 120], older [121, …]",
    "odoo-11: not due […, -1], 0-30 [0, 30], 30-60 [31, 61], 60-90 [62, 92], 90-120 [93, 123], +120 [124, …]",
    "python-accounting: current […, 30], 31-90 [31, 90], 91-180 [91, 180], 181-270 [181, 270], 271-365 [271, 365], 365+ [366, …]",
    "quickbooks: Current […, 0], 1-30 [1, 30], 31-60 [31, 60], 61-90 [61, 90], >90 [91, …]",
    "sage-intacct: not due […, -1], 0-30 [0, 30], 31-60 [31, 60], 61-90 [61, 90], 91-120 [91, 120], 121- [121, …]",
    "tryton: not due […, -1], term0 [0, 29], term1 [30, 59], term2 [60, 89], term3 [90, …]",
)


@pytest.mark.parametrize("written", RANGES, ids=lambda it: it.partition(":")[0])
def test_the_ranges_of_each_preset(written):
    """A convention is a table of numbers: it is held to that table."""
    name = written.partition(":")[0]
    assert str(Buckets.preset(name)) == written
    assert len(RANGES) == len(Buckets.presets())
