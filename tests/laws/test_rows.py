"""Facts and rows of the facts table convert into each other without loss."""

from hypothesis import given

from receivables import Customer
from receivables.schema.rows import from_rows, to_rows
from receivables.testing.strategies import facts, subledgers


@given(fact=facts())
def test_a_fact_written_and_read_is_the_same_fact(fact):
    """Whatever the kind."""
    assert from_rows(to_rows(fact)) == fact


@given(ledger=subledgers(masters=False))
def test_a_subledger_written_and_read_is_the_same(ledger):
    """Fact by fact, recorded times included."""
    assert [from_rows(to_rows(fact)) for fact in ledger if not isinstance(fact, Customer)] == list(
        ledger
    )


@given(fact=facts())
def test_the_rows_of_a_document_sum_to_its_amount(fact):
    """One row an instalment; together they are the document."""
    amounts = [row["amount"] for row in to_rows(fact) if "amount" in row]
    assert sum(amounts) == (fact.amount.amount if fact.kind != "reversal" else 0)
