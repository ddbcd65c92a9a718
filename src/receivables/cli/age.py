"""`receivables age`: a file of receivables in, an aging report out."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from receivables.adapters import Tally
from receivables.adapters.csv import CsvSource
from receivables.aging import AgingReport
from receivables.aging import age as measure
from receivables.buckets import Basis
from receivables.cli import QUARANTINED, options, report
from receivables.cli.output import form, write
from receivables.cli.reading import read, tell, tie_out
from receivables.errors import NoSuchChoice

if TYPE_CHECKING:
    from receivables.cli.engine import Question

_DATES = {Basis.DOCUMENT: "document_date", Basis.POSTING: "posting_date"}


def age(
    file: options.File,
    as_of: options.AsOf,
    *,
    buckets: options.BucketEdges = "0,30,60,90,120",
    by: options.By = None,
    mapping: options.MappingName = None,
    customers: options.CustomersTable = None,
    drawn_on: options.DrawnOn = None,
    known_at: options.KnownAt = None,
    basis: Annotated[
        str, typer.Option(help="Age from: due, document, posting or baseline.")
    ] = "due",
    credits: Annotated[
        str, typer.Option(help="Credits stand: own-column, own-date or netted.")
    ] = "own-column",
    format_: Annotated[
        str | None,
        typer.Option(
            "--format", help="table, csv, json or html; by the ending of --output if not given."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(help="Write the report to this file: .txt, .csv, .json or .html."),
    ] = None,
    html: options.Page = None,
    strict: options.Strict = False,
    problems: options.Problems = 20,
    engine: options.Engine = None,
) -> None:
    """Age the open items of a file: a row a customer, a column a bucket, every row accounted for."""
    day = options.day("--as-of", as_of)
    drawn = options.day("--drawn-on", drawn_on) if drawn_on else None
    moment = options.moment("--known-at", known_at) if known_at else None
    way = (form(format_, output, report.FORMS), output, html)
    edges = options.buckets(buckets)
    aged_from = options.choice("--basis", basis, options.BASES)
    shown = options.choice("--credits", credits, options.CREDITS)
    names = [name.strip() for given in by or ["customer"] for name in given.split(",")]
    if engine is not None:
        if mapping or customers or drawn_on:
            msg = "--engine reads our own tables as they are; leave --mapping, --customers and --drawn-on out"
            raise NoSuchChoice(msg)
        from receivables.cli.engine import Question

        asked = Question(day, moment, edges, tuple(names), aged_from, shown)
        _stream(file, engine, asked, problems, way)
        return
    source, loaded = read(file, mapping, as_of=day, drawn_on=drawn, customers=customers)
    _knows(source, aged_from)
    items = loaded.open_items(as_of=day, known_at=moment)
    made = measure(items, buckets=edges, by=names, basis=aged_from, credits=shown, as_of=day)
    tell(source, loaded, drawn_on=drawn, limit=problems)
    _give(made, report.tree_of(made, loaded), tie_out(loaded), way)
    if strict and loaded.tally.quarantined:
        raise typer.Exit(QUARANTINED)


def _knows(source: CsvSource, basis: Basis) -> None:
    """Refuse to age open items from a date that the file does not hold; another would stand in for it.

    Raises:
        NoSuchChoice: When it has no column for it.
    """
    asked, held = _DATES.get(basis), source.columns
    if source.mapping.table == "open-items" and asked is not None and asked not in held:
        others = [
            it.value for it in Basis if it.value != basis.value and f"{it.value}_date" in held
        ]
        msg = f"--basis {basis.value}: {source.name} has no {asked}; add the column, or age from {' or '.join(others)}"
        raise NoSuchChoice(msg)


def _stream(
    file: Path, engine: str, asked: Question, limit: int, way: tuple[str, Path | None, Path | None]
) -> None:
    """Answer by an engine, in the same forms."""
    from receivables.cli.engine import aged

    made, count, what = aged(file, engine, asked, limit)
    print(f"{file.name}: read as {what} by {engine}", file=sys.stderr)
    _give(made, report.streamed(made, count), [str(Tally(count, count, 0, 0))], way)


def _give(
    made: AgingReport,
    tree: Mapping[str, Any],
    ties: Sequence[str],
    way: tuple[str, Path | None, Path | None],
) -> None:
    how, output, html = way
    if how != "table":
        print(*ties, sep="\n", file=sys.stderr)
    write(report.text(made, how, tree, ties, to_screen=output is None), output, how)
    if html is not None:
        html.write_text(made.to_html(), encoding="utf-8")
