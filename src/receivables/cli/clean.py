r"""Which cells of a table an engine may not take as they stand, because the object core would read them otherwise.

The object core cleans cells, tells amounts and dates from many ways of writing them, and remarks on what is odd. An engine
does none of that; it answers for tables in which there is nothing to clean and nothing to remark on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col, lit

from receivables.adapters.csv.days import FIRST_YEAR, LAST_YEAR
from receivables.buckets import Basis, CreditDisplay
from receivables.cli.opened import Opened
from receivables.cli.tables import Question
from receivables.frames.columns import unit_of
from receivables.frames.door import Plan
from receivables.frames.rules import inexact
from receivables.frames.small import rows_of
from receivables.frames.standing import CREDITS, DOCUMENTS
from receivables.money import currencies
from receivables.schema import FACTS, Type
from receivables.terms import PaymentTerms

_LETTER = "!-~¡-ſ–—‘-„…€"  # printable, one code point each in every normal form, none that turns the writing around
_TEXT = f"^[{_LETTER}]([ {_LETTER}]*[{_LETTER}])?\\z"
_LONGEST = 200  # characters of an id
_WRITTEN: dict[Type, str] = {
    "amount": r"^-?[0-9]{1,18}(\.[0-9]{1,4})?\z",
    "date": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\z",
    "timestamp": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})\z",
    "integer": r"^[0-9]{1,9}\z",
    "flag": r"^(true|false)\z",
}
_TYPES: dict[Type, tuple[Any, ...]] = {
    "amount": (nw.Decimal,),
    "date": (nw.Date,),
    "timestamp": (nw.Datetime,),
    "integer": (nw.Int8, nw.Int16, nw.Int32, nw.Int64),
    "flag": (nw.Boolean,),
}
_GROUPED = r"^-?[1-9][0-9]{0,2}\.[0-9]{3}\z"  # 1.234: one thousand and more to some
_DAMAGED = r"^[0-9]([.,][0-9]+)?E\+[0-9]{2,3}\z"
_IDS = frozenset({"id", "item_id", "customer", "source_id", "target_id", "reverses_id"})
_LARGEST = 10**15
_GROUPS = frozenset({"customer", "currency", "kind", "reference", "segment", "collector", "legal_entity", "dispute_reason"})  # fmt: skip


def unread(opened: Opened) -> Plan | None:
    """Return the cells of a text table that are not written the way we write them: `id, column, value`."""
    if not opened.is_text:
        return None
    name = "id" if opened.kind == "facts" else "item_id"
    found = [
        _shown(opened.plan.filter(~_matches(column, _WRITTEN[kind])), name, column)
        for column, kind in opened.types.items()
        if kind in _WRITTEN
    ]
    found += [
        _shown(opened.plan.filter(_is_dirty(column)), name, column)
        for column in opened.plan.collect_schema().names()
        if opened.types.get(column) not in _WRITTEN
    ]
    return nw.concat(found)


def unsettled(opened: Opened) -> str | None:
    """Return the column of amounts whose decimal sign nothing settles, if any: all it has are amounts such as 1.234."""
    names = [name for name, kind in opened.types.items() if kind == "amount"]
    if not opened.is_text or not names:
        return None
    grouped = {f"_a{name}": col(name).str.contains(_GROUPED) for name in names}
    pointed = {f"_p{name}": col(name).str.contains(r"\.") for name in names}
    plan = opened.plan.select(**{k: it.cast(nw.Int64) for k, it in (grouped | pointed).items()})
    [row] = rows_of(plan.select(col(*plan.collect_schema().names()).sum()))
    return next((it for it in names if row[f"_a{it}"] and row[f"_a{it}"] == row[f"_p{it}"]), None)


def remarks(opened: Opened, plan: Plan, asked: Question) -> Iterator[str]:
    """Yield why the object core must read a table that breaks no rule; nothing when an engine may answer for it.

    Args:
        opened: The table.
        plan: Its rows, typed.
        asked: The question.
    """
    schema = plan.collect_schema()
    yield from _of_columns(opened, schema, asked)
    odd = dict(_odd(opened, schema, asked))
    counts = {name: it.fill_null(value=False).cast(nw.Int64) for name, it in odd.items()}
    [row] = rows_of(plan.select(**counts).select(col(*odd).sum()))
    yield from (name for name, count in row.items() if count)
    if "terms" in schema:
        distinct = plan.filter(~col("terms").is_null()).select("terms").unique()
        for held in rows_of(distinct):
            PaymentTerms.parse(held["terms"])


def _of_columns(opened: Opened, schema: Any, asked: Question) -> Iterator[str]:
    """Yield what the columns alone say."""
    types = opened.types
    for name, kind in types.items():
        wanted = _TYPES.get(kind, (nw.String,))
        if name in schema and not any(schema[name] == it for it in wanted):
            yield f"{name} is {schema[name]}"
    ours = {_key(name) for name in types}
    for name in schema.names():
        if name.startswith("attribute:") or (name not in types and _key(name) in ours):
            yield f"{name} is called like a column of ours"
    yield from _of_question(opened.kind, schema, asked)


def _of_question(kind: str, schema: Any, asked: Question) -> Iterator[str]:
    """Yield what is asked that tables alone do not say."""
    for name in asked.by:
        if name in FACTS and name not in _GROUPS:
            yield f"grouping by {name}"
        elif name not in _GROUPS and schema.get(name) != nw.String:
            yield f"{name} is no text"
    if kind == "open-items":
        if asked.basis is not Basis.DUE or asked.credits is not CreditDisplay.OWN_COLUMN:
            yield "an extract asked for other dates than due dates"
        if "kind" in asked.by or asked.known_at is not None:
            yield "an extract asked for kinds, or for what was known"


def _key(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").split())


def _odd(opened: Opened, schema: Any, asked: Question) -> Iterator[tuple[str, nw.Expr]]:
    for name in schema.names():
        if schema[name] == nw.String and not opened.is_text:  # of text, `unread` has asked that
            yield f"texts of {name}", _is_dirty(name)
    for name, kind in opened.types.items():
        if kind == "date":
            early, late = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
            yield f"years of {name}", (col(name) < early) | (col(name) > late)
        if kind == "amount":
            yield f"size of {name}", (col(name) >= _LARGEST) | (col(name) <= -_LARGEST)
        if name in _IDS:
            yield f"length of {name}", col(name).str.len_chars() > _LONGEST
            yield f"digits of {name}", col(name).str.contains(_DAMAGED)
    begun = [col(it) for it in ("document_date", "posting_date") if it in schema]
    if begun and "due_date" in schema:
        yield "due before document", col("due_date") < nw.coalesce(*begun)
    given = _odd_facts(schema) if opened.kind == "facts" else _odd_items(schema, asked.as_of)
    yield from given


def _odd_facts(schema: Any) -> Iterator[tuple[str, nw.Expr]]:
    for name in ("taxes", "net_amount"):  # the core checks what they add up to
        if name in schema:
            yield name, ~col(name).is_null()
    if "company_amount" in schema:
        told = ~col("company_amount").is_null()
        if "company_currency" not in schema:
            yield "company amounts without a currency", told
        else:
            currency, unit = col("company_currency"), unit_of(schema, ["company_amount"], "facts", None)  # fmt: skip
            wrong = (
                currency.is_null() | ~currency.is_in(currencies()) | (col("company_amount") <= 0)
            )
            yield "company amounts", told & wrong
            yield "digits of company amounts", inexact(schema, unit, "company_amount", "company_currency")  # fmt: skip
    if "origin" in schema:
        yield "origins in JSON", col("origin").str.starts_with("{")
    for name in ("due_date", "terms", "baseline_date", "instalment"):
        if name in schema:
            yield f"{name} of payments", (col("kind") == "payment") & ~col(name).is_null()


def _odd_items(schema: Any, as_of: date) -> Iterator[tuple[str, nw.Expr]]:
    yield "nothing open", col("open_amount") == 0
    for name in ("document_date", "posting_date"):
        if name in schema:
            yield f"{name} after the extract", col(name) > as_of
    if "cleared_by" in schema:
        yield "cleared items", ~col("cleared_by").is_null()
    if "kind" in schema:
        kind, owed = col("kind"), col("open_amount") > 0
        wrong = ~kind.is_in(DOCUMENTS) | (kind.is_in(CREDITS) & owed)
        yield "kinds against the sign", ~kind.is_null() & wrong


def _matches(name: str, pattern: str) -> nw.Expr:
    return (col(name).is_null() | col(name).str.contains(pattern)).fill_null(value=True)


def _is_dirty(name: str) -> nw.Expr:
    return ~_matches(name, _TEXT) | col(name).str.starts_with("'").fill_null(value=False)


def _shown(plan: Plan, id_: str, column: str) -> Plan:
    return plan.select(id=col(id_), column=lit(column), value=col(column))
