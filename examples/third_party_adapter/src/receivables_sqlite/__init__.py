"""Receivable facts from the table `facts` of a SQLite file: the columns of the facts table, and a growing `line`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import groupby
from pathlib import Path
from typing import Any

from receivables import Problem, ReceivablesError
from receivables.adapters import Capabilities, Entry, Page
from receivables.errors import UnreadableSource
from receivables.schema import FACTS
from receivables.schema.rows import from_rows

__all__ = ["SqliteSource"]

# How the texts of a column become the typed cells that `from_rows` takes. All other columns are texts already.
READERS = {
    "amount": Decimal,
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
    "integer": int,
    "flag": {"true": True, "false": False}.__getitem__,
}


class SqliteSource:
    """Facts from a SQLite file.

    Args:
        path: The file.
        page_size: Documents a page.
    """

    def __init__(self, path: str | Path, *, page_size: int = 500) -> None:
        self._path = Path(path)
        self._page_size = page_size
        self.name = self._path.name
        if not self._path.is_file():
            raise UnreadableSource(f"{self.name} does not exist; give a SQLite file")

    def capabilities(self) -> Capabilities:
        # Dated facts, so any past date can be asked; a cursor, so a nightly job reads only what is new;
        # recorded_at, so that known_at can be asked.
        return Capabilities(history=True, incremental=True, recorded=True)

    def pages(self, since: str | None = None) -> Iterator[Page]:
        entries: list[Entry] = []
        problems: list[Problem] = []
        for entry in self._entries(self._start(since), problems):
            entries.append(entry)
            if len(entries) == self._page_size:
                yield self._page(entries, problems)
                entries.clear()
                problems.clear()
        if entries:
            yield self._page(entries, problems)

    def _page(self, entries: list[Entry], problems: list[Problem]) -> Page:
        # The cursor is the last line given: whoever kept this page goes on behind it.
        return Page.of(entries, problems, str(entries[-1].lines[-1]), self.name)

    def _entries(self, start: int, problems: list[Problem]) -> Iterator[Entry]:
        """Yield one entry a fact; the instalments of a document are rows beneath each other with one id."""
        with closing(sqlite3.connect(self._path)) as connection:
            connection.row_factory = sqlite3.Row
            rows = connection.execute("SELECT * FROM facts WHERE line > ? ORDER BY line", (start,))
            for _, group in groupby(rows, key=lambda row: (row["id"], row["kind"])):
                yield self._entry([dict(row) for row in group], problems)

    def _entry(self, rows: list[dict[str, Any]], problems: list[Problem]) -> Entry:
        lines = tuple(row.pop("line") for row in rows)
        try:
            fact = from_rows(
                [{name: _cell(name, text) for name, text in row.items()} for row in rows]
            )
        except (ReceivablesError, ValueError, KeyError, InvalidOperation) as error:
            # Bad data never raises out of a page: the rows are left out, and the problem says which and why.
            code = error.code if isinstance(error, ReceivablesError) else "unreadable-cell"
            problems.append(Problem(code, str(error), where=f"{self.name}:{lines[0]}"))
            return Entry(lines, quarantined=True)
        return Entry(lines, (fact,), getattr(fact, "amount", None))

    def _start(self, since: str | None) -> int:
        if since is None:
            return 0
        if not (since.isascii() and since.isdigit()):
            raise UnreadableSource(f"cursor {since!r} is no line of {self.name}; start without one")
        return int(since)


def _cell(name: str, text: Any) -> Any:
    column = FACTS.column(name)
    read = READERS.get(column.type) if column is not None else None
    if text is None or read is None:
        return text
    try:
        return read(str(text))
    except (ValueError, KeyError, InvalidOperation):
        raise ValueError(f"{name} {text!r} is no {column.type}; correct the row") from None
