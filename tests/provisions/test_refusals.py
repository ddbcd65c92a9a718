"""What cannot be is refused, with the values and the next step."""

from datetime import date
from fractions import Fraction

import pytest

from receivables import Bucket, Buckets, Money
from receivables.errors import (
    BucketError,
    InterestError,
    NoSuchColumn,
    RateNotFound,
    ReceivablesError,
    UnfitHistory,
    UnfitRate,
)
from receivables.interest import InterestRule, ReferenceRate, ReferenceRates, interest_on
from receivables.provisions import (
    Cover,
    LossCohort,
    LossRate,
    ProvisionMatrix,
    ProvisionPolicy,
    Scenario,
    Scope,
    Triangle,
    follow,
    loss_triangle,
    matrix_from,
    measure_provision,
    migration_matrix,
)
from receivables.testing import books

DAY = date(2026, 3, 31)
EDGES = Buckets.of(0, 30)
GAPS = Buckets((Bucket("young", None, 0), Bucket("old", 5, None)), "gaps")
COHORT = LossCohort.of(Money(1, "MXN"), lost=1, bucket="current")
RAISED = """
    2026-01-01 invoice    F-1 C1 100.00 MXN due=2026-01-31
    2026-02-10 adjustment J-1 on F-1 5.00 MXN increase
"""


def raised():
    [item] = books(RAISED).open_items(as_of=DAY)
    rule = InterestRule("x", "X", "business", date(2000, 1, 1), Fraction(6))
    return interest_on(item, rule=rule)


def two_rates():
    return ReferenceRates.of([ReferenceRate("b", DAY, 1), ReferenceRate("b", DAY, 2)])


def line():
    policy = ProvisionPolicy(ProvisionMatrix.of({"current": 0, ">0": 0}))
    return measure_provision([], policy, as_of=DAY)[0].line("F-9")


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (Scope, UnfitRate, "names a customer, an item or an attribute; got none"),
        (lambda: Cover(Scope(item="F"), 1, 0, limit=Money(1, "USD")).covered(Fraction(5), "MXN"), UnfitRate, "give it in MXN"),
        (lambda: Scenario("x", 1, -1), UnfitRate, "is negative; it must be 0 or more"),
        (lambda: ProvisionMatrix(EDGES, (LossRate("31-60", Fraction(0)),)), UnfitRate, "which is none of current, 1-30, >30"),
        (lambda: ProvisionMatrix(EDGES, (LossRate("current", Fraction(0)),) * 2), UnfitRate, "two rates for bucket 'current'"),
        (lambda: ProvisionMatrix(GAPS, ()), BucketError, "a matrix needs each day once"),
        (line, NoSuchColumn, "no item 'F-9' in the provision as of 2026-03-31"),
        (lambda: matrix_from([COHORT, COHORT], EDGES), UnfitHistory, "sum them before"),
        (lambda: follow(books(RAISED), DAY, DAY, buckets=EDGES), UnfitHistory, "the second day must be later"),
        (lambda: migration_matrix(books(RAISED), [DAY], buckets=EDGES, currency="MXN"), UnfitHistory, "needs two snapshots or more; got 1"),
        (lambda: migration_matrix(books(RAISED), [DAY, DAY], buckets=EDGES, currency="MXN"), UnfitHistory, "must ascend"),
        (lambda: Triangle.of([1], []), UnfitHistory, "give one row for each vintage"),
        (lambda: loss_triangle(books(RAISED), as_of=DAY, currency="USD"), UnfitHistory, "there is no vintage"),
        (raised, InterestError, "measure the increase as a claim of its own"),
        (two_rates, RateNotFound, "two rates of b on 2026-03-31; keep one"),
        (lambda: ReferenceRate("b", DAY, "much"), InterestError, "is no number; write 11.27 for 11.27 %"),
    ],
    ids=range(16),
)  # fmt: skip
def test_refused(call, kind, said):
    with pytest.raises(ReceivablesError) as caught:
        call()
    assert type(caught.value) is kind
    assert said in str(caught.value)
