"""The doubles as fixtures: the same tests over a fake connection and, where an RFC library is installed, over the wire."""

from __future__ import annotations

import gc
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

# saprfclib 0.1.8 does not close its socket when the server hangs up, and says so when it is collected.
_LEAKS = (
    "ignore:coroutine .* was never awaited:RuntimeWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
    "ignore:unclosed <socket:ResourceWarning",
)
_MARKS = {"saprfclib": [pytest.mark.filterwarnings(it) for it in _LEAKS]}
CLIENTS = [
    pytest.param(it, marks=_MARKS.get(it, []))
    for it in ("pyrfc", "saprfclib")
    if importlib.util.find_spec(it) is not None
]
NO_CLIENT = pytest.param(
    "none",
    marks=pytest.mark.skip(
        reason="no RFC library is installed: the same tests run on the fake connection"
    ),
)


@pytest.fixture(params=CLIENTS or [NO_CLIENT])
def library(request):
    """Return each RFC library there is: what is shown with it is shown over the true wire."""
    yield request.param
    _collect(request.param)


@pytest.fixture
def books():
    return Books()


@pytest.fixture
def functions(books):
    return Functions(books)


@pytest.fixture(params=["fake", *(CLIENTS or [NO_CLIENT])])
def connect(request, functions):
    """Return a function that opens a connection to the double."""
    if request.param == "fake":
        yield lambda: FakeConnection(functions)
        return
    with RfcServer(functions) as server:
        yield lambda: connect_rfc(library=request.param, **server.parameters)
    _collect(request.param)


def _collect(library):
    """Let what a library leaves behind be its own test's, not the next one's."""
    if library in _MARKS:
        gc.collect()


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
