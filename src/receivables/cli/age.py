"""`receivables age`: a file of receivables in, an aging report out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from receivables.adapters.csv import CsvSource
from receivables.adapters.tally import Tally
from receivables.aging import AgingReport
from receivables.aging import age as measure
from receivables.buckets import Basis
from receivables.cli import QUARANTINED, options, report
from receivables.cli.output import form, write
from receivables.cli.reading import read, tell, tie_out
from receivables.cli.tables import Question, facts_of, is_large
from receivables.errors import NoSuchChoice
from receivables.problems import Problem

_Found = tuple[AgingReport, Tally, tuple[Problem, ...]]
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
    how = form(format_, output, report.FORMS)
    edges = options.buckets(buckets)
    aged_from = options.choice("--basis", basis, options.BASES)
    shown = options.choice("--credits", credits, options.CREDITS)
    names = [name.strip() for given in by or ["customer"] for name in given.split(",")]
    asked = Question(day, moment, edges, tuple(names), aged_from, shown)
    if engine is not None and (mapping or customers or drawn_on):
        msg = "--engine reads our own tables as they are; leave --mapping, --customers and --drawn-on out"
        raise NoSuchChoice(msg)
    found = None if mapping or customers or drawn_on else _by_engine(file, engine, asked, problems)
    if found is None:
        source, loaded = read(
            facts_of(file), mapping, as_of=day, drawn_on=drawn, customers=customers
        )
        _knows(source, aged_from)
        items = loaded.open_items(as_of=day, known_at=moment)
        made = measure(items, buckets=edges, by=names, basis=aged_from, credits=shown, as_of=day)
        tell(source, loaded, drawn_on=drawn, limit=problems)
        found = made, loaded.tally, loaded.problems
    _give(found, how, output, html)
    if strict and found[1].quarantined:
        raise typer.Exit(QUARANTINED)


def _by_engine(file: Path, engine: str | None, asked: Question, limit: int) -> _Found | None:
    """Return what an engine answers: the one asked for, or DuckDB where the table is large; None when neither."""
    if engine is None and not is_large(file):
        return None
    from receivables.cli.engine import aged, aged_by_itself

    answer = aged_by_itself(file, asked) if engine is None else aged(file, engine, asked, limit)
    if isinstance(answer, str):
        print(f"{file.name}: read row by row: {answer}", file=sys.stderr)
    if answer is None or isinstance(answer, str):
        return None
    print(f"{file.name}: read as {answer.what} by {engine or 'duckdb'}", file=sys.stderr)
    return answer.report, answer.tally, ()


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


def _give(found: _Found, how: str, output: Path | None, html: Path | None) -> None:
    made, tally, problems = found
    ties = tie_out(tally)
    if how != "table":
        print(*ties, sep="\n", file=sys.stderr)
    tree = report.tree_of(made, tally, problems)
    write(report.text(made, how, tree, ties, to_screen=output is None), output, how)
    if html is not None:
        html.write_text(made.to_html(), encoding="utf-8")
