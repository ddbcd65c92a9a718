"""What is measured: rows a second from the SAP doubles to facts, where the time goes, and memory for 100,000 items in bulk."""

from __future__ import annotations

import sys
import time
import tracemalloc

from receivables.adapters.sap import SapRfcSource
from receivables.adapters.sap.read import read
from receivables.testing import make_portfolio
from receivables.testing.sap import CODES, FakeConnection, Functions, Poster


def main(invoices: int) -> None:
    begun = time.perf_counter()
    books = Poster(
        make_portfolio(customers=max(10, invoices // 40), invoices=invoices, seed=1).facts
    ).post()
    print(
        f"{len(books.lines):,} items posted into the double in {time.perf_counter() - begun:.1f} s"
    )
    for path in ("tables", "bapi"):
        functions = Functions(books)
        source = SapRfcSource(FakeConnection(functions), ["MX01"], path=path, codes=CODES)
        list(source.pages())  # what the double renders is rendered
        begun = time.perf_counter()
        facts = sum(len(page.facts) for page in source.pages())
        spent = time.perf_counter() - begun
        print(
            f"{path}: {facts:,} facts of {len(books.lines):,} items in {spent:.1f} s, {len(books.lines) / spent:,.0f} items a second"
        )
    reader = SapRfcSource(FakeConnection(functions), ["MX01"], codes=CODES).reader
    accounts = reader.accounts("MX01")
    begun = time.perf_counter()
    lines = reader.block("MX01", accounts).lines
    fetched = time.perf_counter()
    read(lines, codes=CODES)
    print(
        f"of which transport and neutral rows {fetched - begun:.1f} s, facts {time.perf_counter() - fetched:.1f} s"
    )
    tracemalloc.start()
    source = SapRfcSource(FakeConnection(functions), ["MX01"], codes=CODES, accounts_per_page=20)
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    for _ in source.pages():
        pass
    print(
        f"peak of a bulk read beyond the double itself: {(tracemalloc.get_traced_memory()[1] - before) / 1e6:.0f} MB"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
