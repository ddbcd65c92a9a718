"""The search for a set: its work is known before it starts, its worst cases stay within it, and chance is kept out."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from receivables.allocation import ByCombination, find_combination, nearest_sum
from receivables.allocation.amounts import meaningful_size
from receivables.allocation.combination import accidents_by_size, cost, largest_within
from receivables.allocation.nearest import Nearest


@pytest.mark.parametrize(
    ("count", "size", "sums"), [(0, 3, 2), (3, 1, 5), (4, 2, 8), (60, 2, 932), (60, 4, 63_862)]
)
def test_the_work_is_known_before(count, size, sums):
    assert cost(count, size) == sums


def test_the_largest_size_within_the_work():
    assert [largest_within(60, 60, work) for work in (61, 62, 931, 932, 200_000)] == [0, 1, 1, 2, 4]
    assert largest_within(60, 3, 200_000) == 3


@pytest.mark.parametrize(
    ("amounts", "target"),
    [([100] * 40, 4_100), ([100] * 40, 2_050), (list(range(1_001, 1_241, 4)), 60_001)],
    ids=["forty equal, too few", "forty equal, no multiple", "sixty without a solution"],
)
def test_worst_cases_return_within_the_bound_and_say_so(amounts, target):
    found = find_combination(amounts, target, most_items=60, work=200_000)
    assert (found.status, found.sets) == ("stopped at the bound", ())
    assert found.work == cost(len(amounts), found.largest) <= 200_000


def test_forty_equal_amounts_are_ambiguous_as_soon_as_two_sets_fit():
    found = find_combination([100] * 40, 300, most_items=3, work=200_000)
    assert (found.status, len(found.sets)) == ("ambiguous", 2)
    assert found.work < cost(40, 3)


def test_a_set_found_below_the_bound_is_not_called_unique():
    amounts = [101, 203, 407, 811, 1_601, 3_203]
    assert find_combination(amounts, 304, most_items=2).status == "unique"
    assert (
        find_combination(amounts, 304, most_items=6, work=cost(6, 2)).status
        == "stopped at the bound"
    )
    assert find_combination(amounts, 304, most_items=6, work=cost(6, 2)).sets == ((0, 1),)


@pytest.mark.parametrize(
    "amounts",
    [
        [1, 4, 2, 3, 100, 200, 300, 400],
        [100, 200, 300, 400, 1, 4, 2, 3],
        [1, 2, 100, 200, 4, 3, 300, 400],
    ],
    ids=["both among the first", "both among the last", "across"],
)
def test_two_sets_are_found_wherever_they_stand(amounts):
    places = {amount: place for place, amount in enumerate(amounts)}
    found = find_combination(amounts, 5, most_items=2)
    assert found.status == "ambiguous"
    assert set(found.sets) == {
        tuple(sorted(places[it] for it in pair)) for pair in ((1, 4), (2, 3))
    }


def test_sets_of_different_sizes_are_two_sets():
    found = find_combination([5, 2, 3, 100, 200, 300], 5, most_items=2)
    assert (found.status, found.sets) == ("ambiguous", ((0,), (1, 2)))
    assert find_combination([5, 2, 3, 100, 200, 300], 5, most_items=1).sets == ((0,),)


def test_no_amounts_and_equal_ones_have_a_chance_without_a_spread():
    assert accidents_by_size([], 5, 3) == [0, 0, 0, 0]
    assert accidents_by_size([7, 7], 14, 2)[2] > 1_000  # 1 / sqrt(4 pi) of a ten-thousandth


def test_single_amounts_credits_and_nothing():
    assert find_combination([5, 7], 7, most_items=2).sets == ((1,),)
    assert find_combination([5, -2, 9], 3, most_items=3).sets == ((0, 1),)
    assert find_combination([], 3, most_items=3).status == "none"
    assert find_combination([3, 3], 0, most_items=2).status == "none"


@pytest.mark.parametrize(("count", "step"), [(20, 1), (40, 1), (60, 1), (20, 500), (60, 500)])
def test_fewer_than_one_in_a_hundred_random_amounts_is_matched_by_chance(count, step):
    """Amounts up to 10,000.00 in cents or in steps of 5.00, targets that nobody planted."""
    draw = random.Random(count * step)  # noqa: S311 - amounts, no secrets
    rule = ByCombination()
    matched = tried = 0
    for _ in range(40):
        amounts = [draw.randrange(1, 1_000_000 // step) * step for _ in range(count)]
        for _ in range(10):
            target = draw.randrange(1, 2_000_000 // step) * step
            size = meaningful_size(rule, amounts, target)
            tried += 1
            if size > 1:
                found = find_combination(amounts, target, most_items=size)
                matched += found.status == "unique" and len(found.sets[0]) > 1
    assert tried == 400
    assert matched < 4  # of 400


def test_chance_is_the_same_at_every_scale_and_greater_on_a_common_grid():
    amounts = [1_013, 2_971, 5_309, 9_727, 6_151]
    assert accidents_by_size(amounts, 7_777, 3) == accidents_by_size(
        [it * 30 for it in amounts], 7_777 * 30, 3
    )
    assert (
        accidents_by_size([100, 200, 300, 450], 700, 2)[2]
        > accidents_by_size([101, 203, 307, 459], 700, 2)[2]
    )
    assert accidents_by_size([5], 5, 2) == [0, 0, 0]
    first = accidents_by_size([10, 30], 41, 2)
    assert first[:2] == [0, 0]
    assert abs(first[2] - Fraction(282, 10_000)) < Fraction(1, 1_000)  # 1 / (10 * sqrt(4 pi))


def test_chance_adds_up_over_the_sizes_and_goes_by_the_common_grid_only():
    """1 / (16.33 * sqrt(4 pi)) for each of three pairs, and 1 / (16.33 * sqrt(6 pi)) for all three."""
    pairs, three = accidents_by_size([10, 30, 50], 61, 3)[2:]
    assert abs(pairs - Fraction(518, 10_000)) < Fraction(1, 1_000)
    assert abs(three - pairs - Fraction(141, 10_000)) < Fraction(1, 1_000)
    assert accidents_by_size([50, 100, 150, 55], 30, 2) == accidents_by_size([10, 20, 30, 11], 6, 2)


@pytest.mark.parametrize("step", [10, 25, 50, 100, 500, 1_000, 5_000, 10_000, 50_000, 100_000])
def test_round_amounts_meet_round_targets_as_often_as_if_they_were_counted_in_that_step(step):
    alone = accidents_by_size([3, 5, 8, 13, 21], 18, 3)
    among_others = accidents_by_size(
        [3 * step, 5 * step, 8 * step, 13 * step, 21 * step, 1], 18 * step, 3
    )
    assert among_others[2] > alone[2] * Fraction(99, 100) > Fraction(1, 10)


def test_the_nearest_set_is_never_empty():
    assert nearest_sum([10], 0) == Nearest((0,), 10)
    assert nearest_sum([10, 20], -5) == Nearest((0,), 15)
    assert nearest_sum([], 5) == Nearest((), -5)
    assert nearest_sum([10, 1], 10) == Nearest((0,), 0)
    assert nearest_sum([5, 10, -1], 4) == Nearest((0, 2), 0)


def test_the_largest_set_worth_searching_is_the_rule_s_where_amounts_are_far_apart():
    draw = random.Random(3)  # noqa: S311 - amounts, no secrets
    amounts = [draw.randrange(1, 10**12) for _ in range(16)]
    assert meaningful_size(ByCombination(), amounts, sum(amounts[:6])) == 6
    assert meaningful_size(ByCombination(), amounts[:15], sum(amounts[:6])) == 15
    assert find_combination(amounts, sum(amounts[:6]), most_items=6).sets == ((0, 1, 2, 3, 4, 5),)
