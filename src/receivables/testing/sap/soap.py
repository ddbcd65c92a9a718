"""The clearing request over SOAP, as S/4HANA takes it: at once, once a message, and done a while later or never."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as ET

from receivables.testing.sap.books import Books

PATH = "/sap/bc/srt/scs_ext/sap/journalentrybulkclearingreques"
_WSA = "{http://www.w3.org/2005/08/addressing}"


class Inbox:
    """Messages taken, each identity once.

    Args:
        books: What they clear.
        forget: Called when the books changed.
    """

    def __init__(self, books: Books, forget: Callable[[], None]) -> None:
        self._books, self._forget = books, forget
        self.identities: set[str] = set()
        self.waiting: list[ET.Element] = []

    def take(self, body: bytes) -> str:
        """Take a message; return what is wrong with it, or nothing. A known identity is ignored, without a word."""
        envelope = ET.fromstring(body)  # noqa: S314 - from our own test
        identity = envelope.findtext(f".//{_WSA}MessageID") or ""
        if not identity or not envelope.findtext(f".//{_WSA}Action"):
            return "WS-Addressing headers are missing"
        if identity not in self.identities:
            self.identities.add(identity)
            self.waiting += envelope.iter("JournalEntry")
        return ""

    def work(self) -> None:
        """Do what waits; what does not balance, or is not open, fails and is told nowhere."""
        while self.waiting:
            self._clear(self.waiting.pop(0))

    def _clear(self, entry: ET.Element) -> None:
        names = ("CompanyCode", "AccountingDocument", "FiscalYear", "AccountingDocumentItem")
        keys = {tuple(it.findtext(name) for name in names) for it in entry.iter("APARItems")}
        lines = [
            it
            for it in self._books.lines
            if (it["BUKRS"], it["BELNR"], it["GJAHR"], it["BUZEI"]) in keys
        ]
        signs = {"S": 1, "H": -1}
        left = sum((it["WRBTR"] * signs[it["SHKZG"]] for it in lines), Decimal(0))
        if len(lines) != len(keys) or left or any(it["AUGBL"] for it in lines):
            return
        day = date.fromisoformat(entry.findtext("PostingDate") or "")
        text = entry.findtext("DocumentHeaderText") or ""
        self._books.clear(lines, self._books.document("AB", day, BKTXT=text))
        self._forget()
