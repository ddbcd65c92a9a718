"""The two sides of a kernel at once, on two processors: NumPy and Arrow let go of the interpreter while they work.

The answers do not depend on it. Of small tables the sides come one after the other, since threads cost more than they save.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

WORTH_IT = 50_000  # rows; below, a step takes less than a thread does to start


def at_once(rows: int, *steps: Callable[[], Any]) -> list[Any]:
    """Return what each step returns, in order.

    Args:
        rows: How many rows they go through together.
        steps: What to do; none may change what another reads.
    """
    if rows < WORTH_IT:
        return [step() for step in steps]
    with ThreadPoolExecutor(2, thread_name_prefix="receivables") as pool:
        return [it.result() for it in [pool.submit(step) for step in steps]]
