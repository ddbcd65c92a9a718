"""Facts to open items, as expressions: what stands open of each document or instalment at the end of a day.

The same rules as `effects` and `open_items`, said for a whole table at once. A use counts when it, and every document it
rests on, has happened and is not reversed; so reversed and future facts take away what rests on them by an anti-join.
Amounts are only added, subtracted, compared and summed here (docs: the money algebra).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col, lit, when

from receivables.frames.columns import Schema, Unit
from receivables.frames.door import Plan

CHARGES = ("invoice", "debit_memo")
CREDITS = ("credit_memo", "payment")
DOCUMENTS = (*CHARGES, *CREDITS)
USES = ("allocation", "write_off", "adjustment", "refund")
NEEDED = ("id", "kind", "amount", "posting_date")
AMOUNTS = ("amount", "source_amount")
# What only uses and reversals carry, or what is true of the document when posted and not of what is open of it.
LEFT_OUT = frozenset(
    {"id", "kind", "amount", "source_id", "target_id", "reverses_id", "instalment", "recorded_at"}
    | {
        "source_amount",
        "source_currency",
        "company_amount",
        "company_currency",
        "increase",
        "reason",
    }
    | {"net_amount", "taxes"}
)
FIRST = ("item_id", "customer", "currency", "due_date", "open_amount", "document_date", "reference")
SECOND = ("document_id", "kind", "instalment", "posting_date", "baseline_date")
_OPTIONAL: dict[str, Any] = {
    "customer": nw.String,
    "currency": nw.String,
    "due_date": nw.Date,
    "document_date": nw.Date,
    "baseline_date": nw.Date,
    "terms": nw.String,
    "source_id": None,  # of the type of `id`
    "target_id": None,
    "reverses_id": None,
    "increase": nw.Boolean,
}


def answer_columns(names: Sequence[str]) -> list[str]:
    """Return the columns of an open-items table made from facts with these columns."""
    first = [name for name in FIRST if name != "reference" or name in names]
    known = {*first, *SECOND, *LEFT_OUT}
    return [*first, *SECOND, *(name for name in names if name not in known)]


def standing(
    facts: Plan, schema: Schema, unit: Unit, as_of: date, known_at: datetime | None
) -> Plan:
    """Return the open items as of a day, as known at a moment.

    Args:
        facts: The facts, their types settled.
        schema: The columns of the facts.
        unit: How their amounts are held.
        as_of: The last day that counts.
        known_at: Leave out what was recorded later; None for everything known.
    """
    has_parts = "instalment" in schema
    documents, uses = in_force(facts, schema, as_of, known_at)
    done = effects(uses, unit)
    names = answer_columns(list(schema))
    whole = documents.filter(col("instalment").is_null()) if has_parts else documents
    items = _whole(whole, done, unit).select(*names)
    if has_parts:
        parts = documents.filter(~col("instalment").is_null())
        items = nw.concat([items, _parts(parts, done, unit).select(*names)])
    signed = (
        when(col("kind").is_in(CREDITS)).then(-col("open_amount")).otherwise(col("open_amount"))
    )
    return items.filter(col("open_amount") != 0).with_columns(open_amount=signed.cast(unit.single))


def in_force(
    facts: Plan, schema: Schema, as_of: date, known_at: datetime | None
) -> tuple[Plan, Plan]:
    """Return the documents, and the uses, that count at the end of a day; arguments as for `standing`."""
    facts = completed(facts, schema)
    happened = col("posting_date") <= as_of
    if (known := was_known(schema, known_at)) is not None:
        happened &= known
    is_document, ends = col("kind").is_in(DOCUMENTS), col("kind") == "reversal"
    over = facts.filter(ends & happened).select(_gone=col("reverses_id"))
    gone = facts.filter((is_document & ~happened) | (ends & happened)).select(
        _gone=when(ends).then(col("reverses_id")).otherwise(col("id"))
    )
    documents = without(facts.filter(is_document & happened), over, "id")
    uses = without(facts.filter(col("kind").is_in(USES) & happened), over, "id")
    for rests_on in ("target_id", "source_id"):
        uses = without(uses, gone, rests_on)
    return documents, uses


def was_known(schema: Schema, known_at: datetime | None) -> nw.Expr | None:
    """Return whether a fact had been recorded by a moment; None when all were, or none is asked."""
    if known_at is None or "recorded_at" not in schema:
        return None
    # Polars compares moments of one zone only, so the question is put in the zone of the column.
    zone = getattr(schema["recorded_at"], "time_zone", None) or "UTC"
    moment = known_at.astimezone(ZoneInfo(zone))
    return col("recorded_at").is_null() | (col("recorded_at") <= moment)


def completed(facts: Plan, schema: Schema) -> Plan:
    """Add the columns that are not there, and the dates that stand in for empty ones."""
    missing = {
        name: lit(None, dtype=kind or schema["id"])
        for name, kind in _OPTIONAL.items()
        if name not in schema
    }
    if "instalment" not in schema:
        missing["instalment"] = lit(None, dtype=nw.Int64)
    if "source_amount" not in schema:
        missing["source_amount"] = col("amount")
    plan = facts.with_columns(**missing) if missing else facts
    told = nw.coalesce(col("document_date"), col("posting_date"))
    from_posting = col("terms").str.ends_with("from posting date").fill_null(value=False)
    from_document = col("terms").str.ends_with("from document date").fill_null(value=False)
    base = (
        when(from_posting)
        .then(col("posting_date"))
        .otherwise(
            when(from_document | (col("kind") == "payment"))
            .then(told)
            .otherwise(nw.coalesce(col("baseline_date"), told))
        )
    )
    return plan.with_columns(document_date=told, baseline_date=base)


def without(plan: Plan, names: Plan, key: str) -> Plan:
    """Leave out what names, in a column, what is `_gone`."""
    return plan.join(names, left_on=key, right_on="_gone", how="anti")


def effects(uses: Plan, unit: Unit, *, keep: Sequence[str] = ()) -> Plan:
    """Return what uses take off the documents they rest on: `_document, _part, _used, _grows`, and some columns of theirs.

    Args:
        uses: Allocations, write-offs, adjustments and refunds.
        unit: How amounts are held; `_used` is negative where a use adds.
        keep: Columns of the uses that stay.
    """
    return nw.concat([on_targets(uses, unit, keep=keep), _on_sources(uses, unit, keep)])


def on_targets(uses: Plan, unit: Unit, *, keep: Sequence[str] = ()) -> Plan:
    """Return what uses take off their targets, as `effects`; a refund has none, whatever its row says."""
    grows = col("increase").fill_null(value=False) & (col("kind") == "adjustment")
    change = when(grows).then(-col("amount")).otherwise(col("amount"))
    return uses.filter(col("kind") != "refund").select(
        _document=col("target_id"),
        _part=col("instalment").cast(nw.Int64),
        _used=change.cast(unit.inside),
        _grows=grows,
        **{name: col(name) for name in keep},
    )


def _on_sources(uses: Plan, unit: Unit, keep: Sequence[str]) -> Plan:
    taken = nw.coalesce(col("source_amount"), col("amount"))
    return uses.filter(col("kind").is_in(("allocation", "refund"))).select(
        _document=col("source_id"),
        _part=lit(None, dtype=nw.Int64),
        _used=taken.cast(unit.inside),
        _grows=lit(value=False),
        **{name: col(name) for name in keep},
    )


def aimed(effects: Plan, parts: Plan) -> Plan:
    """Add the instalment each effect on instalments goes to, `_to`, as `open_items.share_out` says.

    The one it names; the last, where that is not there or where it adds without naming one; none for what fills the
    oldest due first.

    Args:
        effects: What uses take off documents.
        parts: The instalments: `id`, and the number as `_part`.
    """
    highest = parts.group_by("id").agg(col("_part").max().alias("_highest"))
    own = parts.select(_id="id", _named="_part", _met="_part").unique()
    held = effects.join(highest, left_on="_document", right_on="id", how="inner")
    held = held.join(own, left_on=["_document", "_part"], right_on=["_id", "_named"], how="left")
    is_free = col("_part").is_null() & ~col("_grows")
    aim = when(~is_free).then(nw.coalesce(col("_met"), col("_highest")))
    return held.with_columns(_to=aim).drop("_met", "_highest")


def part_id(document: str, number: str) -> nw.Expr:
    """Return the id of an instalment: the document's, a stroke, its number."""
    return nw.concat_str([col(document), col(number).cast(nw.String)], separator="/")


def _whole(documents: Plan, effects: Plan, unit: Unit) -> Plan:
    used = effects.group_by("_document").agg(col("_used").sum())
    held = documents.join(used, left_on="id", right_on="_document", how="left")
    return held.with_columns(
        item_id=col("id"),
        document_id=col("id"),
        open_amount=less("amount", "_used").cast(unit.inside),
    )


def _parts(parts: Plan, effects: Plan, unit: Unit) -> Plan:
    """Return the instalments: what names one goes to it, the rest fills the oldest due first (`share_out`)."""
    parts = parts.with_columns(_part=col("instalment").cast(nw.Int64))
    held, is_free = aimed(effects, parts), col("_to").is_null()
    own = held.filter(~is_free).group_by("_document", "_to").agg(_own=col("_used").sum())
    free = held.filter(is_free).group_by("_document").agg(_free=col("_used").sum())
    found = parts.join(own, left_on=["id", "_part"], right_on=["_document", "_to"], how="left")
    found = found.join(free, left_on="id", right_on="_document", how="left")
    found = found.with_columns(
        _count=col("_part").count().over("id"), _left=less("amount", "_own").cast(unit.inside)
    )
    reach = col("_left").cum_sum().over("id", order_by=["due_date", "_part"])
    alone = col("_count") == 1
    return found.with_columns(_reach=reach).with_columns(
        item_id=when(alone).then(col("id")).otherwise(part_id("id", "_part")),
        instalment=when(~alone).then(col("instalment")),
        document_id=col("id"),
        open_amount=_filled().cast(unit.inside),
    )


def _filled() -> nw.Expr:
    """What is left of an instalment once `_free` has run over those before it and over itself."""
    left, free, reach = col("_left"), col("_free"), col("_reach")
    before = reach - left
    touched = (
        when(free <= before)
        .then(left)
        .otherwise(when(free >= reach).then(left - left).otherwise(reach - free))
    )
    return when(free.is_null()).then(left).otherwise(touched)


def less(whole: str, part: str) -> nw.Expr:
    """What remains of one amount after another that may be absent."""
    return when(col(part).is_null()).then(col(whole)).otherwise(col(whole) - col(part))
