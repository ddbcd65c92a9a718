"""A row being read: what was used of it, what is left for the origin, and what was wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from receivables.adapters.oracle import wire
from receivables.adapters.oracle.codes import SYSTEM
from receivables.adapters.port import Entry
from receivables.errors import ReceivablesError
from receivables.facts import Customer, Fact, Origin
from receivables.money import Money
from receivables.problems import Problem, Severity

T = TypeVar("T")
AnyFact = Fact | Customer


@dataclass(frozen=True, slots=True)
class Reading:
    """What one row became.

    Args:
        entry: The row and its facts, for the count.
        problems: What was wrong.
    """

    entry: Entry
    problems: tuple[Problem, ...] = ()


class Unreadable(Exception):
    """A row says no fact: a code and a sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(slots=True)
class Taken:
    """A row of a resource, and which of its attributes were read.

    Args:
        resource: Where it is from.
        key: Its key.
        row: The row as it came.
    """

    resource: str
    key: int
    row: Mapping[str, Any]
    used: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    @property
    def where(self) -> str:
        """The place a problem names."""
        return f"{self.resource}/{self.key}"

    def text(self, name: str) -> str | None:
        """Return an attribute as text; None for null."""
        self.used.add(name)
        value = self.row.get(name)
        return None if value is None or value == "" else wire.text(value)

    def day(self, name: str) -> date | None:
        """Return a business date."""
        return self._read(name, wire.day)

    def moment(self, name: str) -> datetime | None:
        """Return a timestamp."""
        return self._read(name, wire.moment)

    def number(self, name: str) -> Any:
        """Return a number, exact."""
        return self._read(name, wire.number)

    def money(self, name: str, currency: str) -> Money | None:
        """Return an amount."""
        return self._read(name, lambda value: wire.money(value, currency))

    def note(self, code: str, sentence: str, severity: Severity = "noted") -> None:
        """List something wrong with the row."""
        self.problems.append(Problem(code, sentence, self.where, severity=severity))

    def origin(self) -> Origin:
        """Return where the row is from, with every attribute that has no place in the fact."""
        left = {
            name: wire.text(value)
            for name, value in self.row.items()
            if name not in self.used and name != "links" and value is not None
        }
        return Origin(SYSTEM, self.where, tuple(left.items()))

    def _read(self, name: str, reader: Callable[[Any], T]) -> T:
        self.used.add(name)
        value = self.row.get(name)
        try:
            return reader(value)
        except ValueError:
            msg = f"{name} {value!r} cannot be read; correct it in the source"
            raise Unreadable("unreadable-value", msg) from None


def reading(
    taken: Taken, build: Callable[[Taken], tuple[AnyFact, ...]], amount: Callable[[], Money | None]
) -> Reading:
    """Build the facts of a row; what goes wrong becomes a problem of that row alone."""
    try:
        facts = build(taken)
    except (Unreadable, ReceivablesError) as error:
        taken.note(error.code, f"{error}", "quarantined")
        return Reading(
            Entry((taken.key,), (), _or_none(amount), quarantined=True), tuple(taken.problems)
        )
    return Reading(Entry((taken.key,), facts, _or_none(amount)), tuple(taken.problems))


def _or_none(amount: Callable[[], Money | None]) -> Money | None:
    try:
        return amount()
    except (Unreadable, ReceivablesError, ValueError):
        return None
