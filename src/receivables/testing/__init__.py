"""What tests of receivables are written with, for this library and for whoever builds on it; extra `testing`.

`builders` writes facts in one line each, `strategies` draws them, `reference` is a slow and obvious second opinion,
`scenarios` are numbered stories with their outcome, `conformance` is the kit an adapter must pass, and `portfolio`
makes realistic receivables, clean or dirty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from receivables.testing.builders import books, facts
from receivables.testing.portfolio import Portfolio, make_portfolio
from receivables.testing.scenarios import SCENARIOS, Scenario

if TYPE_CHECKING:
    from receivables.testing.conformance import AdapterConformance

__all__ = [
    "SCENARIOS",
    "AdapterConformance",
    "Portfolio",
    "Scenario",
    "books",
    "facts",
    "make_portfolio",
]


def __getattr__(name: str) -> Any:
    # The kit imports pytest; builders and portfolios do without.
    if name == "AdapterConformance":
        from receivables.testing.conformance import AdapterConformance

        return AdapterConformance
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
