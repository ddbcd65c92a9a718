"""The double's books as an extract: CSV files under view-object headers in a zip, with a manifest that carries checksums."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from receivables.testing.oracle.tables import Row, Tables

_PREFIXES = {
    "PaymentScheduleExtractPVO": "ArPaymentSchedule",
    "ReceiptHeaderExtractPVO": "ArCashReceipt",
    "ReceivableApplicationExtractPVO": "ArReceivableApplication",
    "AdjustmentExtractPVO": "ArAdjustment",
}


def extract(tables: Tables) -> bytes:
    """Return a zip of the AR view objects and their manifest.

    Args:
        tables: The books; what was deleted there is simply absent, as in real extracts.
    """
    packed, listed = io.BytesIO(), []
    views = {
        "PaymentScheduleExtractPVO": _schedules(tables),
        "ReceiptHeaderExtractPVO": _receipts(tables),
        "ReceivableApplicationExtractPVO": _applications(tables),
        "AdjustmentExtractPVO": _adjustments(tables),
    }
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for view, rows in views.items():
            content = _csv(_PREFIXES[view], rows).encode()
            if content:
                file.writestr(f"{view.lower()}-batch1.csv", content)
                listed.append(
                    {"view": view, "checksum": f"sha-256={hashlib.sha256(content).hexdigest()}"}
                )
        file.writestr("MANIFEST.json", json.dumps({"files": listed}))
    return packed.getvalue()


def _csv(prefix: str, rows: Iterable[Row]) -> str:
    held = list(rows)
    if not held:
        return ""
    names = list(held[0])
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(
        [f"{prefix}{''.join(word.capitalize() for word in name.split('_'))}" for name in names]
    )
    writer.writerows([[_cell(row[name]) for name in names] for row in held])
    return buffer.getvalue()


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _schedules(tables: Tables) -> Iterator[Row]:
    for trx, row in tables.rows["receivablesInvoices"].items():
        for part in tables.instalments[trx]:
            kind = "INV" if row["TransactionType"] == "Invoice" else "DM"
            yield _schedule(row, part["InstallmentId"], kind, row["InvoiceCurrencyCode"], part)
    for row in tables.rows["receivablesCreditMemos"].values():
        part = {
            "InstallmentSequenceNumber": 1,
            "OriginalAmount": row["EnteredAmount"],
            "InstallmentBalanceDue": row["TransactionBalanceDue"],
        }
        yield _schedule(
            row, row["CustomerTransactionId"] + 10**12, "CM", row["CreditMemoCurrency"], part
        )


def _schedule(row: Row, key: int, kind: str, currency: str, part: Row) -> Row:
    return {
        "PAYMENT_SCHEDULE_ID": key, "CUSTOMER_TRX_ID": row["CustomerTransactionId"], "CASH_RECEIPT_ID": None, "CLASS": kind,
        "STATUS": "OP" if part["InstallmentBalanceDue"] else "CL", "TERMS_SEQUENCE_NUMBER": part["InstallmentSequenceNumber"],
        "TRX_NUMBER": row["TransactionNumber"], "TRX_DATE": row["TransactionDate"], "DUE_DATE": part.get("InstallmentDueDate"),
        "GL_DATE": row["AccountingDate"], "AMOUNT_DUE_ORIGINAL": part["OriginalAmount"],
        "AMOUNT_DUE_REMAINING": part["InstallmentBalanceDue"],
        "ACCTD_AMOUNT_DUE_REMAINING": tables_accounted(part["InstallmentBalanceDue"], row),
        "AMOUNT_IN_DISPUTE": part.get("DisputeAmount"), "INVOICE_CURRENCY_CODE": currency,
        "EXCHANGE_RATE": row.get("ConversionRate"), "CUSTOMER_ID": row["BillToCustomerNumber"], "ORG_ID": row["BusinessUnit"],
        "CREATION_DATE": row.get("CreationDate"), "LAST_UPDATE_DATE": row["LastUpdateDate"],
    }  # fmt: skip


def tables_accounted(amount: Decimal, row: Row) -> Decimal:
    """Return an amount in ledger currency, to the cent."""
    rate = row.get("ConversionRate")
    return amount if rate is None else (amount * rate).quantize(Decimal("0.01"))


def _receipts(tables: Tables) -> Iterator[Row]:
    codes = {
        "Applied": "APP",
        "Unapplied": "UNAPP",
        "Unidentified": "UNID",
        "Reverse Payment": "REV",
    }
    for row in tables.rows["standardReceipts"].values():
        yield {
            "CASH_RECEIPT_ID": row["StandardReceiptId"], "RECEIPT_NUMBER": row["ReceiptNumber"], "RECEIPT_DATE": row["ReceiptDate"],
            "AMOUNT": row["Amount"], "CURRENCY_CODE": row["Currency"], "STATUS": codes[row["State"]],
            "PAY_FROM_CUSTOMER": row["CustomerAccountNumber"], "REVERSAL_DATE": row.get("ReversalDate"),
            "REVERSAL_REASON_CODE": row.get("ReversalReason"), "GL_DATE": row["AccountingDate"], "ORG_ID": row["BusinessUnit"],
            "CREATION_DATE": row.get("CreationDate"),
        }  # fmt: skip


def _applications(tables: Tables) -> Iterator[Row]:
    codes = {"Applied": "APP", "On account": "ACC", "Activity": "ACTIVITY"}
    for child, kind in (("standardReceiptApplications", "CASH"), ("creditMemoApplications", "CM")):
        for row in tables.applications[child].values():
            activity = (
                row["ReferenceTransactionNumber"]
                if row["ApplicationStatus"] == "Activity"
                else None
            )
            yield {
                "RECEIVABLE_APPLICATION_ID": row["ApplicationId"], "APPLICATION_TYPE": kind,
                "STATUS": codes[row["ApplicationStatus"]], "AMOUNT_APPLIED": row["ApplicationAmount"],
                "AMOUNT_APPLIED_FROM": row.get("_from"), "CASH_RECEIPT_ID": row.get("StandardReceiptId"),
                "CUSTOMER_TRX_ID": row.get("CreditMemoId"), "APPLIED_CUSTOMER_TRX_ID": row["ReferenceTransactionId"],
                "APPLIED_PAYMENT_SCHEDULE_ID": row["ReferenceInstallmentId"], "APPLY_DATE": row["ApplicationDate"],
                "GL_DATE": row["AccountingDate"], "DISPLAY": row["IsLatestApplication"], "RECEIVABLES_ACTIVITY": activity,
                "CREATION_DATE": row.get("CreationDate"),
            }  # fmt: skip


def _adjustments(tables: Tables) -> Iterator[Row]:
    for row in tables.rows["receivablesAdjustments"].values():
        trx, parts = (
            row["CustomerTransactionId"],
            tables.instalments.get(row["CustomerTransactionId"], []),
        )
        part = next(
            (it for it in parts if it["InstallmentSequenceNumber"] == row["InstallmentNumber"]),
            None,
        )
        yield {
            "ADJUSTMENT_ID": row["AdjustmentId"], "ADJUSTMENT_NUMBER": row["AdjustmentNumber"], "AMOUNT": row["AdjustmentAmount"],
            "GL_DATE": row["AccountingDate"], "APPLY_DATE": row["AdjustmentDate"], "STATUS": "A", "CUSTOMER_TRX_ID": trx,
            "PAYMENT_SCHEDULE_ID": part["InstallmentId"] if part else None, "REASON_CODE": row["AdjustmentReason"],
            "RECEIVABLES_ACTIVITY": row["ReceivablesActivity"], "CREATION_DATE": row.get("CreationDate"),
        }  # fmt: skip
