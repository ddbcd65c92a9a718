"""The reference adapter: facts that are already in memory, paged the way every source pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from receivables.adapters.port import Capabilities, Page
from receivables.errors import UnreadableSource
from receivables.facts import Customer, Fact
from receivables.problems import Problem


class MemorySource:
    """A source of facts given as values.

    Args:
        facts: What it gives, in this order.
        problems: What it says was wrong; given with the first page.
        page_size: Facts a page.
        name: What it is called.

    >>> [len(page.facts) for page in MemorySource([], page_size=2).pages()]
    []
    """

    __slots__ = ("_facts", "_page_size", "_problems", "name")

    def __init__(
        self,
        facts: Iterable[Fact | Customer] = (),
        *,
        problems: Iterable[Problem] = (),
        page_size: int = 1000,
        name: str = "memory",
    ) -> None:
        if page_size < 1:
            msg = f"page_size is {page_size}; a page has at least one fact"
            raise UnreadableSource(msg)
        self._facts = tuple(facts)
        self._problems = tuple(problems)
        self._page_size = page_size
        self.name = name

    def capabilities(self) -> Capabilities:
        """Say what the source can give: everything."""
        return Capabilities(history=True, incremental=True, recorded=True)

    def pages(self, since: str | None = None) -> Iterator[Page]:
        """Yield the facts in pages; the cursor is the number of facts given so far.

        Raises:
            UnreadableSource: When `since` is no cursor of this source.
        """
        start = self._start(since)
        for first in range(
            start,
            max(len(self._facts), start + (not start and bool(self._problems))),
            self._page_size,
        ):
            last = min(first + self._page_size, len(self._facts))
            yield Page(self._facts[first:last], () if first else self._problems, str(last))

    def _start(self, since: str | None) -> int:
        if since is None:
            return 0
        if not (since.isascii() and since.isdigit() and int(since) <= len(self._facts)):
            msg = f"cursor {since!r} is none of {self.name!r}, which holds {len(self._facts)} facts; start again without one"
            raise UnreadableSource(msg)
        return int(since)
