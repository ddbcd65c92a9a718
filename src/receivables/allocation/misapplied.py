"""Findings about cash that went to the wrong item or customer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from receivables.allocation.finding import Finding
from receivables.allocation.looking import Look
from receivables.facts import Allocation
from receivables.money import Money


def misnamed(look: Look) -> Iterator[Finding]:
    """Find payments whose text names another document than the one they pay."""
    for allocation in look.allocations:
        payment = look.payments[allocation.source]
        named = look.named(payment)
        if not named or allocation.target in named:
            continue
        fitting = [
            name
            for name in named
            if (left := look.free(name)) is not None
            and left.currency == allocation.amount.currency
            and left >= allocation.amount
        ]
        facts = (
            look.redo(allocation, fitting[0], allocation.amount)
            if len(fitting) == 1 and allocation.source_amount is None
            else ()
        )
        text = f"payment {payment.id} names {', '.join(named)} and pays {allocation.amount} of {allocation.target}"
        yield Finding(
            "names-another-item",
            payment.id,
            (allocation.target, *named),
            allocation.amount,
            text,
            facts,
        )


def skipped(look: Look) -> Iterator[Finding]:
    """Find payments that name nothing and pay an item while an older one stays open."""
    for allocation in look.allocations:
        payment, paid = look.payments[allocation.source], look.charges[allocation.target]
        due = paid.last_due_date
        if due is None or look.named(payment) or paid.customer != payment.customer:
            continue
        if look.open(allocation.target) is None and paid.amount == allocation.amount:
            continue  # it paid exactly that item: the amount named it
        older = [
            it
            for it in look.by_customer[paid.customer]
            if it.last_due_date is not None
            and it.last_due_date < due
            and it.posting_date <= allocation.posting_date
            and not it.disputed
            and (left := look.free(it.id)) is not None
            and left.currency == allocation.amount.currency
        ]
        if older:
            first = min(older, key=lambda it: (it.last_due_date or date.max, it.id))
            left = look.free(first.id) or allocation.amount
            part = min(left, allocation.amount)
            facts = (
                look.redo(allocation, first.id, part) if allocation.source_amount is None else ()
            )
            text = f"payment {payment.id} names nothing and pays {allocation.amount} of {paid.id} due {due}, while {first.id} due {first.last_due_date} has {left} open"
            yield Finding("older-item-skipped", payment.id, (paid.id, first.id), part, text, facts)


def unrelated(look: Look) -> Iterator[Finding]:
    """Find payments used for a customer without a relation to the payer."""
    for allocation in look.allocations:
        payment, paid = look.payments[allocation.source], look.charges[allocation.target]
        if payment.customer is None or payment.customer == paid.customer:
            continue
        if look.policy.related and _related(look, payment.customer, paid.customer):
            continue
        text = f"payment {payment.id} of customer {payment.customer} pays {allocation.amount} of {paid.id} of customer {paid.customer}, who is not related"
        yield Finding(
            "unrelated-customer",
            payment.id,
            (paid.id,),
            allocation.amount,
            text,
            (look.undo(allocation),),
        )


def _related(look: Look, one: str, other: str) -> bool:
    for here, there in ((one, other), (other, one)):
        master = look.books.customer(here, as_of=look.as_of)
        if master is not None and there in {master.payer, master.head_office}:
            return True
    heads = [look.books.customer(it, as_of=look.as_of) for it in (one, other)]
    offices = [it.head_office for it in heads if it is not None and it.head_office]
    return len(offices) == 2 and offices[0] == offices[1]  # noqa: PLR2004 - two branches of one head office


def crossed(look: Look) -> Iterator[Finding]:
    """Find an item that took more than one payment brought for it while another is short by just that."""
    by_target: dict[str, list[Allocation]] = {}
    for allocation in look.all_allocations:
        by_target.setdefault(allocation.target, []).append(allocation)
    for target, held in sorted(by_target.items()):
        paid = look.charges[target]
        if look.open(target) is not None:
            continue
        for allocation in held:
            if not _beside_another(allocation, held, paid.amount):
                continue
            whole = look.payments[allocation.source]
            short = [
                it
                for it in look.by_customer[paid.customer]
                if it.id != target
                and look.free(it.id) == allocation.amount
                and look.named(whole) != [target]
            ]
            if len(short) == 1 and allocation in look.allocations and whole.amount == paid.amount:
                text = f"{target} is closed by {allocation.amount} of payment {whole.id} beside another, while {short[0].id} is short by the same {allocation.amount}"
                facts = look.redo(allocation, short[0].id, allocation.amount)
                yield Finding(
                    "overpaid-while-short",
                    whole.id,
                    (target, short[0].id),
                    allocation.amount,
                    text,
                    facts,
                )


def _beside_another(allocation: Allocation, held: Sequence[Allocation], whole: Money) -> bool:
    """Tell whether an allocation and another one of the same document together come to all of it."""
    rest = whole - allocation.amount
    return any(it is not allocation and it.amount == rest for it in held)
