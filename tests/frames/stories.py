"""Many generated subledgers in one table, so that one question to an engine answers for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings

from receivables import Subledger
from receivables.facts import Fact
from receivables.frames.table import rows_table
from receivables.schema.rows import from_rows, to_rows
from receivables.testing.strategies import subledgers

NAMES = ("id", "customer", "source_id", "target_id", "reverses_id")


@cache
def gathered(count: int = 240) -> tuple[tuple[Fact, ...], ...]:
    """Return the facts of that many lawful subledgers, the same ones on every run."""
    found: list[tuple[Fact, ...]] = []

    @settings(max_examples=count * 2, derandomize=True, database=None, deadline=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(subledgers(masters=False))
    def collect(facts):
        if len(found) < count:
            found.append(facts)

    collect()
    assert len(found) == count
    return tuple(found)


def ours(number: int, name: str | None) -> str | None:
    """Return a name of one subledger as it stands in the common table."""
    return None if name is None else f"{number:03}:{name}"


def common_table(stories: Sequence[Sequence[Fact]]):
    """Return all facts in one facts table, ids and customers told apart by the number of their subledger."""
    return rows_table([row for rows in _rows(stories) for row in rows])


def common_books(stories: Sequence[Sequence[Fact]]) -> Subledger:
    """Return the same facts, renamed the same way, in one subledger of the object core."""
    return Subledger.of(from_rows(rows) for rows in _rows(stories))


def _rows(stories: Sequence[Sequence[Fact]]) -> Iterator[list[dict[str, Any]]]:
    for number, facts in enumerate(stories):
        for fact in facts:
            yield [
                {name: ours(number, cell) if name in NAMES else cell for name, cell in row.items()}
                for row in to_rows(fact)
            ]


def books_of(stories: Sequence[Sequence[Fact]]) -> list[Subledger]:
    """Return the object core's subledgers of the same facts."""
    return [Subledger.of(facts) for facts in stories]
