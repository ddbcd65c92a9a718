"""Remittance advice as a CSV file: one line a document, `payment_id, reference` and, where they apply, what is paid of it.

Columns: `payment_id`, `reference`, and optionally `amount`, `currency`, `discount`, `deduction`, `reason`.
"""

from __future__ import annotations

import csv
from itertools import islice
from pathlib import Path

from receivables.adapters.bank.collector import money
from receivables.adapters.bank.files import decoded, encoding_of, read_bytes
from receivables.adapters.bank.statement import LineTally, Statement
from receivables.adapters.csv.limits import Limits
from receivables.adapters.csv.records import Records
from receivables.adapters.csv.table import Refused
from receivables.allocation import AdviceLine, RemittanceAdvice
from receivables.errors import ReceivablesError, UnreadableSource
from receivables.problems import Problem

_REQUIRED = {"payment_id", "reference"}


def read_advice(path: Path) -> Statement:
    """Read an advice file; a statement without payments comes back. A row said twice is one line of advice.

    Raises:
        UnreadableSource: When the columns `payment_id` and `reference` are not there.
    """
    data = read_bytes(path)
    first = decoded(data).partition("\n")[0]
    separator = ";" if first.count(";") > first.count(",") else ","
    reader = Records(path, encoding_of(data), separator, Limits())
    header = [
        name.strip().lstrip("\ufeff") for name in next(csv.reader([first], delimiter=separator), [])
    ]
    missing = sorted(_REQUIRED - set(header))
    if missing:
        msg = f"{path.name} has no column {', '.join(missing)}; remittance advice has payment_id, reference, amount, currency, discount, deduction, reason"
        raise UnreadableSource(msg)
    lines: dict[str, list[AdviceLine]] = {}
    problems: list[Problem] = []
    counts = dict.fromkeys(("lines", "accepted", "duplicates", "quarantined"), 0)
    reader.expect(len(header))
    for record in islice(reader.records(), 1, None):
        row = record if isinstance(record, Refused) else reader.one(*record, len(header))
        counts["lines"] += 1
        fate, problem = _take(
            lines,
            row,
            header,
            f"{path.name}:{record.line if isinstance(record, Refused) else record[0]}",
        )
        counts[fate] += 1
        problems += [problem] if problem else []
    advice = tuple(RemittanceAdvice(name, tuple(held)) for name, held in lines.items())
    return Statement((), advice, tuple(problems), tally=LineTally(**counts))


def _take(
    lines: dict[str, list[AdviceLine]], row: list[str] | Refused, header: list[str], where: str
) -> tuple[str, Problem | None]:
    """Take a row in; return what became of it, and why."""
    if isinstance(row, Refused):
        return "quarantined", Problem(row.code, row.message, where)
    cells = {name: cell.strip() for name, cell in zip(header, row, strict=True)}
    try:
        line = _line(cells)
    except ReceivablesError as error:
        return "quarantined", Problem("unreadable-advice", str(error), where)
    held = lines.setdefault(cells["payment_id"], [])
    if line in held:
        said = f"{cells['payment_id']} of {line.reference} stands in the file before with the same amounts; it is one line"
        return "duplicates", Problem("duplicate-line", said, where, severity="noted")
    held.append(line)
    return "accepted", None


def _line(cells: dict[str, str]) -> AdviceLine:
    if not cells["payment_id"] or not cells["reference"]:
        msg = "payment_id and reference must not be empty"
        raise UnreadableSource(msg)
    amounts = {
        name: money(cells[name], cells.get("currency", "")) if cells.get(name) else None
        for name in ("amount", "discount", "deduction")
    }
    return AdviceLine(cells["reference"], reason=cells.get("reason") or None, **amounts)
