"""The adapter keeps the contract: every clause of the kit, over every scenario of it."""

# ruff: noqa: S101 - a test asserts

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import pytest
from receivables_sqlite import SqliteSource

from receivables.adapters import load
from receivables.facts import Fact
from receivables.schema import FACTS
from receivables.schema.rows import to_rows
from receivables.testing import SCENARIOS, AdapterConformance, Scenario


class TestSqlite(AdapterConformance):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def make_source(self, scenario: Scenario) -> SqliteSource:
        return SqliteSource(self.written(scenario.facts), page_size=2)

    def make_faulty_source(self, scenario: Scenario) -> SqliteSource:
        path = self.written(scenario.facts)
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(
                "INSERT INTO facts (id, kind, customer, currency, amount, posting_date)"
                " VALUES ('F-BAD', 'invoice', 'C001', 'MXN', 'ten', '2026-03-01')"
            )
        return SqliteSource(path, page_size=2)

    def written(self, facts: Iterable[Fact]) -> Path:
        path = self.folder / f"{len(list(self.folder.iterdir()))}.sqlite"
        write(facts, path)
        return path

    # What the kit cannot know: how this source words its problems.
    def test_a_cell_that_cannot_be_read_names_its_line(self) -> None:
        loaded = load(self.make_faulty_source(SCENARIOS[0]))
        assert list(map(str, loaded.problems)) == [
            "0.sqlite:4: unreadable-cell: amount 'ten' is no amount; correct the row"
        ]
        assert str(loaded.tally) == "4 rows = 3 accepted + 0 duplicates + 1 quarantined"


def write(facts: Iterable[Fact], path: Path) -> None:
    names = FACTS.names
    marks = ", ".join("?" * len(names))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        columns = ", ".join(f"{name} TEXT" for name in names)
        connection.execute(f"CREATE TABLE facts (line INTEGER PRIMARY KEY, {columns})")
        connection.executemany(
            f"INSERT INTO facts ({', '.join(names)}) VALUES ({marks})",  # noqa: S608 - our own names
            ([text(row.get(name)) for name in names] for fact in facts for row in to_rows(fact)),
        )


def text(cell: object) -> str | None:
    match cell:
        case None:
            return None
        case bool():
            return str(cell).lower()
        case date() | datetime():
            return cell.isoformat()
        case _:
            return str(cell)
