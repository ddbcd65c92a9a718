"""Customer accounts with their receipts, applications and payment schedules, one account at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from receivables.adapters.oracle import codes, documents, query, receipts, wire
from receivables.adapters.oracle.codes import Rules
from receivables.adapters.oracle.desk import ALL_DAYS, Desk
from receivables.adapters.oracle.rows import Reading
from receivables.adapters.oracle.scan import Item
from receivables.adapters.port import Entry
from receivables.errors import NotOffered
from receivables.problems import Problem


class AccountReader:
    """Reads accounts.

    Args:
        desk: Asks the pod.
        rules: What the mapping must be told.
        units: Business units to read; all when empty.
    """

    def __init__(self, desk: Desk, rules: Rules, units: tuple[str, ...]) -> None:
        self._desk, self._rules, self._units = desk, rules, units

    def read(
        self, after: int | None, since: datetime | None
    ) -> Iterator[tuple[int, str, list[Reading]]]:
        """Yield what one account after the other says."""
        for rows in self._desk.pages(codes.ACCOUNTS, after=after):
            for row in rows:
                yield (
                    row["AccountId"],
                    f"account {row.get('AccountNumber')}",
                    self._account(row, since),
                )

    def _account(self, row: Item, since: datetime | None) -> list[Reading]:
        key, number = row["AccountId"], str(row.get("AccountNumber"))
        schedules, remarks = self._schedules(key)
        mine, outside = self._receipts(key, number)
        cash = self._desk.children(codes.ACCOUNTS, key, codes.RECEIPT_APPLICATIONS)
        memo = self._desk.children(codes.ACCOUNTS, key, codes.MEMO_APPLICATIONS)
        numbers = self._numbers(schedules, [*cash, *memo])
        found = [Reading(Entry(()), (it,)) for it in remarks]
        if wire.touched(since, row):
            found.append(documents.account(row))
        on_account = receipts.on_account(cash)
        moved = {it["StandardReceiptId"] for it in cash if wire.touched(since, it)}
        found += [
            receipts.receipt(it, self._rules, on_account=receipt in on_account)
            for receipt, it in mine.items()
            if wire.touched(since, it) or receipt in moved
        ]
        for child, used, out in (
            (codes.RECEIPT_APPLICATIONS, cash, outside),
            (codes.MEMO_APPLICATIONS, memo, self._memos_outside(memo)),
        ):
            read = receipts.applications(
                used, child=child, receipts=mine, numbers=numbers, rules=self._rules, outside=out
            )
            fresh = {it["ApplicationId"] for it in used if wire.touched(since, it)}
            found += [it for it in read if it.entry.lines[0] in fresh]
        return found + self._changed_invoices(schedules, since)

    def _schedules(self, key: int) -> tuple[list[Item], list[Problem]]:
        finder = self._desk.window_finder(codes.SCHEDULES)
        rows = self._desk.children(codes.ACCOUNTS, key, codes.SCHEDULES, finder=finder or "")
        if finder is not None:
            return rows, []
        msg = "the pod describes no finder for payment schedules; they may be those of the last 90 days only"
        return rows, [Problem("window-unproven", msg, f"{codes.ACCOUNTS}/{key}", severity="noted")]

    def _receipts(self, key: int, number: str) -> tuple[dict[int, Item], set[int]]:
        """Return the account's receipts by key, and the keys of those of other business units."""
        if "CustomerAccountNumber" in self._desk.describe(codes.RECEIPTS).queryable:
            where = query.Where("CustomerAccountNumber", "=", number)
            rows = self._desk.rows(codes.RECEIPTS, where)
        else:
            rows = [
                self._desk.pod.item(f"{codes.RECEIPTS}/{it}").body for it in self._receipt_keys(key)
            ]
        inside = [it for it in rows if not self._units or it.get("BusinessUnit") in self._units]
        mine = {it["StandardReceiptId"]: it for it in inside}
        return mine, {it["StandardReceiptId"] for it in rows} - set(mine)

    def _receipt_keys(self, key: int) -> list[int]:
        described = self._desk.describe(codes.ACCOUNTS).child(codes.RECEIPTS)
        name = described and described.finder_with("ReceiptLimitByDays", "ProcessStatus")
        found: set[int] = set()
        for status in ("Open", "Closed") if name else ("",):
            finder = (
                query.finder(name, {"ProcessStatus": status, "ReceiptLimitByDays": ALL_DAYS})
                if name
                else ""
            )
            rows = self._desk.children(codes.ACCOUNTS, key, codes.RECEIPTS, finder=finder)
            found |= {it["StandardReceiptId"] for it in rows}
        return sorted(found)

    def _numbers(self, schedules: list[Item], applications: list[Item]) -> dict[int, int]:
        """Return the number of each instalment; those of other customers' invoices are looked up."""
        numbers = {it["InstallmentId"]: it["InstallmentNumber"] for it in schedules}
        missing = {
            it["ReferenceTransactionId"]
            for it in applications
            if it.get("ReferenceInstallmentId") and it["ReferenceInstallmentId"] not in numbers
            and it.get("ReferenceTransactionId")
        }  # fmt: skip
        for trx in sorted(missing):
            try:
                parts = self._desk.children(codes.INVOICES, trx, codes.INSTALMENTS)
            except NotOffered:
                continue  # not shown to this user; the application says so itself
            numbers |= {it["InstallmentId"]: it["InstallmentSequenceNumber"] for it in parts}
        return numbers

    def _memos_outside(self, applications: list[Item]) -> set[int]:
        if not self._units:
            return set()
        outside = set()
        for key in sorted({it["CreditMemoId"] for it in applications}):
            try:
                row = self._desk.pod.item(f"{codes.CREDIT_MEMOS}/{key}").body
            except NotOffered:
                row = {}
            if row.get("BusinessUnit") not in self._units:
                outside.add(key)
        return outside

    def _changed_invoices(self, schedules: list[Item], since: datetime | None) -> list[Reading]:
        """Read invoices again whose schedules moved: a dispute does not touch the invoice it is on."""
        if since is None:
            return []
        changed = sorted({it["TransactionId"] for it in schedules if wire.touched(since, it)})
        found = []
        for key in changed:
            row = self._desk.invoice(key)
            if not self._units or row.get("BusinessUnit") in self._units:
                found.append(documents.invoice(row, self._desk.instalments(row), self._rules))
        return found
