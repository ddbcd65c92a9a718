"""Law: Migration rows sum to one. Of all the money of a bucket it is said where it went."""

from datetime import timedelta

from hypothesis import given

from receivables import Buckets, Subledger
from receivables.laws import rows_sum_to_one
from receivables.provisions import follow, migration_matrix
from receivables.testing.strategies import days, subledgers

EDGES = Buckets.of(0, 30, 60, 90)


@given(facts=subledgers(), start=days())
def test_money_followed_makes_the_whole_and_migration_rows_sum_to_one(facts, start):
    ledger = Subledger.of(facts)
    end = start + timedelta(days=45)
    opened = {it.id: it.open_amount for it in ledger.open_items(as_of=start) if not it.is_credit}
    found = follow(ledger, start, end, buckets=EDGES)
    assert {it.item.id: it.paid + it.lost + it.diluted + it.still_open for it in found} == opened
    assert all(min(it.paid.amount, it.lost.amount, it.diluted.amount, it.still_open.amount) >= 0 for it in found)  # fmt: skip
    for currency in {it.currency for it in opened.values()}:
        matrix = migration_matrix(ledger, [start, end], buckets=EDGES, currency=currency)
        assert all(sum(row) == 1 for row in matrix.rows.values())
        rows_sum_to_one(matrix.rows.items())
