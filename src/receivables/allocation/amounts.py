"""Rules that go by the amount: one item, one item after deductions, everything open, or the one set that fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from receivables.allocation.combination import (
    Found,
    accidents_by_size,
    find_combination,
)
from receivables.allocation.deductions import Fit, discounts, fit
from receivables.allocation.pool import Slot, Source
from receivables.allocation.rules import AfterDeductions, ByCombination, ExactAmount, WholeAccount
from receivables.allocation.run import Run
from receivables.rounding import Rounding

ONLY_ONE = Decimal("0.9")
ONE_OF_SEVERAL = Decimal("0.6")
DEDUCTED = Decimal("0.8")
WHOLE = Decimal("0.9")
WITH_REASON = Decimal("0.85")
SEARCHED = Decimal("0.8")
_ORDERS = {"purchase_order", "sales_order", "contract", "project"}
_MOST_WITH_REASON = 2_000  # candidates among which sets with a reason are tried


def exact_amount(run: Run, source: Source, rule: ExactAmount) -> None:
    """Pay the item whose open amount is what was paid; the one due first among several."""
    slots = run.pool(source).with_left(source.left)
    if not slots:
        return
    if len(slots) > 1 and rule.unique:
        run.alternative(source, rule, slots, f"{len(slots)} items have exactly that amount")
        return
    sure = ONLY_ONE if len(slots) == 1 else ONE_OF_SEVERAL
    first, *others = slots
    if not run.sure(source, rule, [first], sure):
        return
    if len(slots) == 1:
        why = f"{first.item.id} is the only item with exactly {source.money(source.left)} open"
    else:
        why = f"{first.item.id} is due first of {len(slots)} items with exactly {source.money(source.left)} open"
        run.alternative(source, rule, others[:5], "the same amount is open, but due later")
    run.settle(source, [first], Fit(), rule, sure, (why,))


def after_deductions(run: Run, source: Source, rule: AfterDeductions) -> None:
    """Pay the one item that fits after a discount, withholding, fee or tolerance; the smallest deduction first."""
    policy, on = run.policy, source.document.posting_date
    tolerant = bool(policy.tolerances or policy.withholdings or policy.fees)
    close: list[tuple[int, int, Slot, Fit]] = []
    for slot in run.pool(source).open():
        if not (tolerant or slot.offers):
            continue
        found = fit(policy, (slot,), source.left, on, source.customer)
        if found is not None and found.cuts:
            close.append((sum(cut.minor for cut in found.cuts), slot.place, slot, found))
    if not close:
        return
    close.sort(key=lambda it: it[:2])
    _, _, slot, found = close[0]
    if not run.sure(source, rule, [slot], DEDUCTED):
        return
    if len(close) > 1:
        run.alternative(
            source, rule, [it[2] for it in close[1:6]], "they fit after a deduction, too"
        )
    run.settle(source, [slot], found, rule, DEDUCTED, (found.why,))


def whole_account(run: Run, source: Source, rule: WholeAccount) -> None:
    """Clear everything open, or past due, or the oldest group of it, when it comes to exactly what was paid."""
    slots = run.pool(source).open()
    if rule.past_due:
        slots = [slot for slot in slots if _past_due(slot)]
    if not slots:
        return
    if rule.by is not None:
        groups: dict[str, list[Slot]] = {}
        for slot in slots:
            groups.setdefault(_group(slot, rule.by), []).append(slot)
        candidates = list(groups.values())  # in order of their oldest item
    else:
        candidates = [slots]
    what = "everything past due" if rule.past_due else "everything open"
    for chosen in candidates:
        for memos in _with_and_without_credits(run, source):
            have = source.left + sum(it.left for it in memos)
            on = source.document.posting_date
            found = fit(run.policy, chosen, have, on, source.customer, cash=source.left)
            sure = WHOLE if found is None or not found.cuts else WITH_REASON
            if found is None or not run.sure(source, rule, chosen, sure):
                continue
            why = f"{what}{f' of one {rule.by}' if rule.by else ''}, {len(chosen)} items"
            used = (
                f"with credits {', '.join(it.id for it in memos)}" if memos else "no credits used"
            )
            run.settle(source, chosen, found, rule, sure, (why, used, found.why), memos)
            return


def _with_and_without_credits(run: Run, source: Source) -> list[list[Source]]:
    memos = run.open_credits(source)
    return [memos, []] if memos else [[]]


def _past_due(slot: Slot) -> bool:
    item = slot.item
    return item.due_date is not None and item.due_date < item.as_of


def _group(slot: Slot, by: str) -> str:
    if by == "terms":
        return str(slot.charge.terms)
    return slot.item.attribute(by) or ""


def combination(run: Run, source: Source, rule: ByCombination) -> None:
    """Pay the set of items with a reason that fits, or the one small set that fits."""
    slots = run.pool(source).open()
    memos = run.open_credits(source)
    if _with_reason(run, source, rule, slots):
        return
    cuts = discounts(run.policy.discounts, slots, source.document.posting_date)
    less = {cut.slot.place: cut.minor for cut in cuts if cut.slot is not None}
    if not memos:  # an amount above what was paid is in no set
        slots = [it for it in slots if it.left - less.get(it.place, 0) <= source.left]
    count = len(slots) + len(memos)
    if count < 2:  # noqa: PLR2004 - a set has two items
        return
    if count > rule.candidates:
        run.note(
            source,
            rule,
            f"not searched: {count} items, of which any amount is a sum; at most {rule.candidates}",
        )
        return
    _search(run, source, rule, slots, memos, [it.left - less.get(it.place, 0) for it in slots])


def _with_reason(run: Run, source: Source, rule: ByCombination, slots: list[Slot]) -> bool:
    if len(slots) > _MOST_WITH_REASON:
        run.note(
            source,
            rule,
            f"{len(slots)} items: sets with a reason are tried among {_MOST_WITH_REASON} at most",
        )
        return False
    fitting: dict[tuple[int, ...], tuple[str, list[Slot], Fit]] = {}
    for why, chosen in _reasons(slots, source.left):
        found = fit(run.policy, chosen, source.left, source.document.posting_date, source.customer)
        if found is not None:
            key = tuple(slot.place for slot in chosen)
            fitting.setdefault(key, (why, chosen, found))
    if not fitting:
        return False
    first, *others = fitting.values()
    for why, chosen, _ in others[:5]:
        run.alternative(source, rule, chosen, f"{why}: that comes to it, too")
    why, chosen, found = first
    if run.sure(source, rule, chosen, WITH_REASON):
        run.settle(source, chosen, found, rule, WITH_REASON, (why, found.why))
    return True


def _reasons(slots: list[Slot], have: int) -> Iterator[tuple[str, list[Slot]]]:
    """Yield the sets of two and more items that somebody may mean to pay."""
    due = [slot for slot in slots if _past_due(slot)]
    if len(due) > 1:
        yield "everything past due", due
    yield from _oldest(slots, have)
    for (name, of), chosen in _groups(slots).items():
        if 1 < len(chosen) < len(slots):
            text = of if isinstance(of, str) else f"{of[0]}-{of[1]:02}"
            yield f"everything of {name.replace('_', ' ')} {text}", chosen
    excess = sum(slot.left for slot in slots) - have
    for slot in slots:
        if len(slots) > 2 and slot.left == excess:  # noqa: PLR2004 - two must remain
            yield f"all but {slot.item.id}", [it for it in slots if it is not slot]


def _oldest(slots: list[Slot], have: int) -> Iterator[tuple[str, list[Slot]]]:
    """Yield the oldest so many, from where the money is used up until it is far from enough."""
    reached = 0
    for count, slot in enumerate(slots, start=1):
        reached += slot.left
        if count > 1 and reached >= have:
            yield f"the oldest {count} items", slots[:count]
            if reached > have + have // 2:
                return


def _groups(slots: list[Slot]) -> dict[tuple[str, str | tuple[int, int]], list[Slot]]:
    """Group items by month, reference and order."""
    groups: dict[tuple[str, str | tuple[int, int]], list[Slot]] = {}
    for slot in slots:
        document, day = slot.charge, slot.item.document_date
        groups.setdefault(("month", (day.year, day.month)), []).append(slot)
        if document.reference:
            groups.setdefault(("reference", document.reference), []).append(slot)
        for name, text in document.attributes:
            if name in _ORDERS:
                groups.setdefault((name, text), []).append(slot)
    return groups


def _search(
    run: Run,
    source: Source,
    rule: ByCombination,
    slots: list[Slot],
    memos: list[Source],
    less: list[int],
) -> None:
    """Search small sets, in full and each less its discount; take the one that fits, and report when there are two."""
    credits_ = [-it.left for it in memos]
    full = [slot.left for slot in slots]
    size = meaningful_size(rule, [*full, *credits_], source.left)
    if size < 2:  # noqa: PLR2004 - a set has two items
        text = f"not searched: among {len(full) + len(memos)} such amounts even pairs fit by chance"
        run.note(source, rule, text)
        return
    searched = [
        find_combination([*amounts, *credits_], source.left, most_items=size, work=rule.work)
        for amounts in ([full] if less == full else [full, less])
    ]
    sets = sorted({chosen for found in searched for chosen in found.sets})
    if len(sets) > 1:
        for chosen in sets[:2]:
            why = "two sets come to exactly that amount"
            run.alternative(source, rule, _charges(slots, chosen), why)
        run.note(source, rule, "ambiguous: two sets come to exactly that amount")
    elif sets:
        [found] = [it for it in searched if it.sets][:1]
        counted = "" if less == full else ", in full or each less its discount"
        _take(run, source, rule, slots, memos, found, [*full, *credits_], counted)
    elif searched[0].status == "stopped at the bound":
        text = f"stopped at the bound: sets of up to {searched[0].largest} of {len(full) + len(memos)} items tried, {sum(it.work for it in searched):,} sums"
        run.note(source, rule, text)


def meaningful_size(rule: ByCombination, amounts: Sequence[int], target: int) -> int:
    """Return the largest set worth searching: up to there, chance matches stay under the rule's limit."""
    count = len(amounts)
    if count <= rule.always:
        return count
    most = min(rule.most_items, count)
    expected = accidents_by_size(amounts, target, most)
    return max((size for size in range(most + 1) if expected[size] < rule.accidents), default=0)


def _charges(slots: Sequence[Slot], chosen: Sequence[int]) -> list[Slot]:
    return [slots[index] for index in chosen if index < len(slots)]


def _take(
    run: Run,
    source: Source,
    rule: ByCombination,
    slots: list[Slot],
    memos: list[Source],
    found: Found,
    signed: list[int],
    counted: str,
) -> None:
    """Settle the one set that was found, and say how it was searched."""
    [chosen] = found.sets
    items = _charges(slots, chosen)
    used = [memos[index - len(slots)] for index in chosen if index >= len(slots)]
    expected = accidents_by_size(signed, source.left, found.largest)[-1]
    chance = min(Rounding.HALF_UP.apply(expected, 4), Decimal("0.5"))
    sure = (SEARCHED * (1 - chance)).quantize(Decimal("0.01"))
    have = source.left + sum(it.left for it in used)
    on = source.document.posting_date
    settled = fit(run.policy, items, have, on, source.customer, cash=source.left)
    if settled is None or not run.sure(source, rule, items, sure):
        return
    names = ", ".join([*(slot.item.id for slot in items), *(f"credit {it.id}" for it in used)])
    searched = "the only set" if found.status == "unique" else "the only set found before the bound"
    why = f"{names}: {searched} of up to {found.largest} of {len(signed)} items that comes to it{counted}"
    run.settle(
        source,
        items,
        settled,
        rule,
        sure,
        (why, f"{chance:.4f} such sets are expected by chance"),
        used,
    )
