"""The csv adapter passes the kit: every scenario written as a facts table and read back."""

import pytest

from receivables import Customer
from receivables.adapters.csv import CsvSource, write_facts
from receivables.testing import AdapterConformance


class TestCsvSource(AdapterConformance):
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path):
        self._folder = tmp_path

    def expected(self, scenario):
        return tuple(fact for fact in scenario.facts if not isinstance(fact, Customer))

    def make_source(self, scenario):
        write_facts(self.expected(scenario), self._folder / "facts.csv")
        return CsvSource(self._folder / "facts.csv")

    def make_faulty_source(self, scenario):
        source = self.make_source(scenario)
        with (self._folder / "facts.csv").open("a") as file:
            file.write("one,field,too,few\n")
        return source
