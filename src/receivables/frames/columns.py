"""What a table must have before it is asked anything: its columns, and types that are exact.

Amounts are decimals, or whole minor units with a stated scale. Floats are refused unless the caller names a rounding;
dates are dates. What is wrong with single rows is the business of `check`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import narwhals.stable.v2 as nw
from narwhals.stable.v2 import col

from receivables.errors import NotADate, NotAnAmount, UnfitFrame
from receivables.frames.door import Plan

Schema = Mapping[str, Any]
DIGITS = 28  # of one amount inside an engine: a sum of 10 ** 10 of them still fits the 38 that engines hold
# Types of narwhals compare equal to their instances but do not hash so: look them up in tuples, not sets.
DATES = ("posting_date", "due_date", "document_date", "baseline_date")
TEXTS = (
    "id",
    "kind",
    "currency",
    "source_id",
    "target_id",
    "reverses_id",
    "terms",
    "source_currency",
)
_SCALES = range(13)


@dataclass(frozen=True, slots=True)
class Unit:
    """How a table holds its amounts.

    Args:
        scale: Decimals of every amount.
        integer: Whether they are whole minor units instead of decimals.
    """

    scale: int
    integer: bool

    @property
    def inside(self) -> Any:
        """The type of one amount inside a plan: sums of it neither wrap nor widen."""
        return nw.Decimal(19, 0) if self.integer else nw.Decimal(DIGITS, self.scale)

    @property
    def single(self) -> Any:
        """The type of one amount in an answer."""
        return nw.Int64() if self.integer else nw.Decimal(DIGITS, self.scale)

    @property
    def total(self) -> Any:
        """The type of a sum in an answer."""
        return nw.Int64() if self.integer else nw.Decimal(38, self.scale)


def unit_of(schema: Schema, names: Iterable[str], what: str, scale: int | None) -> Unit:
    """Return how the amounts of a table are held; the column with the most decimals sets the scale.

    Raises:
        NotAnAmount: When they are floats or texts, or integers without a stated scale.
    """
    held = {name: schema[name] for name in names if name in schema and schema[name] != nw.Unknown}
    if not held:  # nothing but empty cells
        return Unit(scale or 0, integer=scale is not None)
    decimals = [it for it in held.values() if isinstance(it, nw.Decimal)]
    if len(decimals) == len(held):
        if scale is not None:
            msg = f"scale={scale} is for whole minor units; the amounts of {what} are decimals and carry theirs"
            raise NotAnAmount(msg)
        return Unit(max(int(it.scale) for it in decimals), integer=False)
    for name, kind in held.items():
        if not kind.is_integer():
            raise NotAnAmount(_refusal(name, kind, what))
    if scale not in _SCALES:
        msg = f"{', '.join(held)} of {what} are whole numbers; say what they count with scale=2 for cents, scale=0 for whole units"
        raise NotAnAmount(msg)
    return Unit(int(scale or 0), integer=True)


def _refusal(name: str, kind: Any, what: str) -> str:
    if isinstance(kind, nw.Decimal):
        return f"{name} of {what} is {kind} beside whole numbers; give all amounts one kind"
    if kind.is_float():
        return (
            f"{name} of {what} is {kind}, which holds no exact amounts; give decimals, "
            "or name a rounding for a frame in memory: rounding=Rounding.HALF_EVEN"
        )
    return f"{name} of {what} is {kind}; give decimals, or whole minor units with scale="


def need(schema: Schema, names: Iterable[str], what: str) -> None:
    """Assert that a table has its columns.

    Raises:
        UnfitFrame: Naming those it lacks.
    """
    missing = [name for name in names if name not in schema]
    if missing:
        msg = f"{what} lack the columns {', '.join(missing)}; they have {', '.join(schema)}"
        raise UnfitFrame(msg)


def need_texts(schema: Schema, names: Iterable[str], what: str) -> None:
    """Assert that columns of names a table has hold texts, encoded or not.

    Raises:
        UnfitFrame: Naming the first that does not.
    """
    for name in names:
        kind = schema.get(name)
        if kind is not None and kind not in (nw.String, nw.Categorical, nw.Enum, nw.Unknown):
            msg = (
                f"{name} of {what} is {kind}; give texts, and leave out a column that holds nothing"
            )
            raise UnfitFrame(msg)


def need_own_names(schema: Schema, what: str) -> None:
    """Assert that no column has a name such as this package uses inside a plan.

    Raises:
        UnfitFrame: Naming those that do.
    """
    if taken := [name for name in schema if name.startswith("_")]:
        msg = f"{what} have the columns {', '.join(taken)}; names that begin with _ are used inside, so rename them"
        raise UnfitFrame(msg)


def need_dates(schema: Schema, names: Iterable[str], what: str) -> None:
    """Assert that the date columns a table has hold dates.

    Raises:
        UnfitFrame: Naming the first that does not.
    """
    for name in names:
        kind = schema.get(name)
        if kind is not None and kind not in (nw.Date, nw.Datetime, nw.Unknown):
            msg = (
                f"{name} of {what} is {kind}; turn it into dates first, so that nothing is guessed"
            )
            raise UnfitFrame(msg)


def need_known(schema: Schema, known_at: datetime | None, what: str) -> None:
    """Assert that a known-at can be asked of a table.

    Raises:
        UnfitFrame: When its `recorded_at` is no moment with a time zone.
    """
    kind = schema.get("recorded_at")
    if known_at is None or kind is None:
        return
    if kind != nw.Datetime or getattr(kind, "time_zone", None) is None:
        msg = f"recorded_at of {what} is {kind}; known_at needs moments with a time zone"
        raise UnfitFrame(msg)


def check_question(as_of: date, known_at: datetime | None = None) -> None:
    """Assert that a question's dates are dates.

    Raises:
        NotADate: When `as_of` is no date, or `known_at` lacks a time zone.
    """
    if type(as_of) is not date:
        msg = f"as_of {as_of!r} is a {type(as_of).__name__}; give a datetime.date such as date(2026, 3, 31)"
        raise NotADate(msg)
    if known_at is not None and (not isinstance(known_at, datetime) or known_at.tzinfo is None):
        msg = f"known_at {known_at!r} must be a datetime with a time zone, such as datetime(2026, 4, 2, tzinfo=UTC)"
        raise NotADate(msg)


def settled(
    plan: Plan,
    schema: Schema,
    amounts: Iterable[str],
    unit: Unit,
    *,
    only_summed: bool = False,
) -> Plan:
    """Return a plan whose amounts, dates and texts have the types the expressions count on.

    Args:
        plan: The table.
        schema: Its columns.
        amounts: Its columns of money.
        unit: How they are held.
        only_summed: Whether amounts are summed and nothing else, which engines do in a wider type by themselves, and
            fastest from the narrow one.
    """
    casts = {
        name: col(name).cast(unit.inside)
        for name in amounts
        if name in schema and not (only_summed and _is_narrow(schema[name]))
    }
    for name, kind in schema.items():
        if name in DATES and kind != nw.Date:
            casts[name] = col(name).cast(nw.Date)
        elif kind in (nw.Categorical, nw.Enum) or (kind == nw.Unknown and name in TEXTS):
            casts[name] = col(name).cast(nw.String)
    return plan.with_columns(**casts) if casts else plan


def in_words(plan: Plan, amounts: Iterable[str], unit: Unit) -> Plan:
    """Return a plan whose whole numbers are of 64 bits, as kernels take them, also where an engine's are wider."""
    return plan.with_columns(col(name).cast(nw.Int64) for name in amounts) if unit.integer else plan


def _is_narrow(kind: Any) -> bool:
    """Whether sums of a type widen by themselves, and never past what a total holds."""
    return isinstance(kind, nw.Decimal) and kind.precision <= DIGITS
