"""`receivables forecast`: cash expected week by week from what is open, by how long charges took to be paid before."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from receivables.cli import QUARANTINED, options, output
from receivables.cli.kpi import needs_history
from receivables.cli.reading import listed, read, tell, tie_out
from receivables.metrics import forecast_cash, time_to_pay


def forecast(
    file: options.File,
    as_of: options.AsOf,
    *,
    weeks: Annotated[int, typer.Option(min=1, max=104, help="How many weeks ahead.")] = 13,
    mapping: options.MappingName = None,
    customers: Annotated[
        Path | None, typer.Option(help="A customers table: segment, collector, … as of the date.")
    ] = None,
    known_at: options.KnownAt = None,
    format_: Annotated[str, typer.Option("--format", help="table, csv or json.")] = "table",
    to: Annotated[Path | None, typer.Option("--output", help="Write to this file.")] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with status 3 when rows were quarantined.")
    ] = False,
    problems: options.Problems = 20,
) -> None:
    """Forecast the cash of the coming weeks from open charges, with a band of one in ten on either side."""
    day = options.day("--as-of", as_of)
    moment = options.moment("--known-at", known_at) if known_at else None
    how = options.choice("--format", format_, output.FORMATS)
    source, loaded = read(file, mapping, as_of=day, drawn_on=None, customers=customers)
    needs_history(loaded, "forecasts")
    items = loaded.open_items(as_of=day, known_at=moment)
    curve = time_to_pay(loaded.books, as_of=day, known_at=moment)
    made, remarks = forecast_cash(items, curve, weeks=weeks)
    tell(source, loaded, drawn_on=None, limit=problems)
    print(*listed(remarks, problems), *tie_out(loaded.tally), sep="\n", file=sys.stderr)
    tree = {
        "as_of": day.isoformat(),
        "paid": curve.events,
        "still_open": curve.censored,
        "currencies": [it.to_dict() for it in made],
        "input": loaded.tally.to_dict(),
    }
    rows: list[dict[str, Any]] = [
        {"currency": plain["currency"], **week}
        for plain in (it.to_dict() for it in made)
        for week in plain["weeks"]
    ]
    output.give(how, tree, rows, title=f"Cash expected after {day}", output=to)
    if strict and loaded.tally.quarantined:
        raise typer.Exit(QUARANTINED)
