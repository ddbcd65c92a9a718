"""A number and what it is made of: the tree that every `explain()` returns.

An explanation is built by the calculation itself, from its own steps; nothing here calculates, it only renders.
The amounts of the leaves sum to the amount of the root (law: Explain agrees).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Explanation:
    """One sentence, its amount if it has one, and the parts that make it up.

    Args:
        text: What this line is, with ids and dates.
        amount: Its contribution to the line above, or None for a remark that adds nothing.
        unit: Currency or unit of `amount`.
        parts: The lines that sum to this one; remarks may stand between them.

    >>> print(Explanation("open amount of F-1", Decimal("60.00"), "MXN", (
    ...     Explanation("invoice F-1", Decimal("100.00"), "MXN"),
    ...     Explanation("allocation A-1", Decimal("-40.00"), "MXN"))))
    open amount of F-1: 60.00 MXN
      invoice F-1: 100.00 MXN
      allocation A-1: -40.00 MXN
    """

    text: str
    amount: Decimal | None = None
    unit: str = ""
    parts: tuple[Explanation, ...] = ()

    def leaves(self) -> Iterator[Explanation]:
        """Yield the lines with an amount that have no further parts with an amount."""
        valued = [part for part in self.parts if part.amount is not None]
        if valued:
            for part in valued:
                yield from part.leaves()
        elif self.amount is not None:
            yield self

    def line(self) -> str:
        """Return this line alone, without its parts."""
        if self.amount is None:
            return self.text
        return f"{self.text}: {self.amount:f} {self.unit}".rstrip()

    def markdown(self) -> str:
        """Return the tree as a nested Markdown list."""
        return "\n".join(f"{'  ' * depth}- {node.line()}" for depth, node in self._walk(0))

    def to_dict(self) -> dict[str, object]:
        """Return the tree as plain dicts and lists, amounts as text, ready for JSON."""
        amount = None if self.amount is None else f"{self.amount:f}"
        parts = [part.to_dict() for part in self.parts]
        return {"text": self.text, "amount": amount, "unit": self.unit, "parts": parts}

    def __str__(self) -> str:
        return "\n".join(f"{'  ' * depth}{node.line()}" for depth, node in self._walk(0))

    def _walk(self, depth: int) -> Iterator[tuple[int, Explanation]]:
        yield depth, self
        for part in self.parts:
            yield from part._walk(depth + 1)  # noqa: SLF001 - the same class
