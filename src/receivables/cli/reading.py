"""Reads a file for a command: a progress bar while it lasts, then what was seen and what was wrong, on standard error."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from receivables.adapters import Loaded, Page, load
from receivables.adapters.csv import CsvSource
from receivables.adapters.tally import Tally
from receivables.errors import QuestionError
from receivables.facts.wording import counted
from receivables.problems import Problem

_TABLES = {
    "facts": "a facts table",
    "open-items": "an open-items table",
    "payments": "a payments table",
    "customers": "a customers table",
    "settled-invoices": "invoices with the day they were settled",
    "cleared-items": "items with what cleared them",
}


def read(
    path: Path,
    mapping: str | None,
    *,
    as_of: date,
    drawn_on: date | None,
    customers: Path | None = None,
) -> tuple[CsvSource, Loaded]:
    """Load a file, with a progress bar where somebody watches; customer facts from a file of their own come with it.

    Raises:
        QuestionError: When the file is a customers table.
    """
    source = CsvSource(path, mapping=mapping, drawn_on=drawn_on or as_of)
    if source.mapping.table == "customers":
        msg = f"{source.name} is a customers table, which holds no receivables; give facts or open items, and it as --customers"
        raise QuestionError(msg)
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task(f"reading {source.name}", total=source.table.expected)

        def advance(page: Page) -> None:
            progress.advance(task, sum(len(entry.lines) for entry in page.entries))

        loaded = load(source, on_page=advance)
    return source, _with_customers(loaded, customers) if customers else loaded


def _with_customers(loaded: Loaded, path: Path) -> Loaded:
    masters = load(CsvSource(path, mapping="customers"))
    books = loaded.books.with_facts(masters.books.customers)
    return replace(loaded, books=books, problems=(*loaded.problems, *masters.problems))


def seen(source: CsvSource, *, drawn_on: date | None) -> str:
    """Return the sentence about what the file was taken for."""
    text = f"{source.name}: read as {_TABLES[source.mapping.table]} (mapping {source.mapping.name})"
    if source.capabilities().history:
        return text
    stated = "" if drawn_on else ", the as-of date; state another with --drawn-on"
    return f"{text}, drawn on {source.drawn_on}{stated}"


def tell(source: CsvSource, loaded: Loaded, *, drawn_on: date | None, limit: int) -> None:
    """Say on standard error what was seen, what was settled by the file itself, and what was wrong."""
    for line in (
        seen(source, drawn_on=drawn_on),
        *(f"{source.name}: {it}" for it in source.evidence),
    ):
        print(line, file=sys.stderr)
    if not loaded.tally.rows:
        print(f"{source.name}: there is a header and no rows; nothing was read", file=sys.stderr)
    for line in listed(loaded.problems, limit):
        print(line, file=sys.stderr)


def tie_out(tally: Tally) -> list[str]:
    """Return the lines that account for every row and amount."""
    lines = [str(tally), *map(str, tally.totals)]
    if tally.uncounted:
        lines.append(
            f"{counted(tally.uncounted, 'row')} without a readable amount {'is' if tally.uncounted == 1 else 'are'} in no control total"
        )
    return lines


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems that left rows out before remarks, each in the order of their lines."""

    def place(problem: Problem) -> tuple[bool, str, int]:
        name, _, line = problem.where.rpartition(":")
        is_line = line.isascii() and line.isdigit()
        noted = problem.severity != "quarantined"
        return (noted, name, int(line)) if is_line else (noted, problem.where, 0)

    return sorted(problems, key=place)


def listed(problems: Sequence[Problem], limit: int) -> list[str]:
    """Return the first problems and a count of the rest."""
    ordered = in_order(problems)
    rest = Counter(problem.code for problem in ordered[limit:])
    lines = [str(problem) for problem in ordered[:limit]]
    if rest:
        counts = ", ".join(f"{code} {count:,}" for code, count in sorted(rest.items()))
        lines.append(
            f"… and {sum(rest.values()):,} more: {counts}; print them with --problems {len(ordered)}"
        )
    return lines
