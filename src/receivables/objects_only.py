"""Functions over objects take no data frame, and say which function of `receivables.frames` does.

The core knows frames by the name of their library alone, and imports none.
"""

from __future__ import annotations

from receivables.errors import UnfitFrame

_FRAMES = frozenset({"pandas", "polars", "pyarrow", "duckdb", "pyspark", "dask", "sqlframe", "narwhals"})  # fmt: skip


def refuse_frame(given: object, what: str, instead: str) -> None:
    """Assert that what should be objects is no data frame, which has a function of its own.

    Args:
        given: What was given.
        what: What it should be.
        instead: The function of `receivables.frames` that takes frames.

    Raises:
        UnfitFrame: When it is one.
    """
    library = type(given).__module__.partition(".")[0]
    if library in _FRAMES:
        msg = f"{what} are a {type(given).__name__} of {library}; receivables.frames.{instead} takes data frames, this function objects"
        raise UnfitFrame(msg)
