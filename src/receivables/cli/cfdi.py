"""`receivables cfdi …`: check, import, reconcile and issue Mexican tax documents; it needs the extra `cfdi`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from receivables.cli import QUARANTINED, options
from receivables.errors import MissingExtra, QuestionError, UnbuildableComplement, UnreadableSource

if TYPE_CHECKING:
    from receivables.cfdi import Comprobante, Csd, Imported, Mismatch, PayableDocument

PASSWORD = "RECEIVABLES_CSD_PASSWORD"  # noqa: S105 - the name of a variable

app = typer.Typer(
    help="Mexican tax documents: payment complements a PAC accepts, and the list of those missing.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_FORMATS = {name: name for name in ("table", "json")}
Format = Annotated[str, typer.Option("--format", help="table or json.")]
Folder = Annotated[Path, typer.Argument(help="A folder of XML files and zip packages, or one file.")]
Statuses = Annotated[
    Path | None, typer.Option("--status", help="A CSV file with uuid and estado, as SAT gave them.")
]
Language = Annotated[str, typer.Option("--lang", help="en or es.")]


def _needs_extra() -> None:
    try:
        import cryptography  # noqa: F401
        import lxml  # noqa: F401
    except ImportError:
        msg = "receivables cfdi needs lxml and cryptography; install them with the extra: pip install 'receivables[cfdi]'"
        raise MissingExtra(msg) from None


@app.command("validate")
def validate(
    files: Annotated[list[Path], typer.Argument(help="XML files, or folders of them.")],
    *,
    format_: Format = "table",
    language: Language = "en",
    on: Annotated[str | None, typer.Option(help="The day whose rules count; each document's own if not given.")] = None,
    schema: Annotated[Path | None, typer.Option(help="A folder with SAT's XSD files, as an extra check.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with status 3 when a document has errors.")] = False,
) -> None:
    """Check documents by SAT's matrices, as a PAC would before stamping."""
    _needs_extra()
    from receivables.cfdi import validate as check
    from receivables.cfdi.xsd import Schema

    how = options.choice("--format", format_, _FORMATS)
    words = options.choice("--lang", language, {"en": "en", "es": "es"})
    day = options.day("--on", on) if on else None
    xsd = Schema(schema) if schema else None
    made, wrong = [], False
    for path in _expanded(files):
        xml = path.read_bytes()
        found = check(xml, on=day)
        if xsd is not None and not any(it.code == "CFDI-UNREADABLE" for it in found):
            found = (*found, *xsd.validate(xml))
        wrong = wrong or any(it.severity == "error" for it in found)
        listed = [
            {
                "code": it.code,
                "severity": it.severity,
                "path": it.path,
                "message": it.message(words),  # type: ignore[arg-type]
                "found": it.found,
                "expected": it.expected,
            }
            for it in found
        ]
        made.append({"file": str(path), "findings": listed})
        if how == "table":
            _print_findings(str(path), listed)
    if how == "json":
        _print_json(made)
    if strict and wrong:
        raise typer.Exit(QUARANTINED)


@app.command("import")
def import_(
    folder: Folder,
    *,
    rfc: Annotated[str | None, typer.Option(help="Our tax number: documents of other issuers are left out.")] = None,
    status: Statuses = None,
    output: Annotated[Path | None, typer.Option(help="Write a facts table: .csv, .tsv or .parquet.")] = None,
    format_: Format = "table",
    problems: options.Problems = 20,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with status 3 when something failed.")] = False,
) -> None:
    """Read a folder of documents into facts; every file is accounted for."""
    _needs_extra()
    from receivables.adapters.csv import write_facts
    from receivables.cfdi import import_batch, read_folder

    how = options.choice("--format", format_, _FORMATS)
    made = import_batch(read_folder(folder), issuer=rfc, cancelled=_cancelled(status))
    books, found = made.load()
    if output is not None:
        write_facts(books.facts, output)
    if how == "json":
        _print_json(_as_json(made, found))
    else:
        print(made)
        for file, reason in made.left_out:
            print(f"left out: {file}: {reason}")
        for problem in found[:problems]:
            print(problem)
        if len(found) > problems:
            print(f"… and {len(found) - problems:,} more problems; print them with --problems {len(found)}")
        print(f"{len(books.facts):,} facts, {len(books.customers):,} customers")
    if strict and any(it.severity == "quarantined" for it in found):
        raise typer.Exit(QUARANTINED)


@app.command("reconcile")
def reconcile(
    folder: Folder,
    as_of: options.AsOf,
    *,
    payments: Annotated[
        Path | None, typer.Option(help="A CSV file of payments received: ref, date, invoice_uuid, amount.")
    ] = None,
    status: Statuses = None,
    format_: Format = "table",
) -> None:
    """Compare invoices, complements and payments: what is missing, late, wrong or counted twice."""
    _needs_extra()
    from receivables.cfdi import calendar, read_folder
    from receivables.cfdi import reconcile as compare
    from receivables.cfdi.tables import read_received

    how = options.choice("--format", format_, _FORMATS)
    day = options.day("--as-of", as_of)
    batch = read_folder(folder)
    documents = [it.document for it in batch.documents]
    received = read_received(payments, documents) if payments else None
    found = compare(documents, received, as_of=day, cancelled=_cancelled(status))
    for problem in batch.problems:
        print(problem, file=sys.stderr)
    if how == "json":
        _print_json([_finding(it) for it in found])
        return
    for it in found:
        print(it)
    for due, listed in calendar(found):
        late = "overdue since" if due < day else "due on"
        print(f"{len(listed)} complements {late} {due}")
    print(f"{batch}; {len(found)} findings")


@app.command("complement")
def complement(
    folder: Folder,
    payments: Annotated[
        Path, typer.Option(help="A CSV file: payment_id, date, amount, currency, forma_de_pago, invoice_uuid, paid, …")
    ],
    issued_at: Annotated[str, typer.Option(help="Date and time of the document, such as 2026-08-03T09:00:00.")],
    *,
    serie: Annotated[str | None, typer.Option(help="Series.")] = None,
    folio: Annotated[str | None, typer.Option(help="Number within the series.")] = None,
    profile: Annotated[str, typer.Option(help="six-decimals or currency-decimals.")] = "six-decimals",
    replaces: Annotated[list[str] | None, typer.Option(help="UUID of a complement this one substitutes.")] = None,
    status: Statuses = None,
    cer: Annotated[Path | None, typer.Option(help="The CSD's .cer file: seals the document.")] = None,
    key: Annotated[
        Path | None, typer.Option(help=f"The CSD's .key file; its password is asked for, or read from {PASSWORD}.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Write the XML to this file.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page for the customer to this file.")] = None,
) -> None:
    """Build the complement of payments, seal it when a CSD is given, and check it."""
    _needs_extra()
    from receivables.cfdi import Issuer, Receiver, build_complement, read_folder, seal, to_html, validate, write
    from receivables.cfdi import profile as profile_of
    from receivables.cfdi.tables import read_to_state

    moment = _moment(issued_at)
    stated = read_to_state(payments)
    documents = [it.document for it in read_folder(folder).documents]
    paid = {it.target for it in stated.allocations}
    invoices = [it for it in documents if it.uuid in paid]
    _same_parties(invoices, paid)
    payable = [_payable(it, documents, _cancelled(status), replaces or ()) for it in invoices]
    built = build_complement(
        stated.payments,
        stated.allocations,
        payable,
        Issuer.of(invoices[0]),
        Receiver.of(invoices[0]),
        profile_of(profile, on=moment.date()),
        issued_at=moment,
        serie=serie,
        folio=folio,
        replaces=replaces or (),
    )
    csd = _csd(cer, key)
    voucher = seal(built.voucher, csd) if csd is not None else built.voucher
    xml = write(voucher)
    for problem in built.problems:
        print(problem, file=sys.stderr)
    for finding in validate(xml):
        print(finding, file=sys.stderr)
    print(built.explain(), file=sys.stderr)
    if html is not None:
        html.write_text(to_html(voucher), encoding="utf-8")
    if output is None:
        sys.stdout.write(xml.decode("utf-8") + "\n")
    else:
        output.write_bytes(xml)


@app.command("show")
def show(
    file: Annotated[Path, typer.Argument(help="The XML file of a payment complement.")],
    *,
    language: Language = "es",
    output: Annotated[Path | None, typer.Option(help="Write the page to this file.")] = None,
) -> None:
    """Show a payment complement as an HTML page for the customer."""
    _needs_extra()
    from receivables.cfdi import parse, to_html

    page = to_html(parse(file.read_bytes()), options.choice("--lang", language, {"en": "en", "es": "es"}))
    if output is None:
        sys.stdout.write(page)
    else:
        output.write_text(page, encoding="utf-8")


def _expanded(files: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in files:
        if not path.exists():
            msg = f"{path}: there is no such file or folder; check the path"
            raise UnreadableSource(msg)
        found += sorted(it for it in path.rglob("*") if it.suffix.lower() == ".xml") if path.is_dir() else [path]
    return found


def _print_findings(file: str, findings: Sequence[dict[str, str]]) -> None:
    print(f"{file}: {len(findings) or 'no'} findings")
    for it in findings:
        print(f"  {it['severity']} {it['code']} {it['path']}: {it['message']}")


def _print_json(made: Any) -> None:
    sys.stdout.write(json.dumps(made, ensure_ascii=False, indent=1) + "\n")


def _cancelled(path: Path | None) -> tuple[str, ...]:
    if path is None:
        return ()
    from receivables.cfdi import State
    from receivables.cfdi.tables import read_states

    return tuple(uuid for uuid, state in read_states(path).items() if state is State.CANCELLED)


def _finding(it: Mismatch) -> dict[str, Any]:
    return {"kind": it.kind, "invoice": it.invoice, "complement": it.complement, "detail": it.detail()}


def _as_json(made: Imported, problems: Sequence[Any]) -> dict[str, Any]:
    books, _ = made.load()
    return {
        "counts": made.counts(),
        "facts": len(books.facts),
        "customers": len(books.customers),
        "left_out": [{"file": file, "reason": reason} for file, reason in (*made.left_out, *made.batch.skipped)],
        "duplicates": [{"file": file, "of": other} for file, other in made.batch.duplicates],
        "problems": [
            {"code": it.code, "severity": it.severity, "where": it.where, "message": it.message} for it in problems
        ],
    }


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        msg = f"--issued-at {text!r} is no local date and time; write it like 2026-08-03T09:00:00"
        raise QuestionError(msg)
    return found


def _same_parties(invoices: Sequence[Comprobante], paid: set[str]) -> None:
    missing = sorted(paid - {it.uuid for it in invoices})
    if missing:
        msg = f"invoices {', '.join(missing)} are paid and not in the folder; add their XML"
        raise UnbuildableComplement(msg)
    parties = {(it.emisor.rfc, it.receptor.rfc) for it in invoices}
    if len(parties) != 1:
        listed = ", ".join(f"{issuer} to {receiver}" for issuer, receiver in sorted(parties))
        msg = f"the invoices are of several parties ({listed}); a complement is of one issuer to one receiver"
        raise UnbuildableComplement(msg)


def _payable(
    invoice: Comprobante, documents: Sequence[Comprobante], cancelled: Sequence[str], replaces: Sequence[str]
) -> PayableDocument:
    from receivables.cfdi import PayableDocument

    return PayableDocument.of(
        invoice,
        complements=[it for it in documents if it.tipo_de_comprobante == "P"],
        credits=[
            it for it in documents if it.tipo_de_comprobante == "E" and invoice.uuid in it.related("01", "03", "07")
        ],
        cancelled=cancelled,
        replaced=replaces,
    )


def _csd(cer: Path | None, key: Path | None) -> Csd | None:
    if cer is None and key is None:
        return None
    if cer is None or key is None:
        msg = "a CSD is two files; give both --cer and --key"
        raise QuestionError(msg)
    from receivables.cfdi import Csd

    password = os.environ.get(PASSWORD) or typer.prompt("Password of the key", hide_input=True, err=True)
    return Csd.load(cer.read_bytes(), key.read_bytes(), password)

