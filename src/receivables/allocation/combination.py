"""The search for a set of amounts that comes to a target, with its cost known before it starts.

Meet in the middle: the sums of small sets of one half of the amounts are listed, and those of the other half are looked up
among them. The number of sums formed depends only on how many amounts there are and how large a set may be, so a search
that would cost more than its bound is not started at that size. It stops at the second set found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, gcd, isqrt
from typing import Literal

Status = Literal["unique", "ambiguous", "none", "stopped at the bound"]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to.

    Args:
        status: `unique`, `ambiguous` with two sets, `none`, or `stopped at the bound` when larger sets were not tried.
        sets: The sets found, as positions in the amounts; two at most.
        largest: Largest set searched.
        work: Sums formed.
    """

    status: Status
    sets: tuple[tuple[int, ...], ...]
    largest: int
    work: int


def find_combination(
    amounts: Sequence[int], target: int, *, most_items: int, work: int = 200_000
) -> Found:
    """Find the set of amounts that comes to a target, and see whether there is a second one.

    Args:
        amounts: In minor units; negative for credits.
        target: What they must come to, exactly.
        most_items: Largest set looked for.
        work: Most sums formed; larger sets than that allows are not looked for.

    >>> find_combination([1000, 2550, 700, 990], 3250, most_items=4).sets
    ((1, 2),)
    >>> find_combination([100] * 40, 100 * 41, most_items=40).status
    'stopped at the bound'
    """
    most = min(most_items, len(amounts))
    largest = largest_within(len(amounts), most, work)
    middle = len(amounts) // 2
    table, spent = _sums(amounts, range(middle), largest)
    sets: list[tuple[int, ...]] = []
    for chosen, total in _subsets(amounts, range(middle, len(amounts)), largest):
        spent += 1
        for size, held in table.get(target - total, {}).items():
            if 0 < size + len(chosen) <= largest:
                sets.extend((*other, *chosen) for other in held)
        if len(sets) > 1:
            return Found("ambiguous", tuple(sets[:2]), largest, spent)
    if sets:
        return Found(
            "unique" if largest == most else "stopped at the bound", tuple(sets), largest, spent
        )
    return Found("none" if largest == most else "stopped at the bound", (), largest, spent)


def cost(count: int, size: int) -> int:
    """Return how many sums a search forms at most for so many amounts and sets of up to so many.

    >>> cost(60, 4)
    63862
    """
    halves = count // 2, count - count // 2
    return sum(comb(half, taken) for half in halves for taken in range(min(size, half) + 1))


def largest_within(count: int, most: int, work: int) -> int:
    """Return the largest size of sets whose search stays within the work."""
    size = 0
    while size < most and cost(count, size + 1) <= work:
        size += 1
    return size


def expected_accidents(amounts: Sequence[int], target: int, size: int) -> tuple[int, int]:
    """Return how many sets of two up to `size` items are expected to come to the target by chance, as a fraction.

    Sums of j amounts lie about j times the mean, spread by the square root of j times the deviation; at most one grid step
    of that spread's peak falls on any one sum. Only amounts on the target's own grid count where they are denser, since
    round amounts meet round targets far more often. The estimate does not change when everything is scaled.
    """
    whole = gcd(target, *amounts) or 1
    worst = (0, 1)
    for step in _GRIDS:
        if (target // whole) % step:
            continue
        units = [amount // whole for amount in amounts if not (amount // whole) % step]
        found = _density(units, step, size)
        if found[0] * worst[1] > worst[0] * found[1]:
            worst = found
    return worst


_GRIDS = (1, 10, 25, 50, 100, 500, 1_000, 5_000, 10_000, 50_000, 100_000)
_SCALE = 10_000


def _density(units: Sequence[int], step: int, size: int) -> tuple[int, int]:
    count = len(units)
    if count < 2:  # noqa: PLR2004 - a set has two items
        return 0, 1
    mean_times = sum(units)
    spread = sum((count * unit - mean_times) ** 2 for unit in units) * _SCALE**2 // (count**3)
    deviation = isqrt(spread) or 1  # in units times _SCALE
    expected = 0
    for taken in range(2, min(size, count) + 1):
        peak = isqrt(2 * 31_416 * taken * 10_000) or 1  # sqrt(2 pi j), times _SCALE
        expected += comb(count, taken) * step * _SCALE**3 // (deviation * peak)
    return expected, _SCALE


def _subsets(
    amounts: Sequence[int], half: range, largest: int
) -> Iterator[tuple[tuple[int, ...], int]]:
    for size in range(min(largest, len(half)) + 1):
        for chosen in combinations(half, size):
            yield chosen, sum(amounts[index] for index in chosen)


def _sums(
    amounts: Sequence[int], half: range, largest: int
) -> tuple[dict[int, dict[int, list[tuple[int, ...]]]], int]:
    """List the sums of a half by size, two sets of each at most: a second one is all that must be known."""
    table: dict[int, dict[int, list[tuple[int, ...]]]] = {}
    spent = 0
    for chosen, total in _subsets(amounts, half, largest):
        spent += 1
        held = table.setdefault(total, {}).setdefault(len(chosen), [])
        if len(held) < 2:  # noqa: PLR2004 - see above
            held.append(chosen)
    return table, spent
