"""Clearing over SOAP: taken once, done later, and believed only when the items say so."""

from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

import pytest

from receivables import errors
from receivables.adapters.sap import Gateway, SapSoapClearer
from receivables.adapters.sap.lines import ItemKey

DAY = date(2026, 3, 31)
NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


@pytest.fixture
def keys(books):
    """Books with two items that sum to zero; their keys."""
    one = books.item("100001", "5000", "JPY", DAY)
    two = books.item("100001", "5000", "JPY", DAY, document_type="DG", side="H")
    return tuple(ItemKey(it["BUKRS"], it["BELNR"], it["GJAHR"], it["BUZEI"]) for it in (one, two))


@pytest.fixture
def clearer(server, session):
    """Return a function that makes a clearer."""

    def make(**options):
        gateway = Gateway(server.url, session, sleep=lambda _: None)
        given = {"created_by": "AR", "dry_run": False, "now": lambda: NOW, "sleep": lambda _: None}
        return SapSoapClearer(gateway, "MX01", **(given | options))

    return make


def test_a_dry_run_shows_the_message_that_is_sent(clearer, server, keys, books):
    shown = clearer(dry_run=True).clear("CLR-1", keys, DAY)
    assert (shown.status, books.lines[0]["AUGBL"]) == ("would-write", "")
    assert [verb for verb, _, _ in server.requests if verb == "POST"] == []
    done = clearer().clear("CLR-1", keys, DAY)
    assert (done.status, done.key) == ("written", "0100000001")
    assert done.sent == shown.sent
    [(_, given)] = done.sent
    entry = next(ET.fromstring(given["body"]).iter("JournalEntry"))  # noqa: S314 - our own
    assert [it.findtext("AccountingDocument") for it in entry.iter("APARItems")] == [
        "9000000001",
        "1600000001",
    ]
    assert (entry.findtext("CurrencyCode"), entry.findtext("DocumentHeaderText")) == (
        "JPY",
        "CLR-1",
    )


def test_what_is_cleared_is_not_sent_again(clearer, server, keys):
    assert clearer().clear("CLR-1", keys, DAY).status == "written"
    posts = sum(verb == "POST" for verb, _, _ in server.requests)
    assert clearer().clear("CLR-1", keys, DAY).status == "already-there"
    assert sum(verb == "POST" for verb, _, _ in server.requests) == posts


def test_a_message_that_is_taken_and_not_done_yet_can_be_sent_again(clearer, server, keys, books):
    server.faults.late = 99
    assert clearer(looks=2).clear("CLR-1", keys, DAY).status == "accepted"
    assert clearer(looks=2).clear("CLR-1", keys, DAY).status == "accepted"
    assert len(server.inbox.waiting) == 1  # the second has the identity of the first
    server.faults.late = 0
    assert clearer().clear("CLR-1", keys, DAY).status == "already-there"
    assert sum(it["BLART"] == "AB" for it in books.headers) == 1


def test_an_answer_that_was_lost_is_looked_up(clearer, server, keys, books):
    server.faults.hang_up_after = 1
    assert clearer().clear("CLR-1", keys, DAY).remarks == (
        "the answer was lost; the items were looked at",
    )
    assert sum(it["BLART"] == "AB" for it in books.headers) == 1


def test_an_answer_that_was_lost_before_the_work_is_unknown(clearer, server, keys):
    server.faults.hang_up_after, server.faults.late = 1, 99
    with pytest.raises(errors.OutcomeUnknown, match="sending it again clears nothing twice"):
        clearer(looks=1).clear("CLR-1", keys, DAY)


def test_items_that_cannot_be_cleared_together_are_refused(clearer, keys, books, server):
    with pytest.raises(errors.RequestRefused, match="only items that sum to zero"):
        clearer().clear("CLR-1", keys[:1], DAY)
    with pytest.raises(errors.RequestRefused, match="is not on a customer account"):
        clearer().clear("CLR-1", (*keys, ItemKey("MX01", "0000000007", "2026", "001")), DAY)
    books.clear(books.lines[:1], books.document("AB", DAY))
    server.forget()
    with pytest.raises(errors.AlreadyDifferent, match="are cleared apart"):
        clearer().clear("CLR-1", keys, DAY)


def test_a_fault_is_told_as_text(server, session):
    gateway = Gateway(server.url, session)
    with pytest.raises(errors.RequestRefused, match="WS-Addressing headers are missing"):
        gateway.submit("/sap/bc/srt/scs_ext/sap/journalentrybulkclearingreques", "<x/>", {})
