"""How rows look on the double's wire: every attribute, null explicit, links, projections, children in either shape."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.testing.oracle.modes import Modes
from receivables.testing.oracle.resources import CHILDREN, Resource
from receivables.testing.oracle.tables import Row, Tables

ROOT = "/fscmRestApi/resources/11.13.18.05"
ALWAYS = 36500
_NUMBER = re.compile(r'"\\u0000([^"]*?)\\u0000"')
_SPANISH = {
    "Complete": "Completa",
    "Open": "Abierto",
    "Closed": "Cerrado",
    "Unapplied": "No aplicado",
    "Applied": "Aplicado",
    "Cleared": "Compensado",
}
_MEANINGS = frozenset(
    {
        "InvoiceStatus",
        "CreditMemoStatus",
        "State",
        "Status",
        "InstallmentStatus",
        "ApplicationStatus",
    }
)
_CHANGE = "ACED0005737200136A6176612E7574696C2E41727261794C697374{:08X}"
_FIRST_MARKED = 3  # framework version from which expanded children say whether there are more


def encode(value: Any) -> bytes:
    """Write JSON with Decimals as numbers of exactly their digits."""
    text = json.dumps(
        value,
        default=lambda it: f"\0{it:f}\0" if isinstance(it, Decimal) else str(it),
        ensure_ascii=False,
    )
    return _NUMBER.sub(r"\1", text).encode()


class Views:
    """Shapes rows of one double."""

    def __init__(self, tables: Tables, modes: Modes, host: str) -> None:
        self.tables, self.modes, self.host = tables, modes, host

    def current(self, name: str, row: Row) -> Row:
        """Return a row with what is computed when it is read."""
        tables = self.tables
        if name == "receivablesInvoices":
            balance = sum(
                (
                    tables.accounted(it["InstallmentBalanceDue"], row)
                    for it in tables.instalments[row["CustomerTransactionId"]]
                ),
                Decimal(0),
            )
            return {**row, "InvoiceBalanceAmount": balance}
        if name in {
            "receivablesCustomerAccountActivities",
            "receivablesCustomerAccountSiteActivities",
        }:
            end = "ForAccount" if name.endswith("AccountActivities") else "ForSite"
            account, site = row["AccountNumber"], row.get("BillToSiteNumber")
            total = tables.open_at_site(account, site) if site else tables.open_receivables(account)
            return {**row, f"TotalOpenReceivables{end}": total, f"TotalTransactionsDue{end}": total}
        return row

    def children(self, row: Row, child: str, window: tuple[int, str]) -> list[Row]:
        """Return the child rows of a row, within a window of days and a status."""
        tables, account = self.tables, row.get("AccountNumber", "")
        match child:
            case "receivablesInvoiceInstallments":
                return [
                    {**it, "AccountedBalanceDue": tables.accounted(it["InstallmentBalanceDue"], row),
                     "PaymentDaysLate": self._late(it["InstallmentDueDate"])}
                    for it in tables.instalments[row["CustomerTransactionId"]]
                ]  # fmt: skip
            case "remittanceReferences":
                return tables.references[row["StandardReceiptId"]]
            case "strategyExecutionTasks":
                return tables.tasks[row["StrategyId"]]
            case "transactionPaymentSchedules":
                rows = [it for trx in tables.by_account[account] for it in self._schedules(trx)]
                rows = [it for it in rows if row.get("BillToSiteNumber", it["BillToSiteNumber"]) == it["BillToSiteNumber"]]  # fmt: skip
                return self._within(rows, window, "TransactionDate", "InstallmentStatus")
            case "creditMemos":
                rows = [
                    self._memo(tables.rows["receivablesCreditMemos"][it])
                    for it in tables.memos_of[account]
                ]
                return self._within(rows, window, "CreditMemoDate", "ProcessStatus")
            case "standardReceipts":
                held = tables.rows["standardReceipts"].values()
                rows = [
                    {**it, "ProcessStatus": "Open" if it["UnappliedAmount"] else "Closed"}
                    for it in held if it.get("CustomerAccountNumber") == account
                ]  # fmt: skip
                return self._within(rows, window, "ReceiptDate", "ProcessStatus")
            case "standardReceiptApplications" | "creditMemoApplications":
                return [tables.applications[child][it] for it in tables.apps_of[child, account]]
            case _:
                return []

    def _within(self, rows: list[Row], window: tuple[int, str], day: str, status: str) -> list[Row]:
        days, wanted = window
        return [
            it for it in rows
            if (wanted == "Both" or it[status].startswith(wanted)) and self.tables.is_within(it[day], days)
        ]  # fmt: skip

    def _late(self, due: str | None) -> int | None:
        return None if due is None else (self.tables.today - date.fromisoformat(due)).days

    def _schedules(self, trx: int) -> Iterable[Row]:
        row = self.tables.rows["receivablesInvoices"][trx]
        for part in self.tables.instalments[trx]:
            yield {
                "InstallmentId": part["InstallmentId"],
                "InstallmentNumber": part["InstallmentSequenceNumber"],
                "TotalOriginalAmount": part["OriginalAmount"],
                "TotalBalanceAmount": part["InstallmentBalanceDue"],
                "EnteredCurrency": row["InvoiceCurrencyCode"],
                "PaymentDaysLate": self._late(part["InstallmentDueDate"]),
                "InstallmentStatus": part["InstallmentStatus"],
                "TransactionNumber": row["TransactionNumber"],
                "TransactionId": trx,
                "TransactionDate": row["TransactionDate"],
                "TransactionClass": row["TransactionType"].capitalize(),
                "PaymentScheduleDueDate": part["InstallmentDueDate"],
                "AccountingDate": row["AccountingDate"],
                "TransactionType": row["TransactionType"],
                "BillToSiteNumber": row["BillToSite"],
                **{it: part.get(it) for it in ("CreationDate", "LastUpdateDate")},
            }

    def _memo(self, row: Row) -> Row:
        return {
            "CreditMemoId": row["CustomerTransactionId"],
            "CreditMemoNumber": row["TransactionNumber"],
            "CreditMemoDate": row["TransactionDate"],
            "TransactionClass": "Credit memo",
            "AccountingDate": row["AccountingDate"],
            "TotalOriginalAmount": row["EnteredAmount"],
            "TotalBalanceAmount": row["TransactionBalanceDue"],
            "CreditMemoCurrency": row["CreditMemoCurrency"],
            "CreditMemoStatus": row["CreditMemoStatus"],
            "ProcessStatus": "Open" if row["TransactionBalanceDue"] else "Closed",
            "CreationDate": row.get("CreationDate"),
            "LastUpdateDate": row["LastUpdateDate"],
        }

    def shape(
        self,
        resource: Resource,
        row: Row,
        *,
        fields: tuple[str, ...] = (),
        bare: bool = True,
        path: str = "",
    ) -> Row:
        """Return a row as it stands on the wire."""
        names = fields or tuple(it for it in resource.attributes if it not in self.modes.dropped)
        shaped = {name: self._value(name, row.get(name)) for name in names}
        if not fields:
            shaped |= dict(self.modes.added)
        if not bare:
            shaped["links"] = self.links(resource, row, path)
        return shaped

    def links(self, resource: Resource, row: Row, path: str) -> list[Row]:
        """Return the links of a row."""
        href = f"{self.host}{ROOT}/{path}/{row.get(resource.key)}"
        link = {"href": href, "name": resource.name, "kind": "item"}
        change = _CHANGE.format(version(row))
        children = [
            {"rel": "child", "href": f"{href}/child/{it}", "name": it, "kind": "collection"}
            for it in resource.children
        ]
        return [
            {"rel": "self", **link, "properties": {"changeIndicator": change}},
            {"rel": "canonical", **link},
            *children,
        ]

    def nested(
        self,
        resource: Resource,
        row: Row,
        child: str,
        framework: int,
        window: tuple[int, str],
        path: str,
    ) -> Any:
        """Return the expanded children of a row: an array, or from version 3 on a collection that says if there are more."""
        rows = self.children(row, child, window)
        shown = [self.shape(CHILDREN[child], it) for it in rows[: self.modes.children_shown]]
        if framework < _FIRST_MARKED:
            return shown
        href = f"{self.host}{ROOT}/{path}/{row.get(resource.key)}/child/{child}"
        return {
            "items": shown, "count": len(shown), "hasMore": len(rows) > len(shown), "limit": self.modes.children_shown,
            "offset": 0, "links": [{"rel": "self", "href": href, "name": child, "kind": "collection"}],
        }  # fmt: skip

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, Decimal):
            if self.modes.long_decimals:
                value = value.quantize(Decimal(1).scaleb(-20))
            elif value == value.to_integral_value() and "Rate" not in name:
                return int(value) if not self.modes.amounts_as_text else str(int(value))
            return f"{value:f}" if self.modes.amounts_as_text else value
        if self.modes.language == "es" and name in _MEANINGS:
            return _SPANISH.get(value, value)
        return value


def version(row: Row) -> int:
    """Return the version of a row, which every change raises."""
    return int(row.get("_version", 1))
