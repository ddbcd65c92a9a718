"""Writing to SAP, on purpose only: postings, clearings, dunning blocks and levels, credit releases; each once, or not at all.

Every write carries a reference of ours. Before it is sent, and again when its outcome is unknown, the reference is looked up;
what is there already is not sent a second time. With `dry_run` nothing is sent and the result says what would be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from receivables.adapters.sap.lines import ItemKey
from receivables.adapters.sap.odata import Gateway, literal
from receivables.adapters.sap.odata_source import BLOCKED, PARTNER
from receivables.adapters.sap.returns import checked
from receivables.adapters.sap.rfc import Rfc
from receivables.adapters.sap.select import quoted
from receivables.adapters.sap.tables import Tables
from receivables.adapters.sap.values import compact, padded
from receivables.errors import AlreadyDifferent, OutcomeUnknown, RequestRefused, Unavailable
from receivables.money import Money

Status = Literal["would-write", "written", "already-there"]
_REFERENCE = 16  # characters of XBLNR
CLEARING_FUNCTION = "Z_RECEIVABLES_CLEARING"


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a write.

    Args:
        status: `would-write` in a dry run, `written`, or `already-there` when the reference was found.
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

    def post(self, posting: Posting) -> Written:
        """Post a document with BAPI_ACC_DOCUMENT_POST, after SAP's own check.

        Raises:
            RequestRefused: When SAP refuses it; nothing was posted.
            AlreadyDifferent: When the reference is there with another amount or account.
            OutcomeUnknown: When the connection broke and the look-up does not settle it.
        """
        _check_reference(posting.reference)
        request = document_of(self._company_code, posting)
        calls = (
            ("BAPI_ACC_DOCUMENT_CHECK", request),
            ("BAPI_ACC_DOCUMENT_POST", request),
            ("BAPI_TRANSACTION_COMMIT", {"WAIT": "X"}),
        )
        found = self._found(posting.reference, posting.document_type, posting)
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
            lambda: self._found(posting.reference, posting.document_type, posting),
        )

    def clear(self, reference: str, items: tuple[ItemKey, ...], posting_date: date) -> Written:
        """Clear items that sum to zero, through your wrapper of the clearing interface.

        Raises:
            RequestRefused: When SAP refuses; nothing was cleared.
            OutcomeUnknown: When the connection broke and the look-up does not settle it.
        """
        _check_reference(reference)
        rows = [dict(zip(("BUKRS", "BELNR", "GJAHR", "BUZEI"), key, strict=True)) for key in items]
        request = {"POSTING_DATE": compact(posting_date), "REFERENCE": reference, "ITEMS": rows}
        calls = ((self._clearing, request), ("BAPI_TRANSACTION_COMMIT", {"WAIT": "X"}))
        found = self._found(reference, "AB", None)
        if found is not None:
            return Written("already-there", found, ())
        if self._dry:
            return Written("would-write", None, calls)
        return self._send(
            self._clearing, request, reference, calls, lambda: self._found(reference, "AB", None)
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

    def _found(self, reference: str, document_type: str, posting: Posting | None) -> str | None:
        """Return the document that carries our reference; None when there is none."""
        where = (
            f"BUKRS EQ {quoted(self._company_code)} AND XBLNR EQ {quoted(reference)}"
            f" AND BLART EQ {quoted(document_type)}"
        )
        columns = ("BUKRS", "BELNR", "GJAHR")
        rows = self._tables.rows("BKPF", columns, where, keys=columns, limit=0)
        if not rows:
            return None
        row = rows[0]
        if posting is not None:
            self._compare(row, posting)
        return f"{row['BELNR']}{row['BUKRS']}{row['GJAHR']}"

    def _compare(self, row: Mapping[str, str], posting: Posting) -> None:
        where = f"BUKRS EQ {quoted(row['BUKRS'])} AND BELNR EQ {quoted(row['BELNR'])} AND GJAHR EQ {quoted(row['GJAHR'])}"
        columns = ("BUKRS", "BELNR", "GJAHR", "BUZEI", "KUNNR", "SHKZG")
        found = [
            it
            for table in ("BSID", "BSAD")
            for it in self._tables.rows(table, columns, where, keys=columns[:4], limit=0) or ()
        ]
        side = "H" if posting.credit else "S"
        if found and not any(
            it["KUNNR"] == padded(posting.customer) and it["SHKZG"] == side for it in found
        ):
            msg = f"reference {posting.reference} is document {row['BELNR']}, which is on another account or side; give another reference"
            raise AlreadyDifferent(msg)


class SapODataWriter:
    """Writes over OData: dunning data and credit releases, each set to a value and so the same when sent again.

    Args:
        gateway: Where to.
        dry_run: True to send nothing.
    """

    def __init__(self, gateway: Gateway, *, dry_run: bool = True) -> None:
        self._gateway, self._dry = gateway, dry_run

    def set_dunning(
        self,
        customer: str,
        company_code: str,
        *,
        area: str = "",
        block: str | None = None,
        level: int | None = None,
        last_dunned: date | None = None,
    ) -> Written:
        """Set dunning block, level or date of an account; what stands there already is not sent."""
        keys = f"Customer={literal(padded(customer))},CompanyCode={literal(company_code)},DunningArea={literal(area)}"
        path = f"A_CustomerDunning({keys})"
        wanted: dict[str, Any] = {}
        if block is not None:
            wanted["DunningBlock"] = block
        if level is not None:
            wanted["DunningLevel"] = str(level)
        if last_dunned is not None:
            wanted["LastDunnedOn"] = json_date(last_dunned)
        held = self._gateway.one(PARTNER, path)
        changed = {name: value for name, value in wanted.items() if held.get(name) != value}
        if not changed:
            return Written("already-there", path, ())
        sent = ((f"PATCH {path}", changed),)
        if self._dry:
            return Written("would-write", None, sent)
        etag = (held.get("__metadata") or {}).get("etag")
        try:
            self._gateway.change("PATCH", PARTNER, path, changed, etag)
        except OutcomeUnknown:
            held = self._gateway.one(PARTNER, path)
            if any(held.get(name) != value for name, value in changed.items()):
                raise
        return Written("written", path, sent)

    def release_order(self, order: str, *, category: str = "C") -> Written:
        """Release a sales order from its credit block; one that is not blocked is left alone."""
        path = f"ReleaseCreditBlock?SalesDocument={literal(padded(order))}&SDDocumentCategory={literal(category)}"
        if not self._is_blocked(order):
            return Written("already-there", order, ())
        sent = ((f"POST {path}", dict[str, Any]()),)
        if self._dry:
            return Written("would-write", None, sent)
        try:
            self._gateway.change("POST", BLOCKED, path)
        except OutcomeUnknown:
            if self._is_blocked(order):
                raise
        return Written("written", order, sent)

    def _is_blocked(self, order: str) -> bool:
        where = f"SalesDocument eq {literal(padded(order))}"
        rows = self._gateway.rows(BLOCKED, "A_CreditBlockedSalesDocument", where=where)
        return next(iter(rows), None) is not None


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


def json_date(value: date) -> str:
    """Return a day as OData V2 writes it: milliseconds of its UTC midnight.

    >>> json_date(date(2025, 3, 31))
    '/Date(1743379200000)/'
    """
    return f"/Date({(value - date(1970, 1, 1)).days * 86_400_000})/"


def _amount(item: str, amount: Decimal, currency: str) -> dict[str, Any]:
    return {"ITEMNO_ACC": item, "CURR_TYPE": "00", "CURRENCY": currency, "AMT_DOCCUR": amount}


def _check_reference(reference: str) -> None:
    if not reference or len(reference) > _REFERENCE:
        msg = f"reference {reference!r} must have 1 to {_REFERENCE} characters: SAP is asked for it before anything is sent again"
        raise RequestRefused(msg)
