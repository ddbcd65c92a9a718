"""The SAP adapter passes the kit over tables, BAPIs and OData; what SAP cannot hold is said by the poster."""

import pytest
import requests

from receivables.adapters.sap import SapODataSource, SapRfcSource
from receivables.facts import Customer
from receivables.testing import AdapterConformance
from receivables.testing.sap import (
    CODES,
    PASSWORD,
    USER,
    FakeConnection,
    Faults,
    Functions,
    GatewayServer,
    HttpFaults,
    Poster,
)


class Sap(AdapterConformance):
    path = "tables"

    def make_source(self, scenario):
        return self.over(scenario, Faults())

    def make_faulty_source(self, scenario):
        return self.over(scenario, Faults(corrupt=frozenset({"BSID", "BSAD", "BAPI3007_2"})))

    def over(self, scenario, faults):
        poster = Poster(scenario.facts)
        functions = Functions(poster.post(), faults)
        source = SapRfcSource(
            FakeConnection(functions), ["MX01"], path=self.path, codes=CODES, accounts_per_page=1
        )
        return WithoutCustomers(source)

    def expected(self, scenario):
        poster = Poster(scenario.facts)
        poster.post()
        return tuple(poster.expected)


class WithoutCustomers:
    """The scenarios hold no customers, and SAP holds one for each account: they are left out here, and tried elsewhere."""

    def __init__(self, source):
        self.source, self.name = source, source.name

    def capabilities(self):
        return self.source.capabilities()

    def pages(self, since=None):
        for page in self.source.pages(since):
            kept = tuple(it for it in page.facts if not isinstance(it, Customer))
            yield type(page)(kept, page.problems, page.cursor, (), page.source)


class TestTables(Sap):
    pass


class TestBapis(Sap):
    path = "bapi"


class TestOData(Sap):
    @pytest.fixture(autouse=True)
    def _servers(self):
        self.open = []
        yield
        for it in self.open:
            it.close()

    def make_faulty_source(self, scenario):
        return self.over(scenario, HttpFaults(corrupt=True))

    def over(self, scenario, faults):
        poster = Poster(scenario.facts)
        server = GatewayServer(poster.post(), faults if isinstance(faults, HttpFaults) else None)
        session = requests.Session()
        session.auth, session.trust_env = (USER, PASSWORD), False
        self.open += [server, session]
        source = SapODataSource(server.url, session, ["MX01"], codes=CODES, accounts_per_page=1)
        return WithoutCustomers(source)
