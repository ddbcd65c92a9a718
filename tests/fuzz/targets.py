"""What is fuzzed: each target takes bytes and may raise nothing but a declared error."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

from receivables import PaymentTerms, ReceivablesError
from receivables.adapters import load
from receivables.adapters.csv import CsvSource, Mapping, amounts, days

HEADERS = (
    b"id,kind,customer,currency,amount,posting_date,due_date,terms,instalment,source_id,target_id,taxes,origin\n",
    b"item_id;customer;currency;open_amount;due_date;document_date\n",
    b"payment_id\tcustomer\tcurrency\tamount\tposting_date\n",
    b"",
)
_FOLDER = Path(tempfile.mkdtemp(prefix="fuzz"))


def csv_mapper(data: bytes) -> None:
    """Load a table: our header by the first byte, the rest as it comes; the tally ties or raises."""
    if not data:
        return
    file = _FOLDER / ("t.jsonl" if data[0] & 8 else "t.csv")
    file.write_bytes(HEADERS[data[0] % len(HEADERS)] * (file.suffix == ".csv") + data[1:])
    try:
        load(CsvSource(file, drawn_on=date(2026, 3, 31)))
    except ReceivablesError:
        return


def mapping(data: bytes) -> None:
    """Read a mapping."""
    try:
        Mapping.parse(data.decode("utf-8", "replace"), "fuzz")
    except ReceivablesError:
        return


def amount(data: bytes) -> None:
    """Read an amount: what it says is finite."""
    for value in amounts.readings(data.decode("utf-8", "surrogateescape")).values():
        assert value.is_finite()


def day(data: bytes) -> None:
    """Read a date."""
    for value in days.readings(data.decode("utf-8", "surrogateescape")).values():
        assert isinstance(value, date)


def terms(data: bytes) -> None:
    """Read payment terms; what was read is printed in a form that reads the same."""
    try:
        read = PaymentTerms.parse(data.decode("utf-8", "replace"))
    except ReceivablesError:
        return
    assert PaymentTerms.parse(str(read)) == read


TARGETS = {"csv": csv_mapper, "mapping": mapping, "amount": amount, "date": day, "terms": terms}
SEEDS = {
    "csv": [b"\x00F-1,invoice,C1,MXN,1.00,2026-01-01,,net 30,,,,,\n", b'\x01"1";C;MXN;1,5;03/04/2026;\n', b'\x08{"id": 1}\n'],
    "mapping": [b'table = "facts"\n[columns]\nid = ["a"]\n', b'table="payments"\n[values]\ndates="DMY"\n'],
    "amount": [b"1.234,56", b"(5)", b"1e9", "\u0661".encode()],
    "date": [b"03/04/2025", b"31-MAR-2026", b"20260331", b"2026-03-31T00:00:00Z"],
    "terms": [b"2/10 net 30", b"30 EOM", b"10 MFI", b"50% net 30, 50% net 60", b"14 Tage 2% Skonto, 30 Tage netto"],
}  # fmt: skip
