"""What the ids of a facts table say: an id twice, an id that no fact has, or one of a fact of the wrong kind or currency."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col, lit, when

from receivables.facts import KINDS
from receivables.frames.columns import Schema
from receivables.frames.door import Plan
from receivables.frames.standing import CHARGES, CREDITS, DOCUMENTS

TARGETED = ("allocation", "write_off", "adjustment")
SOURCED = ("allocation", "refund")
_ENDED = tuple(kind for kind in KINDS if kind != "reversal")
_PARTS_OWN = ("amount", "due_date", "instalment", "company_amount", "source_amount")


class Finding(NamedTuple):
    """Rows that break a rule: its code, or None where each row says its own in `_rule`, and the column it is about."""

    rows: Plan
    code: str | None
    column: str


class _Naming(NamedTuple):
    """Which kinds of fact name, in which column, facts of which kinds."""

    column: str
    kinds: tuple[str, ...]
    wanted: tuple[str, ...]


_NAMES = (
    _Naming("target_id", ("allocation",), CHARGES),
    _Naming("target_id", ("write_off", "adjustment"), DOCUMENTS),
    _Naming("source_id", SOURCED, CREDITS),
    _Naming("reverses_id", ("reversal",), _ENDED),
)


def findings(source: Plan, schema: Schema) -> Iterator[Finding]:
    """Yield the rows whose ids break a rule.

    Args:
        source: The facts, their types settled, with the columns of `check`.
        schema: Their own columns.
    """
    yield from _twice(source, schema)
    if "instalment" in schema:
        yield from _parts(source, schema)
    held = ["kind", *(["currency"] if "currency" in schema else [])]
    known = source.select(_known="id", **{f"_known_{name}": col(name) for name in held}).unique()
    for it in _NAMES:
        if it.column in schema:
            yield _named(source, known, schema, it)


def repeated(plan: Plan, name: str) -> Plan:
    """Return the rows whose value stands in other rows, too."""
    return _in(plan, _several(plan, name), name)


def _twice(source: Plan, schema: Schema) -> Iterator[Finding]:
    single = source.filter(col("instalment").is_null()) if "instalment" in schema else source
    twice = _several(source, "id")
    yield Finding(_in(single, twice, "id"), "conflicting-fact", "id")
    if "reverses_id" in schema:
        ends = source.filter(col("kind") == "reversal")
        again = _in(ends, _several(ends, "reverses_id"), "reverses_id")
        yield Finding(again, "already-reversed", "reverses_id")


def _several(plan: Plan, name: str) -> Plan:
    """Return the values that stand in several rows."""
    counted = plan.group_by(name).agg(_rows=nw.len()).filter(col("_rows") > 1)
    return counted.select(_twice=name)


def _in(plan: Plan, values: Plan, name: str) -> Plan:
    there = plan.filter(~col(name).is_null())
    return there.join(values, left_on=name, right_on="_twice", how="semi")


def _parts(source: Plan, schema: Schema) -> Iterator[Finding]:
    """Yield the instalments that are no schedule, and the uses that name one which is not there."""
    parts = source.filter(col("kind").is_in(DOCUMENTS) & ~col("instalment").is_null())
    numbers = parts.group_by("id", "instalment").agg(_rows=nw.len()).filter(col("_rows") > 1)
    again = parts.join(
        numbers.select(_id="id", _number="instalment"),
        left_on=["id", "instalment"], right_on=["_id", "_number"], how="semi",
    )  # fmt: skip
    yield Finding(again, "conflicting-fact", "instalment")
    shared = [name for name in schema if name not in _PARTS_OWN]
    heads = parts.select(*shared).unique()
    yield Finding(_in(parts, _several(heads, "id"), "id"), "unreadable-fact", "id")
    if "due_date" in schema:
        undated, first = parts.filter(col("due_date").is_null()), col("instalment") == 1
        later = undated.filter(~first & (col("kind") != "payment"))  # of a schedule, by its number
        yield Finding(later, "unreadable-fact", "due_date")
        several = _in(undated.filter(first), _several(parts, "id"), "id")
        yield Finding(several, "unreadable-fact", "due_date")
    if "target_id" in schema:
        whole = nw.coalesce(col("instalment"), lit(1)).cast(nw.Int64)
        documents = source.filter(col("kind").is_in(DOCUMENTS)).select(_id="id", _number=whole)
        uses = source.filter(col("kind").is_in(TARGETED) & ~col("instalment").is_null())
        uses = uses.with_columns(_number=col("instalment").cast(nw.Int64))
        naming, named = ["target_id", "_number"], ["_id", "_number"]
        lost = uses.join(documents, how="anti", left_on=naming, right_on=named)
        there = lost.join(documents.select(_twice="_id"), left_on="target_id", right_on="_twice", how="semi")  # fmt: skip
        yield Finding(there, "unknown-fact", "instalment")


def _named(source: Plan, known: Plan, schema: Schema, it: _Naming) -> Finding:
    naming = source.filter(col("kind").is_in(it.kinds) & ~col(it.column).is_null())
    met = naming.join(known, left_on=it.column, right_on="_known", how="left")
    kind = col("_known_kind")
    wrong = kind.is_null() | ~kind.is_in(it.wanted)
    apart = lit(value=False)
    if "currency" in schema and it.column != "reverses_id":
        own = col("currency")
        if it.column == "source_id" and {"source_amount", "source_currency"} <= set(schema):
            own = when(~col("source_amount").is_null()).then(col("source_currency")).otherwise(own)
        apart = (own != col("_known_currency")).fill_null(value=False)
    other = when(wrong).then(lit("wrong-kind")).otherwise(lit("currency-mismatch"))
    code = when(kind.is_null()).then(lit("unknown-fact")).otherwise(other)
    return Finding(met.filter(wrong | apart).with_columns(_rule=code), None, it.column)
