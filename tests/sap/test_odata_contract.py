"""The contract of the OData path, clause by clause, over real HTTP."""

import json
from datetime import date
from decimal import Decimal

import pytest
import requests

from receivables import errors
from receivables.adapters.sap import Gateway, SapODataSource
from receivables.adapters.sap.odata import literal
from receivables.testing.sap.filters import BadFilter, Filter

JAN, FEB = date(2026, 1, 10), date(2026, 2, 10)
CUBE = ("API_OPLACCTGDOCITEMCUBE_SRV", "A_OperationalAcctgDocItemCube")
JSON = "application/json"


@pytest.fixture
def filled(books):
    """Books with 25 invoices of one customer, one of them with an apostrophe."""
    books.tables["KNA1"] = [{"KUNNR": "0000100001", "NAME1": "O'Hara"}]
    books.tables["KNB1"] = [{"KUNNR": "0000100001", "BUKRS": "MX01"}]
    for number in range(25):
        head = books.document("RV", JAN, XBLNR=f"F-{number}")
        books.line(
            head,
            "100001",
            "01",
            "S",
            Decimal("10.50"),
            "MXN",
            ZFBDT=JAN,
            SGTXT="O'Hara" if number == 7 else "",
        )
    return books


@pytest.fixture
def gateway(server, session):
    return Gateway(server.url, session, page_size=10, sleep=lambda _: None, client="100")


def invoices(source):
    return [it for page in source.pages() for it in page.facts if it.kind == "invoice"]


def test_pages_by_skip_until_a_short_page(filled, server, gateway):
    assert len(list(gateway.rows(*CUBE, order=("AccountingDocument",)))) == 25
    skips = [
        path.split("$skip=")[1].split("&")[0] for _, path, _ in server.requests if "$skip=" in path
    ]
    assert skips == ["10", "20"]
    assert all("$orderby=" in path for _, path, _ in server.requests)


def test_pages_of_the_server_are_followed(filled, server, odata):
    server.faults.server_page = 4
    assert len(invoices(odata())) == 25
    assert any("$skiptoken=4" in path for _, path, _ in server.requests)


def test_a_next_page_on_another_host_is_not_followed(filled, server, gateway):
    body = json.dumps({"d": {"results": [], "__next": "https://elsewhere.example/x"}})
    server.faults.status[CUBE[1]] = [(200, JSON, body)]
    with pytest.raises(errors.ForeignLink, match=r"elsewhere\.example"):
        list(gateway.rows(*CUBE))


def test_a_row_on_two_pages_is_one_fact(filled, server, odata):
    server.faults.doubled = True
    assert len(invoices(odata(page_size=10))) == 25


def test_amounts_are_texts_with_a_sign_and_dates_are_utc_days(filled, server, gateway, odata):
    row = next(iter(gateway.rows(*CUBE)))
    assert (row["AmountInTransactionCurrency"], row["PostingDate"]) == (
        "10.500",
        "/Date(1768003200000)/",
    )
    assert row["ClearingDate"] is None
    [first, *_] = invoices(odata())
    assert (str(first.amount), first.posting_date) == ("10.50 MXN", JAN)


def test_the_sign_of_the_amount_is_taken_once(books, odata):
    books.tables["KNB1"] = [{"KUNNR": "0000100001", "BUKRS": "MX01"}]
    books.line(books.document("DG", JAN), "100001", "11", "H", Decimal("30.00"), "MXN")
    [fact] = [it for page in odata().pages() for it in page.facts if it.kind != "customer"]
    assert (fact.kind, str(fact.amount)) == ("credit_memo", "30.00 MXN")


def test_keys_come_without_zeros_and_are_sent_with_them(filled, server, odata):
    [fact, *_] = invoices(odata(accounts=["100001"]))
    assert (fact.customer, fact.id) == ("100001", "MX01/9000000001/2026/001")
    assert any("Customer eq '0000100001'" in path for _, path, _ in server.requests)


def test_an_apostrophe_is_doubled(filled, gateway):
    where = f"DocumentItemText eq {literal(chr(79) + chr(39) + 'Hara')}"
    assert [row["DocumentReferenceID"] for row in gateway.rows(*CUBE, where=where)] == ["F-7"]


def test_missing_credentials_answer_in_html(server, filled):
    with (
        requests.Session() as nobody,
        pytest.raises(errors.NotSignedIn, match="refused the credentials") as caught,
    ):
        list(Gateway(server.url, nobody).rows(*CUBE))
    assert caught.value.status == 401


def test_a_refused_logon_is_not_tried_again(server, filled):
    with requests.Session() as nobody:
        nobody.auth = ("RFCUSER", "wr0ng-c4n4ry")
        gateway = Gateway(server.url, nobody)
        with pytest.raises(errors.NotSignedIn) as caught:
            list(gateway.rows(*CUBE))
        assert "wr0ng-c4n4ry" not in f"{caught.value} {gateway!r} {caught.value.body}"
    assert len(server.requests) == 1


def test_a_missing_authorisation_is_told_from_a_service_not_activated(
    server, filled, gateway, odata
):
    server.faults.forbidden = frozenset({CUBE[1]})
    with pytest.raises(errors.AccessDenied, match="No authorization"):
        list(gateway.rows(*CUBE))
    server.faults.forbidden = frozenset()
    server.faults.absent = frozenset({"API_CRDTMBUSINESSPARTNER"})
    with pytest.raises(errors.NotOffered, match="IWFND/MAINT_SERVICE"):
        list(gateway.rows("API_CRDTMBUSINESSPARTNER", "CreditManagementAccount"))
    pages = list(odata().pages())
    assert [it.code for page in pages for it in page.problems] == ["service-unread"]
    assert sum(1 for page in pages for it in page.facts if it.kind == "invoice") == 25


def test_a_bad_filter_says_all_its_details(filled, gateway):
    with pytest.raises(
        errors.RequestRefused, match=r"Invalid filter.*Property Nope is not valid"
    ) as caught:
        list(gateway.rows(*CUBE, where="Nope eq '1'"))
    assert caught.value.status == 400
    assert len(caught.value.messages) == 2


def test_a_detail_said_in_a_language_is_told_as_text(filled, server, gateway):
    detail = {"code": "F5/702", "message": {"lang": "en", "value": "Balance"}}
    body = {"code": "X", "message": "Refused", "innererror": {"errordetails": [detail]}}
    server.faults.status[CUBE[1]] = [(400, JSON, json.dumps({"error": body}))]
    with pytest.raises(errors.RequestRefused) as caught:
        list(gateway.rows(*CUBE))
    assert caught.value.messages == ("X Refused", "F5/702 Balance")


def test_an_unknown_entity_is_not_offered(gateway):
    with pytest.raises(errors.NotOffered, match="Resource not found for segment 'Nope'"):
        list(gateway.rows(CUBE[0], "Nope"))


def test_a_short_dump_in_html_is_an_error_without_its_html(filled, server, gateway):
    server.faults.status[CUBE[1]] = [(500, "text/html", "<html>dump</html>")]
    with pytest.raises(errors.RequestRefused, match="HTTP 500") as caught:
        list(gateway.rows(*CUBE))
    assert "<html>" not in str(caught.value)


def test_html_where_json_must_be_is_a_broken_answer(filled, server, gateway):
    server.faults.status[CUBE[1]] = [(200, "text/html", "<html>login</html>")]
    with pytest.raises(errors.BrokenAnswer, match="text/html instead of JSON"):
        list(gateway.rows(*CUBE))
    server.faults.status[CUBE[1]] = [(200, JSON, '{"value": []}')]
    with pytest.raises(errors.BrokenAnswer, match="no OData V2"):
        list(gateway.rows(*CUBE))


def test_a_busy_system_is_asked_again_and_then_given_up(filled, server, gateway):
    server.faults.status[CUBE[1]] = [(503, "text/html", "down")] * 2
    assert len(list(gateway.rows(*CUBE))) == 25
    server.faults.status[CUBE[1]] = [(503, "text/html", "down")] * 4
    with pytest.raises(errors.Unavailable, match="too busy or down"):
        list(gateway.rows(*CUBE))


def test_a_connection_that_ends_is_opened_again(filled, server, gateway):
    server.faults.hang_up = 2
    assert len(list(gateway.rows(*CUBE))) == 25


def test_a_slow_system_is_waited_for(filled, server, odata):
    server.faults.slow = 0.02
    assert len(invoices(odata(page_size=10))) == 25


def test_a_row_that_cannot_be_read_is_a_problem(filled, server, odata):
    server.faults.corrupt = True
    pages = list(odata().pages())
    assert [it.code for page in pages for it in page.problems] == ["unreadable-fact"]
    assert sum(1 for page in pages for it in page.facts if it.kind == "invoice") == 25


def test_history_can_begin_later(filled, odata, books):
    head = books.document("DZ", JAN)
    paid = books.line(head, "100001", "15", "H", Decimal("10.50"), "MXN")
    books.clear([books.lines[0], paid], head)
    assert len(invoices(odata())) == 25
    assert len(invoices(odata(history_from=FEB))) == 24


def test_payment_advices_and_blocked_orders_are_read(books, odata):
    books.tables["ADVICE"] = [
        {
            "CompanyCode": "MX01",
            "PaymentAdviceAccountType": "D",
            "PaymentAdviceAccount": "100001",
            "PaymentAdvice": "A1",
            "PaymentCurrency": "MXN",
        }
    ]
    books.tables["ADVICE_ITEM"] = [
        books.tables["ADVICE"][0]
        | {
            "PaymentAdviceItem": "1",
            "AccountingDocument": "",
            "BillingDocument": "90000001",
            "NetPaymentAmountInPaytCurrency": "98.000",
            "CashDiscountAmountInPaytCrcy": "2.000",
            "PaymentDifferenceReason": "",
        }
    ]
    books.tables["BLOCKED"] = [
        {
            "SalesDocument": "4711",
            "SoldToParty": "100001",
            "TotalNetAmount": "500.000",
            "TransactionCurrency": "MXN",
            "CreationDate": None,
            "TotalCreditCheckStatus": "B",
        }
    ]
    [item] = odata().payment_advices("MX01")
    assert (item.advice, item.document, str(item.paid), str(item.discount)) == (
        ("A1", "1"),
        "90000001",
        "98.00 MXN",
        "2.00 MXN",
    )
    [order] = odata().credit_blocked_orders()
    assert (order.order, order.customer, str(order.net_amount)) == ("4711", "100001", "500.00 MXN")


def test_a_client_is_sent_and_the_filter_for_open_items_can_be_another(filled, server, session):
    source = SapODataSource(
        server.url,
        session,
        ["MX01"],
        client="100",
        history_from=FEB,
        cleared_filter="ClearingAccountingDocument eq ''",
    )
    assert len(invoices(source)) == 25
    assert {headers["sap-client"] for _, _, headers in server.requests} == {"100"}
    assert any("ClearingAccountingDocument eq ''" in path for _, path, _ in server.requests)


def test_the_double_refuses_a_filter_it_cannot_read():
    for text in ("Customer eq", "Customer like '1'", "(Customer eq '1'"):
        with pytest.raises(BadFilter):
            Filter(text, lambda row, name: row.get(name), lambda _: True).test()
