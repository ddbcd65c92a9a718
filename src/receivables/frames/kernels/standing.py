"""What stands open of each item on several days at once: a grid of items and days, filled by cumulative sums.

The same rules as the expressions of `standing`; here every use has a first day and a day from which it ends, so that one
pass over the facts answers every day asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    minor,
    pa,
    pc,
    places,
    plain_text,
    whole_numbers,
)
from receivables.frames.standing import CREDITS, DOCUMENTS, USES


@dataclass(frozen=True, slots=True)
class Grid:
    """Items by row, days by column.

    Args:
        table: The facts the items are of, one row an item.
        credit: Whether an item lowers what is owed.
        alone: Whether an item is the whole of its document.
        open_amounts: Open minor units of each item on each day, without sign; zero where it does not count.
    """

    table: Any
    credit: Flags
    alone: Flags
    open_amounts: Ints

    def item_ids(self) -> Any:
        """Return the identities of the items: the document's, with the number of the instalment behind it."""
        ids = (
            plain_text(column(self.table, "id"))
            if not self.alone.all()
            else column(self.table, "id")
        )
        if self.alone.all():
            return ids
        numbered = pc.binary_join_element_wise(
            ids, column(self.table, "instalment").cast(ids.type), pa.scalar("/", ids.type)
        )
        return pc.if_else(pa.array(self.alone), ids, numbered)


def grid(facts: Any, unit: Unit, dates: Sequence[date], known_at: datetime | None) -> Grid:
    """Return what is open of every item on every day.

    Args:
        facts: The facts table.
        unit: How its amounts are held.
        dates: The days, ascending.
        known_at: Leave out what was recorded later; None for everything known.
    """
    names, is_known = facts.column_names, np.ones(facts.num_rows, bool)
    if known_at is not None and "recorded_at" in names:
        moments = column(facts, "recorded_at").cast(pa.timestamp("us", tz="UTC"))
        known = pc.less_equal(moments, pa.scalar(known_at, moments.type)).fill_null(True)
        is_known = flags(known)
    if "instalment" in names:
        facts = whole_numbers(facts, "instalment")
    kind = plain_text(column(facts, "kind"))
    is_document = pc.is_in(kind, value_set=pa.array(DOCUMENTS, kind.type))
    documents, ends = facts.filter(is_document), _ends(facts, kind, is_known)
    is_use = flags(pc.is_in(kind, value_set=pa.array(USES, kind.type)))
    uses = facts.filter(pa.array(is_use & is_known))
    ids = column(documents, "id")
    unique = pc.unique(ids)
    owner = places(ids, unique)
    posted = np.full(len(unique), NEVER)
    posted[owner] = np.where(
        is_known[flags(is_document)], days(documents, "posting_date", NEVER), NEVER
    )
    over = _ended(unique, ends)
    amounts = minor(documents, "amount", unit.scale)
    guard(amounts)
    effects = _effects(uses, unit, unique, posted, over, _ended(column(uses, "id"), ends))
    asked = np.array([day_number(day) for day in dates], np.int64)
    numbers = _numbers(documents, owner)
    open_amounts = _open(documents, amounts, owner, numbers, effects, asked, len(unique))
    counts = (posted[owner][:, None] <= asked) & (over[owner][:, None] > asked)
    credit = flags(pc.is_in(plain_text(column(documents, "kind")), value_set=pa.array(CREDITS)))
    return Grid(documents, credit, numbers == 0, np.where(counts, open_amounts, 0))


@dataclass(frozen=True, slots=True)
class _Effects:
    """What uses take off documents: by document, instalment named (0 for none), units, first day, end."""

    owner: Ints
    part: Ints
    used: Ints
    grows: Flags
    start: Ints
    end: Ints

    def pick(self, rows: Any) -> _Effects:
        return _Effects(
            self.owner[rows], self.part[rows], self.used[rows],
            self.grows[rows], self.start[rows], self.end[rows],
        )  # fmt: skip

    def running(self, cell: Ints, cells: int, asked: Ints) -> Ints:
        """Return the sum by cell and day asked."""
        guard(self.used)
        width = len(asked)
        sums = np.zeros(cells * (width + 1), np.int64)
        base = cell * (width + 1)
        lasts = self.end > self.start
        first = np.searchsorted(asked, self.start, "left")
        final = np.searchsorted(asked, self.end, "left")
        np.add.at(sums, (base + first)[lasts], self.used[lasts])
        np.subtract.at(sums, (base + final)[lasts], self.used[lasts])
        grid_ = sums.reshape(cells, width + 1)[:, :width]
        return np.cumsum(grid_, axis=1) if width > 1 else grid_


def _ends(facts: Any, kind: Any, is_known: Flags) -> tuple[Any, Ints]:
    """Return the ids that reversals name, and the day each ends on."""
    if "reverses_id" not in facts.column_names:
        return column(facts, "id")[:0], np.zeros(0, np.int64)
    reversals = facts.filter(pa.array(flags(pc.equal(kind, "reversal")) & is_known))
    return column(reversals, "reverses_id"), days(reversals, "posting_date", NEVER)


def _ended(ids: Any, ends: tuple[Any, Ints]) -> Ints:
    """Return the day each fact ends on: the first of its reversals, or never."""
    names, when = ends
    last = np.full(len(ids), NEVER)
    if len(names):
        place = places(ids, pc.unique(names))
        first = np.full(len(pc.unique(names)), NEVER)
        np.minimum.at(first, places(names, pc.unique(names)), when)
        last[place >= 0] = first[place[place >= 0]]
    return last


def _effects(
    uses: Any, unit: Unit, unique: Any, posted: Ints, over: Ints, own_end: Ints
) -> _Effects:
    names, count = uses.column_names, uses.num_rows
    nowhere = np.full(count, -1)
    sides = {
        name: places(column(uses, name), unique) if name in names else nowhere
        for name in ("target_id", "source_id")
    }
    start, end = days(uses, "posting_date", NEVER), own_end
    for side in sides.values():
        there = side >= 0
        start = (
            np.where(there, np.maximum(start, posted[side]), start)
            if count and len(posted)
            else start
        )
        end = np.where(there, np.minimum(end, over[side]), end) if count and len(over) else end
    kind = plain_text(column(uses, "kind"))
    amount = minor(uses, "amount", unit.scale)
    taken = amount
    if "source_amount" in names:
        told = flags(column(uses, "source_amount").is_valid())
        taken = np.where(told, minor(uses, "source_amount", unit.scale), amount)
    part = _integers(uses, "instalment") if "instalment" in names else np.zeros(count, np.int64)
    grows = np.zeros(count, bool)
    if "increase" in names:
        grows = flags(column(uses, "increase")) & flags(pc.equal(kind, "adjustment"))
    on_target = np.flatnonzero((sides["target_id"] >= 0) & ~flags(pc.equal(kind, "refund")))
    from_source = pc.is_in(kind, value_set=pa.array(["allocation", "refund"], kind.type))
    on_source = np.flatnonzero((sides["source_id"] >= 0) & flags(from_source))
    change = np.where(grows, -amount, amount)
    return _Effects(
        np.concatenate([sides["target_id"][on_target], sides["source_id"][on_source]]),
        np.concatenate([part[on_target], np.zeros(len(on_source), np.int64)]),
        np.concatenate([change[on_target], taken[on_source]]),
        np.concatenate([grows[on_target], np.zeros(len(on_source), bool)]),
        np.concatenate([start[on_target], start[on_source]]),
        np.concatenate([end[on_target], end[on_source]]),
    )


def _integers(table: Any, name: str) -> Ints:
    """Return whole numbers, 0 where there is none."""
    found: Ints = column(table, name).fill_null(0).to_numpy()
    return found


def _numbers(documents: Any, owner: Ints) -> Ints:
    """Return the number of each instalment, 0 for what is the whole of its document."""
    if "instalment" not in documents.column_names:
        return np.zeros(len(owner), np.int64)
    number = _integers(documents, "instalment")
    rows = np.bincount(owner, minlength=1)[owner] if len(owner) else owner
    return np.where(rows > 1, number, 0)


def _open(
    documents: Any,
    amounts: Ints,
    owner: Ints,
    numbers: Ints,
    effects: _Effects,
    asked: Ints,
    count: int,
) -> Ints:
    """Return what is open of each row on each day, whether or not its document counts by then."""
    split = np.zeros(count, bool)
    split[owner[numbers > 0]] = True
    rows = np.flatnonzero(numbers > 0)
    if not len(rows):
        return amounts[:, None] - effects.running(effects.owner, count, asked)[owner]
    whole = effects.pick(np.flatnonzero(~split[effects.owner]))
    open_ = amounts[:, None] - whole.running(whole.owner, count, asked)[owner]
    mine = effects.pick(np.flatnonzero(split[effects.owner]))
    due = days(documents, "due_date", NEVER)[rows] if "due_date" in documents.column_names else rows
    open_[rows] = _share_out(amounts[rows], owner[rows], numbers[rows], due, mine, asked)
    return open_


def _share_out(
    amounts: Ints, owner: Ints, numbers: Ints, due: Ints, effects: _Effects, asked: Ints
) -> Ints:
    """Fill instalments: what names one goes to it, the rest the oldest due first (`open_items.share_out`)."""
    order = np.lexsort((numbers, due, owner))
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    amounts, owner, numbers = amounts[order], owner[order], numbers[order]
    heads = np.flatnonzero(np.diff(owner, prepend=-1))  # the first instalment of each document
    document = np.cumsum(np.diff(owner, prepend=-1) != 0) - 1
    dense = np.searchsorted(owner[heads], effects.owner)
    wide = int(max(numbers.max(initial=0), effects.part.max(initial=0))) + 2
    key = document * wide + numbers
    by_key = np.argsort(key)
    spot = np.searchsorted(key[by_key], dense * wide + effects.part)
    spot = by_key[np.minimum(spot, len(key) - 1)]
    hit = (effects.part > 0) & (key[spot] == dense * wide + effects.part)
    last = np.zeros(len(heads), np.int64)
    top = np.lexsort((numbers, document))
    last[document[top]] = top  # the highest number of a document comes last
    to_last = ~hit & ((effects.part > 0) | effects.grows)
    cell = np.where(hit, spot, last[dense])
    named = effects.pick(np.flatnonzero(hit | to_last))
    left = amounts[:, None] - named.running(cell[hit | to_last], len(amounts), asked)
    free = effects.pick(np.flatnonzero(~(hit | to_last)))
    used = free.running(dense[~(hit | to_last)], len(heads), asked)[document]
    reach = np.cumsum(left, axis=0)
    reach -= (reach - left)[heads][document]
    filled: Ints = np.clip(reach - used, 0, left)
    return filled[back]
