"""Where a reader of SAP goes on: which accounts were given, and a digest of what was given of them.

A run goes through the accounts of each company code in blocks. A later run looks again at the blocks in which something was
posted or cleared since, a few days of overlap included, and gives out those whose facts differ from what was given before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from hashlib import blake2b

from receivables.errors import UnreadableSource
from receivables.facts import Customer, Fact

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the reading of a source.

    Args:
        blocks: For each block given: company code, its last account, and the digest of its facts.
        at: The block after which to go on; None when a run is complete.
        mark: The latest entry date seen in the runs before, from which the next looks for changes.
        seen: The latest such date seen in this run.
        again: False during the first run; True when blocks given before are looked at again.
    """

    blocks: tuple[tuple[str, str, str], ...] = ()
    at: tuple[str, str] | None = None
    mark: date | None = None
    seen: date | None = None
    again: bool = False

    @classmethod
    def read(cls, text: str | None) -> Cursor:
        """Read a cursor from its text.

        Raises:
            UnreadableSource: When it is none of this adapter's.
        """
        if text is None:
            return cls()
        try:
            held = json.loads(text)
            {_VERSION: True}[held["v"]]
            days = [date.fromisoformat(it) if it else None for it in (held["mark"], held["seen"])]
            blocks = tuple((str(a), str(b), str(c)) for a, b, c in held["blocks"])
            at = None if held["at"] is None else (str(held["at"][0]), str(held["at"][1]))
            return cls(blocks, at, days[0], days[1], bool(held["again"]))
        except (ValueError, KeyError, TypeError, IndexError):
            msg = f"cursor {text!r:.60} is none of the SAP adapter; start again without one"
            raise UnreadableSource(msg) from None

    def written(self) -> str:
        """Return its text."""
        days = [it.isoformat() if it else None for it in (self.mark, self.seen)]
        held = {
            "v": _VERSION,
            "blocks": self.blocks,
            "at": self.at,
            "mark": days[0],
            "seen": days[1],
        }
        return json.dumps({**held, "again": self.again}, separators=(",", ":"))

    def begin(self) -> Cursor:
        """Return where a run starts: where it stopped, or at the first block again after a complete one."""
        if self.at is not None or not self.blocks:
            return self
        return replace(self, again=True, mark=self.seen or self.mark)

    def past(self, company_code: str, last: str, digest: str, seen: date | None) -> Cursor:
        """Return the cursor after a block."""
        kept = {(code, account): held for code, account, held in self.blocks}
        kept[company_code, last] = digest
        blocks = tuple((code, account, held) for (code, account), held in kept.items())
        days = [it for it in (self.seen, seen) if it is not None]
        return replace(self, blocks=blocks, at=(company_code, last), seen=max(days, default=None))

    def done(self) -> Cursor:
        """Return the cursor after a complete run."""
        return replace(self, at=None)

    def digest(self, company_code: str, last: str) -> str | None:
        """Return the digest of a block given before."""
        return next((it[2] for it in self.blocks if it[:2] == (company_code, last)), None)

    def looks_again(self, company_code: str, last: str) -> bool:
        """Tell whether a block was given before, so that only what was touched since is looked at."""
        return self.again and self.mark is not None and self.digest(company_code, last) is not None

    def ends(self, company_code: str) -> list[str]:
        """Return the last accounts of the blocks of a company code, in order."""
        return sorted(account for code, account, _ in self.blocks if code == company_code)


def digest_of(facts: Iterable[Fact | Customer]) -> str:
    """Return a short digest of facts, the same for the same facts on every machine."""
    told = blake2b(digest_size=8)
    for fact in facts:
        told.update(repr(fact).encode())
    return told.hexdigest()
