"""Write docs/reference/frames.md: which function of `receivables.frames` answers on which kind of frame.

Each cell is tried: the function runs on a small portfolio and its answer is compared with that of the object core, or,
where the core has no such function, with PyArrow's. Usage: python tools/capabilities.py [--check]. Engines that are not
installed are left out.
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

from receivables import CreditDisplay, Subledger, frames
from receivables.testing import make_portfolio

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "frames.md"
MARK = "<!-- written by tools/capabilities.py -->"
AS_OF = date(2026, 3, 31)
EARLIER = date(2026, 1, 31)
Make = Callable[[Any], Any]
pc: Any = import_module("pyarrow.compute")


def engines() -> Iterator[tuple[str, Make]]:
    """Yield the kinds of frame that are installed, and how each is made."""
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


def _duckdb() -> Make:
    import duckdb

    connection, made = duckdb.connect(), iter(range(10**6))

    def make(table: Any) -> Any:
        name = f"t{next(made)}"
        connection.register("given", table)
        connection.execute(f"create table {name} as select * from given").fetchall()  # noqa: S608
        return connection.table(name)

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
    }


def answers(ask: Callable[[Make], Any], make: Make) -> Counter[Any] | None:
    """Return the rows of an answer, whatever their order; None when the engine cannot."""
    try:
        plan = nw.from_native(ask(make)).lazy()
        rows = plan.collect("pyarrow").to_native().to_pylist()
    except Exception:  # noqa: BLE001 - each engine refuses in its own words
        return None
    return Counter(tuple(str(_day(value)) for value in row.values()) for row in rows)


def _day(value: Any) -> Any:
    return value.date() if hasattr(value, "hour") else value


def table() -> str:
    """Return the table of what each engine can."""
    asked = questions()
    kinds = dict(engines())
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


def page() -> str:
    """Return the page with its table written anew."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(MARK)
    _, _, after = rest.partition(MARK)
    return f"{before}{MARK}\n\n{table()}\n\n{MARK}{after}"


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    made = page()
    if "--check" in sys.argv:
        sys.exit(made != PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(made, encoding="utf-8")
