"""A measure: a figure with its inputs, or none with the reason. It is never 0 or infinite for want of a denominator."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from receivables.errors import CurrencyMismatch, NotAnAmount
from receivables.explain import Explanation
from receivables.money import Money
from receivables.rounding import Rounding

Amount = Money | Decimal | Fraction | int | str


@dataclass(frozen=True, slots=True)
class Input:
    """One figure a measure was computed from."""

    name: str
    value: Fraction
    unit: str = ""

    def __str__(self) -> str:
        places = 2 if self.unit or self.value.denominator != 1 else 0
        return f"{self.name} {_text(self.value, places)} {self.unit}".rstrip()


@dataclass(frozen=True, slots=True)
class Measure:
    """A named figure, exact, with what it was computed from.

    Args:
        name: What it is, with its variant: `CEI (full period)`.
        value: The exact figure; None when it cannot be computed.
        unit: `days`, `%`, `times`, a currency, or nothing for a count.
        formula: How, in words.
        reason: Why there is no value.
        inputs: The figures it rests on.
        notes: What a reader should know: a history that ended, items left out.

    >>> str(Measure("DSO", Fraction(516, 7), "days"))
    'DSO: 73.71 days'
    """

    name: str
    value: Fraction | None
    unit: str = ""
    formula: str = ""
    reason: str = ""
    inputs: tuple[Input, ...] = ()
    notes: tuple[str, ...] = ()

    def rounded(self, decimals: int = 2, rounding: Rounding = Rounding.HALF_UP) -> Decimal | None:
        """Return the figure with so many decimals, or None."""
        return None if self.value is None else rounding.apply(self.value, decimals)

    def explain(self) -> Explanation:
        """Return the figure with its formula and inputs."""
        remarks = [self.formula, *map(str, self.inputs), *self.notes]
        parts = tuple(Explanation(text) for text in remarks if text)
        if self.value is None:
            return Explanation(f"{self.name}: none, {self.reason}", None, "", parts)
        return Explanation(self.name, self.rounded(self._places), self.unit, parts)

    def to_dict(self) -> dict[str, object]:
        """Return the measure as plain values, the figure as text with two decimals, ready for JSON."""
        value = None if self.value is None else f"{self.rounded(self._places):f}"
        return {
            "name": self.name,
            "value": value,
            "unit": self.unit,
            "reason": self.reason,
            "formula": self.formula,
            "inputs": {it.name: _text(it.value, 2) for it in self.inputs},
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.name}: none, {self.reason}"
        return f"{self.name}: {self.rounded(self._places):f} {self.unit}".rstrip()

    @property
    def _places(self) -> int:
        counted = self.value is not None and self.value.denominator == 1 and not self.unit
        return 0 if counted else 2


def inputs(**given: Amount | None) -> tuple[Input, ...]:
    """Return inputs by name, in one currency.

    Raises:
        CurrencyMismatch: When they are of several currencies (law: One currency at a time).
        NotAnAmount: For a float or a text that is no number.
    """
    found, currencies = [], set()
    for name, value in given.items():
        if value is None:
            continue
        unit = ""
        if isinstance(value, Money):
            unit = value.currency
            currencies.add(unit)
        found.append(Input(name.replace("_", " "), exact(value), unit))
    if len(currencies) > 1:
        msg = f"a measure is of one currency; got {', '.join(sorted(currencies))}"
        raise CurrencyMismatch(msg)
    return tuple(found)


def exact(value: Amount) -> Fraction:
    """Return an amount as an exact fraction; never from a float."""
    if isinstance(value, Money):
        return Fraction(value.amount)
    if isinstance(value, bool) or not isinstance(value, Decimal | Fraction | int | str):
        msg = f"{value!r} is a {type(value).__name__}; give Money, a Decimal, a Fraction or an int"
        raise NotAnAmount(msg)
    try:
        return Fraction(value)
    except (ValueError, OverflowError):
        msg = f"{value!r} is no number; write it like 11600.00"
        raise NotAnAmount(msg) from None


def ratio(
    name: str,
    top: Fraction,
    bottom: Fraction,
    *,
    unit: str,
    formula: str,
    reason: str,
    inputs: tuple[Input, ...] = (),
    notes: tuple[str, ...] = (),
) -> Measure:
    """Return top / bottom, or no value with the reason when the bottom is not above zero."""
    if bottom <= 0:
        return Measure(name, None, unit, formula, reason, inputs, notes)
    return Measure(name, top / bottom, unit, formula, "", inputs, notes)


def _text(value: Fraction, places: int) -> str:
    return f"{Rounding.HALF_UP.apply(value, places):f}"
