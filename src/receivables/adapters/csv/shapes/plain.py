"""The short way from a row to a fact, for the rows that are most of every file: no terms, taxes, instalments or second currency.

`from_rows` remains the meaning of a row. Here only the looking-up of fields is done once for all rows that have the same
columns filled; a row that does not fit, or that its fact refuses, goes the long way and gets its sentence there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from receivables.errors import ReceivablesError
from receivables.facts import KINDS, Fact
from receivables.money import Money
from receivables.schema import FACTS

_SIMPLE = frozenset(
    {"id", "customer", "document_date", "posting_date", "due_date", "reference", "recorded_at", "legal_entity", "segment"}
    | {"collector", "disputed", "source_id", "target_id", "reason", "instalment"}
)  # fmt: skip
_FIELD_OF = {"source_id": "source", "target_id": "target"}


@dataclass(frozen=True, slots=True)
class _Form:
    kind: type[Any]
    cells: tuple[tuple[str, str], ...]  # field, column
    attributes: tuple[str, ...]


class PlainFacts:
    """Builds facts of rows; remembers what to do for each set of filled columns."""

    def __init__(self) -> None:
        self._forms: dict[tuple[str, ...], _Form | None] = {}

    def fact(self, kind: str, row: Mapping[str, Any], amount: Money) -> Fact | None:
        """Return the fact that a row says, or None when it has to be read the long way."""
        filled = (kind, *[name for name, cell in row.items() if cell is not None])
        try:
            form = self._forms[filled]
        except KeyError:
            form = self._forms[filled] = _form(kind, filled[1:])
        if form is None:
            return None
        values = {field: row[column] for field, column in form.cells}
        if form.attributes:
            values["attributes"] = tuple([(name, str(row[name])) for name in form.attributes])
        try:
            fact: Fact = form.kind(amount=amount, **values)
        except (ReceivablesError, ValueError):
            return None
        return fact


def _form(kind: str, filled: tuple[str, ...]) -> _Form | None:
    made = KINDS.get(kind)
    if made is None:
        return None
    allowed = {field.name for field in fields(made)}
    others = tuple(sorted(name for name in filled if name not in FACTS))
    ours = [name for name in filled if name in FACTS and name not in {"kind", "amount", "currency"}]
    cells = tuple((_FIELD_OF.get(name, name), name) for name in ours)
    fits = _SIMPLE.issuperset(ours) and allowed.issuperset(field for field, _ in cells)
    if not fits or "amount" not in allowed or (others and "attributes" not in allowed):
        return None
    return _Form(made, cells, others)
