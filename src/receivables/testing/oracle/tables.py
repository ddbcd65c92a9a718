"""The double's books: facts as rows of Oracle's resources, and what its own processes do to them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from receivables.money import decimals
from receivables.rounding import Rounding
from receivables.testing.oracle.held import TOUCHED

Row = dict[str, Any]
FIRST_ID = 300000007620001
BY = {"CreatedBy": "integration.user@example.com", "LastUpdatedBy": "integration.user@example.com"}


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

    def new_id(self) -> int:
        """Draw the next key."""
        self.next_id += 1
        return self.next_id

    def who(self, recorded: datetime | None) -> Row:
        """Return the columns that say who and when."""
        created = {} if recorded is None else {"CreationDate": stamp(recorded)}
        return {**BY, **created, "LastUpdateDate": stamp(recorded or self.now)}

    def touch(self, row: Row) -> None:
        """Say that a row was changed now."""
        row["LastUpdateDate"] = stamp(self.now)

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
        self,
        source: int,
        part: Row | None,
        amount: Decimal,
        status: str,
        fact: Any,
        name: str | None = None,
    ) -> Row:
        """Write an application of a receipt or credit memo, and move what is open."""
        cash = source in self.rows["standardReceipts"]
        child = "standardReceiptApplications" if cash else "creditMemoApplications"
        owner = self.rows["standardReceipts" if cash else "receivablesCreditMemos"][source]
        trx = None if part is None else self.owner_of[part["InstallmentId"]]
        row = {
            "ApplicationId": self.new_id(),
            ("StandardReceiptId" if cash else "CreditMemoId"): source,
            ("ReceiptNumber" if cash else "CreditMemoNumber"): owner[
                "ReceiptNumber" if cash else "TransactionNumber"
            ],
            "ApplicationAmount": amount,
            "EnteredCurrency": owner["Currency" if cash else "CreditMemoCurrency"],
            "ApplicationDate": str(fact.posting_date),
            "AccountingDate": str(fact.posting_date),
            "ApplicationStatus": status,
            "ProcessStatus": "Closed",
            "IsLatestApplication": "Y",
            "ReferenceInstallmentId": part and part["InstallmentId"],
            "ReferenceTransactionId": trx,
            "ReferenceTransactionNumber": self.rows["receivablesInvoices"][trx]["TransactionNumber"]
            if trx
            else name,
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
            **dict.fromkeys(("CreationDate", "LastUpdateDate")),
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
        return (
            amount if rate is None else Rounding.HALF_UP.apply(amount * rate, decimals(self.ledger))
        )

    def open_receivables(self, account: str) -> Decimal:
        """Return what a customer owes in ledger currency, as the pod totals it."""
        total = Decimal(0)
        for trx in self.by_account[account]:
            row = self.rows["receivablesInvoices"][trx]
            total += sum(
                (self.accounted(it["InstallmentBalanceDue"], row) for it in self.instalments[trx]),
                Decimal(0),
            )
        for trx in self.memos_of[account]:
            row = self.rows["receivablesCreditMemos"][trx]
            total += self.accounted(row["TransactionBalanceDue"], row)
        return total

    def open_at_site(self, account: str, site: str) -> Decimal:
        """Return what is open at one site of a customer in ledger currency, as the pod totals it."""
        total = Decimal(0)
        for trx in self.by_account[account]:
            row = self.rows["receivablesInvoices"][trx]
            if row["BillToSite"] == site:
                for part in self.instalments[trx]:
                    total += self.accounted(part["InstallmentBalanceDue"], row)
        for trx in self.memos_of[account]:
            row = self.rows["receivablesCreditMemos"][trx]
            if row.get("BillToSite") == site:
                total += self.accounted(row["TransactionBalanceDue"], row)
        return total

    def add_rate(
        self, currency: str, to: str, day: str, rate: str, user_type: str = "Corporate"
    ) -> None:
        """Enter a daily rate."""
        self.rows["currencyRates"][self.new_id()] = {
            "FromCurrency": currency,
            "ToCurrency": to,
            "ConversionDate": day,
            "ConversionRate": Decimal(rate),
            "ConversionType": user_type,
            "UserConversionType": user_type,
        }

    def is_within(self, text: str, days: int) -> bool:
        """Tell whether a day is within so many days before today."""
        return date.fromisoformat(text[:10]) >= self.today - timedelta(days=days)
