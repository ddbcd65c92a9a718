"""Measures loading a facts table of a million CSV rows: rows a second, and where the time goes.

Usage: python bench/csv_load.py [--rows 1000000] [--profile]
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import random
import resource
import tempfile
import time
from pathlib import Path

from receivables.adapters import load
from receivables.adapters.csv import CsvSource


def write(path: Path, rows: int) -> None:
    """Write half invoices, a quarter payments and a quarter allocations, the same for every run."""
    chance = random.Random(7)
    with path.open("w") as file:
        file.write(
            "id,kind,customer,currency,amount,document_date,posting_date,due_date,source_id,target_id,region\n"
        )
        for number in range(rows // 4):
            customer, day = (
                f"C{chance.randrange(20_000):05}",
                f"2026-{chance.randrange(1, 7):02}-{chance.randrange(1, 29):02}",
            )
            amount = chance.randrange(10_000, 9_999_999)
            for part in "AB":
                text = f"{amount // 100}.{amount % 100:02}"
                file.write(
                    f"F-{number}{part},invoice,{customer},MXN,{text},{day},{day},2026-08-15,,,North\n"
                )
            paid = f"{amount // 200}.00"
            file.write(f"R-{number},payment,{customer},MXN,{paid},,2026-07-01,,,,\n")
            file.write(f"A-{number},allocation,,MXN,{paid},,2026-07-01,,R-{number},F-{number}A,\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--profile", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "facts.csv"
        write(path, asked.rows)
        profile = cProfile.Profile()
        start = time.process_time()
        if asked.profile:
            profile.enable()
        pages = sum(len(page.facts) for page in CsvSource(path).pages())
        read = time.process_time() - start
        start = time.process_time()
        loaded = load(CsvSource(path))
        whole = time.process_time() - start
        profile.disable()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"rows to facts: {pages:,} in {read:.1f} s of processor time, {pages / read:,.0f} a second"
    )
    print(
        f"file to subledger, every row accounted for: {whole:.1f} s of processor time; peak memory {peak:,.0f} MiB"
    )
    print(loaded.tally)
    if asked.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
