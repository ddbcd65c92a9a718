"""The subledger: validated facts, and the questions they answer.

There are two doors. `Subledger.of` is strict and raises on the first broken law. `Subledger.load` never raises for the
facts it is given: it leaves out exactly those that break a law, says which and why, and what remains obeys every law.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from receivables.errors import BeforeExtract, NoSuchColumn, UnknownFact
from receivables.explain import Explanation
from receivables.facts import CHARGES, Adjustment, Allocation, Customer, Document, Fact, Payment, Refund, Use
from receivables.laws import explain_agrees, nothing_vanishes
from receivables.money import Money
from receivables.open_items import Movement, OpenItem, items_of
from receivables.problems import Problem
from receivables.subledger.admission import Ledger, admit, sort_key


class Subledger:
    """All receivable facts of a legal entity, immutable; every answer is computed from them for a stated date.

    Facts count from their posting date, so nothing posted after `as_of` changes an answer as of it; with `known_at`,
    neither does anything recorded later (law: Past answers stand).

    >>> from receivables import Invoice, Payment, Allocation, Money
    >>> books = Subledger.of([
    ...     Invoice(id="F-1", customer="C1", amount=Money("100.00", "MXN"), posting_date=date(2026, 1, 10)),
    ...     Payment(id="R-1", customer="C1", amount=Money("40.00", "MXN"), posting_date=date(2026, 2, 1)),
    ...     Allocation(id="A-1", source="R-1", target="F-1", amount=Money("40.00", "MXN"), posting_date=date(2026, 2, 1)),
    ... ])
    >>> [(item.id, str(item.open_amount)) for item in books.open_items(as_of=date(2026, 1, 31))]
    [('F-1', '100.00 MXN')]
    >>> [(item.id, str(item.open_amount)) for item in books.open_items(as_of=date(2026, 2, 1))]
    [('F-1', '60.00 MXN')]
    """

    __slots__ = ("_ledger",)

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @classmethod
    def of(cls, facts: Iterable[Fact | Customer]) -> Subledger:
        """Build a subledger of facts that obey every law.

        Raises:
            FactError: For the first fact that breaks one; its class and message name the law.
        """
        return cls(Ledger()).with_facts(facts)

    @classmethod
    def load(cls, facts: Iterable[Fact | Customer]) -> tuple[Subledger, tuple[Problem, ...]]:
        """Build a subledger of the facts that obey every law, and list those left out.

        Returns:
            The subledger, and one problem for each fact left out, with its id, amount and currency as context.
        """
        ledger, breaches = admit(Ledger(), facts)
        return cls(ledger), tuple(breach.problem() for breach in breaches)

    def with_facts(self, facts: Iterable[Fact | Customer]) -> Subledger:
        """Return a new subledger with these facts added; this one stays as it is.

        Raises:
            FactError: For the first fact that breaks a law.
        """
        ledger, breaches = admit(self._ledger, facts)
        if breaches:
            raise breaches[0].error
        return Subledger(ledger)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Every fact, by posting date and id."""
        return tuple(sorted(self._ledger.facts.values(), key=sort_key))

    @property
    def customers(self) -> tuple[Customer, ...]:
        """Every customer fact, by id and validity."""
        return tuple(fact for name in sorted(self._ledger.customers) for fact in self._ledger.customers[name])

    def fact(self, fact_id: str) -> Fact:
        """Return the fact of an id.

        Raises:
            UnknownFact: When the subledger does not hold it.
        """
        try:
            return self._ledger.facts[fact_id]
        except KeyError:
            msg = f"no fact {fact_id!r} in this subledger of {len(self)} facts; check the id"
            raise UnknownFact(msg) from None

    def customer(self, customer_id: str, *, as_of: date, known_at: datetime | None = None) -> Customer | None:
        """Return what was true of a customer on a day, or None when nothing was known yet."""
        held = self._ledger.customers.get(customer_id, ())
        return next((it for it in reversed(held) if it.valid_from <= as_of and _was_known(it, known_at)), None)

    def open_items(self, *, as_of: date, known_at: datetime | None = None) -> tuple[OpenItem, ...]:
        """Return every item whose open amount is not zero at the end of a day, oldest due first.

        Charges are positive; credit memos and payments not yet used are negative. Instalments are items of their own.

        Args:
            as_of: The last day that counts. There is no default: the library has no clock.
            known_at: Leave out what was recorded later; None for everything known today. Timezone-aware.
        """
        found = (item for item in self._items(as_of, known_at) if item.open_amount)
        return tuple(sorted(found, key=lambda item: (item.due_date or date.max, item.document.id, item.instalment or 0)))

    def cash_positions(self, *, as_of: date, known_at: datetime | None = None) -> tuple[CashPosition, ...]:
        """Return where the money received is, one position a currency (law: Nothing vanishes)."""
        sums: dict[str, dict[str, Money]] = {}
        for document in self._ledger.documents.values():
            if isinstance(document, Payment) and self._ledger.counts(document, as_of, known_at):
                place = sums.setdefault(document.amount.currency, {})
                for name, amount in self._whereabouts(document, as_of, known_at):
                    place[name] = place[name] + amount if name in place else amount
        return tuple(CashPosition.of(currency, sums[currency]) for currency in sorted(sums))

    def explain(self, fact_id: str, *, as_of: date, known_at: datetime | None = None) -> Explanation:
        """Return what is open of one document on a day, closed ones included, movement by movement.

        Raises:
            UnknownFact: When the id is none of a document posted, known and not reversed by then.
        """
        document = self._ledger.documents.get(fact_id)
        if document is None or not self._ledger.counts(document, as_of, known_at):
            msg = f"no document {fact_id!r} counts on {as_of} in this subledger; check the id and the date"
            raise UnknownFact(msg)
        items = self._items_of(document, as_of, known_at)
        if len(items) == 1:
            explanation = items[0].explain()
        else:
            whole = Money.zero(document.amount.currency)
            for item in items:
                whole += item.open_amount
            text = f"open amount of {document.kind.replace('_', ' ')} {fact_id} as of {as_of}"
            explanation = Explanation(text, whole.amount, whole.currency, tuple(item.explain() for item in items))
        explain_agrees(explanation)
        return explanation

    def __len__(self) -> int:
        return len(self._ledger.facts)

    def __contains__(self, fact_id: object) -> bool:
        return fact_id in self._ledger.facts

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Subledger):
            return NotImplemented
        mine, theirs = self._ledger, other._ledger  # noqa: SLF001 - the same class
        return (mine.facts, mine.customers) == (theirs.facts, theirs.customers)

    def __hash__(self) -> int:
        return hash((self.facts, self.customers))

    def __repr__(self) -> str:
        return f"<Subledger of {len(self)} facts, {len(self._ledger.documents)} documents>"

    def _items(self, as_of: date, known_at: datetime | None) -> Iterator[OpenItem]:
        for document in self._ledger.documents.values():
            if self._ledger.counts(document, as_of, known_at):
                yield from self._items_of(document, as_of, known_at)

    def _items_of(self, document: Document, as_of: date, known_at: datetime | None) -> tuple[OpenItem, ...]:
        master = None
        if self._ledger.customers and document.customer is not None:
            master = self.customer(document.customer, as_of=as_of, known_at=known_at)
        uses = self._ledger.uses.get(document.id)
        moved = self._movements(document, uses, as_of, known_at) if uses else ()
        return items_of(document, moved, as_of, master)

    def _movements(
        self, document: Document, uses: tuple[Use, ...], as_of: date, known_at: datetime | None
    ) -> list[Movement]:
        """Return what the uses that count did to a document, in the sign of the view, in order of taking effect."""
        charge = isinstance(document, CHARGES)
        found = []
        for use in uses:
            if not self._ledger.counts(use, as_of, known_at):
                continue
            day = max(use.posting_date, document.posting_date)
            other = self._ledger.counterpart(use, document.id)
            if other is not None:
                if not self._ledger.counts(other, as_of, known_at):
                    continue
                day = max(day, other.posting_date)
            size = use.taken if isinstance(use, Allocation) and not charge else use.amount
            increase = isinstance(use, Adjustment) and use.increase
            found.append(Movement(day, use, size if charge is increase else -size))
        found.sort(key=lambda it: (it.on, it.use.id))
        return found

    def _whereabouts(
        self, payment: Payment, as_of: date, known_at: datetime | None
    ) -> Iterator[tuple[str, Money]]:
        [item] = self._items_of(payment, as_of, known_at)
        yield "received", payment.amount
        for movement in item.movements:
            name = "allocated" if isinstance(movement.use, Allocation) else "cleared"
            yield ("refunded" if isinstance(movement.use, Refund) else name), movement.amount
        rest = "unidentified" if payment.customer is None else "on_account" if payment.on_account else "unapplied"
        yield rest, -item.open_amount


@dataclass(frozen=True, slots=True)
class CashPosition:
    """Where the payments of one currency are on a day.

    Args:
        currency: The payments' currency.
        received: All of them.
        allocated: Used against charges.
        on_account: Left unassigned because the customer chose so.
        unapplied: Of a known customer, not used yet.
        unidentified: Of a payer not known yet.
        refunded: Given back.
        cleared: Written off or adjusted away.
    """

    currency: str
    received: Money
    allocated: Money
    on_account: Money
    unapplied: Money
    unidentified: Money
    refunded: Money
    cleared: Money

    @classmethod
    def of(cls, currency: str, sums: dict[str, Money]) -> CashPosition:
        """Build a position from its named sums and assert that nothing vanishes."""
        names = ("received", "allocated", "on_account", "unapplied", "unidentified", "refunded", "cleared")
        received, *whereabouts = (sums.get(name, Money.zero(currency)) for name in names)
        nothing_vanishes(received, whereabouts)
        return cls(currency, received, *whereabouts)


class OpenItemsExtract:
    """Open amounts as a system listed them on one day: no history, so no questions about earlier days.

    Args:
        items: One charge or credit for each open item, its amount being what was open.
        drawn_on: The day the extract was drawn.
    """

    __slots__ = ("_books", "drawn_on")

    def __init__(self, items: Iterable[Document | Customer], *, drawn_on: date) -> None:
        self._books = Subledger.of(items)
        self.drawn_on = drawn_on

    def open_items(self, *, as_of: date) -> tuple[OpenItem, ...]:
        """Return the items as they were when drawn, aged as of a day on or after that.

        Raises:
            BeforeExtract: For a day before the extract was drawn.
        """
        if as_of < self.drawn_on:
            msg = f"the extract was drawn on {self.drawn_on} and has no history; ask about that day or a later one, not {as_of}"
            raise BeforeExtract(msg)
        return self._books.open_items(as_of=as_of)


def _was_known(master: Customer, known_at: datetime | None) -> bool:
    return known_at is None or master.recorded_at is None or master.recorded_at <= known_at
