"""The search for a set of amounts that comes to a target, with its cost known before it starts.

Meet in the middle: the sums of small sets of one half of the amounts are listed, and those of the other half are looked up
among them. The number of sums formed depends only on how many amounts there are and how large a set may be, so a search
that would cost more than its bound is not started at that size. It stops at the second set found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
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
    near = _sums(amounts[:middle], largest)
    table: dict[int, list[tuple[int, int]]] = {}
    for size, level in enumerate(near):
        for total, mask in level:
            held = table.get(total)
            if held is None:
                table[total] = [(size, mask)]
            elif sum(it[0] == size for it in held) < 2:  # noqa: PLR2004 - a second one is all that must be known
                held.append((size, mask))
    spent, sets = sum(map(len, near)), []
    for size, level in enumerate(_sums(amounts[middle:], largest)):
        spent += len(level)
        for total, mask in [it for it in level if target - it[0] in table]:
            for other, held_mask in table[target - total]:
                if 0 < size + other <= largest:
                    sets.append(_positions(held_mask | mask << middle))
            if len(sets) > 1:
                return Found("ambiguous", tuple(sorted(sets)[:2]), largest, spent)
    status: Status = "stopped at the bound" if largest < most else "unique" if sets else "none"
    return Found(status, tuple(sets), largest, spent)


@cache
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


def accidents_by_size(amounts: Sequence[int], target: int, most: int) -> list[Fraction]:
    """Return, for each largest size from 0 to `most`, how many sets are expected to come to the target by chance.

    Sums of j amounts lie about j times the mean, spread by the square root of j times the deviation; at most one grid step
    of that spread's peak falls on any one sum. Only amounts on the target's own grid count where they are denser, since
    round amounts meet round targets far more often. The estimate does not change when everything is scaled.
    """
    whole = gcd(target, *amounts) or 1
    units = [amount // whole for amount in amounts]
    found = [
        _expected([unit for unit in units if not unit % step], step, most)
        for step in _GRIDS
        if not (target // whole) % step
    ]
    return [Fraction(max(parts), _PARTS) for parts in zip(*found, strict=True)]


_GRIDS = (1, 10, 25, 50, 100, 500, 1_000, 5_000, 10_000, 50_000, 100_000)
_SCALE = 10_000
_PARTS = 10**12  # expectations are counted in parts of one
_ROOTS = [
    isqrt(2 * 31_416 * taken * _SCALE) for taken in range(1_000)
]  # sqrt(2 pi taken), times _SCALE


def _expected(units: Sequence[int], step: int, most: int) -> list[int]:
    count = len(units)
    expected = [0] * (most + 1)
    if not units:
        return expected
    whole = sum(units)
    spread = (
        (count * sum(unit * unit for unit in units) - whole * whole) * _SCALE**2 // (count * count)
    )
    deviation = isqrt(spread) or 1  # in units times _SCALE
    for taken in range(2, most + 1):
        peak = comb(count, taken) * step * _SCALE**2 * _PARTS // (deviation * _ROOTS[taken])
        expected[taken] = expected[taken - 1] + peak
    return expected


def _sums(amounts: Sequence[int], largest: int) -> list[list[tuple[int, int]]]:
    """List the sums of sets of each size, each with the set as a mask of positions."""
    levels: list[list[tuple[int, int]]] = [[(0, 0)], *([] for _ in range(largest))]
    for place, amount in enumerate(amounts):
        bit = 1 << place
        for size in range(largest, 0, -1):
            levels[size] += [(total + amount, mask | bit) for total, mask in levels[size - 1]]
    return levels


def _positions(mask: int) -> tuple[int, ...]:
    return tuple(place for place in range(mask.bit_length()) if mask >> place & 1)
