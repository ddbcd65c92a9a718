"""`receivables cfdi complement` and `show`: a complement built, sealed, checked and shown."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from receivables.adapters.csv import read_rows
from receivables.cli import QUARANTINED, options
from receivables.cli.cfdi.shared import (
    LANGUAGES,
    Folder,
    Language,
    Statuses,
    cancelled,
    needs_extra,
)
from receivables.errors import QuestionError, UnbuildableComplement

if TYPE_CHECKING:
    from receivables.cfdi import Complement, Comprobante, Csd, PayableDocument

PASSWORD = "RECEIVABLES_CSD_PASSWORD"  # noqa: S105 - the name of a variable

Certificate = Annotated[Path | None, typer.Option(help="The CSD's .cer file: seals the document.")]
PrivateKey = Annotated[
    Path | None,
    typer.Option(help=f"The CSD's .key file; its password is asked for, or read from {PASSWORD}."),
]


def complement(
    folder: Folder,
    payments: Annotated[
        Path,
        typer.Option(
            help="A table: payment_id, date, amount, currency, forma_de_pago, invoice_uuid, paid, …"
        ),
    ],
    issued_at: Annotated[
        str, typer.Option(help="Date and time of the document, such as 2026-08-03T09:00:00.")
    ],
    *,
    serie: Annotated[str | None, typer.Option(help="Series.")] = None,
    folio: Annotated[str | None, typer.Option(help="Number within the series.")] = None,
    profile: Annotated[
        str, typer.Option(help="six-decimals or currency-decimals.")
    ] = "six-decimals",
    replaces: Annotated[
        list[str] | None, typer.Option(help="UUID of a complement this one substitutes.")
    ] = None,
    status: Statuses = None,
    cer: Certificate = None,
    key: PrivateKey = None,
    output: Annotated[Path | None, typer.Option(help="Write the XML to this file.")] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write a page for the customer to this file.")
    ] = None,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Exit with status 3 on any remark, too, not on errors only."),
    ] = False,
) -> None:
    """Build the complement of payments, seal it when a CSD is given, and check it."""
    needs_extra()
    from receivables.cfdi import seal, to_html, write

    moment, files = _moment(issued_at), _csd_files(cer, key)
    built = _built(
        folder,
        payments,
        moment,
        numbered=(serie, folio),
        practice=profile,
        replaces=replaces or (),
        dead=cancelled(status),
    )
    voucher = built.voucher if files is None else seal(built.voucher, _csd(*files))
    xml = write(voucher)
    is_wrong = _told(built, xml, strict=strict)
    _give(xml, output)
    if html is not None:
        html.write_text(to_html(voucher), encoding="utf-8")
    if is_wrong:
        raise typer.Exit(QUARANTINED)


def _give(xml: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(xml.decode("utf-8") + "\n")
    else:
        output.write_bytes(xml)


def _told(built: Complement, xml: bytes, *, strict: bool) -> bool:
    """Say what was found in a complement; return whether a PAC would refuse it, or, when strict, whether anything was found."""
    from receivables.cfdi import validate

    findings = validate(xml)
    for said in (*built.problems, *findings, built.explain()):
        print(said, file=sys.stderr)
    refused = any(it.severity == "error" for it in findings)
    return refused or (strict and bool(built.problems or findings))


def _built(
    folder: Path,
    payments: Path,
    moment: datetime,
    *,
    numbered: tuple[str | None, str | None],
    practice: str,
    replaces: Sequence[str],
    dead: tuple[str, ...],
) -> Complement:
    from receivables.cfdi import Issuer, Receiver, build_complement, profile, read_folder
    from receivables.cfdi.tables import TO_STATE, to_state

    documents = [it.document for it in read_folder(folder).documents]
    stated = to_state(read_rows(payments, TO_STATE), documents)
    paid = {it.target for it in stated.allocations}
    invoices = [it for it in documents if it.uuid in paid]
    _same_parties(invoices, paid)
    return build_complement(
        stated.payments,
        stated.allocations,
        [_payable(it, documents, dead, replaces) for it in invoices],
        Issuer.of(invoices[0]),
        Receiver.of(invoices[0]),
        profile(practice, on=moment.date()),
        issued_at=moment,
        serie=numbered[0],
        folio=numbered[1],
        replaces=tuple(replaces),
    )


def show(
    file: Annotated[Path, typer.Argument(help="The XML file of a payment complement.")],
    *,
    language: Language = "es",
    output: Annotated[Path | None, typer.Option(help="Write the page to this file.")] = None,
) -> None:
    """Show a payment complement as an HTML page for the customer."""
    needs_extra()
    from receivables.cfdi import parse, to_html

    page = to_html(parse(file.read_bytes()), options.choice("--lang", language, LANGUAGES))
    if output is None:
        sys.stdout.write(page)
    else:
        output.write_text(page, encoding="utf-8")


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
    invoice: Comprobante,
    documents: Sequence[Comprobante],
    dead: Sequence[str],
    replaces: Sequence[str],
) -> PayableDocument:
    from receivables.cfdi import PayableDocument
    from receivables.cfdi.relations import credits_by_invoice

    return PayableDocument.of(
        invoice,
        complements=[it for it in documents if it.tipo_de_comprobante == "P"],
        credits=credits_by_invoice(documents).get(invoice.uuid or "", ()),
        cancelled=dead,
        replaced=replaces,
    )


def _csd_files(cer: Path | None, key: Path | None) -> tuple[bytes, bytes] | None:
    """Read the two files of a CSD, before anybody is asked for its password."""
    if cer is None and key is None:
        return None
    if cer is None or key is None:
        msg = "a CSD is two files; give both --cer and --key"
        raise QuestionError(msg)
    return cer.read_bytes(), key.read_bytes()


def _csd(cer: bytes, key: bytes) -> Csd:
    from receivables.cfdi import Csd

    password = os.environ.get(PASSWORD) or typer.prompt(
        "Password of the key", hide_input=True, err=True
    )
    return Csd.load(cer, key, password)
