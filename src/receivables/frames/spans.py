"""From which day a use of a facts table counts, and until which (`effects.effects_of`)."""

from __future__ import annotations

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col

from receivables.frames.door import Plan

RESTS_ON = ("id", "posting_date", "target_id", "source_id")


def with_spans(uses: Plan, facts: Plan, documents: Plan) -> Plan:
    """Add the day from which uses count, `_start`, and that from which they do no more, `_end`, if any.

    Args:
        uses: The uses, or what they do, with the columns of `RESTS_ON`.
        facts: Where the reversals are.
        documents: The documents: `id, _posted`.
    """
    starts, lasts = ["posting_date"], []
    for name in ("target_id", "source_id"):
        posted = documents.select(_id="id", **{f"_start_{name}": col("_posted")})
        uses = uses.join(posted, left_on=name, right_on="_id", how="left")
        starts.append(f"_start_{name}")
    ended = ends(facts)
    for name in ("id", "target_id", "source_id"):
        own = ended.select(_id="_ended", **{f"_end_{name}": col("_end")})
        uses = uses.join(own, left_on=name, right_on="_id", how="left")
        lasts.append(f"_end_{name}")
    return uses.with_columns(_start=nw.max_horizontal(*starts), _end=nw.min_horizontal(*lasts))


def ends(facts: Plan) -> Plan:
    """Return what is reversed, `_ended`, and from which day, `_end`."""
    reversals = facts.filter(col("kind") == "reversal")
    first = reversals.group_by("reverses_id").agg(col("posting_date").min().alias("_end"))
    return first.select("_end", _ended="reverses_id")
