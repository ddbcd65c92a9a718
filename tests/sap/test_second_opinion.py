"""A second opinion on the protocol: `mock-sap`, somebody else's double of SAP Gateway, where it agrees with what is documented.

Its cube lacks most properties, so that no facts can be read from it; pages, tokens, etags and errors are what it is asked for.
"""

import importlib.util
import socket
import subprocess
import sys
import time

import pytest
import requests

from receivables import errors
from receivables.adapters.sap import Gateway
from receivables.adapters.sap.odata import literal
from receivables.adapters.sap.values import day, number

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("mocksap") is None, reason="mock-sap is not installed"
)
CUBE = ("API_OPLACCTGDOCITEMCUBE_SRV", "A_OperationalAcctgDocItemCube")
ORDERS = ("API_SALES_ORDER_SRV", "A_SalesOrder")


@pytest.fixture(scope="module")
def url():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["-m", "mocksap", "--port", str(port), "--auth", "me:right", "-q"]
    server = subprocess.Popen(
        [sys.executable, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 0.1).close()
            break
        except OSError:
            time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(10)


@pytest.fixture
def gateway(url):
    with requests.Session() as session:
        session.auth, session.trust_env = ("me", "right"), False
        yield Gateway(url, session, page_size=4, sleep=lambda _: None)


def test_pages_hold_every_row_once_whatever_their_size(gateway, url):
    order = ("CompanyCode", "FiscalYear", "AccountingDocument", "AccountingDocumentItem")
    rows = [tuple(row[name] for name in order) for row in gateway.rows(*CUBE, order=order)]
    gateway.page_size = 1000
    assert rows == [tuple(row[it] for it in order) for row in gateway.rows(*CUBE, order=order)]
    assert len(rows) == len(set(rows)) > 8


def test_amounts_dates_and_filters_are_written_as_we_read_and_write_them(gateway):
    rows = list(gateway.rows(*CUBE))
    first = min(day(row["PostingDate"]) for row in rows)
    last = max(day(row["PostingDate"]) for row in rows)
    assert first < last
    later = list(gateway.rows(*CUBE, where=f"PostingDate gt {literal(first)}"))
    assert len(later) == sum(day(row["PostingDate"]) > first for row in rows) > 0
    assert all(isinstance(row["AmountInTransactionCurrency"], str) for row in rows)
    assert sum(number(row["AmountInTransactionCurrency"]) for row in rows) != 0
    customer = next(row["Customer"] for row in rows if row["Customer"])
    own = list(gateway.rows(*CUBE, where=f"Customer eq {literal(customer)}"))
    assert len(own) == sum(row["Customer"] == customer for row in rows)


def test_a_change_is_sent_with_a_token_and_an_etag_and_a_stale_token_is_fetched_again(gateway):
    [row, *_] = gateway.rows(*ORDERS)
    path = f"A_SalesOrder({literal(row['SalesOrder'])})"
    for text in ("ONE", "TWO"):
        etag = gateway.one(ORDERS[0], path)["__metadata"]["etag"]
        body = {"PurchaseOrderByCustomer": text}
        assert gateway.change("PATCH", ORDERS[0], path, body, etag) is None  # 204, no content
        assert gateway.one(ORDERS[0], path)["PurchaseOrderByCustomer"] == text
        gateway._tokens[ORDERS[0]] = "no longer good"
    with pytest.raises(errors.StaleWrite):
        gateway.change("PATCH", ORDERS[0], path, {"PurchaseOrderByCustomer": "X"}, 'W/"old"')


def test_errors_are_told_apart(gateway, url):
    with pytest.raises(errors.RequestRefused, match="Nope") as refused:
        list(gateway.rows(*CUBE, where="Nope eq '1'"))
    assert refused.value.status == 400
    with pytest.raises(errors.NotOffered):
        list(gateway.rows("NOT_THERE_SRV", "X"))
    with requests.Session() as nobody:
        nobody.trust_env = False
        with pytest.raises(errors.NotSignedIn):
            list(Gateway(url, nobody).rows(*CUBE))
