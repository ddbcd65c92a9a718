"""What is measured: rows a second from the SAP doubles to facts over each path, where the time goes, and memory for large books.

    python bench/sap.py 4000             # a few thousand items over every path, and where the time goes
    python bench/sap.py --bulk 42000     # 100,000 items through RFC bulk: the server is a process of its own

The server of the bulk read runs in a child process, over the true wire where an RFC library is installed, so that the memory
told is the reader's own.
"""

from __future__ import annotations

import importlib.util
import multiprocessing
import resource
import sys
import time
from typing import Any

import requests

from receivables.adapters.sap import SapODataSource, SapRfcSource, connect_rfc
from receivables.adapters.sap.read import read
from receivables.adapters.sap.source import SapSource
from receivables.testing import make_portfolio
from receivables.testing.sap import (
    CODES,
    PASSWORD,
    USER,
    Books,
    FakeConnection,
    Functions,
    GatewayServer,
    Poster,
    RfcServer,
)

HAS_RFC = importlib.util.find_spec("pyrfc") is not None


def books_of(invoices: int) -> Books:
    return Poster(
        make_portfolio(customers=max(10, invoices // 25), invoices=invoices, seed=1).facts
    ).post()


def timed(name: str, items: int, source: SapSource) -> None:
    begun = time.perf_counter()
    facts = sum(len(page.facts) for page in source.pages())
    spent = time.perf_counter() - begun
    print(f"{name:28}{facts:>9,} facts {spent:>7.1f} s {items / spent:>9,.0f} items a second")


def every_path(invoices: int) -> None:
    books = books_of(invoices)
    items = len(books.lines)
    print(f"{items:,} items in the double")
    for path in ("tables", "bapi"):
        functions = Functions(books)
        timed(
            f"{path}, no wire",
            items,
            SapRfcSource(FakeConnection(functions), ["MX01"], path=path, codes=CODES),  # type: ignore[arg-type]
        )
        if HAS_RFC:
            with RfcServer(functions) as server:
                made = SapRfcSource(
                    lambda: connect_rfc(**server.parameters),
                    ["MX01"],
                    path=path,  # type: ignore[arg-type]
                    codes=CODES,
                )
                timed(f"{path}, true wire", items, made)
                made.close()
    with GatewayServer(books) as gateway, requests.Session() as session:
        session.auth, session.trust_env = (USER, PASSWORD), False
        timed("odata", items, SapODataSource(gateway.url, session, ["MX01"], codes=CODES))
    shares(books)


def shares(books: Books) -> None:
    """Tell where the time of a bulk read goes, with the double's own part taken out."""
    functions = Functions(books)
    spent = {"double": 0.0}

    class Timed(FakeConnection):
        def call(self, func_name: str, /, **parameters: Any) -> dict[str, Any]:
            begun = time.perf_counter()
            try:
                return super().call(func_name, **parameters)
            finally:
                spent["double"] += time.perf_counter() - begun

    reader = SapRfcSource(Timed(functions), ["MX01"], codes=CODES).reader
    accounts = reader.accounts("MX01")
    begun = time.perf_counter()
    lines = reader.block("MX01", accounts).lines
    fetched = time.perf_counter()
    read(lines, codes=CODES)
    told = time.perf_counter()
    parts = {
        "the double itself": spent["double"],
        "slicing, joining, neutral rows": fetched - begun - spent["double"],
        "rows to facts": told - fetched,
    }
    for name, seconds in parts.items():
        print(f"  {name:32}{seconds:>6.2f} s {seconds / (told - begun):>5.0%}")


def serve(invoices: int, answer: Any) -> None:
    """Serve large books until told to stop."""
    books = books_of(invoices)
    with RfcServer(Functions(books)) as server:
        answer.send((len(books.lines), server.parameters))
        answer.recv()


def bulk(invoices: int) -> None:
    if not HAS_RFC:
        print("no RFC library is installed: the bulk read needs the true wire")
        return
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=serve, args=(invoices, theirs), daemon=True)
    child.start()
    items, parameters = ours.recv()
    before = memory()
    source = SapRfcSource(
        lambda: connect_rfc(**parameters), ["MX01"], codes=CODES, accounts_per_page=20
    )
    begun = time.perf_counter()
    marks = [(len(page.facts), memory()) for page in source.pages()]
    spent = time.perf_counter() - begun
    source.close()
    ours.send("stop")
    child.join()
    print(
        f"{items:,} items in bulk: {sum(it[0] for it in marks):,} facts in {spent:.0f} s, {items / spent:,.0f} items a second"
    )
    for share in (0.25, 0.5, 1.0):
        peak = marks[int(len(marks) * share) - 1][1]
        print(
            f"  peak memory after {share:.0%} of the pages: {peak - before:,.0f} MB above the start"
        )


def memory() -> float:
    """Return the most memory this process held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--bulk"]:
        bulk(int(arguments[1]) if arguments[1:] else 42_000)
    else:
        every_path(int(arguments[0]) if arguments else 2_000)


if __name__ == "__main__":
    main(sys.argv[1:])
