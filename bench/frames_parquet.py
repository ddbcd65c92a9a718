"""`receivables age` over one Parquet file of open items: the time and the peak of memory of its process.

Linux only, where a process can read its own peak. Usage: python bench/frames_parquet.py [--rows 30000000] [--rounds 1] [duckdb|polars …]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from side_by_side.tables import AS_OF, items, names, plain
from side_by_side.timing import options

STEP = 1_000_000
# The peak of the program itself: what a parent reads of a child starts at the parent's own.
COMMAND = """
import atexit, pathlib, sys
from receivables.cli import main
status, peak = pathlib.Path("/proc/self/status"), pathlib.Path(sys.argv.pop())
atexit.register(lambda: peak.write_text(status.read_text().split("VmHWM:")[1].split()[0]))
main()
"""


def write(path: Path, rows: int) -> None:
    """Write rows in groups, so that this process stays small, too."""
    table = plain(items(min(STEP, rows)))
    schema = pa.schema([pa.field("item_id", pa.string()), *table.schema])
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, rows, STEP):
            part = table.slice(0, min(STEP, rows - start))
            ids = names("I-", np.arange(start, start + part.num_rows))
            writer.write_table(part.add_column(0, "item_id", ids))


def run(path: Path, engine: str, output: Path) -> tuple[float, float]:
    """Return how long the command took, and the most memory it had, in MiB."""
    words = [sys.executable, "-c", COMMAND, "age", str(path), "--as-of", AS_OF.isoformat()]
    words += ["--engine", engine, "--format", "csv", "--output", str(output)]
    peak = output.with_suffix(".peak")
    start = perf_counter()
    subprocess.run([*words, str(peak)], check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - start, int(peak.read_text()) / 1024


def main() -> None:
    asked = options(__doc__, 3_000_000, ["duckdb", "polars"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "items.parquet"
        write(path, asked.rows)
        print(
            f"receivables age, {asked.rows:,} rows, {path.stat().st_size / 2**20:,.0f} MiB of Parquet"
        )
        reports = {}
        for engine in asked.only or ["duckdb", "polars"]:
            output = Path(folder) / f"{engine}.csv"
            found = [run(path, engine, output) for _ in range(asked.rounds)]
            reports[engine] = sorted(output.read_text().splitlines())
            seconds, peak = min(found)[0], max(it[1] for it in found)
            print(f"  --engine {engine:8} {seconds:8.1f} s   peak memory {peak:8,.0f} MiB")
        if len(set(map(tuple, reports.values()))) > 1:
            sys.exit("the engines answer otherwise")


if __name__ == "__main__":
    main()
