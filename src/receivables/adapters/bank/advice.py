"""Remittance advice as a CSV file: one line a document, `payment_id, reference` and, where they apply, what is paid of it.

Columns: `payment_id`, `reference`, and optionally `amount`, `currency`, `discount`, `deduction`, `reason`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path

from receivables.adapters.bank.statement import Statement, read_text
from receivables.allocation import AdviceLine, RemittanceAdvice
from receivables.errors import ReceivablesError, UnreadableSource
from receivables.money import Money
from receivables.problems import Problem

_COLUMNS = "payment_id, reference, amount, currency, discount, deduction, reason"


def read_advice(path: Path) -> Statement:
    """Read an advice file; a statement without payments comes back.

    Raises:
        UnreadableSource: When the columns `payment_id` and `reference` are not there.
    """
    lines: dict[str, list[AdviceLine]] = {}
    problems = []
    required = ("payment_id", "reference")
    for number, cells in table_of(path, required, f"remittance advice has {_COLUMNS}"):
        try:
            line = _line(cells)
        except ReceivablesError as error:
            problems.append(Problem("unreadable-advice", str(error), f"{path.name}:{number}"))
            continue
        lines.setdefault(cells["payment_id"], []).append(line)
    advice = tuple(RemittanceAdvice(name, tuple(held)) for name, held in lines.items())
    return Statement((), advice, tuple(problems))


def table_of(
    path: Path, required: Sequence[str], what: str
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a small CSV file by column, cells stripped, each with its line; commas or semicolons separate.

    Args:
        path: The file.
        required: Columns it must have.
        what: What the file is, for the error.

    Raises:
        UnreadableSource: When a required column is not there.
    """
    text = read_text(path)
    head = text.partition("\n")[0]
    separator = ";" if head.count(";") > head.count(",") else ","
    rows = csv.DictReader(StringIO(text), delimiter=separator, restval="")
    missing = sorted(set(required) - set(rows.fieldnames or ()))
    if missing:
        msg = f"{path.name} has no column {', '.join(missing)}; {what}"
        raise UnreadableSource(msg)
    for number, row in enumerate(rows, start=2):
        yield (
            number,
            {
                name: (cell or "").strip()
                for name, cell in row.items()
                if isinstance(name, str) and not isinstance(cell, list)
            },
        )


def _line(cells: dict[str, str]) -> AdviceLine:
    if not cells["payment_id"] or not cells["reference"]:
        msg = "payment_id and reference must not be empty"
        raise UnreadableSource(msg)
    amounts = {
        name: Money(cells[name], cells.get("currency", "")) if cells.get(name) else None
        for name in ("amount", "discount", "deduction")
    }
    return AdviceLine(cells["reference"], reason=cells.get("reason") or None, **amounts)
