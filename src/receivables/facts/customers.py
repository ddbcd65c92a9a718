"""What is true of a customer from a day on, so that grouping by it is as of a date too."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import AwareDatetime

from receivables.facts.base import Attributes, Id, Origin, Plain, fact
from receivables.terms import PaymentTerms


@fact
class Customer(Plain):
    """What is true of a customer from a day on, until the next fact of the same id.

    Args:
        id: The customer's number.
        valid_from: First day it holds.
        name: What the customer is called.
        tax_id: Tax number, such as an RFC or VAT id.
        country: ISO 3166 code.
        language: ISO 639 code.
        segment: Group for reports and provisions.
        collector: Who looks after it.
        head_office: Customer whose account this one belongs to.
        payer: Customer that pays for this one.
        terms: Usual payment terms.
        attributes: Anything else to group by.
        recorded_at: When it became known; always known when not given.
        origin: Where it came from.

    >>> Customer(id="C001", valid_from=date(2026, 1, 1), name="Abarrotes del Norte", segment="retail").segment
    'retail'
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
