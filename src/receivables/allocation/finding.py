"""One thing that a review of applied cash found, and the facts that would correct it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from receivables.explain import Explanation
from receivables.facts import Fact
from receivables.money import Money

FindingKind = Literal[
    "names-another-item",
    "older-item-skipped",
    "duplicate-payment",
    "unrelated-customer",
    "overpaid-while-short",
    "stale-cash",
]
KINDS: tuple[FindingKind, ...] = (
    *("names-another-item", "older-item-skipped", "duplicate-payment"),
    *("unrelated-customer", "overpaid-while-short", "stale-cash"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that looks misapplied or forgotten.

    Args:
        kind: What it is, a stable name.
        payment: Id of the payment or credit memo.
        items: Ids of the documents it is about.
        amount: How much is at stake.
        text: One sentence: what happened and why that looks wrong.
        facts: What would correct it; empty where a person must ask first.
    """

    kind: FindingKind
    payment: str
    items: tuple[str, ...]
    amount: Money
    text: str
    facts: tuple[Fact, ...] = ()

    def explain(self) -> Explanation:
        """Return the finding, and what would correct it."""
        parts = tuple(Explanation(f"to correct it: {fact!r}") for fact in self.facts)
        return Explanation(self.text, self.amount.amount, self.amount.currency, parts)

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"
