"""The double's books: facts as rows of Oracle's resources, and what its own processes do to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
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
from receivables.money import decimals
from receivables.rounding import Rounding
from receivables.testing.oracle.held import OPENED, TOUCHED, AnyFact, held

Row = dict[str, Any]
FIRST_ID = 300000007620001
_BY = {"CreatedBy": "integration.user@example.com", "LastUpdatedBy": "integration.user@example.com"}


def stamp(moment: datetime) -> str:
    """Write a moment as the wire does: no fraction for whole seconds, else three digits."""
    text = moment.astimezone(UTC)
    return text.isoformat(timespec="milliseconds" if text.microsecond else "seconds")


@dataclass(slots=True)
class Tables:
    """Rows by resource and key; children by resource, parent key and name.

    Args:
        ledger: Currency of the ledger.
        business_unit: For documents that name none.
    """

    ledger: str = "MXN"
    business_unit: str = "MX BU"
    rows: dict[str, dict[int, Row]] = field(default_factory=lambda: defaultdict(dict))
    instalments: dict[int, list[Row]] = field(default_factory=dict)
    applications: dict[str, dict[int, Row]] = field(
        default_factory=lambda: {"standardReceiptApplications": {}, "creditMemoApplications": {}}
    )
    references: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))
    tasks: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))
    ids: dict[str, str] = field(default_factory=dict)  # fact id -> the id it is pulled under
    by_account: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    memos_of: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    apps_of: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    owner_of: dict[int, int] = field(default_factory=dict)  # instalment -> invoice
    next_id: int = FIRST_ID
    today: date = date(2026, 4, 30)
    now: datetime = TOUCHED  # when rows are entered or changed
    clock: datetime = datetime(2026, 5, 1, tzinfo=UTC)  # what the server says the time is

    @classmethod
    def of(cls, facts: Iterable[AnyFact], ledger: str = "MXN", business_unit: str = "MX BU") -> Tables:
        """Enter facts, told as Oracle holds them."""
        tables = cls(ledger, business_unit)
        tables.enter(held(facts, ledger, business_unit))
        return tables

    def enter(self, facts: Iterable[AnyFact]) -> None:
        """Enter facts that are already as Oracle holds them."""
        known: dict[str, Any] = {}
        for fact in facts:
            if not isinstance(fact, Customer):
                known[fact.id] = fact
            _ENTER[type(fact)](self, fact, known)
        for fact in known.values():
            if isinstance(fact, Payment) and fact.on_account:
                self._leave_on_account(fact)

    def new_id(self) -> int:
        """Draw the next key."""
        self.next_id += 1
        return self.next_id

    def who(self, recorded: datetime | None) -> Row:
        """Return the columns that say who and when."""
        created = {} if recorded is None else {"CreationDate": stamp(recorded)}
        return {**_BY, **created, "LastUpdateDate": stamp(recorded or self.now)}

    def touch(self, row: Row) -> None:
        """Say that a row was changed now."""
        row["LastUpdateDate"] = stamp(self.now)

    def _customer(self, fact: Customer, _: dict[str, Any]) -> None:
        key, site = self.new_id(), self.new_id()
        row = {
            "AccountId": key,
            "AccountNumber": fact.id,
            "CustomerId": self.new_id(),
            "CustomerName": fact.name,
            "TaxRegistrationNumber": fact.tax_id,
            **_BY,
            "CreationDate": stamp(datetime.combine(OPENED, datetime.min.time(), UTC)),
            "LastUpdateDate": stamp(self.now),
        }
        self.rows["receivablesCustomerAccountActivities"][key] = row
        self.rows["receivablesCustomerAccountSiteActivities"][site] = {
            **row,
            "BillToSiteUseId": site,
            "BillToSiteNumber": f"S{fact.id}",
        }
        self.ids[f"customer {fact.id}"] = fact.id

    def _charge(self, fact: Invoice | DebitMemo, _: dict[str, Any]) -> None:
        key = self.new_id()
        self.ids[fact.id] = f"trx-{key}"
        parts = [(it.number, it.due_date, it.amount.amount) for it in fact.instalments]
        parts = parts or [(1, fact.due_date, fact.amount.amount)]  # type: ignore[list-item] # an undated one
        self.rows["receivablesInvoices"][key] = {
            "CustomerTransactionId": key,
            "DueDate": _iso(parts[0][1]),
            "InvoiceCurrencyCode": fact.amount.currency,
            **self._rate(fact),
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
            **self.who(fact.recorded_at),
        }
        self.instalments[key] = [
            {
                "InstallmentId": self.new_id(),
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
                **self.who(fact.recorded_at),
            }
            for number, due, amount in parts
        ]
        self.by_account[fact.customer].append(key)
        self.owner_of |= {it["InstallmentId"]: key for it in self.instalments[key]}

    def _memo(self, fact: CreditMemo, _: dict[str, Any]) -> None:
        key = self.new_id()
        self.ids[fact.id] = f"trx-{key}"
        rate = {name.replace("ConversionDate", "ConversionRateDate"): it for name, it in self._rate(fact).items()}
        self.rows["receivablesCreditMemos"][key] = {
            "CustomerTransactionId": key,
            "TransactionNumber": fact.reference,
            "TransactionDate": str(fact.document_date),
            **self.who(fact.recorded_at),
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
        self.memos_of[fact.customer].append(key)

    def _payment(self, fact: Payment, _: dict[str, Any]) -> None:
        key = self.new_id()
        self.ids[fact.id] = f"rec-{key}"
        booked = fact.company_amount or (fact.amount if fact.amount.currency == self.ledger else None)
        self.rows["standardReceipts"][key] = {
            "StandardReceiptId": key,
            "ReceiptNumber": fact.reference,
            "BusinessUnit": fact.legal_entity,
            "ReceiptMethod": "SPEI BBVA",
            "ReceiptDate": str(fact.document_date),
            "Amount": fact.amount.amount,
            "Currency": fact.amount.currency,
            **self._rate(fact),
            "State": "Unapplied" if fact.customer else "Unidentified",
            "Status": "Cleared",
            "CustomerAccountNumber": fact.customer,
            "UnappliedAmount": fact.amount.amount,
            "AccountedAmount": booked and booked.amount,
            "AccountingDate": str(fact.posting_date),
            **self.who(fact.recorded_at),
        }

    def _rate(self, fact: Any) -> Row:
        if fact.company_amount is None:
            return {}
        rate = (fact.company_amount.amount / fact.amount.amount).normalize()
        return {"ConversionDate": str(fact.posting_date), "ConversionRate": rate, "ConversionRateType": "User"}

    def _allocation(self, fact: Allocation, known: dict[str, Any]) -> None:
        part = self.part(self.key(fact.target), fact.instalment or 1)
        row = self.apply(self.key(fact.source), part, fact.amount.amount, "Applied", fact)
        self.ids[fact.id] = f"app-{row['ApplicationId']}"

    def _activity(self, fact: Refund | WriteOff | Adjustment, source: str, name: str) -> None:
        row = self.apply(self.key(source), None, fact.amount.amount, "Activity", fact, name)
        self.ids[fact.id] = f"app-{row['ApplicationId']}"

    def _refund(self, fact: Refund, _: dict[str, Any]) -> None:
        self._activity(fact, fact.source, "Refund")

    def _adjustment(self, fact: Adjustment | WriteOff, known: dict[str, Any]) -> None:
        target = known[fact.target]
        if isinstance(target, Payment):
            name = "Write-off" if isinstance(fact, WriteOff) else fact.reason or "Activity"
            self._activity(fact, fact.target, name)
            return
        trx, memo = self.key(fact.target), isinstance(target, CreditMemo)
        up = (isinstance(fact, Adjustment) and fact.increase) != memo
        signed = fact.amount.amount if up else -fact.amount.amount
        row = self.rows["receivablesCreditMemos" if memo else "receivablesInvoices"][trx]
        key = self.new_id()
        self.ids[fact.id] = f"adj-{key}"
        self.rows["receivablesAdjustments"][key] = {
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
            **self.who(fact.recorded_at),
        }
        if memo:
            row["TransactionBalanceDue"] += signed
        else:
            part = self.part(trx, fact.instalment or 1)
            part["InstallmentAmountAdjusted"] += signed
            self.move(part, signed)

    def _reversal(self, fact: Reversal, known: dict[str, Any]) -> None:
        ended = self.ids[fact.of]
        key = int(ended.split("-")[1])
        if ended.startswith("rec-"):
            self.ids[fact.id] = f"rev-{ended}"
            self.reverse(key, fact.posting_date, fact.reason, fact.recorded_at)
            return
        child = "standardReceiptApplications"
        if key not in self.applications[child]:
            child = "creditMemoApplications"
        row = self.unapply(child, key, fact.posting_date, fact.recorded_at)
        self.ids[fact.id] = f"app-{row['ApplicationId']}"

    def _leave_on_account(self, fact: Payment) -> None:
        key = self.key(fact.id)
        receipt = self.rows["standardReceipts"][key]
        rest, day = receipt["UnappliedAmount"], fact.posting_date
        if receipt.get("ReversalDate") is None and rest:
            self.apply(key, None, rest, "On account", fact)
            return
        row = self.apply(key, None, fact.amount.amount, "On account", fact)
        self.unapply("standardReceiptApplications", row["ApplicationId"], day, fact.recorded_at)

    def key(self, fact_id: str) -> int:
        """Return the key a fact has here."""
        return int(self.ids[fact_id].split("-")[-1])

    def part(self, trx: int, number: int) -> Row:
        """Return an instalment of an invoice."""
        return next(it for it in self.instalments[trx] if it["InstallmentSequenceNumber"] == number)

    def move(self, part: Row, amount: Decimal) -> None:
        """Change the open amount of an instalment."""
        part["InstallmentBalanceDue"] += amount
        part["InstallmentStatus"] = "Open" if part["InstallmentBalanceDue"] else "Closed"

    def apply(
        self, source: int, part: Row | None, amount: Decimal, status: str, fact: Any, name: str | None = None
    ) -> Row:
        """Write an application of a receipt or credit memo, and move what is open."""
        cash = source in self.rows["standardReceipts"]
        child = "standardReceiptApplications" if cash else "creditMemoApplications"
        owner = self.rows["standardReceipts" if cash else "receivablesCreditMemos"][source]
        trx = None if part is None else self.owner_of[part["InstallmentId"]]
        row = {
            "ApplicationId": self.new_id(),
            ("StandardReceiptId" if cash else "CreditMemoId"): source,
            ("ReceiptNumber" if cash else "CreditMemoNumber"): owner["ReceiptNumber" if cash else "TransactionNumber"],
            "ApplicationAmount": amount,
            "EnteredCurrency": owner["Currency" if cash else "CreditMemoCurrency"],
            "ApplicationDate": str(fact.posting_date),
            "AccountingDate": str(fact.posting_date),
            "ApplicationStatus": status,
            "ProcessStatus": "Closed",
            "IsLatestApplication": "Y",
            "ReferenceInstallmentId": part and part["InstallmentId"],
            "ReferenceTransactionId": trx,
            "ReferenceTransactionNumber": self.rows["receivablesInvoices"][trx]["TransactionNumber"] if trx else name,
            **self.who(fact.recorded_at),
        }
        if trx:
            row["EnteredCurrency"] = self.rows["receivablesInvoices"][trx]["InvoiceCurrencyCode"]
        self._book(child, row)
        return row

    def _book(self, child: str, row: Row) -> None:
        cash = child == "standardReceiptApplications"
        source = row["StandardReceiptId" if cash else "CreditMemoId"]
        owner = self.rows["standardReceipts" if cash else "receivablesCreditMemos"][source]
        self.applications[child][row["ApplicationId"]] = row
        account = owner["CustomerAccountNumber" if cash else "BillToCustomerNumber"]
        self.apps_of[child, account or ""].append(row["ApplicationId"])
        amount = row["ApplicationAmount"]
        if cash:
            owner["UnappliedAmount"] -= amount
            if owner.get("ReversalDate") is None:
                owner["State"] = "Unapplied" if owner["UnappliedAmount"] else "Applied"
        else:
            owner["TransactionBalanceDue"] += amount
        if row["ReferenceInstallmentId"]:
            part = self.instalment(row["ReferenceInstallmentId"])
            part["AmountPaid" if cash else "InstallmentAmountCredited"] += amount
            self.move(part, -amount)

    def instalment(self, key: int) -> Row:
        """Return an instalment by its key."""
        return next(it for it in self.instalments[self.owner_of[key]] if it["InstallmentId"] == key)

    def unapply(self, child: str, key: int, day: date, recorded: datetime | None) -> Row:
        """Write the opposite of an application."""
        old = self.applications[child][key]
        old["IsLatestApplication"] = "N"
        row = {
            **old,
            "ApplicationId": self.new_id(),
            "ApplicationAmount": -old["ApplicationAmount"],
            "ApplicationDate": str(day),
            "AccountingDate": str(day),
            **{name: None for name in ("CreationDate", "LastUpdateDate")},
            **self.who(recorded),
        }
        self._book(child, row)
        return row

    def reverse(self, key: int, day: date, reason: str | None, recorded: datetime | None) -> None:
        """Reverse a receipt and with it everything it was used for."""
        receipt = self.rows["standardReceipts"][key]
        for row in self._used(key):
            self.unapply("standardReceiptApplications", row["ApplicationId"], day, recorded)
        receipt |= {
            "State": "Reverse Payment",
            "Status": "Reversed",
            "ReversalDate": str(day),
            "ReversalReason": reason,
            "ReversalCategory": "Reverse Payment",
            "LastUpdateDate": stamp(recorded or self.now),
        }

    def _used(self, key: int) -> list[Row]:
        receipt = self.rows["standardReceipts"][key]
        names = self.apps_of["standardReceiptApplications", receipt["CustomerAccountNumber"] or ""]
        rows = [self.applications["standardReceiptApplications"][it] for it in names]
        return [
            it for it in rows
            if it["StandardReceiptId"] == key and it["IsLatestApplication"] == "Y" and it["ApplicationAmount"] > 0
        ]  # fmt: skip

    def accounted(self, amount: Decimal, row: Row) -> Decimal:
        """Return an amount in ledger currency at the row's rate."""
        rate = row.get("ConversionRate")
        return amount if rate is None else Rounding.HALF_UP.apply(amount * rate, decimals(self.ledger))

    def open_receivables(self, account: str) -> Decimal:
        """Return what a customer owes in ledger currency, as the pod totals it."""
        total = Decimal(0)
        for trx in self.by_account[account]:
            row = self.rows["receivablesInvoices"][trx]
            total += sum((self.accounted(it["InstallmentBalanceDue"], row) for it in self.instalments[trx]), Decimal(0))
        for trx in self.memos_of[account]:
            row = self.rows["receivablesCreditMemos"][trx]
            total += self.accounted(row["TransactionBalanceDue"], row)
        return total

    def is_within(self, text: str, days: int) -> bool:
        """Tell whether a day is within so many days before today."""
        return date.fromisoformat(text[:10]) >= self.today - timedelta(days=days)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


_ENTER: dict[type, Any] = {
    Customer: Tables._customer,
    Invoice: Tables._charge,
    DebitMemo: Tables._charge,
    CreditMemo: Tables._memo,
    Payment: Tables._payment,
    Allocation: Tables._allocation,
    Refund: Tables._refund,
    Adjustment: Tables._adjustment,
    WriteOff: Tables._adjustment,
    Reversal: Tables._reversal,
}
