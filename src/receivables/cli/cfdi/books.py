"""`receivables cfdi import` and `reconcile`: a folder of documents to facts, and what is wrong with it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from receivables.adapters.csv import read_rows, write_facts
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
from receivables.facts import CHARGES
from receivables.facts.wording import counted
from receivables.terms import PaymentTerms

if TYPE_CHECKING:
    from receivables.cfdi import Imported, Mismatch


def import_(
    folder: Folder,
    *,
    rfc: Annotated[
        str | None, typer.Option(help="Our tax number: documents of other issuers are left out.")
    ] = None,
    status: Statuses = None,
    terms: Annotated[
        str | None,
        typer.Option(help="Payment terms of every invoice, such as 'net 30'; a CFDI states none."),
    ] = None,
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
    from receivables.cfdi import import_batch, read_folder

    how = options.choice("--format", format_, FORMATS)
    agreed = PaymentTerms.parse(terms) if terms else None
    made = import_batch(
        read_folder(folder),
        issuer=rfc,
        cancelled=cancelled(status),
        terms=(lambda _: agreed) if agreed else None,
    )
    books, found = made.load()
    if output is not None:
        write_facts(books.facts, output, encoding="utf-8-sig")  # as every file for Excel
    if how == "json":
        print_json(_as_json(made, found))
    else:
        print(made)
        for file, reason in made.left_out:
            print(f"left out: {file}: {reason}")
        for problem in found[:problems]:
            print(problem)
        if len(found) > problems:
            rest = counted(len(found) - problems, "more problem")
            print(f"… and {rest}; print them with --problems {len(found)}")
        print(f"{counted(len(books.facts), 'fact')}, {counted(len(books.customers), 'customer')}")
    undated = sum(isinstance(it, CHARGES) and it.last_due_date is None for it in books.facts)
    if undated:
        print(_undated(undated), file=sys.stderr)
    if strict and any(it.severity == "quarantined" for it in found):
        raise typer.Exit(QUARANTINED)


def _undated(number: int) -> str:
    return (
        f"{counted(number, 'invoice')} without a due date, because a CFDI states none: give the terms you agreed with"
        " --terms 'net 30', or age the facts with --basis document"
    )


def reconcile(
    folder: Folder,
    as_of: options.AsOf,
    *,
    payments: Annotated[
        Path | None,
        typer.Option(help="A table of payments received: ref, date, invoice_uuid, amount."),
    ] = None,
    status: Statuses = None,
    format_: Format = "table",
) -> None:
    """Compare invoices, complements and payments: what is missing, late, wrong or counted twice."""
    needs_extra()
    from receivables.cfdi import calendar, read_folder
    from receivables.cfdi import reconcile as compare
    from receivables.cfdi.tables import RECEIVED, received_in

    how = options.choice("--format", format_, FORMATS)
    day = options.day("--as-of", as_of)
    batch = read_folder(folder)
    documents = [it.document for it in batch.documents]
    received = received_in(read_rows(payments, RECEIVED), documents) if payments else None
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
        print(f"{counted(len(listed), 'complement')} {late} {due}")
    print(f"{batch}; {counted(len(found), 'finding')}")


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
