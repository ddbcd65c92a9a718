"""Where a pull stands: which part is being read, behind which key, and since when; as text that can be kept."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from receivables.errors import UnreadableSource

PARTS = ("invoices", "credit memos", "adjustments", "accounts", "unidentified receipts")
DONE = "done"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a pull.

    Args:
        began: When the pull began, by the pod's clock: the next one reads what changed since.
        part: What is being read, or `done`.
        after: The last key of the part that was read.
        since: Only what changed since then is read; None reads everything.
        units: Business units the pull is limited to: another selection cannot go on from here.
    """

    began: datetime
    part: str = PARTS[0]
    after: int | None = None
    since: datetime | None = None
    units: tuple[str, ...] = ()

    def text(self) -> str:
        """Return it as text."""
        return json.dumps(
            {
                "began": self.began.isoformat(),
                "part": self.part,
                "after": self.after,
                "since": None if self.since is None else self.since.isoformat(),
                "units": self.units,
            }
        )

    @classmethod
    def read(cls, text: str, units: tuple[str, ...]) -> Cursor:
        """Read a cursor.

        Raises:
            UnreadableSource: When the text is none of ours, or of a pull of other business units.
        """
        try:
            found = json.loads(text)
            since = found["since"]
            cursor = cls(
                datetime.fromisoformat(found["began"]),
                found["part"],
                found["after"],
                None if since is None else datetime.fromisoformat(since),
                tuple(found["units"]),
            )
        except (ValueError, KeyError, TypeError):
            msg = f"cursor {text[:80]!r} is none of an Oracle pull; start again without one"
            raise UnreadableSource(msg) from None
        if cursor.part not in (*PARTS, DONE) or cursor.units != units:
            msg = f"cursor {text[:120]!r} is of business units {cursor.units or 'all'}, not {units or 'all'}; start again without one"
            raise UnreadableSource(msg)
        return cursor

    def at(self, part: str, after: int | None) -> Cursor:
        """Return the place behind a key."""
        return replace(self, part=part, after=after)

    def next_pull(self, began: datetime, overlap: timedelta) -> Cursor:
        """Return the start of the pull after this one, which overlaps with it for transactions that took long."""
        return Cursor(began, since=self.began - overlap, units=self.units)
