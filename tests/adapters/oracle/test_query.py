"""Filters in both dialects: what is rendered, what is refused, and that rows are checked again."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from receivables.adapters.oracle import query
from receivables.adapters.oracle.query import All, Either, In, IsNull, Where
from receivables.errors import UnfitQuery
from receivables.testing.oracle.asked import predicate

STAMP = datetime(2025, 1, 1, tzinfo=UTC)
BOTH = All((Where("CreationDate", ">=", STAMP), Where("InvoiceStatus", "=", "Complete")))
CASES = [
    (Where("TransactionNumber", "=", "10001"), "TransactionNumber='10001'", "TransactionNumber = '10001'"),
    (BOTH, "CreationDate>='2025-01-01T00:00:00+00:00';InvoiceStatus='Complete'",
     "CreationDate >= '2025-01-01T00:00:00+00:00' and InvoiceStatus = 'Complete'"),
    (Where("CustomerName", "=", "O'Brien"), None, "CustomerName = 'O''Brien'"),
    (Where("CustomerName", "=", "A; B"), None, "CustomerName = 'A; B'"),
    (In("Letter", ("x", "y")), None, "Letter in ('x','y')"),
    (IsNull("A"), None, "A is null"),
    (Either((Where("A", "=", 1), Where("B", "=", 2))), None, "A = 1 or B = 2"),
    (Where("CustomerName", "like", "ACME*"), "CustomerName LIKE 'ACME*'", "CustomerName like 'ACME*'"),
    (Where("CustomerTransactionId", ">", 10001), "CustomerTransactionId>10001", "CustomerTransactionId > 10001"),
    (Where("TransactionDate", "=", date(2025, 7, 1)), "TransactionDate='2025-07-01'", "TransactionDate = '2025-07-01'"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "first", "later"), CASES)
def test_each_dialect_says_what_it_can_and_refuses_what_it_cannot_say_safely(
    expression, first, later
):
    assert query.render(expression, 4) == later
    if first is None:
        with pytest.raises(UnfitQuery):
            query.render(expression, 1)
    else:
        assert query.render(expression, 1) == first


ROW = {"A": 1, "Letter": "y", "B": 3, "CustomerName": "ACME, S.A.", "TransactionNumber": "10001", "CreationDate": "2025-07-07T07:04:26+00:00",
       "InvoiceStatus": "Complete", "CustomerTransactionId": 10002, "TransactionDate": "2025-07-01", "Nothing": None}  # fmt: skip


@pytest.mark.parametrize(("expression", "first", "later"), CASES)
def test_the_server_and_our_side_agree_on_which_rows_satisfy_a_filter(expression, first, later):
    wanted = predicate(later, 4, lambda _: True)(ROW)
    assert query.matches(expression, ROW) is wanted
    if first is not None:
        assert predicate(first, 1, lambda _: True)(ROW) is wanted


def test_a_row_that_should_not_have_come_is_seen():
    assert not query.matches(
        Where("InvoiceStatus", "=", "Complete"), {"InvoiceStatus": "Incomplete"}
    )
    assert not query.matches(Where("A", ">", 1), {"A": None})
    assert query.matches(All((Where("A", "=", 1), Where("B", "!=", 2))), ROW)


def test_finder_values_with_signs_are_quoted_and_a_double_quote_is_refused():
    assert (
        query.finder("invoiceSearch", {"BillToCustomerName": "ACME, S.A."})
        == 'invoiceSearch;BillToCustomerName="ACME, S.A."'
    )
    with pytest.raises(UnfitQuery):
        query.finder("invoiceSearch", {"BillToCustomerName": 'the "best"'})


def test_what_cannot_be_asked_is_left_for_our_side():
    both = All(
        (Where("InvoiceStatus", "=", "Complete"), Where("TransactionDate", "=", date(2025, 7, 1)))
    )
    asked, left = query.split(both, {"InvoiceStatus"}, 4)
    assert (asked, left) == both.parts
