"""How a rule is written, and the list of all there are.

A rule is one function for one code of SAT's matrices. It looks at one thing (a document, a line, a payment, …) and
returns a `Fault` or None; what it looks at, its two sentences, its severity and its days of validity stand above it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from inspect import signature
from typing import Any, Literal, NamedTuple

from receivables.cfdi import catalogs
from receivables.cfdi.documents import Tax
from receivables.cfdi.written import Written
from receivables.rounding import Rounding

Severity = Literal["error", "warning", "info"]
Scope = Literal[
    "voucher",
    "shell",
    "shell-line",
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
    "registered",
    "payment-registered",
]
# What the rules of a scope may look at, by the names of their parameters: each takes what it needs.
GIVEN: dict[Scope, tuple[str, ...]] = {
    "voucher": ("it",),
    "shell": ("it",),
    "shell-line": ("it",),
    "line": ("it", "document"),
    "line-charged": ("it", "document", "on"),
    "line-withheld": ("it", "document", "on"),
    "summary": ("it", "document"),
    "complement": ("it",),
    "payment": ("it",),
    "paid": ("it", "payment"),
    "paid-charged": ("it", "on"),
    "paid-withheld": ("it", "on"),
    "payment-charged": ("it", "payment", "node", "on"),
    "payment-withheld": ("it", "payment", "node", "on"),
    "registered": ("it", "register"),
    "payment-registered": ("it", "register"),
}
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


@dataclass(frozen=True)
class Rule:
    """One rule.

    Args:
        code: SAT's code, or ours (`REP-…`).
        scope: What its function looks at.
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

    @cached_property
    def judge(self) -> Callable[..., Fault | None]:
        """The function, taking everything its scope gives."""
        check, given = self.check, GIVEN[self.scope]
        names = tuple(signature(check).parameters)
        if names == given:
            return check
        places = tuple(given.index(name) for name in names)
        if places == (0,):
            return lambda it, *_more: check(it)
        return lambda *given: check(*[given[place] for place in places])


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


def above_zero(found: Written | None, at: str) -> Fault | None:
    """Return a fault unless a figure is there and above 0."""
    return None if found is not None and found > 0 else Fault(at, _text(found), "> 0")


def too_fine(amount: Written | None, currency: str, at: str) -> Fault | None:
    """Return a fault when an amount has more decimals than its currency; an unknown currency is another rule's matter."""
    places = catalogs.decimals(currency)
    if amount is None or places is None or amount.decimals <= places:
        return None
    return Fault(at, str(amount), str(Rounding.HALF_UP.apply(amount, places)))


def within(amount: Written, limits: tuple[Decimal, Decimal], at: str) -> Fault | None:
    """Return a fault unless an amount lies between two limits."""
    lower, upper = limits
    return None if lower <= amount <= upper else Fault(at, str(amount), f"{lower} … {upper}")


def unknown_rate(it: Tax, on: date, at: str, *, withheld: bool) -> Fault | None:
    """Return a fault when a rate is not in c_TasaOCuota; SAT adds rates of IEPS now and then, so those are a warning."""
    if it.tasa_o_cuota is None or it.tipo_factor not in ("Tasa", "Cuota"):
        return None
    if catalogs.rate_holds(it.impuesto, it.tipo_factor, it.tasa_o_cuota, withheld=withheld, on=on):
        return None
    severity: Severity | None = "warning" if it.impuesto == "003" else None
    return Fault(at, str(it.tasa_o_cuota), "c_TasaOCuota", severity)


def absent(found: Any, at: str) -> Fault | None:
    """Return a fault when something stands where nothing may."""
    return None if found is None else Fault(at, _text(found), "")


def _text(value: Any) -> str:
    return "" if value is None else str(value)
