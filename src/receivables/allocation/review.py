"""Looking back at cash already applied: what was misapplied, what waits too long, and the facts that would correct it.

A review proposes, it posts nothing. A finding's facts are a reversal of what was wrong and, where it is plain, what should
stand instead; they are checked by the subledger like any others when they are posted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

from receivables.allocation.policy import AllocationPolicy
from receivables.allocation.pool import Slot
from receivables.allocation.references import References
from receivables.errors import NoSuchChoice
from receivables.explain import Explanation
from receivables.facts import CHARGES, Allocation, Charge, Fact, Payment, Refund, Reversal
from receivables.facts.wording import counted
from receivables.money import Money
from receivables.open_items import OpenItem
from receivables.subledger import Subledger

FindingKind = Literal[
    "names-another-item",
    "older-item-skipped",
    "duplicate-payment",
    "unrelated-customer",
    "overpaid-while-short",
    "stale-cash",
]
_KINDS: tuple[FindingKind, ...] = (
    *("names-another-item", "older-item-skipped", "duplicate-payment"),
    *("unrelated-customer", "overpaid-while-short", "stale-cash"),
)
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that looks misapplied or forgotten.

    Args:
        kind: What it is, a stable name.
        payment: Id of the payment or credit memo.
        items: Ids of the documents it is about.
        amount: How much is at stake.
        text: One sentence: what happened and why that looks wrong.
        facts: What would correct it; empty where a person must ask first.
    """

    kind: FindingKind
    payment: str
    items: tuple[str, ...]
    amount: Money
    text: str
    facts: tuple[Fact, ...] = ()

    def explain(self) -> Explanation:
        """Return the finding, and what would correct it."""
        parts = tuple(Explanation(f"to correct it: {fact!r}") for fact in self.facts)
        return Explanation(self.text, self.amount.amount, self.amount.currency, parts)

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"


@dataclass(frozen=True, slots=True)
class AllocationReview:
    """What a review found.

    Args:
        as_of: The day it looked at.
        findings: By kind, payment and item.
    """

    as_of: date
    findings: tuple[Finding, ...]

    def of(self, kind: FindingKind) -> tuple[Finding, ...]:
        """Return the findings of one kind.

        Raises:
            NoSuchChoice: When there is no such kind.
        """
        if kind not in _KINDS:
            msg = f"no kind of finding {kind!r}; it must be one of {', '.join(_KINDS)}"
            raise NoSuchChoice(msg)
        return tuple(it for it in self.findings if it.kind == kind)

    def __str__(self) -> str:
        count = counted(len(self.findings), "finding")
        return "\n  ".join([f"{count} as of {self.as_of}", *map(str, self.findings)])


def review_allocations(
    books: Subledger,
    *,
    as_of: date,
    since: date | None = None,
    policy: AllocationPolicy | None = None,
    stale_days: int = 30,
    duplicate_days: int = 10,
) -> AllocationReview:
    """Find misapplied and forgotten cash.

    `names-another-item`: the payment's text names a document in full that it does not pay, and that had the money's amount
    open. `older-item-skipped`: a payment that names nothing paid an item while an older one of the same customer stayed
    open. `duplicate-payment`: the same customer, amount and text twice within `duplicate_days`. `unrelated-customer`: paid
    for a customer without a relation to the payer. `overpaid-while-short`: one item took more than the payment named for it
    while another is short by the same amount. `stale-cash`: money waiting longer than `stale_days`.

    Args:
        books: The subledger.
        as_of: The day looked at; facts posted later do not count.
        since: Look only at allocations posted on this day or later.
        policy: Which attributes hold text, and whether relations count; the default policy when not given.
        stale_days: Days after which waiting money is stale.
        duplicate_days: Days between two payments that may be one.
    """
    look = _Look(books, as_of, since, policy or AllocationPolicy())
    found = [
        *_misnamed(look),
        *_skipped(look),
        *_duplicates(look, duplicate_days),
        *_unrelated(look),
        *_crossed(look),
        *_stale(look, stale_days),
    ]
    found.sort(key=lambda it: (_KINDS.index(it.kind), it.payment, it.items))
    return AllocationReview(as_of, tuple(found))


class _Look:
    """The facts a review looks at."""

    def __init__(
        self, books: Subledger, as_of: date, since: date | None, policy: AllocationPolicy
    ) -> None:
        self.books, self.as_of, self.policy = books, as_of, policy
        facts = [it for it in books.facts if it.posting_date <= as_of]
        ended = {it.of for it in facts if isinstance(it, Reversal)}
        alive = [it for it in facts if it.id not in ended]
        self.charges: dict[str, Charge] = {it.id: it for it in alive if isinstance(it, CHARGES)}
        self.payments = {it.id: it for it in alive if isinstance(it, Payment)}
        every = [it for it in alive if isinstance(it, Allocation)]
        self.all_allocations = [
            it for it in every if it.target in self.charges and it.source in self.payments
        ]
        self.allocations = [
            it for it in self.all_allocations if since is None or it.posting_date >= since
        ]
        self.items = books.open_items(as_of=as_of)
        self.open: dict[str, Money] = {}
        for item in self.items:
            known = self.open.get(item.document.id)
            self.open[item.document.id] = (
                item.open_amount if known is None else known + item.open_amount
            )
        self._names: dict[str, References] = {}
        self.by_customer: dict[str, list[Charge]] = {}
        for charge in self.charges.values():
            self.by_customer.setdefault(charge.customer, []).append(charge)

    def text(self, payment: Payment) -> str:
        held = [text for name, text in payment.attributes if name in self.policy.texts]
        return "\n".join([payment.reference, *held] if payment.reference else held)

    def named(self, payment: Payment) -> list[str]:
        """Return the documents of its customer that a payment's text names in full, paid or not."""
        if payment.customer is None or not self.text(payment):
            return []
        known = self._names.get(payment.customer)
        if known is None:
            slots = [
                Slot(
                    OpenItem(it.id, it, self.as_of, it.last_due_date, it.amount, it.amount),
                    place,
                    it.amount,
                )
                for place, it in enumerate(self.by_customer.get(payment.customer, ()))
            ]
            known = self._names[payment.customer] = References.of(slots, _DIGITS, self.policy.keys)
        return [it.slot.item.id for it in known.find(self.text(payment)) if it.full]

    def left(self, document: str) -> Money | None:
        """Return what is open of a document."""
        return self.open.get(document)

    def undo(self, allocation: Allocation) -> Reversal:
        return Reversal(
            id=f"{allocation.id}:undone",
            of=allocation.id,
            posting_date=self.as_of,
            reason="misapplied",
        )

    def redo(self, allocation: Allocation, target: str, amount: Money) -> tuple[Fact, ...]:
        """Return the facts that move a part of an allocation to another document."""
        fresh = [
            Allocation(
                id=f"{allocation.source}>{target}:moved",
                source=allocation.source,
                target=target,
                amount=amount,
                posting_date=self.as_of,
            )
        ]
        if allocation.amount > amount:
            rest = allocation.amount - amount
            fresh.append(
                Allocation(
                    id=f"{allocation.source}>{allocation.target}:kept",
                    source=allocation.source,
                    target=allocation.target,
                    amount=rest,
                    instalment=allocation.instalment,
                    posting_date=self.as_of,
                )
            )
        return (self.undo(allocation), *fresh)


def _misnamed(look: _Look) -> Iterator[Finding]:
    for allocation in look.allocations:
        payment = look.payments[allocation.source]
        named = look.named(payment)
        if not named or allocation.target in named:
            continue
        open_ones = [name for name in named if (it := look.left(name)) and it.amount > 0]
        fitting = [
            name
            for name in open_ones
            if (left := look.left(name)) is not None
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


def _skipped(look: _Look) -> Iterator[Finding]:
    for allocation in look.allocations:
        payment, paid = look.payments[allocation.source], look.charges[allocation.target]
        due = paid.last_due_date
        if due is None or look.named(payment) or paid.customer != payment.customer:
            continue
        if look.left(allocation.target) is None and paid.amount == allocation.amount:
            continue  # it paid exactly that item: the amount named it
        older = [
            it
            for it in look.by_customer[paid.customer]
            if it.last_due_date is not None
            and it.last_due_date < due
            and it.posting_date <= allocation.posting_date
            and not it.disputed
            and (left := look.left(it.id)) is not None
            and left.currency == allocation.amount.currency
        ]
        if older:
            first = min(older, key=lambda it: (it.last_due_date or date.max, it.id))
            left = look.open[first.id]
            part = min(left, allocation.amount)
            facts = (
                look.redo(allocation, first.id, part) if allocation.source_amount is None else ()
            )
            text = f"payment {payment.id} names nothing and pays {allocation.amount} of {paid.id} due {due}, while {first.id} due {first.last_due_date} has {left} open"
            yield Finding("older-item-skipped", payment.id, (paid.id, first.id), part, text, facts)


def _duplicates(look: _Look, within: int) -> Iterator[Finding]:
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
            left = look.left(second.id)
            facts = (
                (
                    Refund(
                        id=f"{second.id}:refund",
                        source=second.id,
                        amount=second.amount,
                        posting_date=look.as_of,
                    ),
                )
                if left is not None and -left == second.amount
                else ()
            )
            text = f"payment {second.id} of {second.amount} repeats {first.id} of customer {first.customer} {days} days later{f' with the text {second.reference!r}' if second.reference else ''}"
            yield Finding("duplicate-payment", second.id, (first.id,), second.amount, text, facts)


def _unrelated(look: _Look) -> Iterator[Finding]:
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


def _related(look: _Look, one: str, other: str) -> bool:
    for here, there in ((one, other), (other, one)):
        master = look.books.customer(here, as_of=look.as_of)
        if master is not None and there in {master.payer, master.head_office}:
            return True
    heads = [look.books.customer(it, as_of=look.as_of) for it in (one, other)]
    offices = [it.head_office for it in heads if it is not None and it.head_office]
    return len(offices) == 2 and offices[0] == offices[1]  # noqa: PLR2004 - two branches of one head office


def _crossed(look: _Look) -> Iterator[Finding]:
    """Find an item that took more than one payment brought for it while another is short by just that."""
    by_target: dict[str, list[Allocation]] = {}
    for allocation in look.all_allocations:
        by_target.setdefault(allocation.target, []).append(allocation)
    for target, held in sorted(by_target.items()):
        paid = look.charges[target]
        if len(held) < 2 or look.left(target) is not None:  # noqa: PLR2004 - one payment cannot be too much
            continue
        for allocation in held:
            others = [
                it
                for it in held
                if it is not allocation and it.amount == paid.amount - allocation.amount
            ]
            whole = look.payments[allocation.source]
            short = [
                it
                for it in look.by_customer[paid.customer]
                if it.id != target
                and look.left(it.id) == allocation.amount
                and look.named(whole) != [target]
            ]
            if (
                others
                and len(short) == 1
                and allocation in look.allocations
                and whole.amount == paid.amount
            ):
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


def _stale(look: _Look, days: int) -> Iterator[Finding]:
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


def facts_of(findings: Iterable[Finding]) -> tuple[Fact, ...]:
    """Return what would correct some findings, each fact once."""
    return tuple({fact.id: fact for it in findings for fact in it.facts}.values())
