"""`check`: which rows of a facts table break a rule, found all at once; nothing is dropped and nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col, lit, when

from receivables.facts import KINDS
from receivables.frames import columns
from receivables.frames.columns import Schema, Unit
from receivables.frames.door import Plan
from receivables.frames.naming import SOURCED, TARGETED, findings
from receivables.frames.open_items import Facts
from receivables.frames.small import rows_of
from receivables.frames.standing import AMOUNTS
from receivables.frames.timeline import LOW, Lowest, lowest_by_window, overdrawn
from receivables.money import currencies, decimals

NAMES = ("row", "id", "column", "value", "rule")
_BILLED = ("invoice", "debit_memo", "credit_memo")
_MARKS = {"amount": "_inexact", "source_amount": "_inexact_source"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its code, the column it is about, and which rows break it."""

    code: str
    column: str
    broken: nw.Expr


def check(facts: Any, *, scale: int | None = None) -> Any:
    """Return the rows of a facts table that break a rule: `row, id, column, value, rule`, in the type they came in.

    `rule` is the code that the same mistake has in the object core: `unreadable-fact` (also for terms without the due
    date they give, which the core would work out), `unknown-currency`, `not-positive`, `inexact-amount`,
    `conflicting-fact` (an id on several rows that are no instalments, or an instalment twice), `unknown-fact` (an id or
    instalment that no row has), `wrong-kind`, `currency-mismatch`, `parts-do-not-sum`, `already-reversed` and
    `over-allocated` (below zero at the end of some day; `value` says how low). `row` counts from 0 in frames in memory,
    and is empty for plans, whose rows have no order, and for what no single row shows. `value` is the cell as text. An
    empty answer means that `open_items` may be asked. What taxes, terms and amounts in the company's currency say, and
    what was known when, is checked by the object core alone.

    Args:
        facts: A table with the columns of `schema.FACTS`.
        scale: Decimals that whole-number amounts count in; not for decimals.

    Raises:
        UnfitFrame: When a column is missing or cannot be what it should.
        NotAnAmount: For floats or texts as amounts, or whole numbers without a scale.
    """
    ready = Facts.of(facts, None, scale, None)
    asked = _Asked(ready)
    answer = nw.concat([*asked.of_rows(), *asked.of_several()])
    if isinstance(ready.source, nw.LazyFrame):
        return ready.door.give(answer)
    return ready.door.give(answer.collect("pyarrow").to_native())


def first_broken(facts: Any, limit: int) -> list[dict[str, Any]]:
    """Return the first rows that break a rule, rule by rule, so that an engine needs memory for one at a time.

    Args:
        facts: A plan of a facts table, amounts as decimals.
        limit: How many rows at most.
    """
    asked = _Asked(Facts.of(facts, None, None, None))
    found: list[dict[str, Any]] = []
    plans = asked.of_rows() if rows_of(asked.broken.select(_one=lit(1)).head(1)) else []
    for plan in chain(plans, asked.of_several()):
        found += rows_of(plan.head(limit - len(found)))
        if len(found) >= limit:
            break
    return found


class _Asked:
    """The rules asked of one facts table."""

    def __init__(self, ready: Facts) -> None:
        self.source, self.unit, self.lowest = _marked(ready)
        held = self.source.collect_schema().items()
        self.schema: Schema = {name: kind for name, kind in held if name[0] != "_"}
        self.rules = _rules(self.schema)
        marks = {f"_rule{index}": rule.broken for index, rule in enumerate(self.rules)}
        marked = self.source.with_columns(**marks)
        self.broken = marked.filter(nw.any_horizontal(*marks, ignore_nulls=True))

    def of_rows(self) -> list[Plan]:
        """Return what single rows say, a plan a rule."""
        return [
            _shown(self.broken.filter(col(f"_rule{index}")), rule.code, rule.column)
            for index, rule in enumerate(self.rules)
        ]

    def of_several(self) -> Iterator[Plan]:
        """Yield what rows say together."""
        for finding in findings(self.source, self.schema):
            yield _shown(*finding)
        counted = (col("amount") > 0) | (col("kind") == "reversal")  # the rest is told already
        low = overdrawn(self.source.filter(counted), self.schema, self.unit, self.lowest)
        told = low.with_columns(_row=lit(None, dtype=nw.Int64), open_amount=col(LOW))
        yield _shown(told, "over-allocated", "open_amount")


def _marked(ready: Facts) -> tuple[Plan, Unit, Lowest]:
    """Return the facts with their row numbers and marks, how amounts are held, and what finds the lowest balances."""
    has_source = {"source_amount", "source_currency"} <= set(ready.schema)
    if isinstance(ready.source, nw.LazyFrame):
        marks = {_MARKS["amount"]: inexact(ready.schema, ready.unit, "amount", "currency")}
        if has_source:
            second = inexact(ready.schema, ready.unit, "source_amount", "source_currency")
            marks[_MARKS["source_amount"]] = second
        return _numbered(ready).with_columns(**marks), ready.unit, lowest_by_window
    from receivables.frames.kernels.checking import with_marks
    from receivables.frames.kernels.plain import plain
    from receivables.frames.kernels.timeline import lowest

    marked = with_marks(ready.source, ready.unit, _MARKS["amount"])
    if has_source:
        other = ready.source.select(["source_amount", "source_currency"])
        other = with_marks(other.rename_columns(["amount", "currency"]), ready.unit, "_odd")
        marked = marked.append_column(_MARKS["source_amount"], other["_odd"])
    unit = Unit(ready.unit.scale, integer=False)
    return nw.from_native(plain(marked, AMOUNTS, ready.unit)).lazy(), unit, lowest(unit.scale)


def _numbered(ready: Facts) -> Plan:
    """Return the facts with the number of each row where rows have one."""
    frame = ready.door.frame
    if not isinstance(frame, nw.DataFrame):
        plan: Plan = ready.source
        return plan.with_columns(_row=lit(None, dtype=nw.Int64))
    numbered = columns.settled(
        frame.with_row_index("_row").lazy(), ready.schema, AMOUNTS, ready.unit
    )
    return numbered.with_columns(_row=col("_row").cast(nw.Int64))


def _rules(schema: Schema) -> list[Rule]:
    kind, amount = col("kind"), col("amount")
    unreadable = "unreadable-fact"
    needs_money = ~(kind == "reversal")
    rules = [
        Rule(unreadable, "id", col("id").is_null()),
        Rule(unreadable, "kind", kind.is_null() | ~kind.is_in(tuple(KINDS))),
        Rule(unreadable, "posting_date", col("posting_date").is_null()),
        Rule(unreadable, "amount", needs_money & amount.is_null()),
        Rule("not-positive", "amount", amount <= 0),
        Rule("inexact-amount", "amount", col(_MARKS["amount"])),
    ]
    if "currency" in schema:
        currency = col("currency")
        rules += [
            Rule(unreadable, "currency", needs_money & currency.is_null()),
            Rule("unknown-currency", "currency", ~currency.is_in(currencies())),
        ]
    if "customer" in schema:
        rules.append(Rule(unreadable, "customer", kind.is_in(_BILLED) & col("customer").is_null()))
    if {"terms", "due_date"} <= set(
        schema
    ):  # an engine cannot read terms: due dates are written out
        unsettled = ~col("terms").is_null() & col("due_date").is_null()
        rules.append(Rule(unreadable, "due_date", kind.is_in(_BILLED) & unsettled))
    if {"source_amount", "source_currency"} <= set(schema):
        rules += _of_source()
    for name, kinds in (
        ("target_id", TARGETED),
        ("source_id", SOURCED),
        ("reverses_id", ("reversal",)),
    ):
        if name in schema:
            rules.append(Rule(unreadable, name, kind.is_in(kinds) & col(name).is_null()))
    return [Rule(it.code, it.column, it.broken.fill_null(value=False)) for it in rules]


def _of_source() -> list[Rule]:
    """Return the rules of what an allocation across currencies takes off its source."""
    amount, currency = col("source_amount"), col("source_currency")
    told = (col("kind") == "allocation") & ~amount.is_null()
    same = (currency == col("currency")) & (amount != col("amount"))
    return [
        Rule("not-positive", "source_amount", told & (amount <= 0)),
        Rule("inexact-amount", "source_amount", told & col(_MARKS["source_amount"])),
        Rule("unreadable-fact", "source_currency", told & currency.is_null()),
        Rule("unknown-currency", "source_currency", told & ~currency.is_in(currencies())),
        Rule("parts-do-not-sum", "source_amount", told & same),
    ]


def _shown(plan: Plan, code: str | None, column: str) -> Plan:
    """Return rows of facts as rows of the answer."""
    return plan.select(
        row=col("_row"),
        id=col("id").cast(nw.String),
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
