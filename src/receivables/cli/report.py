"""How an aging report leaves the command line: a table to look at, CSV, JSON or an HTML page."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any

from rich.text import Text

from receivables.adapters.csv.texts import escaped
from receivables.adapters.tally import Tally
from receivables.aging import AgingReport, AgingRow
from receivables.buckets import CREDITS, UNDATED
from receivables.cli.layout import NONE, Column, Grid, figure, rendered
from receivables.cli.output import as_json
from receivables.cli.reading import in_order
from receivables.money import Money
from receivables.problems import Problem

_TIES = re.compile(r"\+ 0(\.0+)? quarantined$")
FORMS = ("table", "csv", "json", "html")


def text(
    report: AgingReport,
    how: str,
    tree: Mapping[str, Any],
    footer: Sequence[str],
    *,
    to_screen: bool,
) -> str:
    """Return a report in one of the forms.

    Args:
        report: The report.
        how: One of `FORMS`.
        tree: What JSON gets.
        footer: How the rows tie, below a table.
        to_screen: True when it goes to standard output.
    """
    match how:
        case "json":
            return as_json(tree)
        case "csv":
            return as_csv(report)
        case "html":
            return report.to_html()
        case _:
            lines = [Text(it, "green" if _TIES.search(it) else "yellow") for it in footer]
            return rendered(grid(report), lines, to_screen=to_screen)


def tree_of(report: AgingReport, tally: Tally, problems: Iterable[Problem]) -> dict[str, Any]:
    """Return the report as plain values, amounts as text with the currency's decimals."""
    told = [
        {"code": it.code, "where": it.where, "severity": it.severity, "message": it.message}
        for it in in_order(problems)
    ]
    return {**report.to_dict(), "input": tally.to_dict(), "problems": told}


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


def grid(report: AgingReport) -> Grid:
    """Return the report as a table; columns for undated items and credits are there where such items are."""
    shown = _shown(report)
    by = [name for name in report.by if name != "currency"]
    columns = [
        *(Column(name.replace("_", " ")) for name in by),
        Column("currency"),
        Column("items", figure=True),
        *(Column(name, figure=True, optional=True) for name in shown),
        Column("total", figure=True),
    ]
    rows = [_cells(row, shown, [row[name] or "none" for name in by]) for row in report.rows]
    heads = ["total", *[""] * (len(by) - 1)] if by else []
    totals = [_cells(row, shown, heads) for row in report.totals]
    return Grid(
        f"Aging as of {report.as_of}, from {report.basis.value} date", columns, rows, totals
    )


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
    return figure(amount.amount) if amount else Text(NONE, style="dim")
