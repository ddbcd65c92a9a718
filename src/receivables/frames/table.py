"""Facts as a data frame: the facts table with exact decimals, for those who have facts and want frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, get_args

from receivables.errors import NoSuchChoice, UnfitFrame
from receivables.facts import Customer, Fact
from receivables.frames.door import library
from receivables.money import currencies, decimals
from receivables.schema import FACTS
from receivables.schema.rows import Row, to_rows

Backend = Literal["pyarrow", "pandas", "polars"]


def facts_table(facts: Iterable[Fact], backend: Backend = "pyarrow") -> Any:
    """Return facts as a facts table of a data frame library.

    Amounts are decimals with as many places as the currency with the most has; attributes are columns of their own.

    Args:
        facts: Documents, their uses and reversals, such as `Subledger.facts`; customers have no row in a facts table.
        backend: The library: `pyarrow`, `pandas` (with Arrow types) or `polars`.

    Raises:
        UnfitFrame: When a customer is among the facts.
        NoSuchChoice: When `backend` is none of these.
        MissingExtra: When the library is not installed.
    """
    if backend not in get_args(Backend):
        msg = f"no backend {backend!r}; it must be one of {', '.join(get_args(Backend))}"
        raise NoSuchChoice(msg)
    table = rows_table([row for fact in facts for row in _rows(fact)])
    if backend == "pandas":
        return table.to_pandas(types_mapper=library("pandas", "pandas").ArrowDtype)
    return library("polars", "polars").from_arrow(table) if backend == "polars" else table


def rows_table(rows: Sequence[Row]) -> Any:
    """Return rows of the facts table as a PyArrow table.

    Args:
        rows: What `schema.rows.to_rows` makes of facts.
    """
    arrow = library("pyarrow", "parquet")
    present = dict.fromkeys(name for row in rows for name in row)
    names = [name for name in FACTS.names if name in present or name in FACTS.required]
    names += [name for name in present if name not in FACTS]
    codes = {row[name] for row in rows for name in _CURRENCIES if row.get(name)}
    places = max(map(decimals, codes.intersection(currencies())), default=2)
    types = {
        "amount": arrow.decimal128(18 + places, places),
        "date": arrow.date32(),
        "timestamp": arrow.timestamp("us", tz="UTC"),
        "integer": arrow.int64(),
        "flag": arrow.bool_(),
    }
    data = {}
    for name in names:
        column = FACTS.column(name)
        kind = types.get(column.type if column else "text", arrow.string())
        data[name] = arrow.array([row.get(name) for row in rows], kind)
    return arrow.table(data)


def _rows(fact: Fact | Customer) -> tuple[Row, ...]:
    if isinstance(fact, Customer):  # portfolios and files give customers among their facts
        msg = f"customer {fact.id} has no row in a facts table; leave customers out, as Subledger.facts does"
        raise UnfitFrame(msg)
    return to_rows(fact)


_CURRENCIES = ("currency", "company_currency", "source_currency")
