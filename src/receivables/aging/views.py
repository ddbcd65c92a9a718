"""How an aging report is shown: plain values, text, HTML and data frames. Nothing is calculated here."""

from __future__ import annotations

from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from receivables.errors import MissingExtra
from receivables.money import Money

if TYPE_CHECKING:
    from receivables.aging.report import AgingReport, AgingRow

Backend = Literal["pandas", "polars", "pyarrow"]

_PAGE_STYLE = "body{font-family:system-ui,sans-serif;margin:2rem;color:#1a1a1a}"
_STYLE = (
    ".aging{border-collapse:collapse;font-variant-numeric:tabular-nums}"
    ".aging caption{text-align:left;padding:.4rem 0;font-weight:600}"
    ".aging th,.aging td{padding:.25rem .7rem;text-align:right;border-bottom:1px solid #ddd}"
    ".aging .key{text-align:left}"
    ".aging tfoot td{font-weight:600}.aging tfoot tr:first-child td{border-top:2px solid #444}"
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
    found = library(backend, backend)
    return found.table(data) if backend == "pyarrow" else found.DataFrame(data)


def table(report: AgingReport) -> str:
    """Return the report as one HTML table, its figures aligned and its texts escaped."""
    names, keys = _shown(report), _keys(report)
    head = "".join(f"<th{_class(name in keys)}>{escape(name)}</th>" for name in names)
    body = "".join(f"<tr>{_html_cells(row, names, keys)}</tr>" for row in report.rows)
    foot = "".join(f"<tr>{_html_cells(row, names, keys)}</tr>" for row in report.totals)
    parts = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody><tfoot>{foot}</tfoot>"
    caption = f"<caption>{escape(title(report))}</caption>"
    return f'<style>{_STYLE}</style><table class="aging">{caption}{parts}</table>'


def page(report: AgingReport) -> str:
    """Return the report as a complete HTML page."""
    style = f"<style>{_PAGE_STYLE}</style>"
    head = f'<meta charset="utf-8"><title>Aging as of {report.as_of}</title>{style}'
    return (
        f'<!doctype html><html lang="en"><head>{head}</head><body>{table(report)}</body></html>\n'
    )


def title(report: AgingReport) -> str:
    """Return what the report is: its date, grouping, basis, buckets and where credits stand."""
    by = f", by {', '.join(report.by)}" if report.by else ""
    shown = f"credits {report.credits.value.replace('-', ' ')}"
    buckets = f"buckets {report.buckets.name}"
    return f"Aging as of {report.as_of}{by}, from {report.basis.value} date, {buckets}, {shown}"


def text(report: AgingReport) -> str:
    """Return the report as an aligned plain-text table."""
    names = _shown(report)
    lines = [
        names,
        *(
            [_text_cell(row, name, names[0]) for name in names]
            for row in (*report.rows, *report.totals)
        ),
    ]
    widths = [max(len(line[index]) for line in lines) for index in range(len(names))]
    left = len(_keys(report))
    return "\n".join(
        "  ".join(
            cell.ljust(width) if index < left else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


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


def _keys(report: AgingReport) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*report.by, "currency")))


def _text_cell(row: AgingRow, name: str, first: str = "") -> str:
    value = {**cells(row), **company_cells(row)}.get(name)
    if isinstance(value, Money):
        return f"{value.amount:,f}" if value else "-"
    if value is not None:
        return str(value)
    return "none" if row.keys else "total" if name == first else ""


def _html_cells(row: AgingRow, names: list[str], keys: tuple[str, ...]) -> str:
    return "".join(
        f"<td{_class(name in keys)}>{escape(_text_cell(row, name, names[0]))}</td>"
        for name in names
    )


def _class(is_key: bool) -> str:  # noqa: FBT001 - what the cell holds
    return ' class="key"' if is_key else ""


def library(module: str, extra: str) -> Any:
    """Import a library of an extra.

    Raises:
        MissingExtra: When it is not installed; the message says what to install.
    """
    try:
        return import_module(module)
    except ImportError:
        name = "parquet" if extra == "pyarrow" else extra
        msg = f"{module} is not installed; install it with the extra: pip install 'receivables[{name}]'"
        raise MissingExtra(msg) from None
