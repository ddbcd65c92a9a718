"""Pulls a source into a folder: facts as a table, with a manifest that accounts for them. Any source, SAP or Oracle alike.

The facts of a page and its cursor are kept in one transaction, so a pull that was killed anywhere goes on behind the last page
that was kept: nothing is lost and nothing doubled. What is kept is written out as tables when the source came to its end.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from receivables.adapters.csv.write import cell_text
from receivables.adapters.load import entries_of
from receivables.adapters.port import Entry, Page, Source
from receivables.adapters.pulled import Format, export, write_manifest
from receivables.errors import UnfitFolder, UnreadableSource
from receivables.facts import Customer, Fact
from receivables.rounding import EXACT
from receivables.schema.rows import customer_row, to_rows

BOOK = "pull.sqlite"
_SCHEMA = """
create table if not exists fact (id text primary key, kind text not null, cells text not null) without rowid;
create table if not exists attribute (place text, name text, primary key (place, name)) without rowid;
create table if not exists problem (pull integer, place text, code text, severity text, message text,
    primary key (pull, place, code, message)) without rowid;
create table if not exists total (currency text, fate text, amount text not null, primary key (currency, fate)) without rowid;
create table if not exists note (name text primary key, value text not null) without rowid;
"""


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a folder holds after a pull.

    Args:
        folder: Where it is.
        manifest: What stands in `manifest.json`.
    """

    folder: Path
    manifest: Mapping[str, Any]


def pull(
    source: Source,
    folder: Path,
    *,
    full: bool = False,
    format: Format = "csv",
    on_page: Callable[[Page], None] | None = None,
) -> Pulled:
    """Read a source to its end into a folder: from the beginning, from where it stopped, or what changed since.

    Args:
        source: What to read.
        folder: Where the tables and the manifest go; made when it is not there.
        full: Read everything again, and forget what is no longer there.
        format: `csv` or `parquet`.
        on_page: Called with each page after it was kept.

    Raises:
        UnfitFolder: When the folder holds the pull of another source.
        UnreadableSource: When the source gives no cursors to go on from after an interruption.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with closing(_Book(folder, source.name)) as book:
        if full or not source.capabilities().incremental:
            book.begin_again()
        elif book.note("complete") == "yes":
            book.begin_next()
        write_manifest(folder, {"source": source.name, "complete": False})
        for page in source.pages(since=book.note("cursor")):
            book.keep(page)
            if on_page is not None:
                on_page(page)
        book.close_pull()
        return Pulled(folder, export(book.connection, folder, source.name, format))


class _Book:
    """What was pulled, in a file of its own: facts by id, what became of each row, and the cursor."""

    def __init__(self, folder: Path, name: str) -> None:
        path = folder / BOOK
        try:
            self.connection = sqlite3.connect(path, isolation_level=None)
            self.connection.execute("pragma journal_mode = wal")
            self.connection.execute("pragma synchronous = normal")
            self.connection.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            msg = f"{path.name} in {folder.name} is no pull ({error}); give another folder"
            raise UnfitFolder(msg) from None
        held = self.note("source")
        if held is not None and held != name:
            self.close()
            msg = f"{folder.name} holds a pull of {held!r}, not of {name!r}; give another folder"
            raise UnfitFolder(msg)
        self._write("source", name)

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    def note(self, name: str) -> str | None:
        """Return something noted; None when it is not."""
        row = self.connection.execute("select value from note where name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def begin_again(self) -> None:
        """Forget everything but the source."""
        with _Transaction(self.connection):
            for table in ("fact", "attribute", "problem", "total"):
                self.connection.execute(f"delete from {table}")  # noqa: S608 - names of ours
            self.connection.execute("delete from note where name <> 'source'")

    def begin_next(self) -> None:
        """Begin another pull on top of what is there."""
        with _Transaction(self.connection):
            self._write("complete", "no")
            self._write("pulls", str(self._count("pulls") + 1))

    def close_pull(self) -> None:
        """Note that the source came to its end."""
        self._write("complete", "yes")

    def keep(self, page: Page) -> None:
        """Keep a page and its cursor, or nothing of it.

        Raises:
            UnreadableSource: When the page has no cursor although the source promised one.
        """
        with _Transaction(self.connection):
            told = {key_of(fact): _as_text(fact) for fact in page.facts}
            counts, sums = Counter[str](), dict[tuple[str, str], Decimal]()
            for entry in page.entries or entries_of(page):
                fate = (
                    "quarantined"
                    if entry.quarantined
                    else "duplicates"
                    if self._is_known(entry, told)
                    else "accepted"
                )
                _count_in(entry, fate, counts, sums)
            self._add(counts, sums)
            for fact in page.facts:
                self.connection.execute(
                    "insert or replace into fact values (?, ?, ?)",
                    (key_of(fact), fact.kind, told[key_of(fact)]),
                )
            self._name_columns(page.facts, told)
            pull_number = self._count("pulls")
            for problem in page.problems:
                self.connection.execute(
                    "insert or ignore into problem values (?, ?, ?, ?, ?)",
                    (pull_number, problem.where, problem.code, problem.severity, problem.message),
                )
            if page.cursor is not None:
                self._write("cursor", page.cursor)
            elif self.note("cursor") is not None:
                msg = (
                    "a page without a cursor came after one with; the source cannot be gone on with"
                )
                raise UnreadableSource(msg)

    def _name_columns(self, facts: Iterable[Fact | Customer], told: Mapping[str, str]) -> None:
        """Note which columns any fact fills, of each of the two tables."""
        names = {
            ("customers" if isinstance(fact, Customer) else "facts", name)
            for fact in facts
            for row in json.loads(told[key_of(fact)])
            for name in row
        }
        self.connection.executemany("insert or ignore into attribute values (?, ?)", sorted(names))

    def _add(self, counts: Mapping[str, int], sums: Mapping[tuple[str, str], Decimal]) -> None:
        for name, count in counts.items():
            self._write(name, str(self._count(name) + count))
        for place, amount in sums.items():
            row = self.connection.execute(
                "select amount from total where currency = ? and fate = ?", place
            ).fetchone()
            held = EXACT.add(Decimal(row[0] if row else 0), amount)
            self.connection.execute(
                "insert or replace into total values (?, ?, ?)", (*place, f"{held:f}")
            )

    def _is_known(self, entry: Entry, told: Mapping[str, str]) -> bool:
        """Tell whether a row says nothing that is not kept already."""
        for fact in entry.facts:
            row = self.connection.execute(
                "select cells from fact where id = ?", (key_of(fact),)
            ).fetchone()
            if row is None or row[0] != (told.get(key_of(fact)) or _as_text(fact)):
                return False
        return bool(entry.facts)

    def _count(self, name: str) -> int:
        return int(self.note(name) or 0)

    def _write(self, name: str, value: str) -> None:
        self.connection.execute("insert or replace into note values (?, ?)", (name, value))


class _Transaction:
    """All or nothing, whatever happens in between."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("begin immediate")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._connection.execute("commit" if kind is None else "rollback")


def key_of(fact: Fact | Customer) -> str:
    """Return the identity a fact is kept under: customers may have facts of several days."""
    return f"customer {fact.id} {fact.valid_from}" if isinstance(fact, Customer) else fact.id


def _as_text(fact: Fact | Customer) -> str:
    rows = [customer_row(fact)] if isinstance(fact, Customer) else to_rows(fact)
    return json.dumps([_cells(row) for row in rows], ensure_ascii=False, sort_keys=True)


def _count_in(
    entry: Entry, fate: str, counts: Counter[str], sums: dict[tuple[str, str], Decimal]
) -> None:
    for name in ("rows", fate, *(() if entry.amount is not None else ("without_amount",))):
        counts[name] += len(entry.lines)
    if entry.amount is not None:
        for name in ("read", fate):
            place = (entry.amount.currency, name)
            sums[place] = EXACT.add(sums.get(place, Decimal(0)), entry.amount.amount)


def _cells(row: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: cell_text(value, escape=False) for name, value in row.items() if value is not None
    }
