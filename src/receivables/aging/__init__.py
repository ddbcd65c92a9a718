"""Aging: open items by bucket, with columns that always tie to the open total and figures that explain themselves.

Public: `age` and the `AgingReport` it returns, with its rows and totals.
"""

from receivables.aging.age import age
from receivables.aging.report import AgingReport, AgingRow, Part, Valuation

__all__ = ["AgingReport", "AgingRow", "Part", "Valuation", "age"]
