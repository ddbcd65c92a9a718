"""`check`: which rows of a facts or open-items table break a rule, found all at once; nothing is dropped and nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col, lit

from receivables.facts import KINDS
from receivables.frames import columns
from receivables.frames.columns import Schema, Unit
from receivables.frames.door import Door, Plan
from receivables.frames.naming import SOURCED, TARGETED, findings, repeated
from receivables.frames.open_items import Facts, ready
from receivables.frames.rules import Broken, Rule, inexact, shown
from receivables.frames.small import rows_of
from receivables.frames.standing import AMOUNTS
from receivables.frames.timeline import LOW, Lowest, lowest_by_window, overdrawn
from receivables.money import currencies
from receivables.rounding import Rounding

NAMES = ("row", "id", "column", "value", "rule")
_BILLED = ("invoice", "debit_memo", "credit_memo")
_MARKS = {"amount": "_inexact", "source_amount": "_inexact_source", "open_amount": "_inexact"}


def check(table: Any, *, scale: int | None = None, rounding: Rounding | None = None) -> Any:
    """Return the rows of a table of facts, open items or payments that break a rule: `row, id, column, value, rule`.

    `rule` is a code of the object core: `unreadable-fact` (also for terms without the due
    date they give, which the core would work out), `unknown-currency`, `not-positive`, `inexact-amount`,
    `conflicting-fact` (an id on several rows that are no instalments, which frames would count twice, also where the rows
    are the same; or an instalment twice), `unknown-fact` (an id or
    instalment that no row has), `wrong-kind`, `currency-mismatch`, `parts-do-not-sum`, `already-reversed` and
    `over-allocated` (below zero at the end of some day; `value` says how low). `row` counts from 0 in frames in memory,
    and is empty for plans, whose rows have no order, and for what no single row shows. `value` is the cell as text. An
    empty answer means that `open_items`, or of open items `age`, may be asked. What taxes, terms and amounts in the
    company's currency say, and what was known when, is checked by the object core alone.

    Args:
        table: A table with the columns of `schema.FACTS`, of `schema.OPEN_ITEMS`, which has an `open_amount`, or of
            `schema.PAYMENTS`, which has a `payment_id`.
        scale: Decimals that whole-number amounts count in; not for decimals.
        rounding: The named policy by which float amounts become decimals; frames in memory only.

    Raises:
        UnfitFrame: When a column is missing or cannot be what it should.
        NotAnAmount: For floats without a rounding, texts, or whole numbers without a scale.
    """
    asked = _asked(table, scale, rounding)
    answer = nw.concat([*asked.broken.by_rule(), *asked.of_several()])
    return asked.door.give(answer if asked.is_plan else answer.collect("pyarrow").to_native())


def first_broken(table: Any, limit: int) -> list[dict[str, Any]]:
    """Return the first rows that break a rule, rule by rule, so that an engine needs memory for one at a time.

    Args:
        table: A plan of a facts or open-items table, amounts as decimals.
        limit: How many rows at most.
    """
    asked = _asked(table, None, None)
    found: list[dict[str, Any]] = []
    plans = asked.broken.by_rule() if rows_of(asked.broken.rows.select(_one=lit(1)).head(1)) else []
    for plan in chain(plans, asked.of_several()):
        found += rows_of(plan.head(limit - len(found)))
        if len(found) >= limit:
            break
    return found


def _asked(table: Any, scale: int | None, rounding: Rounding | None) -> _OfFacts | _OfRows:
    door = Door.of(table, "facts")
    held = door.frame.collect_schema()
    for kind in (_ITEMS, _PAYMENTS):
        if kind.tell in held:
            return _OfRows(Door.of(table, kind.what), kind, scale, rounding)
    return _OfFacts(Facts.of(table, None, scale, rounding))


class _OfFacts:
    """The rules asked of one facts table."""

    def __init__(self, ready: Facts) -> None:
        self.door, self.is_plan = ready.door, isinstance(ready.source, nw.LazyFrame)
        self._source, self._unit, self._lowest = _marked(ready)
        held = self._source.collect_schema().items()
        self._schema: Schema = {name: kind for name, kind in held if name[0] != "_"}
        self.broken = Broken(self._source, _rules(self._schema), "id")

    def of_several(self) -> Iterator[Plan]:
        """Yield what rows say together."""
        for finding in findings(self._source, self._schema):
            yield shown(*finding)
        counted = (col("amount") > 0) | (col("kind") == "reversal")  # the rest is told already
        low = overdrawn(self._source.filter(counted), self._schema, self._unit, self._lowest)
        told = low.with_columns(_row=lit(None, dtype=nw.Int64), open_amount=col(LOW))
        yield shown(told, "over-allocated", "open_amount")


class _Rows(NamedTuple):
    """A table whose rows stand for themselves: what it is, the column that tells, its ids and amounts, what it needs."""

    what: str
    tell: str
    id: str
    amount: str
    needed: tuple[str, ...]


_ITEMS = _Rows(
    "items",
    "open_amount",
    "item_id",
    "open_amount",
    ("item_id", "customer", "currency", "open_amount"),
)
_PAYMENTS = _Rows(
    "payments",
    "payment_id",
    "payment_id",
    "amount",
    ("payment_id", "currency", "amount", "posting_date"),
)


class _OfRows:
    """The rules asked of one table of open items or of payments."""

    def __init__(
        self, door: Door, kind: _Rows, scale: int | None, rounding: Rounding | None
    ) -> None:
        self.door, self._kind = door, kind
        source, schema = ready(door, kind.needed, (kind.amount,), rounding)
        self.is_plan = isinstance(source, nw.LazyFrame)
        unit = columns.unit_of(schema, (kind.amount,), kind.what, scale)
        self._source = _marked_rows(door, source, schema, unit, kind.amount)
        self.broken = Broken(self._source, _rules_of(kind, schema), kind.id)

    def of_several(self) -> Iterator[Plan]:
        """Yield what rows say together."""
        twice = repeated(self._source, self._kind.id)
        yield shown(twice, "conflicting-fact", self._kind.id, self._kind.id)


def _marked(ready: Facts) -> tuple[Plan, Unit, Lowest]:
    """Return the facts with their row numbers and marks, how amounts are held, and what finds the lowest balances."""
    has_source = {"source_amount", "source_currency"} <= set(ready.schema)
    if isinstance(ready.source, nw.LazyFrame):
        marks = {_MARKS["amount"]: inexact(ready.schema, ready.unit, "amount", "currency")}
        if has_source:
            second = inexact(ready.schema, ready.unit, "source_amount", "source_currency")
            marks[_MARKS["source_amount"]] = second
        plan = _numbered(ready.door, ready.source)
        return plan.with_columns(**marks), ready.unit, lowest_by_window
    from receivables.frames.kernels.checking import numbered, with_mark
    from receivables.frames.kernels.plain import plain
    from receivables.frames.kernels.timeline import lowest

    marked = numbered(ready.source)
    for amount, currency in (("amount", "currency"), ("source_amount", "source_currency")):
        if amount == "amount" or has_source:
            marked = with_mark(marked, amount, currency, ready.unit, _MARKS[amount])
    unit = Unit(ready.unit.scale, integer=False)
    return nw.from_native(plain(marked, AMOUNTS, ready.unit)).lazy(), unit, lowest(unit.scale)


def _marked_rows(door: Door, source: Any, schema: Schema, unit: Unit, amount: str) -> Plan:
    """Return rows with their numbers, and whether each amount has digits too many."""
    if isinstance(source, nw.LazyFrame):
        mark = {_MARKS[amount]: inexact(schema, unit, amount, "currency")}
        settled = columns.settled(source, schema, (amount,), unit)
        return _numbered(door, settled).with_columns(**mark)
    from receivables.frames.kernels.checking import numbered, with_mark
    from receivables.frames.kernels.plain import plain

    table = with_mark(numbered(source), amount, "currency", unit, _MARKS[amount])
    marked: Plan = nw.from_native(plain(table, (amount,), unit)).lazy()
    return marked


def _numbered(door: Door, plan: Plan) -> Plan:
    """Return a table with the number of each row where rows have one."""
    if not door.held:
        return plan.with_columns(_row=lit(None, dtype=nw.Int64))
    numbered: Plan = plan.collect().with_row_index("_row").lazy()
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
    if "terms" in schema:  # an engine cannot read terms: due dates are written out
        undated = col("due_date").is_null() if "due_date" in schema else lit(value=True)
        unsettled = ~col("terms").is_null() & undated
        name = "due_date" if "due_date" in schema else "terms"
        rules.append(Rule(unreadable, name, kind.is_in(_BILLED) & unsettled))
    if {"source_amount", "source_currency"} <= set(schema):
        rules += _of_source()
    for name, kinds in (
        ("target_id", TARGETED),
        ("source_id", SOURCED),
        ("reverses_id", ("reversal",)),
    ):
        if name in schema:
            rules.append(Rule(unreadable, name, kind.is_in(kinds) & col(name).is_null()))
    return rules


def _rules_of(kind: _Rows, schema: Schema) -> list[Rule]:
    needed = {name: col(name).is_null() for name in kind.needed}
    if "customer" in needed:
        unidentified = (col(kind.amount) < 0).fill_null(
            value=False
        )  # a payment of nobody known yet
        if "kind" in schema:
            unidentified &= ~col("kind").cast(nw.String).is_in(_BILLED).fill_null(value=False)
        needed["customer"] &= ~unidentified
    rules = [Rule("unreadable-fact", name, missing) for name, missing in needed.items()]
    rules.append(Rule("unknown-currency", "currency", ~col("currency").is_in(currencies())))
    rules.append(Rule("inexact-amount", kind.amount, col(_MARKS[kind.amount])))
    if kind is _PAYMENTS:
        rules.append(Rule("not-positive", kind.amount, col(kind.amount) <= 0))
    return rules


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
