"""What a run is given, sorted into money, items and credits; everything in an order that does not depend on the input's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from receivables.allocation.narrate import blocks
from receivables.allocation.policy import AllocationPolicy
from receivables.allocation.pool import Slot, Source, age_key
from receivables.errors import ConflictingFact, MixedDates, WrongKind
from receivables.facts import CHARGES, CREDITS, CreditMemo, Payment
from receivables.objects_only import refuse_frame
from receivables.open_items import OpenItem

PAYER_ATTRIBUTES = ("payer_account", "payer_tax_id", "payer_name", "payer_id")


@dataclass(slots=True)
class Intake:
    """What a run starts from.

    Args:
        as_of: The day of the items.
        items: Every item, oldest due first.
        sources: Money and credits that may be used, oldest first.
        slots: Charges that may be paid.
        credits: Open credit memos among the items that were not given as payments, by customer and currency.
        relatives: Customers whose items a payer may settle.
        taken_ids: Ids of facts that the items rest on.
        aside: Payments that stay as they are, each with why.
        aside_sources: Those payments.
    """

    as_of: date
    items: tuple[OpenItem, ...]
    sources: list[Source] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    credits: dict[tuple[str, str], list[Source]] = field(default_factory=dict)
    relatives: dict[str, list[str]] = field(default_factory=dict)
    taken_ids: set[str] = field(default_factory=set)
    aside: dict[str, str] = field(default_factory=dict)
    aside_sources: list[Source] = field(default_factory=list)

    def offered(self, used: Mapping[tuple[str, str], list[Source]]) -> tuple[Source, ...]:
        """Return what was offered; of the credits among the items, those that were used."""
        memos = [
            it for group in sorted(used) for it in used[group] if it.left + it.later != it.have
        ]
        return (*self.sources, *self.aside_sources, *memos)


def sources_and_slots(
    payments: Iterable[Payment | CreditMemo | OpenItem],
    items: Iterable[OpenItem],
    policy: AllocationPolicy,
    payers: Mapping[str, str],
    as_of: date | None,
) -> Intake:
    """Sort what was given; see `propose_allocations` for what is refused."""
    refuse_frame(payments, "payments", "allocate_oldest_first")
    refuse_frame(items, "items", "allocate_oldest_first")
    listed = _once(items)
    given = list(payments)
    held = Intake(_day(listed, given, as_of), tuple(listed))
    open_credits = {it.document.id: it for it in listed if it.is_credit}
    asked = _sources(given, open_credits, {**_known_payers(listed), **payers})
    if policy.newest_first:
        asked.sort(key=lambda it: (-it.document.posting_date.toordinal(), it.id))
    for source in asked:
        if (
            isinstance(source.document, Payment)
            and source.document.on_account
            and not policy.on_account
        ):
            held.aside[source.id] = "the payer chose to leave it on account"
            held.aside_sources.append(source)
        else:
            held.sources.append(source)
    names = {it.id for it in asked}
    for place, item in enumerate(listed):
        if uses := item.effects or item.movements:
            held.taken_ids.update(it.use.id for it in uses)
        document = item.document
        if isinstance(document, CHARGES):
            if _may_be_paid(item, policy):
                held.slots.append(Slot(item, document, place, item.free_amount))
        elif policy.credits:
            _hold_credit(held, item, names)
    if policy.related:
        _relate(held, listed)
    return held


def _hold_credit(held: Intake, item: OpenItem, names: set[str]) -> None:
    document = item.document
    if document.id in names or not isinstance(document, CreditMemo):
        return
    group = document.customer, item.currency
    held.credits.setdefault(group, []).append(_source(document, item))


def _once(items: Iterable[OpenItem]) -> list[OpenItem]:
    by_id: dict[str, OpenItem] = {}
    for item in items:
        if not isinstance(item, OpenItem):
            msg = f"{getattr(item, 'id', item)!r} given as an item is a {type(item).__name__}; give what open_items returned"
            raise WrongKind(msg)
        known = by_id.setdefault(item.id, item)
        if known is not item and known != item:
            msg = f"item {item.id} is given twice with different contents; give each item once"
            raise ConflictingFact(msg)
    return sorted(by_id.values(), key=age_key)


def _day(
    items: list[OpenItem], payments: list[Payment | CreditMemo | OpenItem], as_of: date | None
) -> date:
    days = {it.as_of for it in items} | {it.as_of for it in payments if isinstance(it, OpenItem)}
    if as_of is not None:
        days.add(as_of)
    if len(days) != 1:
        listed = " and ".join(map(str, sorted(days))) or "no date"
        msg = f"the items are as of {listed}; give items of one as-of date, or as_of when there are none"
        raise MixedDates(msg)
    return days.pop()


def _sources(
    given: list[Payment | CreditMemo | OpenItem],
    open_credits: Mapping[str, OpenItem],
    payers: Mapping[str, str],
) -> list[Source]:
    found: dict[str, Source] = {}
    for it in given:
        document = it.document if isinstance(it, OpenItem) else it
        if not isinstance(document, CREDITS):
            msg = f"{getattr(document, 'id', document)!r} given as a payment is a {type(document).__name__}; give payments and credit memos"
            raise WrongKind(msg)
        listed = it if isinstance(it, OpenItem) else open_credits.get(document.id)
        if document.id in found:
            if found[document.id].document != document:
                msg = f"payment {document.id} is given twice with different contents; give each payment once"
                raise ConflictingFact(msg)
            continue
        source = _source(document, listed)
        if source.customer is None and payers:
            _recognise(source, payers)
        found[document.id] = source
    return sorted(found.values(), key=lambda it: (it.document.posting_date, it.id))


def _source(document: Payment | CreditMemo, listed: OpenItem | None) -> Source:
    """Return what is free of a document; of one that is no open item, all of it."""
    if listed is None:
        whole, known = document.amount.minor, document.recorded_at
        return Source(document.id, document, document.customer, whole, whole, known=known)
    have, free = -listed.open_amount.minor, -listed.free_amount.minor
    return Source(
        *(document.id, document, document.customer, have, free),
        later=have - free,
        known=listed.known_from,
    )


def _recognise(source: Source, payers: Mapping[str, str]) -> None:
    for name, text in source.document.attributes:
        if name in PAYER_ATTRIBUTES and text in payers:
            source.customer = payers[text]
            source.payer = f"{name.replace('_', ' ')} {text} is known to be {source.customer}"
            return


def _known_payers(items: list[OpenItem]) -> dict[str, str]:
    """Return the tax ids that customers' master facts give, each with its customer, where only one has it."""
    owners: dict[str, set[str]] = {}
    for item in items:
        if item.master is not None and item.master.tax_id and item.customer is not None:
            owners.setdefault(item.master.tax_id, set()).add(item.customer)
    return {text: next(iter(names)) for text, names in owners.items() if len(names) == 1}


def _may_be_paid(item: OpenItem, policy: AllocationPolicy) -> bool:
    if item.disputed and not policy.disputed:
        return False
    if not item.document.attributes and item.master is None:
        return True
    return not any(blocks(item.attribute(name)) for name in policy.blocked_by)


def _relate(held: Intake, items: list[OpenItem]) -> None:
    """Note whose items a payer may settle: those of the customers that name it as payer or head office."""
    for item in items:
        master = item.master
        if master is None or item.customer is None:
            continue
        for other in (master.payer, master.head_office):
            if other is not None and other != item.customer:
                known = held.relatives.setdefault(other, [])
                if item.customer not in known:
                    known.append(item.customer)
    for names in held.relatives.values():
        names.sort()
