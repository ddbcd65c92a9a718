"""Measures of receivables: DSO and its kin, effectiveness, lateness, flux, payment behaviour, and a cash forecast.

Public: `measure_kpis` for all measures of a period, the single measures for plain figures, `compare` for why a balance
moved, `dso_bridge` for why DSO did, and the behaviour and forecast functions. Measures of promises and contacts come
with the facts they need.
"""

from receivables.metrics.activity import Activity, AmountBasis, Change, activity, sales
from receivables.metrics.behaviour import (
    PaymentHistory,
    Prediction,
    PredictionTest,
    Settlement,
    check_predictions,
    customer_dbt_score,
    dbt_score,
    settlements,
    weighted_dbt_score,
)
from receivables.metrics.charts import plot_dso, plot_forecast, plot_roll_rates
from receivables.metrics.collection import (
    CeiVariant,
    annual_cost_of_discount,
    average_days_delinquent,
    best_possible_dso,
    cei,
    conventional_dso,
    countback_dso,
    credit_utilisation,
    days_deductions_outstanding,
    dso,
    effective_cost_of_discount,
    sales_weighted_dso,
    share,
    true_dso,
    turnover,
)
from receivables.metrics.figures import (
    Figures,
    Standing,
    average_days_to_pay,
    herfindahl,
    top_share,
)
from receivables.metrics.flux import (
    DsoBridge,
    Flux,
    FluxPart,
    FluxRow,
    PeriodEnd,
    compare,
    dso_bridge,
)
from receivables.metrics.forecast import (
    CashBand,
    CashForecast,
    ForecastWeek,
    expected_cash,
    forecast_cash,
    time_to_pay,
)
from receivables.metrics.kpis import KpiReport, measure_kpis
from receivables.metrics.measure import Input, Measure

__all__ = [
    "Activity",
    "AmountBasis",
    "CashBand",
    "CashForecast",
    "CeiVariant",
    "Change",
    "DsoBridge",
    "Figures",
    "Flux",
    "FluxPart",
    "FluxRow",
    "ForecastWeek",
    "Input",
    "KpiReport",
    "Measure",
    "PaymentHistory",
    "PeriodEnd",
    "Prediction",
    "PredictionTest",
    "Settlement",
    "Standing",
    "activity",
    "annual_cost_of_discount",
    "average_days_delinquent",
    "average_days_to_pay",
    "best_possible_dso",
    "cei",
    "check_predictions",
    "compare",
    "conventional_dso",
    "countback_dso",
    "credit_utilisation",
    "customer_dbt_score",
    "days_deductions_outstanding",
    "dbt_score",
    "dso",
    "dso_bridge",
    "effective_cost_of_discount",
    "expected_cash",
    "forecast_cash",
    "herfindahl",
    "measure_kpis",
    "plot_dso",
    "plot_forecast",
    "plot_roll_rates",
    "sales",
    "sales_weighted_dso",
    "settlements",
    "share",
    "time_to_pay",
    "top_share",
    "true_dso",
    "turnover",
    "weighted_dbt_score",
]
