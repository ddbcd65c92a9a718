"""Credits set against the oldest charges of the same legal entity, customer and currency, for a measurement only.

As `receivables.provisions` does it: charges by due date (undated last), posting date and id; credits by posting date and
id. What is left follows from the amounts alone, so no pair of a credit and a charge is formed.
"""

from __future__ import annotations

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col, when

from receivables.frames.columns import Schema, Unit
from receivables.frames.door import Plan
from receivables.frames.places import FAR

LEFT, CREDIT = "_left", "_credit"


def owner_of(schema: Schema) -> list[str]:
    """Return the columns that say whose credits lower whose charges."""
    return [*(["legal_entity"] if "legal_entity" in schema else []), "customer", "currency"]


def netted(items: Plan, schema: Schema, unit: Unit) -> Plan:
    """Return the items with what is left of each, and whether it is a credit.

    Args:
        items: An open-items plan, its types settled.
        schema: Its columns.
        unit: How amounts are held.
    """
    is_credit, names = col("open_amount") < 0, items.collect_schema().names()
    given = items.filter(is_credit & ~col("customer").is_null())
    # Whoever has no credit is left out of the sorting that follows.
    owners = given.select(_customer="customer", _currency="currency")
    mine, theirs = ["customer", "currency"], ["_customer", "_currency"]
    apart = items.join(owners, how="anti", left_on=mine, right_on=theirs).with_columns(
        _left=col("open_amount").cast(unit.inside), _credit=is_credit
    )
    met = _met(items.join(owners, how="semi", left_on=mine, right_on=theirs), schema, unit)
    kept = [*names, LEFT, CREDIT]
    return nw.concat([apart.select(*kept), met.select(*kept)])


def _met(items: Plan, schema: Schema, unit: Unit) -> Plan:
    is_credit, owner = col("open_amount") < 0, owner_of(schema)
    posted = col("posting_date") if "posting_date" in schema else col("due_date")
    sides = items.with_columns(
        _credit=is_credit,
        _in=when(~is_credit).then(col("open_amount")).cast(unit.inside),
        _out=when(is_credit).then(-col("open_amount")).cast(unit.inside),
        _due=col("due_date").fill_null(FAR),
        _posted=posted.fill_null(FAR),
    )
    ends = sides.with_columns(
        _reach=col("_in").cum_sum().over(*owner, order_by=["_due", "_posted", "item_id"]),
        _back=col("_out").cum_sum().over(*owner, order_by=["_posted", "item_id"]),
        _paid=col("_out").sum().over(*owner),
        _owed=col("_in").sum().over(*owner),
    )
    charge, credit = _rest("_in", "_reach", "_paid"), _rest("_out", "_back", "_owed")
    left = when(is_credit).then(-credit).otherwise(charge)
    return ends.with_columns(_left=left.cast(unit.inside))


def _rest(amount: str, reach: str, free: str) -> nw.Expr:
    """What is left of an amount once `free` has run over all that stand before it and over itself."""
    own, end, run = col(amount), col(reach), col(free)
    return (
        when(run.is_null() | (run <= end - own))
        .then(own)
        .otherwise(when(run >= end).then(own - own).otherwise(end - run))
    )
