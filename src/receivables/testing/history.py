"""One customer's account over time: what it was invoiced, how it paid, and what went wrong.

Facts are lawful by construction: a document is never used for more than it was, and nothing is used before it is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from receivables.facts import (
    Adjustment,
    Allocation,
    CreditMemo,
    Customer,
    DebitMemo,
    Fact,
    Invoice,
    Payment,
    Refund,
    Reversal,
    WriteOff,
)
from receivables.money import Money, total
from receivables.rounding import Rounding
from receivables.terms import PaymentTerms
from receivables.testing.chance import Chance

TERMS = (
    "net 30",
    "net 30",
    "net 30",
    "net 60",
    "2/10 net 30",
    "30 EOM",
    "net 15",
    "10 MFI",
    "50% net 30, 50% net 60",
)
CURRENCIES = ("MXN",) * 14 + ("USD",) * 3 + ("EUR", "JPY", "KWD")
BOOKING_RATES = {"USD": "17.05", "EUR": "19.80", "JPY": "0.1135", "KWD": "55.40"}
COMPANY_CURRENCY = "MXN"
SEGMENTS = ("retail", "industry", "public", "export")
COLLECTORS = ("Ana", "Bruno", "Carla", "Diego")
COUNTRIES = ("MX", "MX", "MX", "US", "ES", "JP", "KW")
REASONS = ("price", "quantity", "quality", "no purchase order")
_NAMES = (
    "Norte",
    "Solar",
    "Andes",
    "Puerto",
    "Delta",
    "Roble",
    "Cobre",
    "Faro",
    "Sierra",
    "Laguna",
)
_TRADES = ("Foods", "Textiles", "Motors", "Pharma", "Paper", "Tools", "Glass", "Optics")
_SIZES = (
    1_000,
    5_000,
    20_000,
    60_000,
    250_000,
)  # minor units; an amount is 1 to 100 times one of these
_Waiting = tuple[Invoice | DebitMemo, Money]  # a document, and what is still to be paid of it
_NINE = time(9, tzinfo=UTC)


@dataclass(slots=True)
class Account:
    """A customer and its habits."""

    id: str
    name: str
    currency: str
    terms: PaymentTerms
    late_by: int
    opened: date

    @classmethod
    def draw(cls, chance: Chance, number: int, opened: date) -> Account:
        """Draw a customer."""
        name = f"{chance.pick(_NAMES)} {chance.pick(_TRADES)} {number}"
        terms = PaymentTerms.parse(chance.pick(TERMS))
        late_by = -22 if terms.discounts else chance.pick((-5, -2, 0, 0, 3, 8, 20, 45, 70))
        return cls(f"C{number:05}", name, chance.pick(CURRENCIES), terms, late_by, opened)

    def masters(self, chance: Chance, accounts: Sequence[Account]) -> Iterator[Customer]:
        """Yield what is true of the customer, and for some that it moved to another segment."""
        parent = chance.pick(accounts).id if chance.percent(15) else None
        values = {
            "id": self.id,
            "name": self.name,
            "country": chance.pick(COUNTRIES),
            "collector": chance.pick(COLLECTORS),
            "head_office": parent,
            "payer": parent if chance.percent(50) else None,
            "terms": self.terms,
        }
        yield Customer(**values, valid_from=self.opened, segment=chance.pick(SEGMENTS))  # type: ignore[arg-type]
        if chance.percent(10):
            moved = self.opened + timedelta(days=chance.between(100, 400))
            yield Customer(**values, valid_from=moved, segment=chance.pick(SEGMENTS))  # type: ignore[arg-type]


@dataclass(slots=True)
class History:
    """What one customer was invoiced and paid, drawn in order of the due dates."""

    chance: Chance
    account: Account
    first_day: date
    last_day: date
    facts: list[Fact] = field(default_factory=list[Fact])
    count: int = 0

    def draw(self, invoices: int) -> list[Fact]:
        """Draw so many charges and everything that follows from them."""
        documents = sorted(
            (self._charge() for _ in range(invoices)), key=lambda it: it.posting_date
        )
        self.facts += documents
        waiting: list[_Waiting] = []
        for document in documents:
            if self.chance.percent(2):
                self._cancel(document)
                continue
            left = self._credit(document)
            if left:
                waiting.append((document, left))
            if waiting and not self.chance.percent(25):
                waiting = self._pay(waiting)
        return self.facts

    def _id(self, letter: str) -> str:
        self.count += 1
        return f"{letter}-{self.account.id[1:]}-{self.count:06}"

    def _charge(self) -> Invoice | DebitMemo:
        chance, account = self.chance, self.account
        amount = self._amount(chance.pick(_SIZES) * chance.between(1, 100) + chance.below(100))
        posted = self.first_day + timedelta(
            days=chance.below((self.last_day - self.first_day).days)
        )
        disputed = chance.percent(3)
        undated = chance.percent(1)
        kind, letter = (DebitMemo, "D") if chance.percent(2) else (Invoice, "F")
        return kind(
            id=self._id(letter),
            customer=account.id,
            amount=amount,
            posting_date=posted,
            document_date=posted - timedelta(days=chance.pick((0, 0, 0, 1, 3))),
            recorded_at=self._recorded(posted),
            terms=None if undated else account.terms,
            company_amount=self._booked(amount),
            legal_entity=chance.pick(("MX01", "MX01", "MX02")),
            reference=f"PO {chance.between(10_000, 99_999)}",
            disputed=disputed,
            dispute_reason=chance.pick(REASONS) if disputed else None,
        )

    def _credit(self, document: Invoice | DebitMemo) -> Money:
        """Grant a credit memo for some invoices; return what remains to be paid."""
        if not self.chance.percent(4):
            return document.amount
        size = self._part(document.amount, self.chance.between(5, 100))
        day = document.posting_date + timedelta(days=self.chance.between(3, 40))
        if day > self.last_day or not size:
            return document.amount
        memo = CreditMemo(
            id=self._id("M"),
            customer=self.account.id,
            amount=size,
            posting_date=day,
            recorded_at=self._recorded(day),
            company_amount=self._booked(size),
        )
        self.facts.append(memo)
        if self.chance.percent(15):
            return document.amount  # granted, and not used yet
        self._use(memo, document, size, day, memo.recorded_at)
        return document.amount - size

    def _pay(self, waiting: Sequence[_Waiting]) -> list[_Waiting]:
        """Receive one payment for the documents waiting, if it came by the last day; return what waits on."""
        chance = self.chance
        due = max((it.last_due_date or it.posting_date) for it, _ in waiting)
        late = (
            self.account.late_by
            + chance.between(-3, 10)
            + (chance.between(30, 200) if chance.percent(8) else 0)
        )
        day = max(
            due + timedelta(days=late), *(it.posting_date for it, _ in waiting), self.first_day
        )
        if day > self.last_day or chance.percent(1):
            return []
        shares = [(document, *self._paid(document, left, day)) for document, left in waiting]
        extra = Money.zero(self.account.currency)
        if chance.percent(3):
            extra = self._amount(chance.between(1, 50_000))
        payment = self._payment(total((paid for _, paid, _ in shares), extra.currency) + extra, day)
        self.facts.append(payment)
        self._apply(payment, shares)
        if extra and chance.percent(40):
            self._refund(payment, extra)
        if chance.percent(1):
            self._reverse(payment, chance.between(1, 10), "bounced")
            return []
        late = chance.percent(75)  # most of what was paid short comes with the next payment
        return [(document, rest) for document, _, rest in shares if rest and late]

    def _apply(
        self, payment: Payment, shares: Sequence[tuple[Invoice | DebitMemo, Money, Money]]
    ) -> None:
        """Use a payment for its documents: at once, or later when it came unnamed or was left on account."""
        wait = self.chance.between(5, 60) if payment.customer is None or payment.on_account else 0
        day = payment.posting_date + timedelta(days=wait)
        for document, paid, _ in shares:
            if paid and day <= self.last_day:
                self._use(payment, document, paid, day, payment.recorded_at)

    def _payment(self, amount: Money, day: date) -> Payment:
        unknown = self.chance.percent(1)
        return Payment(
            id=self._id("R"),
            customer=None if unknown else self.account.id,
            amount=amount,
            posting_date=day,
            recorded_at=self._recorded(day),
            reference=f"SPEI {self.chance.between(100_000, 999_999)}",
            company_amount=self._booked(amount),
            on_account=not unknown and self.chance.percent(2),
        )

    def _paid(self, document: Invoice | DebitMemo, left: Money, day: date) -> tuple[Money, Money]:
        """Decide what is paid of a document now and later: all, part, or less a discount or some cents."""
        chance, nothing = self.chance, Money.zero(left.currency)
        offers = document.terms.discount_offers(document.base_date) if document.terms else ()
        if offers and day <= offers[0].last_day:
            size = left.times(offers[0].percent / 100, Rounding.HALF_UP)
            return self._less(document, left, size, day, "cash discount"), nothing
        if chance.percent(7):
            part = self._part(left, chance.between(20, 90)) or left
            return part, left - part
        if chance.percent(3) and left.minor > 100:  # noqa: PLR2004 - minor units
            size = self._amount(chance.between(1, 99))
            return self._less(document, left, size, day, "rounding"), nothing
        return left, nothing

    def _less(
        self, document: Invoice | DebitMemo, left: Money, size: Money, day: date, why: str
    ) -> Money:
        """Forgive some of a document; return what is paid of it."""
        if not size or size >= left:
            return left
        kind, letter = (Adjustment, "J") if why == "cash discount" else (WriteOff, "W")
        recorded = self._recorded(day, document.recorded_at)
        name = self._id(letter)
        self.facts.append(
            kind(
                id=name,
                posting_date=day,
                target=document.id,
                amount=size,
                reason=why,
                recorded_at=recorded,
            )
        )
        return left - size

    def _use(
        self, source: Fact, target: Fact, amount: Money, day: date, known: datetime | None
    ) -> None:
        recorded = max(
            it for it in (known, target.recorded_at, self._recorded(day)) if it is not None
        )
        self.facts.append(
            Allocation(
                id=self._id("A"),
                source=source.id,
                target=target.id,
                amount=amount,
                posting_date=day,
                recorded_at=recorded,
            )
        )

    def _refund(self, payment: Payment, extra: Money) -> None:
        day = payment.posting_date + timedelta(days=self.chance.between(5, 30))
        if day <= self.last_day:
            recorded = self._recorded(day, payment.recorded_at)
            name = self._id("B")
            self.facts.append(
                Refund(
                    id=name, source=payment.id, amount=extra, posting_date=day, recorded_at=recorded
                )
            )

    def _cancel(self, document: Invoice | DebitMemo) -> None:
        self._reverse(document, self.chance.between(0, 20), "cancelled")

    def _reverse(self, fact: Invoice | DebitMemo | Payment, days: int, why: str) -> None:
        day = min(fact.posting_date + timedelta(days=days), self.last_day)
        recorded = self._recorded(day, fact.recorded_at)
        name = self._id("X")
        self.facts.append(
            Reversal(id=name, of=fact.id, posting_date=day, reason=why, recorded_at=recorded)
        )

    def _recorded(self, day: date, after: datetime | None = None) -> datetime:
        """Return when a fact became known: the next morning, for a few some weeks later."""
        wait = self.chance.between(5, 40) if self.chance.percent(3) else 1
        known = datetime.combine(day + timedelta(days=wait), _NINE)
        return known if after is None else max(known, after)

    def _amount(self, cents: int) -> Money:
        """Return an amount of the account's currency that is worth about so many cents of money."""
        return Money.from_minor(max(cents, 1), self.account.currency)

    def _part(self, amount: Money, percent: int) -> Money:
        return amount.times(Decimal(percent) / 100, Rounding.DOWN)

    def _booked(self, amount: Money) -> Money | None:
        rate = BOOKING_RATES.get(amount.currency)
        if rate is None:
            return None
        booked = Money.rounded(amount.amount * Decimal(rate), COMPANY_CURRENCY, Rounding.HALF_UP)
        return booked or None
