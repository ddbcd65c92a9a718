"""Large books are read in bounded memory: what a reader holds depends on a page, never on the books. Counted, not timed."""

import gc

import pytest

from receivables.adapters.sap import SapRfcSource
from receivables.adapters.sap.lines import Line
from receivables.testing import make_portfolio
from receivables.testing.sap import CODES, FakeConnection, Functions, Poster


class Watched:
    """A connection that notes how many items the reader holds, and how many rows an answer has."""

    def __init__(self, functions):
        self._inner = FakeConnection(functions)
        self.held = self.rows = 0

    def call(self, func_name, /, **parameters):
        self.count()
        answer = self._inner.call(func_name, **parameters)
        self.rows = max([self.rows, *(len(it) for it in answer.values() if isinstance(it, list))])
        return answer

    def count(self):
        self.held = max(self.held, sum(type(it) is Line for it in gc.get_objects()))

    def close(self):
        self._inner.close()


def read(books, path, **options):
    """Return the facts read, the most items held at once, and the most rows of one answer."""
    connection = Watched(Functions(books))
    source = SapRfcSource(
        connection, ["MX01"], path=path, codes=CODES, accounts_per_page=10, **options
    )
    facts = 0
    gc.collect()
    gc.freeze()  # the books themselves are not counted
    try:
        for page in source.pages():
            connection.count()
            facts += len(page.facts)
    finally:
        gc.unfreeze()
    return facts, connection.held, connection.rows


def largest_block(books, size):
    counts = [
        len(books.of(row["KUNNR"]))
        for row in sorted(books.tables["KNB1"], key=lambda it: it["KUNNR"])
    ]
    return max(sum(counts[first : first + size]) for first in range(0, len(counts), size))


@pytest.mark.parametrize("path", ["tables", "bapi"])
def test_what_is_held_depends_on_a_page_and_not_on_the_books(path):
    for customers in (40, 160):
        books = Poster(
            make_portfolio(customers=customers, invoices=customers * 5, seed=4).facts
        ).post()
        facts, held, rows = read(books, path, rows_per_call=50)
        assert facts > len(books.lines)
        assert held <= 2 * largest_block(books, 10) < len(books.lines)
        if path == "tables":
            assert rows <= max(50, 2 * customers)  # beside items, the list of accounts


@pytest.mark.slow
def test_a_hundred_thousand_items_are_read_in_bulk_a_page_at_a_time():
    books = Poster(make_portfolio(customers=1_700, invoices=42_000, seed=1).facts).post()
    assert len(books.lines) >= 100_000
    facts, held, rows = read(books, "tables", rows_per_call=2_000)
    assert facts > 100_000
    # A page holds its accounts and what its clearings touched elsewhere, such as payments of unknown payers.
    assert held <= 3 * largest_block(books, 10) < 5_000
    assert rows <= 2_000
