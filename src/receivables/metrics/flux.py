"""Why receivables moved between two days, bucket by bucket: the flux analysis, which sums exactly to the movement.

Money that stays open moves to an older bucket (rolled) or a younger one (cured: a due date put back); a customer that
changed segment is reclassified; with a company currency, what the exchange rate did stands by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from receivables.buckets import DEFAULT, UNDATED, Buckets
from receivables.errors import AmbiguousCurrency, MixedDates
from receivables.explain import Explanation
from receivables.laws import explain_agrees, parts_make_the_whole
from receivables.metrics.activity import MOVES, Activity, changes_of
from receivables.metrics.measure import exact
from receivables.money import Money, total
from receivables.open_items import OpenItem
from receivables.rates import ExchangeRates
from receivables.rounding import Rounding
from receivables.subledger import Subledger

ROLLED, CURED, RECLASSIFIED, FX = "rolled", "cured", "reclassified", "FX"
KINDS = (*MOVES, ROLLED, CURED, RECLASSIFIED, FX)
Place = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class PeriodEnd:
    """Receivables at the end of a period: the books, the day, and what was known.

    Args:
        books: The subledger.
        as_of: The last day that counts.
        known_at: Leave out what was recorded later.
    """

    books: Subledger
    as_of: date
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FluxPart:
    """What one item added to one place by one kind of movement."""

    item: str
    group: str | None
    bucket: str
    kind: str
    amount: Money


@dataclass(frozen=True, slots=True)
class FluxRow:
    """One group and bucket: what was open, what moved, what is open.

    Args:
        group: The value grouped by; None without one.
        bucket: The bucket.
        before: Open charges on the first day.
        after: Open charges on the second.
        moves: Sum by kind, in the order of `KINDS`; before + moves = after.
    """

    group: str | None
    bucket: str
    before: Money
    after: Money
    moves: tuple[tuple[str, Money], ...]


@dataclass(frozen=True, slots=True)
class Flux:
    """The flux analysis between two days.

    Args:
        start: The first day.
        end: The second.
        currency: Of every amount.
        rows: By group and bucket.
        parts: Every item's share in them.
    """

    start: date
    end: date
    currency: str
    rows: tuple[FluxRow, ...]
    parts: tuple[FluxPart, ...]

    @property
    def before(self) -> Money:
        """Open charges on the first day."""
        return total((row.before for row in self.rows), self.currency)

    @property
    def after(self) -> Money:
        """Open charges on the second day."""
        return total((row.after for row in self.rows), self.currency)

    def sum(self, kind: str, bucket: str | None = None) -> Money:
        """Return the sum of a kind of movement, of one bucket or all."""
        rows = [row for row in self.rows if bucket in (None, row.bucket)]
        return total((dict(row.moves)[kind] for row in rows), self.currency)

    def explain(self) -> Explanation:
        """Return the later balance from the earlier one, kind by kind, item by item (law: Explain agrees)."""
        kinds = []
        for kind in KINDS:
            parts = [it for it in self.parts if it.kind == kind and it.amount]
            if parts:
                lines = (
                    Explanation(f"{it.item}, {it.bucket}", it.amount.amount, self.currency)
                    for it in parts
                )
                kinds.append(Explanation(kind, self.sum(kind).amount, self.currency, tuple(lines)))
        start = Explanation(f"open on {self.start}", self.before.amount, self.currency)
        text = f"open charges in {self.currency} on {self.end}"
        return explain_agrees(Explanation(text, self.after.amount, self.currency, (start, *kinds)))


def compare(
    before: PeriodEnd,
    after: PeriodEnd,
    *,
    currency: str,
    buckets: Buckets = DEFAULT,
    by: str | None = None,
    rates: ExchangeRates | None = None,
) -> Flux:
    """Return how open charges came from one period's end to another's.

    Args:
        before: The earlier day.
        after: The later day.
        currency: Whose amounts; with `rates`, the company's currency, and items of every currency count.
        buckets: Where items stand, by days past due.
        by: An attribute to group by, such as `segment`.
        rates: Exchange rates; movements are valued at the later day's rate, and what the rate did to the rest is `FX`.

    Raises:
        MixedDates: When the days are not in order.
        RateNotFound: When a rate is missing on one of the days.
    """
    if after.as_of <= before.as_of:
        msg = f"compare {before.as_of} with {after.as_of}: the second day must be later"
        raise MixedDates(msg)
    differ = _Comparison(before, after, currency, buckets, by, rates)
    parts = tuple(differ.parts())
    sums: dict[Place, dict[str, Money]] = defaultdict(dict)
    for part in parts:
        at = sums[part.group, part.bucket]
        at[part.kind] = at.get(part.kind, Money.zero(currency)) + part.amount
    order = (*buckets.labels, UNDATED)
    rows = []
    for group, bucket in sorted(sums, key=lambda it: (it[0] or "", order.index(it[1]))):
        held = sums[group, bucket]
        none = Money.zero(currency)
        moves = tuple((kind, held.get(kind, none)) for kind in KINDS)
        opened, closed = held.get("before", none), held.get("after", none)
        moved = (opened, *(it for _, it in moves))
        parts_make_the_whole(closed, moved, f"the movements of {group or 'all'}, {bucket}")
        rows.append(FluxRow(group, bucket, opened, closed, moves))
    kept = tuple(part for part in parts if part.kind in KINDS)
    return Flux(before.as_of, after.as_of, currency, tuple(rows), kept)


class _Comparison:
    """Two days side by side, item by item."""

    def __init__(
        self,
        before: PeriodEnd,
        after: PeriodEnd,
        currency: str,
        buckets: Buckets,
        by: str | None,
        rates: ExchangeRates | None,
    ) -> None:
        self._after, self._currency, self._buckets = after, currency, buckets
        self._by, self._rates, self._start = by, rates, before.as_of
        self._was, self._is = self._items(before), self._items(after)
        self._books = after.books

    def parts(self) -> Iterator[FluxPart]:
        for name in dict.fromkeys((*self._was, *self._is)):
            was, is_ = self._was.get(name), self._is.get(name)
            if (was and was.open_amount) or (is_ and (is_.open_amount or was is None)) or self._moved(was, is_):  # fmt: skip
                yield from self._of(name, was, is_)

    def _of(self, name: str, was: OpenItem | None, is_: OpenItem | None) -> Iterator[FluxPart]:
        first = was or is_
        last = is_ or was
        if first is None or last is None:
            return
        home, away = self._place(first), self._place(last)
        opened = self._value(was.open_amount, self._start) if was else Money.zero(self._currency)
        closed = (
            self._value(is_.open_amount, self._after.as_of) if is_ else Money.zero(self._currency)
        )
        yield FluxPart(name, *home, "before", opened)
        left = closed - opened
        for change in changes_of(self._books, was, is_, self._after.as_of):
            amount = self._value(change.amount, self._after.as_of)
            left -= amount
            yield FluxPart(name, *home, change.kind, amount)
        if left:
            yield FluxPart(name, *home, FX, left)
        if closed and home[0] != away[0]:
            yield FluxPart(name, *home, RECLASSIFIED, -closed)
            home = (away[0], home[1])
            yield FluxPart(name, *home, RECLASSIFIED, closed)
        if closed and home[1] != away[1]:
            order = (*self._buckets.labels, UNDATED)
            kind = ROLLED if order.index(away[1]) > order.index(home[1]) else CURED
            yield FluxPart(name, *home, kind, -closed)
            yield FluxPart(name, *away, kind, closed)
        yield FluxPart(name, *away, "after", closed)

    def _moved(self, was: OpenItem | None, is_: OpenItem | None) -> bool:
        return was is not None and is_ is not None and was.movements != is_.movements

    def _items(self, end: PeriodEnd) -> dict[str, OpenItem]:
        items = end.books.items(as_of=end.as_of, known_at=end.known_at)
        return {
            it.id: it
            for it in items
            if not it.is_credit and (self._rates is not None or it.currency == self._currency)
        }

    def _place(self, item: OpenItem) -> Place:
        days = item.days_past_due
        bucket = UNDATED if days is None else self._buckets.label(days)
        return (item.attribute(self._by) if self._by else None), bucket

    def _value(self, amount: Money, on: date) -> Money:
        if self._rates is None:
            return amount
        return self._rates.convert(amount, self._currency, on=on, rounding=Rounding.HALF_UP)


@dataclass(frozen=True, slots=True)
class DsoBridge:
    """Why DSO moved between two periods: past due, not past due, and sales a day; the steps sum to the change.

    Args:
        before: DSO of the earlier period.
        after: DSO of the later one.
        past_due: Days from the change of what is past due, at the later period's sales a day.
        current: Days from the change of what is not past due.
        pace: Days from the change of sales a day, at the earlier period's receivables.
    """

    before: Fraction
    after: Fraction
    past_due: Fraction
    current: Fraction
    pace: Fraction

    def explain(self) -> Explanation:
        """Return the later DSO from the earlier one; each step is a difference of rounded sums, so they add up."""
        steps = (
            ("change of what is past due", self.past_due),
            ("change of what is not past due", self.current),
            ("change of sales a day", self.pace),
        )
        reached, shown = self.before, Rounding.HALF_UP.apply(self.before, 2)
        parts = [Explanation("DSO of the earlier period", shown, "days")]
        for text, step in steps:
            reached += step
            then = Rounding.HALF_UP.apply(reached, 2)
            parts.append(Explanation(text, then - shown, "days"))
            shown = then
        return explain_agrees(Explanation("DSO of the later period", shown, "days", tuple(parts)))


def dso_bridge(before: Activity, after: Activity) -> DsoBridge | None:
    """Return why DSO moved from one period to another; None when one of them has no sales.

    Raises:
        AmbiguousCurrency: When the periods are of two currencies.
    """
    if before.currency != after.currency:
        msg = f"periods in {before.currency} and {after.currency} cannot be compared; measure both in one currency"
        raise AmbiguousCurrency(msg)
    if before.sales.amount <= 0 or after.sales.amount <= 0:
        return None
    slow = Fraction(before.days) / exact(before.sales)
    fast = Fraction(after.days) / exact(after.sales)
    owed, owes = exact(before.closing), exact(after.closing)
    fresh = exact(after.current) - exact(before.current)
    return DsoBridge(
        owed * slow, owes * fast, (owes - owed - fresh) * fast, fresh * fast, owed * (fast - slow)
    )
