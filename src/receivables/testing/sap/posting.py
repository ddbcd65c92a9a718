"""Posts facts into SAP books, and says what SAP can hold of them.

The facts that must come back are written while posting, with the keys that the books gave: apart from what the adapter
reads, so that the two can be compared. SAP holds no instant at which a fact became known, no terms that depend on the
weekday, no payer of a payment on a suspense account, and nothing of what a reset clearing had used.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
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
from receivables.testing.sap.settling import (
    AnyFact,
    Open,
    Settler,
    Uses,
    clearing_of,
    key_of,
    shown,
)

SUSPENSE = "999999"
BLOCKS = {"P": "price", "Q": "quantity", "K": "quality", "O": "no purchase order", "X": ""}
_DISCOUNT = "cash discount"
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
        self._facts = [self._booked(it) for it in facts]
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
        self._masters()
        documents = [
            it for it in self._facts if isinstance(it, Invoice | DebitMemo | CreditMemo | Payment)
        ]
        uses = [it for it in self._facts if isinstance(it, Uses)]
        inline, later = self._plan(uses)
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

    def _plan(
        self, uses: list[Uses]
    ) -> tuple[dict[str, list[Uses]], dict[tuple[str, date], list[Uses]]]:
        """Say which uses a payment document brings itself, and which come by a clearing of their own."""
        inline: dict[str, list[Uses]] = defaultdict(list)
        later: dict[tuple[str, date], list[Uses]] = defaultdict(list)
        brought: dict[tuple[str, date], str] = {}
        for use in uses:
            if isinstance(use, Allocation) and self._is_inline(use):
                inline[use.source].append(use)
                brought[use.target, use.posting_date] = use.source
        for use in uses:
            if isinstance(use, Adjustment) and use.increase:
                continue  # SAP posts a debit memo instead; see `expected`
            if (
                isinstance(use, Adjustment)
                and use.reason == _DISCOUNT
                and (use.target, use.posting_date) in brought
            ):
                inline[brought[use.target, use.posting_date]].append(use)
            elif not (isinstance(use, Allocation) and self._is_inline(use)) and not self._is_lost(
                use
            ):
                later[getattr(use, "source", None) or use.target, use.posting_date].append(use)  # type: ignore[union-attr]
        return inline, later

    def _is_inline(self, use: Allocation) -> bool:
        source, target = self._by_id[use.source], self._by_id[use.target]
        if not isinstance(source, Payment) or use.source_amount is not None:
            return False
        same_customer = source.customer == target.customer  # type: ignore[union-attr]
        return (
            use.posting_date == source.posting_date
            and same_customer
            and target.posting_date <= use.posting_date
        )

    def _is_lost(self, use: Uses) -> bool:
        """Tell whether a reset clearing takes the use with it."""
        names = {getattr(use, "source", None), getattr(use, "target", None), use.id}
        return bool(names & self._ended)

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
            days = 0 if credit else (part.due_date - fact.base_date).days
            base = fact.base_date if days >= 0 and not credit else part.due_date
            cells = {
                "DMBTR": share.amount.quantize(Decimal("0.01")),
                "ZFBDT": base,
                "ZBD3T": Decimal(max(days, 0)),
                "MANSP": _block(fact),
                **({} if fact.instalments or credit else _discounts(fact)),
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
                    reason=_DISCOUNT,
                )
            if not partial:
                self._carry_on(use.target, open_line, head, share.amount + extra)
        used = sum((it.amount.amount for it in allocations), ZERO)
        rest = fact.amount.amount - used
        if rest:
            line = self.books.line(
                head, customer, "15", "H", rest, currency, ZFBDT=fact.posting_date
            )
            opened = [Open(line)]
            name = name or self._name(fact.id, line)
        self._open[fact.id] = opened
        self._book(fact, head)
        self._expect(Payment, fact, name, customer=shown(fact.customer) if fact.customer else None)

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

    def _masters(self) -> None:
        held: dict[str, Customer] = {}
        for fact in self._facts:
            if isinstance(fact, Customer):
                held[fact.id] = (
                    fact
                    if fact.id not in held or fact.valid_from > held[fact.id].valid_from
                    else held[fact.id]
                )
        named = {
            getattr(it, "customer", None) or SUSPENSE
            for it in self._facts
            if isinstance(it, Invoice | DebitMemo | CreditMemo | Payment)
        }
        for name in sorted({*held, *named}):
            self._master(name, held.get(name))

    def _master(self, name: str, fact: Customer | None) -> None:
        key = name.zfill(10) if name.isdigit() else name.upper()
        clerks = {"Ana": "AN", "Bruno": "BR", "Carla": "CA", "Diego": "DI"}
        general: Cells = {"KUNNR": key, "NAME1": name, "ERDAT": date(2020, 1, 1)}
        company: Cells = {"KUNNR": key, "BUKRS": self.books.company_code, "AKONT": "0000140000"}
        if fact is not None:
            general |= {
                "NAME1": fact.name,
                "LAND1": fact.country,
                "BRSCH": (fact.segment or "")[:4].upper(),
                "ERDAT": fact.valid_from,
            }
            company |= {
                "BUSAB": clerks.get(fact.collector or "", ""),
                "KNRZE": fact.head_office,
                "KNRZB": fact.payer,
            }
            self.expected.append(
                Customer(
                    id=shown(name),
                    valid_from=fact.valid_from,
                    name=fact.name,
                    country=fact.country,
                    segment=general["BRSCH"],
                    collector=company["BUSAB"] or None,
                    head_office=fact.head_office,
                    payer=fact.payer,
                )
            )
        self.books.tables.setdefault("KNA1", []).append(general)
        self.books.tables.setdefault("KNB1", []).append(company)


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
