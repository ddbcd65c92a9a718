"""What every bank reader returns: payments, advice, lines that are no receipts, problems, and a count that ties.

Every line of a bank file that states money ends as exactly one of four: a payment, a repeat of a payment, a line that is no
receipt (a debit, a balance, a total), or a problem that left it out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from receivables.allocation import RemittanceAdvice
from receivables.errors import DoesNotTie
from receivables.facts import CreditMemo, Payment
from receivables.facts.wording import counted
from receivables.money import Money
from receivables.problems import Problem

DOES_NOT_TIE = "does-not-tie"


@dataclass(frozen=True, slots=True)
class NoReceipt:
    """A line that was read and brings no money of a customer.

    Args:
        where: Its place in the file.
        reason: What it is instead, such as `debit` or `closing balance`.
        amount: What it says, where that is an amount.
    """

    where: str
    reason: str
    amount: Money | None = None

    def __str__(self) -> str:
        of = "" if self.amount is None else f" of {self.amount}"
        return f"{self.where}: {self.reason}{of}"


@dataclass(frozen=True, slots=True)
class LineTally:
    """How many lines a file has that state money, and what became of them.

    Args:
        lines: Lines read.
        accepted: Lines that are payments; of an advice file, lines of advice.
        duplicates: Lines that say again what another line of the file says.
        no_receipts: Debits, balances and totals.
        quarantined: Lines left out, each with a problem.

    Raises:
        DoesNotTie: When the counts do not sum.

    >>> print(LineTally(5, 2, 0, 3, 0))
    5 lines = 2 accepted + 0 duplicates + 3 no receipts + 0 quarantined
    """

    lines: int = 0
    accepted: int = 0
    duplicates: int = 0
    no_receipts: int = 0
    quarantined: int = 0

    def __post_init__(self) -> None:
        parts = (self.accepted, self.duplicates, self.no_receipts, self.quarantined)
        if self.lines != sum(parts):
            raise DoesNotTie(f"lines of a bank file: {self}")

    def to_dict(self) -> dict[str, int]:
        """Return the counts by name, ready for JSON."""
        return {
            "rows": self.lines,
            "accepted": self.accepted,
            "duplicates": self.duplicates,
            "no_receipts": self.no_receipts,
            "quarantined": self.quarantined,
        }

    def __str__(self) -> str:
        return (
            f"{counted(self.lines, 'line')} = {self.accepted:,} accepted + {counted(self.duplicates, 'duplicate')}"
            f" + {self.no_receipts:,} no receipts + {self.quarantined:,} quarantined"
        )


@dataclass(frozen=True, slots=True)
class Statement:
    """What a bank file holds.

    Args:
        payments: Money received, oldest first.
        advice: What the payers said it is for, where the file says so line by line.
        problems: Lines left out, lines kept with a remark, and totals of the file that do not tie.
        no_receipts: Lines that bring no money of a customer, in the order of the file.
        tally: What became of every line.
    """

    payments: tuple[Payment | CreditMemo, ...] = ()
    advice: tuple[RemittanceAdvice, ...] = ()
    problems: tuple[Problem, ...] = ()
    no_receipts: tuple[NoReceipt, ...] = ()
    tally: LineTally = LineTally()

    @property
    def ties(self) -> bool:
        """Whether every balance, total and count that the file states is that of its lines."""
        return all(it.code != DOES_NOT_TIE for it in self.problems)

    @property
    def reasons(self) -> dict[str, int]:
        """How many lines are no receipts, by reason."""
        return dict(sorted(Counter(it.reason for it in self.no_receipts).items()))
