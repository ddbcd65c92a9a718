"""The aging report as a stacked bar chart that reads in greyscale; needs the extra `plot`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from receivables.aging.views import library, title
from receivables.buckets import CREDITS, UNDATED

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from receivables.aging.report import AgingReport

_LIGHTEST, _DARKEST = 0.93, 0.15
_HATCHES = {UNDATED: "..", CREDITS: "//"}


def plot(report: AgingReport, currency: str, ax: Axes | None) -> Axes:
    """Draw one bar a group: buckets from light to dark, undated items and credits white and hatched.

    Args:
        report: What to draw.
        currency: The rows to draw; amounts of several currencies never share an axis.
        ax: Where to draw; a new figure when None.
    """
    pyplot = library("matplotlib.pyplot", "plot")
    axes: Axes = ax or pyplot.subplots(figsize=(9, 4.5), layout="constrained")[1]
    rows = [row for row in report.rows if row.currency == currency]
    names = [", ".join(value or "none" for _, value in row.keys) for row in rows]
    shown = [column for column in report.columns if any(row[column] for row in rows)]
    up, down = [0.0] * len(rows), [0.0] * len(rows)
    for column in shown:
        heights = [
            float(row[column].amount) for row in rows
        ]  # for ink only: no figure is read back
        base = [low if it < 0 else high for it, high, low in zip(heights, up, down, strict=True)]
        axes.bar(
            names,
            heights,
            bottom=base,
            label=column,
            color=_shade(column, report.buckets.labels),
            edgecolor="black",
            linewidth=0.5,
            hatch=_HATCHES.get(column),
        )
        up = [high + max(it, 0) for it, high in zip(heights, up, strict=True)]
        down = [low + min(it, 0) for it, low in zip(heights, down, strict=True)]
    _dress(axes, report, currency)
    return axes


def _shade(column: str, buckets: tuple[str, ...]) -> str:
    if column not in buckets:
        return "white"
    step = (_LIGHTEST - _DARKEST) / max(len(buckets) - 1, 1)
    return f"{_LIGHTEST - step * buckets.index(column):.3f}"


def _dress(axes: Axes, report: AgingReport, currency: str) -> None:
    axes.set_title(title(report), fontsize="medium", loc="left")
    axes.set_ylabel(currency)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.axhline(0, color="black", linewidth=0.8)
    axes.use_sticky_edges = False
    axes.margins(y=0.05)
    axes.legend(title="days past due", loc="upper left", bbox_to_anchor=(1.0, 1.0))
    for label in axes.get_xticklabels():
        label.set(rotation=45, horizontalalignment="right")
