"""How a proposal tells its reasons: it reads what the run kept, and calculates nothing."""

from __future__ import annotations

from collections.abc import Iterator

from receivables.allocation.proposal import Proposal
from receivables.errors import UnknownFact
from receivables.explain import Explanation
from receivables.facts import CreditMemo, Payment
from receivables.laws import explain_agrees
from receivables.open_items import OpenItem


def explain_payment(proposal: Proposal, payment: str) -> Explanation:
    """Return where the money of one payment goes: allocations, what is written off, what is left."""
    document, had = proposal.offered(payment)
    unit = had.currency
    parts: list[Explanation] = []
    for line in proposal.of(payment):
        reasons = tuple(map(Explanation, (*line.evidence, f"confidence {line.confidence:f}")))
        text = f"to {line.item} by {line.rule}"
        if line.amount.currency != unit:
            text += f", {line.amount} there"
        parts.append(Explanation(text, line.allocation.taken.amount, unit, reasons))
    for it in proposal.differences:
        if it.payment == payment and it.kind == "overpayment":
            parts.append(Explanation(f"written off ({it.reason})", it.amount.amount, unit))
        elif it.payment == payment:
            parts.append(Explanation(str(it)))
    parts += [left.explain() for left in proposal.leftovers if left.payment == payment]
    parts += [
        Explanation(f"rule {it.rule}: {it.text}") for it in proposal.notes if it.payment == payment
    ]
    parts += [Explanation(str(it)) for it in proposal.alternatives if it.payment == payment]
    owner = f"customer {document.customer}" if document.customer else "an unidentified customer"
    text = f"{document.kind.replace('_', ' ')} {payment} of {owner}"
    return explain_agrees(Explanation(text, had.amount, unit, tuple(parts)))


def explain_refusal(proposal: Proposal, payment: str, item: str) -> Explanation:
    """Return why a payment was not allocated to an item, or how it was."""
    document, had = proposal.offered(payment)
    found = next((it for it in proposal.items if it.id == item), None)
    if found is None:
        msg = (
            f"item {item!r} was not offered to this proposal; it is not open, or the id is another"
        )
        raise UnknownFact(msg)
    lines = [line for line in proposal.of(payment) if line.item == item]
    if lines:
        return Explanation(
            f"{payment} does pay {item}", parts=tuple(line.explain() for line in lines)
        )
    reasons = tuple(map(Explanation, _reasons(proposal, document, found)))
    return Explanation(
        f"why {payment} of {had} does not pay {item}, {found.open_amount} open", parts=reasons
    )


def _reasons(proposal: Proposal, document: Payment | CreditMemo, item: OpenItem) -> Iterator[str]:
    if item.is_credit:
        yield f"{item.id} is a {item.kind.replace('_', ' ')}: a credit pays, it is not paid"
        return
    yield from _obstacles(proposal, document, item)
    for line in proposal.lines:
        if line.item == item.id:
            yield f"{line.payment} pays {line.amount} of it by {line.rule} (confidence {line.confidence:f})"
        if line.payment == document.id:
            yield f"rule {line.rule} led {line.allocation.taken} of it to {line.item}: {'; '.join(line.evidence)}"
    for close in proposal.alternatives:
        if close.payment == document.id and item.id in close.items:
            yield f"rule {close.rule} came close: {close.why}"
    yield from _tried(proposal, document.id)


def _obstacles(proposal: Proposal, document: Payment | CreditMemo, item: OpenItem) -> Iterator[str]:
    policy, kind = proposal.policy, document.kind.replace("_", " ")
    if document.customer != item.customer:
        yield f"{item.id} belongs to customer {item.customer}, the {kind} to {document.customer or 'an unidentified payer'}"
    if document.amount.currency != item.currency:
        yield f"{item.id} is in {item.currency}, the money in {document.amount.currency}"
    if item.disputed and not policy.disputed:
        yield f"{item.id} is disputed ({item.document.dispute_reason or 'no reason given'}), and the policy leaves disputed items alone"
    if used := item.open_amount - item.free_amount:
        yield f"{used} of {item.id} is used or reversed by facts posted after {proposal.as_of}"
    for name in policy.blocked_by:
        if blocks(item.attribute(name)):
            yield f"{item.id} is blocked: {name} is {item.attribute(name)!r}"


def _tried(proposal: Proposal, payment: str) -> Iterator[str]:
    notes = [note for note in proposal.notes if note.payment == payment]
    for note in notes:
        yield f"rule {note.rule}: {note.text}"
    tried = {note.rule for note in notes} | {line.rule for line in proposal.of(payment)}
    silent = [rule.name for rule in proposal.policy.ordered if rule.name not in tried]
    if silent:
        yield f"found nothing that leads there: {', '.join(silent)}"


def blocks(value: str | None) -> bool:
    """Tell whether the value of a blocking attribute blocks."""
    return value is not None and value.strip().casefold() not in {"", "false", "no", "0"}


def as_dict(proposal: Proposal) -> dict[str, object]:
    """Return the proposal as plain dicts and lists, amounts as text; confidence as text too."""
    return {
        "as_of": proposal.as_of.isoformat(),
        "policy": proposal.policy.name,
        "allocations": [
            {
                "payment": line.payment,
                "item": line.item,
                "amount": f"{line.amount.amount:f}",
                "currency": line.amount.currency,
                "rule": line.rule,
                "confidence": f"{line.confidence:f}",
                "evidence": list(line.evidence),
            }
            for line in proposal.lines
        ],
        "differences": [
            {
                "payment": it.payment,
                "item": it.item,
                "kind": it.kind,
                "amount": f"{it.amount.amount:f}",
                "currency": it.amount.currency,
                "reason": it.reason,
                "tax": f"{it.tax.amount:f}",
                "approver": it.approver,
            }
            for it in proposal.differences
        ],
        "leftovers": [
            {
                "payment": it.payment,
                "customer": it.customer,
                "amount": f"{it.amount.amount:f}",
                "currency": it.amount.currency,
                "status": it.status,
                "why": list(it.why),
            }
            for it in proposal.leftovers
        ],
        "alternatives": [
            {"payment": it.payment, "rule": it.rule, "items": list(it.items), "why": it.why}
            for it in proposal.alternatives
        ],
        "unmatched_items": len(proposal.unmatched_items),
    }
