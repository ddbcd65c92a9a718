"""What Oracle can hold of any facts: the same story told with its documents, so that what comes back can be foretold.

An invoice is not reversed there but credited in full, an adjustment is answered by its opposite, an application names one
instalment, terms are settled due dates, and names, segments and taxes have no place in the resources read. The open amounts
of every document on every day stay the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from receivables.facts import (
    CHARGES,
    Adjustment,
    Allocation,
    CreditMemo,
    Customer,
    DebitMemo,
    Fact,
    Invoice,
    Payment,
    Refund,
    Reversal,
    Use,
    WriteOff,
)
from receivables.money import Money

AnyFact = Fact | Customer
OPENED = date(2020, 7, 17)
TOUCHED = datetime(2026, 4, 15, 12, 52, 59, 655000, tzinfo=UTC)


def held(
    facts: Iterable[AnyFact], ledger: str = "MXN", business_unit: str = "MX BU"
) -> tuple[AnyFact, ...]:
    """Return facts as Oracle would hold them, under their own ids.

    Args:
        facts: Facts that obey the laws.
        ledger: Currency of the ledger.
        business_unit: The one for documents that name no legal entity.
    """
    return tuple(_Telling(tuple(facts), ledger, business_unit).tell())


class _Telling:
    def __init__(self, facts: tuple[AnyFact, ...], ledger: str, unit: str) -> None:
        self.ledger, self.unit = ledger, unit
        self.customers = [it for it in facts if isinstance(it, Customer)]
        plain = [it for it in facts if not isinstance(it, Customer)]
        self.facts = {it.id: it for it in plain}
        self.ends = {it.of: it for it in plain if isinstance(it, Reversal)}
        self.uses = [it for it in plain if isinstance(it, Use)]
        self.documents: dict[str, Any] = {
            it.id: it for it in plain if not isinstance(it, Use | Reversal)
        }
        self.parts: dict[str, list[Use]] = {}
        self.open: dict[tuple[str, int], Money] = {}

    def tell(self) -> Iterator[AnyFact]:
        documents = {it.id: self._document(it) for it in self.documents.values()}
        yield from self._masters(documents.values())
        yield from documents.values()
        for fact in documents.values():
            if isinstance(fact, CHARGES):
                for part in fact.instalments:
                    self.open[fact.id, part.number] = part.amount
        yield from self._happenings(documents)

    def _masters(self, documents: Iterable[Any]) -> Iterator[Customer]:
        names = {it.id: it for it in self.customers}
        for customer in sorted({it.customer for it in documents if it.customer} | set(names)):
            known = names.get(customer)
            yield Customer(
                id=customer,
                valid_from=OPENED,
                name=(known and known.name) or f"Customer {customer}",
                tax_id=known.tax_id if known else None,
            )

    def _document(self, fact: Any) -> Any:
        booked = fact.company_amount if fact.amount.currency != self.ledger else None
        common = {
            "attributes": (),
            "origin": None,
            "reference": fact.reference or fact.id,
            "document_date": fact.document_date or fact.posting_date,
            "company_amount": booked,
            "legal_entity": fact.legal_entity or self.unit,
            "segment": None,
            "collector": None,
            "dispute_reason": None,
        }
        if isinstance(fact, Payment):
            return replace(fact, **common, customer=self._payer(fact), disputed=False)
        lost: dict[str, Any] = {
            "terms": None,
            "baseline_date": None,
            "net_amount": None,
            "taxes": (),
        }
        if isinstance(fact, CreditMemo):
            lost |= {"due_date": None, "instalments": (), "disputed": False}
        return replace(fact, **common, **lost)

    def _payer(self, fact: Payment) -> str | None:
        """Return who paid: an unidentified receipt was identified before it could be applied."""
        targets = [it for it in self.uses if isinstance(it, Allocation) and it.source == fact.id]
        first = min(targets, key=lambda it: (it.posting_date, it.id), default=None)
        return fact.customer or (self.documents[first.target].customer if first else None)

    def _happenings(self, documents: dict[str, Any]) -> Iterator[Fact]:
        """Tell uses and reversals in the order of their days, filling instalments oldest due first."""
        events: list[tuple[date, int, str, Fact]] = []
        for use in self.uses:
            start = max(
                use.posting_date, *(self.documents[it].posting_date for it in _rests_on(use))
            )
            events.append((start, 1, use.id, use))
        events += [(it.posting_date, 0, it.id, it) for it in self.ends.values()]
        for start, _, _, fact in sorted(events, key=lambda it: it[:3]):
            if isinstance(fact, Reversal):
                yield from self._end(fact, documents)
            elif isinstance(fact, Use) and self._counts(fact, start):
                yield from self._use(fact, start, documents)

    def _counts(self, use: Use, start: date) -> bool:
        crosses = isinstance(use, Allocation) and use.taken.currency != use.amount.currency
        over = [self.ends.get(it) for it in (use.id, *_rests_on(use))]
        return not crosses and all(it is None or it.posting_date > start for it in over)

    def _use(self, use: Use, start: date, documents: dict[str, Any]) -> Iterator[Use]:
        plain: dict[str, Any] = {
            "posting_date": start,
            "reference": None,
            "attributes": (),
            "origin": None,
            "company_amount": None,
        }
        if isinstance(use, Adjustment | WriteOff) and not isinstance(
            documents[use.target], Payment
        ):
            plain["reference"] = use.reference or use.id
        elif isinstance(use, WriteOff):
            plain["reason"] = None
        if isinstance(use, Refund) or not isinstance(documents[use.target], CHARGES):
            made: list[Use] = [replace(use, **plain)]
        else:
            made = list(self._by_instalment(use, plain, documents[use.target]))
        self.parts[use.id] = made
        yield from made

    def _by_instalment(
        self,
        use: Allocation | WriteOff | Adjustment,
        plain: dict[str, Any],
        charge: Invoice | DebitMemo,
    ) -> Iterator[Use]:
        numbers = [part.number for part in sorted(charge.instalments, key=lambda it: it.due_date)]
        if use.instalment is not None or len(numbers) < 2:  # noqa: PLR2004 - nothing to choose
            only = use.instalment or (numbers[0] if numbers else 1)
            self._move(use, charge.id, only, use.amount)
            yield replace(use, **plain, instalment=only)
            return
        if isinstance(use, Adjustment) and use.increase:
            self._move(use, charge.id, numbers[-1], use.amount)
            yield replace(use, **plain, instalment=numbers[-1])
            return
        left = use.amount
        for number in numbers:
            share = min(left, self.open[charge.id, number])
            if share:
                self._move(use, charge.id, number, share)
                left -= share
                named = (
                    {"reference": f"{plain['reference']}/{number}"} if plain["reference"] else {}
                )
                own = {"id": f"{use.id}/{number}", "amount": share, "instalment": number, **named}
                yield replace(use, **{**plain, **own})

    def _move(self, use: Use, charge: str, number: int, amount: Money) -> None:
        if (charge, number) in self.open:
            added = isinstance(use, Adjustment) and use.increase
            self.open[charge, number] += amount if added else -amount

    def _end(self, reversal: Reversal, documents: dict[str, Any]) -> Iterator[Fact]:
        fact = self.facts[reversal.of]
        plain = replace(reversal, reference=None, attributes=(), origin=None)
        if isinstance(fact, Use):
            for number, part in enumerate(self.parts.pop(fact.id, ())):
                yield self._undone(part, plain, f"/{number}" if number else "", documents)
            return
        ended = [use.id for use in self.uses if fact.id in _rests_on(use) and use.id in self.parts]
        if isinstance(fact, Payment):
            for use_id in ended:
                for part in self.parts.pop(use_id):
                    self._give_back(part)
            # The pod does not say when it learnt of a reversal, only when the receipt was last touched.
            yield replace(plain, recorded_at=reversal.recorded_at or TOUCHED)
            return
        for use_id in ended:
            for part in self.parts.pop(use_id):
                yield self._undone(part, plain, f"/{part.id}", documents)
        yield from self._credited(documents[fact.id], plain)

    def _undone(
        self, part: Use, reversal: Reversal, suffix: str, documents: dict[str, Any]
    ) -> Fact:
        self._give_back(part)
        name = f"{reversal.id}{suffix}"
        if isinstance(part, Allocation | Refund) or isinstance(documents[part.target], Payment):
            return replace(reversal, id=name, of=part.id, reason=None)
        return Adjustment(
            id=name, target=part.target, instalment=part.instalment, amount=part.amount,
            posting_date=reversal.posting_date, recorded_at=reversal.recorded_at, reason=reversal.reason,
            increase=not (isinstance(part, Adjustment) and part.increase), reference=name,
        )  # fmt: skip

    def _give_back(self, part: Use) -> None:
        if not isinstance(part, Refund) and (part.target, part.instalment or 1) in self.open:
            added = isinstance(part, Adjustment) and part.increase
            self.open[part.target, part.instalment or 1] += -part.amount if added else part.amount

    def _credited(self, fact: Any, reversal: Reversal) -> Iterator[Fact]:
        day, known = reversal.posting_date, reversal.recorded_at
        if isinstance(fact, CreditMemo):
            yield Adjustment(
                id=reversal.id, target=fact.id, amount=fact.amount, posting_date=day, recorded_at=known,
                reason=reversal.reason, reference=reversal.id,
            )  # fmt: skip
            return
        yield CreditMemo(
            id=reversal.id, customer=fact.customer, amount=fact.amount, posting_date=day, document_date=day,
            recorded_at=known, reference=reversal.id, company_amount=fact.company_amount,
            legal_entity=fact.legal_entity,
        )  # fmt: skip
        shares = {it.number: it.amount for it in fact.instalments} or {1: fact.amount}
        for number, share in shares.items():
            yield Allocation(
                id=f"{reversal.id}>{number}", source=reversal.id, target=fact.id, amount=share,
                posting_date=day, recorded_at=known, instalment=number,
            )  # fmt: skip


def _rests_on(use: Use) -> tuple[str, ...]:
    if isinstance(use, Allocation):
        return (use.source, use.target)
    return (use.source,) if isinstance(use, Refund) else (use.target,)


def pulled(facts: Iterable[AnyFact], ids: Mapping[str, str]) -> tuple[AnyFact, ...]:
    """Return facts that Oracle holds under the ids they are pulled under, without origin and attributes.

    Args:
        facts: What `held` returned.
        ids: The `ids` of the tables they were entered in.
    """
    found: list[AnyFact] = []
    for fact in facts:
        if isinstance(fact, Customer):
            found.append(fact)
            continue
        links = {
            it: ids[getattr(fact, it)]
            for it in ("id", "of", "source", "target")
            if hasattr(fact, it)
        }
        found.append(replace(fact, **links))  # type: ignore[arg-type]
    return tuple(found)
