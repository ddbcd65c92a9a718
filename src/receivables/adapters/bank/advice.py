"""Remittance advice as a CSV file: one line a document, `payment_id, reference` and, where they apply, what is paid of it.

Columns: `payment_id`, `reference`, and optionally `amount`, `currency`, `discount`, `deduction`, `reason`.
"""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

from receivables.adapters.bank.statement import Statement, read_text
from receivables.allocation import AdviceLine, RemittanceAdvice
from receivables.errors import ReceivablesError, UnreadableSource
from receivables.money import Money
from receivables.problems import Problem

_REQUIRED = {"payment_id", "reference"}


def read_advice(path: Path) -> Statement:
    """Read an advice file; a statement without payments comes back.

    Raises:
        UnreadableSource: When the columns `payment_id` and `reference` are not there.
    """
    text = read_text(path)
    separator = (
        ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    )
    rows = csv.DictReader(StringIO(text), delimiter=separator, restval="")
    missing = sorted(_REQUIRED - set(rows.fieldnames or ()))
    if missing:
        msg = f"{path.name} has no column {', '.join(missing)}; remittance advice has payment_id, reference, amount, currency, discount, deduction, reason"
        raise UnreadableSource(msg)
    lines: dict[str, list[AdviceLine]] = {}
    problems = []
    for number, row in enumerate(rows, start=2):
        cells = {
            name: (cell or "").strip()
            for name, cell in row.items()
            if isinstance(name, str) and not isinstance(cell, list)
        }
        try:
            line = _line(cells)
        except ReceivablesError as error:
            problems.append(Problem("unreadable-advice", str(error), f"{path.name}:{number}"))
            continue
        lines.setdefault(cells["payment_id"], []).append(line)
    advice = tuple(RemittanceAdvice(name, tuple(held)) for name, held in lines.items())
    return Statement((), advice, tuple(problems))


def _line(cells: dict[str, str]) -> AdviceLine:
    if not cells["payment_id"] or not cells["reference"]:
        msg = "payment_id and reference must not be empty"
        raise UnreadableSource(msg)
    amounts = {
        name: Money(cells[name], cells.get("currency", "")) if cells.get(name) else None
        for name in ("amount", "discount", "deduction")
    }
    return AdviceLine(cells["reference"], reason=cells.get("reason") or None, **amounts)
