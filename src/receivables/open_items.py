"""What is open on a date, item by item, with the facts that made it so.

An open item is an answer, never stored: a document, or one instalment of it, its open amount as of a date, and the
movements that led there. Positive amounts are owed by the customer; credit memos and payments are negative.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from receivables.errors import NoSuchColumn
from receivables.explain import Explanation
from receivables.facts import CHARGES, Adjustment, Customer, Document, Payment, Use
from receivables.money import Money
from receivables.rounding import Rounding
from receivables.terms import Instalment


@dataclass(frozen=True, slots=True)
class Movement:
    """What one use added to an open item, in the sign of the item's view.

    Args:
        on: The day it took effect.
        use: The fact behind it.
        amount: What it added: negative when it took off what a customer owes, positive when it used up a credit.
    """

    on: date
    use: Use
    amount: Money


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A document, or one instalment of it, and what is open of it as of a date.

    Args:
        id: The document's id, with `/2` behind it for its second instalment.
        document: The fact it comes from.
        as_of: The last day that counted.
        due_date: When it is due; None for payments and undated documents.
        amount: What it was at first, negative for a credit.
        open_amount: What remains, in the same sign.
        instalment: Its number when the document has several.
        movements: Everything that changed it, in order.
        master: What was true of the customer on that day, when known.
    """

    id: str
    document: Document
    as_of: date
    due_date: date | None
    amount: Money
    open_amount: Money
    instalment: int | None = None
    movements: tuple[Movement, ...] = ()
    master: Customer | None = None

    @property
    def customer(self) -> str | None:
        """The customer's id; None for a payment whose payer is unidentified."""
        return self.document.customer

    @property
    def currency(self) -> str:
        """The document currency."""
        return self.open_amount.currency

    @property
    def kind(self) -> str:
        """`invoice`, `debit_memo`, `credit_memo` or `payment`."""
        return self.document.kind

    @property
    def is_credit(self) -> bool:
        """Whether it lowers what the customer owes."""
        return not isinstance(self.document, CHARGES)

    @property
    def document_date(self) -> date:
        """The date on the document."""
        return self.document.document_date or self.document.posting_date

    @property
    def posting_date(self) -> date:
        """The date it counts from."""
        return self.document.posting_date

    @property
    def baseline_date(self) -> date:
        """The date its terms count from."""
        return self.document_date if isinstance(self.document, Payment) else self.document.base_date

    @property
    def days_past_due(self) -> int | None:
        """As-of date less due date: 0 when due today, negative when not due yet, None when undated."""
        return None if self.due_date is None else (self.as_of - self.due_date).days

    @property
    def reference(self) -> str | None:
        """What people call the document."""
        return self.document.reference

    @property
    def disputed(self) -> bool:
        """Whether the customer disputes it."""
        return self.document.disputed

    @property
    def company_amount(self) -> Money | None:
        """The open amount in the company's currency at the booking rate, when the document carries one.

        The open share of the document's company amount, rounded half up; nothing is left of it when nothing is open.
        """
        booked = self.document.company_amount
        if booked is None:
            return None
        share = Fraction(self.open_amount.amount) / Fraction(self.document.amount.amount)
        return booked.times(share, Rounding.HALF_UP)

    def attribute(self, name: str) -> str | None:
        """Return what a report may group by: a field of the item, its document or its customer, or a free attribute.

        The document's own segment, collector and attributes come before the customer's.

        Raises:
            NoSuchColumn: For a name that is none of these.
        """
        if name in _FIELDS:
            value = getattr(self, name)
            return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        for holder in (self.document, self.master):
            value = getattr(holder, name, None) if name in _MASTER else dict(getattr(holder, "attributes", ())).get(name)
            if value is not None:
                return str(value)
        if name in _MASTER or name in _attribute_names(self):
            return None
        msg = f"no attribute {name!r}; items have {', '.join(sorted(_FIELDS | _MASTER))} and the attributes of their facts"
        raise NoSuchColumn(msg)

    def explain(self) -> Explanation:
        """Return the open amount, its movements, and how the due date came about (law: Explain agrees)."""
        unit = self.currency
        what = self.kind.replace("_", " ")
        part = f" instalment {self.instalment}" if self.instalment is not None else ""
        start = Explanation(f"{self.posting_date} {what} {self.document.id}{part} posted", self.amount.amount, unit)
        steps = (Explanation(_movement_text(it), it.amount.amount, unit) for it in self.movements)
        owner = f"customer {self.customer}" if self.customer else "an unidentified customer"
        text = f"open amount of {what} {self.id} of {owner} as of {self.as_of}"
        remarks = (Explanation(remark) for remark in self._remarks())
        return Explanation(text, self.open_amount.amount, unit, (start, *steps, *remarks))

    def _remarks(self) -> Iterator[str]:
        if self.due_date is None:
            yield "no due date"
            return
        document = self.document
        terms = None if isinstance(document, Payment) or document.due_date or document.instalments else document.terms
        rule = f": {terms} from {self.baseline_date}" if terms else ", as the document says"
        yield f"due {self.due_date}{rule}"
        days = self.days_past_due or 0
        yield f"{days} days past due: {self.as_of} less {self.due_date}" if days > 0 else f"not past due on {self.as_of}"
        if document.disputed:
            yield f"disputed: {document.dispute_reason or 'no reason given'}"


def items_of(
    document: Document, movements: Iterable[Movement], as_of: date, master: Customer | None
) -> tuple[OpenItem, ...]:
    """Return the item of a document, or one for each instalment, those with nothing open included.

    Movements that name an instalment go to it; the others fill the oldest due first, and unnamed increases the last.

    Args:
        document: A document posted on or before `as_of`.
        movements: What used it up to that day, oldest first.
        as_of: The last day that counts.
        master: What was true of the customer on that day.
    """
    sign = 1 if isinstance(document, CHARGES) else -1
    schedule = () if isinstance(document, Payment) else document.schedule
    moved = tuple(movements)
    if len(schedule) > 1:
        shares = _spread(schedule, moved)
        return tuple(
            _item(document, part, own, sign, as_of, master) for part, own in zip(schedule, shares, strict=True)
        )
    due = None if isinstance(document, Payment) else document.last_due_date
    amount = document.amount * sign
    left = amount
    for movement in moved:
        left += movement.amount
    return (OpenItem(document.id, document, as_of, due, amount, left, None, moved, master),)


def _item(
    document: Document, part: Instalment, moved: list[Movement], sign: int, as_of: date, master: Customer | None
) -> OpenItem:
    amount = part.amount * sign
    left = amount
    for movement in moved:
        left += movement.amount
    name = f"{document.id}/{part.number}"
    own = tuple(sorted(moved, key=lambda it: (it.on, it.use.id)))
    return OpenItem(name, document, as_of, part.due_date, amount, left, part.number, own, master)


def _spread(schedule: tuple[Instalment, ...], movements: tuple[Movement, ...]) -> list[list[Movement]]:
    """Give each instalment its movements: named ones first, then the rest oldest due first."""
    moved: list[list[Movement]] = [[] for _ in schedule]
    left = [part.amount for part in schedule]
    place = {part.number: index for index, part in enumerate(schedule)}
    unnamed = []
    for movement in movements:
        number = getattr(movement.use, "instalment", None)
        if number is None and _raises(movement):
            number = schedule[-1].number
        if number is None:
            unnamed.append(movement)
        else:
            moved[place[number]].append(movement)
            left[place[number]] += _towards(movement)
    by_due = sorted(range(len(schedule)), key=lambda index: (schedule[index].due_date, schedule[index].number))
    for movement in unnamed:
        rest = abs(movement.amount)
        for index in by_due:
            share = min(rest, left[index])
            if share:
                signed = share if movement.amount.amount > 0 else -share
                moved[index].append(Movement(movement.on, movement.use, signed))
                left[index] -= share
                rest -= share
    return moved


def _raises(movement: Movement) -> bool:
    return isinstance(movement.use, Adjustment) and movement.use.increase


def _towards(movement: Movement) -> Money:
    return abs(movement.amount) if _raises(movement) else -abs(movement.amount)


def _movement_text(movement: Movement) -> str:
    use = movement.use
    other = ""
    if use.kind == "allocation":
        other = f" of {use.source}" if movement.amount.amount < 0 else f" to {use.target}"  # type: ignore[union-attr]
    reason = getattr(use, "reason", None)
    return f"{movement.on} {use.kind.replace('_', '-')} {use.id}{other}{f' ({reason})' if reason else ''}"


def _attribute_names(item: OpenItem) -> set[str]:
    held = (*item.document.attributes, *(item.master.attributes if item.master else ()))
    return {name for name, _ in held}


_FIELDS = frozenset(
    {"id", "customer", "currency", "kind", "due_date", "document_date", "posting_date", "baseline_date", "reference"}
    | {"disputed", "instalment"}
)
_MASTER = frozenset(
    {"legal_entity", "segment", "collector", "name", "tax_id", "country", "language", "head_office", "payer"}
    | {"dispute_reason"}
)
