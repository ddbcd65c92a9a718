"""The adapter passes the kit that every adapter must pass, over real HTTP and in both query dialects."""

from __future__ import annotations

import pytest

from receivables.testing import AdapterConformance
from receivables.testing.oracle import Modes, held, pulled, told_books


class Kit(AdapterConformance):
    framework = 4

    @pytest.fixture(autouse=True)
    def _bench(self, bench):
        self.bench = bench

    def make_source(self, scenario):
        self.double = self.bench.double(scenario.facts, modes=Modes(largest_page=2))
        return self.bench.source(self.double, framework=self.framework, page_size=2)

    def make_faulty_source(self, scenario):
        source = self.make_source(scenario)
        key = self.double.tables.new_id()
        self.double.tables.rows["receivablesCreditMemos"][key] = {
            "CustomerTransactionId": key,
            "CreditMemoStatus": "Complete",
            "CreditMemoCurrency": "MXN",
            "EnteredAmount": "a lot",
        }
        return source

    def expected(self, scenario):
        return pulled(held(scenario.facts), told_books(scenario.facts).ids)


class TestFramework4(Kit):
    framework = 4


class TestFramework1(Kit):
    framework = 1
