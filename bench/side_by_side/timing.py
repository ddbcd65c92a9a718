"""The clock: pieces of work run in turn, their answers asserted to be equal before anything is timed."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter, process_time
from typing import Any

import pyarrow as pa

Work = dict[str, Callable[[], Any]]


def options(what: str | None, rows: int, choices: Sequence[str] = ()) -> argparse.Namespace:
    """Return what a benchmark is asked: how many rows, how many rounds, and which of its parts."""
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--rows", type=int, default=rows, help=f"default {rows:,}")
    parser.add_argument("--rounds", type=int, default=5, help="rounds; ratios are medians")
    if choices:
        parser.add_argument("only", nargs="*", help=f"of {', '.join(choices)}")
    asked = parser.parse_args()
    unknown = set(getattr(asked, "only", ())) - set(choices)
    if unknown:
        parser.error(f"no part named {', '.join(sorted(unknown))}; there are {', '.join(choices)}")
    return asked


def compare(
    title: str, work: Work, same: Callable[[Any], pa.Table], rounds: int, limits: int = 1
) -> None:
    """Time pieces of work against those written by hand.

    Args:
        title: What is measured.
        work: The pieces; the first `limits` of them are what the others are measured against, the fastest of them.
        same: What makes two answers comparable.
        rounds: How often each is run; the ratio is the median of the ratios within a round.
        limits: How many of the pieces are written by hand.
    """
    print(title, flush=True)
    expected = None
    for name, run in work.items():
        found = same(run())
        if expected is not None and not found.equals(expected):
            sys.exit(f"{name} answers otherwise: {found.num_rows} rows, not {expected.num_rows}")
        expected = found if expected is None else expected
    del expected, found
    wall: dict[str, list[float]] = {name: [] for name in work}
    spent: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, run in work.items():
            gc.collect()
            start, used = perf_counter(), process_time()
            run()
            wall[name].append(perf_counter() - start)
            spent[name].append(process_time() - used)
    by_hand = list(work)[:limits]
    best = min(by_hand, key=lambda name: median(wall[name]))
    for name in work:
        print(
            f"  {name:46} {median(wall[name]):8.3f} s  {_ratio(wall, name, best):5.2f}x"
            f"   processor {median(spent[name]):8.3f} s  {_ratio(spent, name, best):5.2f}x",
            flush=True,
        )


def _ratio(taken: dict[str, list[float]], name: str, best: str) -> float:
    return median(a / b for a, b in zip(taken[name], taken[best], strict=True))
