"""`check`: which rows of a facts table break a rule, found all at once; nothing is dropped and nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col, lit, when

from receivables.facts import KINDS
from receivables.frames import columns
from receivables.frames.columns import Schema, Unit
from receivables.frames.door import Plan
from receivables.frames.open_items import Facts
from receivables.frames.standing import AMOUNTS, CREDITS, DOCUMENTS
from receivables.money import currencies, decimals

NAMES = ("row", "id", "column", "value", "rule")
_TARGETED = ("allocation", "write_off", "adjustment")
_SOURCED = ("allocation", "refund")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its code, the column it is about, and which rows break it."""

    code: str
    column: str
    broken: nw.Expr


def check(facts: Any, *, scale: int | None = None) -> Any:
    """Return the rows of a facts table that break a rule: `row, id, column, value, rule`, in the type they came in.

    `rule` is the code that the same mistake has in the object core: `unreadable-fact`, `unknown-currency`,
    `not-positive`, `inexact-amount`, `conflicting-fact` (an id on several rows that are no instalments), `unknown-fact`
    (an id that no row has) and `over-allocated` (used past its amount, once everything has happened). `row` counts from
    0 in frames in memory, and is empty for plans, whose rows have no order, and for what no single row shows. `value`
    is the cell as text. An empty answer means that `open_items` may be asked.

    Args:
        facts: A table with the columns of `schema.FACTS`.
        scale: Decimals that whole-number amounts count in; not for decimals.

    Raises:
        UnfitFrame: When a column is missing or cannot be what it should.
        NotAnAmount: For floats or texts as amounts, or whole numbers without a scale.
    """
    ready = Facts.of(facts, None, scale, None)
    inexact = "_inexact"
    if isinstance(ready.source, nw.LazyFrame):
        source = _numbered(ready).with_columns(_inexact=_inexact(ready.schema, ready.unit))
        late = ready.open_items([date.max], None)[0]
    else:
        from receivables.frames.kernels.checking import with_marks

        source = nw.from_native(with_marks(ready.source, ready.unit, inexact)).lazy()
        late = nw.from_native(ready.open_items([date.max], None)[0]).lazy()
    found = [
        *_of_rows(source, ready.schema, inexact),
        *_of_ids(source, ready.schema),
        _overdrawn(late, source),
    ]
    answer = nw.concat(found)
    if isinstance(ready.source, nw.LazyFrame):
        return ready.door.give(answer)
    return ready.door.give(answer.collect("pyarrow").to_native())


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


def _of_rows(source: Plan, schema: Schema, inexact: str) -> list[Plan]:
    rules = _rules(schema, inexact)
    marks = {f"_rule{index}": rule.broken for index, rule in enumerate(rules)}
    marked = source.with_columns(**marks)
    marked = marked.filter(nw.any_horizontal(*marks, ignore_nulls=True))
    return [
        _shown(marked.filter(col(mark)), rule.code, rule.column)
        for mark, rule in zip(marks, rules, strict=True)
    ]


def _rules(schema: Schema, inexact: str) -> list[Rule]:
    kind, amount = col("kind"), col("amount")
    unreadable = "unreadable-fact"
    needs_money = ~(kind == "reversal")
    rules = [
        Rule(unreadable, "id", col("id").is_null()),
        Rule(unreadable, "kind", kind.is_null() | ~kind.is_in(tuple(KINDS))),
        Rule(unreadable, "posting_date", col("posting_date").is_null()),
        Rule(unreadable, "amount", needs_money & amount.is_null()),
        Rule("not-positive", "amount", amount <= 0),
        Rule("inexact-amount", "amount", col(inexact)),
    ]
    if "currency" in schema:
        currency = col("currency")
        rules += [
            Rule(unreadable, "currency", needs_money & currency.is_null()),
            Rule("unknown-currency", "currency", ~currency.is_in(currencies())),
        ]
    if "customer" in schema:
        billed = kind.is_in(("invoice", "debit_memo", "credit_memo"))
        rules.append(Rule(unreadable, "customer", billed & col("customer").is_null()))
    for name, kinds in (
        ("target_id", _TARGETED),
        ("source_id", _SOURCED),
        ("reverses_id", ("reversal",)),
    ):
        if name in schema:
            rules.append(Rule(unreadable, name, kind.is_in(kinds) & col(name).is_null()))
    return [Rule(it.code, it.column, it.broken.fill_null(value=False)) for it in rules]


def _of_ids(source: Plan, schema: Schema) -> list[Plan]:
    """Return what the ids of several rows say: twice the same, or naming none."""
    single = source.filter(col("instalment").is_null()) if "instalment" in schema else source
    counted = source.group_by("id").agg(_rows=nw.len()).filter(col("_rows") > 1).select(_twice="id")
    twice = single.filter(~col("id").is_null()).join(
        counted, left_on="id", right_on="_twice", how="semi"
    )
    found = [_shown(twice, "conflicting-fact", "id")]
    documents = source.filter(col("kind").is_in(DOCUMENTS)).select(_known="id")
    any_fact = source.filter(~(col("kind") == "reversal")).select(_known="id")
    for name, kinds, known in (
        ("target_id", _TARGETED, documents),
        ("source_id", _SOURCED, documents),
        ("reverses_id", ("reversal",), any_fact),
    ):
        if name in schema:
            naming = source.filter(col("kind").is_in(kinds) & ~col(name).is_null())
            lost = naming.join(known, left_on=name, right_on="_known", how="anti")
            found.append(_shown(lost, "unknown-fact", name))
    return found


def _overdrawn(items: Plan, source: Plan) -> Plan:
    """Return the items that end on the wrong side of zero."""
    is_credit = col("kind").is_in(CREDITS)
    wrong = (is_credit & (col("open_amount") > 0)) | (~is_credit & (col("open_amount") < 0))
    negative = source.filter(col("amount") <= 0).select(_negative="id")  # told as such already
    found = items.filter(wrong).join(
        negative, left_on="document_id", right_on="_negative", how="anti"
    )
    plan = found.with_columns(_row=lit(None, dtype=nw.Int64))
    return _shown(plan.with_columns(id=col("item_id")), "over-allocated", "open_amount")


def _shown(plan: Plan, code: str, column: str) -> Plan:
    return plan.select(
        row=col("_row"),
        id=col("id").cast(nw.String),
        column=lit(column),
        value=col(column).cast(nw.String),
        rule=lit(code),
    )


def _inexact(schema: Schema, unit: Unit) -> nw.Expr:
    """Return whether an amount has more decimals than its currency, without multiplying or rounding it."""
    found = lit(value=False)
    if "currency" not in schema:
        return found
    for places in sorted({decimals(code) for code in currencies()}):
        if places >= unit.scale:
            continue
        codes = [code for code in currencies() if decimals(code) == places]
        if unit.integer:
            odd = col("amount").cast(nw.Int64) % 10 ** (unit.scale - places) != 0
        else:  # whichever way an engine rounds, a cut amount differs from the whole one
            odd = col("amount").cast(nw.Decimal(28, places)) != col("amount")
        found = when(col("currency").is_in(codes)).then(odd).otherwise(found)
    return found
