"""`receivables cfdi import` and `reconcile`: a folder of documents to facts, and what is wrong with it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from receivables.cli import QUARANTINED, options
from receivables.cli.cfdi.shared import (
    FORMATS,
    Folder,
    Format,
    Statuses,
    cancelled,
    needs_extra,
    print_json,
)

if TYPE_CHECKING:
    from receivables.cfdi import Imported, Mismatch


def import_(
    folder: Folder,
    *,
    rfc: Annotated[
        str | None, typer.Option(help="Our tax number: documents of other issuers are left out.")
    ] = None,
    status: Statuses = None,
    output: Annotated[
        Path | None, typer.Option(help="Write a facts table: .csv, .tsv or .parquet.")
    ] = None,
    format_: Format = "table",
    problems: options.Problems = 20,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with status 3 when something failed.")
    ] = False,
) -> None:
    """Read a folder of documents into facts; every file is accounted for."""
    needs_extra()
    from receivables.adapters.csv import write_facts
    from receivables.cfdi import import_batch, read_folder

    how = options.choice("--format", format_, FORMATS)
    made = import_batch(read_folder(folder), issuer=rfc, cancelled=cancelled(status))
    books, found = made.load()
    if output is not None:
        write_facts(books.facts, output)
    if how == "json":
        print_json(_as_json(made, found))
    else:
        print(made)
        for file, reason in made.left_out:
            print(f"left out: {file}: {reason}")
        for problem in found[:problems]:
            print(problem)
        if len(found) > problems:
            print(
                f"… and {len(found) - problems:,} more problems; print them with --problems {len(found)}"
            )
        print(f"{len(books.facts):,} facts, {len(books.customers):,} customers")
    if strict and any(it.severity == "quarantined" for it in found):
        raise typer.Exit(QUARANTINED)


def reconcile(
    folder: Folder,
    as_of: options.AsOf,
    *,
    payments: Annotated[
        Path | None,
        typer.Option(help="A CSV file of payments received: ref, date, invoice_uuid, amount."),
    ] = None,
    status: Statuses = None,
    format_: Format = "table",
) -> None:
    """Compare invoices, complements and payments: what is missing, late, wrong or counted twice."""
    needs_extra()
    from receivables.cfdi import calendar, read_folder
    from receivables.cfdi import reconcile as compare
    from receivables.cfdi.tables import read_received

    how = options.choice("--format", format_, FORMATS)
    day = options.day("--as-of", as_of)
    batch = read_folder(folder)
    documents = [it.document for it in batch.documents]
    received = read_received(payments, documents) if payments else None
    found = compare(documents, received, as_of=day, cancelled=cancelled(status))
    for problem in batch.problems:
        print(problem, file=sys.stderr)
    if how == "json":
        print_json([_finding(it) for it in found])
        return
    for it in found:
        print(it)
    for due, listed in calendar(found):
        late = "overdue since" if due < day else "due on"
        print(f"{len(listed)} complements {late} {due}")
    print(f"{batch}; {len(found)} findings")


def _finding(it: Mismatch) -> dict[str, Any]:
    return {
        "kind": it.kind,
        "invoice": it.invoice,
        "complement": it.complement,
        "detail": it.detail(),
    }


def _as_json(made: Imported, problems: Sequence[Any]) -> dict[str, Any]:
    books, _ = made.load()
    return {
        "counts": made.counts(),
        "facts": len(books.facts),
        "customers": len(books.customers),
        "left_out": [
            {"file": file, "reason": reason}
            for file, reason in (*made.left_out, *made.batch.skipped)
        ],
        "duplicates": [{"file": file, "of": other} for file, other in made.batch.duplicates],
        "problems": [
            {"code": it.code, "severity": it.severity, "where": it.where, "message": it.message}
            for it in problems
        ],
    }
