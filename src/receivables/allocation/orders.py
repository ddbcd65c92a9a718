"""Rules that need no evidence: in an order, in proportion, credits first, nearest sum, equal totals, same keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from receivables.allocation.deductions import Fit, fit
from receivables.allocation.nearest import nearest_sum
from receivables.allocation.pool import Slot, Source
from receivables.allocation.rules import (
    CreditsFirst,
    EqualTotals,
    InOrder,
    NearestSum,
    Proportional,
    SameKeys,
)
from receivables.allocation.run import Run, is_money
from receivables.facts import CreditMemo, Payment
from receivables.rounding import largest_remainder

BY_ORDER = Decimal("0.5")
BY_TOTAL = Decimal("0.9")
BY_KEY = Decimal("0.95")
_WORDS = {
    "due": "oldest due date first",
    "document": "oldest document first",
    "newest": "newest document first",
    "interest": "highest interest first",
}


def in_order(run: Run, source: Source, rule: InOrder) -> None:
    """Fill one item after the other until the money is used up."""
    slots = run.pool(source).first(source.left, rule.order)
    if not slots or not run.sure(source, rule, slots, BY_ORDER):
        return
    if rule.whole:
        _together(run, source, rule, slots)
        return
    for slot in slots:
        if slot.left > source.left and not run.policy.partial:
            run.note(source, rule, f"{slot.item.id} would be paid in part, and parts are not paid")
            break
        run.pay(source, slot, min(slot.left, source.left), rule, BY_ORDER, (_WORDS[rule.order],))


def _together(run: Run, source: Source, rule: InOrder, slots: Sequence[Slot]) -> None:
    """Settle all the items that the money reaches, or none of them."""
    have = min(source.left, sum(slot.left for slot in slots))
    found = fit(run.policy, slots, have, source.document.posting_date, source.customer)
    if found is None:
        names = ", ".join(slot.item.id for slot in slots)
        run.note(source, rule, f"the money does not settle {names}, and parts are not paid")
        return
    why = f"{_WORDS[rule.order]}, {len(slots)} items together"
    run.settle(source, slots, found, rule, BY_ORDER, (why, found.why))


def proportional(run: Run, source: Source, rule: Proportional) -> None:
    """Spread the money over everything open in proportion, by largest remainder."""
    slots = run.pool(source).open()
    if not slots or not run.sure(source, rule, slots, BY_ORDER):
        return
    weights = [slot.left for slot in slots]
    parts = largest_remainder(min(source.left, sum(weights)), weights)
    why = (f"in proportion to {len(slots)} open items",)
    for slot, part in zip(slots, parts, strict=True):
        if part:
            run.pay(source, slot, part, rule, BY_ORDER, why)


def credits_first(run: Run, rule: CreditsFirst) -> None:
    """Use open credit memos against the oldest items of their customers."""
    offered = [it for it in run.sources if not is_money(it) and not it.settled]
    listed = [it for group in sorted(run.credits) for it in run.credits[group]]
    for credit in (*offered, *(it for it in listed if it not in offered)):
        for slot in run.pool(credit).first(credit.left, "due"):
            if credit.left:
                run.pay(
                    credit,
                    slot,
                    min(slot.left, credit.left),
                    rule,
                    BY_ORDER,
                    ("credits are used before money",),
                )


def nearest(run: Run, source: Source, rule: NearestSum) -> None:
    """Pay the set, credits among it, that dropping the latest items brings nearest to the amount."""
    slots, memos = run.pool(source).open(), run.open_credits(source)
    if not slots:
        return
    lines: list[tuple[date, str, int, Slot | Source]] = [
        *((it.item.due_date or date.max, it.item.id, it.left, it) for it in slots),
        *((_due(it.document), it.id, -it.left, it) for it in memos),
    ]
    lines.sort(key=lambda line: line[:2])
    best = nearest_sum([line[2] for line in lines], source.left)
    held = [lines[index][3] for index in best.positions]
    chosen = [it for it in held if isinstance(it, Slot)]
    funds = [it for it in held if isinstance(it, Source)]
    why = f"dropping the items due last, {len(held)} come nearest: {source.money(best.remaining)} apart"
    if not chosen or not run.sure(source, rule, chosen, BY_ORDER):
        return
    for slot in chosen:
        for fund in (*funds, source):
            if part := min(slot.left, fund.left):
                run.pay(fund, slot, part, rule, BY_ORDER, (why,))


def _due(credit: Payment | CreditMemo) -> date:
    due = None if isinstance(credit, Payment) else credit.due_date
    return due or credit.posting_date


def equal_totals(run: Run, rule: EqualTotals) -> None:
    """Settle customers whose money and credits together equal all they have open."""
    groups: dict[tuple[str, str], list[Source]] = {}
    for source in run.sources:
        if source.left and not source.settled and source.customer is not None:
            groups.setdefault((source.customer, source.currency), []).append(source)
    for sources in groups.values():
        slots = run.pool(sources[0]).open()
        total = sum(it.left for it in sources)
        if (
            slots
            and total == sum(slot.left for slot in slots)
            and run.sure(sources[0], rule, slots, BY_TOTAL)
        ):
            why = f"{len(sources)} payments together equal all {len(slots)} items open"
            _net(run, rule, sources, slots, why, BY_TOTAL)


def same_keys(run: Run, rule: SameKeys) -> None:
    """Clear groups that agree in the rule's attributes and come to zero, or nearly so within the tolerances."""
    groups: dict[tuple[str, ...], tuple[list[Source], list[Slot]]] = {}
    listed = [it for group in sorted(run.credits) for it in run.credits[group]]
    for source in (*run.sources, *(it for it in listed if it not in run.sources)):
        key = _key(source, rule)
        if source.left and not source.settled and key is not None:
            groups.setdefault(key, ([], []))[0].append(source)
    for slot in run.slots:
        values = [slot.item.attribute(name) for name in rule.by]
        key = (slot.item.customer or "", slot.item.currency, *(it or "" for it in values))
        if slot.left and all(values) and key in groups:
            groups[key][1].append(slot)
    for sources, slots in groups.values():
        total = sum(it.left for it in sources)
        found: Fit | None = Fit() if slots and total == sum(slot.left for slot in slots) else None
        if found is None and rule.tolerance and slots:
            last = sources[-1]
            on = last.document.posting_date
            found = fit(run.policy, slots, total, on, last.customer, cash=last.left)
        if found is not None and run.sure(sources[0], rule, slots, BY_KEY):
            why = (
                f"{', '.join(rule.by)} agree in {len(sources) + len(slots)} items that come to zero"
            )
            run.settle(sources[-1], slots, found, rule, BY_KEY, (why, found.why), sources[:-1])
            for source in sources:
                source.settled = rule.name


def _key(source: Source, rule: SameKeys) -> tuple[str, ...] | None:
    document = source.document
    values = [
        document.reference if name == "reference" else dict(document.attributes).get(name)
        for name in rule.by
    ]
    if source.customer is None or not all(values):
        return None
    return (source.customer, source.currency, *(it or "" for it in values))


def _net(
    run: Run,
    rule: EqualTotals,
    sources: Sequence[Source],
    slots: Sequence[Slot],
    why: str,
    sure: Decimal,
) -> None:
    run.settle(sources[-1], slots, Fit(), rule, sure, (why,), sources[:-1])
    for source in sources:
        source.settled = rule.name
