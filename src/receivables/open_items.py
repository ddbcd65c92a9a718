"""What is open on a date, item by item, with the facts that made it so.

An open item is an answer, never stored: a document, or one instalment of it, its open amount as of a date, and the
movements that led there. Positive amounts are owed by the customer; credit memos and payments are negative.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

from receivables.effects import ALWAYS_KNOWN, Effect, known_from
from receivables.explain import Explanation
from receivables.facts import CHARGES, Customer, Document, Payment, Reversal, Use
from receivables.facts.wording import spoken
from receivables.money import Money
from receivables.rounding import Rounding
from receivables.terms import DiscountOffer, Instalment


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
        effects: Everything done to the document, also what counts on later days only; no part of the answer, so items
            are equal without it.
        reversal: What ends the document on a later day; no part of the answer either.
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
    effects: tuple[Effect, ...] = field(default=(), compare=False, repr=False)
    reversal: Reversal | None = field(default=None, compare=False, repr=False)

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
    def free_amount(self) -> Money:
        """What may still be used: the least that is open on the as-of day and on every day after, as far as the books know.

        Nothing posted later changes the open amount as of a day; but what a later fact uses cannot be used a second time,
        and of a document that is reversed later nothing is free.
        """
        free = self.open_amount
        if self.reversal is not None:
            return Money.zero(self.currency)
        if not self.effects:
            return free
        later = {day for it in self.effects for day in (it.start, *(end for end, _ in it.ends))}
        for day in sorted(it for it in later if it > self.as_of):
            counting = [it for it in self.effects if it.counts(day, None)]
            for then in items_of(self.document, counting, day, None):
                if then.instalment == self.instalment and abs(then.open_amount) < abs(free):
                    free = then.open_amount
        return free

    @property
    def known_from(self) -> datetime | None:
        """The moment from which all that the books hold about its document is known; None when nothing says when."""
        moment = max(known_from(it) for it in (self.document, self.reversal) if it is not None)
        for effect in self.effects:
            moment = max(moment, effect.known, *(known for _, known in effect.ends))
        return None if moment == ALWAYS_KNOWN else moment

    @property
    def booked_open_amount(self) -> Money | None:
        """The open amount in the company's currency at the booking rate, when the document carries one.

        An instalment's share of the document's company amount is by largest remainder, so instalments make the whole;
        of a part still open, its share of that, rounded half up.
        """
        booked = self.document.company_amount
        if booked is None:
            return None
        if self.instalment is not None and not isinstance(self.document, Payment):
            parts = self.document.instalments
            shares = booked.split([part.amount.minor for part in parts])
            booked = shares[[part.number for part in parts].index(self.instalment)]
        return booked.times(
            Fraction(self.open_amount.minor, abs(self.amount.minor)), Rounding.HALF_UP
        )

    @property
    def discount_offers(self) -> tuple[DiscountOffer, ...]:
        """The cash discounts its terms offer, each with the last day it may be taken, earliest first."""
        document = self.document
        terms = None if isinstance(document, Payment) else document.terms
        return terms.discount_offers(self.baseline_date) if terms else ()

    def attribute(self, name: str) -> str | None:
        """Return what a report may group by: a field of the item, its document or its customer, or a free attribute.

        The document's own segment, collector and attributes come before the customer's; None when none of them says.
        """
        if name in FIELDS:
            value = getattr(self, name)
            return (
                None
                if value is None
                else str(value).lower()
                if isinstance(value, bool)
                else str(value)
            )
        for holder in (self.document, self.master):
            value = getattr(holder, name, None) if name in MASTER_FIELDS else None
            if value is None and holder is not None:
                value = next((text for key, text in holder.attributes if key == name), None)
            if value is not None:
                return str(value)
        return None

    def knows(self, name: str) -> bool:
        """Tell whether an attribute of this name exists on the item, its document or its customer."""
        return name in FIELDS or name in MASTER_FIELDS or self.attribute(name) is not None

    def explain(self) -> Explanation:
        """Return the open amount, its movements, and how the due date came about (law: Explain agrees)."""
        unit = self.currency
        what = spoken(self.kind)
        part = f" instalment {self.instalment}" if self.instalment is not None else ""
        start = Explanation(
            f"{self.posting_date} {what} {self.document.id}{part} posted", self.amount.amount, unit
        )
        steps = (Explanation(_movement_text(it), it.amount.amount, unit) for it in self.movements)
        owner = f"customer {self.customer}" if self.customer else "an unidentified customer"
        text = f"open amount of {what} {self.id} of {owner} as of {self.as_of}"
        remarks = (Explanation(remark) for remark in self._remarks())
        return Explanation(text, self.open_amount.amount, unit, (start, *steps, *remarks))

    def _remarks(self) -> Iterator[str]:
        document, days = self.document, self.days_past_due
        if days is None:
            yield "no due date"
        else:
            rule = None if isinstance(document, Payment) else document.due_rule
            yield f"due {self.due_date}" + (f": {rule}" if rule else ", as the document says")
            late = f"{days} days past due: {self.as_of} less {self.due_date}"
            yield late if days > 0 else f"not past due on {self.as_of}"
        if document.disputed:
            yield f"disputed: {document.dispute_reason or 'no reason given'}"

    def __str__(self) -> str:
        due = f"due {self.due_date}" if self.due_date else "undated"
        owner = self.customer or "an unidentified customer"
        return f"{self.id} {spoken(self.kind)} of {owner}: {self.open_amount} open on {self.as_of}, {due}"


def items_of(
    document: Document,
    effects: Iterable[Effect],
    as_of: date,
    master: Customer | None,
    held: tuple[Effect, ...] = (),
) -> tuple[OpenItem, ...]:
    """Return the item of a document, or one for each instalment, those with nothing open included.

    Args:
        document: A document that counts on `as_of`.
        effects: What had been done to it by then, in order of taking effect.
        as_of: The last day that counts.
        master: What was true of the customer on that day.
        held: Everything done to it, whenever it counts.
    """
    if isinstance(document, Payment) or not document.instalments:
        due = None if isinstance(document, Payment) else document.due_date
        changes = [(effect, effect.amount) for effect in effects]
        whole = document.amount
        return (_item(document.id, document, None, due, whole, changes, as_of, master, held),)
    parts = document.instalments
    shares = share_out(parts, tuple(effects))
    return tuple(
        _item(
            f"{document.id}/{part.number}",
            document,
            part.number,
            part.due_date,
            part.amount,
            own,
            as_of,
            master,
            held,
        )
        for part, own in zip(parts, shares, strict=True)
    )


def share_out(
    parts: tuple[Instalment, ...], effects: tuple[Effect, ...]
) -> list[list[tuple[Effect, Money]]]:
    """Give each instalment its share of what was done to the document.

    What names an instalment goes to it; what names none fills the oldest due first, or, if it adds, the last.
    """
    shares: list[list[tuple[Effect, Money]]] = [[] for _ in parts]
    left = [part.amount for part in parts]
    place = {part.number: index for index, part in enumerate(parts)}
    unnamed = []
    for effect in effects:
        named = effect.instalment
        if named is None and effect.amount.amount < 0:
            unnamed.append(effect)
            continue
        index = place.get(named or 0, len(parts) - 1)
        shares[index].append((effect, effect.amount))
        left[index] += effect.amount
    oldest_first = sorted(
        range(len(parts)), key=lambda index: (parts[index].due_date, parts[index].number)
    )
    for effect in unnamed:
        rest = -effect.amount
        for index in oldest_first:
            share = min(rest, left[index])
            if share:
                shares[index].append((effect, -share))
                left[index] -= share
                rest -= share
    for own in shares:
        own.sort(key=lambda pair: (pair[0].start, pair[0].use.id))
    return shares


def _item(
    name: str,
    document: Document,
    number: int | None,
    due: date | None,
    amount: Money,
    changes: list[tuple[Effect, Money]],
    as_of: date,
    master: Customer | None,
    held: tuple[Effect, ...],
) -> OpenItem:
    left = amount
    for _, change in changes:
        left += change
    if isinstance(document, CHARGES):
        moved = tuple(Movement(effect.start, effect.use, change) for effect, change in changes)
        return OpenItem(name, document, as_of, due, amount, left, number, moved, master, held)
    moved = tuple(Movement(effect.start, effect.use, -change) for effect, change in changes)
    return OpenItem(name, document, as_of, due, -amount, -left, number, moved, master, held)


def _movement_text(movement: Movement) -> str:
    use = movement.use
    other = ""
    if use.kind == "allocation":
        other = f" of {use.source}" if movement.amount.amount < 0 else f" to {use.target}"  # type: ignore[union-attr]
    reason = getattr(use, "reason", None)
    return f"{movement.on} {spoken(use.kind)} {use.id}{other}{f' ({reason})' if reason else ''}"


FIELDS = frozenset(
    {"id", "customer", "currency", "kind", "due_date", "document_date", "posting_date", "baseline_date",
     "reference", "disputed", "instalment"}
)  # fmt: skip
MASTER_FIELDS = frozenset(
    {"legal_entity", "segment", "collector", "name", "tax_id", "country", "language", "head_office",
     "payer", "dispute_reason"}
)  # fmt: skip
