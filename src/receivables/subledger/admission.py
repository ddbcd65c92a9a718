"""How facts enter a subledger: each law about facts is asserted here, and what breaks one is set aside with its reason.

Facts enter in stages, so that their order never matters: first one fact an id, then documents, then what rests on them.
If everything fits, that is all. Where a document would go below zero, what touches it is admitted one fact at a time, by
posting date and id, so that exactly those are left out that found no room.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from receivables.effects import known_from
from receivables.errors import (
    AlreadyReversed,
    ConflictingFact,
    CurrencyMismatch,
    FactError,
    UnknownFact,
    UnreadableFact,
    WrongKind,
)
from receivables.facts import (
    CHARGES,
    CREDITS,
    DOCUMENTS,
    USES,
    Allocation,
    Customer,
    Document,
    Fact,
    Payment,
    Refund,
    Reversal,
    Use,
)
from receivables.facts.wording import spoken
from receivables.money import Money
from receivables.subledger.breach import Breach
from receivables.subledger.fitting import Fitting
from receivables.subledger.ledger import Ledger, sort_key


def admit(ledger: Ledger, facts: Iterable[Fact | Customer]) -> tuple[Ledger, list[Breach]]:
    """Add facts to a ledger, leaving out those that break a law.

    A fact that is already there, equal in every field, is the same fact and changes nothing.

    Args:
        ledger: What is there; it is not changed.
        facts: What is to be added, in any order.

    Returns:
        The new ledger, and the breaches in an order that does not depend on the order of the facts.
    """
    entry = _Entry(ledger.copy())
    documents, uses, reversals = entry.identify(facts)
    for document in documents:
        entry.ledger.facts[document.id] = entry.ledger.documents[document.id] = document
    resting = entry.rest(uses, entry.rest_use)
    ending = entry.rest(reversals, entry.rest_reversal)
    breaches = (*entry.breaches, *Fitting(entry.ledger, resting, ending).settle())
    return entry.ledger, sorted(breaches, key=_breach_order)


class _Entry:
    """One run of admission: the ledger in the making and what was left out of it."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.breaches: list[Breach] = []
        self.resting: dict[str, Use] = {}  # new uses by id
        self.reversals: dict[str, Reversal] = {}  # new reversals by id
        self.ending: dict[str, Reversal] = {}  # new reversals by the id of what they end

    def identify(
        self, facts: Iterable[Fact | Customer]
    ) -> tuple[list[Document], list[Use], list[Reversal]]:
        """Keep one new fact an id, apart by what it rests on; reversals by date and id, since the first one counts."""
        fresh: dict[str, Fact] = {}
        masters: dict[Customer, None] = {}
        rivals: dict[str, list[Fact]] = defaultdict(list)
        for fact in facts:
            if isinstance(fact, Customer):
                masters[fact] = None
            elif not isinstance(fact, _FACTS):
                msg = f"{fact!r:.80} is a {type(fact).__name__}, not a fact; give facts such as Invoice or Payment"
                self.breaches.append(Breach(fact, UnreadableFact(msg)))
            else:
                known = fresh.setdefault(fact.id, fact)
                if known is not fact and known != fact:
                    rivals[fact.id].append(fact)
        for name in sorted(rivals):
            self._settle_rivals(fresh, name, rivals[name])
        for name in sorted(fresh.keys() & self.ledger.facts.keys()):
            rival = fresh.pop(name)
            if rival != self.ledger.facts[name]:
                self._conflict(self.ledger.facts[name], rival)
        self._learn(list(masters))
        documents: list[Document] = [fact for fact in fresh.values() if isinstance(fact, DOCUMENTS)]
        uses: list[Use] = [fact for fact in fresh.values() if isinstance(fact, USES)]
        self.reversals = {fact.id: fact for fact in fresh.values() if isinstance(fact, Reversal)}
        return documents, uses, sorted(self.reversals.values(), key=sort_key)

    def rest(self, facts: list[Any], check: Callable[[Any], None]) -> list[Any]:
        """Return the facts that rest on what is there; the others are set aside."""
        resting = []
        for fact in facts:
            try:
                check(fact)
            except (FactError, CurrencyMismatch) as error:
                self.breaches.append(Breach(fact, error))
            else:
                resting.append(fact)
        return resting

    def rest_use(self, use: Use) -> None:
        """Assert that a use rests on documents that are there, of the right kind and currency."""
        if isinstance(use, Allocation):
            _check_currency(use, use.taken, self._document(use, use.source, CREDITS))
            target = self._document(use, use.target, CHARGES)
        elif isinstance(use, Refund):
            target = self._document(use, use.source, CREDITS)
        else:
            target = self._document(use, use.target, DOCUMENTS)
        _check_currency(use, use.amount, target)
        _check_instalment(use, target)
        self.resting[use.id] = use

    def rest_reversal(self, reversal: Reversal) -> None:
        """Assert that a reversal names a fact that is there and may be reversed, for the first time."""
        held = (self.ledger.facts, self.resting, self.reversals)
        fact = next((facts[reversal.of] for facts in held if reversal.of in facts), None)
        if fact is None:
            msg = f"reversal {reversal.id} names {reversal.of}, which this subledger does not hold; add it first"
            raise UnknownFact(msg)
        if isinstance(fact, Reversal):
            msg = f"reversal {reversal.id} reverses the reversal {fact.id}; post the fact again under a new id instead"
            raise WrongKind(msg)
        earlier = self.ledger.reversals.get(reversal.of) or self.ending.get(reversal.of)
        if earlier is not None:
            msg = f"reversal {reversal.id} names {reversal.of}, which {earlier.id} reversed on {earlier.posting_date}"
            raise AlreadyReversed(msg)
        self.ending[reversal.of] = reversal

    def _document(self, use: Use, document_id: str, kinds: tuple[type[Any], ...]) -> Document:
        document = self.ledger.documents.get(document_id)
        if document is not None and isinstance(document, kinds):
            return document
        other = document or self.ledger.facts.get(document_id) or self.resting.get(document_id)
        if other is None:
            msg = f"{spoken(use.kind)} {use.id} names {document_id}, which this subledger does not hold; add it first"
            raise UnknownFact(msg)
        wanted = " or ".join(spoken(kind.kind) for kind in kinds)
        msg = f"{spoken(use.kind)} {use.id} rests on the {spoken(other.kind)} {document_id}; it needs: {wanted}"
        raise WrongKind(msg)

    def _settle_rivals(self, fresh: dict[str, Fact], name: str, rivals: list[Fact]) -> None:
        """Of several facts with one id keep the one that sorts first, whatever came first."""
        contenders = dict.fromkeys((fresh[name], *rivals))
        kept, *others = sorted(contenders, key=lambda fact: (fact.posting_date, repr(fact)))
        fresh[name] = kept
        for other in others:
            self._conflict(kept, other)

    def _conflict(self, kept: Fact, rival: Fact) -> None:
        names = [
            it.name
            for it in fields(rival)
            if getattr(rival, it.name) != getattr(kept, it.name, None)
        ]
        told = ", ".join(
            f"{name} {getattr(kept, name, None)!s} and {getattr(rival, name)!s}"
            for name in names[:3]
        )
        what = told if rival.kind == kept.kind else f"{spoken(kept.kind)} and {spoken(rival.kind)}"
        msg = f"two facts share the id {rival.id} and differ: {what}; every fact needs an id of its own"
        self.breaches.append(Breach(rival, ConflictingFact(msg)))

    def _learn(self, masters: list[Customer]) -> None:
        """Add customer facts, one for each customer, day and moment of knowledge."""
        by_customer: dict[str, dict[object, Customer]] = {}
        for master in sorted(masters, key=lambda it: (it.id, *_validity(it), repr(it))):
            held = by_customer.get(master.id)
            if held is None:
                known = self.ledger.customers.get(master.id, ())
                held = by_customer[master.id] = {_validity(it): it for it in known}
            if held.setdefault(_validity(master), master) != master:
                msg = f"customer {master.id} has two different facts valid from {master.valid_from}; keep one"
                self.breaches.append(Breach(master, ConflictingFact(msg)))
        for name, known_facts in by_customer.items():
            self.ledger.customers[name] = tuple(sorted(known_facts.values(), key=_validity))


def _check_currency(use: Use, amount: Money, document: Document) -> None:
    if amount.currency != document.amount.currency:
        hint = (
            "; give source_amount too"
            if isinstance(use, Allocation) and use.source_amount is None
            else ""
        )
        msg = f"{spoken(use.kind)} {use.id} of {amount} rests on {document.id} of {document.amount}{hint}"
        raise CurrencyMismatch(msg)


def _check_instalment(use: Use, document: Document) -> None:
    number = None if isinstance(use, Refund) else use.instalment
    if number is None:
        return
    parts = () if isinstance(document, Payment) else document.instalments
    numbers = [part.number for part in parts] or [1]
    if number not in numbers:
        listed = ", ".join(map(str, numbers))
        msg = f"{spoken(use.kind)} {use.id} names instalment {number} of {document.id}, which has {listed}"
        raise UnknownFact(msg)


def _breach_order(breach: Breach) -> tuple[str, str, str]:
    fact = breach.fact
    day = getattr(fact, "posting_date", None) or getattr(fact, "valid_from", "")
    return str(day), str(getattr(fact, "id", "")), str(breach.error)


def _validity(master: Customer) -> tuple[date, datetime]:
    return master.valid_from, known_from(master)


_FACTS = (*DOCUMENTS, *USES, Reversal)
