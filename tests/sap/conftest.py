"""The doubles as fixtures: the same tests over a fake connection and, where an RFC library is installed, over the wire."""

from __future__ import annotations

import importlib.util

import pytest
import requests

from receivables.adapters.sap import Rfc, SapODataSource, SapRfcSource, connect_rfc
from receivables.testing.sap import (
    CODES,
    PASSWORD,
    USER,
    Books,
    FakeConnection,
    Functions,
    GatewayServer,
    RfcServer,
)

HAS_RFC = importlib.util.find_spec("pyrfc") is not None
WIRE = pytest.param(
    "wire",
    marks=pytest.mark.skipif(
        not HAS_RFC, reason="no RFC library is installed: the same test runs on the fake connection"
    ),
)


@pytest.fixture
def books():
    return Books()


@pytest.fixture
def functions(books):
    return Functions(books)


@pytest.fixture(params=["fake", WIRE])
def connect(request, functions):
    """Return a function that opens a connection to the double."""
    if request.param == "fake":
        yield lambda: FakeConnection(functions)
        return
    with RfcServer(functions) as server:
        yield lambda: connect_rfc(**server.parameters)


@pytest.fixture
def source(connect):
    """Return a function that makes an RFC source over the double."""
    made = []

    def make(path="tables", **options):
        rfc = Rfc(connect, pause=0, sleep=lambda _: None)
        made.append(rfc)
        return SapRfcSource(rfc, ["MX01"], **({"path": path, "codes": CODES} | options))

    yield make
    for rfc in made:
        rfc.close()


@pytest.fixture
def rfc(connect):
    with Rfc(connect, pause=0, sleep=lambda _: None) as made:
        yield made


@pytest.fixture
def server(books):
    with GatewayServer(books) as made:
        yield made


@pytest.fixture
def session():
    with requests.Session() as made:
        made.auth = (USER, PASSWORD)
        made.trust_env = False
        yield made


@pytest.fixture
def odata(server, session):
    """Return a function that makes an OData source over the double."""

    def make(**options):
        server.forget()  # the books may have changed since the last one
        made = SapODataSource(server.url, session, ["MX01"], **({"codes": CODES} | options))
        made.gateway._sleep = lambda _: None
        return made

    return make
