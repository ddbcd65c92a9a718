"""The columns each kind of table may have, those of the schema first."""

from __future__ import annotations

from typing import Literal

from receivables.schema import CUSTOMERS, FACTS, OPEN_ITEMS, PAYMENTS, Column

TableName = Literal[
    "facts", "open-items", "payments", "customers", "settled-invoices", "cleared-items"
]
KIND_NAMES = ("invoice", "debit_memo", "credit_memo", "payment")

_IDS = {
    "id",
    "item_id",
    "payment_id",
    "customer",
    "source_id",
    "target_id",
    "reverses_id",
    "cleared_by",
    "head_office",
    "payer",
    "tax_id",
    "invoice_uuid",
    "cta_ordenante",
    "cta_beneficiario",
    "num_operacion",
}
_KIND = Column(
    "kind", "text", "invoice, debit_memo, credit_memo or payment; by the amount's sign when empty"
)
_POSTING = Column("posting_date", "date", "Date it counts from; the document date when empty")
_DOCUMENT = (
    Column("baseline_date", "date", "Day the terms count from"),
    Column("legal_entity", "text", "Whose books"),
    Column("segment", "text", "Customer segment"),
    Column("collector", "text", "Who looks after it"),
    Column("disputed", "flag", "Whether the customer disputes it"),
    Column("dispute_reason", "text", "Why it is disputed"),
)

COLUMNS: dict[TableName, tuple[Column, ...]] = {
    "facts": FACTS.columns,
    "open-items": (
        *OPEN_ITEMS.columns,
        _KIND,
        _POSTING,
        *_DOCUMENT,
        Column("cleared_by", "text", "Document that cleared the item; rows with one are not open"),
    ),
    "payments": (*PAYMENTS.columns, Column("legal_entity", "text", "Whose books")),
    "customers": CUSTOMERS.columns,
    "settled-invoices": (
        Column("id", "text", "Identity of the invoice", required=True),
        Column("customer", "text", "Who owes", required=True),
        Column("currency", "currency", "ISO 4217 code of the amount", required=True),
        Column("amount", "amount", "Amount of the invoice, above zero", required=True),
        Column("document_date", "date", "Date on the invoice", required=True),
        Column("due_date", "date", "Due date"),
        Column("settled_date", "date", "Day it was paid in full; empty while it is open"),
        Column("reference", "text", "What people call it"),
        *_DOCUMENT,
    ),
    "cleared-items": (
        Column("id", "text", "Identity of the item", required=True),
        Column("customer", "text", "Who owes", required=True),
        Column("currency", "currency", "ISO 4217 code of the amount", required=True),
        Column("amount", "amount", "Signed: positive owed, negative a credit", required=True),
        Column("posting_date", "date", "Date it counts from", required=True),
        Column("document_date", "date", "Date on the document"),
        Column("due_date", "date", "Due date"),
        Column(
            "cleared_by",
            "text",
            "Document that cleared it; items with the same one cleared each other",
        ),
        Column("cleared_on", "date", "Day it was cleared"),
        Column("reference", "text", "What people call it"),
        _KIND,
        *_DOCUMENT,
    ),
}


def type_of(column: Column) -> str:
    """Return how the cells of a column are read: texts that identify something have rules of their own."""
    return "id" if column.name in _IDS else column.type
