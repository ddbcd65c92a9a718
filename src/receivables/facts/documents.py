"""Charges and credits: invoices, debit memos, credit memos and payments."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from pydantic.dataclasses import dataclass

from receivables.errors import CurrencyMismatch, PartsDoNotSum, UnreadableFact
from receivables.facts.base import CONFIG, BaseFact, Id, Positive, fact
from receivables.facts.wording import spoken
from receivables.money import Money, total
from receivables.terms import BaseDate, Instalment, PaymentTerms


@dataclass(frozen=True, slots=True, config=CONFIG)
class TaxLine:
    """One tax on a document.

    Args:
        tax: Its name, such as `IVA`.
        base: The amount it was computed on.
        amount: The tax; zero for a rate of zero.
        rate: Fraction of the base (0.16), or amount a unit where `factor` is `quota`; None when exempt.
        factor: Whether `rate` is a rate, a quota a unit, or the line says the base is exempt.
        withheld: True when the customer keeps it back, False when it is charged on top.

    >>> TaxLine("IVA", Money("100.00", "MXN"), Money("16.00", "MXN"), Decimal("0.16")).factor
    'rate'
    """

    tax: str
    base: Money
    amount: Money
    rate: Decimal | None = None
    factor: Literal["rate", "quota", "exempt"] = "rate"
    withheld: bool = False


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class _Document(BaseFact):
    """What every charge and credit carries, besides what every fact does.

    Args:
        amount: Gross amount in the document currency, above zero.
        document_date: The date on the document; the posting date when not given.
        company_amount: The same amount in the company's currency at the booking rate.
        legal_entity: Whose books.
        segment: Customer segment; the customer's when not given.
        collector: Who looks after it; the customer's when not given.
        disputed: Whether the customer disputes it, as the source last said.
        dispute_reason: Why.
    """

    amount: Positive
    document_date: date | None = None
    company_amount: Positive | None = None
    legal_entity: str | None = None
    segment: str | None = None
    collector: str | None = None
    disputed: bool = False
    dispute_reason: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class _Billed(_Document):
    """What documents with a due date carry, besides what every document does.

    When it is due is settled once, here: by `instalments` or `due_date` if the source says them, else by `terms`, which
    fill in the due date, or the instalments when there are several. A document with none of them is undated.

    Args:
        customer: Who owes it.
        terms: Payment terms, counted from `base_date`.
        due_date: Due date; it wins over the terms.
        instalments: The parts with their due dates, kept by number; they sum to `amount` and win over the terms.
        baseline_date: The day terms count from; the document date when not given.
        net_amount: The amount before taxes; checked against `taxes`.
        taxes: Tax lines: net + charged taxes - withheld taxes = amount.
    """

    customer: Id
    terms: PaymentTerms | None = None
    due_date: date | None = None
    instalments: tuple[Instalment, ...] = ()
    baseline_date: date | None = None
    net_amount: Money | None = None
    taxes: tuple[TaxLine, ...] = ()

    def __post_init__(self) -> None:
        _settle_due_dates(self)
        if self.taxes or self.net_amount is not None:
            _check_taxes(self)

    @property
    def base_date(self) -> date:
        """The day the terms count from."""
        base = BaseDate.BASELINE if self.terms is None else self.terms.base
        if base is BaseDate.POSTING:
            return self.posting_date
        baseline = self.baseline_date if base is BaseDate.BASELINE else None
        return baseline or self.document_date or self.posting_date

    @property
    def last_due_date(self) -> date | None:
        """The due date of the whole, or of its last instalment; None when it is undated."""
        return self.due_date or max((part.due_date for part in self.instalments), default=None)

    @property
    def due_rule(self) -> str | None:
        """The terms that give the due dates, and the day they count from; None when the source said the dates itself."""
        if self.terms is None:
            return None
        parts = self.terms.schedule(self.amount, self.base_date)
        given = self.instalments or tuple(
            Instalment(part.number, self.due_date, self.amount) for part in parts if self.due_date
        )
        return f"{self.terms} from {self.base_date}" if parts == given else None

    @property
    def net(self) -> Money:
        """The amount before taxes: amount - charged taxes + withheld taxes."""
        charged = total(
            (line.amount for line in self.taxes if not line.withheld), self.amount.currency
        )
        withheld = total(
            (line.amount for line in self.taxes if line.withheld), self.amount.currency
        )
        return self.amount - charged + withheld


@fact
class Invoice(_Billed):
    """A charge for what was sold.

    >>> Invoice(id="F-1001", customer="C001", amount=Money("11600.00", "MXN"), posting_date=date(2026, 1, 10),
    ...         terms=PaymentTerms.net(30)).due_date
    datetime.date(2026, 2, 9)
    """

    kind: ClassVar[str] = "invoice"


@fact
class DebitMemo(_Billed):
    """An extra charge: freight, interest, a fee, a correction upwards."""

    kind: ClassVar[str] = "debit_memo"


@fact
class CreditMemo(_Billed):
    """A reduction granted: returned goods, a rebate, a correction downwards. Open until it is allocated."""

    kind: ClassVar[str] = "credit_memo"


@fact
class Payment(_Document):
    """Money received.

    Args:
        customer: Who paid; None while the payer is unidentified.
        on_account: True when the customer chose to leave what is not allocated unassigned.
    """

    kind: ClassVar[str] = "payment"

    customer: Id | None = None
    on_account: bool = False


def _settle_due_dates(document: _Billed) -> None:
    """Fill in the due date, or the instalments when there are several, and assert that they make the whole."""
    parts, due = document.instalments, document.due_date
    if parts and due is not None:
        msg = f"{spoken(document.kind)} {document.id} gives both a due date and instalments; give one of them"
        raise PartsDoNotSum(msg)
    if parts:
        _check_instalments(document, parts)
        parts = tuple(sorted(parts, key=lambda part: part.number))  # the last is the highest
    elif due is None and document.terms is not None:
        parts = document.terms.schedule(document.amount, document.base_date)
    if len(parts) == 1:  # a single instalment is a due date
        [whole] = parts
        parts, due = (), whole.due_date
    object.__setattr__(document, "instalments", parts)
    object.__setattr__(document, "due_date", due)


def _check_instalments(document: _Billed, parts: tuple[Instalment, ...]) -> None:
    sums = total((part.amount for part in parts), document.amount.currency)
    numbers = {part.number for part in parts}
    if (
        sums != document.amount
        or len(numbers) != len(parts)
        or any(part.amount.amount <= 0 for part in parts)
    ):
        listed = ", ".join(f"{part.number}: {part.amount}" for part in parts)
        msg = (
            f"instalments of {document.id} ({listed}) sum to {sums}; "
            f"they must be positive, numbered apart and sum to {document.amount}"
        )
        raise PartsDoNotSum(msg)


def _check_taxes(document: _Billed) -> None:
    amounts = [amount for line in document.taxes for amount in (line.base, line.amount)]
    for amount in (*amounts, *((document.net_amount,) if document.net_amount else ())):
        if amount.currency != document.amount.currency:
            msg = f"{document.id} of {document.amount} has a tax or net of {amount}; they are in the document's currency"
            raise CurrencyMismatch(msg)
    for line in document.taxes:
        if (line.rate is None) != (line.factor == "exempt"):
            msg = f"tax {line.tax} of {document.id} is {line.factor} with rate {line.rate}; exempt lines, and only they, have none"
            raise UnreadableFact(msg)
    if document.net_amount is not None and document.net != document.net_amount:
        msg = (
            f"net {document.net_amount} of {document.id} and its taxes do not make {document.amount}; "
            f"they must sum exactly: amount - charged + withheld taxes is {document.net}"
        )
        raise PartsDoNotSum(msg)
