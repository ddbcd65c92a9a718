"""A fact that was not admitted, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from receivables.errors import ReceivablesError
from receivables.money import Money
from receivables.problems import Problem

_NAMED = {
    "fact": "id",
    "kind": "kind",
    "source_id": "source",
    "target_id": "target",
    "reverses_id": "of",
}


@dataclass(frozen=True, slots=True)
class Breach:
    """A fact that was not admitted, and the error that says which law it broke."""

    fact: Any
    error: ReceivablesError

    def problem(self) -> Problem:
        """Return the breach as a problem of the source data, with the facts it names and the amount that was left out."""
        held = ((name, getattr(self.fact, field, None)) for name, field in _NAMED.items())
        context = [(name, str(value)) for name, value in held if value is not None]
        amount = getattr(self.fact, "amount", None)
        if isinstance(amount, Money):
            context += [("amount", f"{amount.amount:f}"), ("currency", amount.currency)]
        where = getattr(self.fact, "origin", None) or getattr(self.fact, "id", "")
        return Problem(self.error.code, str(self.error), str(where), tuple(context))
