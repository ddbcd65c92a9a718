"""Writes into a pod, on request: each write is looked for before it is sent, and looked for again when its answer was lost.

Nothing is sent twice blindly. What a write is known by is ours: the receipt number, the instalment a receipt is applied to, the
number a remittance names, the day of a promise. So running the same writes again after any interruption does what is left of
them and finds the rest. What is there already and differs is refused, never corrected.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from receivables.adapters.oracle import codes, wire
from receivables.adapters.oracle.desk import Desk
from receivables.adapters.oracle.lookup import Lookup
from receivables.adapters.oracle.rest import Pod
from receivables.errors import OutcomeUnknown, RequestRefused
from receivables.money import Money

ITEM, ACTION = "application/json", "application/vnd.oracle.adf.action+json"
PROMISES, DISPUTES = "collectionPromises", "receivablesDisputes"
_LONGEST_NUMBER = 30
Outcome = Literal["written", "found", "planned"]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one write.

    Args:
        action: What was to be done.
        outcome: `written` now, `found` done before, or `planned` and not sent because it was a dry run.
        request: Method, path and body that were or would be sent.
        row: The row as read again after the write, with what the pod computed; None when planned.
    """

    action: str
    outcome: Outcome
    request: tuple[str, str, tuple[tuple[str, Any], ...]]
    row: Row | None = None


class OracleWriter:
    """Writes receipts, what they are applied to, promises and disputes.

    Args:
        pod: Where to.
        business_unit: The business unit of what is created.
        dry_run: True looks and plans, and sends nothing; writing must be asked for.
        called_from: Name that the pod keeps for its audit.
        looks: How often a write whose answer was lost is looked for before it is sent once more.
        pause: Seconds between two looks.
        sleep: Waits so many seconds.
    """

    def __init__(
        self,
        pod: Pod,
        business_unit: str,
        *,
        dry_run: bool = True,
        called_from: str = "receivables",
        looks: int = 3,
        pause: float = 2.0,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._pod, self._unit, self._dry_run, self._called_from = (
            pod,
            business_unit,
            dry_run,
            called_from,
        )
        self._looks, self._pause, self._sleep = looks, pause, sleep
        self._desk = Desk(pod)
        self._lookup = Lookup(self._desk)

    def create_receipt(
        self,
        number: str,
        amount: Money,
        *,
        method: str,
        received: date,
        customer: str | None = None,
        posting_date: date | None = None,
        bank_account: str | None = None,
        rate: Decimal | None = None,
        comments: str | None = None,
    ) -> Written:
        """Create a receipt under a number of ours; without a customer it is unidentified.

        Args:
            number: At most 30 characters; the receipt is known by it.
            amount: What was received.
            method: Receipt method.
            received: The day it came.
            customer: Account number.
            posting_date: The day it counts from; the day it came when not given.
            bank_account: Remittance bank account.
            rate: Conversion rate to the ledger currency, for another currency.
            comments: Free text.

        Raises:
            AlreadyDifferent: When a receipt of that number is there and differs.
            RequestRefused: When the pod refuses it.
        """
        if not 0 < len(number) <= _LONGEST_NUMBER:
            msg = f"receipt number {number!r} has {len(number)} characters; it must have 1 to {_LONGEST_NUMBER}"
            raise RequestRefused(msg)
        body: dict[str, Any] = {
            "ReceiptNumber": number,
            "ReceiptMethod": method,
            "BusinessUnit": self._unit,
            "CustomerAccountNumber": customer,
            "RemittanceBankAccountNumber": bank_account,
            "Currency": amount.currency,
            "Amount": amount.amount,
            "AccountingDate": posting_date or received,
            "ReceiptDate": received,
            "StructuredPaymentReference": number,
            "Comments": comments,
        }
        if rate is not None:
            body |= {
                "ConversionRateType": "User",
                "ConversionRate": rate,
                "ConversionDate": received,
            }
        sent = {name: value for name, value in body.items() if value is not None}
        look = lambda: self._lookup.receipt(number, sent)  # noqa: E731 - asked several times
        return self._write("create receipt", look, "POST", codes.RECEIPTS, sent, ITEM)

    def apply(self, receipt: int, instalment: int, amount: Money) -> Written:
        """Apply part of a receipt to an instalment; in releases without that action, name it for AutoMatch instead.

        Args:
            receipt: Key of the receipt.
            instalment: Key of the instalment (its payment schedule).
            amount: How much, in the currency of the invoice.

        Raises:
            AlreadyDifferent: When another amount of the receipt is applied to it.
            RequestRefused: When the pod refuses it, with success as its status or without.
        """
        if "applyReceipt" not in self._desk.describe(codes.RECEIPTS).actions:
            schedule = self._lookup.schedule(receipt, instalment)
            return self.refer(receipt, str(schedule["TransactionNumber"]), amount)
        body = {
            "appliedPaymentScheduleId": instalment,
            "amountApplied": amount.amount,
            "calledFrom": self._called_from,
        }
        look = lambda: self._lookup.applied(receipt, instalment, amount.amount)  # noqa: E731 - asked several times
        return self._act("apply", receipt, "applyReceipt", body, look)

    def unapply(self, receipt: int, instalment: int) -> Written:
        """Take back what of a receipt is applied to an instalment; nothing is done when nothing is.

        Raises:
            RequestRefused: When the pod refuses it.
        """
        standing = self._lookup.standing(receipt, instalment)
        body = {
            "appliedPaymentScheduleId": instalment,
            "receivableApplicationId": standing and standing["ApplicationId"],
            "calledFrom": self._called_from,
        }
        look = lambda: self._lookup.unapplied(receipt, instalment)  # noqa: E731 - asked several times
        return self._act("unapply", receipt, "unapplyReceipt", body, look)

    def reverse(self, receipt: int, *, category: str, reason: str) -> Written:
        """Reverse a receipt; category and reason are lookup codes of the tenant.

        Raises:
            RequestRefused: When the pod refuses it.
        """
        body = {
            "reversalCategoryCode": category,
            "reversalReasonCode": reason,
            "calledFrom": self._called_from,
        }
        return self._act(
            "reverse", receipt, "reverseReceipt", body, lambda: self._lookup.reversed(receipt)
        )

    def refer(
        self, receipt: int, reference: str, amount: Money, *, match_by: str = "Transaction Number"
    ) -> Written:
        """Say what a receipt pays, for the AutoMatch job to apply later; it applies nothing itself.

        Raises:
            AlreadyDifferent: When the receipt names that reference with another amount.
        """
        body = {
            "ReceiptMatchBy": match_by,
            "ReferenceNumber": reference,
            "ReferenceAmount": amount.amount,
        }
        path = f"{codes.RECEIPTS}/{receipt}/child/remittanceReferences"
        look = lambda: self._lookup.referred(receipt, reference, amount.amount)  # noqa: E731 - asked several times
        return self._write("refer", look, "POST", path, body, ITEM)

    def promise(
        self,
        customer: str,
        transaction: str,
        instalment: int,
        amount: Money,
        day: date,
        *,
        method: str | None = None,
    ) -> Written:
        """Record a promise to pay one instalment of a transaction by a day.

        Raises:
            AlreadyDifferent: When that instalment is promised for that day with another amount.
        """
        body = {
            "BusinessUnit": self._unit,
            "BillToCustomerAccount": customer,
            "Currency": amount.currency,
            "TransactionNumber": transaction,
            "InstallmentNumber": instalment,
            "PromiseAmount": amount.amount,
            "PromiseDate": day,
            **({"PaymentMethod": method} if method else {}),
        }
        look = lambda: self._lookup.promised(body)  # noqa: E731 - asked several times
        return self._write("promise", look, "POST", PROMISES, body, ITEM)

    def dispute(
        self,
        invoice: int,
        amount: Money,
        *,
        reason: str,
        section: str = "Total",
        comments: str = "",
    ) -> Written:
        """Dispute part of an invoice; the pod shows no disputes, so it is known by what its instalments say is disputed.

        Raises:
            AlreadyDifferent: When another amount of the invoice is disputed.
        """
        body = {
            "CustomerTransactionId": invoice,
            "DisputeSection": section,
            "DisputeReason": reason,
            "DisputeAmount": amount.amount,
            **({"CustomerComments": comments} if comments else {}),
        }
        look = lambda: self._lookup.disputed(invoice, amount.amount)  # noqa: E731 - asked several times
        return self._write("dispute", look, "POST", DISPUTES, body, ITEM)

    def set_due_date(self, invoice: int, instalment: int, day: date) -> Written:
        """Move the due date of an instalment, unless somebody changed it since it was read.

        Raises:
            StaleWrite: When somebody did; read it again and decide anew.
        """
        path = f"{codes.INVOICES}/{invoice}/child/{codes.INSTALMENTS}/{instalment}"
        answer = self._pod.item(path)
        body = {"InstallmentDueDate": day}

        def look() -> Row | None:
            row: Row = self._pod.item(path).body
            return row if wire.day(row.get("InstallmentDueDate")) == day else None

        match = {"If-Match": answer.etag} if answer.etag else {}
        return self._write("set due date", look, "PATCH", path, body, ITEM, match)

    def _act(
        self,
        action: str,
        receipt: int,
        name: str,
        body: Mapping[str, Any],
        look: Callable[[], Row | None],
    ) -> Written:
        return self._write(
            action, look, "POST", f"{codes.RECEIPTS}/{receipt}/action/{name}", body, ACTION
        )

    def _write(
        self,
        action: str,
        look: Callable[[], Row | None],
        method: str,
        path: str,
        body: Mapping[str, Any],
        content_type: str,
        headers: Mapping[str, str] | None = None,
    ) -> Written:
        """Look, send, look again."""
        request = (method, path, tuple(body.items()))
        found = look()
        if found is not None:
            return Written(action, "found", request, found)
        if self._dry_run:
            return Written(action, "planned", request)
        try:
            answer = self._sent(method, path, body, content_type, headers)
        except OutcomeUnknown:
            found = self._found_later(look)
            if found is not None:
                return Written(action, "written", request, found)
            answer = self._sent(method, path, body, content_type, headers)
        if content_type == ACTION and (
            not isinstance(answer, Mapping) or answer.get("result") != "SUCCESS"
        ):
            msg = f"{action} {path} was answered with success and the result {answer!r}; it was refused: see amounts and states"
            raise RequestRefused(msg)
        row = look() or self._created(path, answer)
        return Written(action, "written", request, row)

    def _sent(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any],
        content_type: str,
        headers: Mapping[str, str] | None,
    ) -> Any:
        return self._pod.write(method, path, body, content_type=content_type, headers=headers).body

    def _found_later(self, look: Callable[[], Row | None]) -> Row | None:
        for _ in range(self._looks):
            found = look()
            if found is not None:
                return found
            self._sleep(self._pause)
        return None

    def _created(self, path: str, answer: Any) -> Row:
        """Return the row that a POST made under another number than ours, read again: its echo has nulls."""
        key = answer.get(codes.KEYS.get(path, "")) if isinstance(answer, Mapping) else None
        if key is None:
            msg = f"{path} accepted a write that cannot be found again; look for it before going on"
            raise OutcomeUnknown(msg)
        row: Row = self._pod.item(f"{path}/{key}").body
        return row
