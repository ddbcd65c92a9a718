"""Writes facts as the facts table, in text or Parquet, so that reading them again gives the same facts."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any, Literal

from receivables.adapters.csv.texts import escaped
from receivables.errors import MissingExtra, UnreadableSource
from receivables.facts import Customer, Fact
from receivables.schema import CUSTOMERS, FACTS, OPEN_ITEMS, PAYMENTS, Table
from receivables.schema.rows import customer_row, to_rows

TableName = Literal["facts", "open-items", "payments", "customers"]
_THREE = -3
_TABLES: dict[str, Table] = {
    "facts": FACTS,
    "open-items": OPEN_ITEMS,
    "payments": PAYMENTS,
    "customers": CUSTOMERS,
}
_EXAMPLES: dict[str, tuple[dict[str, str], ...]] = {
    "facts": (
        {"id": "F-1001", "kind": "invoice", "customer": "C001", "currency": "MXN", "amount": "11600.00",
         "document_date": "2026-01-10", "posting_date": "2026-01-10", "terms": "net 30"},
        {"id": "R-77", "kind": "payment", "customer": "C001", "currency": "MXN", "amount": "5000.00",
         "posting_date": "2026-02-20", "reference": "SPEI 77"},
        {"id": "A-1", "kind": "allocation", "currency": "MXN", "amount": "5000.00", "posting_date": "2026-02-20",
         "source_id": "R-77", "target_id": "F-1001"},
    ),
    "open-items": (
        {"item_id": "F-1001", "customer": "C001", "currency": "MXN", "due_date": "2026-02-09", "open_amount": "6600.00",
         "document_date": "2026-01-10", "reference": "OC-4711"},
    ),
    "payments": (
        {"payment_id": "R-77", "customer": "C001", "currency": "MXN", "amount": "5000.00", "posting_date": "2026-02-20",
         "reference": "SPEI 77"},
    ),
    "customers": (
        {"customer": "C001", "valid_from": "2026-01-01", "name": "Abarrotes del Norte", "country": "MX",
         "segment": "retail", "collector": "AGL", "payer": "C001", "terms": "net 30"},
    ),
}  # fmt: skip


def write_facts(
    facts: Iterable[Fact],
    path: str | Path,
    *,
    escape_formulas: bool = True,
    encoding: str = "utf-8",
) -> None:
    """Write facts as a facts table; the ending says the format: .csv, .tsv or .parquet.

    Every column of the schema is written that any fact has, in the schema's order, and then the attributes by name.

    Args:
        facts: What to write.
        path: The file to write.
        escape_formulas: Put `'` before texts that a spreadsheet would run as a formula; `CsvSource` takes it away.
        encoding: Of a text table; `utf-8-sig` for Excel, which takes a file without a byte order mark for its own code page.

    Raises:
        UnreadableSource: For another ending, or an attribute that has the name of a column.
        MissingExtra: When pyarrow is not installed and the ending is .parquet.
    """
    rows = [row for fact in facts for row in _rows(fact)]
    _write_table(FACTS, rows, Path(path), escape=escape_formulas, encoding=encoding)


def write_customers(
    customers: Iterable[Customer], path: str | Path, *, escape_formulas: bool = True
) -> None:
    """Write customer facts as a customers table, in the formats of `write_facts` and with its errors."""
    rows = [customer_row(customer) for customer in customers]
    _write_table(CUSTOMERS, rows, Path(path), escape=escape_formulas)


def template(table: TableName = "facts") -> str:
    """Return a table of ours as CSV text: the header and rows that show how it is filled in.

    >>> print(template("payments"))
    payment_id,customer,currency,amount,posting_date,reference
    R-77,C001,MXN,5000.00,2026-02-20,SPEI 77
    <BLANKLINE>
    """
    return _delimited(_TABLES[table].names, _EXAMPLES[table], ",", escape=True)


def _write_table(
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    target: Path,
    *,
    escape: bool,
    encoding: str = "utf-8",
) -> None:
    names = _names(table, rows)
    match target.suffix.lower():
        case ".csv" | ".tsv" as suffix:
            separator = "," if suffix == ".csv" else "\t"
            text = _delimited(names, rows, separator, escape=escape)
            target.write_text(text, encoding=encoding, newline="")
        case ".parquet":
            _parquet(table, names, rows, target)
        case suffix:
            msg = f"{target.name} has the ending {suffix!r}; {table.name} are written as .csv, .tsv or .parquet"
            raise UnreadableSource(msg)


def _rows(fact: Fact) -> Iterator[Mapping[str, Any]]:
    taken = set(FACTS.names).intersection(name for name, _ in getattr(fact, "attributes", ()))
    if taken:
        msg = f"{fact.id} has an attribute {min(taken)!r}, which is a column of the facts table; rename the attribute"
        raise UnreadableSource(msg)
    yield from to_rows(fact)


def _names(table: Table, rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    held = {name for row in rows for name in row}
    listed = tuple(name for name in table.names if name in held or name in table.names[:8])
    return (*listed, *sorted(held.difference(table.names)))


def _delimited(
    names: Sequence[str], rows: Iterable[Mapping[str, Any]], separator: str, *, escape: bool
) -> str:
    buffer = StringIO()
    writer = csv.writer(buffer, delimiter=separator, lineterminator="\n")
    writer.writerow([cell_text(name, escape=escape) for name in names])
    for row in rows:
        writer.writerow([cell_text(row.get(name), escape=escape) for name in names])
    return buffer.getvalue()


def cell_text(value: Any, *, escape: bool) -> str:
    """Return a cell of a facts table as text."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            # three decimals could be read as thousands where nothing else settles it: 1.234 is written 1.2340
            return f"{value:f}0" if value.as_tuple().exponent == _THREE else f"{value:f}"
        case date() | datetime():
            return value.isoformat()
        case str():
            return escaped(value) if escape else value
        case _:
            return str(value)


def _parquet(
    table: Table, names: Sequence[str], rows: Sequence[Mapping[str, Any]], target: Path
) -> None:
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        msg = "pyarrow is not installed; install it with the extra: pip install 'receivables[parquet]'"
        raise MissingExtra(msg) from None
    types = {
        "amount": arrow.decimal128(38, 4),
        "date": arrow.date32(),
        "timestamp": arrow.timestamp("us", tz="UTC"),
        "integer": arrow.int64(),
        "flag": arrow.bool_(),
    }
    columns = {}
    for name in names:
        column = table.column(name)
        type_ = types.get(column.type if column else "text", arrow.string())
        columns[name] = arrow.array([row.get(name) for row in rows], type_)
    parquet.write_table(arrow.table(columns), target)
