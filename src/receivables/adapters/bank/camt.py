"""camt.053 statements, camt.052 reports and camt.054 advices, keeping structured remittance whole.

Any version is read: names are looked up without their namespace, and where versions nest differently both forms are known
(`Sts` as text or `Cd`, parties with or without `Pty`, amounts of remittance with or without `Amt`). Batch entries are split
into their transactions, which must sum to the entry.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from receivables.adapters.bank import camt_totals
from receivables.adapters.bank.camt_remittance import documents
from receivables.adapters.bank.camt_xml import amount, amount_or_none, day, every, name, parse, text
from receivables.adapters.bank.collector import Collector, Line, reference_of
from receivables.adapters.bank.statement import Statement
from receivables.errors import ReceivablesError, UnreadableSource
from receivables.money import Money

_ROOTS = {"Stmt", "Rpt", "Ntfctn"}
_DIRECTIONS = {"CRDT", "DBIT"}


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry with what its transactions share, found once: there may be many of them."""

    node: ET.Element
    account: str
    where: str
    amount: Money
    direction: str
    reference: str
    day: date | None
    charged: Money | None
    words: str


def read_camt(path: Path) -> Statement:
    """Read a camt file.

    Raises:
        UnreadableSource: When it is no such XML, or declares a document type, which bank files never do.
    """
    reports = [node for node in parse(path).iter() if name(node) in _ROOTS]
    if not reports:
        msg = f"{path.name} holds no statement, report or notification; is it a camt.052, .053 or .054?"
        raise UnreadableSource(msg)
    collector = Collector("camt", path.name)
    for place, report in enumerate(reports, start=1):
        _report(collector, report, f"statement {place}, " if len(reports) > 1 else "")
    return collector.statement()


def _report(collector: Collector, report: ET.Element, prefix: str) -> None:
    account = text(report, "Acct/Id/IBAN", "Acct/Id/Othr/Id")
    where = prefix.rstrip(", ") or "statement 1"
    balances = camt_totals.read_balances(collector, report, where)
    identity = (text(report, "Id"), text(report, "ElctrncSeqNb", "LglSeqNb"), balances.closing)
    apart = name(report) == "Ntfctn"  # each advice is of entries of its own
    collector.begin(account, *identity, opening=balances.opening, apart=apart)
    totals = camt_totals.Totals(where)
    for number, entry in enumerate(every(report, "Ntry"), start=1):
        _entry(collector, totals, entry, account, f"{prefix}entry {number}")
    collector.end(account, balances.closing)
    camt_totals.check(collector, report, balances, totals)


def _entry(
    collector: Collector, totals: camt_totals.Totals, node: ET.Element, account: str, where: str
) -> None:
    details = every(node, "NtryDtls/TxDtls")
    lines = max(len(details), 1)
    collector.saw(lines)
    direction, status = text(node, "CdtDbtInd"), text(node, "Sts/Cd", "Sts", "Sts/Prtry")
    booked = status in {"", "BOOK"}
    try:
        found = amount(node, "Amt")
        if found is None or direction not in _DIRECTIONS:
            msg = f"an entry must have an amount and CRDT or DBIT, and this one has {found} and {direction!r}"
            raise UnreadableSource(msg)
    except ReceivablesError as error:
        totals.add(None, booked=booked)
        for _ in range(lines):
            collector.quarantine("unreadable-amount", f"{error}; it is left out", where)
        return
    totals.add(found if direction == "CRDT" else -found, booked=booked)
    entry = _Entry(
        node,
        account,
        where,
        found,
        direction,
        reference_of(text(node, "AcctSvcrRef")),
        day(node, "BookgDt/Dt", "ValDt/Dt"),
        _charges(node),
        text(node, "AddtlNtryInf"),
    )
    reason, code, said = _no_receipt(entry, status if not booked else "")
    if not reason:
        _credit(collector, entry, details)
        return
    for place in range(lines):
        collector.no_receipt(reason, where, found if place == 0 else None)
    if code:
        collector.note(code, said, where)


def _no_receipt(entry: _Entry, status: str) -> tuple[str, str, str]:
    """Return why an entry is no receipt, with the code and sentence of a remark; empty when it is one."""
    if status:
        return (
            f"not booked: {status}",
            "not-booked",
            f"an entry of status {status} is not money yet",
        )
    details = every(entry.node, "NtryDtls/TxDtls")
    sent_back = bool(details) and all(every(it, "RtrInf") for it in details)
    reversal = sent_back or text(entry.node, "RvslInd").lower() in {"true", "1"}
    if entry.direction == "DBIT":
        said = f"{entry.amount} received before was taken back; reverse that payment"
        return ("returned payment", "returned-payment", said) if reversal else ("debit", "", "")
    if reversal:
        said = "money sent before came back; it is no payment of a customer"
        return "returned debit", "returned-payment", said
    return "", "", ""


def _credit(collector: Collector, entry: _Entry, details: list[ET.Element]) -> None:
    """Make payments of a credit: one a transaction where they sum to the entry, else one of the whole."""
    signed = [_signed(entry, it) for it in details]
    problem = _batch_differs(entry, details, signed)
    if problem or len(details) <= 1:
        if problem:
            collector.differs(f"{problem}; the entry is taken whole", entry.where)
        collector.take(_line(entry, details or [entry.node], entry.where, 0, entry.amount))
        for place in range(2, len(details) + 1):
            collector.no_receipt("part of the entry", f"{entry.where}, transaction {place}")
        return
    for place, (detail, money) in enumerate(zip(details, signed, strict=True), start=1):
        where = f"{entry.where}, transaction {place}"
        if money is not None and money.amount < 0:
            collector.no_receipt("debit", where, -money)
        else:
            collector.take(
                _line(entry, [detail], where, place, entry.amount if money is None else money)
            )


def _signed(entry: _Entry, detail: ET.Element) -> Money | None:
    """Return the amount of a transaction in the entry's currency, below zero when it goes the other way."""
    found = amount_or_none(detail, "Amt", "AmtDtls/TxAmt/Amt")
    if found is None or found.currency != entry.amount.currency:
        found = amount_or_none(detail, "AmtDtls/TxAmt/Amt", "AmtDtls/CntrValAmt/Amt")
    if found is None or found.currency != entry.amount.currency:
        return None
    return -found if text(detail, "CdtDbtInd") not in {"", entry.direction} else found


def _batch_differs(entry: _Entry, details: list[ET.Element], signed: list[Money | None]) -> str:
    """Return what does not tie between a batch and its transactions; empty when all does, or nothing is said."""
    for block in every(entry.node, "NtryDtls"):
        held, stated = len(every(block, "TxDtls")), text(block, "Btch/NbOfTxs")
        if held and stated and stated.lstrip("0") != str(held):
            return f"a batch says {stated} transactions, there are {held}"
    if len(details) == 1:
        [only] = signed
        charged = entry.charged or _charges(details[0])
        if only is None or only == entry.amount or charged:
            return ""
        return f"the transaction of {only} is not the entry's {entry.amount}"
    if len(details) > 1:
        if any(it is None for it in signed):
            return f"not all of the {len(details)} transactions say an amount in {entry.amount.currency}"
        total = sum((it.amount for it in signed if it is not None), Decimal(0))
        if total != entry.amount.amount:
            return f"the {len(details)} transactions sum to {total}, the entry says {entry.amount}"
    return ""


def _charges(node: ET.Element) -> Money | None:
    return amount_or_none(node, "Chrgs/TtlChrgsAndTaxAmt", "Chrgs/Rcrd/Amt", "Chrgs/Amt")


def _line(entry: _Entry, details: list[ET.Element], where: str, place: int, money: Money) -> Line:
    """Return the line of one transaction, or of all together."""
    detail = details[0] if len(details) == 1 else ET.Element("TxDtls")  # several payers are none
    own = reference_of(text(detail, "Refs/AcctSvcrRef"))
    bank = own or entry.reference
    if bank and place and not own:
        bank = f"{bank}/{place}"
    blocks = [block for it in details for block in every(it, "RmtInf/Strd")]
    words = [
        *((it.text or "") for one in details for it in every(one, "RmtInf/Ustrd")),
        *(text(it, "AddtlRmtInf") for it in blocks),
    ]
    end_to_end = text(detail, "Refs/EndToEndId")
    instructed = amount_or_none(detail, "AmtDtls/InstdAmt/Amt")
    charged = _charges(detail) or entry.charged
    attributes = {
        "end_to_end_id": "" if end_to_end == "NOTPROVIDED" else end_to_end,
        "creditor_reference": " ".join(filter(None, (text(it, "CdtrRefInf/Ref") for it in blocks))),
        "payer_name": text(detail, "RltdPties/Dbtr/Nm", "RltdPties/Dbtr/Pty/Nm"),
        "payer_account": text(
            detail, "RltdPties/DbtrAcct/Id/IBAN", "RltdPties/DbtrAcct/Id/Othr/Id"
        ),
        "payer_tax_id": text(
            detail, "RltdPties/Dbtr/Id/OrgId/Othr/Id", "RltdPties/Dbtr/Pty/Id/OrgId/Othr/Id"
        ),
        "bank_reference": bank,
        "instructed_amount": str(instructed) if instructed and instructed != money else "",
        "bank_charges": str(charged) if charged else "",
    }
    return Line(
        where,
        entry.account,
        bank,
        money.amount,
        money.currency,
        entry.day,
        " ".join(filter(None, words)) or entry.words,
        attributes,
        [line for it in details for line in documents(it)],
    )
