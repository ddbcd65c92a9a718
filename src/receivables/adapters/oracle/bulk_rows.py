"""The tables of an extract as facts, by the mapping that reads REST: only names and codes differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from receivables.adapters.oracle import codes, documents, receipts, wire
from receivables.adapters.oracle.codes import Rules
from receivables.adapters.oracle.rows import Reading
from receivables.facts import Allocation
from receivables.money import Money

Row = dict[str, Any]
_CREDIT_CLASS, _RECEIPT_CLASS = "CM", "PMT"


@dataclass(frozen=True, slots=True)
class Bulk:
    """The tables of one extract."""

    tables: Mapping[str, Sequence[Mapping[str, str]]]
    rules: Rules

    def rows(self, kind: str) -> Sequence[Mapping[str, str]]:
        """Return the rows of a table; none when it was not extracted."""
        return self.tables.get(kind, ())


def read_bulk(bulk: Bulk) -> Iterator[tuple[str, list[Reading]]]:
    """Yield what each table says: documents from payment schedules, then receipts, applications and adjustments."""
    by_trx: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in bulk.rows("schedules"):
        if row.get("CUSTOMER_TRX_ID") and row.get("CLASS") != _RECEIPT_CLASS:
            by_trx[row["CUSTOMER_TRX_ID"]].append(row)
    numbers = {
        int(it["PAYMENT_SCHEDULE_ID"]): int(it.get("TERMS_SEQUENCE_NUMBER") or 1)
        for it in bulk.rows("schedules")
    }
    yield "schedules", [_document(trx, rows, bulk.rules) for trx, rows in by_trx.items()]
    held = {int(it["CASH_RECEIPT_ID"]): _receipt_row(it) for it in bulk.rows("receipts")}
    on_account = {
        int(it["CASH_RECEIPT_ID"])
        for it in bulk.rows("applications")
        if it.get("STATUS") == "ACC" and it.get("CASH_RECEIPT_ID")
    }
    yield (
        "receipts",
        [
            receipts.receipt(row, bulk.rules, on_account=key in on_account)
            for key, row in held.items()
        ],
    )
    for child, kind in ((codes.RECEIPT_APPLICATIONS, "CASH"), (codes.MEMO_APPLICATIONS, "CM")):
        yield "applications", _applications(bulk, kind, child, held, numbers, by_trx)
    classes = {trx: rows[0] for trx, rows in by_trx.items()}
    yield (
        "adjustments",
        [
            documents.adjustment(_adjustment_row(it, classes, numbers), bulk.rules)
            for it in bulk.rows("adjustments")
        ],
    )


def _document(trx: str, rows: list[Mapping[str, str]], rules: Rules) -> Reading:
    first = rows[0]
    parts = [
        {
            "InstallmentId": int(it["PAYMENT_SCHEDULE_ID"]),
            "InstallmentSequenceNumber": int(it.get("TERMS_SEQUENCE_NUMBER") or 1),
            "InstallmentDueDate": _day(it.get("DUE_DATE")),
            "OriginalAmount": it.get("AMOUNT_DUE_ORIGINAL"),
            "InstallmentBalanceDue": it.get("AMOUNT_DUE_REMAINING"),
            "AccountedBalanceDue": it.get("ACCTD_AMOUNT_DUE_REMAINING"),
            "DisputeAmount": it.get("AMOUNT_IN_DISPUTE") or None,
        }
        for it in rows
    ]
    entered = sum((wire.number(it["OriginalAmount"]) or Decimal(0) for it in parts), Decimal(0))
    row: Row = {
        "CustomerTransactionId": int(trx),
        "TransactionNumber": first.get("TRX_NUMBER"),
        "TransactionDate": _day(first.get("TRX_DATE")),
        "AccountingDate": _day(first.get("GL_DATE")),
        "BillToCustomerNumber": first.get("CUSTOMER_ID"),
        "BusinessUnit": first.get("ORG_ID"),
        "EnteredAmount": entered,
        "ConversionRate": first.get("EXCHANGE_RATE") or None,
        "CreationDate": first.get("CREATION_DATE") or None,
    }
    if first.get("CLASS") == _CREDIT_CLASS:
        memo = {
            **row,
            "CreditMemoCurrency": first.get("INVOICE_CURRENCY_CODE"),
            "CreditMemoStatus": "Complete",
        }
        return documents.credit_memo(memo, rules)
    invoice = {**row, "InvoiceCurrencyCode": first.get("INVOICE_CURRENCY_CODE"), "InvoiceStatus": "Complete",
               "TransactionType": first.get("CLASS")}  # fmt: skip
    return documents.invoice(invoice, parts, rules)


def _receipt_row(it: Mapping[str, str]) -> Row:
    return {
        "StandardReceiptId": int(it["CASH_RECEIPT_ID"]),
        "ReceiptNumber": it.get("RECEIPT_NUMBER"),
        "ReceiptDate": _day(it.get("RECEIPT_DATE")),
        "AccountingDate": _day(it.get("GL_DATE")),
        "Amount": it.get("AMOUNT"),
        "Currency": it.get("CURRENCY_CODE"),
        "State": it.get("STATUS"),
        "CustomerAccountNumber": it.get("PAY_FROM_CUSTOMER") or None,
        "BusinessUnit": it.get("ORG_ID"),
        "ReversalDate": _day(it.get("REVERSAL_DATE")),
        "ReversalReason": it.get("REVERSAL_REASON_CODE") or None,
        "CreationDate": it.get("CREATION_DATE") or None,
    }


def _applications(
    bulk: Bulk,
    kind: str,
    child: str,
    held: Mapping[int, Row],
    numbers: Mapping[int, int],
    documents_: Mapping[str, Any],
) -> list[Reading]:
    """Read applications; one across currencies says what it takes off its source, which REST does not."""
    rows, taken = [], {}
    for it in bulk.rows("applications"):
        if it.get("APPLICATION_TYPE") != kind:
            continue
        source = it.get("CASH_RECEIPT_ID" if kind == "CASH" else "CUSTOMER_TRX_ID") or "0"
        target = it.get("APPLIED_CUSTOMER_TRX_ID") or None
        key = int(it["RECEIVABLE_APPLICATION_ID"])
        owner = held.get(int(source), {}).get("Currency") if kind == "CASH" else None
        applied = documents_.get(target or "") or documents_.get(source if kind == "CM" else "")
        currency = applied[0].get("INVOICE_CURRENCY_CODE") if applied else owner
        if it.get("AMOUNT_APPLIED_FROM") and owner and owner != currency:
            taken[key] = Money(wire.number(it["AMOUNT_APPLIED_FROM"]) or 0, owner)
        rows.append(
            {
                "ApplicationId": key,
                ("StandardReceiptId" if kind == "CASH" else "CreditMemoId"): int(source),
                "ApplicationAmount": it.get("AMOUNT_APPLIED"),
                "EnteredCurrency": currency,
                "ApplicationDate": _day(it.get("APPLY_DATE")),
                "AccountingDate": _day(it.get("GL_DATE")),
                "ApplicationStatus": it.get("STATUS"),
                "ReferenceTransactionId": target,
                "ReferenceTransactionNumber": it.get("RECEIVABLES_ACTIVITY") or None,
                "ReferenceInstallmentId": int(it["APPLIED_PAYMENT_SCHEDULE_ID"])
                if it.get("APPLIED_PAYMENT_SCHEDULE_ID")
                else None,
                "CreationDate": it.get("CREATION_DATE") or None,
            }
        )
    crossing = [it for it in rows if it["ApplicationId"] in taken]
    plain = [it for it in rows if it["ApplicationId"] not in taken]
    found = receipts.applications(
        plain, child=child, receipts=held, numbers=numbers, rules=bulk.rules
    )
    owners = _any_currency(held, crossing)
    return found + [
        _taking(it, taken[it.entry.lines[0]])
        for it in receipts.applications(
            crossing, child=child, receipts=owners, numbers=numbers, rules=bulk.rules
        )
    ]


def _taking(reading: Reading, taken: Money) -> Reading:
    """Say what an application across currencies takes off its source."""
    facts = tuple(
        replace(it, source_amount=abs(taken)) if isinstance(it, Allocation) else it
        for it in reading.entry.facts
    )
    return replace(reading, entry=replace(reading.entry, facts=facts))


def _any_currency(held: Mapping[int, Row], rows: Sequence[Row]) -> dict[int, Row]:
    """Return receipts as if each were in the currency it is applied in: what it takes is said apart."""
    currencies = {
        it["StandardReceiptId"]: it["EnteredCurrency"] for it in rows if "StandardReceiptId" in it
    }
    return {key: {**row, "Currency": currencies.get(key)} for key, row in held.items()}


def _adjustment_row(
    it: Mapping[str, str], documents_: Mapping[str, Mapping[str, str]], numbers: Mapping[int, int]
) -> Row:
    document = documents_.get(it.get("CUSTOMER_TRX_ID", ""), {})
    schedule = it.get("PAYMENT_SCHEDULE_ID")
    return {
        "AdjustmentId": int(it["ADJUSTMENT_ID"]),
        "AdjustmentNumber": it.get("ADJUSTMENT_NUMBER"),
        "AdjustmentAmount": it.get("AMOUNT"),
        "AdjustmentDate": _day(it.get("APPLY_DATE")),
        "AccountingDate": _day(it.get("GL_DATE")),
        "Status": it.get("STATUS"),
        "ReceivablesActivity": it.get("RECEIVABLES_ACTIVITY"),
        "CustomerTransactionId": it.get("CUSTOMER_TRX_ID"),
        "TransactionClass": document.get("CLASS"),
        "Currency": document.get("INVOICE_CURRENCY_CODE"),
        "InstallmentNumber": numbers.get(int(schedule)) if schedule else None,
        "AdjustmentReason": it.get("REASON_CODE") or None,
        "CreationDate": it.get("CREATION_DATE") or None,
    }


def _day(text: str | None) -> str | None:
    """Return a day as REST writes it: extracts may write it with slashes, or with a time behind it."""
    return None if not text else text[:10].replace("/", "-")
