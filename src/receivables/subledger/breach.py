"""A fact that was not admitted, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from receivables.errors import ReceivablesError
from receivables.money import Money
from receivables.problems import Problem


@dataclass(frozen=True, slots=True)
class Breach:
    """A fact that was not admitted, and the error that says which law it broke."""

    fact: Any
    error: ReceivablesError

    def problem(self) -> Problem:
        """Return the breach as a problem of the source data, with the amount that was left out."""
        named = {"fact": "id", "kind": "kind"}
        context = [
            (name, str(getattr(self.fact, field)))
            for name, field in named.items()
            if hasattr(self.fact, field)
        ]
        amount = getattr(self.fact, "amount", None)
        if isinstance(amount, Money):
            context += [("amount", f"{amount.amount:f}"), ("currency", amount.currency)]
        where = getattr(self.fact, "origin", None) or getattr(self.fact, "id", "")
        return Problem(self.error.code, str(self.error), str(where), tuple(context))
