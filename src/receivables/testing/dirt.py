"""What real files do wrong, done on purpose: rows of the facts table as a careless source would write them.

Each kind of dirt was seen in public extracts of ERP systems; the shares are about theirs. Dirt is drawn apart from the
facts, so that a clean and a dirty portfolio of one seed hold the same facts.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from receivables.errors import NoSuchColumn, UnreadableSource
from receivables.facts import CHARGES, Allocation, Customer, Fact, Payment
from receivables.schema import FACTS
from receivables.schema.rows import to_rows

KINDS = {
    "duplicates": "rows repeated as they are",
    "float-ids": "ids that passed through a spreadsheet: 2960623488.0",
    "padded-customers": "customer numbers with leading zeros",
    "trailing-spaces": "names with spaces behind them",
    "names-vary": "several names for one customer number",
    "due-before-posting": "due dates before the posting date",
    "missing-due": "documents without due date and terms",
    "missing-payments": "allocations whose payment is not in the file",
    "outside-documents": "allocations to invoices that are not in the file",
    "over-applied": "allocations of more than the item",
    "binary-noise": "amounts that passed through a float: 2309.7899999999995",
    "compact-dates": "due dates written 20200210.0 and document dates 20200125",
    "conflicting": "two different rows under one id",
}
COLUMNS = (*FACTS.names, "customer_name")
_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_DIGITS = {
    "F": "90",
    "D": "95",
    "M": "96",
    "R": "14",
    "A": "20",
    "J": "30",
    "W": "31",
    "B": "32",
    "X": "80",
}
_ID_COLUMNS = ("id", "source_id", "target_id", "reverses_id")
_SUFFIXES = (
    "",
    " SA",
    " S.A. de C.V.",
    " llc",
    " corp",
    " us",
    " foundation",
    " in",
    " systems",
    " associates",
)


def check(wanted: Collection[str]) -> tuple[str, ...]:
    """Return the kinds of dirt asked for, in order; `["all"]` is every kind.

    Raises:
        NoSuchColumn: For a kind that is not listed in `KINDS`.
    """
    if set(wanted) == {"all"}:
        return tuple(KINDS)
    unknown = sorted(set(wanted) - set(KINDS))
    if unknown:
        msg = f"no kind of dirt {unknown[0]!r}; there are {', '.join(KINDS)} and all"
        raise NoSuchColumn(msg)
    return tuple(kind for kind in KINDS if kind in wanted)


def rows(
    facts: Iterable[Fact | Customer], kinds: Collection[str], seed: int
) -> Iterator[dict[str, str]]:
    """Yield facts as rows of text, with the kinds of dirt asked for.

    Customers have no rows of their own: their name, segment and collector stand in the rows of their documents.
    """
    masters: dict[str, Customer] = {}
    brush = _Brush(frozenset(kinds), seed)
    for fact in facts:
        if isinstance(fact, Customer):
            masters.setdefault(fact.id, fact)
            continue
        if brush.leaves_out(fact):
            continue
        for cells in to_rows(fact):
            master = masters.get(str(cells.get("customer")))
            if master is not None:
                cells["customer_name"] = master.name
                cells.setdefault("segment", master.segment)
                cells.setdefault("collector", master.collector)
            yield from brush.stroke(fact, cells)


def write(path: Path, written: Iterable[dict[str, str]]) -> int:
    """Write rows as a .csv or .tsv file with every column of the facts table; return how many.

    Raises:
        UnreadableSource: For another ending.
    """
    separator = _SEPARATORS.get(path.suffix.lower())
    if separator is None:
        msg = f"{path.name} has the ending {path.suffix!r}; a portfolio is written as a text table, {' or '.join(_SEPARATORS)}"
        raise UnreadableSource(msg)
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=separator, lineterminator="\n")
        writer.writeheader()
        for row in written:
            writer.writerow(row)
            count += 1
    return count


class _Brush:
    """Puts dirt on rows, each kind with its own chance."""

    def __init__(self, kinds: frozenset[str], seed: int) -> None:
        self._kinds = kinds
        self._random = random.Random(seed + 1).random

    def leaves_out(self, fact: Fact) -> bool:
        """Tell whether a document is missing from the file."""
        if isinstance(fact, Payment):
            return self._hits("missing-payments", 30)
        return isinstance(fact, CHARGES) and self._hits("outside-documents", 10)

    def stroke(self, fact: Fact, cells: dict[str, Any]) -> Iterator[dict[str, str]]:
        """Yield the row, dirtied, and any row that dirt adds."""
        if isinstance(fact, CHARGES):
            self._dates(fact, cells)
        if isinstance(fact, Allocation) and self._hits("over-applied", 5):
            cells["amount"] *= 3
        row = {name: _text(cell) for name, cell in cells.items() if cell is not None}
        self._names(row)
        self._writing(row)
        yield row
        if self._hits("duplicates", 24):
            yield dict(row)
        if "amount" in row and "instalment" not in row and self._hits("conflicting", 4):
            yield row | {"amount": f"{Decimal(row['amount']) + 1:f}"}

    def _hits(self, kind: str, per_mille: int) -> bool:
        return kind in self._kinds and self._random() * 1000 < per_mille

    def _dates(self, fact: Fact, cells: dict[str, Any]) -> None:
        if "instalment" in cells:
            return
        if self._hits("missing-due", 10):
            cells.pop("due_date", None)
            cells.pop("terms", None)
        elif "due_date" in cells and self._hits("due-before-posting", 3):
            cells["due_date"] = fact.posting_date - timedelta(days=1 + int(self._random() * 60))
            cells.pop("terms", None)

    def _names(self, row: dict[str, str]) -> None:
        if "customer_name" not in row:
            return
        if "names-vary" in self._kinds:
            row["customer_name"] += _SUFFIXES[int(self._random() * len(_SUFFIXES))]
        if self._hits("trailing-spaces", 90):
            row["customer_name"] += " "

    def _writing(self, row: dict[str, str]) -> None:
        """Change how ids, dates and amounts are written, not what they mean."""
        if "float-ids" in self._kinds:
            for name in _ID_COLUMNS:
                if name in row:
                    row[name] = f"{_numeric(row[name])}.0"
        if "padded-customers" in self._kinds and "customer" in row:
            row["customer"] = row["customer"][1:].rjust(10, "0")
        if "compact-dates" in self._kinds:
            for name, tail in (("document_date", ""), ("due_date", ".0")):
                if name in row:
                    row[name] = row[name].replace("-", "") + tail
        if self._hits("binary-noise", 100) and row.get("amount", "").count("."):
            row["amount"] = repr(float(row["amount"]) * 0.7 / 0.7 + 1e-11)


def _numeric(name: str) -> str:
    """Write `F-00012-000345` in digits alone, as an ERP numbers documents."""
    letter, _, rest = name.partition("-")
    return _DIGITS.get(letter, "99") + rest.replace("-", "")


def _text(cell: Any) -> str:
    match cell:
        case bool():
            return "true" if cell else "false"
        case Decimal():
            return f"{cell:f}"
        case datetime() | date():
            return cell.isoformat()
        case _:
            return str(cell)
