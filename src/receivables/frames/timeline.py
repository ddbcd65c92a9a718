"""The law *Never below zero* over a facts table: what is used past its open amount, on any day.

Most documents hold all that is ever taken off them, and are done with after one sum. Only the others are gone through day
by day, as `laws.shortfall` does; what was known when is left to the object core.
"""

from __future__ import annotations

from collections.abc import Callable

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col

from receivables.frames.columns import Schema, Unit
from receivables.frames.door import Plan
from receivables.frames.spans import RESTS_ON, with_spans
from receivables.frames.standing import DOCUMENTS, USES, aimed, completed, effects, part_id

LOW = "_low"
Lowest = Callable[[Plan], Plan]


def overdrawn(facts: Plan, schema: Schema, unit: Unit, lowest: Lowest) -> Plan:
    """Return the documents and instalments that go below zero on some day: `id` and how low, in `_low`.

    Args:
        facts: The facts, their types settled.
        schema: Their columns.
        unit: How their amounts are held.
        lowest: Takes changes (`_key, _day, _change`) with what there was at first (`_room`), one row a key and day, and
            returns the keys that ever stand below zero: `_key` and `_low`.
    """
    facts = completed(facts, schema)
    documents = facts.filter(col("kind").is_in(DOCUMENTS))
    wholes = documents.group_by("id").agg(
        col("amount").sum().alias("_room"), col("posting_date").min().alias("_posted")
    )
    uses = facts.filter(col("kind").is_in(USES))
    done = effects(uses, unit, keep=RESTS_ON).with_columns(_key=col("_document"))
    found = _low(done, wholes.select(_name="id", _room="_room"), facts, wholes, lowest)
    if "instalment" not in schema:
        return found
    parts = documents.filter(~col("instalment").is_null())
    parts = parts.with_columns(_part=col("instalment").cast(nw.Int64))
    rooms = parts.select(_name=part_id("id", "_part"), _room="amount")
    named = aimed(done, parts).filter(~col("_to").is_null())
    named = named.with_columns(_key=part_id("_document", "_to"))
    return nw.concat([found, _low(named, rooms, facts, wholes, lowest)])


def _low(done: Plan, rooms: Plan, facts: Plan, wholes: Plan, lowest: Lowest) -> Plan:
    taken = done.filter(~col("_grows")).group_by("_key").agg(col("_used").sum().alias("_taken"))
    tight = rooms.join(taken, left_on="_name", right_on="_key", how="inner")
    tight = tight.filter(col("_taken") > col("_room")).select("_name", "_room")
    close = done.join(tight, left_on="_key", right_on="_name", how="inner")
    changes = _changes(close, facts, wholes)
    days = changes.group_by("_key", "_room", "_day").agg(col("_change").sum())
    return lowest(days).select(id=col("_key").cast(nw.String), _low=col(LOW))


def _changes(done: Plan, facts: Plan, wholes: Plan) -> Plan:
    """Return what each effect changes on its first day, and gives back on its last."""
    done = with_spans(done, facts, wholes)
    begun = done.select("_key", "_room", _day=col("_start"), _change=-col("_used"))
    over = done.filter(~col("_end").is_null()).select(
        "_key", "_room", _day=nw.max_horizontal("_start", "_end"), _change=col("_used")
    )
    return nw.concat([begun, over])


def lowest_by_window(days: Plan) -> Plan:
    """Return how low each key gets, by a running sum in the engine."""
    run = col("_change").cum_sum().over("_key", order_by="_day")
    stands = days.with_columns(_run=run).with_columns(_low=col("_room") + col("_run"))
    below = stands.filter(col(LOW) < col(LOW) - col(LOW))
    return below.group_by("_key").agg(col(LOW).min())
