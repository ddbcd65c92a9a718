"""Aging buckets: named ranges of days, printable and comparable, the same for objects and frames.

The default is what most accountants expect: due today is current, then `1-30`, `31-60` and so on, and every day falls in
exactly one bucket. The presets reproduce what named systems do, some of which count a day twice or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from itertools import pairwise
from typing import Never

from receivables.errors import BucketError, NoSuchChoice

UNDATED = "undated"
CREDITS = "credits"
RESERVED = frozenset({UNDATED, CREDITS, "currency", "total", "items"})  # the report's own columns


class _Choice(Enum):
    """A word of a question; one that is not there is refused with those that are."""

    @classmethod
    def _missing_(cls, value: object) -> Never:
        listed = ", ".join(repr(choice.value) for choice in cls)
        msg = f"{value!r} is no {cls.__name__}; choose one of {listed}"
        raise NoSuchChoice(msg) from None


class Basis(_Choice):
    """The date an item is aged from."""

    DUE = "due"
    DOCUMENT = "document"
    POSTING = "posting"
    BASELINE = "baseline"


class CreditDisplay(_Choice):
    """Where a report shows credit memos and unapplied payments; the total is the same in all three."""

    OWN_COLUMN = "own-column"
    OWN_DATE = "own-date"
    NETTED = "netted"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A range of days with a label; both ends belong to it, None leaves an end open."""

    label: str
    first: int | None
    last: int | None

    def __post_init__(self) -> None:
        whole = all(isinstance(end, int | None) for end in (self.first, self.last))
        if not whole or (
            self.first is not None and self.last is not None and self.first > self.last
        ):
            msg = f"bucket {self.label!r} from {self.first!r} to {self.last!r} must be whole days, the first not after the last"
            raise BucketError(msg)

    def holds(self, days: int) -> bool:
        """Tell whether a number of days falls in this range."""
        return (self.first is None or self.first <= days) and (
            self.last is None or days <= self.last
        )

    def __str__(self) -> str:
        low = "…" if self.first is None else self.first
        high = "…" if self.last is None else self.last
        return f"{self.label} [{low}, {high}]"


@dataclass(frozen=True, slots=True)
class Buckets:
    """An ordered set of aging buckets.

    Args:
        buckets: The ranges, in the order of the columns.
        name: What the set is called; two sets with the same ranges are equal whatever their name.
        as_of: The only as-of date the ranges are right for, when they depend on it.

    >>> buckets = Buckets.of(0, 30, 60, 90, 120)
    >>> buckets.labels
    ('current', '1-30', '31-60', '61-90', '91-120', '>120')
    >>> [buckets.label(days) for days in (-5, 0, 1, 30, 31, 121)]
    ['current', 'current', '1-30', '1-30', '31-60', '>120']
    """

    buckets: tuple[Bucket, ...]
    name: str = field(default="custom", compare=False)
    as_of: date | None = None

    def __post_init__(self) -> None:
        labels = [bucket.label for bucket in self.buckets]
        if not labels or len(set(labels)) != len(labels) or RESERVED & set(labels):
            msg = f"bucket labels {labels} must differ from each other and from {', '.join(sorted(RESERVED))}"
            raise BucketError(msg)

    @classmethod
    def of(cls, *edges: int) -> Buckets:
        """Return buckets that end at the given days past due, each edge included in its bucket.

        Args:
            edges: Ascending; the first, usually 0, ends `current`. `Buckets.of(0, 30, 60)` gives
                `current`, `1-30`, `31-60`, `>60`.

        Raises:
            BucketError: When there is no edge, or they do not ascend.
        """
        if (
            not edges
            or any(not isinstance(edge, int) for edge in edges)
            or any(a >= b for a, b in pairwise(edges))
        ):
            msg = f"bucket edges {edges} must be whole days that ascend, such as 0, 30, 60, 90"
            raise BucketError(msg)
        middle = (Bucket(f"{low + 1}-{high}", low + 1, high) for low, high in pairwise(edges))
        name = f"of({', '.join(map(str, edges))})"
        return cls(
            (
                Bucket("current", None, edges[0]),
                *middle,
                Bucket(f">{edges[-1]}", edges[-1] + 1, None),
            ),
            name,
        )

    @classmethod
    def month_ends(cls, *, as_of: date, months: int = 4) -> Buckets:
        """Return buckets that end at calendar month ends before `as_of` instead of at day counts.

        Due after the last month end is `this month`; the bounds depend on the as-of date.

        >>> str(Buckets.month_ends(as_of=date(2024, 5, 31), months=2))
        'month_ends(2024-05-31): current […, 0], since 2024-04-30 [1, 31], since 2024-03-31 [32, 61], older [62, …]'
        """
        ends, day = [], as_of
        for _ in range(months):
            day = day.replace(day=1) - timedelta(days=1)
            ends.append(day)
        edges = [0, *((as_of - end).days for end in ends)]
        middle = (
            Bucket(f"since {end}", low + 1, high)
            for end, low, high in zip(ends, edges, edges[1:], strict=False)
        )
        name = f"month_ends({as_of})"
        return cls(
            (Bucket("current", None, 0), *middle, Bucket("older", edges[-1] + 1, None)), name, as_of
        )

    @classmethod
    def preset(cls, name: str) -> Buckets:
        """Return the convention of a named system; `presets()` lists them.

        Raises:
            BucketError: For a name that is not listed.
        """
        try:
            return _PRESETS[name]
        except KeyError:
            msg = f"no bucket preset {name!r}; there are {', '.join(sorted(_PRESETS))}"
            raise BucketError(msg) from None

    @staticmethod
    def presets() -> tuple[str, ...]:
        """List the names of the presets."""
        return tuple(sorted(_PRESETS))

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in order."""
        return tuple(bucket.label for bucket in self.buckets)

    @property
    def is_partition(self) -> bool:
        """Whether every number of days falls in exactly one bucket, so that the buckets tie to the total."""
        ranges = sorted(self.buckets, key=lambda it: -(10**9) if it.first is None else it.first)
        inner = pairwise(ranges)
        joined = all(a.last is not None and b.first == a.last + 1 for a, b in inner)
        return joined and ranges[0].first is None and ranges[-1].last is None

    def label(self, days: int) -> str:
        """Return the label of the first bucket that holds a number of days.

        Raises:
            BucketError: When no bucket does, which only presets that lose days can say.
        """
        for bucket in self.buckets:
            if bucket.holds(days):
                return bucket.label
        msg = f"{days} days fall in no bucket of {self}"
        raise BucketError(msg)

    def columns(self, days: int) -> tuple[str, ...]:
        """Return the labels of all buckets that hold a number of days: one for a partition, else none or several."""
        return tuple(bucket.label for bucket in self.buckets if bucket.holds(days))

    def __str__(self) -> str:
        return f"{self.name}: {', '.join(map(str, self.buckets))}"


def expect_buckets(value: object) -> None:
    """Assert that a value is a set of buckets, and not the name or the edges of one.

    Raises:
        BucketError: When it is something else.
    """
    if not isinstance(value, Buckets):
        made = f"Buckets.preset({value!r})" if isinstance(value, str) else "Buckets.of(0, 30, 60)"
        msg = f"buckets {value!r} are no Buckets; give a set of them, such as {made}"
        raise BucketError(msg)


def report_columns(buckets: Buckets, display: CreditDisplay) -> tuple[str, ...]:
    """Return the columns of amounts that an aging report has."""
    own = () if display is CreditDisplay.OWN_DATE else (CREDITS,)
    return (*buckets.labels, UNDATED, *own)


def _ranges(name: str, *rows: tuple[str, int | None, int | None]) -> Buckets:
    return Buckets(tuple(Bucket(*row) for row in rows), name)


def _windows(name: str, labels: Sequence[str], starts: Sequence[int]) -> Buckets:
    """Half-open windows: the first label before the first start, each next one from its start on."""
    bounds: list[int | None] = [None, *starts, None]
    rows = zip(labels, bounds[:-1], bounds[1:], strict=True)
    return Buckets(
        tuple(Bucket(it, low, None if high is None else high - 1) for it, low, high in rows), name
    )


DEFAULT = Buckets.of(0, 30, 60, 90, 120)

# What named systems do, from their sources, tests or documentation (docs, reference "Bucket conventions").
_PRESETS = {
    preset.name: preset
    for preset in (
        Buckets(DEFAULT.buckets, "default"),
        _windows("erpnext", ["not due", "0-30", "31-60", "61-90", "91-120", ">120"], [0, 31, 61, 91, 121]),
        _windows("odoo-11", ["not due", "0-30", "30-60", "60-90", "90-120", "+120"], [0, 31, 62, 93, 124]),
        _windows("odoo", ["at date", "1-30", "31-60", "61-90", "91-120", "older"], [1, 31, 61, 91, 121]),
        _windows("oca-aged", ["current", "1-30", "31-60", "61-90", "91-120", "older"], [1, 31, 61, 91, 121]),
        _windows("oca-statement", ["current", "1-30", "31-60", "61-90", "91-120", "+120"], [1, 30, 60, 90, 120]),
        _windows("tryton", ["not due", "term0", "term1", "term2", "term3"], [0, 30, 60, 90]),
        _windows("gnucash", ["Current", "0-30 days", "31-60 days", "61-90 days", "91+ days"], [0, 30, 60, 90]),
        _windows("quickbooks", ["Current", "1-30", "31-60", "61-90", ">90"], [1, 31, 61, 91]),
        _windows("invoice-ninja", ["current", "30", "60", "90", "120", "120+"], [0, 31, 61, 91, 121]),
        _windows("moqui", ["current", "period0", "period1", "period2", "period3", "remaining"], [0, 30, 60, 90, 120]),
        _windows("sage-intacct", ["not due", "0-30", "31-60", "61-90", "91-120", "121-"], [0, 31, 61, 91, 121]),
        # by document age, not by due date: use it with basis=Basis.DOCUMENT
        _windows(
            "python-accounting",
            ["current", "31-90", "91-180", "181-270", "271-365", "365+"],
            [31, 91, 181, 271, 366],
        ),
        # these lose days or count them twice, as the systems do
        _ranges("ledgersmb", ("c0", -29, 29), ("c30", 30, 59), ("c60", 60, 89), ("c90", 90, None)),
        _ranges("akaunting", ("1-30", 1, 30), ("30-60", 30, 60), ("60-90", 60, 90), ("90+", 90, None)),
        _ranges(
            "idempiere",
            ("due", None, 0), ("due0", 0, 0), ("due0_7", -7, 0), ("due0_30", -30, 0), ("due1_7", -7, -1),
            ("due8_30", -30, -8), ("due31_60", -60, -31), ("due31_plus", None, -31), ("due61_90", -90, -61),
            ("due61_plus", None, -61), ("due91_plus", None, -91), ("past_due", 1, None), ("past1_7", 1, 7),
            ("past1_30", 1, 30), ("past8_30", 8, 30), ("past31_60", 31, 60), ("past31_plus", 31, None),
            ("past61_90", 61, 90), ("past61_plus", 61, None), ("past91_plus", 91, None),
        ),
    )
}  # fmt: skip
