"""Rows that are open items, payments, or invoices with the day they were settled: each row stands for itself."""

from __future__ import annotations

from datetime import date
from typing import Any

from receivables.adapters.csv.shapes.columns import COLUMNS
from receivables.adapters.csv.shapes.desk import Desk, Refusal, Row, attributes_of
from receivables.adapters.csv.shapes.facts import check_dates
from receivables.adapters.port import Entry
from receivables.errors import ReceivablesError
from receivables.facts import Allocation, CreditMemo, DebitMemo, Document, Invoice, Payment
from receivables.facts.wording import spoken
from receivables.money import Money
from receivables.schema.rows import customer_of

_KNOWN = {name: frozenset(column.name for column in columns) for name, columns in COLUMNS.items()}
_CHARGES: dict[str, type[Invoice | DebitMemo]] = {"invoice": Invoice, "debit_memo": DebitMemo}
_GROUPING = ("legal_entity", "segment", "collector", "disputed", "dispute_reason")


class _RowShape:
    """A shape whose rows wait for nothing."""

    amount = "amount"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def waiting_since(self) -> int | None:
        """No row waits."""
        return None

    def take(self, line: int, row: Row) -> Entry | None:
        """Return what a row says."""
        try:
            return self._entry(line, row)
        except (ReceivablesError, Refusal) as error:
            counted = self._desk.counted(row, self.amount)
            return self._desk.refuse((line,), row, counted, error.code, str(error))

    def rest(self) -> list[Entry]:
        """Return nothing: no row waits."""
        return []

    def _entry(self, line: int, row: Row) -> Entry:
        raise NotImplementedError


class OpenItemsShape(_RowShape):
    """Makes a document of each open item, its amount being what was open on the day of the extract.

    A credit without a customer is a payment whose payer is unidentified; any other item needs one.
    """

    amount = "open_amount"

    def _entry(self, line: int, row: Row) -> Entry:
        desk = self._desk
        desk.needs(row, "item_id", "currency", "open_amount")
        if row.get("cleared_by") is not None:
            msg = f"item {row['item_id']} is cleared by {row['cleared_by']}; an open-items table holds open ones only; export without cleared items"
            raise Refusal("cleared-item", msg)
        amount = desk.money(row["open_amount"], row["currency"])
        if not amount:
            desk.needs(row, "customer")
            desk.note(
                line,
                "nothing-open",
                f"item {row['item_id']} has an open amount of {amount}; nothing to age",
            )
            return Entry((line,), (), amount)
        document = document_of(
            desk, row, row["item_id"], amount, self._posted(line, row), _KNOWN["open-items"]
        )
        if row.get("document_date") or row.get("posting_date"):
            check_dates(desk, line, document)
        return Entry((line,), (document,), amount)

    def _posted(self, line: int, row: Row) -> date:
        found: date | None = row.get("posting_date") or row.get("document_date")
        drawn = self._desk.drawn_on
        if found is not None and drawn is not None and found > drawn:
            msg = f"item {row['item_id']} is dated {found}, after the extract was drawn on {drawn}; counted from {drawn}"
            self._desk.note(line, "after-extract", msg)
        if found is None and drawn is None:
            msg = f"item {row['item_id']} has no document date, and the day the extract was drawn is not stated; state drawn_on"
            raise Refusal("missing-value", msg)
        return min(day for day in (found, drawn) if day is not None)


class PaymentsShape(_RowShape):
    """Makes a payment of each row."""

    def _entry(self, line: int, row: Row) -> Entry:
        desk = self._desk
        desk.needs(row, "payment_id", "currency", "amount", "posting_date")
        amount = desk.money(row["amount"], row["currency"])
        payment = Payment(
            id=row["payment_id"],
            customer=row.get("customer"),
            amount=amount,
            posting_date=row["posting_date"],
            reference=row.get("reference"),
            legal_entity=row.get("legal_entity"),
            attributes=attributes_of(row, _KNOWN["payments"]),
        )
        return Entry((line,), (payment,), amount)


class CustomersShape(_RowShape):
    """Makes a dated customer fact of each row; such rows count in no control total."""

    def _entry(self, line: int, row: Row) -> Entry:
        self._desk.needs(row, "customer", "valid_from")
        return Entry((line,), (customer_of(row),))


class SettledInvoicesShape(_RowShape):
    """Makes an invoice of each row and, once it was settled, the payment and the allocation that settled it."""

    def _entry(self, line: int, row: Row) -> Entry:
        desk = self._desk
        desk.needs(row, "id", "customer", "currency", "amount", "document_date")
        amount = desk.money(row["amount"], row["currency"])
        begun, settled = row["document_date"], row.get("settled_date")
        invoice = document_of(desk, row, row["id"], amount, begun, _KNOWN["settled-invoices"])
        check_dates(desk, line, invoice)
        if settled is None:
            return Entry((line,), (invoice,), amount)
        if settled < begun:
            msg = f"invoice {row['id']} was settled on {settled}, before its date {begun}; kept as read"
            desk.note(line, "settled-before-document", msg)
        name = row["id"]
        payment = Payment(
            id=f"{name}/payment",
            customer=row["customer"],
            amount=amount,
            posting_date=settled,
        )
        allocation = Allocation(
            id=f"{name}/allocation",
            source=payment.id,
            target=name,
            amount=amount,
            posting_date=settled,
        )
        return Entry((line,), (invoice, payment, allocation), amount)


def document_of(
    desk: Desk, row: Row, name: str, signed: Money, posted: date, known: frozenset[str]
) -> Document:
    """Return the charge or credit that a signed amount is; the sign gives the direction, the kind says which it is."""
    given = row.get("kind")
    kind = (
        desk.kinds.get(str(given).casefold(), str(given).casefold()) if given is not None else None
    )
    fields: dict[str, Any] = {
        field: row[field] for field in _GROUPING if row.get(field) is not None
    }
    fields |= {
        "id": name,
        "customer": row["customer"],
        "amount": abs(signed),
        "posting_date": posted,
    }
    fields |= {
        "document_date": row.get("document_date"),
        "reference": row.get("reference"),
        "attributes": attributes_of(row, known),
    }
    is_unidentified = kind is None and row["customer"] is None
    if (kind == "payment" or is_unidentified) and signed.amount < 0:
        return Payment(**fields)
    fields |= {"due_date": row.get("due_date"), "baseline_date": row.get("baseline_date")}
    if kind in {"payment", "credit_memo"} and signed.amount > 0:
        msg = f"{kind.replace('_', ' ')} {name} has the amount {signed}; credits are negative; map its kind to debit_memo if it is owed"
        raise Refusal("kind-against-sign", msg)
    if kind is not None and kind not in {"invoice", "debit_memo", "credit_memo", "payment"}:
        msg = f"kind {given!r} of {name} is not mapped; add it to [kinds] as invoice, debit_memo, credit_memo or payment"
        raise Refusal("unmapped-kind", msg)
    made = CreditMemo if signed.amount < 0 else _CHARGES.get(kind or "invoice", Invoice)
    if row["customer"] is None:
        msg = f"customer is empty; every {spoken(made.kind)} needs one"
        raise Refusal("missing-value", msg)
    return made(**fields)
