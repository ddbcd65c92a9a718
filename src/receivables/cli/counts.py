"""What became of every row of the files a command read: accepted, duplicate or quarantined, told for each file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from receivables.adapters import Loaded
from receivables.adapters.bank import LineTally, Statement
from receivables.cli.reading import tie_out


@dataclass(frozen=True, slots=True)
class Counted:
    """One file's count.

    Args:
        name: The file.
        lines: Sentences about it, whose counts tie.
        tree: The same as plain values.
    """

    name: str
    lines: tuple[str, ...] = ()
    tree: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def of_table(cls, name: str, loaded: Loaded) -> Counted:
        """Return the count of a table."""
        return cls(name, tuple(tie_out(loaded.tally)), loaded.tally.to_dict())

    @classmethod
    def of_statement(cls, name: str, statement: Statement) -> Counted:
        """Return the count of a bank file or an advice file."""
        tally: LineTally = statement.tally
        tree: dict[str, object] = {**tally.to_dict(), "reasons": statement.reasons}
        lines = [str(tally)]
        if statement.reasons:
            why = ", ".join(f"{reason} {count:,}" for reason, count in statement.reasons.items())
            lines.append(f"no receipts: {why}")
        if not statement.ties:
            lines.append("its own balances, totals or counts do not tie with its lines")
        return cls(name, tuple(lines), {**tree, "ties": statement.ties})

    def __str__(self) -> str:
        return "\n".join(f"{self.name}: {line}" for line in self.lines)
