"""Provision matrices: the published examples come out to the unit."""

from decimal import Decimal
from fractions import Fraction

import pytest

from receivables import Money, Rounding
from receivables.errors import BucketError, RateNotFound, UnfitRate
from receivables.provisions import ProvisionMatrix

LABELS = ("current", "1-30", "31-60", "61-90", ">90")


def usd(amounts):
    return {label: Money(it, "USD") for label, it in zip(LABELS, amounts, strict=True)}


def matrix(*rates, **more):
    return ProvisionMatrix.of(dict(zip(LABELS, rates, strict=True)), **more)


def figures(found):
    return [str(it.amount) for it in found.values()]


def test_ifrs_9_illustrative_example_12():
    rates = matrix("0.003", "0.016", "0.036", "0.066", "0.106")
    found = rates.allowances(usd((15_000_000, 7_500_000, 4_000_000, 2_500_000, 1_000_000)))
    assert figures(found) == ["45000.00", "120000.00", "144000.00", "165000.00", "106000.00"]
    assert sum(it.amount for it in found.values()) == Decimal("580000.00")


def test_asc_326_example_5_rounds_each_bucket_to_the_unit():
    rates = matrix("0.003", "0.088", "0.286", "0.638", "0.902")
    found = rates.allowances(usd((5_984_698, 8_272, 2_882, 842, 1_100)), decimals=0)
    assert figures(found) == ["17954.00", "728.00", "824.00", "537.00", "992.00"]
    assert sum(it.amount for it in found.values()) == 21035


def test_half_even_reproduces_the_published_112():
    rates = ProvisionMatrix.of({"current": "0.005", ">0": "0.045"})
    found = rates.allowances({">0": Money(2500, "USD")}, rounding=Rounding.HALF_EVEN, decimals=0)
    assert figures(found) == ["112.00"]
    assert figures(rates.allowances({">0": Money(2500, "USD")}, decimals=0)) == ["113.00"]


def test_a_rate_stays_exact_until_money_is_rounded():
    """2/23 of 60,000 is 5,217; the rounded rate of 8.7 % would give 5,220."""
    rates = matrix("0.02", "0.04", Fraction(2, 23), "0.25", "1")
    found = rates.allowances(usd((300_000, 140_000, 60_000, 23_000, 5_000)), decimals=0)
    assert figures(found) == ["6000.00", "5600.00", "5217.00", "5750.00", "5000.00"]


def test_a_segment_has_its_own_rates_and_the_default_serves_the_rest():
    rates = matrix("0.01", "0.02", "0.03", "0.04", "0.05", segments={"export": {"current": "0.2"}})
    assert [rates.find(it, "current").rate for it in ("export", "retail", None)] == [
        Fraction(1, 5),
        Fraction(1, 100),
        Fraction(1, 100),
    ]
    assert rates.find("export", "1-30").rate == Fraction(2, 100)


@pytest.mark.parametrize("rate", ["1.5", "-0.1", "two", 0.02, True, Decimal("NaN")])
def test_a_rate_is_a_share(rate):
    with pytest.raises(UnfitRate):
        ProvisionMatrix.of({"current": rate, ">0": "0.1"})


def test_a_missing_rate_is_said():
    rates = ProvisionMatrix.of({"current": "0.01", ">0": "0.02"})
    with pytest.raises(RateNotFound, match="no loss rate for segment 'a' in bucket 'undated'"):
        rates.find("a", "undated")


@pytest.mark.parametrize(
    "labels", [("current", "1-30"), ("current", "1-30", ">31"), ("old", ">0"), ("1-30", "31+")]
)
def test_labels_must_run_on(labels):
    with pytest.raises(BucketError):
        ProvisionMatrix.of(dict.fromkeys(labels, "0.1"))


def test_labels_of_other_tables_mean_ours():
    rates = ProvisionMatrix.of({"current": "0", "1-90": "0.1", "91+": "0.5"}, origin="x")
    assert rates.buckets.labels == ("current", "1-90", ">90")
    assert rates.find(None, ">90").rate == Fraction(1, 2)


def test_remarks_name_rates_that_fall_and_rates_of_nothing():
    rates = ProvisionMatrix.of({"current": "0", "1-30": "0.2", ">30": "0.1"})
    assert [(it.code, it.severity) for it in rates.remarks()] == [
        ("rate-falls-with-age", "noted"),
        ("zero-rate", "noted"),
    ]


def test_current_ends_where_the_first_bucket_begins():
    rates = ProvisionMatrix.of({"current": "0.1", "31-60": "0.2", ">60": "0.3"})
    assert [rates.buckets.label(it) for it in (0, 30, 31, 61)] == [
        "current",
        "current",
        "31-60",
        ">60",
    ]
