"""Charts of measures: DSO lines, the roll-rate heat map, the forecast fan. Readable in greyscale; the extra `plot` draws.

Figures are turned to floats for ink only; none is read back from a chart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from receivables.errors import MissingExtra
from receivables.metrics.forecast import CashForecast
from receivables.metrics.kpis import KpiReport

if TYPE_CHECKING:
    from fractions import Fraction

    from matplotlib.axes import Axes

_LINES = (("DSO", "-", "black"), ("BPDSO", "--", "0.35"), ("ADD", ":", "0.35"))


def plot_dso(reports: Sequence[KpiReport], *, ax: Axes | None = None) -> Axes:
    """Draw DSO, BPDSO and ADD over periods; a period without a value leaves a gap.

    Raises:
        MissingExtra: When matplotlib is not installed.
    """
    axes = _axes(ax)
    days = [report.activity.end.isoformat() for report in reports]
    for name, style, shade in _LINES:
        values = [report[name].value for report in reports]
        heights = [float("nan") if it is None else float(it) for it in values]
        axes.plot(days, heights, linestyle=style, color=shade, marker="o", markersize=3)
        if heights:
            axes.annotate(name, (days[-1], heights[-1]), xytext=(4, 0), textcoords="offset points")
    axes.set_ylim(bottom=0)
    axes.set_ylabel("days")
    axes.tick_params(axis="x", labelrotation=45)
    return axes


def plot_roll_rates(
    rows: Mapping[str, Sequence[Fraction]], columns: Sequence[str], *, ax: Axes | None = None
) -> Axes:
    """Draw where the money of each bucket went, darker for more, each share written in its cell.

    Args:
        rows: `MigrationMatrix.rows`.
        columns: Its states and exits.
        ax: Where to draw.

    Raises:
        MissingExtra: When matplotlib is not installed.
    """
    axes = _axes(ax)
    shares = [[float(it) for it in row] for row in rows.values()]
    axes.imshow(shares, cmap="Greys", vmin=0.0, vmax=1.0, aspect="auto")
    for down, row in enumerate(shares):
        for across, share in enumerate(row):
            if share:
                ink = "white" if share > 0.5 else "black"  # noqa: PLR2004 - where grey turns dark
                axes.text(across, down, f"{share:.1%}", ha="center", va="center", color=ink)
    axes.set_xticks(range(len(columns)), list(columns), rotation=45)
    axes.set_yticks(range(len(rows)), list(rows))
    return axes


def plot_forecast(forecast: CashForecast, *, ax: Axes | None = None) -> Axes:
    """Draw the cash expected from the as-of date on, with its band.

    Raises:
        MissingExtra: When matplotlib is not installed.
    """
    axes = _axes(ax)
    days = [forecast.as_of.isoformat(), *(week.last.isoformat() for week in forecast.weeks)]
    bands = [week.cumulative for week in forecast.weeks]
    low = [0.0, *(float(it.p10.amount) for it in bands)]
    middle = [0.0, *(float(it.expected.amount) for it in bands)]
    high = [0.0, *(float(it.p90.amount) for it in bands)]
    axes.fill_between(days, low, high, color="0.8", label="one in ten below, one in ten above")
    axes.plot(days, middle, color="black", label="expected")
    axes.axhline(float(forecast.opened.amount), color="0.5", linestyle=":", label="open")
    axes.set_ylim(bottom=0)
    axes.set_ylabel(forecast.currency)
    axes.legend()
    axes.tick_params(axis="x", labelrotation=45)
    return axes


def _axes(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    try:
        pyplot: Any = import_module("matplotlib.pyplot")
    except ImportError:
        msg = "matplotlib is not installed; install it with the extra: pip install 'receivables[plot]'"
        raise MissingExtra(msg) from None
    made: Axes = pyplot.subplots(figsize=(9, 4.5))[1]
    return made
