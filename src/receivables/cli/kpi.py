"""`receivables kpi`: the measures of a period from a file with history, each with its inputs or the reason it is empty."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from receivables.adapters import Loaded
from receivables.cli import QUARANTINED, options
from receivables.cli.output import form, give
from receivables.cli.reading import read, tell, tie_out
from receivables.errors import BeforeExtract, NoSuchChoice
from receivables.facts import Payment
from receivables.facts.wording import counted
from receivables.metrics import AmountBasis, KpiReport, measure_kpis
from receivables.open_items import OpenItem
from receivables.problems import Problem

_COLUMNS = ("currency", "measure", "value", "unit", "reason")


def kpi(
    file: options.File,
    as_of: options.AsOf,
    start: Annotated[str, typer.Option("--start", metavar="DATE", help="First day of the period.")],
    *,
    currency: Annotated[
        str | None, typer.Option(help="Only this currency; all there are if not given.")
    ] = None,
    amounts: Annotated[
        str, typer.Option(help="gross, or net of the taxes that documents carry.")
    ] = "gross",
    mapping: options.MappingName = None,
    customers: options.CustomersTable = None,
    known_at: options.KnownAt = None,
    format_: options.Format = None,
    output: options.Output = None,
    strict: options.Strict = False,
    problems: options.Problems = 20,
) -> None:
    """Measure a period: DSO and its kin, effectiveness, lateness, concentration."""
    day, first = options.day("--as-of", as_of), options.day("--start", start)
    moment = options.moment("--known-at", known_at) if known_at else None
    how = form(format_, output)
    basis = options.choice("--amounts", amounts, {it.value: it for it in AmountBasis})
    source, loaded = read(file, mapping, as_of=day, drawn_on=None, customers=customers)
    needs_history(loaded, "measures of a period")
    posted = loaded.books.items(as_of=day, known_at=moment)
    units = _currencies(posted, currency)
    reports = [
        measure_kpis(
            loaded.books, start=first, as_of=day, currency=unit, basis=basis, known_at=moment
        )
        for unit in units
    ]
    remarks = _untaxed(posted, units) if basis is AmountBasis.NET else []
    tell(source, loaded, drawn_on=None, limit=problems)
    print(*remarks, *tie_out(loaded.tally), sep="\n", file=sys.stderr)
    tree = {
        "start": first.isoformat(),
        "as_of": day.isoformat(),
        "currencies": [it.to_dict() for it in reports],
        "remarks": [{"code": it.code, "message": it.message, "where": it.where} for it in remarks],
        "input": loaded.tally.to_dict(),
    }
    rows = [row for report in reports for row in _rows(report)]
    give(
        how,
        tree,
        rows,
        names=_COLUMNS,
        title=f"Measures from {first} to {day}",
        figures=("value",),
        prose=("reason",),
        output=output,
    )
    if strict and loaded.tally.quarantined:
        raise typer.Exit(QUARANTINED)


def _currencies(posted: Sequence[OpenItem], asked: str | None) -> list[str]:
    """Return the currencies to measure.

    Raises:
        NoSuchChoice: When the file has nothing in the one asked for.
    """
    held = sorted({it.currency for it in posted})
    if asked is None:
        return held
    if asked not in held:
        msg = f"--currency {asked!r}: nothing is posted in it; the file has {', '.join(held) or 'no document by then'}"
        raise NoSuchChoice(msg)
    return [asked]


def _untaxed(posted: Sequence[OpenItem], units: Sequence[str]) -> list[Problem]:
    """Say how many documents count gross among net ones, because they carry no taxes."""
    documents = {it.document.id: it.document for it in posted if it.currency in units}
    taxable = [it for it in documents.values() if not isinstance(it, Payment)]
    bare = [it for it in taxable if not it.taxes]
    if not bare:
        return []
    who = "no document carries taxes" if len(bare) == len(taxable) else f"{counted(len(bare), 'document')} of {len(taxable):,} without taxes"  # fmt: skip
    msg = (
        f"{who}: such amounts are taken as they are, gross if they are gross; add the column taxes"
    )
    return [Problem("no-taxes", msg, severity="noted")]


def needs_history(loaded: Loaded, what: str) -> None:
    """Refuse a file that holds open amounts without their history.

    Raises:
        BeforeExtract: When it does.
    """
    if not loaded.capabilities.history:
        msg = f"{what} need history; the file holds the open amounts of one day, give a facts table or settled invoices"
        raise BeforeExtract(msg)


def _rows(report: KpiReport) -> list[dict[str, Any]]:
    plain = report.to_dict()
    return [
        {
            "currency": plain["currency"],
            "measure": it["name"],
            "value": it["value"],
            "unit": it["unit"],
            "reason": it["reason"],
        }
        for it in plain["measures"]
    ]
