"""How an aging report leaves the command line: a table to look at, CSV, JSON or an HTML page."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from io import StringIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from receivables.adapters.csv.texts import escaped
from receivables.adapters.tally import Tally
from receivables.aging import AgingReport, AgingRow
from receivables.buckets import CREDITS, UNDATED
from receivables.money import Money
from receivables.problems import Problem

_WIDEST = 10_000


def as_json(report: AgingReport, tally: Tally, problems: Iterable[Problem]) -> str:
    """Return the report as JSON, amounts as text with the currency's decimals."""
    told = [
        {"code": it.code, "where": it.where, "severity": it.severity, "message": it.message}
        for it in problems
    ]
    tree = {**report.to_dict(), "input": tally.to_dict(), "problems": told}
    return json.dumps(tree, ensure_ascii=False, indent=2) + "\n"


def as_csv(report: AgingReport) -> str:
    """Return the rows as CSV: one a group and currency, amounts as plain numbers."""
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    by = [name for name in report.by if name != "currency"]  # it has a column of its own
    writer.writerow(
        [*(escaped(name) for name in by), "currency", "total", "items", *report.columns]
    )
    for row in report.rows:
        keys = [escaped(row[name] or "") for name in by]
        amounts = [f"{amount.amount:f}" for amount in row.amounts]
        writer.writerow([*keys, row.currency, f"{row.total.amount:f}", row.items, *amounts])
    return buffer.getvalue()


def show(report: AgingReport, footer: Iterable[str], console: Console) -> None:
    """Print the report as a table with its tie-out below."""
    columns = _shown(report)
    table = Table(
        title=f"Aging as of {report.as_of}, from {report.basis.value} date",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        header_style="bold",
        row_styles=("", "dim") if len(report.rows) > 8 else ("",),  # noqa: PLR2004 - stripes help in long tables
        show_footer=False,
        pad_edge=False,
    )
    by = [name for name in report.by if name != "currency"]
    for name in by:
        table.add_column(name.replace("_", " "), no_wrap=True, overflow="ellipsis", min_width=8)
    table.add_column("currency", no_wrap=True)
    table.add_column("items", justify="right", no_wrap=True)
    for name in (*columns, "total"):
        table.add_column(
            name, justify="right", no_wrap=True, style="bold" if name == "total" else ""
        )
    for row in report.rows:
        table.add_row(*_cells(row, columns, [row[name] or "none" for name in by]))
    table.add_section()
    for row in report.totals:
        heads = ["total", *[""] * (len(by) - 1)] if by else []
        table.add_row(*_cells(row, columns, heads), style="bold not dim")
    width = Console(width=_WIDEST).measure(table).maximum  # figures are never cut
    console.width = max(console.width, width)
    console.print(table)
    for line in footer:
        console.print(Text(line, style="green" if " 0 quarantined" in line else "yellow"))


def _shown(report: AgingReport) -> tuple[str, ...]:
    """Leave out the columns for undated items and credits where there are none."""
    held = {
        name
        for row in report.totals
        for name, amount in zip(row.columns, row.amounts, strict=True)
        if amount
    }
    return tuple(name for name in report.columns if name not in {UNDATED, CREDITS} or name in held)


def _cells(row: AgingRow, columns: Sequence[str], heads: Sequence[str]) -> list[Text]:
    return [
        *map(Text, heads),
        Text(row.currency),
        Text(f"{row.items:,}"),
        *(_amount(row[name]) for name in columns),
        _amount(row.total),
    ]


def _amount(amount: Money) -> Text:
    if not amount:
        return Text("–", style="dim")
    return Text(f"{amount.amount:,f}", style="red" if amount.amount < 0 else "")
