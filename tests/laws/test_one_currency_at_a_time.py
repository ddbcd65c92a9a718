"""Law: One currency at a time. No sum, comparison or row ever holds two currencies."""

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import Subledger, age
from receivables.errors import CurrencyMismatch
from receivables.testing.strategies import days, money, subledgers


@given(
    one=money("MXN"),
    other=money("JPY"),
    act=st.sampled_from(
        [operator.add, operator.sub, operator.lt, operator.le, operator.gt, operator.ge]
    ),
)
def test_two_currencies_never_meet(one, other, act):
    """Adding, subtracting and comparing are refused."""
    with pytest.raises(CurrencyMismatch, match=r"; convert first with a dated rate$"):
        act(one, other)


@given(one=money("MXN"), other=money("JPY"))
def test_two_currencies_are_never_equal(one, other):
    """Equality answers no, so that sets and dicts work."""
    assert one != other
    assert len({one, other}) == 2


@given(facts=subledgers(), as_of=days())
def test_every_row_has_one_currency(facts, as_of):
    """Each row and total holds the items of its currency and nothing else."""
    report = age(Subledger.of(facts).open_items(as_of=as_of), as_of=as_of)
    for row in (*report.rows, *report.totals):
        assert {part.amount.currency for part in row.parts} == {row.currency}
        assert {amount.currency for amount in (*row.amounts, row.total, row.past_due)} == {
            row.currency
        }
