"""A measured provision as values: lines, rows and totals, each with what it was made of.

Everything here was computed by `measure_provision`; the methods look up, sum whole parts and format.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from receivables.errors import AmbiguousCurrency, NoSuchColumn
from receivables.explain import Explanation
from receivables.laws import explain_agrees
from receivables.money import Money, total
from receivables.open_items import OpenItem
from receivables.provisions.matrix import as_text
from receivables.provisions.policy import Path
from receivables.rates import ExchangeRates
from receivables.rounding import Rounding


@dataclass(frozen=True, slots=True)
class ProvisionLine:
    """What one open item adds to the provision.

    Args:
        item: The open item.
        path: The way it went.
        segment: Its customer segment.
        bucket: Its bucket; `credits` for a credit.
        gross: What is left of it after credits of the same customer were set against it; negative for what is left of
            a credit, which is reclassified to liabilities.
        exposure: What of the gross can be lost: without recoverable VAT. Zero for credits and excluded items.
        rate: Its loss rate, all adjustments included.
        allowance: The expected credit loss; never more than the gross.
        dilution: The expected credit notes, kept apart.
        rule: Why this rate, in words, with its origin.
        netted: Which credits were set against it, or which charges it was set against, and how much.
    """

    item: OpenItem
    path: Path
    segment: str | None
    bucket: str
    gross: Money
    exposure: Money
    rate: Fraction
    allowance: Money
    dilution: Money
    rule: str
    netted: tuple[tuple[str, Money], ...] = ()

    def explain(self) -> Explanation:
        """Return the allowance of the item, with its netting, its exposure, its rate and where that comes from."""
        what = self.item.kind.replace("_", " ")
        text = f"{what} {self.item.id} of {self.item.customer or 'an unidentified customer'}, {self.path.value}, {self.bucket}"
        remarks = [f"open {self.item.open_amount} on {self.item.as_of}"]
        sign = "less" if not self.item.is_credit else "set against"
        remarks += [f"{sign} {amount} of {name}" for name, amount in self.netted]
        remarks.append(f"gross {self.gross}, exposure {self.exposure}")
        remarks.append(f"rate {as_text(self.rate)}: {self.rule}")
        if self.dilution:
            remarks.append(f"expected credit notes, kept apart: {self.dilution}")
        parts = tuple(Explanation(remark) for remark in remarks)
        return Explanation(text, self.allowance.amount, self.allowance.currency, parts)


@dataclass(frozen=True, slots=True)
class ProvisionRow:
    """The lines of one path, segment, bucket and currency: rounded once, then shared out among its items.

    Args:
        path: The way its items went.
        segment: Their segment.
        bucket: Their bucket.
        currency: Their currency.
        gross: What is open of them after netting.
        exposure: What of it can be lost.
        rate: Their common rate, or the allowance over the exposure where rates differ.
        allowance: The expected credit loss.
        dilution: The expected credit notes, kept apart.
        lines: Its items.
    """

    path: Path
    segment: str | None
    bucket: str
    currency: str
    gross: Money
    exposure: Money
    rate: Fraction
    allowance: Money
    dilution: Money
    lines: tuple[ProvisionLine, ...]

    def explain(self) -> Explanation:
        """Return the allowance of the row, item by item (law: Explain agrees)."""
        who = f"{self.segment}, " if self.segment is not None else ""
        text = f"{who}{self.bucket}, {self.path.value}: {as_text(self.rate)} of {self.exposure}"
        parts = tuple(line.explain() for line in self.lines)
        return Explanation(text, self.allowance.amount, self.currency, parts)


@dataclass(frozen=True, slots=True, repr=False)
class Provision:
    """The provision as of a date.

    Args:
        as_of: The date.
        rows: What was measured, by path, segment, bucket and currency.
        left_out: Excluded items and credit balances, in rows of their own without allowance.
        notes: The overlay and policy, in words.
    """

    as_of: date
    rows: tuple[ProvisionRow, ...]
    left_out: tuple[ProvisionRow, ...]
    notes: tuple[str, ...] = ()

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies there are, sorted."""
        return tuple(sorted({row.currency for row in (*self.rows, *self.left_out)}))

    @property
    def lines(self) -> tuple[ProvisionLine, ...]:
        """Every item's line, measured ones first."""
        return tuple(line for row in (*self.rows, *self.left_out) for line in row.lines)

    def allowance(self, currency: str | None = None, path: Path | None = None) -> Money:
        """Return the allowance in a currency, of one path or all.

        Raises:
            AmbiguousCurrency: When there are several currencies, or none, and none is named.
        """
        unit = self._currency(currency)
        rows = [it for it in self.rows if it.currency == unit and path in (None, it.path)]
        return total((row.allowance for row in rows), unit)

    def exposure(self, currency: str | None = None) -> Money:
        """Return what can be lost in a currency, of what was measured."""
        unit = self._currency(currency)
        return total((row.exposure for row in self.rows if row.currency == unit), unit)

    def dilution(self, currency: str | None = None) -> Money:
        """Return the expected credit notes in a currency; no part of the allowance."""
        unit = self._currency(currency)
        return total((row.dilution for row in self.rows if row.currency == unit), unit)

    def reclassified(self, currency: str | None = None) -> Money:
        """Return the credit balances that belong to liabilities, without recoverable VAT; positive."""
        unit = self._currency(currency)
        rows = [it for it in self.left_out if it.currency == unit and it.path is Path.CREDIT]
        return -total((row.exposure for row in rows), unit)

    def translated(self, currency: str, rates: ExchangeRates) -> Money:
        """Return the allowance of every currency in one, each translated once at the as-of rate, rounded half up.

        Raises:
            RateNotFound: When a rate is missing on the as-of date.
        """
        parts = (
            rates.convert(self.allowance(unit), currency, on=self.as_of, rounding=Rounding.HALF_UP)
            for unit in self.currencies
        )
        return total(parts, currency)

    def line(self, item_id: str) -> ProvisionLine:
        """Return the line of an item.

        Raises:
            NoSuchColumn: When no item of that id was open.
        """
        for line in self.lines:
            if line.item.id == item_id:
                return line
        msg = f"no item {item_id!r} in the provision as of {self.as_of}; check the id"
        raise NoSuchColumn(msg)

    def explain(self, currency: str | None = None) -> Explanation:
        """Return the allowance down to items, rates and their origin (law: Explain agrees)."""
        unit = self._currency(currency)
        whole = self.allowance(unit)
        rows = (row.explain() for row in self.rows if row.currency == unit)
        notes = (Explanation(note) for note in self.notes)
        text = f"allowance in {unit} as of {self.as_of}"
        return explain_agrees(Explanation(text, whole.amount, unit, (*rows, *notes)))

    def to_dict(self) -> dict[str, Any]:
        """Return rows and totals as plain values, amounts as text, ready for JSON."""
        return {
            "as_of": self.as_of.isoformat(),
            "rows": [_plain(row) for row in self.rows],
            "left_out": [_plain(row) for row in self.left_out],
            "total": [
                {
                    "currency": unit,
                    "exposure": f"{self.exposure(unit).amount:f}",
                    "allowance": f"{self.allowance(unit).amount:f}",
                    "dilution": f"{self.dilution(unit).amount:f}",
                    "reclassified": f"{self.reclassified(unit).amount:f}",
                }
                for unit in self.currencies
            ],
        }

    def __repr__(self) -> str:
        sums = ", ".join(str(self.allowance(unit)) for unit in self.currencies)
        return f"<Provision as of {self.as_of}: {sums or 'nothing open'}>"

    def _currency(self, currency: str | None) -> str:
        if currency is not None:
            return currency
        if len(self.currencies) != 1:
            listed = ", ".join(self.currencies) or "none"
            msg = f"the provision has currencies {listed}; name one"
            raise AmbiguousCurrency(msg)
        return self.currencies[0]


def _plain(row: ProvisionRow) -> dict[str, Any]:
    return {
        "segment": row.segment,
        "bucket": row.bucket,
        "currency": row.currency,
        "exposure": f"{row.exposure.amount:f}",
        "rate": as_text(row.rate),
        "allowance": f"{row.allowance.amount:f}",
        "path": row.path.value,
        "gross": f"{row.gross.amount:f}",
        "items": len(row.lines),
    }
