"""What was collected and what was settled in a period, over a facts table; of objects `metrics.activity` says the same.

The engine finds the charges to which something happened in the period, and all that was ever done to them. Their
instalments share it as `open_items.share_out` says, once for each end of the period.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col, lit

from receivables.errors import TooLarge
from receivables.frames.allocation import pieces_of
from receivables.frames.columns import Schema, Unit
from receivables.frames.door import Plan
from receivables.frames.gathered import in_memory
from receivables.frames.spans import RESTS_ON, ends, with_spans
from receivables.frames.standing import (
    CHARGES,
    DOCUMENTS,
    USES,
    aimed,
    completed,
    less,
    on_targets,
    part_id,
    was_known,
    without,
)

_DATED = ("currency", "document_date", "due_date")
_EFFECT = ("_item", "_use", "_start", "_collected", "_used")


class Activity(NamedTuple):
    """What came in; an item is a charge or one of its instalments.

    Args:
        collected: What payments took off items in the period: `currency, document_date, due_date, on, amount`.
        settled: The items that a payment settled in the period: `currency, document_date, due_date, on`.
    """

    collected: Plan
    settled: Plan


def activity(
    facts: Plan,
    schema: Schema,
    unit: Unit,
    *,
    start: date,
    as_of: date,
    known_at: datetime | None,
) -> Activity:
    """Return what was collected and settled from one day to another, both included.

    Args:
        facts: The facts, their types settled.
        schema: Their columns.
        unit: How their amounts are held.
        start: The first day.
        as_of: The last day.
        known_at: Leave out what was recorded later; None for everything known.

    Raises:
        TooLarge: When amounts of a table in Arrow leave 64 bits.
    """
    facts = _as_known(completed(facts, schema), schema, known_at)
    past = facts.filter(col("posting_date") <= as_of)
    effects = _effects(facts, past, unit).filter(col("_start") <= as_of)
    plans = _touched(past, effects, unit, start)
    if (held := in_memory(plans)) is not None:
        try:
            return _between(held, unit, start, as_of)
        except TooLarge:  # for the merge; an engine may hold more digits
            pass
    return _between(plans, unit, start, as_of)


def _as_known(facts: Plan, schema: Schema, known_at: datetime | None) -> Plan:
    """Leave out what had not been recorded, and what rests on it."""
    known = was_known(schema, known_at)
    if known is None:
        return facts
    return without(facts.filter(known), facts.filter(~known).select(_gone="id"), "source_id")


def _effects(facts: Plan, past: Plan, unit: Unit) -> Plan:
    """Return what uses take off their targets, from which day until which, and whether that is money that came in."""
    documents = facts.filter(col("kind").is_in(DOCUMENTS))
    posted = documents.group_by("id").agg(col("posting_date").min().alias("_posted"))
    uses = past.filter(col("kind").is_in(USES))
    effects = with_spans(on_targets(uses, unit, keep=("kind", *RESTS_ON)), past, posted)
    payments = documents.filter(col("kind") == "payment").select(
        _payment="id", _is_money=lit(value=True)
    )
    effects = effects.join(payments, left_on="source_id", right_on="_payment", how="left")
    is_money = col("_is_money").fill_null(value=False)
    return effects.with_columns(_use=col("id"), _collected=(col("kind") == "allocation") & is_money)


def _touched(past: Plan, effects: Plan, unit: Unit, start: date) -> tuple[Plan, Plan]:
    """Return the charges to which something happened from a day on, and all that was ever done to them."""
    moved = (col("_start") >= start) | (col("_end") >= start).fill_null(value=False)
    touched = effects.filter(moved).select(_touched="_document")
    charges = past.filter(col("kind").is_in(CHARGES))
    charges = charges.join(touched, left_on="id", right_on="_touched", how="semi")
    charges = charges.join(ends(past), left_on="id", right_on="_ended", how="left")
    effects = effects.join(touched, left_on="_document", right_on="_touched", how="semi")
    return (
        charges.select(
            "id",
            *_DATED,
            "posting_date",
            "_end",
            _amount=col("amount").cast(unit.inside),
            _part=col("instalment").cast(nw.Int64),
        ),
        effects.select(
            "_document", "_part", "_use", "_start", "_end", "_collected", "_grows", "_used"
        ),
    )


def _between(plans: Sequence[Plan], unit: Unit, start: date, as_of: date) -> Activity:
    charges, effects = plans
    then, now = (
        _Standing.of(charges, effects, unit, day) for day in (start - timedelta(days=1), as_of)
    )
    earlier = then.effects.select("_item", "_use", _then="_used")
    moved = now.effects.join(earlier, on=["_item", "_use"], how="left")
    moved = moved.with_columns(_used=less("_used", "_then").cast(unit.inside))
    collected = moved.filter(col("_collected") & (col("_used") > 0))
    dated = collected.join(now.items.select("_item", *_DATED), on="_item", how="inner")
    return Activity(dated.select(*_DATED, on="_start", amount="_used"), _settled(then, now, start))


class _Standing(NamedTuple):
    """Charges at the end of a day and what had been done to them, a row a use and item.

    Args:
        items: `_item, currency, document_date, due_date, _amount`.
        effects: `_item, _use, _start, _collected, _used`; the last is negative where a use adds.
    """

    items: Plan
    effects: Plan

    @classmethod
    def of(cls, charges: Plan, effects: Plan, unit: Unit, day: date) -> _Standing:
        """Follow charges to the end of a day."""
        in_force = col("_end").is_null() | (col("_end") > day)
        charges = charges.filter((col("posting_date") <= day) & in_force)
        effects = effects.filter((col("_start") <= day) & in_force)
        is_whole = col("_part").is_null()
        wholes = charges.filter(is_whole).with_columns(_item="id")
        parts = charges.filter(~is_whole).with_columns(_item=part_id("id", "_part"))
        own = effects.join(wholes.select("id"), left_on="_document", right_on="id", how="semi")
        done = [own.with_columns(_item="_document"), *_shared(effects, parts, unit)]
        return cls(
            nw.concat([it.select("_item", *_DATED, "_amount") for it in (wholes, parts)]),
            nw.concat([it.select(_EFFECT) for it in done]),
        )

    def closed(self) -> Plan:
        """Return the items with nothing open, and the last day on which something was done to them: `_closed_on`."""
        done = self.effects.group_by("_item").agg(
            col("_used").sum().alias("_taken"), col("_start").max().alias("_closed_on")
        )
        held = self.items.join(done, on="_item", how="inner")
        return held.filter(col("_amount") == col("_taken")).select("_item", *_DATED, "_closed_on")


def _settled(then: _Standing, now: _Standing, start: date) -> Plan:
    """Return the items that a payment closed in the period: the first by id of what was done on their last day."""
    before = then.closed().select("_item")
    closed = now.closed().join(before, on="_item", how="anti").filter(col("_closed_on") >= start)
    last = now.effects.join(closed, on="_item", how="inner")
    last = last.filter(col("_start") == col("_closed_on"))
    firsts = last.group_by("_item", *_DATED, "_closed_on").agg(col("_use").min().alias("_first"))
    paying = now.effects.filter(col("_collected")).select("_item", _first="_use")
    settled = firsts.join(paying, on=["_item", "_first"], how="semi")
    return settled.select(*_DATED, on="_closed_on")


def _shared(effects: Plan, parts: Plan, unit: Unit) -> tuple[Plan, Plan]:
    """Return what was done to instalments: by what goes to one, and by what fills the oldest due first."""
    held, is_free = aimed(effects, parts), col("_to").is_null()
    named = held.filter(~is_free).with_columns(_item=part_id("_document", "_to"))
    taken = named.group_by("_item").agg(col("_used").sum().alias("_taken"))
    taken = taken.with_columns(col("_taken").cast(unit.inside))
    left = parts.join(taken, on="_item", how="left")
    owed = left.select(
        _document="id",
        _key="_part",
        _day="due_date",
        _amount=less("_amount", "_taken").cast(unit.inside),
    )
    free = held.filter(is_free)
    paid = free.select("_document", _key="_use", _day="_start", _amount="_used")
    pieces = _pieces(owed, paid, unit)
    spread = free.drop("_used").join(pieces, left_on="_use", right_on="_source", how="inner")
    spread = spread.with_columns(
        _item=part_id("_document", "_target"), _used=col("_amount").cast(unit.inside)
    )
    return named, spread


def _pieces(owed: Plan, paid: Plan, unit: Unit) -> Plan:
    """Return the pieces of what is paid on what is owed; narwhals has no ordered windows over Arrow, so there by the merge."""
    if not owed.implementation.is_pyarrow():
        return pieces_of(owed, paid, by=("_document",))
    from receivables.frames.kernels.allocation import pieces_of_plans

    scale = 0 if unit.integer else unit.scale
    return pieces_of_plans(owed, paid, by=("_document",), scale=scale)
