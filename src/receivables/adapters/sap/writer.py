"""Writing to SAP over RFC, on purpose only: postings and clearings, each once or not at all.

Every write carries a reference of ours. Before it is sent, and again when its outcome is unknown, the reference is looked up;
what is there already is not sent a second time. With `dry_run` nothing is sent and the result says what would be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from receivables.adapters.sap.codes import CREDIT, DEBIT
from receivables.adapters.sap.columns import KEYS
from receivables.adapters.sap.lines import ItemKey
from receivables.adapters.sap.returns import checked
from receivables.adapters.sap.rfc import Rfc
from receivables.adapters.sap.select import one_of, quoted
from receivables.adapters.sap.tables import Tables, decimals_of
from receivables.adapters.sap.values import Decimals, compact, number, padded
from receivables.errors import (
    AccessDenied,
    AlreadyDifferent,
    NotOffered,
    OutcomeUnknown,
    RequestRefused,
    Unavailable,
)
from receivables.money import Money

Status = Literal["would-write", "written", "already-there", "accepted"]
_REFERENCE = 16  # characters of XBLNR
CLEARING_FUNCTION = "Z_RECEIVABLES_CLEARING"


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a write.

    Args:
        status: `would-write` in a dry run, `written`, or `already-there` when the reference was found, `accepted` when it was taken
            and is not seen to be done yet.
        key: SAP's key of what was written; None in a dry run.
        sent: What was or would be sent: each call with its parameters, in order.
        remarks: What SAP said besides.
    """

    status: Status
    key: str | None
    sent: tuple[tuple[str, Mapping[str, Any]], ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One document to be posted: a payment on account, or an adjustment.

    Args:
        reference: Ours, unique, at most 16 characters: XBLNR.
        customer: Whose account.
        amount: Above zero.
        credit: True to credit the customer (a payment, a credit), False to charge.
        offset_account: G/L account of the other side: bank, bad debt, discount.
        posting_date: Date it counts from.
        document_type: BLART, such as DZ for a payment or SA for an adjustment.
        assignment: ZUONR, by which SAP may clear automatically.
        text: SGTXT.
    """

    reference: str
    customer: str
    amount: Money
    credit: bool
    offset_account: str
    posting_date: date
    document_type: str = "DZ"
    assignment: str = ""
    text: str = ""


class SapWriter:
    """Writes over RFC, on one session: a posting and its commit must share it.

    Args:
        rfc: Where to.
        company_code: Whose books.
        dry_run: True to send nothing but checks.
        clearing_function: Your remote-enabled wrapper of POSTING_INTERFACE_CLEARING; the docs give its interface.
        read_table: The function that reads tables, for the look-up.
    """

    def __init__(
        self,
        rfc: Rfc,
        company_code: str,
        *,
        dry_run: bool = True,
        clearing_function: str = CLEARING_FUNCTION,
        read_table: str = "RFC_READ_TABLE",
    ) -> None:
        self._rfc, self._company_code, self._dry = rfc, company_code, dry_run
        self._clearing = clearing_function
        self._tables = Tables(rfc, read_table)
        self._places: Decimals | None = None

    def post(self, posting: Posting) -> Written:
        """Post a document with BAPI_ACC_DOCUMENT_POST, after SAP's own check.

        Raises:
            RequestRefused: When SAP refuses it; nothing was posted.
            AlreadyDifferent: When the reference is there on another account or side, or with another amount or currency.
            OutcomeUnknown: When the connection broke and the look-up does not settle it.
        """
        check_reference(posting.reference)
        request = document_of(self._company_code, posting)
        calls = (
            ("BAPI_ACC_DOCUMENT_CHECK", request),
            ("BAPI_ACC_DOCUMENT_POST", request),
            ("BAPI_TRANSACTION_COMMIT", {"WAIT": "X"}),
        )
        found = self._posted(posting)
        if found is not None:
            return Written("already-there", found, ())
        remarks = checked(
            self._rfc.read("BAPI_ACC_DOCUMENT_CHECK", **request), "BAPI_ACC_DOCUMENT_CHECK"
        )
        if self._dry:
            return Written("would-write", None, calls[1:], tuple(remarks))
        return self._send(
            calls[1][0],
            request,
            posting.reference,
            calls[1:],
            lambda: self._posted(posting),
        )

    def clear(self, reference: str, items: tuple[ItemKey, ...], posting_date: date) -> Written:
        """Clear items that sum to zero, through your wrapper of the clearing interface.

        Raises:
            RequestRefused: When SAP refuses; nothing was cleared.
            AlreadyDifferent: When the reference is there and cleared other items.
            OutcomeUnknown: When the connection broke and the look-up does not settle it.
        """
        check_reference(reference)
        rows = [dict(zip(KEYS, key, strict=True)) for key in items]
        request = {"POSTING_DATE": compact(posting_date), "REFERENCE": reference, "ITEMS": rows}
        calls = ((self._clearing, request), ("BAPI_TRANSACTION_COMMIT", {"WAIT": "X"}))
        found = self._cleared(reference, items)
        if found is not None:
            return Written("already-there", found, ())
        if self._dry:
            return Written("would-write", None, calls)
        return self._send(
            self._clearing, request, reference, calls, lambda: self._cleared(reference, items)
        )

    def _send(
        self,
        function: str,
        request: Mapping[str, Any],
        reference: str,
        calls: tuple[tuple[str, Mapping[str, Any]], ...],
        look: Callable[[], str | None],
    ) -> Written:
        """Post and commit on one session; when either is lost on the wire, look before saying anything."""
        try:
            answer = self._rfc.call(function, **request)
            try:
                remarks = checked(answer, function)
            except RequestRefused:
                self._rfc.call("BAPI_TRANSACTION_ROLLBACK")
                raise
            checked(self._rfc.call("BAPI_TRANSACTION_COMMIT", WAIT="X"), "BAPI_TRANSACTION_COMMIT")
        except Unavailable as error:
            self._rfc.drop()
            found = look()
            if found is not None:
                return Written(
                    "written", found, calls, ("the answer was lost; the look-up found it",)
                )
            msg = f"{reference}: the connection broke while it was posted ({error}); it is not there now, look again before sending it"
            raise OutcomeUnknown(msg, messages=error.messages) from None
        key = str(answer.get("OBJ_KEY") or answer.get("DOCUMENT") or "").strip()
        return Written("written", key or look(), calls, tuple(remarks))

    def _posted(self, posting: Posting) -> str | None:
        """Return the document that carries the reference of a posting and says the same; None when there is none."""
        headers = self._headers(posting.reference, posting.document_type)
        for header in headers:
            if any(self._says(row, posting) for row in self._items(header)):
                return _name_of(header)
        if headers:
            msg = (
                f"reference {posting.reference} is document {headers[0]['BELNR']}, which holds no item of"
                f" {posting.amount} on that side of account {posting.customer}; give another reference"
            )
            raise AlreadyDifferent(msg)
        return None

    def _cleared(self, reference: str, items: tuple[ItemKey, ...]) -> str | None:
        """Return the document that carries the reference of a clearing and cleared its items; None when there is none."""
        headers = self._headers(reference, "AB")
        if not headers:
            return None
        numbers = sorted({it.document for it in items})
        where = f"BUKRS EQ {quoted(self._company_code)} AND {one_of('BELNR', numbers)}"
        columns = (*KEYS, "AUGBL")
        rows = self._tables.rows("BSAD", columns, where, keys=columns[:4], limit=0) or ()
        by = {tuple(row[name] for name in columns[:4]): row["AUGBL"] for row in rows}
        for header in headers:
            if all(by.get(tuple(it)) == header["BELNR"] for it in items):
                return _name_of(header)
        msg = f"reference {reference} is document {headers[0]['BELNR']}, which did not clear these items; give another reference"
        raise AlreadyDifferent(msg)

    def _headers(self, reference: str, document_type: str) -> list[dict[str, str]]:
        where = (
            f"BUKRS EQ {quoted(self._company_code)} AND XBLNR EQ {quoted(reference)}"
            f" AND BLART EQ {quoted(document_type)}"
        )
        columns = ("BUKRS", "BELNR", "GJAHR")
        return self._tables.rows("BKPF", columns, where, keys=columns, limit=0) or []

    def _items(self, header: Mapping[str, str]) -> list[dict[str, str]]:
        """Return the items that a document posted on customer accounts."""
        where = " AND ".join(f"{name} EQ {quoted(header[name])}" for name in header)
        columns = ("BUKRS", "BELNR", "GJAHR", "BUZEI", "KUNNR", "SHKZG", "WRBTR", "WAERS")
        return [
            it
            for table in ("BSID", "BSAD")
            for it in self._tables.rows(table, columns, where, keys=columns[:4], limit=0) or ()
        ]

    def _says(self, row: Mapping[str, str], posting: Posting) -> bool:
        currency = posting.amount.currency
        return (
            row["KUNNR"] == padded(posting.customer)
            and row["SHKZG"] == (CREDIT if posting.credit else DEBIT)
            and row["WAERS"] == currency
            and self._decimals().external(number(row["WRBTR"]), currency) == posting.amount.amount
        )

    def _decimals(self) -> Decimals:
        if self._places is None:
            try:
                self._places = decimals_of(self._tables)
            except (AccessDenied, NotOffered):
                self._places = Decimals.iso()
        return self._places


def document_of(company_code: str, posting: Posting) -> dict[str, Any]:
    """Return the parameters of BAPI_ACC_DOCUMENT_POST: external amounts, debits positive, summing to zero.

    >>> request = document_of("MX01", Posting(reference="P-1", customer="100001", amount=Money("5000", "JPY"), credit=True,
    ...     offset_account="113100", posting_date=date(2026, 3, 31)))
    >>> [str(row["AMT_DOCCUR"]) for row in request["CURRENCYAMOUNT"]]
    ['-5000', '5000']
    """
    day, amount = compact(posting.posting_date), posting.amount.amount
    signed = -amount if posting.credit else amount
    texts = {"ALLOC_NMBR": posting.assignment, "ITEM_TEXT": posting.text}
    return {
        "DOCUMENTHEADER": {
            "BUS_ACT": "RFBU",
            "COMP_CODE": company_code,
            "DOC_DATE": day,
            "PSTNG_DATE": day,
            "DOC_TYPE": posting.document_type,
            "REF_DOC_NO": posting.reference,
        },
        "ACCOUNTRECEIVABLE": [
            {
                "ITEMNO_ACC": "0000000001",
                "CUSTOMER": padded(posting.customer),
                "REF_KEY_3": posting.reference,
                **texts,
            }
        ],
        "ACCOUNTGL": [
            {"ITEMNO_ACC": "0000000002", "GL_ACCOUNT": padded(posting.offset_account), **texts}
        ],
        "CURRENCYAMOUNT": [
            _amount("0000000001", signed, posting.amount.currency),
            _amount("0000000002", -signed, posting.amount.currency),
        ],
    }


def _amount(item: str, amount: Decimal, currency: str) -> dict[str, Any]:
    return {"ITEMNO_ACC": item, "CURR_TYPE": "00", "CURRENCY": currency, "AMT_DOCCUR": amount}


def check_reference(reference: str) -> None:
    """Refuse a reference that could not be looked up.

    Raises:
        RequestRefused: When it is empty or too long.
    """
    if not reference or len(reference) > _REFERENCE:
        msg = f"reference {reference!r} must have 1 to {_REFERENCE} characters: SAP is asked for it before anything is sent again"
        raise RequestRefused(msg)


def _name_of(header: Mapping[str, str]) -> str:
    return f"{header['BELNR']}{header['BUKRS']}{header['GJAHR']}"
