"""What happened: the dated, immutable facts that every answer is computed from.

Charges (`Invoice`, `DebitMemo`) raise what a customer owes, credits (`CreditMemo`, `Payment`) lower it, and the other
facts rest on those: an `Allocation` uses part of a credit against a charge, a `WriteOff` or `Adjustment` changes what
is open of one of them, a `Refund` gives a credit back, and a `Reversal` ends any of them from its date on.
Amounts are positive; the kind says the direction. A `Customer` is a dated master fact: what was true of a customer from a day on.

Every fact counts from its `posting_date`; `recorded_at`, when given, is when it became known, so that a report can be
run again as it was known then. A fact without `recorded_at` counts as always known.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, StringConstraints
from pydantic.dataclasses import dataclass

from receivables.errors import CurrencyMismatch, NotPositive, PartsDoNotSum, WrongKind
from receivables.money import Money, total
from receivables.terms import BaseDate, Instalment, PaymentTerms
from receivables.terms.payment_terms import check_schedule


def _positive(amount: Money) -> Money:
    if amount.amount <= 0:
        msg = f"amount {amount} must be above zero; facts carry positive amounts and their kind says the direction"
        raise NotPositive(msg)
    return amount


def _pairs(value: Any) -> Any:
    # Attributes may be given as a mapping; they are kept as sorted pairs, so a fact stays immutable to its depth.
    return tuple(sorted(value.items())) if isinstance(value, Mapping) else value


Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Positive = Annotated[Money, AfterValidator(_positive)]
Attributes = Annotated[tuple[tuple[str, str], ...], BeforeValidator(_pairs)]

_CONFIG = ConfigDict(strict=True, extra="forbid", arbitrary_types_allowed=True)


@dataclass(frozen=True, slots=True, config=_CONFIG)
class Origin:
    """Where a fact came from: the system, its own key there, and whatever else it said.

    Args:
        system: Name of the source, such as `sap` or a file name.
        key: The source's own key, such as `1000/0090000123/2026/001` or a line number.
        fields: Attributes of the source that have no place here, kept as they were.
    """

    system: str
    key: str = ""
    fields: Attributes = ()

    def __str__(self) -> str:
        return f"{self.system} {self.key}".strip()


@dataclass(frozen=True, slots=True, config=_CONFIG)
class TaxLine:
    """One tax on a document.

    Args:
        tax: Its name, such as `IVA`.
        base: The amount it was computed on.
        amount: The tax; zero for a rate of zero.
        rate: Fraction of the base (0.16), or amount a unit where `factor` is `quota`; None when exempt.
        factor: Whether `rate` is a rate, a quota a unit, or the line says the base is exempt.
        withheld: True when the customer keeps it back, False when it is charged on top.
    """

    tax: str
    base: Money
    amount: Money
    rate: Decimal | None = None
    factor: Literal["rate", "quota", "exempt"] = "rate"
    withheld: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class _Fact:
    """What every fact has."""

    kind: ClassVar[str]

    id: Id
    posting_date: date
    recorded_at: AwareDatetime | None = None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class _Document(_Fact):
    """What every charge and credit has.

    Args:
        id: Unique within the subledger, whatever the kind.
        customer: Who owes or is owed.
        amount: Gross amount in the document currency, above zero.
        posting_date: The date it counts from.
        document_date: The date on the document; the posting date when not given.
        recorded_at: When it became known, timezone-aware.
        reference: What people call it: a number on the paper, a purchase order, a bank text.
        company_amount: The same amount in the company's currency at the booking rate.
        legal_entity, segment, collector: Whose books, and how the reader groups them.
        attributes: Any further attributes to group by, name and text.
        disputed: True while the customer disputes it; `dispute_reason` says why.
        origin: Where it came from.
    """

    amount: Positive
    document_date: date | None = None
    reference: str | None = None
    company_amount: Positive | None = None
    legal_entity: str | None = None
    segment: str | None = None
    collector: str | None = None
    attributes: Attributes = ()
    disputed: bool = False
    dispute_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class _Dated(_Document):
    """What documents with a due date have: when each part falls due, and their taxes.

    Args:
        terms: Payment terms; instalments and due dates follow from them, counted from `base_date`.
        due_date: The due date as the source says it; with single-instalment terms too, it wins over them.
        instalments: The parts as the source says them; they sum to `amount`.
        baseline_date: The day terms count from; the document date when not given.
        net_amount: The amount before taxes; checked against `taxes` when given.
        taxes: Tax lines; net + charged taxes - withheld taxes = amount.
    """

    customer: Id
    terms: PaymentTerms | None = None
    due_date: date | None = None
    instalments: tuple[Instalment, ...] = ()
    baseline_date: date | None = None
    net_amount: Money | None = None
    taxes: tuple[TaxLine, ...] = ()

    def __post_init__(self) -> None:
        if self.instalments:
            _check_currency(self, *(part.amount for part in self.instalments))
            check_schedule(self.amount, self.instalments, self.id)
            if self.due_date is not None:
                msg = f"{self.id} gives both a due date and instalments; give one of them"
                raise PartsDoNotSum(msg)
        if self.taxes or self.net_amount is not None:
            _check_taxes(self)

    @property
    def base_date(self) -> date:
        """The day the terms count from."""
        if self.terms is not None and self.terms.base is BaseDate.POSTING:
            return self.posting_date
        if self.baseline_date is not None and (self.terms is None or self.terms.base is BaseDate.BASELINE):
            return self.baseline_date
        return self.document_date or self.posting_date

    @property
    def schedule(self) -> tuple[Instalment, ...]:
        """The instalments, from the source or from the terms; empty when the document has a single due date or none."""
        if self.instalments or self.due_date is not None or self.terms is None or len(self.terms.instalments) == 1:
            return self.instalments
        return self.terms.schedule(self.amount, self.base_date)

    @property
    def last_due_date(self) -> date | None:
        """The due date of the whole, or of its last instalment; None for an undated document."""
        if self.due_date is not None or (self.terms is None and not self.instalments):
            return self.due_date
        if self.instalments:
            return max(part.due_date for part in self.instalments)
        return self.terms.due_date(self.base_date) if self.terms else None

    @property
    def net(self) -> Money:
        """The amount before taxes: amount - charged taxes + withheld taxes."""
        charged = total((line.amount for line in self.taxes if not line.withheld), self.amount.currency)
        withheld = total((line.amount for line in self.taxes if line.withheld), self.amount.currency)
        return self.amount - charged + withheld


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Invoice(_Dated):
    """A charge for what was sold.

    >>> Invoice(id="F-1001", customer="C001", amount=Money("11600.00", "MXN"), posting_date=date(2026, 1, 10),
    ...         terms=PaymentTerms.net(30)).last_due_date
    datetime.date(2026, 2, 9)
    """

    kind: ClassVar[str] = "invoice"


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class DebitMemo(_Dated):
    """An extra charge: freight, interest, a fee, a correction upwards."""

    kind: ClassVar[str] = "debit_memo"


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class CreditMemo(_Dated):
    """A reduction granted: returned goods, a rebate, a correction downwards. Open until it is allocated."""

    kind: ClassVar[str] = "credit_memo"


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Payment(_Document):
    """Money received.

    Args:
        customer: Who paid; None while the payer is unidentified.
        on_account: True when the customer chose to leave what is not allocated unassigned.
    """

    kind: ClassVar[str] = "payment"

    customer: Id | None = None
    on_account: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Allocation(_Fact):
    """Part of a payment or credit memo used against a charge.

    It takes effect once it, its source and its target have all been posted, and ends when any of them is reversed.

    Args:
        source: Id of the payment or credit memo used.
        target: Id of the invoice or debit memo it pays.
        amount: What is taken off the target, in its currency.
        source_amount: What is taken off the source when its currency is another one.
        instalment: Number of the instalment paid; None fills the oldest due first.
    """

    kind: ClassVar[str] = "allocation"

    source: Id
    target: Id
    amount: Positive
    source_amount: Positive | None = None
    instalment: int | None = None

    def __post_init__(self) -> None:
        if self.source_amount is None or self.source_amount == self.amount:
            return
        if self.source_amount.currency == self.amount.currency:
            msg = f"{self.id} takes {self.source_amount} from {self.source} for {self.amount}; in one currency they are equal"
            raise PartsDoNotSum(msg)

    @property
    def taken(self) -> Money:
        """What it takes off its source."""
        return self.amount if self.source_amount is None else self.source_amount


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class WriteOff(_Fact):
    """What is open of an item given up as lost, or a small open credit cleared away."""

    kind: ClassVar[str] = "write_off"

    target: Id
    amount: Positive
    instalment: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Adjustment(_Fact):
    """A change of what is open that is neither money nor loss: a discount taken, a deduction granted, a bank fee.

    Args:
        increase: False takes `amount` off what is open of the target, True adds to it.
    """

    kind: ClassVar[str] = "adjustment"

    target: Id
    amount: Positive
    instalment: int | None = None
    reason: str | None = None
    increase: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Refund(_Fact):
    """Part of a payment or credit memo given back to the customer."""

    kind: ClassVar[str] = "refund"

    source: Id
    amount: Positive
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Reversal(_Fact):
    """The end of a fact, from the reversal's posting date on; before it, the fact still counts.

    Reversing a document also ends what rests on it: a reversed payment gives every invoice back what it had paid.

    Args:
        of: Id of the fact reversed; any kind but a reversal.
    """

    kind: ClassVar[str] = "reversal"

    of: Id
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Customer:
    """What is true of a customer from a day on, until the next fact of the same id.

    Args:
        id: The customer's number.
        valid_from: First day it holds.
        head_office: Customer whose account this one belongs to.
        payer: Customer that pays for this one; payments of the payer may be allocated here.
    """

    kind: ClassVar[str] = "customer"

    id: Id
    valid_from: date
    name: str | None = None
    tax_id: str | None = None
    country: str | None = None
    language: str | None = None
    segment: str | None = None
    collector: str | None = None
    head_office: str | None = None
    payer: str | None = None
    terms: PaymentTerms | None = None
    attributes: Attributes = ()
    recorded_at: AwareDatetime | None = None
    origin: Origin | None = None


Charge = Invoice | DebitMemo
Credit = CreditMemo | Payment
Document = Charge | Credit
Use = Allocation | WriteOff | Adjustment | Refund
Fact = Document | Use | Reversal

CHARGES = (Invoice, DebitMemo)
CREDITS = (CreditMemo, Payment)
DOCUMENTS = (*CHARGES, *CREDITS)
USES = (Allocation, WriteOff, Adjustment, Refund)
FACTS = (*DOCUMENTS, *USES, Reversal)
KINDS = {fact.kind: fact for fact in FACTS}


def _check_currency(document: _Dated, *amounts: Money) -> None:
    for amount in amounts:
        if amount.currency != document.amount.currency:
            msg = f"{document.id} of {document.amount} has a part of {amount}; parts are in the document's currency"
            raise CurrencyMismatch(msg)


def _check_taxes(document: _Dated) -> None:
    _check_currency(document, *(line.amount for line in document.taxes), *(line.base for line in document.taxes))
    for line in document.taxes:
        if (line.rate is None) != (line.factor == "exempt"):
            msg = f"tax line {line.tax} of {document.id} has factor {line.factor!r} and rate {line.rate}; only exempt lines have none"
            raise WrongKind(msg)
    if document.net_amount is not None:
        _check_currency(document, document.net_amount)
        if document.net != document.net_amount:
            msg = (
                f"{document.id}: net {document.net_amount} and its taxes do not make {document.amount}; "
                f"they must sum exactly (amount - charged + withheld taxes = {document.net})"
            )
            raise PartsDoNotSum(msg)
