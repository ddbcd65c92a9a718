"""`load`: read a source to its end, keep what obeys the laws, and account for every row.

A row is accepted whole or not at all: when one of the facts it says breaks a law, the others are left out with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from receivables.adapters.port import Capabilities, Entry, Page, Source
from receivables.adapters.tally import Counting, Tally
from receivables.errors import BeforeExtract
from receivables.explain import Explanation
from receivables.facts import Customer, Fact
from receivables.money import Money
from receivables.open_items import OpenItem
from receivables.problems import Problem
from receivables.subledger import OpenItemsExtract, Subledger

AnyFact = Fact | Customer


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a source gave: the books, what was wrong, and the count that ties.

    Args:
        books: Every fact that obeys the laws.
        problems: Rows left out, and rows kept with a remark.
        tally: rows = accepted + duplicates + quarantined, with control totals.
        capabilities: What the source can give; without history, dates before the extract are refused.
    """

    books: Subledger
    problems: tuple[Problem, ...]
    tally: Tally
    capabilities: Capabilities

    def open_items(self, *, as_of: date, known_at: datetime | None = None) -> tuple[OpenItem, ...]:
        """Return what is open on a day.

        Args:
            as_of: The last day that counts.
            known_at: Leave out what was recorded later; only for a source with history.

        Raises:
            BeforeExtract: When the source has no history and the day is before its extract, or `known_at` is asked.
        """
        if self.capabilities.history:
            return self.books.open_items(as_of=as_of, known_at=known_at)
        self._no_recording(known_at)
        return self.extract(as_of).open_items(as_of=as_of)

    def extract(self, as_of: date) -> OpenItemsExtract:
        """Return the open items of a source without history; drawn on `as_of` when nobody stated the day."""
        return OpenItemsExtract(self.books, self.capabilities.drawn_on or as_of)

    def explain(
        self, fact_id: str, *, as_of: date, known_at: datetime | None = None
    ) -> Explanation:
        """Return what is open of one document on a day, movement by movement.

        Raises:
            UnknownFact: When the id is none of a document that counts on that day.
            BeforeExtract: When the source has no history and the day is before its extract.
        """
        if not self.capabilities.history:
            self._no_recording(known_at)
            return self.extract(as_of).explain(fact_id, as_of=as_of)
        return self.books.explain(fact_id, as_of=as_of, known_at=known_at)

    def _no_recording(self, known_at: datetime | None) -> None:
        if known_at is not None:
            msg = f"the source holds the open amounts of one day and no history; ask without known_at {known_at}"
            raise BeforeExtract(msg)


def load(source: Source, *, on_page: Callable[[Page], None] | None = None) -> Loaded:
    """Read a source to its end.

    Args:
        source: What to read.
        on_page: Called with each page after it was taken in, for a progress display.

    Returns:
        The books, the problems and the tally; nothing in the source's data raises.
    """
    intake = _Intake()
    for page in source.pages():
        intake.take(page)
        if on_page is not None:
            on_page(page)
    books, problems = intake.admit()
    return Loaded(books, problems, intake.counting.tally(), source.capabilities())


@dataclass(slots=True)
class _Row:
    """An entry that was not quarantined when read, kept small: there may be millions."""

    facts: tuple[AnyFact, ...]
    lines: tuple[int, ...]
    amount: Money | None
    source: str


class _Intake:
    """One run of loading."""

    def __init__(self) -> None:
        self.counting = Counting()
        self._seen: dict[str, AnyFact] = {}
        self._rows: list[_Row] = []
        self._again: list[_Row] = []
        self._problems: list[Problem] = []

    def take(self, page: Page) -> None:
        """Count the rows of a page and set aside those that say again what is known."""
        self._problems += page.problems
        for entry in page.entries or entries_of(page):
            self.counting.read(len(entry.lines), entry.amount)
            if entry.quarantined:
                self.counting.settle("quarantined", len(entry.lines), entry.amount)
                continue
            row = _Row(entry.facts, entry.lines, entry.amount, page.source)
            (self._again if self._is_known(entry.facts) else self._rows).append(row)

    def admit(self) -> tuple[Subledger, tuple[Problem, ...]]:
        """Let the facts in, leave out whole rows, and settle the count."""
        rows, books = self._rows, Subledger.of(())
        while True:
            books, breaches = Subledger.load(fact for row in rows for fact in row.facts)
            if not breaches:
                break
            refused = _refused(rows, books, breaches)
            self._problems += _placed(breaches, refused)
            for row in refused:
                self.counting.settle("quarantined", len(row.lines), row.amount)
            if all(len(row.facts) == 1 for row in refused):
                rows = _without(rows, refused)
                break
            rows = _without(rows, refused)
        for row in rows:
            self.counting.settle("accepted", len(row.lines), row.amount)
        first = _first_lines(rows, self._again) if self._again else {}
        for row in self._again:
            stands = all(_holds(books, fact) for fact in row.facts)
            self.counting.settle(
                "duplicates" if stands else "quarantined", len(row.lines), row.amount
            )
            if not stands:
                self._problems.append(_repeated(row))
            elif row.source:
                self._problems.append(_again(row, first.get(_key(row.facts[0]))))
        return books, tuple(self._problems)

    def _is_known(self, facts: tuple[AnyFact, ...]) -> bool:
        seen, known = self._seen, bool(facts)
        for fact in facts:
            key = _key(fact)
            if key not in seen:
                seen[key] = fact
                known = False
            elif seen[key] != fact:
                known = False
        return known


def _key(fact: AnyFact) -> str:
    return f"{fact.id}\0{fact.valid_from}" if isinstance(fact, Customer) else fact.id


def entries_of(page: Page) -> Iterator[Entry]:
    """Count each fact as a row, and each problem that left something out."""
    for fact in page.facts:
        amount = getattr(fact, "amount", None)
        yield Entry((0,), (fact,), amount if isinstance(amount, Money) else None)
    for problem in page.problems:
        if problem.severity == "quarantined":
            yield Entry((0,), quarantined=True)


def _refused(rows: Iterable[_Row], books: Subledger, breaches: Iterable[Problem]) -> list[_Row]:
    named = {dict(problem.context)["fact"] for problem in breaches}
    return [
        row
        for row in rows
        if any(fact.id in named and not _holds(books, fact) for fact in row.facts)
    ]


def _holds(books: Subledger, fact: AnyFact) -> bool:
    if isinstance(fact, Customer):
        return fact in books.customers
    return fact.id in books and books.fact(fact.id) == fact


def _without(rows: list[_Row], refused: list[_Row]) -> list[_Row]:
    left_out = {id(row) for row in refused}
    return [row for row in rows if id(row) not in left_out]


def _placed(breaches: Iterable[Problem], refused: Iterable[_Row]) -> list[Problem]:
    """Say of each breach in which line it stands, in the order of the lines."""
    places: dict[str, list[tuple[str, int, str]]] = {}
    for row in refused:
        where = f"{row.source}:{row.lines[0]}" if row.source else ""
        for fact in row.facts:
            places.setdefault(fact.id, []).append((_amount_of(fact), row.lines[0], where))
    placed: list[tuple[int, Problem]] = []
    for problem in breaches:
        context = dict(problem.context)
        found = places.get(context["fact"], [])
        same = [it for it in found if it[0] == context.get("amount", "")] or found
        if not same:
            placed.append((0, problem))
            continue
        found.remove(same[0])
        _, line, where = same[0]
        placed.append((line, replace(problem, where=where) if where else problem))
    return [problem for _, problem in sorted(placed, key=lambda it: it[0])]


def _repeated(row: _Row) -> Problem:
    ids = ", ".join(fact.id for fact in row.facts)
    msg = f"says again what another row says of {ids}, which was left out; see the problem of that row"
    return Problem(
        "repeats-quarantined", msg, f"{row.source}:{row.lines[0]}" if row.source else ids
    )


def _first_lines(rows: Iterable[_Row], again: Iterable[_Row]) -> dict[str, int]:
    """Return where each fact that is said again was said first."""
    wanted = {_key(fact) for row in again for fact in row.facts}
    found: dict[str, int] = {}
    for row in rows:
        for fact in row.facts:
            key = _key(fact)
            if key in wanted:
                found.setdefault(key, row.lines[0])
    return found


def _again(row: _Row, line: int | None) -> Problem:
    ids = ", ".join(fact.id for fact in row.facts)
    said = f"row {line}" if line else "an earlier row"
    msg = f"says again what {said} says of {ids}; it counts once"
    return Problem("repeated-row", msg, f"{row.source}:{row.lines[0]}", severity="noted")


def _amount_of(fact: AnyFact) -> str:
    amount = getattr(fact, "amount", None)
    return f"{amount.amount:f}" if isinstance(amount, Money) else ""
