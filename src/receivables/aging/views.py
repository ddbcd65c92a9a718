"""How an aging report is shown: plain values, text, HTML, data frames and a chart. Nothing is calculated here."""

from __future__ import annotations

from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from receivables.errors import MissingExtra
from receivables.money import Money

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from receivables.aging.report import AgingReport, AgingRow

Backend = Literal["pandas", "polars", "pyarrow"]

_STYLE = (
    "body{font-family:system-ui,sans-serif;margin:2rem;color:#1a1a1a}"
    ".aging{border-collapse:collapse;font-variant-numeric:tabular-nums}"
    ".aging caption{text-align:left;padding:.4rem 0;font-weight:600}"
    ".aging th,.aging td{padding:.25rem .7rem;text-align:right;border-bottom:1px solid #ddd}"
    ".aging th:first-child,.aging td:first-child{text-align:left}"
    ".aging tfoot td{font-weight:600;border-top:2px solid #444}"
)


def cells(row: AgingRow) -> dict[str, Any]:
    """Return a row as named cells: what it is grouped by, currency, total, items, then the columns."""
    head: dict[str, Any] = {
        **dict(row.keys),
        "currency": row.currency,
        "total": row.total,
        "items": row.items,
    }
    return {**head, **dict(zip(row.columns, row.amounts, strict=True))}


def company_cells(row: AgingRow) -> dict[str, Any]:
    """Return a row's totals in the company's currency as named cells, one a rate."""
    return {f"total {it.total.currency} at {it.at}": it.total for it in row.company}


def to_dict(report: AgingReport) -> dict[str, Any]:
    """Return the report as plain values, amounts as text with the currency's decimals."""
    return {
        "as_of": report.as_of.isoformat(),
        "by": list(report.by),
        "basis": report.basis.value,
        "buckets": list(report.columns),
        "rows": [_plain(row) for row in report.rows],
        "totals": [_plain(row) for row in report.totals],
    }


def to_frame(report: AgingReport, backend: Backend) -> Any:
    """Return the rows in a data frame library, amounts as exact decimals."""
    rows = [{**cells(row), **company_cells(row)} for row in report.rows]
    records = [{name: _exact(value) for name, value in row.items()} for row in rows]
    names = (
        list(rows[0])
        if rows
        else list(dict.fromkeys((*report.by, "currency", "total", "items", *report.columns)))
    )
    data = {name: [record[name] for record in records] for name in names}
    library = _library(backend, backend)
    if backend == "pyarrow":
        return library.table(data)
    return library.DataFrame(data)


def table(report: AgingReport) -> str:
    """Return the report as one HTML table, its figures aligned and its texts escaped."""
    names = _shown(report)
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "".join(f"<tr>{_html_cells(row, names)}</tr>" for row in report.rows)
    foot = "".join(f"<tr>{_html_cells(row, names)}</tr>" for row in report.totals)
    caption = f"<caption>Aging as of {report.as_of}, by {escape(', '.join(report.by))}, from {report.basis.value}</caption>"
    style = f"<style>{_STYLE}</style>"
    return f'{style}<table class="aging">{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody><tfoot>{foot}</tfoot></table>'


def page(report: AgingReport) -> str:
    """Return the report as a complete HTML page."""
    head = f'<meta charset="utf-8"><title>Aging as of {report.as_of}</title>'
    return (
        f'<!doctype html><html lang="en"><head>{head}</head><body>{table(report)}</body></html>\n'
    )


def text(report: AgingReport) -> str:
    """Return the report as an aligned plain-text table."""
    names = _shown(report)
    lines = [
        names,
        *([_text_cell(row, name) for name in names] for row in (*report.rows, *report.totals)),
    ]
    widths = [max(len(line[index]) for line in lines) for index in range(len(names))]
    left = len({*report.by, "currency"})
    return "\n".join(
        "  ".join(
            cell.ljust(width) if index < left else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def plot(report: AgingReport, currency: str, ax: Axes | None) -> Axes:
    """Draw one stacked bar a group; the fills differ in lightness and hatch, so they survive greyscale."""
    pyplot = _library("matplotlib.pyplot", "plot")
    axes: Axes = ax if ax is not None else pyplot.subplots(figsize=(9, 4.5))[1]
    rows = [row for row in report.rows if row.currency == currency]
    names = [", ".join(value or "none" for _, value in row.keys) for row in rows]
    up, down = [0.0] * len(rows), [0.0] * len(rows)
    hatches = ("", "//", "", "\\\\", "", "xx", "", "..")
    for index, column in enumerate(report.columns):
        heights = [
            float(row[column].amount) for row in rows
        ]  # for ink only; no figure is read back from it
        base = [
            low if height < 0 else high for height, high, low in zip(heights, up, down, strict=True)
        ]
        shade = str(0.92 - 0.8 * index / max(len(report.columns) - 1, 1))
        axes.bar(names, heights, bottom=base, label=column, color=shade, edgecolor="black", linewidth=0.5,
                 hatch=hatches[index % len(hatches)])  # fmt: skip
        up = [high + max(height, 0) for height, high in zip(heights, up, strict=True)]
        down = [low + min(height, 0) for height, low in zip(heights, down, strict=True)]
    axes.set_title(f"Aging as of {report.as_of}")
    axes.set_ylabel(currency)
    axes.legend(title="days past due", loc="upper left", bbox_to_anchor=(1.0, 1.0))
    axes.tick_params(axis="x", labelrotation=45)
    return axes


def _plain(row: AgingRow) -> dict[str, Any]:
    figures = {"items": row.items, "not_past_due": row.not_past_due, "past_due": row.past_due,
               "weighted_days": None if row.weighted_days is None else f"{row.weighted_days:f}"}  # fmt: skip
    company = [
        {"at": it.at, "currency": it.total.currency, "missing": it.missing, "total": f"{it.total.amount:f}",
         **{name: f"{amount.amount:f}" for name, amount in zip(row.columns, it.amounts, strict=True)}}
        for it in row.company
    ]  # fmt: skip
    plain = {name: f"{value.amount:f}" if isinstance(value, Money) else value
             for name, value in {**cells(row), **figures}.items()}  # fmt: skip
    return {**plain, "company": company} if company else plain


def _shown(report: AgingReport) -> list[str]:
    company = company_cells(report.totals[0]) if report.totals else {}
    return list(dict.fromkeys((*report.by, "currency", *report.columns, "total", *company)))


def _exact(value: Any) -> Any:
    return value.amount if isinstance(value, Money) else value


def _text_cell(row: AgingRow, name: str) -> str:
    value = {**cells(row), **company_cells(row)}.get(name)
    if isinstance(value, Money):
        return f"{value.amount:,f}" if value else "-"
    return str(value) if value is not None else ("total" if not row.keys else "none")


def _html_cells(row: AgingRow, names: list[str]) -> str:
    return "".join(f"<td>{escape(_text_cell(row, name))}</td>" for name in names)


def _library(module: str, extra: str) -> Any:
    try:
        return import_module(module)
    except ImportError:
        name = "parquet" if extra == "pyarrow" else extra
        msg = f"{module} is not installed; install it with the extra: pip install 'receivables[{name}]'"
        raise MissingExtra(msg) from None
