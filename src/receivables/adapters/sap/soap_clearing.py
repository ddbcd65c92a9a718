"""Clearing in S/4HANA by SAP's own SOAP request, which is taken at once and answered later: the outcome is read from the items.

The message carries an identity made of our reference; SAP ignores a second message of the same identity, so that sending again
clears nothing twice. Before anything is sent, and afterwards, the items themselves are looked at.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from receivables.adapters.sap.columns import CUBE_PROPERTIES, from_cube
from receivables.adapters.sap.lines import ItemKey, Line
from receivables.adapters.sap.odata import Gateway, literal
from receivables.adapters.sap.odata_source import CUBE, KEY
from receivables.adapters.sap.writer import Written, check_reference
from receivables.errors import AlreadyDifferent, OutcomeUnknown, RequestRefused

CLOUD = "/sap/bc/srt/scs_ext/sap/journalentrybulkclearingreques"
_SFIN = "http://sap.com/xi/SAPSCORE/SFIN"
_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_WSA = "http://www.w3.org/2005/08/addressing"
_ACTION = f"{_SFIN}/JournalEntryBulkClearingRequest_In/JournalEntryBulkClearingRequest_InRequest"


class SapSoapClearer:
    """Clears items of one company code by the SOAP request JournalEntryBulkClearingRequest.

    Args:
        gateway: Where to: the items are read over it, and the request goes to the same host with the same session.
        company_code: Whose books.
        created_by: The user the document is said to be from.
        now: Returns the moment that a message is dated, with its time zone.
        dry_run: True to send nothing.
        path: Path of the service; the cloud's when not given.
        looks: How often the items are looked at after sending, and `pause` seconds before each look.
        sleep: How to wait.
    """

    def __init__(
        self,
        gateway: Gateway,
        company_code: str,
        *,
        created_by: str,
        now: Callable[[], datetime],
        dry_run: bool = True,
        path: str = CLOUD,
        looks: int = 5,
        pause: float = 2,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gateway, self._company_code, self._user = gateway, company_code, created_by
        self._dry, self._path = dry_run, path
        self._looks, self._pause, self._now, self._sleep = looks, pause, now, sleep

    def clear(self, reference: str, items: tuple[ItemKey, ...], posting_date: date) -> Written:
        """Clear items that sum to zero in one currency.

        Returns:
            `already-there` when one document cleared them all, `written` when it is seen to have, `accepted` when SAP took
            the message and the items are still open: look again later, by calling this again.

        Raises:
            RequestRefused: When an item is missing, they do not balance, or SAP refuses the message.
            AlreadyDifferent: When some of the items are cleared, or by several documents.
        """
        check_reference(reference)
        lines = self._read(items)
        found = _cleared_by(reference, lines)
        if found:
            return Written("already-there", found, ())
        _check(reference, lines)
        body = request_of(
            self._company_code, reference, lines, posting_date, self._now(), self._user
        )
        sent: tuple[tuple[str, Mapping[str, Any]], ...] = ((f"POST {self._path}", {"body": body}),)
        if self._dry:
            return Written("would-write", None, sent)
        remarks: tuple[str, ...] = ()
        try:
            self._gateway.submit(self._path, body, {"SOAPAction": _ACTION})
        except OutcomeUnknown:
            remarks = ("the answer was lost; the items were looked at",)
        for _ in range(self._looks):
            self._sleep(self._pause)
            found = _cleared_by(reference, self._read(items))
            if found:
                return Written("written", found, sent, remarks)
        if remarks:
            msg = f"{reference}: the connection broke while it was sent, and the items are open; sending it again clears nothing twice"
            raise OutcomeUnknown(msg)
        return Written("accepted", None, sent)

    def _read(self, items: Sequence[ItemKey]) -> list[Line]:
        """Return the items as they are now."""
        found: dict[ItemKey, Line] = {}
        for document in sorted({(it.document, it.year) for it in items}):
            where = (
                f"CompanyCode eq {literal(self._company_code)} and FinancialAccountType eq 'D'"
                f" and AccountingDocument eq {literal(document[0])} and FiscalYear eq {literal(document[1])}"
            )
            rows = self._gateway.rows(*CUBE, where=where, select=CUBE_PROPERTIES, order=KEY)
            found |= {line.key: line for line in map(from_cube, rows)}
        missing = [it for it in items if it not in found]
        if missing:
            msg = f"item {missing[0]} is not on a customer account of {self._company_code}; name items by their full key"
            raise RequestRefused(msg)
        return [found[it] for it in items]


def request_of(
    company_code: str,
    reference: str,
    lines: Sequence[Line],
    posting_date: date,
    created: datetime,
    created_by: str,
) -> str:
    """Return the message: the same for the same reference and items, but for the moment of its creation."""
    envelope = ET.Element(f"{{{_SOAP}}}Envelope")
    head = ET.SubElement(envelope, f"{{{_SOAP}}}Header")
    ET.SubElement(head, f"{{{_WSA}}}Action").text = _ACTION
    identity = uuid5(NAMESPACE_URL, f"receivables:{company_code}:{reference}")
    ET.SubElement(head, f"{{{_WSA}}}MessageID").text = f"uuid:{identity}"
    body = ET.SubElement(envelope, f"{{{_SOAP}}}Body")
    bulk = ET.SubElement(body, f"{{{_SFIN}}}JournalEntryBulkClearingRequest")
    moment = created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    about = {"ID": reference, "CreationDateTime": moment}
    _fill(ET.SubElement(bulk, "MessageHeader"), about)
    request = ET.SubElement(bulk, "JournalEntryClearingRequest")
    _fill(ET.SubElement(request, "MessageHeader"), about)
    entry = ET.SubElement(request, "JournalEntry")
    day = posting_date.isoformat()
    _fill(
        entry,
        {
            "CompanyCode": company_code,
            "AccountingDocumentType": "AB",
            "DocumentDate": day,
            "PostingDate": day,
            "CurrencyCode": lines[0].currency,
            "DocumentHeaderText": reference,
            "CreatedByUser": created_by,
        },
    )
    for number, line in enumerate(lines, start=1):
        _fill(
            ET.SubElement(entry, "APARItems"),
            {
                "ReferenceDocumentItem": str(number),
                "CompanyCode": company_code,
                "AccountType": "D",
                "APARAccount": line.customer,
                "FiscalYear": line.key.year,
                "AccountingDocument": line.key.document,
                "AccountingDocumentItem": line.key.item,
            },
        )
    return ET.tostring(envelope, encoding="unicode")


def _fill(element: ET.Element, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        ET.SubElement(element, name).text = text


def _cleared_by(reference: str, lines: Sequence[Line]) -> str | None:
    """Return the document that cleared the items; None while they are all open."""
    documents = {line.cleared_by for line in lines}
    if documents == {""}:
        return None
    if len(documents) > 1:
        told = ", ".join(f"{line.key} by {line.cleared_by or 'nothing'}" for line in lines)
        msg = f"{reference}: the items are cleared apart ({told}); take those out"
        raise AlreadyDifferent(msg)
    return documents.pop()


def _check(reference: str, lines: Sequence[Line]) -> None:
    left = sum((line.signed for line in lines), Decimal(0))
    if len({line.currency for line in lines}) != 1 or left:
        msg = f"{reference}: the items leave {left:f} or have several currencies; only items that sum to zero are cleared"
        raise RequestRefused(msg)
