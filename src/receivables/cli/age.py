"""`receivables age`: a file of receivables in, an aging report out."""

from __future__ import annotations

import sys
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from receivables.adapters import Loaded
from receivables.aging import AgingReport
from receivables.aging import age as measure
from receivables.cli import QUARANTINED, options, report
from receivables.cli.reading import read, tell, tie_out
from receivables.errors import NoSuchChoice

if TYPE_CHECKING:
    from receivables.cli.engine import Question

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
    if engine is not None:
        if mapping or customers or drawn_on:
            msg = "--engine reads our own tables as they are; leave --mapping, --customers and --drawn-on out"
            raise NoSuchChoice(msg)
        from receivables.cli.engine import Question

        asked = Question(day, moment, edges, tuple(names), aged_from, shown)
        _stream(file, engine, asked, problems, (how, output, html))
        return
    source, loaded = read(file, mapping, as_of=day, drawn_on=drawn, customers=customers)
    items = loaded.open_items(as_of=day, known_at=moment)
    made = measure(items, buckets=edges, by=names, basis=aged_from, credits=shown, as_of=day)
    tell(source, loaded, drawn_on=drawn, limit=problems)
    if how != "table":
        print(*tie_out(loaded), sep="\n", file=sys.stderr)
    _give(made, loaded, how, output)
    if html is not None:
        html.write_text(made.to_html(), encoding="utf-8")
    if strict and loaded.tally.quarantined:
        raise typer.Exit(QUARANTINED)


def _stream(
    file: Path, engine: str, asked: Question, limit: int, way: tuple[str, Path | None, Path | None]
) -> None:
    """Answer by an engine, in the same forms."""
    from receivables.cli.engine import aged

    how, output, html = way
    made, count, what = aged(file, engine, asked, limit)
    print(f"{file.name}: read as {what} by {engine}", file=sys.stderr)
    line = f"{count:,} rows = {count:,} accepted + 0 duplicates + 0 quarantined"
    if how != "table":
        print(line, file=sys.stderr)
    text = report.streamed(made, how, count, line)
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8", newline="")
    if html is not None:
        html.write_text(made.to_html(), encoding="utf-8")


def _by_ending(output: Path | None) -> str:
    ending = output.suffix.lower().removeprefix(".") if output else ""
    return ending if ending in _FORMATS else "table"


def _give(made: AgingReport, loaded: Loaded, how: str, output: Path | None) -> None:
    if how == "table" and output is None:
        report.show(made, tie_out(loaded), Console())
        return
    text = _text(made, loaded, how)
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8", newline="")


def _text(made: AgingReport, loaded: Loaded, how: str) -> str:
    match how:
        case "json":
            return report.as_json(made, loaded)
        case "csv":
            return report.as_csv(made)
        case "html":
            return made.to_html()
        case _:
            buffer = StringIO()
            report.show(made, tie_out(loaded), Console(file=buffer, width=80))
            return buffer.getvalue()
