"""What a reconciliation finds: its kinds, what each rests on, and the step that corrects it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from receivables.money import Money

Kind = Literal[
    "MISSING_REP",
    "PENDING_REP",
    "LATE_REP",
    "WRONG_PARCIALIDAD",
    "SALDO_MISMATCH",
    "OVERPAID",
    "DUPLICATE_REP",
    "REP_FOR_PUE",
    "PUE_PAID_AFTER_MONTH_END",
    "PAYMENT_BEFORE_INVOICE",
    "UNKNOWN_DOCUMENT",
    "AMOUNT_MISMATCH",
    "CURRENCY_MISMATCH",
    "RECEPTOR_MISMATCH",
    "CANCELLED_REP_COUNTED",
    "INVOICE_CANCELLED_WITH_LIVE_REP",
    "TAX_SUM_MISMATCH",
]
STEPS: dict[Kind, str] = {
    "MISSING_REP": "issue the complement now: its deadline has passed",
    "PENDING_REP": "issue the complement by the due date",
    "LATE_REP": "nothing to issue: keep the reason on file",
    "WRONG_PARCIALIDAD": "substitute the complement (relation 04) with the right NumParcialidad, then cancel it (motive 01)",
    "SALDO_MISMATCH": "substitute the complement (relation 04) with the right balances, then cancel it (motive 01)",
    "OVERPAID": "cancel what is counted twice, or treat the excess as an advance or refund it",
    "DUPLICATE_REP": "cancel the duplicate (motive 02, or 03 when no payment stands behind it)",
    "REP_FOR_PUE": "cancel the complement, or substitute the invoice by one with PPD and 99 (relation 04)",
    "PUE_PAID_AFTER_MONTH_END": "substitute the invoice by one with PPD and 99 (relation 04) and issue a complement",
    "PAYMENT_BEFORE_INVOICE": "check the dates; an advance is applied with a credit note (relation 07), not a complement",
    "UNKNOWN_DOCUMENT": "find the invoice; if the UUID is wrong, substitute the complement",
    "AMOUNT_MISMATCH": "substitute the complement with the amount received, or correct the allocation",
    "CURRENCY_MISMATCH": "substitute the complement with the invoice's currency as MonedaDR",
    "RECEPTOR_MISMATCH": "right when a factor paid; otherwise substitute the complement with the invoice's receiver",
    "CANCELLED_REP_COUNTED": "substitute the complement: its balance still counts one that is cancelled",
    "INVOICE_CANCELLED_WITH_LIVE_REP": "cancel the complement, or issue it again for the invoice that substitutes",
    "TAX_SUM_MISMATCH": "substitute the last complement with bases that sum to the invoice's",
}
REMARKS: frozenset[Kind] = frozenset({"PENDING_REP", "LATE_REP", "RECEPTOR_MISMATCH"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """One finding of a reconciliation.

    Args:
        kind: What it is.
        customer: Tax number of the customer.
        invoice: Series and folio of the invoice.
        invoice_uuid: Its UUID.
        complement: Series and folio of the complement.
        complement_uuid: Its UUID.
        payment: Reference of the payment received.
        due: When the complement is or was due.
        amount: The amount it is about, in the invoice's currency.
        found: What stands in the document.
        expected: What should.
        facts: What it rests on, in sentences.
    """

    kind: Kind
    customer: str | None = None
    invoice: str | None = None
    invoice_uuid: str | None = None
    complement: str | None = None
    complement_uuid: str | None = None
    payment: str | None = None
    due: date | None = None
    amount: Money | None = None
    found: str | None = None
    expected: str | None = None
    facts: tuple[str, ...] = ()

    @property
    def step(self) -> str:
        """What corrects it."""
        return STEPS[self.kind]

    @property
    def severity(self) -> Literal["error", "warning"]:
        """`warning` for what may be right or cannot be corrected any more."""
        return "warning" if self.kind in REMARKS else "error"

    def detail(self) -> dict[str, str | list[str]]:
        """Return everything but kind, invoice and complement as texts, absent things left out."""
        made: dict[str, str | list[str]] = {"severity": self.severity}
        for name in ("customer", "invoice_uuid", "complement_uuid", "payment", "found", "expected"):
            value = getattr(self, name)
            if value is not None:
                made[name] = value
        if self.due is not None:
            made["due"] = self.due.isoformat()
        if self.amount is not None:
            made["amount"] = f"{self.amount.amount:f}"
            made["currency"] = self.amount.currency
        made["facts"] = list(self.facts)
        made["step"] = self.step
        return made

    def __str__(self) -> str:
        about = ", ".join(it for it in (self.invoice, self.complement, self.payment) if it)
        return f"{self.kind} {about}: {'; '.join(self.facts)}; {self.step}"


def calendar(findings: Iterable[Mismatch]) -> tuple[tuple[date, tuple[Mismatch, ...]], ...]:
    """Return the complements still to issue, by due date: those overdue and those to come."""
    days: dict[date, list[Mismatch]] = defaultdict(list)
    for it in findings:
        if it.kind in ("MISSING_REP", "PENDING_REP") and it.due is not None:
            days[it.due].append(it)
    return tuple((day, tuple(days[day])) for day in sorted(days))
