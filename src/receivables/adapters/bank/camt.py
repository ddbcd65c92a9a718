"""camt.053 statements, camt.052 reports and camt.054 advices, keeping structured remittance whole.

Any version is read: names are looked up without their namespace, and where versions nest differently both forms are known
(`Sts` as text or `Cd`, parties with or without `Pty`, amounts of remittance with or without `Amt`). Batch entries are split
into their transactions, which must sum to the entry. Pending entries and money going out are left out.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from receivables.adapters.bank.statement import Collector, Line, Statement, read_bytes
from receivables.allocation import AdviceLine
from receivables.errors import ReceivablesError, UnreadableSource
from receivables.money import Money

_ROOTS = {"Stmt", "Rpt", "Ntfctn"}


def read_camt(path: Path) -> Statement:
    """Read a camt file.

    Raises:
        UnreadableSource: When it is no such XML, or declares a document type, which bank files never do.
    """
    data = read_bytes(path)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        msg = f"{path.name} declares a document type; bank files have none, and it may be an attack"
        raise UnreadableSource(msg)
    try:
        root = ET.fromstring(data)  # noqa: S314 - entities cannot be declared: see above
    except ET.ParseError as error:
        msg = f"{path.name} is no XML: {error}"
        raise UnreadableSource(msg) from None
    reports = [node for node in root.iter() if _name(node) in _ROOTS]
    if not reports:
        msg = f"{path.name} holds no statement, report or notification; is it a camt.052, .053 or .054?"
        raise UnreadableSource(msg)
    collector = Collector("camt", path.name)
    for report in reports:
        account = _text(report, "Acct/Id/IBAN") or _text(report, "Acct/Id/Othr/Id")
        for number, entry in enumerate(_all(report, "Ntry"), start=1):
            _take_entry(collector, entry, account, f"entry {number}")
    return collector.statement()


def _take_entry(collector: Collector, entry: ET.Element, account: str, where: str) -> None:
    status = _text(entry, "Sts/Cd") or _text(entry, "Sts")
    if status and status != "BOOK":
        collector.problem(
            "not-booked", f"an entry of status {status} is not money yet", where, kept=True
        )
        return
    reversal = _text(entry, "RvslInd").lower() in {"true", "1"}
    if _text(entry, "CdtDbtInd") != "CRDT":
        if reversal:
            amount = f"{_text(entry, 'Amt')} {_currency(entry)}"
            collector.problem(
                "returned-payment",
                f"{amount} received before was taken back; reverse that payment",
                where,
                kept=True,
            )
        return
    if reversal:
        collector.problem(
            "returned-payment",
            "money sent before came back; it is no payment of a customer",
            where,
            kept=True,
        )
        return
    details = [it for block in _all(entry, "NtryDtls") for it in _all(block, "TxDtls")]
    if len(details) > 1 and not _ties(entry, details):
        collector.problem(
            "does-not-tie",
            f"the {len(details)} transactions do not sum to the entry's {_text(entry, 'Amt')}; the entry is taken whole",
            where,
            kept=True,
        )
        details = []
    for place, detail in enumerate(details or [entry], start=1):
        part = f"{where}, transaction {place}" if len(details) > 1 else where
        collector.take(_line(entry, detail, account, part, place if len(details) > 1 else 0))


def _ties(entry: ET.Element, details: list[ET.Element]) -> bool:
    try:
        whole = Decimal(_text(entry, "Amt"))
        return sum((Decimal(_amount(it)) for it in details), Decimal(0)) == whole
    except InvalidOperation:
        return False


def _line(entry: ET.Element, detail: ET.Element, account: str, where: str, place: int) -> Line:
    amount, currency = _amount(detail) or _text(entry, "Amt"), _currency(detail) or _currency(entry)
    bank = _text(detail, "Refs/AcctSvcrRef") or _text(entry, "AcctSvcrRef")
    if bank and place and not _text(detail, "Refs/AcctSvcrRef"):
        bank = f"{bank}/{place}"
    texts = [it.text or "" for it in _all(detail, "RmtInf/Ustrd")]
    advice = [
        line for block in _all(detail, "RmtInf/Strd") for line in _structured(block, currency)
    ]
    creditor = [_text(block, "CdtrRefInf/Ref") for block in _all(detail, "RmtInf/Strd")]
    extra = [_text(block, "AddtlRmtInf") for block in _all(detail, "RmtInf/Strd")]
    end_to_end = _text(detail, "Refs/EndToEndId")
    attributes = {
        "end_to_end_id": "" if end_to_end == "NOTPROVIDED" else end_to_end,
        "creditor_reference": " ".join(filter(None, creditor)),
        "payer_name": _text(detail, "RltdPties/Dbtr/Nm") or _text(detail, "RltdPties/Dbtr/Pty/Nm"),
        "payer_account": _text(detail, "RltdPties/DbtrAcct/Id/IBAN")
        or _text(detail, "RltdPties/DbtrAcct/Id/Othr/Id"),
        "payer_tax_id": _text(detail, "RltdPties/Dbtr/Id/OrgId/Othr/Id")
        or _text(detail, "RltdPties/Dbtr/Pty/Id/OrgId/Othr/Id"),
        "bank_reference": bank,
    }
    text = " ".join(filter(None, [*texts, *extra])) or _text(entry, "AddtlNtryInf")
    return Line(where, account, bank, amount, currency, _day(entry), text, attributes, advice)


def _structured(block: ET.Element, currency: str) -> Iterator[AdviceLine]:
    """Yield the documents of a structured block; a credit note counts below zero."""
    documents = _all(block, "RfrdDocInf")
    amounts = _one(block, "RfrdDocAmt")
    for document in documents:
        number = _text(document, "Nb")
        if not number:
            continue
        credit = _text(document, "Tp/CdOrPrtry/Cd") == "CREN"
        paid = _money(
            amounts, ("RmtdAmt", "CdtNoteAmt") if credit else ("RmtdAmt", "DuePyblAmt"), currency
        )
        alone = len(documents) == 1
        deduction, reason = _adjustment(amounts, currency) if alone else (None, None)
        discount = _money(amounts, ("DscntApldAmt",), currency) if alone else None
        if not alone:
            paid = None
        yield AdviceLine(
            number, -paid if credit and paid is not None else paid, discount, deduction, reason
        )


def _adjustment(amounts: ET.Element | None, currency: str) -> tuple[Money | None, str | None]:
    node = None if amounts is None else _one(amounts, "AdjstmntAmtAndRsn")
    if node is None or _text(node, "CdtDbtInd") == "CRDT":
        return None, None
    return _money(node, ("Amt",), currency), _text(node, "Rsn") or _text(node, "AddtlInf") or None


def _money(node: ET.Element | None, names: tuple[str, ...], currency: str) -> Money | None:
    for name in names if node is not None else ():
        found = _one(node, name) if node is not None else None
        if found is None:
            continue
        inner = _one(found, "Amt")
        holder = found if inner is None else inner
        try:
            return Money((holder.text or "").strip(), holder.get("Ccy") or currency)
        except ReceivablesError:
            return None
    return None


def _amount(detail: ET.Element) -> str:
    return _text(detail, "Amt") or _text(detail, "AmtDtls/TxAmt/Amt")


def _currency(node: ET.Element) -> str:
    for path in ("Amt", "AmtDtls/TxAmt/Amt"):
        found = _one(node, path)
        if found is not None and found.get("Ccy"):
            return found.get("Ccy") or ""
    return ""


def _day(entry: ET.Element) -> date | None:
    for path in ("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"):
        try:
            return date.fromisoformat(_text(entry, path)[:10])
        except ValueError:
            continue
    return None


def _name(node: ET.Element) -> str:
    return node.tag.rpartition("}")[2]


def _all(node: ET.Element, path: str) -> list[ET.Element]:
    found = [node]
    for name in path.split("/"):
        found = [child for it in found for child in it if _name(child) == name]
    return found


def _one(node: ET.Element, path: str) -> ET.Element | None:
    return next(iter(_all(node, path)), None)


def _text(node: ET.Element, path: str) -> str:
    found = _one(node, path)
    return (found.text or "").strip() if found is not None else ""
