"""Oracle's words and what they mean here; all compared without regard to case. What differs between tenants is in `Rules`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from receivables.terms import PaymentTerms

SYSTEM = "oracle"
INVOICES, INSTALMENTS = "receivablesInvoices", "receivablesInvoiceInstallments"
CREDIT_MEMOS, RECEIPTS, ADJUSTMENTS = (
    "receivablesCreditMemos",
    "standardReceipts",
    "receivablesAdjustments",
)
ACCOUNTS, SCHEDULES = "receivablesCustomerAccountActivities", "transactionPaymentSchedules"
SITES, RATES = "receivablesCustomerAccountSiteActivities", "currencyRates"
RECEIPT_APPLICATIONS, MEMO_APPLICATIONS = "standardReceiptApplications", "creditMemoApplications"
KEYS = {
    INVOICES: "CustomerTransactionId",
    CREDIT_MEMOS: "CustomerTransactionId",
    RECEIPTS: "StandardReceiptId",
    ADJUSTMENTS: "AdjustmentId",
    ACCOUNTS: "AccountId",
    SITES: "BillToSiteUseId",
    SCHEDULES: "InstallmentId",
    INSTALMENTS: "InstallmentId",
    RECEIPT_APPLICATIONS: "ApplicationId",
    MEMO_APPLICATIONS: "ApplicationId",
}
Standing = Literal["posted", "draft", "unknown"]

# Meanings as REST gives them (American English), then the codes of the database, which extracts carry.
_POSTED = frozenset({"complete", "frozen", "y"})
_DRAFT = frozenset({"incomplete", "n"})
_REVERSED = frozenset(
    {"reverse payment", "insufficient funds", "stop payment", "reversed", "rev", "nsf", "stop"}
)
_RECEIPT_STATES = _REVERSED | {"applied", "unapplied", "unidentified", "app", "unapp", "unid"}
_APPLIED, _ON_ACCOUNT = (
    frozenset({"applied", "app"}),
    frozenset({"on account", "on-account", "acc"}),
)
_ACTIVITY = frozenset({"activity", "other acc", "other account"})
_WITHOUT_EFFECT = frozenset({"unapplied", "unapp", "unidentified", "unid"})
_APPROVED, _NOT_APPROVED = frozenset({"approved", "a"}), ("pending", "rejected", "p", "m", "w", "r")
_DEBIT = frozenset({"debit memo", "chargeback", "dm", "cb"})


@dataclass(frozen=True, slots=True)
class Rules:
    """What the mapping must be told, because the pod does not say it.

    Args:
        ledger_currency: Currency of the ledger of each business unit; without it no amount is booked in ledger currency.
        debit_types: Transaction types that are debit memos, besides those so called.
        write_offs: Activities whose name means that an amount is given up; `write-off` is always one.
        refunds: Activities whose name means that money goes back; `refund` is always one.
        terms: Payment terms by name; an invoice gets those that lead to its due dates.
    """

    ledger_currency: Mapping[str, str]
    debit_types: frozenset[str] = frozenset()
    write_offs: frozenset[str] = frozenset()
    refunds: frozenset[str] = frozenset()
    terms: Mapping[str, PaymentTerms] = field(default_factory=dict)

    def ledger_of(self, business_unit: object) -> str | None:
        """Return the ledger currency of a business unit; the one under `*` when it is not named."""
        return self.ledger_currency.get(str(business_unit)) or self.ledger_currency.get("*")

    def is_debit_memo(self, name: object) -> bool:
        """Tell whether a transaction type or class is a debit memo."""
        folded = str(name or "").casefold()
        return folded in _DEBIT or folded in {it.casefold() for it in self.debit_types}

    def is_write_off(self, activity: object) -> bool:
        """Tell whether an activity gives an amount up."""
        folded = str(activity or "").casefold()
        return (
            "write-off" in folded
            or "writeoff" in folded
            or folded in {it.casefold() for it in self.write_offs}
        )

    def is_refund(self, activity: object) -> bool:
        """Tell whether an activity gives money back."""
        folded = str(activity or "").casefold()
        return "refund" in folded or folded in {it.casefold() for it in self.refunds}


def standing(status: object) -> Standing:
    """Say whether a transaction counts."""
    folded = str(status or "").casefold()
    return "posted" if folded in _POSTED else "draft" if folded in _DRAFT else "unknown"


def is_reversed(state: object) -> bool:
    """Tell whether a receipt was reversed, bounced or stopped."""
    return str(state or "").casefold() in _REVERSED


def is_known_state(state: object) -> bool:
    """Tell whether a receipt's state is one of those there are."""
    return str(state or "").casefold() in _RECEIPT_STATES


def application(
    status: object,
) -> Literal["applied", "on account", "activity", "nothing", "unknown"]:
    """Say what an application row does."""
    folded = str(status or "").casefold()
    for words, meaning in (
        (_APPLIED, "applied"),
        (_ON_ACCOUNT, "on account"),
        (_ACTIVITY, "activity"),
        (_WITHOUT_EFFECT, "nothing"),
    ):
        if folded in words:
            return meaning  # type: ignore[return-value]
    return "unknown"


def approval(status: object) -> Literal["approved", "not approved", "unknown"]:
    """Say whether an adjustment counts."""
    folded = str(status or "").casefold()
    if folded in _APPROVED:
        return "approved"
    return "not approved" if folded.startswith(_NOT_APPROVED) and folded else "unknown"


def is_credit(transaction_class: object) -> bool:
    """Tell whether a transaction class is a credit memo."""
    return str(transaction_class or "").casefold() in {
        "credit memo",
        "on-account credit memo",
        "cm",
    }
