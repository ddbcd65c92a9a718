"""The count of a load, which always ties: rows = accepted + duplicates + quarantined, and so do the amounts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from receivables.errors import DoesNotTie
from receivables.facts.wording import counted
from receivables.money import Money
from receivables.rounding import EXACT

Fate = Literal["accepted", "duplicates", "quarantined"]
FATES: tuple[Fate, ...] = ("accepted", "duplicates", "quarantined")


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """The amounts of one currency, as read, by what became of their rows.

    Raises:
        DoesNotTie: When `read` is not the sum of the other three.
    """

    currency: str
    read: Decimal
    accepted: Decimal
    duplicates: Decimal
    quarantined: Decimal

    def __post_init__(self) -> None:
        parts = (self.accepted, self.duplicates, self.quarantined)
        if _sum(parts) != self.read:
            raise DoesNotTie(f"{self.currency}: {_sentence(self.read, *parts)}")

    def __str__(self) -> str:
        return f"{self.currency} {_sentence(self.read, self.accepted, self.duplicates, self.quarantined)}"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows were read and what became of them.

    Args:
        rows: Rows read.
        accepted: Rows whose facts are in.
        duplicates: Rows that say again what an accepted row says.
        quarantined: Rows left out, each with a problem.
        totals: The same for the amounts, one a currency.
        uncounted: Rows without a readable amount, which the control totals leave out.

    Raises:
        DoesNotTie: When the counts do not sum.

    >>> print(Tally(3, 2, 1, 0))
    3 rows = 2 accepted + 1 duplicate + 0 quarantined
    """

    rows: int
    accepted: int
    duplicates: int
    quarantined: int
    totals: tuple[ControlTotal, ...] = ()
    uncounted: int = 0

    def __post_init__(self) -> None:
        if self.rows != self.accepted + self.duplicates + self.quarantined:
            raise DoesNotTie(
                f"rows: {_sentence(self.rows, self.accepted, self.duplicates, self.quarantined)}"
            )

    def to_dict(self) -> dict[str, object]:
        """Return the tally as plain values, amounts as text, ready for JSON."""
        counts = {
            "rows": self.rows,
            "accepted": self.accepted,
            "duplicates": self.duplicates,
            "quarantined": self.quarantined,
        }
        totals = [
            {
                "currency": it.currency,
                "read": f"{it.read:f}",
                **{fate: f"{getattr(it, fate):f}" for fate in FATES},
            }
            for it in self.totals
        ]
        return {**counts, "control_totals": totals, "without_amount": self.uncounted}

    def __str__(self) -> str:
        return (
            f"{counted(self.rows, 'row')} = {self.accepted:,} accepted + {counted(self.duplicates, 'duplicate')}"
            f" + {self.quarantined:,} quarantined"
        )


class Counting:
    """A tally in the making: what was read is summed apart from what became of it, so that tying means something."""

    def __init__(self) -> None:
        self._rows = 0
        self._uncounted = 0
        self._counts: dict[Fate, int] = dict.fromkeys(FATES, 0)
        self._read: dict[str, Decimal] = {}
        self._sums: dict[tuple[str, Fate], Decimal] = {}

    def read(self, rows: int, amount: Money | None) -> None:
        """Count rows as they come in."""
        self._rows += rows
        if amount is None:
            self._uncounted += rows
        else:
            held = self._read.get(amount.currency)
            self._read[amount.currency] = (
                amount.amount if held is None else EXACT.add(held, amount.amount)
            )

    def settle(self, fate: Fate, rows: int, amount: Money | None) -> None:
        """Count rows by what became of them."""
        self._counts[fate] += rows
        if amount is not None:
            key = (amount.currency, fate)
            held = self._sums.get(key)
            self._sums[key] = amount.amount if held is None else EXACT.add(held, amount.amount)

    def tally(self) -> Tally:
        """Return the tally, which ties or raises."""
        totals = tuple(
            ControlTotal(
                currency,
                self._read[currency],
                accepted=self._sum(currency, "accepted"),
                duplicates=self._sum(currency, "duplicates"),
                quarantined=self._sum(currency, "quarantined"),
            )
            for currency in sorted(self._read)
        )
        counts = self._counts
        return Tally(
            self._rows,
            counts["accepted"],
            counts["duplicates"],
            counts["quarantined"],
            totals,
            self._uncounted,
        )

    def _sum(self, currency: str, fate: Fate) -> Decimal:
        return self._sums.get((currency, fate), Money.zero(currency).amount)


def _sum(parts: Iterable[Decimal]) -> Decimal:
    result = Decimal(0)
    for part in parts:
        result = EXACT.add(result, part)
    return result


def _sentence(
    read: Decimal | int,
    accepted: Decimal | int,
    duplicates: Decimal | int,
    quarantined: Decimal | int,
) -> str:
    return f"{read:,} read = {accepted:,} accepted + {duplicates:,} duplicates + {quarantined:,} quarantined"
