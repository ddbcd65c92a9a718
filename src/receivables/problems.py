"""Bad source data as values: a load never raises for a row, it lists a `Problem` and goes on.

A problem has a stable code, a sentence, the place it was found and the values it rests on.
Severity says what became of the row: `quarantined` rows are left out, `noted` rows are kept as read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["quarantined", "noted"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one piece of source data.

    Args:
        code: Stable kebab-case name, listed in the error catalogue.
        message: A sentence: what happened, with the values; what it should be; the next step.
        where: Place in the source, such as `open_items.csv:41` or a fact id.
        context: The values it rests on, as name and text pairs.
        severity: `quarantined` when the row or fact was left out, `noted` when it was kept as read.

    >>> str(Problem("unknown-fact", "allocation A-1 names F-9", where="a.csv:2"))
    'a.csv:2: unknown-fact: allocation A-1 names F-9'
    """

    code: str
    message: str
    where: str = ""
    context: tuple[tuple[str, str], ...] = ()
    severity: Severity = "quarantined"

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.code}: {self.message}"
