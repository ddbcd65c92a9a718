"""Rows a second and memory of a pull from a pod's double over HTTP: 100,000 invoices, or as many as are asked for."""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from receivables import Invoice, Money
from receivables.adapters.oracle import Basic, OracleRestSource
from receivables.adapters.pull import pull
from receivables.testing.oracle import OracleDouble, Tables, User, enter, held

CUSTOMERS = 100


def serve(invoices: int, pipe: Any) -> None:
    tables = Tables()
    enter(tables,
        held(
            Invoice(id=f"F-{number}", customer=f"C{number % CUSTOMERS:03}", amount=Money.from_minor(10_000 + number, "MXN"),
                    posting_date=date(2026, 1, 10), due_date=date(2026, 2, 9))
            for number in range(invoices)
        )
    )  # fmt: skip
    with OracleDouble(tables=tables) as double:
        pipe.send(double.url)
        pipe.recv()


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    invoices = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    pod = context.Process(target=serve, args=(invoices, theirs))
    pod.start()
    source = OracleRestSource(
        ours.recv(), Basic("AR_SERVICE", User().password), ledger_currency="MXN"
    )
    before, began = peak(), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        manifest = pull(source, Path(folder)).manifest
    took = time.perf_counter() - began
    ours.send("done")
    pod.join()
    rows = manifest["rows"]["rows"]
    print(f"{rows:,} rows in {took:.1f} s: {rows / took:,.0f} rows a second")
    print(f"memory {before:.0f} MiB before, {peak():.0f} MiB at most")


if __name__ == "__main__":
    main()
