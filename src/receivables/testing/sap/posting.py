"""Posts facts into SAP books, and says what SAP can hold of them.

The facts that must come back are written while posting, with the keys that the books gave: apart from what the adapter
reads, so that the two can be compared. SAP holds no instant at which a fact became known, no terms that depend on the
weekday, no payer of a payment on a suspense account, and nothing of what a reset clearing had used.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType

from receivables.adapters.sap.codes import DOCUMENT_TYPES, Codes, Meaning
from receivables.facts import (
    Adjustment,
    Allocation,
    CreditMemo,
    Customer,
    DebitMemo,
    Document,
    Fact,
    Invoice,
    Payment,
    Refund,
    Reversal,
    WriteOff,
)
from receivables.money import Money
from receivables.terms import Instalment
from receivables.testing.sap.books import ZERO, Books, Cells

SUSPENSE = "999999"
BLOCKS = {"P": "price", "Q": "quantity", "K": "quality", "O": "no purchase order", "X": ""}
REASONS = {"rounding": "W01"}
_DISCOUNT = "cash discount"
AnyFact = Fact | Customer
Uses = Allocation | Adjustment | WriteOff | Refund


@dataclass(slots=True)
class _Open:
    """One open line of a document, what partial payments named it, and how much they leave."""

    cells: Cells
    number: int | None = None
    partials: list[Cells] = field(default_factory=list)

    @property
    def left(self) -> Decimal:
        whole: Decimal = self.cells["WRBTR"]
        return whole - sum((it["WRBTR"] for it in self.partials), ZERO)


class Poster:
    """Posts facts day by day."""

    def __init__(self, facts: Iterable[AnyFact], books: Books | None = None) -> None:
        self.books = books or Books()
        self.expected: list[AnyFact] = []
        self.ids: dict[str, str] = {}
        self._facts = [self._booked(it) for it in facts]
        self._by_id = {it.id: it for it in self._facts if not isinstance(it, Customer)}
        self._open: dict[str, list[_Open]] = {}
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
        documents = [it for it in self._facts if isinstance(it, Invoice | DebitMemo | CreditMemo | Payment)]
        uses = [it for it in self._facts if isinstance(it, Uses)]
        inline, later = self._plan(uses)
        events: list[tuple[date, int, str, object]] = [(it.posting_date, 0, it.id, it) for it in documents]
        events += [(key[1], 1, key[0], own) for key, own in later.items()]
        events += [(it.posting_date, 2, it.id, it) for it in self._facts if isinstance(it, Reversal)]
        for _, rank, name, what in sorted(events, key=lambda it: it[:3]):
            if rank == 0:
                self._document(what, inline.get(name, []))  # type: ignore[arg-type]
            elif rank == 1:
                self._clearing(what)  # type: ignore[arg-type]
            else:
                self._reversal(what)  # type: ignore[arg-type]
        return self.books

    def _plan(self, uses: list[Uses]) -> tuple[dict[str, list[Uses]], dict[tuple[str, date], list[Uses]]]:
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
            if isinstance(use, Adjustment) and use.reason == _DISCOUNT and (use.target, use.posting_date) in brought:
                inline[brought[use.target, use.posting_date]].append(use)
            elif not (isinstance(use, Allocation) and self._is_inline(use)) and not self._is_lost(use):
                later[getattr(use, "source", None) or use.target, use.posting_date].append(use)  # type: ignore[union-attr]
        return inline, later

    def _is_inline(self, use: Allocation) -> bool:
        source, target = self._by_id[use.source], self._by_id[use.target]
        if not isinstance(source, Payment) or use.source_amount is not None:
            return False
        same_customer = source.customer == target.customer  # type: ignore[union-attr]
        return use.posting_date == source.posting_date and same_customer and target.posting_date <= use.posting_date

    def _is_lost(self, use: Uses) -> bool:
        """Tell whether a reset clearing takes the use with it."""
        names = {getattr(use, "source", None), getattr(use, "target", None), use.id}
        return bool(names & self._ended)

    # --- documents ---

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
        shares = fact.company_amount.split([it.amount.minor for it in parts]) if fact.company_amount else [it.amount for it in parts]
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
            line = self.books.line(head, fact.customer, key, side, part.amount.amount, fact.amount.currency, **cells)
            opened.append(_Open(line, int(line["BUZEI"]) if fact.instalments else None))
        self._open[fact.id] = opened
        name = self._name(fact.id, opened[0].cells)
        due = parts[0].due_date if not fact.instalments else None
        instalments = tuple(
            Instalment(number, it.due_date, it.amount) for number, it in enumerate(fact.instalments, start=1)
        )
        first = opened[0].cells["ZFBDT"]
        self._expect(
            type(fact), fact, name, customer=_shown(fact.customer), due_date=due, instalments=instalments,
            baseline_date=first, disputed=fact.disputed, dispute_reason=fact.dispute_reason,
        )

    def _payment(self, fact: Payment, head: Cells, uses: list[Uses]) -> None:
        """Post a payment with what it paid at once: each piece names its invoice, or clears it."""
        customer, currency = fact.customer or SUSPENSE, fact.amount.currency
        discounts = {it.target: it for it in uses if isinstance(it, Adjustment)}
        allocations = [it for it in uses if isinstance(it, Allocation)]
        partial = fact.id in self._ended or len(allocations) % 2 == 0
        pieces = [(it, *piece) for it in allocations for piece in self._pieces(it.target, it.amount, it.instalment)]
        name, opened = "", []
        for use, open_line, share in pieces:
            discount = discounts.pop(use.target, None)
            extra = discount.amount.amount if discount else ZERO
            if partial:
                line = self._part(head, customer, open_line, share.amount, extra)
                where = f"{_key(line)}>"
                if fact.id not in self._ended:
                    open_line.partials.append(line)
            else:
                line = self._whole(head, customer, open_line, extra)
                where = f"{_clearing(head)}:>"
            name = name or self._name(fact.id, line)
            target = _key(open_line.cells)
            self._use(Allocation, use, f"{where}{target}", self.ids[use.target], share, open_line.number)
            if discount is not None:
                start = where.removesuffix(">").removesuffix(":")
                self._use(Adjustment, discount, f"{start}:{target}%", self.ids[use.target], discount.amount, open_line.number, reason=_DISCOUNT)
            if not partial:
                self._carry_on(use.target, open_line, head, customer, share.amount + extra)
        used = sum((it.amount.amount for it in allocations), ZERO)
        rest = fact.amount.amount - used
        if rest:
            line = self.books.line(head, customer, "15", "H", rest, currency, ZFBDT=fact.posting_date)
            opened = [_Open(line)]
            name = name or self._name(fact.id, line)
        self._open[fact.id] = opened
        self._book(fact, head)
        self._expect(Payment, fact, name, customer=_shown(fact.customer) if fact.customer else None)

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

    def _part(self, head: Cells, customer: str, named: _Open, amount: Decimal, discount: Decimal) -> Cells:
        cells = named.cells
        return self.books.line(
            head, customer, "15", "H", amount + discount, cells["WAERS"], WSKTO=discount,
            REBZG=cells["BELNR"], REBZJ=cells["GJAHR"], REBZZ=cells["BUZEI"], REBZT="Z", ZFBDT=head["BUDAT"],
        )

    def _whole(self, head: Cells, customer: str, cleared: _Open, discount: Decimal) -> Cells:
        """Clear a line, and what partial payments named it, by a line of the payment; the rest is carried on later."""
        left = cleared.left
        cleared.cells["WSKTO"] = discount
        line = self.books.line(
            head, customer, "15", "H", left, cleared.cells["WAERS"], WSKTO=discount
        )
        self.books.clear([cleared.cells, *cleared.partials, line], head)
        return line

    def _carry_on(self, name: str, cleared: _Open, head: Cells, customer: str, amount: Decimal) -> None:
        """Post what was not cleared of a line as a residual item, which continues it."""
        left = cleared.left - amount
        opened = self._open[name]
        place = opened.index(cleared)
        if left <= 0:
            opened.pop(place)
            return
        old = cleared.cells
        side, key = (old["SHKZG"], "06" if old["SHKZG"] == "S" else "16")
        names = ("ZFBDT", "ZBD1T", "ZBD2T", "ZBD3T", "ZBD1P", "ZBD2P", "MANSP")
        same = {it: old[it] for it in names if it in old}
        line = self.books.line(
            head, old["KUNNR"], key, side, left, old["WAERS"], REBZG=old["BELNR"], REBZJ=old["GJAHR"],
            REBZZ=old["BUZEI"], REBZT="V", **same,
        )
        opened[place] = _Open(line, cleared.number)

    # --- clearings of their own ---

    def _clearing(self, uses: list[Uses]) -> None:
        """Clear open lines by a document of its own: a transfer, a loss or other difference, or money given back."""
        use = uses[0]
        document_type = "KZ" if isinstance(use, Refund) else "AB" if isinstance(use, Allocation) else "SA"
        if document_type == "SA" or isinstance(use, Refund):
            for each in uses:
                self._alone(each, document_type)
            return
        head = self.books.document(document_type, use.posting_date)
        for each in uses:
            if isinstance(each, Allocation):
                self._transfer(each, head if each is use else self.books.document("AB", use.posting_date))
            else:
                self._alone(each, "KZ" if isinstance(each, Refund) else "SA")

    def _transfer(self, use: Allocation, head: Cells) -> None:
        """Use an open credit for open charges."""
        pieces = list(self._pieces(use.target, use.amount, use.instalment))
        sources = list(self._pieces(use.source, use.taken, None))
        source = sources[0][0]
        for open_line, share in pieces:
            self._settle(use.target, open_line, share.amount, head)
            where = f"{_clearing(head)}:{_key(source.cells)}>{_key(open_line.cells)}"
            self._use(
                Allocation, use, where, self.ids[use.target], share, open_line.number, source=self.ids[use.source],
                source_amount=use.source_amount,
            )
        for open_line, share in sources:
            self._settle(use.source, open_line, share.amount, head)

    def _alone(self, use: Uses, document_type: str) -> None:
        """Relieve a document by a posting outside the customer accounts."""
        name = use.source if isinstance(use, Refund) else use.target  # type: ignore[union-attr]
        for open_line, share in self._pieces(name, use.amount, getattr(use, "instalment", None)):
            head = self.books.document(document_type, use.posting_date)
            code = "" if isinstance(use, Refund) else REASONS.get(getattr(use, "reason", None) or "", "D01")
            if isinstance(use, WriteOff):
                code = "W01"
            self._settle(name, open_line, share.amount, head, RSTGR=code)
            where = f"{_clearing(head)}:{_key(open_line.cells)}"
            extra = {} if isinstance(use, Refund) else {"reason": code}
            self._use(type(use), use, where, self.ids[name], share, open_line.number, **extra)

    def _settle(self, name: str, open_line: _Open, amount: Decimal, head: Cells, **cells: str) -> None:
        old, left = open_line.cells, open_line.left
        side, key = ("H", "17") if old["SHKZG"] == "S" else ("S", "07")
        offset = self.books.line(head, old["KUNNR"], key, side, left, old["WAERS"], **cells)
        self.books.clear([old, *open_line.partials, offset], head)
        self._carry_on(name, open_line, head, old["KUNNR"], amount)

    # --- the rest ---

    def _reversal(self, fact: Reversal) -> None:
        head = self._heads.get(fact.of)
        if head is None:
            return  # the reversal of a use is a reset clearing, which leaves no trace
        made = self.books.reverse(head, fact.posting_date)
        self._open[fact.of] = []
        name = f"{made['BUKRS']}/{made['BELNR']}/{made['GJAHR']}/001>{self.ids[fact.of]}"
        self.expected.append(Reversal(id=name, of=self.ids[fact.of], posting_date=fact.posting_date, reason="01"))

    def _pieces(self, name: str, amount: Money, number: int | None) -> Iterable[tuple[_Open, Money]]:
        """Split an amount over the open lines of a document: the instalment named, or the oldest due first."""
        left = amount.amount
        opened = [it for it in self._open[name] if number is None or it.number == number]
        for open_line in sorted(opened, key=lambda it: (_due(it.cells), it.cells["BUZEI"])):
            share = min(left, open_line.left)
            if share > 0:
                left -= share
                yield open_line, Money(share, amount.currency)

    def _name(self, fact_id: str, line: Cells) -> str:
        self.ids[fact_id] = _key(line)
        return self.ids[fact_id]

    def _expect(self, kind: type[Fact], fact: Document, name: str, **values: object) -> None:
        company = fact.company_amount
        self.expected.append(
            kind(
                id=name, amount=fact.amount, posting_date=fact.posting_date, company_amount=company,
                document_date=fact.document_date or fact.posting_date, legal_entity=self.books.company_code,
                reference=(fact.reference or "")[:16] or None, **values,  # type: ignore[arg-type]
            )
        )

    def _use(
        self, kind: type[Fact], use: Uses, name: str, target: str, amount: Money, number: int | None, **values: object
    ) -> None:
        rests = {"source": target} if kind is Refund else {"target": target, "instalment": number}
        if kind is Allocation:
            values.setdefault("source", self.ids.get(getattr(use, "source", ""), ""))
        if kind is Allocation and not values["source"]:
            values["source"] = self.ids[use.source]  # type: ignore[union-attr]
        self.expected.append(kind(id=name, posting_date=use.posting_date, amount=amount, **(rests | values)))  # type: ignore[arg-type]

    def _masters(self) -> None:
        held: dict[str, Customer] = {}
        for fact in self._facts:
            if isinstance(fact, Customer):
                held[fact.id] = fact if fact.id not in held or fact.valid_from > held[fact.id].valid_from else held[fact.id]
        named = {getattr(it, "customer", None) or SUSPENSE for it in self._facts if isinstance(it, Invoice | DebitMemo | CreditMemo | Payment)}
        for name in sorted({*held, *named}):
            self._master(name, held.get(name))

    def _master(self, name: str, fact: Customer | None) -> None:
        key = name.zfill(10) if name.isdigit() else name.upper()
        clerks = {"Ana": "AN", "Bruno": "BR", "Carla": "CA", "Diego": "DI"}
        general: Cells = {"KUNNR": key, "NAME1": name, "ERDAT": date(2020, 1, 1)}
        company: Cells = {"KUNNR": key, "BUKRS": self.books.company_code, "AKONT": "0000140000"}
        if fact is not None:
            general |= {"NAME1": fact.name, "LAND1": fact.country, "BRSCH": (fact.segment or "")[:4].upper(), "ERDAT": fact.valid_from}
            company |= {"BUSAB": clerks.get(fact.collector or "", ""), "KNRZE": fact.head_office, "KNRZB": fact.payer}
            self.expected.append(
                Customer(
                    id=_shown(name), valid_from=fact.valid_from, name=fact.name, country=fact.country,
                    segment=general["BRSCH"], collector=company["BUSAB"] or None, head_office=fact.head_office, payer=fact.payer,
                )
            )
        self.books.tables.setdefault("KNA1", []).append(general)
        self.books.tables.setdefault("KNB1", []).append(company)


def _share(company: Money, amount: Decimal, fact: Payment) -> Decimal:
    return (company.amount * amount / fact.amount.amount).quantize(Decimal("0.01"))


def _key(line: Cells) -> str:
    return f"{line['BUKRS']}/{line['BELNR']}/{line['GJAHR']}/{line['BUZEI']}"


def _clearing(head: Cells) -> str:
    return f"{head['BUKRS']}/{head['BELNR']}/{head['BUDAT']:%Y%m%d}"


def _shown(customer: str) -> str:
    return (customer.lstrip("0") or "0") if customer.isdigit() else customer.upper()


def _due(line: Cells) -> date:
    base: date = line.get("ZFBDT") or line["BUDAT"]
    return base + timedelta(days=int(line.get("ZBD3T", 0) or line.get("ZBD1T", 0) or 0))


def _block(fact: Invoice | DebitMemo | CreditMemo) -> str:
    if not fact.disputed:
        return ""
    return next((code for code, why in BLOCKS.items() if why == (fact.dispute_reason or "")), "X")


def _discounts(fact: Invoice | DebitMemo) -> Cells:  # type: ignore[return]
    """Return the discount days of the terms, counted from the base date."""
    offers = fact.terms.discount_offers(fact.base_date)[:2] if fact.terms else ()
    cells: Cells = {}
    for place, offer in enumerate(offers, start=1):
        cells[f"ZBD{place}T"] = Decimal((offer.last_day - fact.base_date).days)
        cells[f"ZBD{place}P"] = offer.percent
    return cells


CODES = Codes(
    document_types=MappingProxyType({**DOCUMENT_TYPES, "DN": Meaning.DEBIT_MEMO}),
    dispute_blocks=MappingProxyType(BLOCKS),
    unidentified_customers=frozenset({SUSPENSE}),
    write_off_reasons=frozenset({"W01"}),
)
