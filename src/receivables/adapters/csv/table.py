"""A table as every format gives it: a header and batches of rows, each with its line number.

Cells are text, or what a typed format holds (numbers, dates, True and False, None). What a cell means is decided later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from receivables.problems import Problem

BATCH = 10_000

TITLED = "; if the names of the columns stand in a lower row, say header_row in [file] of a mapping"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that could not be read at all.

    Args:
        line: Its line in the source.
        code: Of the problem.
        message: A sentence about it.
    """

    line: int
    code: str
    message: str

    def problem(self, source: str) -> Problem:
        """Return it as a problem of the source."""
        return Problem(self.code, self.message, f"{source}:{self.line}")


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a table; every row has as many cells as the header."""

    lines: Sequence[int]
    rows: Sequence[Sequence[Any]]
    refused: Sequence[Refused] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table file, opened: it can be gone through several times.

    Args:
        name: The file's name.
        header: Names of the columns.
        batches: Starts reading from the first row and yields batches.
        evidence: What was detected, not declared, and what shows it.
        expected: About how many rows there are; None when that is not known without reading.
        whole_floats: True when every number of the format is a float, so that 7.0 there is the integer 7.
    """

    name: str
    header: tuple[str, ...]
    batches: Callable[[], Iterator[Batch]]
    evidence: tuple[str, ...] = ()
    expected: int | None = None
    whole_floats: bool = False

    @property
    def hint(self) -> str:
        """What a complaint about the header adds when it looks like a title above it: most of it is empty."""
        named = sum(map(bool, self.header))
        return TITLED if named <= 1 or named * 2 < len(self.header) else ""


def grouped(values: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """Yield lists of at most `size` values."""
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk
