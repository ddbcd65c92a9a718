"""How a rule is written, and the list of all there are.

A rule is one function for one code of SAT's matrices. It looks at one thing (a document, a line, a payment, …) and
returns a `Fault` or None; what it looks at, its two sentences, its severity and its days of validity stand above it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

Severity = Literal["error", "warning", "info"]
Scope = Literal[
    "voucher",
    "shell",
    "line",
    "line-charged",
    "line-withheld",
    "summary",
    "complement",
    "payment",
    "paid",
    "paid-charged",
    "paid-withheld",
    "payment-charged",
    "payment-withheld",
]
PAGOS20 = date(2022, 1, 1)
REVISION_B = date(2024, 1, 15)
OBJECTS_06_08 = date(2024, 12, 13)


class Fault(NamedTuple):
    """What a rule found.

    Args:
        at: The attribute or node below the thing looked at; empty for the thing itself.
        found: What stands there.
        expected: What should.
        severity: When it is not the rule's own.
    """

    at: str
    found: str
    expected: str
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Args:
        code: SAT's code, or ours (`REP-…`).
        scope: What its function is given.
        check: The function.
        es: The sentence in Spanish.
        en: The sentence in English.
        severity: `error` when a PAC refuses the document.
        since: First day of documents it applies to.
        until: Last day; None while it is in force.
    """

    code: str
    scope: Scope
    check: Callable[..., Fault | None]
    es: str
    en: str
    severity: Severity = "error"
    since: date = PAGOS20
    until: date | None = None

    def applies(self, on: date) -> bool:
        """Tell whether it is in force for a document of a day."""
        return self.since <= on and (self.until is None or on <= self.until)


RULES: dict[str, Rule] = {}


def rule(
    code: str,
    scope: Scope,
    *,
    es: str,
    en: str,
    severity: Severity = "error",
    since: date = date.min,
    until: date | None = None,
) -> Callable[[Callable[..., Fault | None]], Callable[..., Fault | None]]:
    """Register the function below as the rule of a code."""

    def register(check: Callable[..., Fault | None]) -> Callable[..., Fault | None]:
        assert code not in RULES, code  # noqa: S101 - two rules of one code are a slip of ours
        RULES[code] = Rule(code, scope, check, es, en, severity, since, until)
        return check

    return register


def wants(found: Any, expected: Any, at: str) -> Fault | None:
    """Return a fault unless two values are equal; None is written as an empty text."""
    if found == expected:
        return None
    return Fault(at, _text(found), _text(expected))


def absent(found: Any, at: str) -> Fault | None:
    """Return a fault when something stands where nothing may."""
    return None if found is None else Fault(at, _text(found), "")


def _text(value: Any) -> str:
    return "" if value is None else str(value)
