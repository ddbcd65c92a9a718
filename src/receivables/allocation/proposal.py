"""What a run proposes: allocations with their reasons, differences, leftovers, alternatives, and why something was not done.

A proposal posts nothing. `Subledger.with_facts(proposal.facts)` does, and `proposal.reversals(...)` takes it back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from receivables.allocation.policy import AllocationPolicy
from receivables.errors import UnknownFact
from receivables.explain import Explanation
from receivables.facts import (
    Adjustment,
    Allocation,
    CreditMemo,
    DebitMemo,
    Fact,
    Payment,
    Reversal,
    WriteOff,
)
from receivables.money import Money
from receivables.open_items import OpenItem

DifferenceKind = Literal[
    "discount",
    "unearned_discount",
    "withholding",
    "bank_fee",
    "tolerance",
    "overpayment",
    "deduction",
    "residual",
    "fx_gain",
    "fx_loss",
]
LeftoverStatus = Literal["unapplied", "on_account", "unidentified", "refund_candidate"]


@dataclass(frozen=True, slots=True)
class AllocationLine:
    """One proposed allocation and its reasons.

    Args:
        allocation: The fact to post.
        item: Id of the open item it pays.
        customer: Whose item it is.
        rule: Name of the rule that led to it.
        confidence: How much that proves, from 0 to 1.
        evidence: What the rule went by, one sentence each.
        open_before: What was open of the item before it, and free to be used.
        open_after: What is open of the item after it, and free to be used.
    """

    allocation: Allocation
    item: str
    customer: str | None
    rule: str
    confidence: Decimal
    evidence: tuple[str, ...]
    open_before: Money
    open_after: Money

    @property
    def payment(self) -> str:
        """Id of the payment or credit memo used."""
        return self.allocation.source

    @property
    def amount(self) -> Money:
        """What is taken off the item."""
        return self.allocation.amount

    def explain(self) -> Explanation:
        """Return what the item's open amount becomes, and why (law: Explain agrees)."""
        unit = self.amount.currency
        parts = (
            Explanation("open before", self.open_before.amount, unit),
            Explanation(f"paid with {self.payment}", -self.amount.amount, unit),
            *(Explanation(sentence) for sentence in self.evidence),
            Explanation(f"rule {self.rule}, confidence {self.confidence:f}"),
        )
        return Explanation(
            f"open of {self.item} after this allocation", self.open_after.amount, unit, parts
        )

    def __str__(self) -> str:
        return (
            f"{self.payment} pays {self.amount} of {self.item} by {self.rule} ({self.confidence:f})"
        )


@dataclass(frozen=True, slots=True)
class TaxShare:
    """The part of a difference that belongs to one tax line of the document.

    Args:
        tax: Name of the tax.
        base: Share of its base.
        amount: Share of its amount; the tax to correct.
    """

    tax: str
    base: Money
    amount: Money


@dataclass(frozen=True, slots=True)
class Difference:
    """What lies between what was due and what was paid, by kind, and the fact that settles it.

    Args:
        payment: Id of the payment or credit memo.
        item: Id of the open item; empty for an overpayment.
        kind: What it is. Exchange gains and losses are in the company's currency, all else in the document's.
        amount: How much, above zero.
        reason: The payer's or the policy's reason.
        approver: Who may approve it, where the tolerance says so.
        taxes: Its tax shares, where the document has tax lines and the kind corrects tax.
        facts: What posts it; none for claims that stay open and for exchange differences.
        evidence: Where it comes from, one sentence each.
    """

    payment: str
    item: str
    kind: DifferenceKind
    amount: Money
    reason: str
    approver: str | None = None
    taxes: tuple[TaxShare, ...] = ()
    facts: tuple[Adjustment | WriteOff | DebitMemo, ...] = ()
    evidence: tuple[str, ...] = ()

    @property
    def tax(self) -> Money:
        """The tax in it."""
        whole = Money.zero(self.amount.currency)
        for share in self.taxes:
            whole += share.amount
        return whole

    @property
    def net(self) -> Money:
        """What remains of it without tax."""
        return self.amount - self.tax

    def explain(self) -> Explanation:
        """Return its amount, net and tax shares, and where it comes from (law: Explain agrees)."""
        unit = self.amount.currency
        shares = [
            Explanation(f"{it.tax} on {it.base}", it.amount.amount, unit) for it in self.taxes
        ]
        parts = [Explanation("net", self.net.amount, unit), *shares] if shares else []
        remarks = [Explanation(sentence) for sentence in self.evidence]
        who = [Explanation(f"to be approved by {self.approver}")] if self.approver else []
        text = f"{self.kind.replace('_', ' ')} of {self.item or self.payment} ({self.reason})"
        return Explanation(text, self.amount.amount, unit, (*parts, *remarks, *who))

    def __str__(self) -> str:
        return f"{self.kind.replace('_', ' ')} {self.amount} of {self.item or self.payment} with {self.payment}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Leftover:
    """Money that the proposal leaves, and what it is called.

    Args:
        payment: Id of the payment or credit memo.
        customer: Who paid; None while unidentified.
        amount: What is left.
        status: `on_account`, `unapplied`, `unidentified` or `refund_candidate`.
        why: What stands in the way, one sentence each.
    """

    payment: str
    customer: str | None
    amount: Money
    status: LeftoverStatus
    why: tuple[str, ...] = ()

    def explain(self) -> Explanation:
        """Return the amount and why it is left."""
        text = f"{self.status.replace('_', ' ')} of {self.payment}"
        return Explanation(
            text, self.amount.amount, self.amount.currency, tuple(map(Explanation, self.why))
        )

    def __str__(self) -> str:
        return f"{self.amount} of {self.payment} {self.status.replace('_', ' ')}"


@dataclass(frozen=True, slots=True)
class Alternative:
    """A match that was close and not proposed.

    Args:
        payment: Id of the payment or credit memo.
        rule: The rule that found it.
        items: Ids of the open items it would have paid.
        why: Why it was not proposed.
    """

    payment: str
    rule: str
    items: tuple[str, ...]
    why: str

    def __str__(self) -> str:
        return f"{self.payment} could pay {', '.join(self.items)} by {self.rule}: {self.why}"


@dataclass(frozen=True, slots=True)
class Note:
    """What a rule came to with one payment."""

    payment: str
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed for some payments and open items; nothing is posted.

    Args:
        policy: The policy it was made under.
        as_of: The day of the open items; what is proposed is posted then, or when its documents are, if later.
        lines: Allocations with their reasons, in the order they were found.
        differences: Discounts, deductions, tolerances, exchange differences.
        leftovers: Money left, one for each payment that has some.
        alternatives: Matches that were close.
        notes: What the rules came to.
        payments: The payments and credits offered, each with what it had.
        items: The open items offered.
    """

    policy: AllocationPolicy
    as_of: date
    lines: tuple[AllocationLine, ...]
    differences: tuple[Difference, ...]
    leftovers: tuple[Leftover, ...]
    alternatives: tuple[Alternative, ...]
    notes: tuple[Note, ...] = field(default=(), repr=False)
    payments: tuple[tuple[Payment | CreditMemo, Money], ...] = field(default=(), repr=False)
    items: tuple[OpenItem, ...] = field(default=(), repr=False)

    @property
    def allocations(self) -> tuple[Allocation, ...]:
        """The allocations to post; rule and confidence are among their attributes."""
        return tuple(line.allocation for line in self.lines)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Everything to post: the allocations, and what settles the differences."""
        return (*self.allocations, *(fact for it in self.differences for fact in it.facts))

    @property
    def unmatched_items(self) -> tuple[OpenItem, ...]:
        """The charges offered of which nothing is paid."""
        paid = {line.item for line in self.lines} | {it.item for it in self.differences}
        return tuple(it for it in self.items if not it.is_credit and it.id not in paid)

    def reversals(self, posting_date: date, *, suffix: str = ":reversed") -> tuple[Reversal, ...]:
        """Return the facts that take back everything it posted, from a date on (law: Reversal restores)."""
        return tuple(
            Reversal(id=f"{it.id}{suffix}", of=it.id, posting_date=posting_date)
            for it in self.facts
        )

    def explain(self, payment: str) -> Explanation:
        """Return where the money of one payment or credit goes (law: Explain agrees).

        Raises:
            UnknownFact: When it was not offered.
        """
        from receivables.allocation.narrate import (
            explain_payment,
        )  # narrating reads what this module defines

        return explain_payment(self, payment)

    def why_not(self, payment: str, item: str) -> Explanation:
        """Return why a payment was not allocated to an item, or how it was.

        Raises:
            UnknownFact: When the payment or the item was not offered.
        """
        from receivables.allocation.narrate import (
            explain_refusal,
        )  # narrating reads what this module defines

        return explain_refusal(self, payment, item)

    def offered(self, payment: str) -> tuple[Payment | CreditMemo, Money]:
        """Return a payment or credit that was offered, and what it had.

        Raises:
            UnknownFact: When it was not offered.
        """
        for document, had in self.payments:
            if document.id == payment:
                return document, had
        msg = f"payment {payment!r} was not offered to this proposal; check the id"
        raise UnknownFact(msg)

    def of(self, payment: str) -> Iterator[AllocationLine]:
        """Yield the allocations of one payment."""
        return (line for line in self.lines if line.payment == payment)

    def to_dict(self) -> dict[str, object]:
        """Return the proposal as plain dicts and lists, amounts as text, ready for JSON."""
        from receivables.allocation.narrate import (
            as_dict,
        )  # narrating reads what this module defines

        return as_dict(self)

    def __str__(self) -> str:
        parts = [
            f"{len(self.lines):,} allocations, {len(self.differences):,} differences, {len(self.leftovers):,} leftovers"
        ]
        parts += [
            str(it) for it in (*self.lines[:10], *self.differences[:10], *self.leftovers[:10])
        ]
        return "\n  ".join(parts)
