"""`receivables age`: a file of receivables in, an aging report out."""

from __future__ import annotations

import sys
from io import StringIO
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from receivables.adapters.tally import Tally
from receivables.aging import AgingReport
from receivables.aging import age as measure
from receivables.cli import QUARANTINED, options, report
from receivables.cli.reading import read, tell, tie_out
from receivables.cli.tables import Question, facts_of, is_large
from receivables.errors import NoSuchChoice
from receivables.problems import Problem

_Found = tuple[AgingReport, Tally, tuple[Problem, ...]]
_FORMATS = {name: name for name in ("table", "csv", "json", "html")}


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
    output: Annotated[Path | None, typer.Option(help="Write the report to this file.")] = None,
    html: options.Page = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with status 3 when rows were quarantined.")
    ] = False,
    problems: options.Problems = 20,
    engine: options.Engine = None,
) -> None:
    """Age the open items of a file: a row a customer, a column a bucket, every row accounted for."""
    day = options.day("--as-of", as_of)
    drawn = options.day("--drawn-on", drawn_on) if drawn_on else None
    moment = options.moment("--known-at", known_at) if known_at else None
    how = options.choice("--format", format_ or _by_ending(output), _FORMATS)
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
        items = loaded.open_items(as_of=day, known_at=moment)
        made = measure(items, buckets=edges, by=names, basis=aged_from, credits=shown, as_of=day)
        tell(source, loaded, drawn_on=drawn, limit=problems)
        found = made, loaded.tally, loaded.problems
    if how != "table":
        print(*tie_out(found[1]), sep="\n", file=sys.stderr)
    _give(*found, how, output)
    if html is not None:
        html.write_text(found[0].to_html(), encoding="utf-8")
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


def _by_ending(output: Path | None) -> str:
    ending = output.suffix.lower().removeprefix(".") if output else ""
    return ending if ending in _FORMATS else "table"


def _give(
    made: AgingReport, tally: Tally, problems: tuple[Problem, ...], how: str, output: Path | None
) -> None:
    if how == "table" and output is None:
        report.show(made, tie_out(tally), Console())
        return
    text = _text(made, tally, problems, how)
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8", newline="")


def _text(made: AgingReport, tally: Tally, problems: tuple[Problem, ...], how: str) -> str:
    match how:
        case "json":
            return report.as_json(made, tally, problems)
        case "csv":
            return report.as_csv(made)
        case "html":
            return made.to_html()
        case _:
            buffer = StringIO()
            report.show(made, tie_out(tally), Console(file=buffer, width=80))
            return buffer.getvalue()
