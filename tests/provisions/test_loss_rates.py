"""Loss rates from history: cohorts, chains, flows, patterns, vintages, back-tests."""

from datetime import date, timedelta
from fractions import Fraction

import pytest

from receivables import Buckets, Money
from receivables.errors import NotAPartition, SilentZero, UnfitHistory, UnfitRate
from receivables.provisions import (
    AbsorbingChain,
    BackTestRow,
    Light,
    LossCohort,
    Triangle,
    aged_balances,
    back_test,
    collection_pattern,
    count_test,
    flow_rates,
    follow,
    loss_cohorts,
    loss_triangle,
    matrix_from,
    migration_matrix,
    month_ends,
)
from receivables.testing import books

EDGES = Buckets.of(0, 30, 60, 90)
SNAPSHOTS = (
    (1_000_000, 300_000, 90_000, 36_000, 12_000),
    (1_100_000, 320_000, 96_000, 45_000, 18_000),
    (900_000, 352_000, 102_400, 48_000, 22_500),
    (1_200_000, 279_000, 105_600, 51_200, 24_000),
    (1_050_000, 384_000, 83_700, 52_800, 25_600),
    (1_000_000, 325_500, 115_200, 41_850, 26_400),
)
JUNE = dict(zip(EDGES.labels, (Money(it, "MXN") for it in SNAPSHOTS[-1]), strict=True))


@pytest.mark.parametrize(
    ("average", "last", "total"),
    [
        ("simple", 1, "125520.50"),
        ("weighted", 1, "125475.77"),
        ("simple", "0.7", "87864.35"),
        ("weighted", "0.7", "87833.04"),
    ],
)
def test_flow_rates(average, last, total):
    rates, problems = flow_rates(SNAPSHOTS, average=average, last_loss=last)
    found = rates.matrix(EDGES).allowances(JUNE)
    assert (str(sum(it.amount for it in found.values())), problems) == (total, ())


def test_simple_flow_rates_are_exact():
    rates, _ = flow_rates(SNAPSHOTS)
    assert rates.flows == (Fraction(79, 250), Fraction(77, 250), Fraction(1, 2), Fraction(1, 2))
    assert rates.loss_rates == (
        Fraction(24332, 10**6), Fraction(77, 1000), Fraction(1, 4), Fraction(1, 2), 1,
    )  # fmt: skip
    shown = [str(it.amount) for it in rates.matrix(EDGES).allowances(JUNE).values()]
    assert shown == ["24332.00", "25063.50", "28800.00", "20925.00", "26400.00"]


def test_a_flow_above_one_is_flagged_and_clamped_only_when_asked():
    rows = [(100, 10), (100, 150)]
    kept, said = flow_rates(rows)
    cut, also = flow_rates(rows, clamp=True)
    assert (kept.flows, cut.flows) == ((Fraction(3, 2),), (1,))
    assert [it.code for it in (*said, *also)] == ["flow-above-one"] * 2


@pytest.mark.parametrize("rows", [[(1, 2)], [(1, 2), (1,)], [(0, 1), (5, 1)], [(1,), (1,)]])
def test_agings_that_cannot_flow(rows):
    with pytest.raises(UnfitHistory):
        flow_rates(rows)


def test_collection_pattern():
    """50 % on time, 27 %, 15 %, 6 % late, 2 % never."""
    outstanding, rates = collection_pattern(100_000, [50_000, 27_000, 15_000, 6_000])
    assert outstanding == (100_000, 50_000, 23_000, 8_000, 2_000)
    assert rates == (Fraction(1, 50), Fraction(1, 25), Fraction(2, 23), Fraction(1, 4), 1)
    with pytest.raises(UnfitHistory):
        collection_pattern(100, [60, 50])


CHAIN = ([["0.2", "0.2"], ["0.3", "0.2"]], [["0.6", "0"], ["0.4", "0.1"]])


def test_absorbing_chain():
    chain = AbsorbingChain.of(*CHAIN, exits=("paid", "loss"))
    as_text = [[str(it) for it in row] for row in chain.fundamental]
    assert as_text == [["40/29", "10/29"], ["15/29", "40/29"]]
    assert [[str(it) for it in row] for row in chain.absorption] == [
        ["28/29", "1/29"],
        ["25/29", "4/29"],
    ]
    assert chain.outcome([2000, 5000]) == {
        "paid": Fraction(181000, 29),
        "loss": Fraction(22000, 29),
    }
    assert chain.lifetime_rates()["state 2"] == Fraction(4, 29)


def test_rows_of_a_chain_sum_to_one():
    with pytest.raises(NotAPartition, match="state 1 sum to 9/10; they must sum to 1"):
        AbsorbingChain.of([["0.2"]], [["0.7"]], exits=("paid",))
    with pytest.raises(UnfitRate, match="never leaves"):
        _ = AbsorbingChain.of([[1]], [[0]], exits=("paid",)).fundamental


COHORT = LossCohort.of(
    Money(5000, "MXN"), diluted=500, lost=300, unresolved=600, recovered=100, trials=4, events=1
)


def test_cohort_readings():
    assert COHORT.rate() == Fraction(1, 5)
    assert COHORT.rate(None) == Fraction(1, 13)
    assert COHORT.rate(net_of_recoveries=True) == Fraction(8, 45)
    assert COHORT.rate("0.5") == Fraction(600, 4500)
    assert LossCohort.of(Money(500, "MXN"), diluted=500).rate() is None


LEDGER = """
    2025-01-10 invoice    A C1 1000.00 MXN due=2025-02-01
    2025-01-10 invoice    B C2 2000.00 MXN due=2025-02-01
    2025-01-10 invoice    C C3 500.00 MXN due=2025-02-01
    2025-01-10 invoice    D C4 1500.00 MXN due=2025-02-01
    2025-03-05 payment    P1 C1 1000.00 MXN
    2025-03-05 allocation U1 P1 -> A 1000.00 MXN
    2025-04-05 write_off  W1 on B 300.00 MXN
    2025-04-06 payment    P2 C2 1700.00 MXN
    2025-04-06 allocation U2 P2 -> B 1700.00 MXN
    2025-05-01 credit_memo M1 C3 500.00 MXN
    2025-05-01 allocation U3 M1 -> C 500.00 MXN
    2025-06-01 payment    P3 C4 900.00 MXN
    2025-06-01 allocation U4 P3 -> D 900.00 MXN
"""


def test_cohorts_of_a_subledger():
    """The same four items as facts: dilution 500, lost 300, still open 600."""
    [cohort] = loss_cohorts(
        books(LEDGER), [date(2025, 2, 28)], horizon=timedelta(days=365), buckets=EDGES,
        currency="MXN", recoveries=[("B", Money(100, "MXN"))],
    )  # fmt: skip
    assert (cohort.bucket, cohort.trials, cohort.events) == ("1-30", 4, 1)
    assert (cohort.rate(), cohort.rate(None)) == (Fraction(1, 5), Fraction(1, 13))
    assert cohort.rate(net_of_recoveries=True) == Fraction(8, 45)
    assert cohort.effective_customers == Fraction(25, 1) * 10**6 / (
        (1 + 4 + Fraction(1, 4) + Fraction(9, 4)) * 10**6
    )
    matrix, doubts = matrix_from([cohort], EDGES, origin="2025")
    assert str(matrix.find(None, "1-30")) == "1-30: 20 % (2025)"
    assert [it.code for it in doubts] == ["thin-sample"]


def test_zero_is_never_silent():
    nothing = [LossCohort.of(Money(100, "MXN"), bucket="current", trials=50)]
    with pytest.raises(SilentZero, match=r"0\.000 % to 7\.135 %"):
        matrix_from(nothing, EDGES)
    floored, _ = matrix_from(nothing, EDGES, floor="0.001")
    noted, _ = matrix_from(nothing, EDGES, note="prepaid only")
    shrunk, _ = matrix_from(nothing, EDGES, prior=(2, 98))
    found = [it.find(None, "current") for it in (floored, noted, shrunk)]
    assert [it.rate for it in found] == [Fraction(1, 1000), 0, Fraction(2, 150)]
    assert found[1].origin == "prepaid only"


def test_rates_that_fall_are_smoothed_only_when_asked():
    cohorts = [
        LossCohort.of(Money(100, "MXN"), lost=10, bucket="current"),
        LossCohort.of(Money(300, "MXN"), lost=10, bucket="1-30"),
    ]
    raw, _ = matrix_from(cohorts, EDGES)
    smooth, _ = matrix_from(cohorts, EDGES, smooth=True)
    assert [it.rate for it in raw.rates] == [Fraction(1, 10), Fraction(1, 30)]
    assert [it.rate for it in smooth.rates] == [Fraction(1, 20)] * 2
    assert smooth.rates[0].origin == "raw 0.1"


def test_migration_follows_money_not_items():
    """1,000 paid, 1,500 of which 900 was paid: by July the rest is older than 90 days."""
    matrix = migration_matrix(
        books(LEDGER), [date(2025, 2, 28), date(2025, 7, 31)], buckets=EDGES, currency="MXN"
    )
    row = dict(zip((*matrix.states, *matrix.exits), matrix.rows["1-30"], strict=True))
    assert {name: share for name, share in row.items() if share} == {
        ">90": Fraction(600, 5000),
        "paid": Fraction(3600, 5000),
        "loss": Fraction(300, 5000),
        "diluted": Fraction(500, 5000),
    }
    with pytest.raises(UnfitHistory, match="money moved from 1-30 to >90"):
        matrix.chain()


def test_lifetime_rates_from_month_ends():
    found = migration_matrix(
        books(LEDGER), month_ends(date(2025, 1, 31), date(2025, 6, 30)), buckets=EDGES, currency="MXN"
    )  # fmt: skip
    chain = found.chain()
    assert chain.lifetime_rates()["current"] == Fraction(300, 5000)
    assert found.backward == Money(0, "MXN")


def test_a_reversed_document_is_diluted_and_a_reversed_payment_is_open_again():
    ledger = """
        2025-01-10 invoice    A C1 1000.00 MXN due=2025-02-01
        2025-01-10 invoice    B C1 400.00 MXN due=2025-02-01
        2025-02-05 payment    P C1 300.00 MXN
        2025-02-05 allocation U P -> A 300.00 MXN
        2025-03-10 reversal   X of P
        2025-03-11 reversal   Y of B
        2025-03-20 payment    Q C1 200.00 MXN
        2025-03-20 allocation V Q -> A 200.00 MXN
    """
    a, b = follow(books(ledger), date(2025, 2, 28), date(2025, 3, 31), buckets=EDGES)
    shown = [(str(it.amount.amount), str(it.paid.amount), str(it.diluted.amount), str(it.still_open.amount)) for it in (a, b)]  # fmt: skip
    assert shown == [("700.00", "200.00", "0.00", "500.00"), ("400.00", "0.00", "400.00", "0.00")]


def test_agings_of_a_subledger_flow():
    ends = month_ends(date(2025, 1, 31), date(2025, 4, 30))
    rows, problems = aged_balances(books(LEDGER), ends, buckets=EDGES, currency="MXN")
    assert [[str(it) for it in row] for row in rows] == [
        ["5000.00", "0.00", "0.00", "0.00", "0.00"],
        ["0.00", "5000.00", "0.00", "0.00", "0.00"],
        ["0.00", "0.00", "4000.00", "0.00", "0.00"],
        ["0.00", "0.00", "0.00", "2000.00", "0.00"],
    ]
    assert problems == ()
    _, uneven = aged_balances(books(LEDGER), ends, buckets=Buckets.of(0, 60), currency="MXN")
    assert [it.code for it in uneven] == ["uneven-bands"]


def test_chain_ladder():
    triangle = Triangle.of([1000, 1000, 2000], [[10, 15, 18], [20, 30], [8]])
    assert triangle.development == (Fraction(45, 30), Fraction(18, 15))
    assert triangle.ultimate == (18, 36, Fraction(8) * Fraction(3, 2) * Fraction(6, 5))
    assert triangle.loss_rates == (
        Fraction(18, 1000), Fraction(36, 1000), Fraction(144, 10) / 2000,
    )  # fmt: skip


def test_a_vintage_without_any_known_age_has_no_loss_yet():
    triangle = Triangle.of([1000, 1000], [[10, 15], []])
    assert triangle.ultimate == (15, 0)


def test_vintages_of_a_subledger():
    triangle = loss_triangle(books(LEDGER), as_of=date(2025, 5, 31), currency="MXN")
    assert (triangle.vintages, triangle.sales) == (("2025-01",), (4500,))
    assert triangle.losses == ((0, 0, 0, 300, 300),)


def test_back_test():
    """2 % of 500 with 17 losses: amber, not red."""
    test = count_test(17, 500, "0.02")
    assert (f"{test.probability:.5f}", test.light) == ("0.02574", Light.AMBER)
    assert [count_test(k, 500, "0.02").light for k in (10, 15, 30)] == [
        Light.GREEN, Light.GREEN, Light.RED,
    ]  # fmt: skip
    rows = [
        BackTestRow("current", Money(100, "MXN"), Money(80, "MXN"), test),
        BackTestRow("1-30", Money(50, "MXN"), Money(40, "MXN")),
    ]
    found = back_test(rows, "MXN")
    assert (found.coverage, found.light) == (Fraction(5, 4), Light.AMBER)
    assert found.rows[1].error == Money(10, "MXN")
    assert back_test([], "MXN").coverage is None
