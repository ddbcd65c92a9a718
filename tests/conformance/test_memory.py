"""The reference adapter passes the kit that every adapter must pass."""

from receivables import Problem
from receivables.adapters.memory import MemorySource
from receivables.testing import AdapterConformance

FAULT = Problem("unreadable-row", "row 7 says no fact; correct it", where="row 7")


class TestMemorySource(AdapterConformance):
    def make_source(self, scenario):
        return MemorySource(scenario.facts, page_size=2)

    def make_faulty_source(self, scenario):
        return MemorySource(scenario.facts, problems=[FAULT], page_size=2)
