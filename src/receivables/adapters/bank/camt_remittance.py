"""Structured remittance of camt: each document with what is paid of it, its discount and its deduction."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from decimal import Decimal

from receivables.adapters.bank.camt_xml import amount_or_none, every, one, own_amount, text
from receivables.allocation import AdviceLine
from receivables.errors import ReceivablesError
from receivables.money import Money

_CREDIT_NOTES = {"CREN", "CNFA", "CDTN"}


def documents(detail: ET.Element) -> list[AdviceLine]:
    """Return the documents of a transaction; a credit note counts below zero."""
    return [line for block in every(detail, "RmtInf/Strd") for line in _block(block)]


def _block(block: ET.Element) -> Iterator[AdviceLine]:
    found = every(block, "RfrdDocInf")
    amounts = one(block, "RfrdDocAmt")
    for document in found:
        number = text(document, "Nb")
        if not number:
            continue
        if len(found) > 1 or amounts is None:
            yield AdviceLine(number)  # one sum for several documents says nothing of each
            continue
        due = amount_or_none(amounts, "DuePyblAmt")
        noted = amount_or_none(amounts, "CdtNoteAmt")
        credit = text(document, "Tp/CdOrPrtry/Cd") in _CREDIT_NOTES or (
            noted is not None and due is None
        )
        paid = amount_or_none(amounts, "RmtdAmt")
        if paid is None:
            paid = noted if credit else due
        deduction, reason = _adjustments(amounts)
        yield AdviceLine(
            number,
            -abs(paid) if credit and paid is not None else paid,
            _discounts(amounts),
            deduction,
            reason,
        )


def _adjustments(amounts: ET.Element) -> tuple[Money | None, str | None]:
    """Return what the payer takes off, and the first reason."""
    found = [it for it in every(amounts, "AdjstmntAmtAndRsn") if text(it, "CdtDbtInd") != "CRDT"]
    reasons = (text(it, "Rsn", "AddtlInf") for it in found)
    held = [it for node in found if (it := amount_or_none(node, "Amt")) is not None]
    return _added(held), next(filter(None, reasons), None)


def _discounts(amounts: ET.Element) -> Money | None:
    try:
        return _added([own_amount(it) for it in every(amounts, "DscntApldAmt")])
    except ReceivablesError:
        return None


def _added(held: list[Money]) -> Money | None:
    if not held or any(it.currency != held[0].currency for it in held):
        return None
    return Money(sum((it.amount for it in held), Decimal(0)), held[0].currency)
