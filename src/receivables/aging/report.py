"""The aging report as values: rows and totals, each with the parts it was summed from.

Everything here was computed by `age`; the methods look up and format, they never calculate anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from receivables.aging import chart, views
from receivables.buckets import Basis, Buckets, CreditDisplay
from receivables.errors import AmbiguousCurrency, NoSuchColumn
from receivables.explain import Explanation
from receivables.facts.wording import spoken
from receivables.laws import explain_agrees
from receivables.money import Money
from receivables.open_items import OpenItem

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class Part:
    """What one item, or a share of it, put into one column.

    Args:
        item: The open item.
        column: The bucket, `undated` or `credits`.
        amount: Its amount there, in the document currency.
        days: The days it was aged by; None when undated.
        note: Why it stands there, when that is not plain.
    """

    item: OpenItem
    column: str
    amount: Money
    days: int | None
    note: str = ""

    def explain(self) -> Explanation:
        """Return the item's own explanation, or a line that says which share of it stands here."""
        if self.amount == self.item.open_amount and not self.note:
            return self.item.explain()
        text = f"{self.amount} of {spoken(self.item.kind)} {self.item.id} {self.note}".rstrip()
        behind = (
            Explanation(f"of which: {line}") for line in str(self.item.explain()).splitlines()
        )
        return Explanation(text, self.amount.amount, self.amount.currency, tuple(behind))


@dataclass(frozen=True, slots=True)
class Valuation:
    """The same row in the company's currency.

    Args:
        at: `booking rate` or `as-of rate`.
        amounts: One a column, in the report's order.
        total: Their sum.
        missing: Items left out because they carry no amount at the booking rate.
    """

    at: Literal["booking rate", "as-of rate"]
    amounts: tuple[Money, ...]
    total: Money
    missing: int = 0


@dataclass(frozen=True, slots=True)
class AgingRow:
    """One group in one currency: what is open in each column, and what it is made of.

    Args:
        keys: Name and value of what the report is grouped by; empty for a total.
        currency: The document currency.
        columns: The columns' names.
        amounts: One a column; they sum to `total` (law: Buckets tie).
        total: What is open.
        items: How many open items.
        not_past_due: Charges not due yet, due today, or undated: the current portfolio.
        past_due: Charges due before the as-of date.
        credits: Credit memos and unused payments, wherever they are displayed; negative.
        weighted_days: Days past due of the past-due charges weighted by amount, rounded half up to two decimals;
            None when nothing is past due.
        parts: What each item put where.
        company: The row in the company's currency, at each rate asked for.
    """

    keys: tuple[tuple[str, str | None], ...]
    currency: str
    columns: tuple[str, ...]
    amounts: tuple[Money, ...]
    total: Money
    items: int
    not_past_due: Money
    past_due: Money
    credits: Money
    weighted_days: Decimal | None
    parts: tuple[Part, ...]
    company: tuple[Valuation, ...] = ()

    def __getitem__(self, column: str) -> Any:
        """Return a cell by name: a bucket, `total`, `currency`, `items`, or what the report is grouped by.

        Raises:
            NoSuchColumn: For any other name.
        """
        cells = views.cells(self)
        if column not in cells:
            msg = f"no column {column!r}; there are {', '.join(cells)}"
            raise NoSuchColumn(msg)
        return cells[column]

    def explain(self, column: str | None = None) -> Explanation:
        """Return the items behind a column, or behind the total (law: Explain agrees).

        Raises:
            NoSuchColumn: For a name that is no column of amounts.
        """
        if column is not None and column not in self.columns:
            msg = f"no column {column!r} to explain; there are {', '.join(self.columns)}"
            raise NoSuchColumn(msg)
        amount: Money = self["total" if column is None else column]
        parts = [part for part in self.parts if column in (None, part.column)]
        who = ", ".join(f"{name} {value or 'none'}" for name, value in self.keys) or "all"
        count = f"{len(parts)} item{'' if len(parts) == 1 else 's'}"
        text = f"{who}, {column or 'total'}, {count}"
        return Explanation(
            text, amount.amount, self.currency, tuple(part.explain() for part in parts)
        )


@dataclass(frozen=True, slots=True, repr=False)
class AgingReport:
    """Open items by group, currency and bucket, as of a date.

    Args:
        as_of: The last day that counted.
        by: What the rows are grouped by.
        buckets: The bucket convention.
        basis: The date items were aged from.
        credits: Where credits are shown.
        columns: The columns: the buckets, then `undated` and `credits`.
        rows: One a group and currency, sorted by group.
        totals: One a currency.
        company_totals: The whole in the company's currency, at each rate asked for.
    """

    as_of: date
    by: tuple[str, ...]
    buckets: Buckets
    basis: Basis
    credits: CreditDisplay
    columns: tuple[str, ...]
    rows: tuple[AgingRow, ...]
    totals: tuple[AgingRow, ...]
    company_totals: tuple[Valuation, ...] = ()

    def row(self, *values: str | None, currency: str | None = None) -> AgingRow:
        """Return the row of a group, such as `report.row("C001")`; with no values, the total.

        Raises:
            NoSuchColumn: When there is no such row.
            AmbiguousCurrency: When it has several currencies and none is named.
        """
        rows = self.rows if values else self.totals
        wanted = list(values)
        found = [
            row
            for row in rows
            if [value for _, value in row.keys] == wanted and currency in (None, row.currency)
        ]
        if not found:
            where = f" in {currency}" if currency else ""
            msg = f"no row {', '.join(map(str, values)) or 'total'}{where}; rows are grouped by {', '.join(self.by)}"
            raise NoSuchColumn(msg)
        if len(found) > 1:
            msg = f"{', '.join(map(str, values)) or 'the total'} is open in {', '.join(row.currency for row in found)}; name the currency"
            raise AmbiguousCurrency(msg)
        return found[0]

    def explain(self, *path: str, currency: str | None = None) -> Explanation:
        """Return what a figure is made of, down to facts with ids and dates.

        Args:
            path: The group's values, and the bucket if only one is meant: `report.explain("C001", "31-60")`.
            currency: Needed when the group is open in several.
        """
        values, column = path[: len(self.by)], path[len(self.by) :]
        if len(column) > 1 or (values and len(values) < len(self.by)):
            msg = f"explain takes {', '.join(self.by)} and then a bucket; got {', '.join(path)}"
            raise NoSuchColumn(msg)
        explanation = self.row(*values, currency=currency).explain(*column)
        return explain_agrees(explanation) if self.buckets.is_partition else explanation

    def to_frame(self, backend: views.Backend = "pandas") -> Any:
        """Return the rows as a data frame, amounts as exact decimals.

        Raises:
            MissingExtra: When the library asked for is not installed.
        """
        return views.to_frame(self, backend)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values, amounts as text with the currency's decimals, ready for JSON."""
        return views.to_dict(self)

    def to_html(self) -> str:
        """Return the report as a complete HTML page."""
        return views.page(self)

    def plot(self, *, currency: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw one stacked bar a group, readable in greyscale; needs the extra `plot`.

        Raises:
            AmbiguousCurrency: When the report has several currencies and none is named.
            MissingExtra: When matplotlib is not installed.
        """
        return chart.plot(self, self.row(currency=currency).currency, ax)

    def __repr__(self) -> str:
        return f"<AgingReport as of {self.as_of} by {', '.join(self.by)}: {len(self.rows)} rows>"

    def _repr_html_(self) -> str:
        return views.table(self)

    def __str__(self) -> str:
        return views.text(self)
