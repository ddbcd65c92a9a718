"""What happened to receivables in a period: from the opening to the closing balance, every movement named.

Receivables are open charges; credits and unapplied payments are shown apart. The roll-forward closes to the cent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum
from fractions import Fraction

from receivables.explain import Explanation
from receivables.facts import Allocation, CreditMemo, Payment, Use, WriteOff
from receivables.laws import parts_make_the_whole
from receivables.metrics.figures import check_period
from receivables.money import Money, total
from receivables.open_items import OpenItem
from receivables.rounding import Rounding
from receivables.subledger import Subledger

COLLECTED, CREDITED, WRITTEN_OFF, ADJUSTED = "collected", "credited", "written off", "adjusted"
NEW, CANCELLED = "new", "cancelled"
MOVES = (NEW, COLLECTED, CREDITED, WRITTEN_OFF, ADJUSTED, CANCELLED)


class AmountBasis(Enum):
    """Whether amounts count with the VAT in them; sales and receivables are always on one basis."""

    GROSS = "gross"
    NET = "net"


@dataclass(frozen=True, slots=True)
class Change:
    """One movement of one charge in a period: its kind, its day, and what it added to what is open.

    Args:
        item: The charge, as it was at the end, or at the beginning when it was cancelled.
        kind: `new`, `collected`, `credited`, `written off`, `adjusted` or `cancelled`.
        amount: What it added: negative when it took off. A reversed payment adds to `collected`.
        on: The day; the end of the period for what ended.
    """

    item: OpenItem
    kind: str
    amount: Money
    on: date


@dataclass(frozen=True, slots=True)
class Activity:
    """Receivables of one currency over a period.

    Args:
        start: First day.
        end: Last day.
        currency: Whose amounts.
        begin: Open charges at the end of the day before `start`.
        closing: Open charges at the end of `end`.
        current: What of the closing is not past due: due on `end` or later, or undated.
        sales: Charges posted in the period less credit memos posted in it.
        sales_by_month: Sales of each month there were any, up to the end, oldest first.
        changes: Every movement.
        opened: The open charges at the end.
        credits: Credit memos and payments open at the end; negative.
        settled: The charges fully settled in the period, with the day.
    """

    start: date
    end: date
    currency: str
    begin: Money
    closing: Money
    current: Money
    sales: Money
    sales_by_month: tuple[tuple[str, Money], ...]
    changes: tuple[Change, ...]
    opened: tuple[OpenItem, ...]
    credits: Money
    settled: tuple[tuple[OpenItem, date], ...]

    @property
    def days(self) -> int:
        """How many days the period has, both ends included."""
        return (self.end - self.start).days + 1

    @property
    def cash(self) -> Money:
        """What payments took off charges in the period."""
        return -self.sum(COLLECTED)

    def sum(self, kind: str) -> Money:
        """Return the sum of the movements of a kind."""
        return total((it.amount for it in self.changes if it.kind == kind), self.currency)

    def explain(self) -> Explanation:
        """Return the closing balance from the opening one (law: Movements make the balance)."""
        sums = ((kind, self.sum(kind)) for kind in MOVES)
        parts = [Explanation(f"open before {self.start}", self.begin.amount, self.currency)]
        parts += [Explanation(kind, it.amount, self.currency) for kind, it in sums if it]
        text = f"receivables in {self.currency} on {self.end}"
        return Explanation(text, self.closing.amount, self.currency, tuple(parts))


def activity(
    books: Subledger,
    start: date,
    end: date,
    *,
    currency: str,
    basis: AmountBasis = AmountBasis.GROSS,
    known_at: datetime | None = None,
) -> Activity:
    """Return what happened to receivables from one day to another, both included.

    Args:
        books: The subledger.
        start: First day.
        end: Last day: the as-of date of every balance.
        currency: Whose amounts.
        basis: Gross, or net of the taxes that documents carry; a document without tax lines is its own net amount.
        known_at: Leave out what was recorded later.

    Raises:
        MixedDates: When the end is before the start.
    """
    check_period(start, end)
    posted = books.items(as_of=end, known_at=known_at)
    earlier = books.items(as_of=start - timedelta(days=1), known_at=known_at)
    if basis is AmountBasis.NET:
        posted, earlier = tuple(map(net_of_taxes, posted)), tuple(map(net_of_taxes, earlier))
    before = _charges(earlier, currency)
    after = _charges(posted, currency)
    changes = tuple(
        change
        for name in dict.fromkeys((*before, *after))
        for change in changes_of(books, before.get(name), after.get(name), end)
    )
    begin = total((it.open_amount for it in before.values()), currency)
    opened = tuple(it for it in after.values() if it.open_amount)
    closing = total((it.open_amount for it in opened), currency)
    parts = (begin, *(it.amount for it in changes))
    parts_make_the_whole(closing, parts, f"the movements of receivables to {end}")
    late = (it.days_past_due for it in opened)
    current = total(
        (it.open_amount for it, days in zip(opened, late, strict=True) if (days or 0) <= 0),
        currency,
    )
    unused = total(
        (it.open_amount for it in posted if it.is_credit and it.currency == currency), currency
    )
    by_month, sold = _sales(posted, start, end, currency)
    settled = tuple(_settled(books, before, after, start))
    return Activity(
        start, end, currency, begin, closing, current, sold, by_month, changes, opened, unused, settled
    )  # fmt: skip


def sales(
    books: Subledger,
    start: date,
    end: date,
    *,
    currency: str,
    known_at: datetime | None = None,
) -> Money:
    """Return the credit sales of a period: charges less credit memos posted in it and not reversed by its end."""
    return _sales(books.items(as_of=end, known_at=known_at), start, end, currency)[1]


def _sales(
    posted: Iterable[OpenItem], start: date, end: date, currency: str
) -> tuple[tuple[tuple[str, Money], ...], Money]:
    """Return the sales of every month up to the end, oldest first, and those of the period."""
    months: dict[str, Money] = {}
    found = none = Money.zero(currency)
    for item in posted:
        if item.currency != currency or isinstance(item.document, Payment):
            continue
        name = f"{item.posting_date:%Y-%m}"
        months[name] = months.get(name, none) + item.amount
        if start <= item.posting_date <= end:
            found += item.amount
    return tuple(sorted(months.items())), found


def net_of_taxes(item: OpenItem) -> OpenItem:
    """Return an item in net amounts: each balance is rounded half up, so what is settled stays settled."""
    document = item.document
    if isinstance(document, Payment) or not document.taxes:
        return item
    share = Fraction(document.net.amount) / Fraction(document.amount.amount)
    gross = item.amount
    net = shown = gross.times(share, Rounding.HALF_UP)
    movements = []
    for movement in item.movements:
        gross += movement.amount
        then = gross.times(share, Rounding.HALF_UP)
        movements.append(replace(movement, amount=then - shown))
        shown = then
    return replace(item, amount=net, open_amount=shown, movements=tuple(movements))


def changes_of(
    books: Subledger, before: OpenItem | None, after: OpenItem | None, end: date
) -> Iterator[Change]:
    """Yield what happened to one charge between two days; the amounts sum to the change of what is open."""
    if after is None:
        if before is not None and before.open_amount:
            yield Change(before, CANCELLED, -before.open_amount, end)
        return
    if before is None:
        yield Change(after, NEW, after.amount, after.posting_date)
    then = {it.use.id: it for it in before.movements} if before else {}
    now = {it.use.id: it for it in after.movements}
    for name in dict.fromkeys((*then, *now)):
        was, is_ = then.get(name), now.get(name)
        moved = (is_.amount if is_ else Money.zero(after.currency)) - (
            was.amount if was else Money.zero(after.currency)
        )
        found = is_ or was
        if moved and found is not None:
            yield Change(after, kind_of(books, found.use), moved, is_.on if is_ else end)


def kind_of(books: Subledger, use: Use) -> str:
    """Return what a use does to a charge: `collected`, `credited`, `written off` or `adjusted`."""
    if isinstance(use, Allocation):
        return CREDITED if isinstance(books.fact(use.source), CreditMemo) else COLLECTED
    return WRITTEN_OFF if isinstance(use, WriteOff) else ADJUSTED


def _charges(items: Iterable[OpenItem], currency: str) -> dict[str, OpenItem]:
    return {it.id: it for it in items if not it.is_credit and it.currency == currency}


def _settled(
    books: Subledger, before: dict[str, OpenItem], after: dict[str, OpenItem], start: date
) -> Iterator[tuple[OpenItem, date]]:
    for name, item in after.items():
        was = before.get(name)
        if item.open_amount or not item.movements or (was is not None and not was.open_amount):
            continue
        last = max(item.movements, key=lambda it: it.on)
        if last.on >= start and kind_of(books, last.use) == COLLECTED:
            yield item, last.on
