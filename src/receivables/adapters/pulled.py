"""Writes what was pulled as tables, and the manifest that accounts for them; each file appears whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

from receivables.adapters.csv.texts import escaped
from receivables.errors import MissingExtra
from receivables.rounding import EXACT
from receivables.schema import CUSTOMERS, FACTS, Table

Format = Literal["csv", "parquet"]
MANIFEST = "manifest.json"
_PROBLEMS = ("pull", "place", "code", "severity", "message")
_BATCH = 5_000


def export(
    book: sqlite3.Connection, folder: Path, source: str, format: Format
) -> Mapping[str, Any]:
    """Write the tables of a pull and its manifest, which it returns.

    Args:
        book: What was pulled.
        folder: Where the files go.
        source: What the source is called.
        format: How the facts are written; customers and problems are always CSV.

    Raises:
        MissingExtra: For Parquet without pyarrow.
    """
    tally = _Sums()
    facts = chain.from_iterable(
        tally.counted(cells) for cells in _cells(book, "kind <> 'customer'")
    )
    write = _parquet if format == "parquet" else _csv
    files = {
        f"facts.{format}": write(folder / f"facts.{format}", _columns(book, FACTS), facts),
        "customers.csv": _csv(
            folder / "customers.csv",
            _columns(book, CUSTOMERS),
            chain.from_iterable(_cells(book, "kind = 'customer'")),
        ),
        "problems.csv": _csv(folder / "problems.csv", _PROBLEMS, _problems(book)),
    }
    notes = dict(book.execute("select name, value from note"))
    codes = Counter(dict(book.execute("select code, count(*) from problem group by code")))
    manifest = {
        "source": source,
        "complete": notes.get("complete") == "yes",
        "cursor": notes.get("cursor"),
        "pulls": int(notes.get("pulls", 0)) + 1,
        "rows": {
            name: int(notes.get(name, 0))
            for name in ("rows", "accepted", "duplicates", "quarantined", "without_amount")
        },
        "rows_by_currency": _totals(book),
        "facts": dict(sorted(tally.kinds.items())),
        "control_totals": tally.listed(),
        "problems": dict(sorted(codes.items())),
        "files": files,
    }
    write_manifest(folder, manifest)
    return manifest


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Put the manifest in place of the one before."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    _replace(folder / MANIFEST, text.encode())


class _Sums:
    """Counts facts by kind and sums them by kind and currency while they pass."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self._sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)

    def counted(self, rows: list[dict[str, str]]) -> list[dict[str, str]]:
        self.kinds[rows[0]["kind"]] += 1
        for row in rows:
            if "amount" in row:
                place = (row["kind"], row["currency"])
                self._sums[place] = EXACT.add(self._sums[place], Decimal(row["amount"]))
        return rows

    def listed(self) -> list[dict[str, str]]:
        return [
            {"kind": kind, "currency": currency, "amount": f"{amount:f}"}
            for (kind, currency), amount in sorted(self._sums.items())
        ]


def _cells(book: sqlite3.Connection, condition: str) -> Iterator[list[dict[str, str]]]:
    for (cells,) in book.execute(f"select cells from fact where {condition} order by id"):  # noqa: S608 - ours
        yield json.loads(cells)


def _columns(book: sqlite3.Connection, table: Table) -> tuple[str, ...]:
    """Return the columns of a table, and behind them those that some fact fills besides."""
    filled = book.execute(
        "select name from attribute where place = ? order by name", (table.name,)
    ).fetchall()
    return (*table.names, *(name for (name,) in filled if name not in table))


def _problems(book: sqlite3.Connection) -> Iterator[dict[str, str]]:
    for row in book.execute(
        "select pull, place, code, severity, message from problem order by 1, 2, 3, 5"
    ):
        yield dict(zip(_PROBLEMS, map(str, row), strict=True))


def _totals(book: sqlite3.Connection) -> list[dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for currency, fate, amount in book.execute(
        "select currency, fate, amount from total order by currency"
    ):
        found.setdefault(currency, {"currency": currency})[fate] = amount
    return list(found.values())


def _csv(path: Path, names: Sequence[str], rows: Iterator[Mapping[str, str]]) -> dict[str, Any]:
    count, scratch = 0, path.with_suffix(".part")
    with scratch.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([escaped(name) for name in names])
        for row in rows:
            writer.writerow([escaped(row.get(name, "")) for name in names])
            count += 1
        file.flush()
        os.fsync(file.fileno())
    return _put(scratch, path, count)


def _parquet(path: Path, names: Sequence[str], rows: Iterator[Mapping[str, str]]) -> dict[str, Any]:
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        msg = "pyarrow is not installed; install it with the extra: pip install 'receivables[parquet]'"
        raise MissingExtra(msg) from None
    types = {
        "amount": arrow.decimal128(38, 4), "date": arrow.date32(), "timestamp": arrow.timestamp("us", tz="UTC"),
        "integer": arrow.int64(), "flag": arrow.bool_(),
    }  # fmt: skip
    kinds = [_type_of(name) for name in names]
    schema = arrow.schema(
        [(name, types.get(kind, arrow.string())) for name, kind in zip(names, kinds, strict=True)]
    )
    count, scratch = 0, path.with_suffix(".part")
    with parquet.ParquetWriter(scratch, schema) as writer:
        while batch := list(islice(rows, _BATCH)):
            columns = [
                [_typed(row.get(name), kind) for row in batch]
                for name, kind in zip(names, kinds, strict=True)
            ]
            writer.write_table(arrow.table(columns, schema=schema))
            count += len(batch)
    return _put(scratch, path, count)


def _type_of(name: str) -> str:
    column = FACTS.column(name)
    return column.type if column else "text"


def _typed(text: str | None, kind: str) -> Any:
    if text is None or text == "":
        return None
    match kind:
        case "amount":
            return Decimal(text)
        case "date":
            return date.fromisoformat(text)
        case "timestamp":
            return datetime.fromisoformat(text)
        case "integer":
            return int(text)
        case "flag":
            return text == "true"
        case _:
            return text


def _put(scratch: Path, path: Path, rows: int) -> dict[str, Any]:
    digest = hashlib.sha256()
    with scratch.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    scratch.replace(path)
    return {"rows": rows, "sha256": digest.hexdigest()}


def _replace(path: Path, content: bytes) -> None:
    scratch = path.with_suffix(".part")
    with scratch.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
