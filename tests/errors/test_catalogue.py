"""The error catalogue in the documentation is what the tests say today."""

from __future__ import annotations

from tools import error_catalogue


def test_the_page_is_current():
    """Write it again with `python tools/error_catalogue.py`."""
    assert error_catalogue.PAGE.read_text(encoding="utf-8") == error_catalogue.page()


def test_every_case_has_its_section():
    page = error_catalogue.page()
    for name in error_catalogue.tests("test_exceptions").CASES:
        assert f"### {name}\n" in page
    assert page.count("\n#### ") == sum(
        len(cases)
        for cases in (
            error_catalogue.tests("test_row_problems").FACT_CASES,
            error_catalogue.tests("test_row_problems").ITEM_CASES,
        )
    )
