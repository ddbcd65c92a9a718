"""Remittance advice as a CSV file: one line a document, `payment_id, reference` and, where they apply, what is paid of it.

Columns: `payment_id`, `reference`, and optionally `amount`, `currency`, `discount`, `deduction`, `reason`.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from receivables.adapters.bank.collector import money
from receivables.adapters.bank.rows import rows_of
from receivables.adapters.bank.statement import LineTally, Statement
from receivables.allocation import AdviceLine, RemittanceAdvice
from receivables.errors import ReceivablesError, UnreadableSource
from receivables.problems import Problem

_COLUMNS = "payment_id, reference, amount, currency, discount, deduction, reason"


def read_advice(path: Path) -> Statement:
    """Read an advice file; a statement without payments comes back. A row said twice is one line of advice.

    Raises:
        UnreadableSource: When the columns `payment_id` and `reference` are not there.
    """
    lines: dict[str, list[AdviceLine]] = {}
    problems: list[Problem] = []
    fates: Counter[str] = Counter()
    required = ("payment_id", "reference")
    for where, row in rows_of(path, required, f"remittance advice has {_COLUMNS}"):
        fate, problem = _take(lines, row, where)
        fates[fate] += 1
        problems += [problem] if problem else []
    advice = tuple(RemittanceAdvice(name, tuple(held)) for name, held in lines.items())
    tally = LineTally(lines=fates.total(), **fates)
    return Statement((), advice, tuple(problems), tally=tally)


def _take(
    lines: dict[str, list[AdviceLine]], row: dict[str, str] | Problem, where: str
) -> tuple[str, Problem | None]:
    """Take a row in; return what became of it, and why."""
    if isinstance(row, Problem):
        return "quarantined", row
    try:
        line = _line(row)
    except ReceivablesError as error:
        return "quarantined", Problem("unreadable-advice", str(error), where)
    held = lines.setdefault(row["payment_id"], [])
    if line in held:
        said = f"{row['payment_id']} of {line.reference} stands in the file before with the same amounts; it is one line"
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
