"""Posts facts into SAP books, and says what SAP can hold of them.

The facts that must come back are written while posting, with the keys that the books gave: apart from what the adapter
reads, so that the two can be compared. SAP holds no instant at which a fact became known, no terms that depend on the
weekday, no payer of a payment on a suspense account, nothing of what a reset clearing had used, and no use of something before
it is posted: such a use is dated then.

Two attributes are posted as SAP has them: `invoice_reference`, the id of the invoice that a credit belongs to, and
`special_gl`, the indicator of a payment that is a down payment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from receivables.adapters.sap.codes import DOCUMENT_TYPES, Codes, Meaning
from receivables.facts import (
    Adjustment,
    Allocation,
    CreditMemo,
    Customer,
    DebitMemo,
    Document,
    Invoice,
    Payment,
    Reversal,
)
from receivables.money import Money
from receivables.terms import Instalment
from receivables.testing.sap.books import ZERO, Books, Cells
from receivables.testing.sap.customers import SUSPENSE, post_customers
from receivables.testing.sap.planning import DISCOUNT, Plan
from receivables.testing.sap.settling import (
    AnyFact,
    Open,
    Settler,
    Uses,
    clearing_of,
    key_of,
    shown,
)

BLOCKS = {"P": "price", "Q": "quantity", "K": "quality", "O": "no purchase order", "X": ""}
CODES = Codes(
    document_types=MappingProxyType({**DOCUMENT_TYPES, "DN": Meaning.DEBIT_MEMO}),
    dispute_blocks=MappingProxyType(BLOCKS),
    unidentified_customers=frozenset({SUSPENSE}),
    write_off_reasons=frozenset({"W01"}),
)


class Poster(Settler):
    """Posts facts day by day."""

    def __init__(self, facts: Iterable[AnyFact], books: Books | None = None) -> None:
        super().__init__(books or Books())
        listed = [self._booked(it) for it in facts]
        days = {it.id: it.posting_date for it in listed if isinstance(it, Document)}
        self._facts = [_clearable(it, days) for it in listed]
        self._by_id = {it.id: it for it in self._facts if not isinstance(it, Customer)}
        self._heads: dict[str, Cells] = {}
        ended = {it.of for it in self._facts if isinstance(it, Reversal)}
        self._ended = ended

    def _booked(self, fact: AnyFact) -> AnyFact:
        """Return a fact as SAP keeps it: always with its amount in the company's currency, at a rate of one here."""
        if not isinstance(fact, Document) or fact.company_amount is not None:
            return fact
        if fact.amount.currency == self.books.currency:
            return fact
        amount = fact.amount.amount.quantize(Decimal("0.01"))
        return replace(fact, company_amount=Money(amount, self.books.currency)) if amount else fact

    def post(self) -> Books:
        """Post everything and return the books."""
        self.expected += post_customers(self.books, self._facts)
        documents = [
            it for it in self._facts if isinstance(it, Invoice | DebitMemo | CreditMemo | Payment)
        ]
        uses = [it for it in self._facts if isinstance(it, Uses)]
        inline, later = Plan(self._by_id, self._ended).of(uses)
        events: list[tuple[date, int, str, Any]] = [
            (it.posting_date, 0, it.id, it) for it in documents
        ]
        events += [(key[1], 1, key[0], own) for key, own in later.items()]
        events += [
            (it.posting_date, 2, it.id, it) for it in self._facts if isinstance(it, Reversal)
        ]
        for _, rank, name, what in sorted(events, key=lambda it: it[:3]):
            if rank == 0:
                self._document(what, inline.get(name, []))
            elif rank == 1:
                self._clearing(what)
            else:
                self._reversal(what)
        return self.books

    def _document(self, fact: Document, uses: list[Uses]) -> None:
        types = {"invoice": "RV", "debit_memo": "DN", "credit_memo": "DG", "payment": "DZ"}
        head = self.books.document(
            types[fact.kind],
            fact.posting_date,
            BLDAT=fact.document_date or fact.posting_date,
            XBLNR=(fact.reference or "")[:16],
        )
        self._heads[fact.id] = head
        if isinstance(fact, Payment):
            self._payment(fact, head, uses)
        else:
            self._billed(fact, head)

    def _billed(self, fact: Invoice | DebitMemo | CreditMemo, head: Cells) -> None:
        credit = isinstance(fact, CreditMemo)
        parts = fact.instalments or (Instalment(1, fact.due_date or fact.base_date, fact.amount),)
        shares = (
            fact.company_amount.split([it.amount.minor for it in parts])
            if fact.company_amount
            else [it.amount for it in parts]
        )
        opened = []
        for part, share in zip(parts, shares, strict=True):
            named = self._named_by(fact)
            counts = not credit or bool(named)  # a credit has days only when it names an invoice
            days = (part.due_date - fact.base_date).days if counts else 0
            base = fact.base_date if days >= 0 and counts else part.due_date
            cells = {
                "DMBTR": share.amount.quantize(Decimal("0.01")),
                "ZFBDT": base,
                "ZBD3T": Decimal(max(days, 0)),
                "MANSP": _block(fact),
                **({} if fact.instalments or credit or days <= 0 else _discounts(fact)),
                **named,
            }
            key, side = ("11", "H") if credit else ("01", "S")
            line = self.books.line(
                head, fact.customer, key, side, part.amount.amount, fact.amount.currency, **cells
            )
            opened.append(Open(line, int(line["BUZEI"]) if fact.instalments else None))
        self._open[fact.id] = opened
        name = self._name(fact.id, opened[0].cells)
        due = parts[0].due_date if not fact.instalments else None
        instalments = tuple(
            Instalment(number, it.due_date, it.amount)
            for number, it in enumerate(fact.instalments, start=1)
        )
        first = opened[0].cells["ZFBDT"]
        self._expect(
            type(fact),
            fact,
            name,
            customer=shown(fact.customer),
            due_date=due,
            instalments=instalments,
            baseline_date=first,
            disputed=fact.disputed,
            dispute_reason=fact.dispute_reason,
        )

    def _named_by(self, fact: Document) -> Cells:
        """Return the cells that name the invoice a document belongs to."""
        name = dict(fact.attributes).get("invoice_reference")
        if name is None:
            return {}
        cells = self._open[name][0].cells
        return {"REBZG": cells["BELNR"], "REBZJ": cells["GJAHR"], "REBZZ": cells["BUZEI"]}

    def _payment(self, fact: Payment, head: Cells, uses: list[Uses]) -> None:
        """Post a payment with what it paid at once: each piece names its invoice, or clears it."""
        customer, currency = fact.customer or SUSPENSE, fact.amount.currency
        discounts = {it.target: it for it in uses if isinstance(it, Adjustment)}
        allocations = [it for it in uses if isinstance(it, Allocation)]
        partial = fact.id in self._ended or len(allocations) % 2 == 0
        pieces = [
            (it, *piece)
            for it in allocations
            for piece in self._pieces(it.target, it.amount, it.instalment)
        ]
        name, opened = "", []
        for use, open_line, share in pieces:
            discount = discounts.pop(use.target, None)
            extra = discount.amount.amount if discount else ZERO
            if partial:
                line = self._part(head, customer, open_line, share.amount, extra)
                where = f"{key_of(line)}>"
                if fact.id not in self._ended:
                    open_line.partials.append(line)
            else:
                line = self._whole(head, customer, open_line, extra)
                where = f"{clearing_of(head)}:>"
            name = name or self._name(fact.id, line)
            target = key_of(open_line.cells)
            self._use(
                Allocation, use, f"{where}{target}", self.ids[use.target], share, open_line.number
            )
            if discount is not None:
                start = where.removesuffix(">").removesuffix(":")
                self._use(
                    Adjustment,
                    discount,
                    f"{start}:{target}%",
                    self.ids[use.target],
                    discount.amount,
                    open_line.number,
                    reason=DISCOUNT,
                )
            if not partial:
                self._carry_on(use.target, open_line, head, share.amount + extra)
        used = sum((it.amount.amount for it in allocations), ZERO)
        rest = fact.amount.amount - used
        special = dict(fact.attributes).get("special_gl", "")
        if rest:
            cells = {"ZFBDT": fact.posting_date, **({"UMSKZ": special} if special else {})}
            key = "19" if special else "15"
            line = self.books.line(head, customer, key, "H", rest, currency, **cells)
            opened = [Open(line)]
            name = name or self._name(fact.id, line)
        self._open[fact.id] = opened
        self._book(fact, head)
        payer = shown(fact.customer) if fact.customer else None
        self._expect(Payment, fact, name, customer=payer, on_account=bool(special))

    def _book(self, fact: Payment, head: Cells) -> None:
        """Write the company amounts of a payment's lines, so that they make its own."""
        company = fact.company_amount
        if company is None:
            return
        lines = self.books.in_document(head)
        booked = ZERO
        for line in lines:
            line["DMBTR"] = _share(company, line["WRBTR"], fact)
            line["SKNTO"] = _share(company, line.get("WSKTO", ZERO), fact)
            sign = 1 if line["SHKZG"] == "H" else -1
            booked += sign * line["DMBTR"] - (line["SKNTO"] if sign > 0 else ZERO)
        next(it for it in lines if it["SHKZG"] == "H")["DMBTR"] += company.amount - booked

    def _part(
        self, head: Cells, customer: str, named: Open, amount: Decimal, discount: Decimal
    ) -> Cells:
        cells = named.cells
        return self.books.line(
            head,
            customer,
            "15",
            "H",
            amount + discount,
            cells["WAERS"],
            WSKTO=discount,
            REBZG=cells["BELNR"],
            REBZJ=cells["GJAHR"],
            REBZZ=cells["BUZEI"],
            REBZT="Z",
            ZFBDT=head["BUDAT"],
        )

    def _whole(self, head: Cells, customer: str, cleared: Open, discount: Decimal) -> Cells:
        """Clear a line, and what partial payments named it, by a line of the payment; the rest is carried on later."""
        left = cleared.left
        cleared.cells["WSKTO"] = discount
        line = self.books.line(
            head, customer, "15", "H", left, cleared.cells["WAERS"], WSKTO=discount
        )
        self.books.clear([cleared.cells, *cleared.partials, line], head)
        return line

    def _reversal(self, fact: Reversal) -> None:
        head = self._heads.get(fact.of)
        if head is None:
            return  # the reversal of a use is a reset clearing, which leaves no trace
        made = self.books.reverse(head, fact.posting_date)
        self._open[fact.of] = []
        name = f"{made['BUKRS']}/{made['BELNR']}/{made['GJAHR']}/001>{self.ids[fact.of]}"
        self.expected.append(
            Reversal(id=name, of=self.ids[fact.of], posting_date=fact.posting_date, reason="01")
        )

    def _expect(self, kind: Any, fact: Document, name: str, **values: Any) -> None:
        company = fact.company_amount
        self.expected.append(
            kind(
                id=name,
                amount=fact.amount,
                posting_date=fact.posting_date,
                company_amount=company,
                document_date=fact.document_date or fact.posting_date,
                legal_entity=self.books.company_code,
                reference=(fact.reference or "")[:16] or None,
                **values,
            )
        )


def _clearable(fact: AnyFact, days: Mapping[str, date]) -> AnyFact:
    """Return a use as SAP says it: not before what it rests on is posted, and what is taken only in another currency."""
    if not isinstance(fact, Uses):
        return fact
    rests = [
        days[it] for it in (getattr(fact, "source", ""), getattr(fact, "target", "")) if it in days
    ]
    fact = replace(fact, posting_date=max([fact.posting_date, *rests]))
    if isinstance(fact, Allocation) and fact.source_amount == fact.amount:
        return replace(fact, source_amount=None)
    return fact


def _share(company: Money, amount: Decimal, fact: Payment) -> Decimal:
    return (company.amount * amount / fact.amount.amount).quantize(Decimal("0.01"))


def _block(fact: Invoice | DebitMemo | CreditMemo) -> str:
    if not fact.disputed:
        return ""
    return next((code for code, why in BLOCKS.items() if why == (fact.dispute_reason or "")), "X")


def _discounts(fact: Invoice | DebitMemo | CreditMemo) -> Cells:
    """Return the discount days of the terms, counted from the base date."""
    offers = fact.terms.discount_offers(fact.base_date)[:2] if fact.terms else ()
    cells: Cells = {}
    for place, offer in enumerate(offers, start=1):
        cells[f"ZBD{place}T"] = Decimal((offer.last_day - fact.base_date).days)
        cells[f"ZBD{place}P"] = offer.percent
    return cells
