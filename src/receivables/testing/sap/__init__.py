"""SAP without SAP: books that post and clear as FI does, behind a wire, a fake connection, or an OData service.

poster = Poster(make_portfolio(customers=5, invoices=50).facts)
functions = Functions(poster.post())
with RfcServer(functions) as server:                       # the true wire, for an RFC library
    source = SapRfcSource(lambda: connect_rfc(**server.parameters), ["MX01"], codes=CODES)
source = SapRfcSource(FakeConnection(functions), ["MX01"], codes=CODES)     # no library needed
with GatewayServer(poster.books) as gateway: ...                            # OData over HTTP
"""

from receivables.testing.sap.answers import PASSWORD, USER
from receivables.testing.sap.books import Books
from receivables.testing.sap.fake import FakeConnection
from receivables.testing.sap.faults import AbapError, Faults, HttpFaults
from receivables.testing.sap.functions import Functions
from receivables.testing.sap.gateway import GatewayServer
from receivables.testing.sap.posting import CODES, Poster
from receivables.testing.sap.wire import RfcServer

__all__ = [
    "CODES",
    "PASSWORD",
    "USER",
    "AbapError",
    "Books",
    "FakeConnection",
    "Faults",
    "Functions",
    "GatewayServer",
    "HttpFaults",
    "Poster",
    "RfcServer",
]
