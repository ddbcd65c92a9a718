"""Writes the cells of the books the way each path writes them: table text, BAPI values, OData JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from receivables.testing.sap.books import Books, Cells
from receivables.testing.sap.names import ITEM, KEY, columns

_WIDE = 14  # characters that an amount takes in a table row: 13 digits with a point, and the sign behind


def stored(books: Books, amount: Decimal, currency: str) -> Decimal:
    """Return what an amount column holds: two decimals whatever the currency."""
    return amount.scaleb(books.exceptions.get(currency, 2) - 2)


def table_width(kind: str, length: int) -> int:
    """Return how many characters a column takes in a table row."""
    return {"A": _WIDE + 2, "P": length + 3}.get(kind, length)


def table_text(books: Books, table: str, column: str, row: Cells) -> str:
    """Return one cell as RFC_READ_TABLE writes it: padded, dates of eight digits, the sign behind the number."""
    kind, length = columns(table)[column]
    value = row.get(column)
    width = table_width(kind, length)
    if kind == "D":
        return f"{value:%Y%m%d}" if isinstance(value, date) else "00000000"
    if kind == "N":
        return f"{int(value or 0):0{length}}"
    if kind in {"A", "P"}:
        number = Decimal(value or 0)
        if kind == "A":
            company = row.get("HWAER", books.currency)
            currency = company if column in {"DMBTR", "SKNTO", "KLIMK"} else row["WAERS"]
            number = stored(books, number, currency).quantize(Decimal("0.01"))
        sign = "-" if number < 0 else " "
        return f"{abs(number):f}{sign}".rjust(width)
    return str(value or "")[:length].ljust(width)


def bapi_row(row: Cells) -> Cells:
    """Return one item as BAPI3007_2: external amounts of four decimals, unsigned, the side apart."""
    made: Cells = {}
    for name in ITEM:
        value = row.get(name.column)
        if not name.bapi:
            continue
        if name.type == "D":
            made[name.bapi] = f"{value:%Y%m%d}" if isinstance(value, date) else "00000000"
        elif name.type in {"A", "P"}:
            places = 4 if name.type == "A" else 3 if name.column.endswith("P") else 0
            made[name.bapi] = Decimal(value or 0).quantize(Decimal(1).scaleb(-places))
        elif name.type == "N":
            made[name.bapi] = f"{int(value or 0):0{name.length}}"
        else:
            made[name.bapi] = str(value or "")[: name.length]
    return made


def cube_row(row: Cells, root: str = "") -> dict[str, Any]:
    """Return one item as OData gives it: signed amounts as text, `/Date()/` of UTC, keys without zeros."""
    sign = -1 if row["SHKZG"] == "H" else 1
    made: dict[str, Any] = {}
    for name in ITEM:
        value = row.get(name.column)
        if name.type == "D":
            made[name.cube] = json_date(value)
        elif name.type == "A":
            signed = name.column in {"WRBTR", "DMBTR"}
            made[name.cube] = f"{Decimal(value or 0) * (sign if signed else 1):.3f}"
        elif name.type == "P":
            made[name.cube] = (
                f"{Decimal(value or 0):.3f}"
                if name.column.endswith("P")
                else f"{Decimal(value or 0):.0f}"
            )
        elif name.column in {"KUNNR", "BUZEI", "FILKD", "VBELN"}:
            made[name.cube] = str(value or "").lstrip("0")
        else:
            made[name.cube] = str(value or "")
    made["AccountingDocument"] = (
        row["BELNR"].lstrip("0") if row["BELNR"].isdigit() else row["BELNR"]
    )
    made["FinancialAccountType"] = "D"
    made["IsCleared"] = bool(row["AUGBL"])
    made["NetDueDate"] = json_date(row.get("NETDT"))
    made["LastChangeDate"] = json_date(row.get("CPUDT"))
    made["ClearingCreationDate"] = json_date(row.get("AUGCP"))
    key = ",".join(f"{cube}='{row[column]}'" for column, cube in zip(KEY, CUBE_KEY, strict=True))
    kind = "API_OPLACCTGDOCITEMCUBE_SRV.A_OperationalAcctgDocItemCubeType"
    made["__metadata"] = {"id": f"{root}({key})", "uri": f"{root}({key})", "type": kind}
    return made


def json_date(value: date | None) -> str | None:
    """Return a day as OData V2 writes it: milliseconds of its UTC midnight."""
    if not isinstance(value, date):
        return None
    midnight = datetime(value.year, value.month, value.day, tzinfo=UTC)
    return f"/Date({int(midnight.timestamp()) * 1000})/"


def in_key_order(rows: Iterable[Cells], keys: Sequence[str] = KEY) -> list[Cells]:
    """Sort rows by their key."""
    return sorted(rows, key=lambda row: tuple(str(row.get(key, "")) for key in keys))


CUBE_KEY = ("CompanyCode", "AccountingDocument", "FiscalYear", "AccountingDocumentItem")
