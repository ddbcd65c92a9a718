"""A later run gives what changed since and nothing else, over every path, however the change was dated."""

import contextlib
import importlib.util
from datetime import date
from decimal import Decimal

import pytest

from receivables import errors
from receivables.adapters.sap import Rfc, SapRfcSource, connect_rfc
from receivables.testing.sap import CODES, FakeConnection, RfcServer

WIRE = pytest.param(
    "wire",
    marks=pytest.mark.skipif(
        not any(importlib.util.find_spec(it) for it in ("pyrfc", "saprfclib")),
        reason="no RFC library is installed",
    ),
)
JAN, FEB, MAR = date(2026, 1, 10), date(2026, 2, 10), date(2026, 3, 10)


@pytest.fixture(params=["tables", "bapi", "odata", WIRE])
def read(request, books, functions, odata):
    """Return a function that opens a source of one path over what stands in the books now."""
    if request.param == "odata":
        yield odata
        return
    path = "bapi" if request.param == "bapi" else "tables"
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(RfcServer(functions)) if request.param == "wire" else None

        def over_rfc(**options):
            functions.forget()
            rfc = Rfc(
                lambda: connect_rfc(**server.parameters) if server else FakeConnection(functions)
            )
            stack.callback(rfc.close)
            return SapRfcSource(rfc, ["MX01"], path=path, codes=CODES, **options)

        yield over_rfc


def kinds_of(pages):
    return sorted(it.kind for page in pages for it in page.facts if it.kind != "customer")


def test_the_next_run_gives_what_changed_and_nothing_else(books, read):
    for number in range(6):
        books.item(f"10000{number}", "100.00", "MXN", JAN)
    pages = list(read(accounts_per_page=2).pages())
    assert len(pages) == 3
    assert list(read(accounts_per_page=2).pages(since=pages[-1].cursor)) == []
    books.item("100003", "100.00", "MXN", MAR, XBLNR="NEW")
    again = list(read(accounts_per_page=2).pages(since=pages[-1].cursor))
    assert [kinds_of([page]) for page in again] == [["invoice"] * 3]
    assert list(read(accounts_per_page=2).pages(since=again[-1].cursor)) == []


def test_an_account_opened_later_is_read(books, read):
    books.item("100001", "100.00", "MXN", JAN)
    [first] = read().pages()
    books.item("100009", "100.00", "MXN", MAR)
    [second] = read().pages(since=first.cursor)
    assert {it.customer for it in second.facts if it.kind == "invoice"} == {"100009"}


def transfer(books, lines, day, entered):
    """Clear items by a document that posts no item of its own."""
    books.clear(lines, books.document("AB", day, CPUDT=entered))


def test_a_clearing_entered_late_and_dated_back_is_seen(books, read):
    charge = books.item("100001", "100.00", "MXN", JAN)
    credit = books.item("100001", "100.00", "MXN", JAN, document_type="DG", side="H")
    books.item("100002", "7.00", "MXN", MAR)
    *_, last = read(accounts_per_page=1).pages()
    transfer(books, [charge, credit], date(2026, 1, 31), date(2026, 3, 12))
    [page] = read(accounts_per_page=1).pages(since=last.cursor)
    assert kinds_of([page]) == ["allocation", "credit_memo", "invoice"]


def test_a_clearing_dated_ahead_hides_nothing_that_comes_before_its_day(books, read):
    charge = books.item("100001", "100.00", "MXN", JAN)
    credit = books.item("100001", "100.00", "MXN", JAN, document_type="DG", side="H")
    transfer(books, [charge, credit], date(2026, 12, 31), JAN)
    books.item("100002", "5.00", "MXN", JAN)
    *_, last = read(accounts_per_page=1).pages()
    books.item("100002", "7.00", "MXN", FEB)
    [page] = read(accounts_per_page=1).pages(since=last.cursor)
    assert kinds_of([page]) == ["invoice", "invoice"]


def test_what_was_touched_is_asked_once_a_run(books, functions, source):
    for number in range(8):
        books.item(f"10000{number}", "100.00", "MXN", MAR if number == 7 else JAN)
    *_, last = source(accounts_per_page=1).pages()
    functions.calls.clear()
    assert list(source(accounts_per_page=1).pages(since=last.cursor)) == []
    asked = [it for _, it in functions.calls if it.get("QUERY_TABLE") == "BSAD"]
    # entered since, cleared since, and the items of the one account touched
    assert sum(it.get("NO_DATA") != "X" for it in asked) == 3


def test_a_foreign_cursor_is_refused(books, source):
    for wrong in ("5", '{"v":9}', "[]", ""):
        with pytest.raises(errors.UnreadableSource, match="is none of the SAP adapter"):
            list(source().pages(since=wrong))


def test_a_clearing_across_accounts_is_whole_whatever_the_page(books, read):
    one = books.item("100001", "60.00", "MXN", JAN)
    two = books.item("200001", "60.00", "MXN", FEB, document_type="DZ", side="H")
    head = books.document("AB", MAR)
    lines = [
        books.line(head, "100001", "17", "H", Decimal("60.00"), "MXN"),
        books.line(head, "200001", "07", "S", Decimal("60.00"), "MXN"),
    ]
    books.clear([one, two, *lines], head)
    for size in (1, 10):
        assert kinds_of(read(accounts_per_page=size).pages()) == [
            "allocation",
            "invoice",
            "payment",
        ]


def test_one_payment_on_two_accounts_pays_each_its_own_whatever_the_page(books, read):
    charges = [
        books.item(it, amount, "MXN", JAN)
        for it, amount in (("100001", "60.00"), ("200001", "40.00"))
    ]
    head = books.document("DZ", MAR)
    paid = [
        books.line(head, "100001", "15", "H", Decimal("60.00"), "MXN"),
        books.line(head, "200001", "15", "H", Decimal("40.00"), "MXN"),
    ]
    books.clear([*charges, *paid], head)
    told = []
    for size in (1, 10):
        facts = [it for page in read(accounts_per_page=size).pages() for it in page.facts]
        assert sorted(str(it.amount) for it in facts if it.kind == "allocation") == [
            "40.00 MXN",
            "60.00 MXN",
        ]
        told.append({it.id: it for it in facts if it.kind != "customer"})
    assert told[0] == told[1]
