"""Files for mass import (FBDI): positional CSV without a header in a zip, by a layout that the tenant's template gives.

The templates change with releases and their order is not documented where we could read it, so none is built in: take the column
names of the template's sheet, in order, as the layout. What is written is read back by the same layout before it is handed out.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from receivables.errors import UnfitMapping, UnreadableSource
from receivables.facts import DebitMemo, Invoice, Payment

LINES, RECEIPTS = "RaInterfaceLinesAll.csv", "ArPaymentsInterfaceAll.csv"
_STAMP = (2000, 1, 1, 0, 0, 0)  # the same facts make the same bytes
Value = str | int | Decimal | date | None


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one file, in the order of the tenant's template.

    Args:
        file: Its name in the zip.
        columns: Column names, each once.
    """

    file: str
    columns: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(set(self.columns)) != len(self.columns) or not self.columns:
            msg = f"the layout of {self.file} names a column twice, or none; take the names of the template's sheet"
            raise UnfitMapping(msg)


def invoice_lines(
    invoices: Iterable[Invoice | DebitMemo], *, source: str, transaction_type: str, terms: str
) -> list[dict[str, Value]]:
    """Return AutoInvoice lines: one a document, over its gross amount.

    Args:
        invoices: What is to be billed.
        source: Name of the transaction source.
        transaction_type: Name of the transaction type.
        terms: Name of the payment terms.
    """
    return [
        {
            "BATCH_SOURCE_NAME": source,
            "CUST_TRX_TYPE_NAME": transaction_type,
            "TERM_NAME": terms,
            "TRX_DATE": it.document_date or it.posting_date,
            "GL_DATE": it.posting_date,
            "TRX_NUMBER": it.reference,
            "BILL_CUSTOMER_ACCOUNT_NUMBER": it.customer,
            "LINE_TYPE": "LINE",
            "DESCRIPTION": it.reference or it.id,
            "CURRENCY_CODE": it.amount.currency,
            "CONVERSION_TYPE": "User",
            "AMOUNT": it.amount.amount,
            "QUANTITY": 1,
            "UNIT_SELLING_PRICE": it.amount.amount,
            "INTERFACE_LINE_ATTRIBUTE1": it.id,
            "BUSINESS_UNIT_NAME": it.legal_entity,
        }
        for it in invoices
    ]


def receipt_rows(payments: Iterable[Payment], *, lockbox: str) -> list[dict[str, Value]]:
    """Return lockbox payment records, one a payment.

    Args:
        payments: What was received.
        lockbox: Number of the lockbox.
    """
    return [
        {
            "RECORD_TYPE": "6",
            "LOCKBOX_NUMBER": lockbox,
            "ITEM_NUMBER": number,
            "REMITTANCE_AMOUNT": it.amount.amount,
            "CURRENCY_CODE": it.amount.currency,
            "RECEIPT_DATE": it.document_date or it.posting_date,
            "CHECK_NUMBER": it.reference or it.id,
            "CUSTOMER_NUMBER": it.customer,
        }
        for number, it in enumerate(payments, start=1)
    ]


def write(layout: Layout, rows: Sequence[Mapping[str, Value]]) -> bytes:
    """Return the zip to import; it reads back as the same rows.

    Raises:
        UnfitMapping: When the layout lacks a column that a row fills.
    """
    for row in rows:
        missing = [
            name for name, value in row.items() if value is not None and name not in layout.columns
        ]
        if missing:
            msg = f"the layout of {layout.file} has no column {missing[0]}; take the template of your release, or leave the value out"
            raise UnfitMapping(msg)
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(
        [[_cell(row.get(name)) for name in layout.columns] for row in rows]
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(zipfile.ZipInfo(layout.file, _STAMP), buffer.getvalue().encode("utf-8"))
    return packed.getvalue()


def read(layout: Layout, content: bytes) -> list[dict[str, str]]:
    """Return the rows of a zip, by the layout it was written with; empty cells are left out.

    Raises:
        UnreadableSource: When it is no such zip, or a row has another number of columns.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            text = file.read(layout.file).decode("utf-8")
    except (zipfile.BadZipFile, KeyError) as error:
        msg = f"{layout.file} cannot be read: {error}; give a zip that holds it"
        raise UnreadableSource(msg) from None
    rows = []
    for line, cells in enumerate(csv.reader(io.StringIO(text)), start=1):
        if len(cells) != len(layout.columns):
            msg = f"{layout.file}:{line} has {len(cells)} columns; the layout has {len(layout.columns)}"
            raise UnreadableSource(msg)
        rows.append(
            {name: cell for name, cell in zip(layout.columns, cells, strict=True) if cell != ""}
        )
    return rows


def _cell(value: Value) -> str:
    match value:
        case None:
            return ""
        case Decimal():
            return f"{value:f}"
        case date():
            return value.strftime("%Y/%m/%d")
        case _:
            return str(value)
