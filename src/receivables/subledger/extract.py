"""Open items as a system listed them on one day: amounts without a history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from receivables.errors import BeforeExtract, NotADate, WrongKind
from receivables.explain import Explanation
from receivables.facts import DOCUMENTS, Customer, Document
from receivables.facts.wording import spoken
from receivables.open_items import OpenItem
from receivables.problems import Problem
from receivables.subledger.breach import Breach
from receivables.subledger.subledger import Subledger


@dataclass(frozen=True, slots=True)
class OpenItemsExtract:
    """What was open on the day an extract was drawn; it refuses questions about earlier days.

    Args:
        books: One charge or credit for each open item, its amount being what was open.
        drawn_on: The day the extract was drawn.

    >>> from receivables import Invoice, Money
    >>> extract, problems = OpenItemsExtract.load([Invoice(id="F-1", customer="C1", amount=Money("60.00", "MXN"),
    ...     posting_date=date(2026, 1, 10), due_date=date(2026, 2, 9))], drawn_on=date(2026, 3, 31))
    >>> [str(item.open_amount) for item in extract.open_items(as_of=date(2026, 3, 31))]
    ['60.00 MXN']
    """

    books: Subledger
    drawn_on: date

    def __post_init__(self) -> None:
        if type(self.drawn_on) is not date:
            msg = f"drawn_on {self.drawn_on!r} is a {type(self.drawn_on).__name__}; give a datetime.date"
            raise NotADate(msg)
        late = next((fact for fact in self.books.facts if fact.posting_date > self.drawn_on), None)
        if late is not None:
            msg = f"{late.id} is posted on {late.posting_date}, so the extract was drawn later than {self.drawn_on}; ask about the day it was drawn"
            raise BeforeExtract(msg)

    @classmethod
    def load(
        cls, items: Iterable[Document | Customer], *, drawn_on: date
    ) -> tuple[OpenItemsExtract, tuple[Problem, ...]]:
        """Build an extract, and list what is no open item of that day.

        Args:
            items: Charges and credits, each with what was open as its amount.
            drawn_on: The day the extract was drawn.
        """
        kept: list[Document | Customer] = []
        problems: list[Problem] = []
        for item in items:
            error = _refusal(item, drawn_on)
            if error is None:
                kept.append(item)
            else:
                problems.append(Breach(item, error).problem())
        books, found = Subledger.load(kept)
        return cls(books, drawn_on), (*problems, *found)

    def open_items(self, *, as_of: date) -> tuple[OpenItem, ...]:
        """Return the items as they were when drawn, aged as of that day or a later one.

        Raises:
            BeforeExtract: For an earlier day.
        """
        self._check(as_of)
        return self.books.open_items(as_of=as_of)

    def explain(self, item_id: str, *, as_of: date) -> Explanation:
        """Return what is open of one item.

        Raises:
            BeforeExtract: For a day before the extract was drawn.
            UnknownFact: When the extract does not hold the item.
        """
        self._check(as_of)
        whole = self.books.explain(item_id, as_of=as_of)
        document = self.books.fact(item_id)
        if not isinstance(document, DOCUMENTS):
            return whole
        first, *rest = whole.parts
        begun = f" of {document.document_date}" if document.document_date else ""
        text = f"open when drawn on {self.drawn_on}, {spoken(document.kind)} {item_id}{begun}"
        return replace(whole, parts=(replace(first, text=text), *rest))

    def _check(self, as_of: date) -> None:
        if type(as_of) is date and as_of < self.drawn_on:
            msg = f"the extract was drawn on {self.drawn_on} and has no history; ask about that day or a later one, not {as_of}"
            raise BeforeExtract(msg)


def _refusal(item: object, drawn_on: date) -> WrongKind | None:
    if isinstance(item, Customer):
        return None
    if not isinstance(item, DOCUMENTS):
        return WrongKind(
            f"{getattr(item, 'id', item)!r} is no open item; an extract holds charges and credits only"
        )
    if item.posting_date > drawn_on:
        return WrongKind(
            f"item {item.id} is posted on {item.posting_date}, after the extract was drawn on {drawn_on}"
        )
    return None
