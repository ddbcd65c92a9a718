"""The tables this library reads and writes: column names, types and meanings, defined once.

One facts table is the exchange format everywhere (CSV, Parquet, frames, pulled folders): one row a fact, and one row an
instalment for documents with several. An open-items table carries what is open on the day it was drawn, a payments
table what came in, a customers table what is true of each customer from a day on. The docs page, the CSV template and the frames all read their columns from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Type = Literal["text", "date", "timestamp", "amount", "currency", "integer", "flag", "json"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Args:
        name: Its name, everywhere.
        type: What its cells hold.
        meaning: One sentence for the docs and the template.
        required: Whether the table needs it, and every row a cell in it unless the meaning says when it is empty.
    """

    name: str
    type: Type
    meaning: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A named set of columns; columns it does not name are kept as attributes of the documents.

    >>> FACTS.names[:4], "due_date" in OPEN_ITEMS
    (('id', 'kind', 'customer', 'currency'), True)
    """

    name: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that every row needs."""
        return tuple(column.name for column in self.columns if column.required)

    def column(self, name: str) -> Column | None:
        """Return a column by name, or None for one that would be an attribute."""
        return next((column for column in self.columns if column.name == name), None)

    def __contains__(self, name: object) -> bool:
        return name in self.names


FACTS = Table(
    "facts",
    (
        Column(
            "id",
            "text",
            "Identity of the fact; rows of one document's instalments share it",
            required=True,
        ),
        Column(
            "kind",
            "text",
            "invoice, debit_memo, credit_memo, payment, allocation, write_off, adjustment, refund or reversal",
            required=True,
        ),
        Column(
            "customer", "text", "Who owes or paid; empty for a payment whose payer is unidentified"
        ),
        Column("currency", "currency", "ISO 4217 code of the amount; not needed for reversals"),
        Column(
            "amount", "amount", "Positive; the kind says the direction; not needed for reversals"
        ),
        Column("document_date", "date", "Date on the document; the posting date when empty"),
        Column("posting_date", "date", "Date the fact counts from", required=True),
        Column(
            "due_date", "date", "Due date of the document or instalment; empty for undated ones"
        ),
        Column("terms", "text", "Payment terms, such as net 30 or 2/10 net 30"),
        Column("source_id", "text", "Allocation, refund: the payment or credit memo used"),
        Column("target_id", "text", "Allocation, write-off, adjustment: the item it changes"),
        Column("reverses_id", "text", "Reversal: the fact that ends on the posting date"),
        Column(
            "instalment", "integer", "Number of the instalment this row is, or that the use names"
        ),
        Column("reference", "text", "What people call it: paper number, purchase order, bank text"),
        Column(
            "recorded_at",
            "timestamp",
            "When the fact became known, with time zone; always known when empty",
        ),
        Column("legal_entity", "text", "Whose books"),
        Column("segment", "text", "Customer segment"),
        Column("collector", "text", "Who looks after it"),
        Column("disputed", "flag", "Whether the customer disputes it"),
        Column("origin", "text", "Where the fact came from: system and key"),
        Column("baseline_date", "date", "Day the terms count from; the document date when empty"),
        Column("dispute_reason", "text", "Why it is disputed"),
        Column("on_account", "flag", "Payment: the customer chose to leave the rest unassigned"),
        Column(
            "company_amount", "amount", "The amount in the company's currency at the booking rate"
        ),
        Column("company_currency", "currency", "Currency of company_amount"),
        Column(
            "source_amount", "amount", "Allocation across currencies: what is taken off the source"
        ),
        Column("source_currency", "currency", "Currency of source_amount"),
        Column("increase", "flag", "Adjustment: whether it adds to what is open"),
        Column("reason", "text", "Why: of an adjustment, write-off or reversal"),
        Column("net_amount", "amount", "Amount before taxes; with taxes it is checked"),
        Column("taxes", "json", "Tax lines: tax, base, amount, rate, factor, withheld"),
    ),
)

OPEN_ITEMS = Table(
    "open items",
    (
        Column("item_id", "text", "Identity of the item", required=True),
        Column(
            "customer",
            "text",
            "Who owes; empty for a payment whose payer is unidentified, a negative amount",
            required=True,
        ),
        Column("currency", "currency", "ISO 4217 code of the open amount", required=True),
        Column("due_date", "date", "Due date; empty for undated items"),
        Column(
            "open_amount", "amount", "What is open: positive owed, negative a credit", required=True
        ),
        Column("document_date", "date", "Date on the document"),
        Column("reference", "text", "What people call it"),
    ),
)

PAYMENTS = Table(
    "payments",
    (
        Column("payment_id", "text", "Identity of the payment", required=True),
        Column("customer", "text", "Who paid; empty while unidentified"),
        Column("currency", "currency", "ISO 4217 code of the amount", required=True),
        Column("amount", "amount", "What was received, above zero", required=True),
        Column("posting_date", "date", "Date it counts from", required=True),
        Column("reference", "text", "Bank text or remittance reference"),
    ),
)

CUSTOMERS = Table(
    "customers",
    (
        Column("customer", "text", "The customer's number", required=True),
        Column("valid_from", "date", "First day the row holds, until the next", required=True),
        Column("name", "text", "What the customer is called"),
        Column("tax_id", "text", "Tax number, such as an RFC or VAT id"),
        Column("country", "text", "ISO 3166 code"),
        Column("language", "text", "ISO 639 code"),
        Column("segment", "text", "Group for reports and provisions"),
        Column("collector", "text", "Who looks after it"),
        Column("head_office", "text", "Customer whose account this one belongs to"),
        Column("payer", "text", "Customer that pays for this one"),
        Column("terms", "text", "Usual payment terms"),
        Column("recorded_at", "timestamp", "When it became known, with time zone"),
        Column("origin", "text", "Where it came from: system and key"),
    ),
)

# What a frame library sums up for a provision: money is only added there, and rates are applied here.
EXPOSURES = Table(
    "exposures",
    (
        Column("segment", "text", "Customer segment; empty without one"),
        Column("bucket", "text", "Aging bucket", required=True),
        Column("currency", "currency", "ISO 4217 code of the exposure", required=True),
        Column("exposure", "amount", "What can be lost, summed", required=True),
    ),
)

TABLES = (FACTS, OPEN_ITEMS, PAYMENTS, CUSTOMERS)
