"""Plans whose answer a kernel finds faster than their engine: their rows are gathered, and the answer goes back.

What does not fit is left to the plan: more rows than `ROWS` of a DuckDB relation, which may be larger than memory, sums
that leave 64 bits, and frames of a cluster. A lazy Polars frame stays lazy: its kernel runs when it is collected.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

import narwhals.stable.v2 as nw

from receivables.errors import TooLarge
from receivables.frames.door import Door, Plan, library

ROWS = 20_000_000  # of all tables together; some 4 GB while the kernel runs
Kernel = Callable[..., Any]


def by_rows(
    door: Door, given: Sequence[Plan], kernel: Kernel, plan: Callable[[], Plan], like: Plan
) -> Any:
    """Return an answer in the caller's own type, found by a kernel where that can be.

    Args:
        door: The table of the caller that says what type the answer has.
        given: What the kernel takes, as plans.
        kernel: What makes PyArrow tables of them into the answer, in the columns of `plan`.
        plan: What makes the same answer as expressions.
        like: A plan in the columns and types of the answer, cheap to look at.
    """
    if _has_kernels():
        match door.frame.implementation:
            case nw.Implementation.POLARS:
                return door.give(_when_collected(given, kernel, plan, like))
            case nw.Implementation.DUCKDB:
                return _as_relation(given, kernel, plan, like)
            case _:
                pass
    return door.give(plan())


def in_memory(plans: Sequence[Plan]) -> list[Plan] | None:
    """Run plans that are asked several times, and return their rows as plans over memory: Polars's own, or Arrow.

    Returns:
        None where Arrow is wanted and not installed, or the rows are more than `ROWS` together; then the engine is asked
        each time.
    """
    if all(it.implementation is nw.Implementation.POLARS for it in plans):
        return [it.collect().lazy() for it in plans]
    if not _has_kernels():
        return None
    left, found = ROWS, []
    for plan in plans:
        table = plan.head(left + 1).collect("pyarrow")
        left -= len(table)
        if left < 0:
            return None
        found.append(table.lazy())
    return found


def _has_kernels() -> bool:
    return all(find_spec(name) is not None for name in ("numpy", "pyarrow"))


def _when_collected(
    given: Sequence[Plan], kernel: Kernel, plan: Callable[[], Plan], like: Plan
) -> Plan:
    """Return a Polars plan that runs the kernel when it is collected."""
    polars = library("polars", "polars")
    schema = like.to_native().collect_schema()

    def answer() -> Any:
        tables = polars.collect_all([it.to_native() for it in given])
        try:
            found = kernel(*(table.to_arrow() for table in tables))
        except TooLarge:
            return plan().to_native().collect()
        return polars.from_arrow(found).cast(dict(schema))

    found: Plan = nw.from_native(polars.defer(answer, schema=schema))
    return found


def _as_relation(
    given: Sequence[Plan], kernel: Kernel, plan: Callable[[], Plan], like: Plan
) -> Any:
    """Return a DuckDB relation of what the kernel finds now, or of the plan where the rows are too many."""
    relation = like.to_native()
    if not _sees_tables(relation):
        return plan().to_native()
    left, tables = ROWS, []
    for part in given:
        table = part.head(left + 1).collect(backend="pyarrow").to_native()
        left -= table.num_rows
        if left < 0:
            return plan().to_native()
        tables.append(table)
    try:
        _found = kernel(*tables)  # DuckDB finds it by its name
    except TooLarge:
        return plan().to_native()
    columns = zip(relation.columns, relation.types, strict=True)
    shown = ", ".join(f'"{name}"::{kind} as "{name}"' for name, kind in columns)
    return relation.query("_given", f"select {shown} from _found")  # noqa: S608 - no text of the caller


def _sees_tables(relation: Any) -> bool:
    """Whether a relation's connection may read tables of Python, which its owner can forbid."""
    setting = "select current_setting('python_enable_replacements')"
    return bool(relation.query("_given", setting).fetchall()[0][0])
