"""`receivables age` over a table too large for objects: aged by DuckDB, Polars or Spark where it lies.

Not a row of it passes through Python: the engine streams over the file, and only the report comes back. What has to be
right in every row is checked there too. With `--engine` a table with odd cells or broken rules is refused; without it, a large table
is answered so by itself when the object core would answer the same, and handed to the object core when not.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col

from receivables import frames
from receivables.adapters.tally import ControlTotal, Tally
from receivables.aging import AgingReport
from receivables.cli.assembled import report_of
from receivables.cli.clean import remarks, unread, unsettled
from receivables.cli.opened import Opened, open_table
from receivables.cli.tables import Question
from receivables.errors import ReceivablesError, UnreadableSource
from receivables.frames.check import first_broken
from receivables.frames.door import Plan
from receivables.frames.small import rows_of
from receivables.money import Money

_ENGINES = frozenset(
    {"duckdb", "_duckdb", "polars", "pyspark", "py4j"}
)  # whose complaints are their own


@dataclass(frozen=True, slots=True)
class Answer:
    """An aging report with the account of what was read.

    Args:
        report: The report; its rows carry no parts.
        tally: The count of the rows, all accepted.
        what: What the table was taken for.
    """

    report: AgingReport
    tally: Tally
    what: str


def aged(path: Path, engine: str, asked: Question, limit: int) -> Answer:
    """Age a Parquet or text file, or the files of a folder.

    Args:
        path: The file or folder.
        engine: One of `ENGINES`.
        asked: The question.
        limit: How many odd cells or broken rules to name before refusing.

    Raises:
        UnreadableSource: When it is none that an engine reads, neither table of ours, or some of its cells are not in our
            own writing, or some of its rows break a rule.
        MissingExtra: When the engine is not installed.
    """
    try:
        return _answer(open_table(path, engine), asked, limit)
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in _ENGINES:
            raise
        said = str(error).strip().partition("\n")[0]
        msg = f"{engine} cannot age {path.name}: {said}; without --engine it is read row by row"
        raise UnreadableSource(msg) from None


def aged_by_itself(path: Path, asked: Question) -> Answer | str | None:
    """Age a large table by DuckDB if the object core would give the same answer.

    Returns:
        The answer; or why the object core has to read the table; or None when DuckDB is not installed.
    """
    if find_spec("duckdb") is None:
        return None
    try:
        opened = open_table(path, "duckdb")
        why = next(remarks(opened, opened.typed(known=True), asked), None)
        return why or _answer(opened, asked, 1)
    except ReceivablesError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - an engine refuses in its own words
        return str(error).strip().partition("\n")[0]


def _answer(opened: Opened, asked: Question, limit: int) -> Answer:
    if (cells := unread(opened)) is not None and (found := rows_of(cells.head(limit + 1))):
        told = _named([(it["id"], f"{it['column']} {it['value']!r}") for it in found], limit)
        msg = f"cells of {opened.name} are not in our own writing: {told}; without --engine they are read one by one"
        raise UnreadableSource(msg)
    if (name := unsettled(opened)) is not None:
        msg = f"{name} of {opened.name} has amounts such as 1.234 alone, which are thousands to some; write one with two decimals"
        raise UnreadableSource(msg)
    plan = opened.typed(known=asked.known_at is not None)
    if broken := first_broken(plan.to_native(), limit + 1):
        told = _named(
            [(it["id"], f"{it['rule']} ({it['column']} {it['value']})") for it in broken], limit
        )
        msg = f"rows of {opened.name} break a rule: {told}; without --engine they are set aside one by one"
        raise UnreadableSource(msg)
    if opened.kind == "facts":
        items = frames.open_items(plan.to_native(), as_of=asked.as_of, known_at=asked.known_at)
        amount, what = "amount", "a facts table"
    else:
        items, amount, what = plan.to_native(), "open_amount", "an open-items table"
    return Answer(report_of(items, asked), _tally(plan, amount), what)


def _tally(plan: Plan, amount: str) -> Tally:
    counted = ~col(amount).is_null() & ~col("currency").is_null()
    rows = plan.with_columns(_counted=counted).group_by("currency", "_counted")
    sums = rows_of(rows.agg(col(amount).sum().alias("_sum"), nw.len().alias("_rows")))
    totals = []
    for row in sorted((it for it in sums if it["_counted"]), key=lambda it: str(it["currency"])):
        whole = Money.of_sum(row["_sum"], row["currency"]).amount
        nothing = Money.zero(row["currency"]).amount
        totals.append(ControlTotal(row["currency"], whole, whole, nothing, nothing))
    count = sum(row["_rows"] for row in sums)
    uncounted = sum(row["_rows"] for row in sums if not row["_counted"])
    return Tally(count, count, 0, 0, tuple(totals), uncounted)


def _named(found: list[tuple[str, str]], limit: int) -> str:
    """Return what was found, up to the limit, each id once with all that was found of it."""
    told: dict[str, list[str]] = defaultdict(list)
    for id_, what in dict.fromkeys(found[:limit]):
        told[id_].append(what)
    named = "; ".join(f"{id_}: {', '.join(whats)}" for id_, whats in told.items())
    return f"{named} and more" if len(found) > limit else named
