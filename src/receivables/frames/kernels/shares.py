"""How instalments share what was done to their document (`open_items.share_out`), day by day.

What names an instalment goes to it; what names none fills the oldest due first, or, if it adds, the last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from receivables.frames.kernels.arrays import Ints, guard

if TYPE_CHECKING:
    from receivables.frames.kernels.standing import Effects


class Parts:
    """The instalments of many documents on one line, in the order in which they are filled.

    Args:
        amounts: The amount of each instalment.
        owner: The number of its document.
        numbers: Its own number.
        due: Its due date in days.
        effects: What was done to these documents.
        asked: The days that will be asked, ascending.
    """

    __slots__ = ("_amounts", "_back", "_document", "_free", "_heads", "_named")

    def __init__(
        self, amounts: Ints, owner: Ints, numbers: Ints, due: Ints, effects: Effects, asked: Ints
    ) -> None:
        from receivables.frames.kernels.standing import changes_of

        guard(amounts, "instalments")
        order = np.lexsort((numbers, due, owner))
        self._back = np.empty_like(order)
        self._back[order] = np.arange(len(order))
        self._amounts, owner, numbers = amounts[order], owner[order], numbers[order]
        starts = np.diff(owner, prepend=-1) != 0
        self._heads = np.flatnonzero(starts)  # the first instalment of each document
        self._document = np.cumsum(starts) - 1
        dense = np.searchsorted(owner[self._heads], effects.owner)
        spot, hit = self._named_spots(numbers, dense, effects.part)
        last = np.zeros(len(self._heads), np.int64)
        by_number = np.lexsort((numbers, self._document))
        last[self._document[by_number]] = by_number  # the highest number of a document comes last
        named = hit | (effects.part > 0) | effects.grows
        cell = np.where(hit, spot, last[dense])
        size = len(order), len(self._heads)
        self._named = changes_of(effects.pick(named), cell[named], asked, size[0], 1)
        self._free = changes_of(effects.pick(~named), dense[~named], asked, size[1], 1)

    def _named_spots(self, numbers: Ints, dense: Ints, part: Ints) -> tuple[Ints, Ints]:
        """Return where the instalment stands that each effect names, and whether it is there."""
        wide = int(max(numbers.max(initial=0), part.max(initial=0))) + 1
        key = self._document * wide + numbers
        by_key = np.argsort(key)
        place = np.searchsorted(key[by_key], dense * wide + part)
        spot = by_key[np.minimum(place, len(key) - 1)]
        return spot, (part > 0) & (key[spot] == dense * wide + part)

    def until(self, index: int) -> Ints:
        """Return what is open of each instalment on one of the days asked, in the order they were given."""
        left = self._amounts - self._named.until(index)
        used = self._free.until(index)[self._document]
        reach = np.cumsum(left)
        reach -= (reach - left)[self._heads][self._document]
        filled: Ints = np.clip(reach - used, 0, left)
        return filled[self._back]
