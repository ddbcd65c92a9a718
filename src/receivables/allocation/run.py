"""One run: the money and the items at hand, and what has been decided so far. Rules decide; the run keeps the books.

Everything that takes money or open amounts goes through `pay` and `cut`, so no rule can use a cent twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from receivables.allocation.advice import RemittanceAdvice
from receivables.allocation.deductions import Cut, Fit, tax_shares
from receivables.allocation.exchange import item_share, realised, source_share
from receivables.allocation.policy import AllocationPolicy
from receivables.allocation.pool import Pool, Slot, Source, by_place
from receivables.allocation.proposal import AllocationLine, Alternative, Difference, Note
from receivables.allocation.references import References
from receivables.allocation.rules import Rule
from receivables.facts import Adjustment, Allocation, DebitMemo, Payment, WriteOff
from receivables.money import Money
from receivables.open_items import OpenItem
from receivables.rates import ExchangeRates

Group = tuple[str, str]


@dataclass(slots=True)
class Run:
    """The state of one run.

    Args:
        policy: How cash is applied.
        as_of: The day of the open items.
        recorded_at: When the proposal is made, if that was said.
        suffix: What ids of proposed facts end with.
        sources: Money and credits to be used, oldest first.
        slots: Items that may be paid, oldest due first.
        credits: Open credit memos that may take part in matches, by customer and currency.
        relatives: Customers whose items a payer may settle besides its own.
        advice: Remittance advice by payment.
        rates: Exchange rates, for payments in another currency than the item.
        taken_ids: Ids of facts that the items already rest on.
    """

    policy: AllocationPolicy
    as_of: date
    recorded_at: datetime | None
    suffix: str
    sources: list[Source]
    slots: list[Slot]
    credits: dict[Group, list[Source]]
    relatives: dict[str, list[str]]
    advice: dict[str, RemittanceAdvice]
    rates: ExchangeRates | None
    taken_ids: set[str]
    by_group: dict[Group, list[Slot]] = field(default_factory=dict)
    lines: list[AllocationLine] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    alternatives: list[Alternative] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    _pools: dict[Group, Pool] = field(default_factory=dict)
    _references: dict[tuple[str | None, str | None, int], References] = field(default_factory=dict)
    _currencies: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for slot in self.slots:
            group = slot.charge.customer, slot.free.currency
            self.by_group.setdefault(group, []).append(slot)
        for customer, currency in self.by_group:
            self._currencies.setdefault(customer, set()).add(currency)

    def pool(self, source: Source, currency: str | None = None) -> Pool:
        """Return the items a source may settle, in its currency or another."""
        group = source.customer or "", currency or source.currency
        held = self._pools.get(group)
        if held is None:
            found = list(self.by_group.get(group, ())) if source.customer else []
            related = self.relatives.get(group[0])
            if related:
                for other in related:
                    found.extend(self.by_group.get((other, group[1]), ()))
                found = by_place(found)
            held = self._pools[group] = Pool(found)
        return held

    def references(self, customer: str | None, currency: str, digits: int) -> References:
        """Return where the names of a payer's items are looked up; those of all customers for an unidentified payer."""
        key = customer, currency, digits
        held = self._references.get(key)
        if held is None:
            slots: Iterable[Slot]
            if customer is None:
                slots = (slot for slot in self.slots if slot.item.currency == currency)
            else:
                names = (customer, *self.relatives.get(customer, ()))
                slots = (slot for name in names for slot in self.by_group.get((name, currency), ()))
            held = self._references[key] = References.of(slots, digits, self.policy.keys)
            for memo in self.credits.get((customer or "", currency), ()):
                for name in filter(None, (memo.id, memo.document.reference)):
                    held.reserve(name)
        return held

    def other_currencies(self, source: Source) -> list[str]:
        """Return the other currencies in which a payer has items open, when rates are at hand."""
        if self.rates is None or source.customer is None:
            return []
        names = (source.customer, *self.relatives.get(source.customer, ()))
        return sorted(
            {it for name in names for it in self._currencies.get(name, ())} - {source.currency}
        )

    def open_credits(self, source: Source) -> list[Source]:
        """Return the credit memos that may take part in a match of a source."""
        held = self.credits.get((source.customer or "", source.currency), ())
        return [it for it in held if it.left and it is not source]

    def note(self, source: Source, rule: Rule, text: str) -> None:
        """Keep what a rule came to."""
        self.notes.append(Note(source.id, rule.name, text))

    def alternative(self, source: Source, rule: Rule, slots: Sequence[Slot], why: str) -> None:
        """Keep a match that was close."""
        names = tuple(slot.item.id for slot in slots)
        self.alternatives.append(Alternative(source.id, rule.name, names, why))

    def sure(self, source: Source, rule: Rule, slots: Sequence[Slot], confidence: Decimal) -> bool:
        """Tell whether a match proves enough to be proposed; keep it as an alternative when it does not."""
        if confidence >= self.policy.confidence:
            return True
        why = f"confidence {confidence:f} is below {self.policy.confidence:f}"
        self.alternative(source, rule, slots, why)
        return False

    def settle(
        self,
        source: Source,
        slots: Sequence[Slot],
        found: Fit,
        rule: Rule,
        confidence: Decimal,
        evidence: tuple[str, ...],
        memos: Sequence[Source] = (),
    ) -> None:
        """Pay items in full with a source and credits, and settle the rest of them by the cuts of a fit."""
        cuts: dict[int, int] = {}
        for cut in found.cuts:
            if cut.slot is not None:
                cuts[cut.slot.place] = cuts.get(cut.slot.place, 0) + cut.minor
        funds = [*memos, source]
        reserve = found.over
        at = 0
        for slot in slots:
            need = slot.left - cuts.get(slot.place, 0)
            while need:
                fund = funds[at]
                ready = fund.left - (reserve if fund is source else 0)
                if not ready:
                    at += 1
                    continue
                part = min(need, ready)
                self.pay(fund, slot, part, rule, confidence, evidence)
                need -= part
        for cut in found.cuts:
            self.cut(source, cut)
        source.settled = rule.name

    def pay(
        self,
        source: Source,
        slot: Slot,
        minor: int,
        rule: Rule,
        confidence: Decimal,
        evidence: tuple[str, ...],
        taken: int | None = None,
    ) -> None:
        """Allocate minor units of an item's currency; `taken` of the source's when that is another."""
        item, document = slot.item, source.document
        before, had = slot.left, source.left
        used = minor if taken is None else taken
        amount = slot.money(minor)
        booked = item_share(slot, before, before - minor) if item.document.company_amount else None
        worth = source_share(source, had, had - used) if document.company_amount else None
        fact = Allocation(
            id=self._id(f"{source.id}>{item.id}"),
            source=source.id,
            target=item.document.id,
            amount=amount,
            instalment=item.instalment,
            posting_date=max(self.as_of, document.posting_date, item.document.posting_date),
            recorded_at=self._known(source, item),
            attributes=_attributes(rule.name, confidence),
            source_amount=None if taken is None else source.money(taken),
            company_amount=booked if booked is not None and booked.amount > 0 else None,
        )
        slot.take(minor)
        source.left -= used
        self.lines.append(
            AllocationLine(
                fact,
                item.id,
                item.customer,
                rule.name,
                confidence,
                evidence,
                slot.money(before),
                slot.money(slot.left),
            )
        )
        if booked is not None or worth is not None:
            difference = realised(source, slot, worth, booked, source.money(used), amount)
            if difference is not None:
                self.differences.append(difference)

    def cut(self, source: Source, cut: Cut) -> None:
        """Settle a part of an item, or of the money itself, without money."""
        if cut.slot is None:
            self._clear(source, cut)
            return
        slot = cut.slot
        item, amount = slot.item, slot.money(cut.minor)
        shares = tax_shares(slot.charge, amount, cut.kind, self.policy.discounts.tax)
        booked = item_share(slot, slot.left, slot.left - cut.minor)
        common = {
            "id": self._id(f"{source.id}>{item.id}!{cut.kind}"),
            "target": item.document.id,
            "instalment": item.instalment,
            "amount": amount,
            "posting_date": max(self.as_of, source.document.posting_date, item.posting_date),
            "recorded_at": self._known(source, item),
            "reason": cut.reason,
            "company_amount": booked if booked is not None and booked.amount > 0 else None,
        }
        fact_made: WriteOff | Adjustment = (
            WriteOff(**common) if cut.kind == "tolerance" else Adjustment(**common)  # type: ignore[arg-type]
        )
        facts: tuple[Adjustment | WriteOff | DebitMemo, ...] = (fact_made,)
        if cut.kind == "residual":
            name = fact_made.id.replace("!residual", "~residual")  # as fresh as the adjustment's
            facts = (fact_made, self._residual_item(name, source, slot, amount))
        slot.take(cut.minor)
        self.differences.append(
            Difference(
                source.id,
                item.id,
                cut.kind,
                amount,
                cut.reason,
                cut.approver,
                shares,
                facts,
                (cut.evidence,),
            )
        )

    def _clear(self, source: Source, cut: Cut) -> None:
        """Write off a part of the money itself."""
        amount = source.money(cut.minor)
        fact = WriteOff(
            id=self._id(f"{source.id}!{cut.kind}"),
            target=source.id,
            amount=amount,
            posting_date=max(self.as_of, source.document.posting_date),
            recorded_at=self._known(source),
            reason=cut.reason,
        )
        source.left -= cut.minor
        self.differences.append(
            Difference(
                *(source.id, "", cut.kind, amount, cut.reason, cut.approver),
                facts=(fact,),
                evidence=(cut.evidence,),
            )
        )

    def claim(self, source: Source, slot: Slot, amount: Money, reason: str, evidence: str) -> None:
        """Keep a deduction the payer claims: the item stays open by it until somebody grants it."""
        self.differences.append(
            Difference(source.id, slot.item.id, "deduction", amount, reason, evidence=(evidence,))
        )

    def _residual_item(self, name: str, source: Source, slot: Slot, amount: Money) -> DebitMemo:
        item = slot.item
        return DebitMemo(
            id=name,
            customer=item.customer or "",
            amount=amount,
            posting_date=max(self.as_of, source.document.posting_date, item.posting_date),
            recorded_at=self._known(source, item),
            document_date=item.document_date,
            due_date=item.due_date,
            reference=item.reference or item.document.id,
            attributes=(("residual_of", item.document.id),),
        )

    def _known(self, source: Source, item: OpenItem | None = None) -> datetime | None:
        """Return from when everything a fact goes by is known; nothing, when nothing says when."""
        moments = (self.recorded_at, source.known, item.known_from if item is not None else None)
        return max((it for it in moments if it is not None), default=None)

    def _id(self, name: str) -> str:
        made, count = f"{name}{self.suffix}", 1
        while made in self.taken_ids:
            count += 1
            made = f"{name}~{count}{self.suffix}"
        self.taken_ids.add(made)
        return made


@lru_cache(maxsize=1_024)
def _attributes(rule: str, confidence: Decimal) -> tuple[tuple[str, str], ...]:
    return (("confidence", f"{confidence:f}"), ("rule", rule))


def is_money(source: Source) -> bool:
    """Tell whether a source is a payment, not a credit memo."""
    return isinstance(source.document, Payment)
