"""Enters facts in the double's books, each as the rows Oracle would hold of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from receivables.facts import (
    Adjustment,
    Allocation,
    CreditMemo,
    Customer,
    DebitMemo,
    Invoice,
    Payment,
    Refund,
    Reversal,
    WriteOff,
)
from receivables.testing.oracle.held import OPENED, AnyFact, held
from receivables.testing.oracle.tables import BY, Row, Tables, stamp


def told(facts: Iterable[AnyFact], ledger: str = "MXN", business_unit: str = "MX BU") -> Tables:
    """Return books that hold facts, told as Oracle holds them."""
    tables = Tables(ledger, business_unit)
    enter(tables, held(facts, ledger, business_unit))
    return tables


def enter(tables: Tables, facts: Iterable[AnyFact]) -> None:
    """Enter facts that are already as Oracle holds them."""
    known: dict[str, Any] = {}
    for fact in facts:
        if not isinstance(fact, Customer):
            known[fact.id] = fact
        _ENTER[type(fact)](tables, fact, known)
    for fact in known.values():
        if isinstance(fact, Payment) and fact.on_account:
            _leave_on_account(tables, fact)


def _customer(tables: Tables, fact: Customer, _: dict[str, Any]) -> None:
    key, site = tables.new_id(), tables.new_id()
    row = {
        "AccountId": key,
        "AccountNumber": fact.id,
        "CustomerId": tables.new_id(),
        "CustomerName": fact.name,
        "TaxRegistrationNumber": fact.tax_id,
        **BY,
        "CreationDate": stamp(datetime.combine(OPENED, datetime.min.time(), UTC)),
        "LastUpdateDate": stamp(tables.now),
    }
    tables.rows["receivablesCustomerAccountActivities"][key] = row
    tables.rows["receivablesCustomerAccountSiteActivities"][site] = {
        **row,
        "BillToSiteUseId": site,
        "BillToSiteNumber": f"S{fact.id}",
    }
    tables.ids[f"customer {fact.id}"] = fact.id


def _charge(tables: Tables, fact: Invoice | DebitMemo, _: dict[str, Any]) -> None:
    key = tables.new_id()
    tables.ids[fact.id] = f"trx-{key}"
    parts = [(it.number, it.due_date, it.amount.amount) for it in fact.instalments]
    parts = parts or [(1, fact.due_date, fact.amount.amount)]  # type: ignore[list-item] # an undated one
    tables.rows["receivablesInvoices"][key] = {
        "CustomerTransactionId": key,
        "DueDate": _iso(parts[0][1]),
        "InvoiceCurrencyCode": fact.amount.currency,
        **_rate(fact),
        "TransactionNumber": fact.reference,
        "TransactionDate": str(fact.document_date),
        "TransactionType": "Invoice" if isinstance(fact, Invoice) else "Debit Memo",
        "TransactionSource": "Manual",
        "BillToCustomerNumber": fact.customer,
        "BillToSite": f"S{fact.customer}",
        "PaymentTerms": "30 Net" if len(parts) == 1 else "30/60/90",
        "BillToPartyId": 100000004303825,
        "BusinessUnit": fact.legal_entity,
        "InvoiceStatus": "Complete",
        "AccountingDate": str(fact.posting_date),
        "PrintOption": "Yes",
        "EnteredAmount": fact.amount.amount,
        "Prepayment": "No",
        "Intercompany": "No",
        **tables.who(fact.recorded_at),
    }
    tables.instalments[key] = [
        {
            "InstallmentId": tables.new_id(),
            "InstallmentSequenceNumber": number,
            "InstallmentDueDate": _iso(due),
            "OriginalAmount": amount,
            "InstallmentBalanceDue": amount,
            "InstallmentStatus": "Open",
            "DisputeAmount": amount if fact.disputed else None,
            "DisputeDate": str(fact.posting_date) if fact.disputed else None,
            "InstallmentAmountAdjusted": Decimal(0),
            "InstallmentAmountCredited": Decimal(0),
            "AmountPaid": Decimal(0),
            **tables.who(fact.recorded_at),
        }
        for number, due, amount in parts
    ]
    tables.by_account[fact.customer].append(key)
    tables.owner_of |= {it["InstallmentId"]: key for it in tables.instalments[key]}


def _memo(tables: Tables, fact: CreditMemo, _: dict[str, Any]) -> None:
    key = tables.new_id()
    tables.ids[fact.id] = f"trx-{key}"
    rate = {
        name.replace("ConversionDate", "ConversionRateDate"): it for name, it in _rate(fact).items()
    }
    tables.rows["receivablesCreditMemos"][key] = {
        "CustomerTransactionId": key,
        "TransactionNumber": fact.reference,
        "TransactionDate": str(fact.document_date),
        **tables.who(fact.recorded_at),
        "CreditMemoCurrency": fact.amount.currency,
        "BusinessUnit": fact.legal_entity,
        "TransactionType": "Credit Memo",
        "TransactionSource": "Manual",
        "AccountingDate": str(fact.posting_date),
        "BillToCustomerNumber": fact.customer,
        "EnteredAmount": -fact.amount.amount,
        **rate,
        "TransactionBalanceDue": -fact.amount.amount,
        "CreditMemoStatus": "Complete",
    }
    tables.memos_of[fact.customer].append(key)


def _payment(tables: Tables, fact: Payment, _: dict[str, Any]) -> None:
    key = tables.new_id()
    tables.ids[fact.id] = f"rec-{key}"
    booked = fact.company_amount or (fact.amount if fact.amount.currency == tables.ledger else None)
    tables.rows["standardReceipts"][key] = {
        "StandardReceiptId": key,
        "ReceiptNumber": fact.reference,
        "BusinessUnit": fact.legal_entity,
        "ReceiptMethod": "SPEI BBVA",
        "ReceiptDate": str(fact.document_date),
        "Amount": fact.amount.amount,
        "Currency": fact.amount.currency,
        **_rate(fact),
        "State": "Unapplied" if fact.customer else "Unidentified",
        "Status": "Cleared",
        "CustomerAccountNumber": fact.customer,
        "UnappliedAmount": fact.amount.amount,
        "AccountedAmount": booked and booked.amount,
        "AccountingDate": str(fact.posting_date),
        **tables.who(fact.recorded_at),
    }


def _rate(fact: Any) -> Row:
    if fact.company_amount is None:
        return {}
    rate = (fact.company_amount.amount / fact.amount.amount).normalize()
    return {
        "ConversionDate": str(fact.posting_date),
        "ConversionRate": rate,
        "ConversionRateType": "User",
    }


def _allocation(tables: Tables, fact: Allocation, _: dict[str, Any]) -> None:
    part = tables.part(tables.key(fact.target), fact.instalment or 1)
    row = tables.apply(tables.key(fact.source), part, fact.amount.amount, "Applied", fact)
    tables.ids[fact.id] = f"app-{row['ApplicationId']}"


def _activity(tables: Tables, fact: Refund | WriteOff | Adjustment, source: str, name: str) -> None:
    row = tables.apply(tables.key(source), None, fact.amount.amount, "Activity", fact, name)
    tables.ids[fact.id] = f"app-{row['ApplicationId']}"


def _refund(tables: Tables, fact: Refund, _: dict[str, Any]) -> None:
    _activity(tables, fact, fact.source, "Refund")


def _adjustment(tables: Tables, fact: Adjustment | WriteOff, known: dict[str, Any]) -> None:
    target = known[fact.target]
    if isinstance(target, Payment):
        name = "Write-off" if isinstance(fact, WriteOff) else fact.reason or "Activity"
        _activity(tables, fact, fact.target, name)
        return
    trx, memo = tables.key(fact.target), isinstance(target, CreditMemo)
    up = (isinstance(fact, Adjustment) and fact.increase) != memo
    signed = fact.amount.amount if up else -fact.amount.amount
    row = tables.rows["receivablesCreditMemos" if memo else "receivablesInvoices"][trx]
    key = tables.new_id()
    tables.ids[fact.id] = f"adj-{key}"
    tables.rows["receivablesAdjustments"][key] = {
        "AdjustmentId": key,
        "AdjustmentNumber": fact.reference,
        "AdjustmentType": "Invoice",
        "AdjustmentAmount": signed,
        "AdjustmentDate": str(fact.posting_date),
        "AccountingDate": str(fact.posting_date),
        "Status": "Approved",
        "ReceivablesActivity": "Write-off" if isinstance(fact, WriteOff) else "Adjustment",
        "BusinessUnit": row["BusinessUnit"],
        "CustomerTransactionId": trx,
        "TransactionNumber": row["TransactionNumber"],
        "TransactionClass": "Credit memo" if memo else row["TransactionType"].capitalize(),
        "Currency": fact.amount.currency,
        "InstallmentNumber": 1 if memo else fact.instalment or 1,
        "AdjustmentReason": fact.reason,
        **tables.who(fact.recorded_at),
    }
    if memo:
        row["TransactionBalanceDue"] += signed
    else:
        part = tables.part(trx, fact.instalment or 1)
        part["InstallmentAmountAdjusted"] += signed
        tables.move(part, signed)


def _reversal(tables: Tables, fact: Reversal, _: dict[str, Any]) -> None:
    ended = tables.ids[fact.of]
    key = int(ended.split("-")[1])
    if ended.startswith("rec-"):
        tables.ids[fact.id] = f"rev-{ended}"
        tables.reverse(key, fact.posting_date, fact.reason, fact.recorded_at)
        return
    child = "standardReceiptApplications"
    if key not in tables.applications[child]:
        child = "creditMemoApplications"
    row = tables.unapply(child, key, fact.posting_date, fact.recorded_at)
    tables.ids[fact.id] = f"app-{row['ApplicationId']}"


def _leave_on_account(tables: Tables, fact: Payment) -> None:
    key = tables.key(fact.id)
    receipt = tables.rows["standardReceipts"][key]
    rest, day = receipt["UnappliedAmount"], fact.posting_date
    if receipt.get("ReversalDate") is None and rest:
        tables.apply(key, None, rest, "On account", fact)
        return
    row = tables.apply(key, None, fact.amount.amount, "On account", fact)
    tables.unapply("standardReceiptApplications", row["ApplicationId"], day, fact.recorded_at)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


_ENTER: dict[type, Callable[..., None]] = {
    Customer: _customer,
    Invoice: _charge,
    DebitMemo: _charge,
    CreditMemo: _memo,
    Payment: _payment,
    Allocation: _allocation,
    Refund: _refund,
    Adjustment: _adjustment,
    WriteOff: _adjustment,
    Reversal: _reversal,
}
