"""The contract between a source of facts and whoever reads it.

A source yields pages at least once, with stable ids: who upserts the facts of a page and saves its cursor in one
transaction has each fact exactly once. Bad data never raises out of a page; it is a `Problem` there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Protocol, runtime_checkable

from receivables.facts import Customer, Fact
from receivables.money import Money
from receivables.problems import Problem


@dataclass(frozen=True, slots=True)
class Entry:
    """What one row of a source became, or the rows of one document's instalments.

    Args:
        lines: Line numbers in the source, one a row.
        facts: The facts the rows say; a quarantined entry has none.
        amount: What the rows count with in the control totals; None when it could not be read or there is none.
        quarantined: True when the rows were left out; a problem of the same page says why.
    """

    lines: tuple[int, ...]
    facts: tuple[Fact | Customer, ...] = ()
    amount: Money | None = None
    quarantined: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Some facts of a source, what was wrong on the way, and where to go on.

    Args:
        facts: Facts to upsert by id.
        problems: Rows left out or kept with a remark.
        cursor: Give it to `pages(since=…)` to go on after this page; None when the source cannot.
        entries: The rows behind the facts, where the source has rows; without them each fact counts as a row.
        source: What the lines of `entries` are lines of, such as a file name.
    """

    facts: tuple[Fact | Customer, ...]
    problems: tuple[Problem, ...] = ()
    cursor: str | None = None
    entries: tuple[Entry, ...] = ()
    source: str = ""

    @classmethod
    def of(
        cls, entries: Iterable[Entry], problems: Iterable[Problem], cursor: str | None, source: str
    ) -> Page:
        """Build a page from its rows; the facts are theirs."""
        listed = tuple(entries)
        facts = tuple(chain.from_iterable(entry.facts for entry in listed))
        return cls(facts, tuple(problems), cursor, listed, source)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a source can give.

    Args:
        history: True when it gives dated facts, so that any past date can be asked about; False for open amounts of
            one day.
        incremental: True when `pages(since=…)` leaves out what came before the cursor.
        recorded: True when facts say when they became known, so that `known_at` can be asked.
        drawn_on: The day the open amounts are of, for a source without history; None when nobody stated it.
    """

    history: bool = True
    incremental: bool = False
    recorded: bool = False
    drawn_on: date | None = None


@runtime_checkable
class Source(Protocol):
    """Where facts come from."""

    @property
    def name(self) -> str:
        """What people call it: a file name, a system."""
        ...

    def capabilities(self) -> Capabilities:
        """Say what the source can give."""
        ...

    def pages(self, since: str | None = None) -> Iterator[Page]:
        """Yield the facts, page by page.

        Args:
            since: The cursor of the last page that was kept; None to start at the beginning.
        """
        ...
