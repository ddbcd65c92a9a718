"""`receivables provision`: open items and loss rates in, the provision out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from receivables.cli import QUARANTINED, options
from receivables.cli.output import FORMATS, form, give, write
from receivables.cli.policy_file import read_policy
from receivables.cli.reading import read, tell, tie_out
from receivables.provisions import Provision, measure_provision

_COLUMNS = ("segment", "bucket", "currency", "exposure", "rate", "allowance", "path")


def provision(
    file: options.File,
    as_of: options.AsOf,
    rates: Annotated[
        Path,
        typer.Option(metavar="RATES.toml", help="Loss rates, overlay, VAT, and every exception."),
    ],
    *,
    mapping: options.MappingName = None,
    customers: options.CustomersTable = None,
    drawn_on: options.DrawnOn = None,
    known_at: options.KnownAt = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Print how each figure came about instead.")
    ] = False,
    format_: options.Format = None,
    output: options.Output = None,
    strict: options.Strict = False,
    problems: options.Problems = 20,
) -> None:
    """Measure the provision of a file's open items: a row a segment and bucket, every row accounted for."""
    day = options.day("--as-of", as_of)
    drawn = options.day("--drawn-on", drawn_on) if drawn_on else None
    moment = options.moment("--known-at", known_at) if known_at else None
    how = form(format_, output, ("table",) if explain else FORMATS)
    policy = read_policy(rates)
    source, loaded = read(file, mapping, as_of=day, drawn_on=drawn, customers=customers)
    items = loaded.open_items(as_of=day, known_at=moment)
    made, remarks = measure_provision(items, policy, as_of=day)
    tell(source, loaded, drawn_on=drawn, limit=problems)
    for remark in remarks:
        print(f"{rates.name}: {remark}", file=sys.stderr)
    print(*tie_out(loaded.tally), sep="\n", file=sys.stderr)
    if explain:
        write("".join(f"{made.explain(unit)}\n" for unit in made.currencies), output, how)
    else:
        told = [{"code": it.code, "message": it.message, "where": it.where} for it in remarks]
        tree = {**made.to_dict(), "remarks": told, "input": loaded.tally.to_dict()}
        rows = _rows(made)
        title = f"Provision as of {made.as_of}"
        give(
            how,
            tree,
            rows,
            names=_COLUMNS,
            title=title,
            figures=("exposure", "rate", "allowance"),
            prose=("path",),
            output=output,
            last=len(made.currencies),
        )
    if strict and loaded.tally.quarantined:
        raise typer.Exit(QUARANTINED)


def _rows(made: Provision) -> list[dict[str, Any]]:
    tree = made.to_dict()
    rows = [{name: row[name] for name in _COLUMNS} for row in tree["rows"]]
    blank = dict.fromkeys(_COLUMNS)
    sums = [
        {**blank, "bucket": "total", **{name: it[name] for name in ("currency", "exposure", "allowance")}}
        for it in tree["total"]
    ]  # fmt: skip
    return [*rows, *sums]
