"""How facts enter a subledger: each law about facts is asserted here, and what breaks one is set aside with its reason.

Facts are admitted in stages, so their order never matters: first ids, then documents, then uses that rest on documents,
then reversals, then the law *Never below zero* for every document touched. What rests on a fact set aside is set aside too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from receivables.errors import (
    AlreadyReversed,
    ConflictingFact,
    CurrencyMismatch,
    FactError,
    OverAllocated,
    ReceivablesError,
    UnknownFact,
    WrongKind,
)
from receivables.facts import (
    CHARGES,
    CREDITS,
    DOCUMENTS,
    Adjustment,
    Allocation,
    Customer,
    Document,
    Fact,
    Payment,
    Refund,
    Reversal,
    Use,
    WriteOff,
)
from receivables.laws import ALWAYS_KNOWN, Effect, never_below_zero
from receivables.money import Money
from receivables.problems import Problem


@dataclass(frozen=True, slots=True)
class Breach:
    """A fact that was not admitted, and the law it broke."""

    fact: Fact | Customer
    error: ReceivablesError

    def problem(self) -> Problem:
        """Return the breach as a problem of the source data, with the amount that was left out."""
        amount = getattr(self.fact, "amount", None)
        context = [("fact", self.fact.id), ("kind", self.fact.kind)]
        if isinstance(amount, Money):
            context += [("amount", f"{amount.amount:f}"), ("currency", amount.currency)]
        where = str(self.fact.origin) if self.fact.origin else self.fact.id
        return Problem(_CODES[type(self.error)], str(self.error), where, tuple(context))


@dataclass(slots=True)
class Ledger:
    """Admitted facts, indexed. It is filled while facts are admitted and never changed after."""

    facts: dict[str, Fact] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    uses: dict[str, tuple[Use, ...]] = field(default_factory=dict)  # by id of each document used, in order
    reversals: dict[str, Reversal] = field(default_factory=dict)  # by id of the fact reversed
    customers: dict[str, tuple[Customer, ...]] = field(default_factory=dict)  # by id, in order of validity

    def copy(self) -> Ledger:
        """Return a ledger that can be added to without changing this one; the values are shared."""
        return Ledger(*(dict(index) for index in (
            self.facts, self.documents, self.uses, self.reversals, self.customers
        )))  # fmt: skip

    def counterpart(self, use: Use, document_id: str) -> Document | None:
        """Return the other document of an allocation; None for uses that rest on one document."""
        if not isinstance(use, Allocation):
            return None
        return self.documents[use.source if document_id == use.target else use.target]

    def counts(self, fact: Fact, as_of: date, known_at: datetime | None) -> bool:
        """Tell whether a fact by itself counts on a day: posted, known, and not reversed by then."""
        if fact.posting_date > as_of or not _known(fact, known_at):
            return False
        reversal = self.reversals.get(fact.id)
        return reversal is None or reversal.posting_date > as_of or not _known(reversal, known_at)


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
    entry.take(facts)
    return entry.ledger, entry.breaches


def sort_key(fact: Fact) -> tuple[date, str]:
    """Return the order of facts: by posting date, then by id."""
    return fact.posting_date, fact.id


class _Entry:
    """One run of admission: the ledger in the making and what was left out of it."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.breaches: list[Breach] = []
        self.added: dict[str, list[Use]] = defaultdict(list)
        self.touched: set[str] = set()

    def take(self, facts: Iterable[Fact | Customer]) -> None:
        documents, uses, reversals = self._identify(facts)
        for document in documents:
            self.ledger.facts[document.id] = self.ledger.documents[document.id] = document
        for use in uses:
            self._try(use, self._rest_use)
        for reversal in reversals:
            self._try(reversal, self._rest_reversal)
        for document_id, added in self.added.items():
            held = self.ledger.uses.get(document_id, ())
            self.ledger.uses[document_id] = tuple(sorted((*held, *added), key=sort_key))
        for document_id in sorted(self.touched):
            self._fit(document_id)

    def _identify(self, facts: Iterable[Fact | Customer]) -> tuple[list[Document], list[Use], list[Reversal]]:
        """Keep one fact an id, sorted by what it rests on."""
        fresh: dict[str, Fact] = {}
        masters: list[Customer] = []
        rivals: list[Fact] = []
        held = self.ledger.facts
        for fact in facts:
            if isinstance(fact, Customer):
                masters.append(fact)
                continue
            known = held.get(fact.id) or fresh.get(fact.id)
            if known is None:
                fresh[fact.id] = fact
            elif known is not fact and known != fact:
                rivals.append(fact)
        for rival in rivals:
            self._settle(rival, fresh)
        self._learn(masters)
        documents: list[Document] = []
        uses: list[Use] = []
        reversals: list[Reversal] = []
        for fact in sorted(fresh.values(), key=sort_key) if rivals else fresh.values():
            if isinstance(fact, DOCUMENTS):
                documents.append(fact)
            elif isinstance(fact, Reversal):
                reversals.append(fact)
            else:
                uses.append(fact)
        return documents, sorted(uses, key=sort_key), sorted(reversals, key=sort_key)

    def _settle(self, rival: Fact, fresh: dict[str, Fact]) -> None:
        """Of two facts with one id keep the one held before, else the one that sorts first, whatever came first."""
        known = self.ledger.facts.get(rival.id)
        if known is None:
            known, rival = sorted((fresh[rival.id], rival), key=lambda it: (it.posting_date, repr(it)))
            fresh[rival.id] = known
        if known == rival:
            return
        msg = f"two facts share the id {rival.id}: {_brief(known)} and {_brief(rival)}; every fact needs an id of its own"
        self._refuse(rival, ConflictingFact(msg))

    def _learn(self, masters: list[Customer]) -> None:
        for master in sorted(masters, key=lambda it: (it.id, it.valid_from, repr(it))):
            held = self.ledger.customers.get(master.id, ())
            same_day = next((it for it in held if (it.valid_from, it.recorded_at) == (master.valid_from, master.recorded_at)), None)
            if same_day is None:
                self.ledger.customers[master.id] = tuple(sorted((*held, master), key=_validity))
            elif same_day != master:
                msg = f"customer {master.id} has two different facts valid from {master.valid_from}; keep one"
                self._refuse(master, ConflictingFact(msg))

    def _try(self, fact: Fact, rest: object) -> None:
        try:
            rest(fact)  # type: ignore[operator]
        except FactError as error:
            self._refuse(fact, error)
        except CurrencyMismatch as error:
            self._refuse(fact, error)
        else:
            self.ledger.facts[fact.id] = fact

    def _rest_use(self, use: Use) -> None:
        if isinstance(use, Allocation):
            source = self._document(use, use.source, CREDITS)
            self._check_currency(use, use.taken, source)
            target = self._document(use, use.target, CHARGES)
        else:
            target = self._document(use, *_rests_on(use))
        self._check_currency(use, use.amount, target)
        _check_instalment(use, target)
        for document_id in {target.id, use.source} if isinstance(use, Allocation) else {target.id}:
            self.added[document_id].append(use)
            self.touched.add(document_id)

    def _rest_reversal(self, reversal: Reversal) -> None:
        fact = self.ledger.facts.get(reversal.of)
        if fact is None:
            msg = f"reversal {reversal.id} names {reversal.of}, which this subledger does not hold; add it first"
            raise UnknownFact(msg)
        if isinstance(fact, Reversal):
            msg = f"reversal {reversal.id} reverses the reversal {fact.id}; post the fact again under a new id instead"
            raise WrongKind(msg)
        earlier = self.ledger.reversals.get(reversal.of)
        if earlier is not None:
            msg = f"reversal {reversal.id} names {reversal.of}, which {earlier.id} reversed on {earlier.posting_date}"
            raise AlreadyReversed(msg)
        self.ledger.reversals[reversal.of] = reversal
        if isinstance(fact, Adjustment) and fact.increase:
            self.touched.add(fact.target)

    def _document(self, use: Use, document_id: str, kinds: tuple[type, ...]) -> Document:
        fact = self.ledger.facts.get(document_id)
        label = f"{use.kind.replace('_', '-')} {use.id}"
        if fact is None:
            msg = f"{label} names {document_id}, which this subledger does not hold; add it first"
            raise UnknownFact(msg)
        if not isinstance(fact, kinds):
            wanted = " or ".join(kind.kind.replace("_", " ") for kind in kinds)  # type: ignore[attr-defined]
            msg = f"{label} rests on {document_id}, which is a {fact.kind.replace('_', ' ')}; it must be a {wanted}"
            raise WrongKind(msg)
        return fact  # type: ignore[return-value]

    def _check_currency(self, use: Use, amount: Money, document: Document) -> None:
        if amount.currency != document.amount.currency:
            hint = "; give source_amount too" if isinstance(use, Allocation) else ""
            msg = f"{use.kind.replace('_', '-')} {use.id} of {amount} rests on {document.id} of {document.amount}{hint}"
            raise CurrencyMismatch(msg)

    def _fit(self, document_id: str) -> None:
        """Leave out uses, the last ones first to go, until the document is never used past its open amount."""
        document, uses = self.ledger.documents[document_id], self.ledger.uses.get(document_id, ())
        try:
            self._check_fit(document, uses)
        except OverAllocated:
            pass
        else:
            return
        fresh = {use.id for use in self.added.get(document_id, ())}
        kept = [use for use in uses if use.id not in fresh]
        raising = (use for use in uses if use.id in fresh and _is_increase(use))
        for use in (*raising, *(it for it in uses if it.id in fresh and not _is_increase(it))):
            try:
                self._check_fit(document, sorted((*kept, use), key=sort_key))
            except OverAllocated as error:
                self._drop(use, error)
            else:
                kept.append(use)
        self.ledger.uses[document_id] = tuple(sorted(kept, key=sort_key))
        self._check_fit(document, self.ledger.uses[document_id])

    def _check_fit(self, document: Document, uses: Iterable[Use]) -> None:
        effects = [self._effect(use, document) for use in uses]
        never_below_zero(document, document.amount, effects)
        parts = document.schedule if not isinstance(document, Payment) else ()
        for part in parts if len(parts) > 1 else ():
            own = [effect for effect in effects if getattr(effect.use, "instalment", None) == part.number]
            never_below_zero(document, part.amount, own)

    def _effect(self, use: Use, document: Document) -> Effect:
        """Return what a use does to a document: it takes effect when all it rests on is posted, and ends with any of it."""
        size = use.taken if isinstance(use, Allocation) and use.source == document.id else use.amount
        amount = size.amount if _is_increase(use) else size.amount.copy_negate()
        other = self.ledger.counterpart(use, document.id)
        rests = (use, document) if other is None else (use, document, other)
        ends = ()
        if self.ledger.reversals:
            found = (self.ledger.reversals.get(fact.id) for fact in rests)
            ends = tuple((it.posting_date, it.recorded_at or ALWAYS_KNOWN) for it in found if it is not None)
        start = max(fact.posting_date for fact in rests)
        known = max(fact.recorded_at or ALWAYS_KNOWN for fact in rests)
        return Effect(use, amount, start, known, ends)

    def _drop(self, use: Use, error: OverAllocated) -> None:
        self._refuse(use, error)
        del self.ledger.facts[use.id]
        for document_id in (use.source, use.target) if isinstance(use, Allocation) else ():
            held = self.ledger.uses[document_id]
            self.ledger.uses[document_id] = tuple(it for it in held if it.id != use.id)
        reversal = self.ledger.reversals.pop(use.id, None)
        if reversal is not None:
            del self.ledger.facts[reversal.id]
            msg = f"reversal {reversal.id} names {use.id}, which was left out because it breaks a law"
            self._refuse(reversal, UnknownFact(msg))

    def _refuse(self, fact: Fact | Customer, error: ReceivablesError) -> None:
        self.breaches.append(Breach(fact, error))


def _rests_on(use: WriteOff | Adjustment | Refund) -> tuple[str, tuple[type, ...]]:
    return (use.source, CREDITS) if isinstance(use, Refund) else (use.target, DOCUMENTS)


def _check_instalment(use: Use, document: Document) -> None:
    number = None if isinstance(use, Refund) else use.instalment
    if number is None:
        return
    parts = () if isinstance(document, Payment) else document.schedule
    numbers = [part.number for part in parts] or [1]
    if number not in numbers:
        msg = (
            f"{use.kind.replace('_', '-')} {use.id} names instalment {number} of {document.id}, "
            f"which has {', '.join(map(str, numbers))}"
        )
        raise UnknownFact(msg)


def _is_increase(use: Use) -> bool:
    return isinstance(use, Adjustment) and use.increase


def _known(fact: Fact, known_at: datetime | None) -> bool:
    return known_at is None or fact.recorded_at is None or fact.recorded_at <= known_at


def _validity(master: Customer) -> tuple[date, datetime]:
    return master.valid_from, master.recorded_at or ALWAYS_KNOWN


def _brief(fact: Fact) -> str:
    amount = f" of {fact.amount}" if not isinstance(fact, Reversal) else f" of {fact.of}"
    return f"{fact.kind.replace('_', ' ')}{amount} posted {fact.posting_date}"


_CODES = {
    ConflictingFact: "conflicting-fact",
    UnknownFact: "unknown-fact",
    WrongKind: "wrong-kind",
    CurrencyMismatch: "currency-mismatch",
    AlreadyReversed: "already-reversed",
    OverAllocated: "over-allocated",
}
