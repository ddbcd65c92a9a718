"""Charts draw what the figures say, and nothing else."""

from datetime import date

import pytest

from receivables import Buckets, Invoice, Money, Subledger
from receivables.metrics import (
    forecast_cash,
    measure_kpis,
    plot_dso,
    plot_forecast,
    plot_roll_rates,
)
from receivables.probability import SurvivalCurve
from receivables.provisions import migration_matrix
from receivables.testing import books

matplotlib = pytest.importorskip("matplotlib", reason="the extra `plot` is not installed")
matplotlib.use("Agg")

LEDGER = """
    2026-01-05 invoice     F-1 C1 1000.00 MXN due=2026-01-31
    2026-02-10 payment     R-1 C1 400.00 MXN
    2026-02-10 allocation  A-1 R-1 -> F-1 400.00 MXN
"""


@pytest.fixture
def ax():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    figure, axes = pyplot.subplots()
    yield axes
    pyplot.close(figure)


def test_dso_lines(ax):
    reports = [
        measure_kpis(books(LEDGER), start=date(2026, month, 1), as_of=date(2026, month, 28))
        for month in (1, 2)
    ]
    plot_dso(reports, ax=ax)
    lines = [list(line.get_ydata()) for line in ax.lines]
    assert [line[0] for line in lines] == [28, 28, 0]
    assert all(line[1] != line[1] for line in lines)  # no sales in February: a gap, not a zero
    assert [it.get_text() for it in ax.texts] == ["DSO", "BPDSO", "ADD"]


def test_roll_rate_heat_map(ax):
    matrix = migration_matrix(
        books(LEDGER),
        [date(2026, 1, 31), date(2026, 2, 28)],
        buckets=Buckets.of(0, 30),
        currency="MXN",
    )
    plot_roll_rates(matrix.rows, (*matrix.states, *matrix.exits), ax=ax)
    assert [it.get_text() for it in ax.texts] == ["60.0%", "40.0%"]
    assert [it.get_text() for it in ax.get_yticklabels()] == ["current"]


def test_forecast_fan(ax):
    invoice = Invoice(id="F", customer="C", amount=Money(100, "MXN"), posting_date=date(2026, 1, 1))
    items = Subledger.of([invoice]).open_items(as_of=date(2026, 1, 1))
    curve = SurvivalCurve.of([(5, True), (10, True)])
    [forecast], _ = forecast_cash(items, curve, weeks=2)
    plot_forecast(forecast, ax=ax)
    assert list(ax.lines[0].get_ydata()) == [0, 50, 100]
    assert list(ax.lines[1].get_ydata()) == [100, 100]
