"""Findings about cash that came twice, or that nobody has used."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from receivables.allocation.finding import Finding
from receivables.allocation.looking import Look
from receivables.facts import Payment
from receivables.open_items import OpenItem


def duplicates(look: Look, within: int) -> Iterator[Finding]:
    """Find payments of one customer, amount and text that follow each other within so many days."""
    groups: dict[tuple[object, ...], list[Payment]] = {}
    for payment in sorted(look.payments.values(), key=lambda it: (it.posting_date, it.id)):
        if payment.customer is not None:
            text = " ".join((payment.reference or "").upper().split())
            groups.setdefault((payment.customer, payment.amount, text), []).append(payment)
    for held in groups.values():
        for first, second in pairwise(held):
            days = (second.posting_date - first.posting_date).days
            if days > within:
                continue
            free = look.free(second.id)
            facts = (look.refund(second),) if free is not None and -free == second.amount else ()
            text = f"payment {second.id} of {second.amount} repeats {first.id} of customer {first.customer} {days} days later{f' with the text {second.reference!r}' if second.reference else ''}"
            yield Finding("duplicate-payment", second.id, (first.id,), second.amount, text, facts)


def stale(look: Look, days: int) -> Iterator[Finding]:
    """Find money and credits that wait longer than so many days."""
    for item in look.items:
        if not item.is_credit or not _waits(item):
            continue
        age = (look.as_of - item.posting_date).days
        if age > days:
            owner = f"customer {item.customer}" if item.customer else "an unidentified payer"
            text = f"{item.kind.replace('_', ' ')} {item.id} of {owner} has {-item.open_amount} unused for {age} days"
            yield Finding("stale-cash", item.document.id, (), -item.open_amount, text)


def _waits(item: OpenItem) -> bool:
    document = item.document
    return not (isinstance(document, Payment) and document.on_account)
