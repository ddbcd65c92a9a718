"""Several company codes: numbers repeat, currencies differ, customers are shared."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from receivables import Subledger
from receivables.adapters.sap import SapODataSource, SapRfcSource
from receivables.testing.sap import CODES, FakeConnection, Functions, GatewayServer

JAN, FEB = date(2026, 1, 10), date(2026, 2, 10)


@pytest.fixture
def two(books):
    """Books of a Mexican and a Japanese company with the same document numbers, and one customer in both."""
    for code, currency in (("MX01", "MXN"), ("JP01", "JPY")):
        books.company(code, currency)
        charge = books.item("100001", "5000", currency, JAN)
        head = books.document("DZ", FEB)
        paid = books.line(head, "100001", "15", "H", Decimal(5000), currency)
        books.clear([charge, paid], head)
        books.item("100001", "70.00", "USD", FEB, DMBTR=Decimal(1200))
    books.item("100002", "1", "JPY", FEB)
    return books


@pytest.mark.parametrize("path", ["tables", "bapi", "odata"])
@pytest.mark.parametrize("size", [1, 9])
def test_each_company_code_keeps_its_own_and_customers_are_stated_once(two, session, path, size):
    codes = ["MX01", "JP01"]
    with GatewayServer(two) as server:
        source = (
            SapODataSource(server.url, session, codes, codes=CODES, accounts_per_page=size)
            if path == "odata"
            else SapRfcSource(
                FakeConnection(Functions(two)),
                codes,
                path=path,
                codes=CODES,
                accounts_per_page=size,
            )
        )
        pages = list(source.pages())
        again = list(source.pages(since=pages[0].cursor))
    facts = [it for page in pages for it in page.facts]
    books, problems = Subledger.load(facts)
    assert problems == ()
    assert Counter(it.kind for it in facts) == {
        "customer": 2,
        "invoice": 5,
        "payment": 2,
        "allocation": 2,
    }
    assert Counter(it.id[:4] for it in facts if it.kind == "invoice") == {"MX01": 2, "JP01": 3}
    items = {str(it.document.company_amount) for it in books.open_items(as_of=FEB)}
    assert items == {"1200.00 MXN", "1200 JPY", "None"}
    [remark] = [it for page in pages for it in page.problems]
    assert (remark.code, remark.severity) == ("customer-stated-before", "noted")
    assert "1 customers of JP01 are stated" in remark.message
    first = {it.id for it in pages[0].facts}
    assert first | {it.id for page in again for it in page.facts} >= {it.id for it in facts}


def test_balances_tie_in_each_company_code(two):
    source = SapRfcSource(FakeConnection(Functions(two)), ["MX01", "JP01"], codes=CODES)
    assert source.check_balances(FEB) == ()
    assert source.check_balances(JAN) == ()
