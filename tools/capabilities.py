"""Write docs/reference/frames.md: which function of `receivables.frames` answers on which kind of frame.

Each cell is tried: the function runs on a small portfolio and its answer is compared with that of the object core, or,
where the core has no such function, with PyArrow's. Usage: python tools/capabilities.py [--check] [--quick]. Engines that
are not installed are left out; with --quick those that take minutes are, too.
"""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw

from receivables import CreditDisplay, ProvisionMatrix, Subledger, frames
from receivables.frames.small import rows_of
from receivables.testing import make_portfolio

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "frames.md"
MARK = "<!-- written by tools/capabilities.py -->"
AS_OF = date(2026, 3, 31)
EARLIER = date(2026, 1, 31)
Make = Callable[[Any], Any]
pc: Any = import_module("pyarrow.compute")


def engines(*, quick: bool = True) -> Iterator[tuple[str, Make]]:
    """Yield the kinds of frame that are installed, and how each is made.

    Args:
        quick: Leave out those that take minutes for their answers.
    """
    yield "PyArrow table", lambda table: table
    if importlib.util.find_spec("pandas"):
        import pandas as pd

        yield "pandas, Arrow types", lambda it: it.to_pandas(types_mapper=pd.ArrowDtype)
        yield "pandas, NumPy types", lambda it: it.to_pandas(date_as_object=False)
    if importlib.util.find_spec("polars"):
        import polars as pl

        yield "Polars DataFrame", pl.from_arrow
        yield "Polars LazyFrame", lambda it: pl.DataFrame(it).lazy()
    if importlib.util.find_spec("duckdb"):
        yield "DuckDB relation", _duckdb()
    if quick:
        return
    if importlib.util.find_spec("pyspark"):
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
        builder = builder.config("spark.sql.shuffle.partitions", "2")
        yield "Spark frame", builder.config("spark.sql.session.timeZone", "UTC").getOrCreate().createDataFrame  # fmt: skip
    if importlib.util.find_spec("sqlframe"):
        yield "SQLFrame frame, on DuckDB", _duckdb(sqlframe=True)
    if importlib.util.find_spec("dask"):
        dask: Any = import_module("dask.dataframe")
        yield "Dask frame", lambda it: dask.from_pandas(it.to_pandas(), npartitions=2)


def _duckdb(*, sqlframe: bool = False) -> Make:
    import duckdb

    connection, made = duckdb.connect(), iter(range(10**6))
    session: Any = None
    if sqlframe:
        session = import_module("sqlframe.duckdb").DuckDBSession(conn=connection)

    def make(table: Any) -> Any:
        name = f"t{next(made)}"
        connection.register("given", table)
        connection.execute(f"create table {name} as select * from given").fetchall()  # noqa: S608
        return (session or connection).table(name)

    return make


def questions() -> dict[str, Callable[[Make], Any]]:
    """Return each function as a question to an engine, over one portfolio."""
    made = make_portfolio(customers=8, invoices=120, seed=4)
    books = Subledger.of(fact for fact in made.facts if fact.kind != "customer")
    facts = frames.facts_table(books.facts)
    plain = facts.drop_columns(["instalment"]).filter(pc.is_null(facts["instalment"]))
    items = frames.open_items(facts, as_of=AS_OF)
    credit = pc.equal(facts["kind"], "payment")
    names = ["payment_id", "customer", "currency", "amount", "posting_date"]
    columns = ["id", *names[1:]]
    paid = facts.filter(credit).select(columns).rename_columns(names)
    days = (EARLIER, AS_OF)
    matrix = ProvisionMatrix.of({"current": "0.01", "1-30": "0.05", ">30": "0.3", "undated": "0.1"})
    return {
        "`open_items`": lambda make: frames.open_items(make(plain), as_of=AS_OF),
        "… with instalments": lambda make: frames.open_items(make(facts), as_of=AS_OF),
        "`age`": lambda make: frames.age(make(items), as_of=AS_OF),
        "… credits netted": lambda make: frames.age(
            make(items), as_of=AS_OF, credits=CreditDisplay.NETTED
        ),
        "`allocate_oldest_first`": lambda make: frames.allocate_oldest_first(
            make(items), make(paid)
        ),
        "`snapshots`": lambda make: frames.snapshots(make(plain), days),
        "`roll_rates`": lambda make: frames.roll_rates(make(plain), days),
        "`check`": lambda make: frames.check(make(facts)),
        "`measure_provision`": lambda make: frames.measure_provision(
            make(items), matrix, as_of=AS_OF
        )[0],
        "`kpis`": lambda make: frames.kpis(make(plain), start=EARLIER, as_of=AS_OF),
        "`to_long`": lambda make: frames.to_long(frames.age(make(items), as_of=AS_OF)),
    }


def answers(ask: Callable[[Make], Any], make: Make) -> Counter[Any] | None:
    """Return the rows of an answer, whatever their order; None when the engine cannot."""
    try:
        rows = rows_of(nw.from_native(ask(make)).lazy())
    except Exception:  # noqa: BLE001 - each engine refuses in its own words
        return None
    return Counter(tuple(_text(value) for value in row.values()) for row in rows)


def _text(value: Any) -> str:
    if value is None or value != value:  # noqa: PLR0124 - pandas has no other nothing among its dates
        return "None"
    return str(value.date() if hasattr(value, "hour") else value)


def table(*, quick: bool = True) -> str:
    """Return the table of what each engine can."""
    asked = questions()
    kinds = dict(engines(quick=quick))
    truth = {name: answers(ask, kinds["PyArrow table"]) for name, ask in asked.items()}
    lines = [f"| frame | {' | '.join(asked)} |", f"|---|{'---|' * len(asked)}"]
    for kind, make in kinds.items():
        cells = []
        for name, ask in asked.items():
            found = answers(ask, make)
            if name == "`check`" and found is not None:
                cells.append("exact")
            else:
                cells.append(
                    "no" if found is None else "exact" if found == truth[name] else "DIFFERS"
                )
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return "\n".join(lines)


def page(*, quick: bool) -> str:
    """Return the page with its table written anew."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(MARK)
    _, _, after = rest.partition(MARK)
    return f"{before}{MARK}\n\n{table(quick=quick)}\n\n{MARK}{after}"


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    made = page(quick="--quick" in sys.argv)
    if "--check" in sys.argv:
        sys.exit(made != PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(made, encoding="utf-8")
