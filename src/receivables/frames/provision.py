"""`measure_provision`: the expected credit loss of an open-items table of any size.

The engine nets, places and sums; rates, shares and roundings are applied to the sums, by the code of the object core.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col, lit, when

from receivables.buckets import CREDITS
from receivables.errors import UnfitFrame
from receivables.frames import columns
from receivables.frames.columns import Schema, Unit
from receivables.frames.door import Door, Plan
from receivables.frames.netting import CREDIT, LEFT, netted
from receivables.frames.open_items import of_day, ready
from receivables.frames.places import check_buckets, label
from receivables.frames.small import Kind, give_rows, rows_of
from receivables.problems import Problem
from receivables.provisions import (
    Group,
    GroupedRow,
    ProvisionMatrix,
    ProvisionPolicy,
    Scope,
    measure_groups,
    remarks,
)
from receivables.provisions.groups import stands_alone
from receivables.provisions.treatment import Met
from receivables.rounding import EXACT, Rounding

_ANSWER: dict[str, Kind] = {
    "segment": "text",
    "bucket": "text",
    "currency": "text",
    "exposure": "money",
    "rate": "rate",
    "allowance": "money",
    "path": "text",
    "gross": "money",
    "items": "count",
    "dilution": "money",
}
_RULES = ("exclusions", "assessments", "covers", "dilutions")


def measure_provision(
    items: Any,
    policy: ProvisionPolicy | ProvisionMatrix,
    *,
    as_of: date,
    scale: int | None = None,
    rounding: Rounding | None = None,
) -> tuple[Any, tuple[Problem, ...]]:
    """Measure the expected credit loss of an open-items table; a plan stays a plan.

    The figures of `receivables.measure_provision`, to the last digit: one row a path, segment, bucket and currency with
    `exposure`, `rate` (half up to 8 decimals), `allowance`, `path`, `gross`, `items` and `dilution`, amounts as decimals;
    what is excluded and what is left of credits stands in rows of its own. The shares of single items are not there.

    Args:
        items: A table with the columns of `schema.OPEN_ITEMS`, as for `age`; where it has `posting_date` and
            `legal_entity`, they count in netting as they do for objects.
        policy: Rates and every choice, or rates alone. VAT is taken at its rate: open items carry no tax lines.
        as_of: The day of the items.
        scale: Decimals that whole-number amounts count in; not for decimals.
        rounding: The named policy by which float amounts become decimals; frames in memory only.

    Returns:
        The table, and what a reviewer should see: a missing overlay, rates that fall with age, rules without items.

    Raises:
        NotADate: When `as_of` is none.
        MixedDates: When all items of a frame in memory are of another day.
        UnfitFrame: When a column is missing or cannot be what it should, or VAT is asked of a table with tax lines.
        NotAnAmount: For floats without a rounding, texts, or whole numbers without a scale.
        RateNotFound: When the matrix has no rate for an item's segment and bucket.
    """
    columns.check_question(as_of)
    chosen = ProvisionPolicy.of(policy)
    check_buckets(chosen.matrix.buckets, as_of, partition_for="a provision")
    door = Door.of(items, "items")
    needed = ["item_id", "customer", "currency", "open_amount", "due_date", f"{chosen.basis.value}_date"]  # fmt: skip
    source, schema = ready(door, list(dict.fromkeys(needed)), ("open_amount",), rounding)
    source = of_day(door, source, schema, as_of)
    if chosen.vat is not None and "taxes" in schema:
        msg = "items have tax lines, whose VAT is measured item by item: ask receivables.measure_provision, or drop the column to take the rate"
        raise UnfitFrame(msg)
    unit = columns.unit_of(schema, ("open_amount",), door.what, scale)
    plan, shift = _with_left(source, schema, unit)
    marked = _marked(plan, schema, chosen, as_of)
    groups = rows_of(_grouped(marked, chosen))
    rows = measure_groups((_group(row, chosen, shift) for row in groups), chosen)
    return give_rows(door, [_plain(row) for row in rows], _ANSWER), tuple(_remarks(marked, groups, chosen))  # fmt: skip


def _with_left(source: Any, schema: Schema, unit: Unit) -> tuple[Plan, int]:
    """Return the netted items as a plan, and by how many places its amounts are shifted."""
    if isinstance(source, nw.LazyFrame):
        plan = columns.settled(source, schema, ("open_amount",), unit)
        return netted(plan, schema, unit), unit.scale if unit.integer else 0
    from receivables.frames.kernels.netting import with_left

    return nw.from_native(with_left(source, schema, unit)).lazy(), 0


def _marked(plan: Plan, schema: Schema, policy: ProvisionPolicy, as_of: date) -> Plan:
    """Return the items with their segment, their bucket, and which rules they meet."""
    is_credit = col(CREDIT)
    bucket = label(policy.matrix.buckets, as_of, f"{policy.basis.value}_date")
    marks = {
        f"_{index}": (_holds(scope, schema) & ~is_credit).cast(nw.Int64)
        for index, (_, scope) in enumerate(remarks.scopes(policy))
    }
    return plan.with_columns(
        _segment=_text(policy.segment_by, schema),
        _bucket=when(is_credit).then(lit(CREDITS)).otherwise(bucket),
        **marks,
    )


def _holds(scope: Scope, schema: Schema) -> nw.Expr:
    """Return whether an item is meant, as `Scope.holds`."""
    found = lit(value=True)
    if scope.customer is not None:
        found &= _is("customer", scope.customer, schema)
    if scope.item is not None:
        found &= _is("item_id", scope.item, schema) | _is("document_id", scope.item, schema)
    if scope.attribute is not None:
        found &= _is(*scope.attribute, schema)
    return found


def _is(name: str, value: str, schema: Schema) -> nw.Expr:
    return (_text(name, schema) == value).fill_null(value=False)


def _text(name: str, schema: Schema) -> nw.Expr:
    """Return a column as the text that `OpenItem.attribute` gives; nothing where there is none."""
    kind = schema.get(name)
    if kind is None or kind == nw.Unknown:
        return lit(None, dtype=nw.String)
    if kind == nw.Boolean:  # an empty flag is false
        return when(col(name)).then(lit("true")).otherwise(lit("false"))
    return col(name).cast(nw.String)


def _grouped(marked: Plan, policy: ProvisionPolicy) -> Plan:
    """Return the sums of items that are treated alike."""
    firsts, start = {}, 0
    for kind in _RULES:
        spots = range(start, start + len(getattr(policy, kind)))
        start = spots.stop
        if spots:
            which = (when(col(f"_{spot}") > 0).then(lit(spot - spots.start)) for spot in spots)
            firsts[f"_{kind}"] = nw.coalesce(*which, lit(-1)).cast(nw.Int64)
    plan = marked.with_columns(**firsts) if firsts else marked
    if alone := [index for index, it in enumerate(policy.covers) if stands_alone(it)]:
        own = when(col("_covers").is_in(alone)).then(col("item_id").cast(nw.String))
        plan, firsts = plan.with_columns(_own=own), {**firsts, "_own": own}
    marks = (col(f"_{spot}").sum() for spot in range(start))
    return plan.group_by("_segment", "_bucket", "currency", *firsts).agg(
        col(LEFT).sum(), nw.len().alias("_items"), *marks
    )


def _group(row: Mapping[str, Any], policy: ProvisionPolicy, shift: int) -> Group:
    met = (
        getattr(policy, kind)[spot] if (spot := row.get(f"_{kind}", -1)) >= 0 else None
        for kind in _RULES
    )
    left = Decimal(row[LEFT]).scaleb(-shift, EXACT)
    return Group(row["_segment"], row["_bucket"], row["currency"], left, row["_items"], Met(*met))


def _plain(row: GroupedRow) -> dict[str, Any]:
    amounts = ("exposure", "allowance", "gross", "dilution")
    return {
        **{name: getattr(row, name) for name in ("segment", "bucket", "currency", "items")},
        **{name: getattr(row, name).amount for name in amounts},
        "path": row.path.value,
        "rate": Rounding.HALF_UP.apply(row.rate, 8),
    }


def _remarks(
    marked: Plan, groups: Sequence[Mapping[str, Any]], policy: ProvisionPolicy
) -> Iterator[Problem]:
    yield from remarks.of_rates(policy)
    rules = remarks.scopes(policy)
    for index, (name, scope) in enumerate(rules):
        if not any(group[f"_{index}"] for group in groups):
            yield remarks.without_items(name, scope)
    rivals = range(len(rules) - len(policy.dilutions))
    if len(rivals) < 2:  # noqa: PLR2004 - rivalry takes two
        return
    marks = [f"_{index}" for index in rivals]
    told = marked.filter(nw.sum_horizontal(*marks) > 1).select(
        col("item_id").cast(nw.String), *marks
    )
    for row in sorted(rows_of(told), key=lambda it: str(it["item_id"])):
        met = [rules[index][0] for index in rivals if row[f"_{index}"]]
        yield remarks.several(row["item_id"], met)
