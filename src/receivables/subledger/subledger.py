"""The subledger: validated facts, and the questions they answer.

There are two doors. `Subledger.of` is strict and raises on the first broken law. `Subledger.load` never raises for the
facts it is given: it leaves out exactly those that break a law, says which and why, and what remains obeys every law.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NoReturn

from receivables.errors import UnknownFact
from receivables.explain import Explanation
from receivables.facts import Customer, Fact, Payment
from receivables.facts.wording import spoken
from receivables.laws import explain_agrees
from receivables.money import Money
from receivables.objects_only import refuse_frame
from receivables.open_items import OpenItem
from receivables.problems import Problem
from receivables.subledger.admission import admit
from receivables.subledger.cash import CashPosition, whereabouts
from receivables.subledger.ledger import Ledger, sort_key
from receivables.subledger.view import View


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

    _ledger: Ledger

    @classmethod
    def of(cls, facts: Iterable[Fact | Customer]) -> Subledger:
        """Build a subledger of facts that obey every law.

        Raises:
            FactError: For the first fact that breaks one; its class and message name the law.
        """
        return cls().with_facts(facts)

    @classmethod
    def load(cls, facts: Iterable[Fact | Customer]) -> tuple[Subledger, tuple[Problem, ...]]:
        """Build a subledger of the facts that obey every law, and list those left out.

        Returns:
            The subledger, and one problem for each fact left out, with its id, amount and currency as context.
        """
        refuse_frame(facts, "facts", "open_items")
        ledger, breaches = admit(Ledger(), facts)
        return cls._holding(ledger), tuple(breach.problem() for breach in breaches)

    def with_facts(self, facts: Iterable[Fact | Customer]) -> Subledger:
        """Return a new subledger with these facts added; this one stays as it is.

        Raises:
            FactError: For the first fact that breaks a law.
        """
        refuse_frame(facts, "facts", "open_items")
        ledger, breaches = admit(self._ledger, facts)
        if breaches:
            raise breaches[0].error
        return self._holding(ledger)

    def __init__(self) -> None:
        """Make a subledger without facts; `of` and `load` make one of facts."""
        object.__setattr__(self, "_ledger", Ledger())

    @classmethod
    def _holding(cls, ledger: Ledger) -> Subledger:
        books = cls()
        object.__setattr__(books, "_ledger", ledger)
        return books

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Every fact, by posting date and id."""
        return tuple(sorted(self._ledger.facts.values(), key=sort_key))

    @property
    def customers(self) -> tuple[Customer, ...]:
        """Every customer fact, by id and validity."""
        return tuple(
            fact for name in sorted(self._ledger.customers) for fact in self._ledger.customers[name]
        )

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

    def customer(
        self, customer_id: str, *, as_of: date, known_at: datetime | None = None
    ) -> Customer | None:
        """Return what was true of a customer on a day, or None when nothing was known yet."""
        return self._view(as_of, known_at).master(customer_id)

    def items(self, *, as_of: date, known_at: datetime | None = None) -> tuple[OpenItem, ...]:
        """Return every item posted by a day, settled ones included, oldest due first.

        Args:
            as_of: The last day that counts.
            known_at: Leave out what was recorded later; None for everything known today. Timezone-aware.
        """
        view = self._view(as_of, known_at)
        return _oldest_due_first(it for document in view.documents() for it in view.items(document))

    def open_items(self, *, as_of: date, known_at: datetime | None = None) -> tuple[OpenItem, ...]:
        """Return every item whose open amount is not zero at the end of a day, oldest due first.

        Charges are positive; credit memos and payments not yet used are negative. Instalments are items of their own.

        Args:
            as_of: The last day that counts. There is no default: the library has no clock.
            known_at: Leave out what was recorded later; None for everything known today. Timezone-aware.
        """
        view = self._view(as_of, known_at)
        return _oldest_due_first(
            item
            for document in view.open_documents()
            for item in view.items(document)
            if item.open_amount
        )

    def cash_positions(
        self, *, as_of: date, known_at: datetime | None = None
    ) -> tuple[CashPosition, ...]:
        """Return where the money received is, one position a currency (law: Nothing vanishes)."""
        view = self._view(as_of, known_at)
        sums: dict[str, dict[str, Money]] = {}
        for document in view.documents():
            if isinstance(document, Payment):
                place = sums.setdefault(document.amount.currency, {})
                for name, amount in whereabouts(document, *view.items(document)):
                    place[name] = place[name] + amount if name in place else amount
        return tuple(CashPosition.of(currency, sums[currency]) for currency in sorted(sums))

    def explain(
        self, fact_id: str, *, as_of: date, known_at: datetime | None = None
    ) -> Explanation:
        """Return what is open of one document on a day, closed ones included, movement by movement.

        Raises:
            UnknownFact: When the id is none of a document posted, known and not reversed by then.
        """
        view = self._view(as_of, known_at)
        document = self._ledger.documents.get(fact_id)
        if document is None or not view.counts(document):
            msg = f"no document {fact_id!r} counts on {as_of} in this subledger; check the id and the date"
            raise UnknownFact(msg)
        items = view.items(document)
        if len(items) == 1:
            explanation = items[0].explain()
        else:
            whole = Money.zero(document.amount.currency)
            for item in items:
                whole += item.open_amount
            text = f"open amount of {spoken(document.kind)} {fact_id} as of {as_of}"
            explanation = Explanation(
                text, whole.amount, whole.currency, tuple(item.explain() for item in items)
            )
        return explain_agrees(explanation)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        msg = "a Subledger never changes; with_facts returns a new one"
        raise AttributeError(msg)

    def __reduce__(self) -> tuple[object, ...]:
        return Subledger.of, ((*self.facts, *self.customers),)

    def __len__(self) -> int:
        return len(self._ledger.facts)

    def __contains__(self, fact_id: object) -> bool:
        return fact_id in self._ledger.facts

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Subledger):
            return NotImplemented
        mine, theirs = self._ledger, other._ledger
        return (mine.facts, mine.customers) == (theirs.facts, theirs.customers)

    def __hash__(self) -> int:
        return hash((self.facts, self.customers))

    def __repr__(self) -> str:
        return f"<Subledger of {len(self)} facts, {len(self._ledger.documents)} documents>"

    def _view(self, as_of: date, known_at: datetime | None) -> View:
        return View(self._ledger, as_of, known_at)


def _oldest_due_first(items: Iterable[OpenItem]) -> tuple[OpenItem, ...]:
    return tuple(
        sorted(items, key=lambda it: (it.due_date or date.max, it.document.id, it.instalment or 0))
    )
