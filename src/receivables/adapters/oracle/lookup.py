"""Whether a write has happened already: by our own reference, or by the state it was to bring about."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from receivables.adapters.oracle import codes, query, wire
from receivables.adapters.oracle.desk import Desk
from receivables.errors import AlreadyDifferent, NotOffered

Row = Mapping[str, Any]
_SAME = ("Amount", "Currency", "CustomerAccountNumber", "ReceiptDate")


class Lookup:
    """Looks for writes in a pod.

    Args:
        desk: Asks the pod.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def receipt(self, number: str, wanted: Row) -> Row | None:
        """Return the receipt of a number of ours.

        Raises:
            AlreadyDifferent: When one is there and differs in amount, currency, customer or date.
        """
        for name in ("ReceiptNumber", "StructuredPaymentReference"):
            if name not in self._desk.describe(codes.RECEIPTS).queryable:
                continue
            rows = self._desk.rows(codes.RECEIPTS, query.Where(name, "=", number))
            same = [row for row in rows if all(_equal(row.get(it), wanted.get(it)) for it in _SAME)]
            if same:
                return same[0]
            if rows:
                told = ", ".join(f"{it} {rows[0].get(it)!r} for {wanted.get(it)!s}" for it in _SAME)
                msg = f"receipt {number} is there and differs: {told}; give the new one another number"
                raise AlreadyDifferent(msg)
        return None

    def applications(self, receipt: int) -> list[Row]:
        """Return the applications of a receipt, oldest first."""
        row = self.item(receipt)
        account = self._account(row.get("CustomerAccountNumber"))
        if account is None:
            return []
        rows = self._desk.children(codes.ACCOUNTS, account, codes.RECEIPT_APPLICATIONS)
        return sorted(
            (it for it in rows if it.get("StandardReceiptId") == receipt),
            key=lambda it: int(it["ApplicationId"]),
        )

    def standing(self, receipt: int, instalment: int) -> Row | None:
        """Return the application of a receipt to an instalment that has not been taken back."""
        rows = [
            it
            for it in self.applications(receipt)
            if it.get("ReferenceInstallmentId") == instalment
        ]
        left = sum(
            (wire.number(it.get("ApplicationAmount")) or Decimal(0) for it in rows), Decimal(0)
        )
        uses = [it for it in rows if (wire.number(it.get("ApplicationAmount")) or 0) > 0]
        return {**uses[-1], "standing": left} if left and uses else None

    def applied(self, receipt: int, instalment: int, amount: Decimal) -> Row | None:
        """Return the receipt when so much of it is applied to an instalment.

        Raises:
            AlreadyDifferent: When another amount is.
        """
        found = self.standing(receipt, instalment)
        if found is None:
            row = self.item(receipt)
            if codes.is_reversed(row.get("State")):
                msg = f"receipt {receipt} is reversed ({row.get('State')}); nothing of it can be applied"
                raise AlreadyDifferent(msg)
            return None
        if found["standing"] != amount:
            msg = f"receipt {receipt} has {found['standing']} applied to instalment {instalment}, not {amount}; unapply it first"
            raise AlreadyDifferent(msg)
        return self.item(receipt)

    def unapplied(self, receipt: int, instalment: int) -> Row | None:
        """Return the receipt when nothing of it is applied to an instalment."""
        return self.item(receipt) if self.standing(receipt, instalment) is None else None

    def reversed(self, receipt: int) -> Row | None:
        """Return the receipt when it is reversed."""
        row = self.item(receipt)
        return row if codes.is_reversed(row.get("State")) else None

    def referred(self, receipt: int, reference: str, amount: Decimal) -> Row | None:
        """Return the remittance reference of a receipt.

        Raises:
            AlreadyDifferent: When it names another amount.
        """
        rows = self._desk.children(
            codes.RECEIPTS, receipt, "remittanceReferences", key="RemittanceReferenceId"
        )
        return the_one(
            [it for it in rows if it.get("ReferenceNumber") == reference], "ReferenceAmount", amount,
            f"receipt {receipt} names {reference}",
        )  # fmt: skip

    def promised(self, wanted: Row) -> Row | None:
        """Return the promise for an instalment and a day.

        Raises:
            AlreadyDifferent: When another amount is promised.
        """
        account = query.Where("BillToCustomerAccount", "=", wanted["BillToCustomerAccount"])
        rows = self._desk.rows("collectionPromises", account, key="PromiseDetailId")
        names = ("TransactionNumber", "InstallmentNumber", "PromiseDate", "Currency")
        same = [row for row in rows if all(_equal(row.get(it), wanted[it]) for it in names)]
        what = f"instalment {wanted['InstallmentNumber']} of {wanted['TransactionNumber']} is promised for {wanted['PromiseDate']}"
        return the_one(same, "PromiseAmount", wanted["PromiseAmount"], what)

    def disputed(self, invoice: int, amount: Decimal) -> Row | None:
        """Return the invoice when so much of it is disputed.

        Raises:
            AlreadyDifferent: When another amount is.
        """
        parts = self._desk.children(codes.INVOICES, invoice, codes.INSTALMENTS)
        held = sum((wire.number(it.get("DisputeAmount")) or Decimal(0) for it in parts), Decimal(0))
        if held and held != amount:
            msg = (
                f"invoice {invoice} has {held} in dispute, not {amount}; settle that dispute first"
            )
            raise AlreadyDifferent(msg)
        return self._desk.invoice(invoice) if held else None

    def schedule(self, receipt: int, instalment: int) -> Row:
        """Return the payment schedule of an instalment of the receipt's customer.

        Raises:
            NotOffered: When the customer has no such instalment.
        """
        account = self._account(self.item(receipt).get("CustomerAccountNumber"))
        finder = self._desk.window_finder(codes.SCHEDULES) or ""
        rows = (
            self._desk.children(codes.ACCOUNTS, account, codes.SCHEDULES, finder=finder)
            if account
            else []
        )
        for row in rows:
            if row["InstallmentId"] == instalment:
                return row
        msg = f"instalment {instalment} is none of the customer of receipt {receipt}; name one of its invoices"
        raise NotOffered(msg)

    def item(self, receipt: int) -> Row:
        """Return a receipt, read now."""
        row: Row = self._desk.pod.item(f"{codes.RECEIPTS}/{receipt}").body
        return row

    def _account(self, number: Any) -> int | None:
        if not number:
            return None
        rows = self._desk.rows(codes.ACCOUNTS, query.Where("AccountNumber", "=", str(number)))
        return int(rows[0]["AccountId"]) if rows else None


def the_one(rows: list[Any], name: str, amount: Decimal, what: str) -> Row | None:
    """Return the row with an amount; None when there is no row at all.

    Raises:
        AlreadyDifferent: When there are rows, and none with that amount.
    """
    for row in rows:
        if wire.number(row.get(name)) == amount:
            return row  # type: ignore[no-any-return]
    if rows:
        msg = f"{what} with {rows[0].get(name)}, not {amount}; what is there is not changed"
        raise AlreadyDifferent(msg)
    return None


def _equal(held: Any, wanted: Any) -> bool:
    if wanted is None or held is None:
        return wanted in (None, "") and held in (None, "")
    if isinstance(wanted, Decimal):
        return wire.number(held) == wanted
    return str(held) == str(wanted)
