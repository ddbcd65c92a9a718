"""Facts as a frame: what has no row, and what is no library, is refused in a sentence."""

from __future__ import annotations

from datetime import date

import pytest

import receivables as ar
from receivables.errors import NoSuchChoice, UnfitFrame

CUSTOMER = ar.Customer(id="C001", valid_from=date(2026, 1, 1), name="Abarrotes del Norte")


@pytest.mark.parametrize("backend", ["pyarrow", "pandas", "polars"])
def test_a_customer_has_no_row_in_a_facts_table(backend):
    with pytest.raises(UnfitFrame) as raised:
        ar.frames.facts_table([CUSTOMER], backend)
    assert str(raised.value) == (
        "customer C001 has no row in a facts table; leave customers out, as Subledger.facts does"
    )


@pytest.mark.parametrize("backend", ["duckdb", "Polars", "arrow", None])
def test_a_library_that_is_none_of_those_there_are(backend):
    with pytest.raises(NoSuchChoice) as raised:
        ar.frames.facts_table([], backend)
    assert str(raised.value) == f"no backend {backend!r}; it must be one of pyarrow, pandas, polars"
