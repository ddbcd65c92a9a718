"""`receivables forecast`: cash expected week by week from what is open, by how long charges took to be paid before."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from receivables.cli import QUARANTINED, options
from receivables.cli.kpi import needs_history
from receivables.cli.output import form, give
from receivables.cli.reading import listed, read, tell, tie_out
from receivables.metrics import forecast_cash, time_to_pay

_TEXTS = ("currency", "first", "last")
_BAND = ("expected", "p10", "p50", "p90")
_FIGURES = (*_BAND, *(f"cumulative_{name}" for name in _BAND))


def forecast(
    file: options.File,
    as_of: options.AsOf,
    *,
    weeks: Annotated[int, typer.Option(min=1, max=104, help="How many weeks ahead.")] = 13,
    mapping: options.MappingName = None,
    customers: options.CustomersTable = None,
    known_at: options.KnownAt = None,
    format_: options.Format = None,
    output: options.Output = None,
    strict: options.Strict = False,
    problems: options.Problems = 20,
) -> None:
    """Forecast the cash of the coming weeks from open charges, with a band of one in ten on either side."""
    day = options.day("--as-of", as_of)
    moment = options.moment("--known-at", known_at) if known_at else None
    how = form(format_, output)
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
    title = f"Cash expected after {day}"
    give(how, tree, rows, names=(*_TEXTS, *_FIGURES), title=title, figures=_FIGURES, output=output)
    if strict and loaded.tally.quarantined:
        raise typer.Exit(QUARANTINED)
