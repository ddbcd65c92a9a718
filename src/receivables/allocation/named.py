"""Rules that go by what the payer said: remittance advice, and documents named in the payment's text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from receivables.allocation.advice import AdviceLine
from receivables.allocation.convert import pay_across
from receivables.allocation.deductions import Cut, discounts, fit, tolerated
from receivables.allocation.policy import Discounts
from receivables.allocation.pool import Slot, Source
from receivables.allocation.references import Mention, names, runs
from receivables.allocation.rules import ByAdvice, ByReference
from receivables.allocation.run import Run

ADVISED = Decimal("0.99")
NAMED = Decimal("0.99")
NUMBERED = Decimal("0.95")
NAMED_PART = Decimal("0.85")
NUMBERED_PART = Decimal("0.75")
SIMILAR = Decimal("0.7")


def by_advice(run: Run, source: Source, rule: ByAdvice) -> None:
    """Follow the payer's lines: each pays what it says, at most what is open."""
    advice = run.advice.get(source.id)
    if advice is None:
        return
    read = [(line, _advised(run, source, line)) for line in advice.lines]
    budgets = _credits_named(run, source, [line for line, slots in read if not slots])
    for line, slots in read:
        if slots:
            _follow(run, source, rule, line, slots, budgets)
        elif not any(_says(line, credit) for credit, _ in budgets):
            text = f"the advice names {line.reference}, which is no open item of the payer"
            run.note(source, rule, text)
    if any(slots for _, slots in read) and not run.policy.spread:
        source.settled = rule.name


def _advised(run: Run, source: Source, line: AdviceLine) -> list[Slot]:
    """Return the items a line names: one document, of which an instalment with the line's amount comes first."""
    references = run.references(source.customer, source.currency, 4)
    mentions = references.find(line.reference)
    if line.amount is not None and line.amount.currency != source.currency:
        return []
    full = [it.slot for it in mentions if it.full] or [it.slot for it in mentions]
    documents = {slot.charge.id for slot in full}
    if len(documents) != 1:
        exact = [it for it in full if line.reference in {it.item.id, it.item.reference}]
        if len({slot.charge.id for slot in exact}) != 1:
            return []
        full = exact
    wanted = None if line.amount is None else line.amount.minor
    return sorted(full, key=lambda slot: (slot.left != wanted, slot.place))


def _credits_named(
    run: Run, source: Source, lines: Sequence[AdviceLine]
) -> list[tuple[Source, int]]:
    """Return the credit memos that lines name, each with what may be used of it."""
    found = []
    for credit in run.open_credits(source):
        said = [it.amount for it in lines if _says(it, credit)]
        if said:
            wanted = sum(credit.left if it is None else abs(it.minor) for it in said)
            found.append((credit, credit.left - min(wanted, credit.left)))
    return found


def _says(line: AdviceLine, credit: Source) -> bool:
    return runs(line.reference) in (runs(credit.id), runs(credit.document.reference or ""))


def _follow(
    run: Run,
    source: Source,
    rule: ByAdvice,
    line: AdviceLine,
    slots: Sequence[Slot],
    budgets: Sequence[tuple[Source, int]],
) -> None:
    """Pay what a line says of a document, instalment by instalment, credits first; what it keeps back is off the first."""
    first = slots[0]
    discount = _advised_discount(run.policy.discounts, line, first, source.document.posting_date)
    kept = discount.minor if discount else 0
    wanted = sum(slot.left for slot in slots) - kept if line.amount is None else line.amount.minor
    evidence = (f"the advice pays {line.amount or 'all'} of {line.reference}",)
    for slot in slots:
        room = slot.left - (kept if slot is first else 0)
        for fund, rest in (*budgets, (source, 0)):
            part = min(wanted, room, fund.left - rest)
            if part > 0:
                run.pay(fund, slot, part, rule, ADVISED, evidence)
                wanted -= part
                room -= part
    residual = run.policy.short == "residual"
    if discount is not None:
        run.cut(source, discount)
    elif line.discount and not residual:
        why = f"the advice takes {line.discount} of discount off {line.reference}, which is not earned"
        run.claim(source, first, line.discount, "unearned discount", why)
    if line.deduction and not residual:
        reason = line.reason or "no reason given"
        why = f"the advice deducts {line.deduction} from {line.reference}: {reason}"
        run.claim(source, first, line.deduction, reason, why)
    elif first.left and line.amount is not None and len(slots) == 1:
        _clear_rest(run, source, first, line)


def _clear_rest(run: Run, source: Source, slot: Slot, line: AdviceLine) -> None:
    """Clear what an advised payment leaves of an item: within the tolerances, or by a residual item with the line's reason."""
    paid = slot.free.minor - slot.left
    found = None
    if not line.deduction:
        due = paid + slot.left
        found = tolerated(run.policy, (slot,), 0, slot.left, source.customer, due=due)
    if found is not None:
        for cut in found.cuts:
            run.cut(source, cut)
    elif paid and run.policy.short == "residual":
        why = f"the advice leaves {slot.money(slot.left)} of {slot.item.id} unpaid"
        reason = line.reason or "residual item"
        run.cut(source, Cut(slot, "residual", slot.left, reason, evidence=why))


def _advised_discount(how: Discounts, line: AdviceLine, slot: Slot, on: date) -> Cut | None:
    """Return the discount a line takes, when it is no more than what was earned."""
    if not line.discount:
        return None
    taken = line.discount.minor
    if taken > slot.left:
        return None
    offered = next(iter(discounts(how, (slot,), on)), None)
    if offered is not None and taken <= offered.minor:
        return Cut(slot, offered.kind, taken, offered.reason, evidence=offered.evidence)
    if not how.unearned or taken == slot.left:
        return None
    why = f"the advice takes {line.discount}, and discounts that are not earned are accepted"
    return Cut(slot, "unearned_discount", taken, "cash discount not earned", evidence=why)


@dataclass(frozen=True, slots=True)
class _Named:
    slots: list[Slot]
    full: bool
    evidence: tuple[str, ...]


def by_reference(run: Run, source: Source, rule: ByReference) -> None:
    """Pay what the payment's text names, all of it when the amount fits, in the text's order when it does not reach."""
    text = source.text(run.policy.texts)
    if not text:
        return
    mentions = run.references(source.customer, source.currency, rule.digits).find(text)
    similar = not mentions and rule.similarity < 1 and source.customer is not None
    if similar and _like(run, source, rule, text):
        return
    if not mentions:
        numbers = [run_ for run_ in runs(text) if run_.isdigit() and len(run_) >= rule.digits]
        if not _across(run, source, rule, text) and numbers:
            said = " ".join(text.split())
            run.note(source, rule, f"{said!r} names no open item of the payer")
        return
    if source.customer is None:
        _identify(run, source, rule, mentions)
        return
    for named in _readings(mentions, ranked=rule.ranked):
        if _pay_named(run, source, rule, named, whole=True):
            return
    _pay_named(run, source, rule, _readings(mentions, ranked=rule.ranked)[0], whole=False)


def _readings(mentions: Sequence[Mention], *, ranked: bool) -> list[_Named]:
    """Return what a text may mean, likeliest first: all it names, what it names in full, what it shares most with."""
    most = max(it.count for it in mentions)
    best = [it for it in mentions if it.count == most]
    sets = [list(mentions), [it for it in mentions if it.full], best]
    if ranked:
        sets = [best]
    elif most > 1 and not any(it.full for it in mentions):
        sets = [list(mentions), best]
    found, seen = [], set()
    for chosen in sets:
        key = tuple(it.slot.place for it in chosen)
        if chosen and key not in seen:
            seen.add(key)
            evidence = tuple(
                f"the text names {it.slot.item.id}: {', '.join(it.words)}" for it in chosen
            )
            found.append(
                _Named([it.slot for it in chosen], all(it.full for it in chosen), evidence)
            )
    return found


def _pay_named(run: Run, source: Source, rule: ByReference, named: _Named, *, whole: bool) -> bool:
    """Pay named items when the money settles them exactly, or, for the last resort, as far as it reaches."""
    slots = [slot for slot in named.slots if slot.left]
    on, customer = source.document.posting_date, source.customer
    memos: Sequence[Source] = ()
    found = fit(run.policy, slots, source.left, on, customer)
    if found is None and (memos := _named_credits(run, source)):
        have = source.left + sum(it.left for it in memos)
        found = fit(run.policy, slots, have, on, customer, cash=source.left)
    if found is not None:
        sure = NAMED if named.full else NUMBERED
        if not run.sure(source, rule, slots, sure):
            return True
        run.settle(source, slots, found, rule, sure, (*named.evidence, found.why), memos)
        return True
    if whole:
        return False
    return _pay_part(run, source, rule, named, slots)


def _named_credits(run: Run, source: Source) -> list[Source]:
    """Return the open credit memos that the text names."""
    text = source.text(run.policy.texts)
    return [
        it
        for it in run.open_credits(source)
        if any(names(text, number) for number in (it.id, it.document.reference or ""))
    ]


def _pay_part(
    run: Run, source: Source, rule: ByReference, named: _Named, slots: list[Slot]
) -> bool:
    sure = NAMED_PART if named.full else NUMBERED_PART
    due = sum(slot.left for slot in slots)
    if not named.full and _ambiguous(slots, named):
        run.alternative(
            source,
            rule,
            slots,
            "a number in the text stands for several documents, and the amount fits none",
        )
        return False
    if not run.sure(source, rule, slots, sure):
        return True
    if due > source.left and not run.policy.partial:
        run.note(
            source,
            rule,
            f"the money does not reach for {', '.join(slot.item.id for slot in slots)}, and parts are not paid",
        )
        return True
    short = due > source.left
    gap = source.money(abs(due - source.left))
    why = f"{'short' if short else 'over'} by {gap}"
    for slot in slots:
        part = min(slot.left, source.left)
        if part:
            run.pay(source, slot, part, rule, sure, (*named.evidence, why))
            if slot.left and run.policy.short == "residual":
                run.cut(source, Cut(slot, "residual", slot.left, "residual item", evidence=why))
    if short:
        run.note(source, rule, f"paid short by {gap}")
    if not run.policy.spread:
        source.settled = rule.name
    return True


def _ambiguous(slots: Sequence[Slot], named: _Named) -> bool:
    """Tell whether one number stands for several documents."""
    words = [line.rpartition(": ")[2] for line in named.evidence]
    return len({slot.charge.id for slot in slots}) > len(set(words))


def _identify(run: Run, source: Source, rule: ByReference, mentions: Sequence[Mention]) -> None:
    """Pay for a payer nobody knew, when the documents named in full are all of one customer."""
    full = [it for it in mentions if it.full]
    owners = {it.slot.item.customer for it in full}
    if len(owners) != 1:
        slots = [it.slot for it in mentions]
        why = (
            "the payer is unidentified and the text names documents of several customers"
            if owners
            else "the payer is unidentified and no document is named in full"
        )
        run.alternative(source, rule, slots, why)
        return
    [owner] = owners
    source.customer = owner
    source.payer = f"identified as {owner}, whose document the text names"
    [named, *_] = _readings(full, ranked=False)
    named = _Named(named.slots, full=True, evidence=(*named.evidence, source.payer))
    if not _pay_named(run, source, rule, named, whole=False):
        source.customer = None


def _like(run: Run, source: Source, rule: ByReference, text: str) -> bool:
    """Take the one document whose number is nearly what the text says."""
    close = run.references(source.customer, source.currency, rule.digits).similar(
        text, rule.similarity
    )
    if not close:
        return False
    score, first = close[0]
    if len(close) > 1 and close[1][0] == score:
        run.alternative(
            source, rule, [it.slot for _, it in close], f"several numbers are alike to {score:.2f}"
        )
        return False
    words = f"{first.slot.item.id} is like {first.words[0]} in the text: {score:.2f} similar"
    sure = (SIMILAR * score).quantize(Decimal("0.01"))
    if not run.sure(source, rule, [first.slot], sure):
        return True
    found = fit(
        run.policy, [first.slot], source.left, source.document.posting_date, source.customer
    )
    if found is None:
        run.alternative(source, rule, [first.slot], f"{words}, but the amount does not fit")
        return False
    run.settle(source, [first.slot], found, rule, sure, (words, found.why))
    return True


def _across(run: Run, source: Source, rule: ByReference, text: str) -> bool:
    """Pay documents named in another currency, at the rate of the day; tell whether any is named."""
    for currency in run.other_currencies(source):
        mentions = run.references(source.customer, currency, rule.digits).find(text)
        if mentions:
            slots = [it.slot for it in mentions]
            evidence = tuple(
                f"the text names {it.slot.item.id}: {', '.join(it.words)}" for it in mentions
            )
            sure = NAMED if all(it.full for it in mentions) else NUMBERED
            if run.sure(source, rule, slots, sure):
                pay_across(run, source, slots, rule, sure, evidence)
            return True
    return False
