"""What a check is made of: rules, the rows that break them, and how both are told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col, lit, when

from receivables.frames.columns import Schema, Unit
from receivables.frames.door import Plan
from receivables.money import currencies, decimals


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its code, the column it is about, and which rows break it."""

    code: str
    column: str
    broken: nw.Expr


class Broken:
    """The rows of a table that break rules of single rows.

    Args:
        source: The table, its rows numbered as `_row`.
        rules: The rules.
        key: The column that says which row it is.
    """

    def __init__(self, source: Plan, rules: Iterable[Rule], key: str) -> None:
        self._rules = [Rule(it.code, it.column, it.broken.fill_null(value=False)) for it in rules]
        self._key = key
        marks = {f"_rule{index}": rule.broken for index, rule in enumerate(self._rules)}
        marked = source.with_columns(**marks)
        self.rows = marked.filter(nw.any_horizontal(*marks, ignore_nulls=True))

    def by_rule(self) -> list[Plan]:
        """Return the answer's rows, a plan a rule."""
        return [
            shown(self.rows.filter(col(f"_rule{index}")), rule.code, rule.column, self._key)
            for index, rule in enumerate(self._rules)
        ]


def shown(plan: Plan, code: str | None, column: str, key: str = "id") -> Plan:
    """Return rows of a table as rows of the answer; without a code each row says its own in `_rule`."""
    return plan.select(
        row=col("_row"),
        id=col(key).cast(nw.String),
        column=lit(column),
        value=col(column).cast(nw.String),
        rule=lit(code) if code else col("_rule"),
    )


def inexact(schema: Schema, unit: Unit, amount: str, currency: str) -> nw.Expr:
    """Return whether an amount has more decimals than its currency, without multiplying or rounding it."""
    found = lit(value=False)
    if currency not in schema:
        return found
    for places in sorted({decimals(code) for code in currencies()}):
        if places >= unit.scale:
            continue
        codes = [code for code in currencies() if decimals(code) == places]
        if unit.integer:
            odd = col(amount).cast(nw.Int64) % 10 ** (unit.scale - places) != 0
        else:  # whichever way an engine rounds, a cut amount differs from the whole one
            odd = col(amount).cast(nw.Decimal(28, places)) != col(amount)
        found = when(col(currency).is_in(codes)).then(odd).otherwise(found)
    return found
