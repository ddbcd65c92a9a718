"""The neutral rows: what every path reads from SAP, before it is made into facts.

A `Line` is one item of a customer account with its amount as people know it: external, above zero, its side apart. The
table path, the BAPI path and OData give equal lines for the same item; that is what makes their facts equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple


class ItemKey(NamedTuple):
    """What identifies an item: BUKRS, BELNR, GJAHR, BUZEI, as SAP stores them."""

    company_code: str
    document: str
    year: str
    item: str

    def __str__(self) -> str:
        return "/".join(self)


class DocumentKey(NamedTuple):
    """What identifies a document: BUKRS, BELNR, GJAHR."""

    company_code: str
    document: str
    year: str

    def __str__(self) -> str:
        return "/".join(self)


class ClearingKey(NamedTuple):
    """What items cleared together share: BUKRS, AUGBL, AUGDT; document numbers alone repeat each year."""

    company_code: str
    document: str
    day: date

    def __str__(self) -> str:
        return f"{self.company_code}/{self.document}/{self.day:%Y%m%d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One item of a customer account.

    Args:
        key: Its identity.
        customer: Account number, without leading zeros.
        debit: True when it increases what the customer owes (SHKZG S).
        amount: In `currency`, above zero, external decimals.
        company_amount: The same in `company_currency` as booked.
        baseline_date: ZFBDT, from which the days count.
        days: ZBD1T, ZBD2T, ZBD3T: first and second discount, net.
        percents: ZBD1P, ZBD2P.
        due_date: The net due date where the system says it; None to have it calculated.
        discount, company_discount: Cash discount taken (WSKTO, SKNTO), above zero or zero.
        cleared_on, cleared_by: AUGDT and AUGBL; both empty while it is open.
        invoice_reference: REBZG, REBZJ, REBZZ: the item it belongs to; empty texts when it refers to none.
        follow_on: REBZT: in which way it belongs to it.
        reversed_with: STBLG: the other half of a reversal, whichever half this is.
        uuid: The fiscal UUID of its document, where it was read from a table.
    """

    key: ItemKey
    customer: str
    document_type: str
    posting_key: str
    debit: bool
    currency: str
    amount: Decimal
    company_currency: str
    company_amount: Decimal
    posting_date: date
    document_date: date | None = None
    entry_date: date | None = None
    baseline_date: date | None = None
    terms: str = ""
    days: tuple[int, int, int] = (0, 0, 0)
    percents: tuple[Decimal, Decimal] = (Decimal(0), Decimal(0))
    due_date: date | None = None
    discount: Decimal = Decimal(0)
    company_discount: Decimal = Decimal(0)
    special_gl: str = ""
    status: str = ""
    cleared_on: date | None = None
    cleared_by: str = ""
    invoice_reference: tuple[str, str, str] = ("", "", "")
    follow_on: str = ""
    reversed_with: str = ""
    reference: str = ""
    assignment: str = ""
    text: str = ""
    reason: str = ""
    payment_method: str = ""
    payment_block: str = ""
    dunning_block: str = ""
    dunning_level: str = ""
    dunning_area: str = ""
    last_dunned: date | None = None
    branch: str = ""
    billing_document: str = ""
    reference_1: str = ""
    reference_2: str = ""
    reference_3: str = ""
    uuid: str = ""

    @property
    def document(self) -> DocumentKey:
        """The document it stands in."""
        return DocumentKey(*self.key[:3])

    @property
    def clearing(self) -> ClearingKey | None:
        """What cleared it; None while it is open."""
        if not self.cleared_by or self.cleared_on is None:
            return None
        return ClearingKey(self.key.company_code, self.cleared_by, self.cleared_on)

    @property
    def clears_itself(self) -> bool:
        """Whether it is a line that its own document posted in order to clear others (AUGBL equals BELNR)."""
        return self.cleared_by == self.key.document

    @property
    def refers_to(self) -> ItemKey | None:
        """The item named by its invoice reference; None when it names none."""
        document, year, item = self.invoice_reference
        if not document or document == "V":
            return None
        return ItemKey(self.key.company_code, document, year, item)

    def open_on(self, as_of: date) -> bool:
        """Tell whether SAP counts it in the balance of a day."""
        return self.posting_date <= as_of and (self.cleared_on is None or self.cleared_on > as_of)

    @property
    def signed(self) -> Decimal:
        """The amount with the sign that OData gives: positive increases what the customer owes."""
        return self.amount if self.debit else -self.amount


def taking_part(lines: Iterable[Line], clearings: Iterable[ClearingKey]) -> tuple[Line, ...]:
    """Return the lines that clearings cleared, and those their own documents posted."""
    keys = {(key.document, key.day) for key in clearings}
    return tuple(
        it
        for it in lines
        if (it.cleared_by, it.cleared_on) in keys or (it.key.document, it.posting_date) in keys
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """One row of the clearing history (BSE_CLR): this clearing took so much off this item.

    Args:
        clearing: The clearing document: BUKRS_CLR, BELNR_CLR, GJAHR_CLR.
        item: The item cleared.
        amount: What was cleared, in the item's currency.
        discount: Cash discount taken with it.
    """

    clearing: DocumentKey
    item: ItemKey
    amount: Decimal
    discount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Master:
    """What SAP holds of a customer in one company code, as texts; empty where it says nothing."""

    customer: str
    company_code: str
    name: str = ""
    created_on: date | None = None
    tax_id: str = ""
    country: str = ""
    language: str = ""
    segment: str = ""
    collector: str = ""
    head_office: str = ""
    payer: str = ""
    terms: str = ""
    details: tuple[tuple[str, str], ...] = ()
