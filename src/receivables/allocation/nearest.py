"""The set that comes nearest to an amount when the items due last are dropped one by one.

This is how Tryton proposes what to reconcile (rule `nearest-sum`): start with everything, drop the latest item of the side
that is too much, and keep the best set seen on the way. It is quick and greedy; it may miss a set that fits exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Nearest:
    """The best set seen.

    Args:
        positions: Positions in the amounts.
        remaining: What the set comes to less the target.
    """

    positions: tuple[int, ...]
    remaining: int


def nearest_sum(amounts: Sequence[int], target: int) -> Nearest:
    """Return the set that dropping the latest amounts brings nearest to a target; never an empty one.

    Args:
        amounts: Oldest due first; negative for credits.
        target: What to come near.

    >>> nearest_sum([1000, -1000, -500], 0)
    Nearest(positions=(0, 1), remaining=0)
    """
    held = list(range(len(amounts)))
    remaining = sum(amounts) - target
    best = Nearest(tuple(held), remaining)
    while remaining and len(held) > 1:
        side = [index for index in held if (amounts[index] > 0) == (remaining > 0)]
        if not side:
            break
        held.remove(side[-1])
        remaining -= amounts[side[-1]]
        if abs(remaining) < abs(best.remaining):
            best = Nearest(tuple(held), remaining)
    return best
