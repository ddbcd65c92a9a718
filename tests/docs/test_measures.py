"""The page of measures names every measure that a report has."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from receivables import measure_kpis
from receivables.testing import books

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "measures.md"


def test_every_measure_stands_on_the_page():
    story = books("2026-01-10 invoice F-1 C001 100.00 MXN net 30")
    report = measure_kpis(story, start=date(2026, 1, 1), as_of=date(2026, 3, 31), currency="MXN")
    page = PAGE.read_text(encoding="utf-8")
    assert [it.name for it in report.measures if f"`{it.name}`" not in page] == []
