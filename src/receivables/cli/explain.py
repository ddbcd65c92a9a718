"""`receivables explain`: how the open amount of one item came about, movement by movement."""

from __future__ import annotations

from typing import Annotated

import typer

from receivables.cli import options
from receivables.cli.reading import read, tell


def explain(
    file: options.File,
    as_of: options.AsOf,
    item: Annotated[str, typer.Option(metavar="ID", help="The id of an invoice, memo or payment.")],
    *,
    mapping: options.MappingName = None,
    drawn_on: options.DrawnOn = None,
    known_at: options.KnownAt = None,
    problems: options.Problems = 0,
) -> None:
    """Say what is open of one item on a day, and every fact that made it so."""
    day = options.day("--as-of", as_of)
    drawn = options.day("--drawn-on", drawn_on) if drawn_on else None
    moment = options.moment("--known-at", known_at) if known_at else None
    source, loaded = read(file, mapping, as_of=day, drawn_on=drawn)
    explanation = loaded.explain(item, as_of=day, known_at=moment)
    if problems:
        tell(source, loaded, drawn_on=drawn, limit=problems)
    print(explanation)
