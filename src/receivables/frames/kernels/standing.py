"""What stands open of each item on several days: one pass over the facts, then only what changes from day to day.

The same rules as the expressions of `standing`; here every use has a first day and a day from which it ends, and so has
every document, so that the open amounts of a day are those of the day before and what happened between.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np

from receivables.frames.columns import Unit
from receivables.frames.kernels.arrays import (
    NEVER,
    Flags,
    Ints,
    column,
    day_number,
    days,
    flags,
    guard,
    integers,
    minor,
    pa,
    pc,
    whole_numbers,
)
from receivables.frames.kernels.keys import codes_of, plain_text
from receivables.frames.kernels.shares import Parts
from receivables.frames.standing import CREDITS, DOCUMENTS, USES


@dataclass(frozen=True, slots=True)
class Items:
    """The items of a facts table, one row each, open or not.

    Args:
        table: The facts they are of.
        credit: Whether an item lowers what is owed.
        number: The number of an instalment, 0 for the whole of a document.
    """

    table: Any
    credit: Flags
    number: Ints

    def take(self, rows: Ints) -> Items:
        """Return some of them."""
        return Items(self.table.take(pa.array(rows)), self.credit[rows], self.number[rows])

    def ids(self) -> Any:
        """Return their identities: the document's, with the number of the instalment behind it."""
        ids = plain_text(column(self.table, "id"))
        parts = self.number > 0
        if not bool(parts.any()):
            return ids
        numbered = pc.binary_join_element_wise(
            ids, pa.array(self.number).cast(ids.type), pa.scalar("/", ids.type)
        )
        return pc.if_else(pa.array(parts), numbered, ids)


def follow(
    facts: Any,
    unit: Unit,
    dates: Sequence[date],
    known_at: datetime | None,
    *,
    charges: bool = False,
) -> tuple[Items, Iterator[Ints]]:
    """Return the items, and for each day what is open of them, in minor units without sign.

    Args:
        facts: The facts table.
        unit: How its amounts are held.
        dates: The days, ascending.
        known_at: Leave out what was recorded later; None for everything known.
        charges: Whether credits are left out of the items.
    """
    if "instalment" in facts.column_names:
        facts = whole_numbers(facts, "instalment")
    known = _known(facts, known_at)
    kind = plain_text(column(facts, "kind"))
    documents = facts.filter(pc.is_in(kind, value_set=pa.array(DOCUMENTS, kind.type)))
    is_document = flags(pc.is_in(kind, value_set=pa.array(DOCUMENTS, kind.type)))
    is_use = flags(pc.is_in(kind, value_set=pa.array(USES, kind.type)))
    uses = facts.filter(pa.array(is_use & known))
    owner, count, target, source = _sides(documents, uses)
    ends = _ends(facts, kind, known)
    posted, over = np.full(count, NEVER), np.full(count, NEVER)
    posted[owner] = np.where(known[is_document], days(documents, "posting_date", NEVER), NEVER)
    over[owner] = _ended(column(documents, "id"), ends)
    own = _ended(column(uses, "id"), ends)
    effects = _effects(uses, unit, (target, source), (posted, over, own))
    credit = flags(pc.is_in(plain_text(column(documents, "kind")), value_set=pa.array(CREDITS)))
    items = Items(documents, credit, _numbers(documents, owner, count))
    kept = np.flatnonzero(~credit) if charges else None
    asked = np.array([day_number(day) for day in dates], np.int64)
    lines = _Lines(items, minor(documents, "amount", unit.scale), owner, posted, over)
    found = _run(lines if kept is None else lines.take(kept), effects, asked)
    return (items if kept is None else items.take(kept)), found


@dataclass(frozen=True, slots=True)
class Effects:
    """What uses take off documents: by document, instalment named (0 for none), units, first day, end."""

    owner: Ints
    part: Ints
    used: Ints
    grows: Flags
    start: Ints
    end: Ints

    def pick(self, rows: Any) -> Effects:
        """Return some of them."""
        return Effects(
            self.owner[rows], self.part[rows], self.used[rows],
            self.grows[rows], self.start[rows], self.end[rows],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Lines:
    """The items as numbers: amount, document, and the days their document counts from and until."""

    items: Items
    amounts: Ints
    owner: Ints
    posted: Ints
    over: Ints

    def take(self, rows: Ints) -> _Lines:
        return _Lines(
            self.items.take(rows), self.amounts[rows], self.owner[rows], self.posted, self.over
        )


class Changes:
    """Amounts by cell that change on given days; `until` brings the sums forward."""

    __slots__ = ("_amounts", "_bounds", "_cells", "sums")

    def __init__(self, cells: Ints, amounts: Ints, days_: Ints, asked: Ints, size: int) -> None:
        guard(amounts)
        index = np.searchsorted(asked, days_, "left").astype(np.int16)
        counts = np.bincount(index, minlength=len(asked) + 1)
        several = len(asked) > 1
        order = np.argsort(index, kind="stable") if several else np.flatnonzero(index == 0)
        self._cells, self._amounts = cells[order], amounts[order]
        self._bounds = np.concatenate([[0], np.cumsum(counts)])
        self.sums = np.zeros(size, np.int64)

    def until(self, index: int) -> Ints:
        """Add what changed by one of the days asked, and return the sums."""
        rows = slice(self._bounds[index], self._bounds[index + 1])
        np.add.at(self.sums, self._cells[rows], self._amounts[rows])
        return self.sums


def changes_of(effects: Effects, cells: Ints, asked: Ints, size: int, sign: int) -> Changes:
    """Return effects as changes: each comes on its first day and goes on its end."""
    lasts = np.flatnonzero(effects.end > effects.start)
    ending = lasts[effects.end[lasts] <= asked[-1]]
    return Changes(
        np.concatenate([cells[lasts], cells[ending]]),
        np.concatenate([sign * effects.used[lasts], -sign * effects.used[ending]]),
        np.concatenate([effects.start[lasts], effects.end[ending]]),
        asked,
        size,
    )


def _run(lines: _Lines, effects: Effects, asked: Ints) -> Iterator[Ints]:
    """Yield what is open of each item, day by day."""
    number, owner = lines.items.number, lines.owner
    split = np.zeros(len(lines.posted), bool)
    split[owner[number > 0]] = True
    row_of = np.full(len(lines.posted), -1)
    row_of[owner[number == 0]] = np.flatnonzero(number == 0)
    mine = effects.pick(np.flatnonzero(row_of[effects.owner] >= 0))
    whole = np.flatnonzero(number == 0)
    start, over = lines.posted[owner[whole]], lines.over[owner[whole]]
    born = Effects(whole, whole, lines.amounts[whole], np.zeros(0, bool), start, over)
    plus = changes_of(born, whole, asked, len(owner), 1)
    minus = changes_of(mine, row_of[mine.owner], asked, len(owner), -1)
    rows = np.flatnonzero(number > 0)
    parts = None
    if len(rows):
        due = _due(lines.items.table)[rows]
        own = effects.pick(np.flatnonzero(split[effects.owner]))
        parts = Parts(lines.amounts[rows], owner[rows], number[rows], due, own, asked)
    for index, day in enumerate(asked):
        open_ = plus.until(index) + minus.until(index)
        if parts is not None:
            counts = (lines.posted[owner[rows]] <= day) & (lines.over[owner[rows]] > day)
            open_[rows] = np.where(counts, parts.until(index), 0)
        yield open_


def _known(facts: Any, known_at: datetime | None) -> Flags:
    if known_at is None or "recorded_at" not in facts.column_names:
        return np.ones(facts.num_rows, bool)
    moments = column(facts, "recorded_at").cast(pa.timestamp("us", tz="UTC"))
    return flags(pc.less_equal(moments, pa.scalar(known_at, moments.type)).fill_null(True))


def _sides(documents: Any, uses: Any) -> tuple[Ints, int, Ints, Ints]:
    """Return the number of each document, how many there are, and the numbers uses name as target and source."""
    nowhere = pa.nulls(uses.num_rows, pa.string())
    named = [
        column(uses, name) if name in uses.column_names else nowhere
        for name in ("target_id", "source_id")
    ]
    owner, *sides = codes_of(column(documents, "id"), *named)
    count = int(owner.max(initial=-1)) + 1
    target, source = (np.where(side < count, side, -1) for side in sides)
    return owner, count, target, source


def _ends(facts: Any, kind: Any, known: Flags) -> tuple[Any, Ints]:
    """Return the ids that reversals name, and the day each ends on."""
    if "reverses_id" not in facts.column_names:
        return column(facts, "id")[:0], np.zeros(0, np.int64)
    reversals = facts.filter(pa.array(flags(pc.equal(kind, "reversal")) & known))
    return column(reversals, "reverses_id"), days(reversals, "posting_date", NEVER)


def _ended(ids: Any, ends: tuple[Any, Ints]) -> Ints:
    """Return the day each fact ends on: the first of its reversals, or never."""
    names, when = ends
    last = np.full(len(ids), NEVER)
    if len(names):
        place, named = codes_of(names, ids)
        first = np.full(int(place.max(initial=-1)) + 1, NEVER)
        np.minimum.at(first, place[place >= 0], when[place >= 0])
        found = (named >= 0) & (named < len(first))
        last[found] = first[named[found]]
    return last


def _effects(
    uses: Any, unit: Unit, sides: tuple[Ints, Ints], spans: tuple[Ints, Ints, Ints]
) -> Effects:
    target, source = sides
    posted, over, end = spans
    names, count = uses.column_names, uses.num_rows
    start = days(uses, "posting_date", NEVER)
    for side in sides:
        if count and len(posted):
            there = side >= 0
            start = np.where(there, np.maximum(start, posted[side]), start)
            end = np.where(there, np.minimum(end, over[side]), end)
    kind = plain_text(column(uses, "kind"))
    amount = minor(uses, "amount", unit.scale)
    taken = amount
    if "source_amount" in names:
        told = flags(column(uses, "source_amount").is_valid())
        taken = np.where(told, minor(uses, "source_amount", unit.scale), amount)
    part = integers(uses, "instalment") if "instalment" in names else np.zeros(count, np.int64)
    grows = np.zeros(count, bool)
    if "increase" in names:
        grows = flags(column(uses, "increase")) & flags(pc.equal(kind, "adjustment"))
    on_target = np.flatnonzero((target >= 0) & ~flags(pc.equal(kind, "refund")))
    from_source = flags(pc.is_in(kind, value_set=pa.array(["allocation", "refund"], kind.type)))
    on_source = np.flatnonzero((source >= 0) & from_source)
    change = np.where(grows, -amount, amount)
    return Effects(
        np.concatenate([target[on_target], source[on_source]]),
        np.concatenate([part[on_target], np.zeros(len(on_source), np.int64)]),
        np.concatenate([change[on_target], taken[on_source]]),
        np.concatenate([grows[on_target], np.zeros(len(on_source), bool)]),
        np.concatenate([start[on_target], start[on_source]]),
        np.concatenate([end[on_target], end[on_source]]),
    )


def _numbers(documents: Any, owner: Ints, count: int) -> Ints:
    """Return the number of each instalment, 0 for what is the whole of its document."""
    if "instalment" not in documents.column_names:
        return np.zeros(len(owner), np.int64)
    rows = np.bincount(owner, minlength=count)[owner] if len(owner) else owner
    return np.where(rows > 1, integers(documents, "instalment"), 0)


def _due(documents: Any) -> Ints:
    has_due = "due_date" in documents.column_names
    return days(documents, "due_date", NEVER) if has_due else np.full(documents.num_rows, NEVER)
