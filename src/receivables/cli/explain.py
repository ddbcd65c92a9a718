"""`receivables explain`: how the open amount of one item came about, movement by movement."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from receivables.adapters import Loaded
from receivables.cli import QUARANTINED, options
from receivables.cli.reading import in_order, read, tell, tie_out
from receivables.errors import UnknownFact
from receivables.problems import Problem

_NAMING = frozenset({"fact", "source_id", "target_id", "reverses_id"})


def explain(
    file: options.File,
    as_of: options.AsOf,
    item: Annotated[str, typer.Option(metavar="ID", help="The id of an invoice, memo or payment.")],
    *,
    mapping: options.MappingName = None,
    drawn_on: options.DrawnOn = None,
    known_at: options.KnownAt = None,
    strict: options.Strict = False,
    problems: options.Problems = 20,
) -> None:
    """Say what is open of one item on a day, and every fact that made it so."""
    day = options.day("--as-of", as_of)
    drawn = options.day("--drawn-on", drawn_on) if drawn_on else None
    moment = options.moment("--known-at", known_at) if known_at else None
    source, loaded = read(file, mapping, as_of=day, drawn_on=drawn)
    aside = _set_aside(loaded, item)
    tell(source, loaded, drawn_on=drawn, limit=problems)
    print(*tie_out(loaded.tally), sep="\n", file=sys.stderr)
    try:
        explanation = loaded.explain(item, as_of=day, known_at=moment)
    except UnknownFact as error:
        if not aside:
            raise
        msg = "; ".join([str(error), *aside])
        raise UnknownFact(msg) from None
    print(explanation)
    for line in aside:
        print(f"not counted: {line}", file=sys.stderr)
    if strict and loaded.tally.quarantined:
        raise typer.Exit(QUARANTINED)


def _set_aside(loaded: Loaded, item: str) -> list[str]:
    """Say of each row that names the item and was left out where it stands, and why."""
    return [
        f"{_place(it)} names {item} and was set aside: {it.code}: {it.message}"
        for it in in_order(loaded.problems)
        if it.severity == "quarantined" and _names(it, item)
    ]


def _names(problem: Problem, item: str) -> bool:
    return any(name in _NAMING and value == item for name, value in problem.context)


def _place(problem: Problem) -> str:
    name, _, line = problem.where.rpartition(":")
    return f"row {line} of {name}" if name and line.isdigit() else problem.where
