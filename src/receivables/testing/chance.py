"""Reproducible chance, so that one seed makes one portfolio on every machine and in every version of Python."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Reproducible chance: whole numbers only, drawn the same way in every version of Python."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random

    def below(self, limit: int) -> int:
        """Draw a whole number from 0 up to but not including the limit."""
        return int(self._random() * limit)

    def between(self, low: int, high: int) -> int:
        """Draw a whole number from low to high, both included."""
        return low + self.below(high - low + 1)

    def percent(self, share: int) -> bool:
        """Say yes in so many cases out of a hundred."""
        return self.below(100) < share

    def pick(self, choices: Sequence[T]) -> T:
        """Draw one of several."""
        return choices[self.below(len(choices))]
