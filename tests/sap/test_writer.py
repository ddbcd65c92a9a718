"""Writes happen once: committed on their own session, looked up before they are sent and when an answer is lost."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from receivables import Money, errors
from receivables.adapters.sap import Gateway, Posting, Rfc, SapODataWriter, SapWriter
from receivables.adapters.sap.lines import ItemKey
from receivables.testing.sap import FakeConnection

DAY = date(2026, 3, 31)
PAYMENT = Posting(
    reference="PAY-1",
    customer="100001",
    amount=Money("5000", "JPY"),
    credit=True,
    offset_account="113100",
    posting_date=DAY,
)
PARTNER, BLOCKED = "API_BUSINESS_PARTNER", "API_SLS_DOC_WITH_CREDIT_BLOCK"


def sent(functions):
    return [name for name, _ in functions.calls if name != "RFC_READ_TABLE"]


def test_what_a_dry_run_shows_is_what_is_sent(rfc, books, functions):
    one = books.item("100001", "10.00", "MXN", DAY)
    two = books.item("100001", "10.00", "MXN", DAY, document_type="DG", side="H")
    keys = tuple(ItemKey(it["BUKRS"], it["BELNR"], it["GJAHR"], it["BUZEI"]) for it in (one, two))
    dry, wet = SapWriter(rfc, "MX01"), SapWriter(rfc, "MX01", dry_run=False)
    for shown, make in (
        (dry.post(PAYMENT), lambda: wet.post(PAYMENT)),
        (dry.clear("CLR-1", keys, DAY), lambda: wet.clear("CLR-1", keys, DAY)),
    ):
        functions.calls.clear()
        assert make().sent == shown.sent
        changing = [
            (name, {key: it for key, it in given.items() if it != []})
            for name, given in functions.calls
            if name not in {"RFC_READ_TABLE", "BAPI_ACC_DOCUMENT_CHECK"}
        ]
        assert [name for name, _ in changing] == [name for name, _ in shown.sent]
        for (_, given), (_, told) in zip(changing, shown.sent, strict=True):
            assert filled(given) == filled(told)


def filled(value):
    """Return a request without what is empty: the wire fills structures up with it."""
    if isinstance(value, dict):
        return {key: filled(it) for key, it in value.items() if it == [] or str(it).strip("0 ")}
    if isinstance(value, list):
        return [filled(it) for it in value]
    return value


def test_a_dry_run_shows_what_would_be_sent_and_sends_nothing(rfc, books, functions):
    written = SapWriter(rfc, "MX01").post(PAYMENT)
    assert (written.status, written.key) == ("would-write", None)
    assert [name for name, _ in written.sent] == [
        "BAPI_ACC_DOCUMENT_POST",
        "BAPI_TRANSACTION_COMMIT",
    ]
    amounts = [str(row["AMT_DOCCUR"]) for row in written.sent[0][1]["CURRENCYAMOUNT"]]
    assert amounts == ["-5000", "5000"]
    assert sent(functions) == ["BAPI_ACC_DOCUMENT_CHECK"]
    assert books.lines == []


def test_a_posting_is_committed_on_its_own_session(rfc, books, functions):
    written = SapWriter(rfc, "MX01", dry_run=False).post(PAYMENT)
    assert (written.status, written.key) == ("written", "1400000001MX012026")
    assert sent(functions) == [
        "BAPI_ACC_DOCUMENT_CHECK",
        "BAPI_ACC_DOCUMENT_POST",
        "BAPI_TRANSACTION_COMMIT",
    ]
    [line] = books.lines
    assert (line["KUNNR"], line["SHKZG"], line["WRBTR"], line["XBLNR"]) == (
        "0000100001",
        "H",
        Decimal(5000),
        "PAY-1",
    )


def test_a_posting_sent_again_is_found_and_not_sent(rfc, books):
    writer = SapWriter(rfc, "MX01", dry_run=False)
    writer.post(PAYMENT)
    again = writer.post(PAYMENT)
    assert (again.status, again.key, again.sent) == ("already-there", "1400000001MX012026", ())
    assert len(books.lines) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"customer": "100002"},
        {"amount": Money("5001", "JPY")},
        {"amount": Money("5000.00", "MXN")},
        {"credit": False},
    ],
    ids=["account", "amount", "currency", "side"],
)
def test_a_reference_that_says_something_else_is_refused(rfc, books, change):
    writer = SapWriter(rfc, "MX01", dry_run=False)
    writer.post(PAYMENT)
    with pytest.raises(errors.AlreadyDifferent, match="reference PAY-1 is document 1400000001"):
        writer.post(replace(PAYMENT, **change))
    assert len(books.lines) == 1


def test_a_reference_that_another_document_has_too_is_still_found(rfc, books, functions):
    books.item("100002", "5000", "JPY", DAY, document_type="DZ", side="H", XBLNR="PAY-1")
    writer = SapWriter(rfc, "MX01", dry_run=False)
    with pytest.raises(errors.AlreadyDifferent):
        writer.post(PAYMENT)
    books.item("100001", "5000", "JPY", DAY, document_type="DZ", side="H", XBLNR="PAY-1")
    functions.forget()
    assert writer.post(PAYMENT).key == "1400000002MX012026"


def test_a_refused_posting_is_rolled_back(rfc, books, functions):
    functions.faults.return_error["BAPI_ACC_DOCUMENT_POST"] = "Error in document"
    with pytest.raises(errors.RequestRefused, match="Error in document"):
        SapWriter(rfc, "MX01", dry_run=False).post(PAYMENT)
    assert sent(functions)[-1] == "BAPI_TRANSACTION_ROLLBACK"
    assert books.lines == []


def test_what_was_not_committed_is_gone_with_the_connection(functions, books):
    connection = FakeConnection(functions)
    rfc = Rfc(connection)
    functions.faults.drop["BAPI_TRANSACTION_COMMIT"] = 1
    with pytest.raises(errors.RemoteError):
        SapWriter(rfc, "MX01", dry_run=False).post(PAYMENT)
    assert books.lines == []


def test_a_commit_that_never_arrived_is_unknown_and_can_be_sent_again(rfc, books, functions):
    writer = SapWriter(rfc, "MX01", dry_run=False)
    functions.faults.drop["BAPI_TRANSACTION_COMMIT"] = 1
    with pytest.raises(errors.OutcomeUnknown, match="it is not there now"):
        writer.post(PAYMENT)
    assert writer.post(PAYMENT).status == "written"
    assert len(books.lines) == 1


def test_a_commit_whose_answer_was_lost_is_found(rfc, books, functions):
    functions.faults.after["BAPI_TRANSACTION_COMMIT"] = 1
    written = SapWriter(rfc, "MX01", dry_run=False).post(PAYMENT)
    assert (written.status, written.key) == ("written", "1400000001MX012026")
    assert written.remarks == ("the answer was lost; the look-up found it",)
    assert len(books.lines) == 1


def test_items_that_sum_to_zero_are_cleared_once(rfc, books, functions):
    one = books.line(books.document("RV", DAY), "100001", "01", "S", Decimal("10.00"), "MXN")
    two = books.line(books.document("DZ", DAY), "100001", "15", "H", Decimal("10.00"), "MXN")
    keys = tuple(ItemKey(it["BUKRS"], it["BELNR"], it["GJAHR"], it["BUZEI"]) for it in (one, two))
    writer = SapWriter(rfc, "MX01", dry_run=False)
    assert SapWriter(rfc, "MX01").clear("CLR-1", keys, DAY).status == "would-write"
    assert one["AUGBL"] == ""
    assert writer.clear("CLR-1", keys, DAY).status == "written"
    assert one["AUGBL"] == two["AUGBL"] != ""
    functions.forget()
    assert writer.clear("CLR-1", keys, DAY).status == "already-there"
    with pytest.raises(errors.RequestRefused, match="do not balance"):
        writer.clear("CLR-2", keys[:1], DAY)
    other = books.item("100001", "10.00", "MXN", DAY)
    mine = ItemKey(other["BUKRS"], other["BELNR"], other["GJAHR"], other["BUZEI"])
    with pytest.raises(errors.AlreadyDifferent, match="which did not clear these items"):
        writer.clear("CLR-1", (mine,), DAY)


@pytest.mark.parametrize("reference", ["", "x" * 17])
def test_a_reference_that_cannot_be_looked_up_is_refused(rfc, reference):
    with pytest.raises(errors.RequestRefused, match="1 to 16 characters"):
        SapWriter(rfc, "MX01").clear(reference, (), DAY)


@pytest.fixture
def gateway(server, session, books):
    books.tables["KNB5"] = [
        {"KUNNR": "0000100001", "BUKRS": "MX01", "MABER": "", "MAHNS": "1", "MADAT": None}
    ]
    books.tables["BLOCKED"] = [{"SalesDocument": "4711", "SoldToParty": "100001"}]
    return Gateway(server.url, session, sleep=lambda _: None)


def test_a_change_carries_a_token_and_the_cookies_it_came_with(gateway, server):
    written = SapODataWriter(gateway, dry_run=False).set_dunning(
        "100001", "MX01", level=2, last_dunned=DAY
    )
    assert written.status == "written"
    [(method, path, body)] = server.changes
    assert (method, body) == (
        "PATCH",
        {"DunningLevel": "2", "LastDunnedOn": "/Date(1774915200000)/"},
    )
    assert "Customer='0000100001',CompanyCode='MX01',DunningArea=''" in path
    patch = next(headers for verb, _, headers in server.requests if verb == "PATCH")
    assert "SAP_SESSIONID_DBL_100=" in patch["Cookie"]
    assert patch["X-CSRF-Token"].startswith("token-")


def test_what_stands_there_already_is_not_sent(gateway, server):
    writer = SapODataWriter(gateway, dry_run=False)
    writer.set_dunning("100001", "MX01", level=2)
    assert writer.set_dunning("100001", "MX01", level=2).status == "already-there"
    assert len(server.changes) == 1


def test_a_stale_token_is_fetched_again_once(gateway, server):
    server.faults.stale_tokens = 1
    assert (
        SapODataWriter(gateway, dry_run=False).set_dunning("100001", "MX01", block="A").status
        == "written"
    )
    server.faults.stale_tokens = 2
    with pytest.raises(errors.AccessDenied, match="token was refused twice"):
        SapODataWriter(gateway, dry_run=False).set_dunning("100001", "MX01", block="B")


def test_a_dry_run_of_odata_sends_nothing(gateway, server):
    writer = SapODataWriter(gateway)
    assert writer.set_dunning("100001", "MX01", level=3).sent[0][1] == {"DunningLevel": "3"}
    assert writer.release_order("4711").status == "would-write"
    assert server.changes == []


def test_a_change_whose_answer_was_lost_is_read_before_it_is_believed(gateway, server):
    server.faults.hang_up_after = 1
    assert (
        SapODataWriter(gateway, dry_run=False).set_dunning("100001", "MX01", level=4).status
        == "written"
    )
    assert len(server.changes) == 1


def test_an_order_is_released_once(gateway, server):
    writer = SapODataWriter(gateway, dry_run=False)
    assert writer.release_order("4711").status == "written"
    assert writer.release_order("4711").status == "already-there"
    server.entities.clear()
    server.books.tables["BLOCKED"] = [{"SalesDocument": "4712"}]
    server.faults.hang_up_after = 1
    assert writer.release_order("4712").status == "written"


def test_somebody_elses_change_is_not_overwritten(gateway, server):
    server.faults.status["DunningArea='')"] = [
        (412, "application/json", '{"error":{"code":"x","message":{"value":"stale"}}}')
    ]
    with pytest.raises(errors.StaleWrite, match="read it again"):
        gateway.one(
            PARTNER, "A_CustomerDunning(Customer='0000100001',CompanyCode='MX01',DunningArea='')"
        )
