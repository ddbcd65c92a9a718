"""Law: Explain agrees. The leaves of every explanation sum to its root."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import CreditDisplay, Explanation, Subledger, age
from receivables.errors import PartsDoNotSum, UnknownFact
from receivables.laws import explain_agrees
from receivables.testing.strategies import days, subledgers


def leaves(explanation):
    return sum((leaf.amount for leaf in explanation.leaves()), Decimal(0))


@given(facts=subledgers(), as_of=days(), shown=st.sampled_from(CreditDisplay))
def test_every_cell_of_a_report_is_explained(facts, as_of, shown):
    """Row by row and column by column, down to facts."""
    report = age(Subledger.of(facts).open_items(as_of=as_of), credits=shown, as_of=as_of)
    for row in (*report.rows, *report.totals):
        for column in (None, *report.columns):
            explanation = row.explain(column)
            assert leaves(explanation) == explanation.amount == row[column or "total"].amount


@given(facts=subledgers(), as_of=days())
def test_every_document_is_explained(facts, as_of):
    """What is open of a document is its amount and its movements; closed documents come to zero."""
    books = Subledger.of(facts)
    open_now = {}
    for item in books.open_items(as_of=as_of):
        open_now[item.document.id] = (
            open_now.get(item.document.id, Decimal(0)) + item.open_amount.amount
        )
    for fact in books.facts:
        try:
            explanation = books.explain(fact.id, as_of=as_of)
        except UnknownFact:
            assert fact.id not in open_now
            continue
        assert leaves(explanation) == explanation.amount == open_now.get(fact.id, Decimal(0))


def test_the_law_refuses_a_cent():
    """The law itself fails when the leaves miss a cent."""
    wrong = Explanation(
        "open amount of F-1",
        Decimal("60.00"),
        "MXN",
        (Explanation("invoice", Decimal("60.01"), "MXN"),),
    )
    with pytest.raises(
        PartsDoNotSum, match=r"^the leaves of .* sum to 60\.01; they must sum to its amount$"
    ):
        explain_agrees(wrong)
