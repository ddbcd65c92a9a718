"""`open_items`, `snapshots`: what is open, over a facts table of any size."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col

from receivables.errors import MixedDates, UnfitFrame
from receivables.frames import columns
from receivables.frames.door import Door, Plan
from receivables.frames.standing import AMOUNTS, NEEDED, answer_columns, standing
from receivables.rounding import Rounding


def open_items(
    facts: Any,
    *,
    as_of: date,
    known_at: datetime | None = None,
    scale: int | None = None,
    rounding: Rounding | None = None,
) -> Any:
    """Return the open items of a facts table as of a day, in the type it came in; a plan stays a plan.

    The same items, to the last digit, as `Subledger.open_items` over the same facts (law: Frames agree): charges
    positive, credits negative, instalments as items of their own. Rows come in no particular order. Extra columns of
    the facts are kept. Facts that break a law are not looked for here: `check` does.

    Args:
        facts: A table with the columns of `schema.FACTS`, due dates written out.
        as_of: The last day that counts. There is no default: the library has no clock.
        known_at: Leave out what was recorded later; None for everything known. Timezone-aware.
        scale: Decimals that whole-number amounts count in: 2 for cents. Not for decimals, which carry theirs.
        rounding: The named policy by which float amounts become decimals of their currency; frames in memory only.

    Raises:
        NotADate: When a date of the question is none.
        UnfitFrame: When a column is missing or cannot be what it should.
        NotAnAmount: For floats without a rounding, texts, or whole numbers without a scale.
        TooLarge: When amounts leave 64 bits in a frame that is answered by kernels.
    """
    columns.check_question(as_of, known_at)
    ready = Facts.of(facts, known_at, scale, rounding)
    return ready.door.give(ready.open_items([as_of], known_at)[0])


def snapshots(
    facts: Any,
    dates: Sequence[date],
    *,
    known_at: datetime | None = None,
    scale: int | None = None,
    rounding: Rounding | None = None,
) -> Any:
    """Return the open items of several days as one table, with the day in the column `as_of`.

    Args:
        facts: As for `open_items`.
        dates: The days, at least one.
        known_at: As for `open_items`.
        scale: As for `open_items`.
        rounding: As for `open_items`.

    Raises:
        NotADate: When there is no day, or one is none.
    """
    asked = ascending(dates)
    columns.check_question(asked[0], known_at)
    ready = Facts.of(facts, known_at, scale, rounding)
    if "as_of" in ready.schema:
        msg = "facts have a column as_of, where the answer has its days; rename it"
        raise UnfitFrame(msg)
    found = ready.open_items(asked, known_at)
    if isinstance(found[0], nw.LazyFrame):
        dated = [_dated(plan, day) for plan, day in zip(found, asked, strict=True)]
        return ready.door.give(nw.concat(dated))
    from receivables.frames.kernels.arrays import pa

    tables = [
        table.add_column(0, "as_of", pa.array([day] * table.num_rows, pa.date32()))
        for table, day in zip(found, asked, strict=True)
    ]
    return ready.door.give(pa.concat_tables(tables))


def ascending(dates: Sequence[date]) -> list[date]:
    """Return dates in order, each once.

    Raises:
        NotADate: When there is none, or one is no date.
    """
    asked = list(dates)
    if not asked:
        columns.check_question(None)  # type: ignore[arg-type]
    for day in asked:
        columns.check_question(day)
    return sorted(set(asked))


def _dated(plan: Plan, day: date) -> Plan:
    names = plan.collect_schema().names()
    return plan.with_columns(as_of=nw.lit(day, dtype=nw.Date)).select("as_of", *names)


class Facts:
    """A facts table made ready: its door, its schema, how its amounts are held, and its rows or its plan.

    What it is made from, before its types are settled, is `given`.
    """

    __slots__ = ("door", "given", "schema", "source", "unit")

    def __init__(self, door: Door, schema: columns.Schema, unit: columns.Unit, given: Any) -> None:
        self.door = door
        self.schema = schema
        self.unit = unit
        self.given = given
        is_plan = isinstance(given, nw.LazyFrame)
        self.source = columns.settled(given, schema, AMOUNTS, unit) if is_plan else given

    @classmethod
    def of(
        cls,
        native: Any,
        known_at: datetime | None,
        scale: int | None,
        rounding: Rounding | None,
    ) -> Facts:
        """Check a facts table and make it ready.

        Args:
            native: The caller's table.
            known_at: The moment of the question, if any.
            scale: The stated scale of whole numbers.
            rounding: The named rounding of floats.
        """
        door = Door.of(native, "facts")
        source, schema = ready(door, NEEDED, AMOUNTS, rounding)
        columns.need_texts(schema, columns.TEXTS, door.what)
        _need_whole_parts(schema, door)
        columns.need_known(schema, known_at, door.what)
        unit = columns.unit_of(schema, AMOUNTS, door.what, scale)
        if isinstance(source, nw.LazyFrame) and _has_no_parts(door):
            source = source.drop("instalment")
            schema = {name: kind for name, kind in schema.items() if name != "instalment"}
        return cls(door, schema, unit, source)

    def rows(self, names: Sequence[str]) -> Plan:
        """Return a plan's columns of these names as a kernel takes them, whole numbers in 64 bits."""
        plan = self.given.select(name for name in names if name in self.schema)
        whole = [name for name in AMOUNTS if name in names and name in self.schema]
        return columns.in_words(plan, whole, self.unit)

    def open_items(self, dates: Sequence[date], known_at: datetime | None) -> list[Any]:
        """Return the open items of each day, as plans or as PyArrow tables."""
        if isinstance(self.source, nw.LazyFrame):
            return [standing(self.source, self.schema, self.unit, day, known_at) for day in dates]
        from receivables.frames.kernels.items import as_table
        from receivables.frames.kernels.standing import follow

        items, found = follow(self.source, self.unit, dates, known_at)
        names = answer_columns(self.source.column_names)
        return [as_table(items, whole, self.unit, names) for whole in found]


_CENTS = 2  # where no column says the currency
_MOST = 4  # ISO 4217 knows no currency of more: nothing is rounded away of an amount of none


def ready(
    door: Door,
    needed: Sequence[str],
    amounts: Sequence[str],
    rounding: Rounding | None,
) -> tuple[Any, columns.Schema]:
    """Return a table as rows in Arrow or as a plan, and its schema, once it has what it needs.

    Args:
        door: The table.
        needed: Columns it must have.
        amounts: Its columns of money.
        rounding: The named rounding of floats.
    """
    columns.need(door.frame.collect_schema(), needed, door.what)
    columns.need_own_names(door.frame.collect_schema(), door.what)
    if not (door.in_arrays or (door.held and rounding is not None)):
        schema = dict(door.frame.collect_schema())
        _need_days(door, schema)
        return door.plan(), schema
    from receivables.frames.kernels.plain import with_types

    source = with_types(door.table())
    if rounding is not None:
        source = _without_floats(source, amounts, rounding)
    schema = dict(nw.from_native(source).schema)
    _need_days(door, schema)
    if door.in_arrays:
        return source, schema
    return nw.from_native(door.give(source)).lazy(), schema


def of_day(door: Door, source: Any, schema: columns.Schema, as_of: date) -> Any:
    """Return the items of a day, where a column `as_of` says of which day each is, as in `snapshots`.

    Args:
        door: The table.
        source: Its rows in Arrow or its plan.
        schema: Its columns.
        as_of: The day.

    Raises:
        MixedDates: When all items of a frame in memory are of other days.
    """
    if "as_of" not in schema:
        return source
    columns.need_dates(schema, ("as_of",), door.what)
    days = days_of(door)
    if days and as_of not in days:
        msg = f"{door.what} are of {', '.join(map(str, days[:3]))}, not of {as_of}; ask for their own day"
        raise MixedDates(msg)
    is_plan = isinstance(source, nw.LazyFrame)
    plan: Plan = source if is_plan else nw.from_native(source).lazy()
    kept = plan.filter(col("as_of").cast(nw.Date) == nw.lit(as_of, dtype=nw.Date))
    return kept if is_plan else kept.collect("pyarrow").to_native()


def days_of(door: Door) -> list[date]:
    """Return the days in the column `as_of` of a frame in memory, in order; none of a plan, whose rows are not at hand."""
    if not isinstance(door.frame, nw.DataFrame) or "as_of" not in door.frame.columns:
        return []
    return sorted(door.frame["as_of"].cast(nw.Date).drop_nulls().unique().to_list())


def _need_whole_parts(schema: columns.Schema, door: Door) -> None:
    """Assert that instalments are numbered by integers; of pandas also by floats, which gaps make of them."""
    kind = schema.get("instalment")
    if kind is None or kind == nw.Unknown or kind.is_integer():
        return
    if not (door.in_arrays and kind.is_float()):  # the kernels look at each
        msg = f"instalment of {door.what} is {kind}; give whole numbers"
        raise UnfitFrame(msg)


def _need_days(door: Door, schema: columns.Schema) -> None:
    """Assert that dates are dates, and no moments whose day depends on where one stands.

    Spark knows moments only, and its session says where: those are taken.
    """
    columns.need_dates(schema, columns.DATES, door.what)
    spark = {nw.Implementation.PYSPARK, nw.Implementation.PYSPARK_CONNECT}
    for name in columns.DATES:
        zone = getattr(schema.get(name), "time_zone", None)
        if zone is not None and door.frame.implementation not in spark:
            msg = f"{name} of {door.what} holds moments in {zone}; turn them into dates, since their day depends on the place"
            raise UnfitFrame(msg)


def _without_floats(table: Any, amounts: Sequence[str], rounding: Rounding) -> Any:
    from receivables.frames.kernels.arrays import column, exact
    from receivables.money import decimals

    for name in amounts:
        if name not in table.column_names:
            continue
        kept = {"source_amount": "source_currency"}.get(name, "currency")
        codes = column(table, kept).to_pylist() if kept in table.column_names else []
        places = [_MOST if code is None else decimals(code) for code in codes]
        table = exact(table, [name], places or [_CENTS] * table.num_rows, rounding)
    return table


def _has_no_parts(door: Door) -> bool:
    """Whether a table in memory names no instalment at all, which saves its part of the plan."""
    if not isinstance(door.frame, nw.DataFrame) or "instalment" not in door.frame.columns:
        return False
    return bool(door.frame["instalment"].is_null().all())
