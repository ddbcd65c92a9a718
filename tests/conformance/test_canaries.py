"""The kit can fail: each canary breaks one clause of the contract, and exactly that clause says so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from receivables import CreditMemo, Invoice, Money, Problem
from receivables.adapters.memory import MemorySource
from receivables.adapters.port import Capabilities, Entry, Page
from receivables.testing import SCENARIOS, AdapterConformance

CLAUSES = sorted(name for name in vars(AdapterConformance) if name.startswith("test_"))
FAULT = Problem("unreadable-row", "row 7 says no fact; correct it", where="row 7")


class Canary(AdapterConformance):
    """Sound as it stands; each canary below overrides one thing."""

    promises = Capabilities(history=True, incremental=True, recorded=True)

    def make_source(self, scenario):
        return Source(self, self.facts(scenario), ())

    def make_faulty_source(self, scenario):
        return Source(self, self.facts(scenario), (FAULT,))

    def facts(self, scenario):
        return scenario.facts

    def pages(self, source, since):
        yield from MemorySource(source.facts, problems=source.problems, page_size=2).pages(since)


class Source:
    name = "canary"

    def __init__(self, kit, facts, problems):
        self.kit, self.facts, self.problems = kit, facts, problems

    def capabilities(self):
        return self.kit.promises

    def pages(self, since=None):
        return self.kit.pages(self, since)


def changed(facts, kind, **changes):
    return tuple(replace(it, **changes) if isinstance(it, kind) else it for it in facts)


class Loses(Canary):
    def facts(self, scenario):
        return scenario.facts[1:]


class Doubles(Canary):
    def facts(self, scenario):
        return (*scenario.facts, replace(scenario.facts[0], id="copy"))


class CountsRuns(Canary):
    run = 0

    def make_source(self, scenario):
        self.run += 1
        facts = scenario.facts
        return Source(
            self,
            facts if self.run == 1 else (replace(facts[0], id=f"run-{self.run}"), *facts[1:]),
            (),
        )


class ResumesLate(Canary):
    def pages(self, source, since):
        later = None if since is None else str(min(int(since) + 1, len(source.facts)))
        yield from super().pages(source, later)


class UsesItselfUp(Canary):
    def pages(self, source, since):
        if since is None and getattr(source, "read", False):
            return
        source.read = True
        yield from super().pages(source, since)


class TurnsCreditsIntoCharges(Canary):
    def facts(self, scenario):
        return tuple(
            Invoice(id=it.id, customer=it.customer, amount=it.amount, posting_date=it.posting_date)
            if isinstance(it, CreditMemo)
            else it
            for it in scenario.facts
        )


class RoundsToYen(Canary):
    def facts(self, scenario):
        return tuple(
            replace(it, amount=Money("0.010", "KWD"))
            if getattr(it, "amount", None) == Money("0.005", "KWD")
            else it
            for it in scenario.facts
        )


class MovesDays(Canary):
    def facts(self, scenario):
        first = scenario.facts[0]
        return (
            replace(first, posting_date=first.posting_date - timedelta(days=1)),
            *scenario.facts[1:],
        )


class ForgetsInstalments(Canary):
    def facts(self, scenario):
        return tuple(
            replace(it, instalment=None) if it.kind == "allocation" else it for it in scenario.facts
        )


class ReadsNumbers(Canary):
    def facts(self, scenario):
        return tuple(
            replace(it, customer=it.customer.lstrip("0")) if getattr(it, "customer", None) else it
            for it in scenario.facts
        )


class ChangesItsMind(Canary):
    def facts(self, scenario):
        first = scenario.facts[0]
        return (replace(first, recorded_at=datetime(2020, 1, 1, tzinfo=UTC)), *scenario.facts)


class HidesNeighbours(Canary):
    def make_faulty_source(self, scenario):
        return Source(self, scenario.facts[1:], (FAULT,))


class Raises(Canary):
    def pages(self, source, since):
        if source.problems:
            raise ValueError("row 7")
        yield from super().pages(source, since)


class Miscounts(Canary):
    def pages(self, source, since):
        for page in super().pages(source, since):
            yield Page(
                page.facts,
                page.problems,
                page.cursor,
                (Entry((1,), page.facts[:1]),) if page.facts else (),
            )


class ForgetsWhen(Canary):
    def facts(self, scenario):
        return tuple(replace(it, recorded_at=None) for it in scenario.facts)


class SaysNotWhere(Canary):
    def make_faulty_source(self, scenario):
        return Source(self, scenario.facts, (replace(FAULT, where=""),))


CANARIES = {
    Loses: 1,
    Doubles: 2,
    CountsRuns: 3,
    ResumesLate: 4,
    UsesItselfUp: 5,
    TurnsCreditsIntoCharges: 6,
    RoundsToYen: 7,
    MovesDays: 8,
    ForgetsInstalments: 9,
    ReadsNumbers: 10,
    ChangesItsMind: 11,
    HidesNeighbours: 12,
    Miscounts: 13,
    ForgetsWhen: 14,
    SaysNotWhere: 15,
}


def failing(kit):
    """Return the numbers of the clauses that fail for some scenario."""
    found = set()
    for clause in CLAUSES:
        for scenario in SCENARIOS:
            try:
                getattr(kit(), clause)(scenario)
            except (AssertionError, ValueError):
                found.add(int(clause[5:7]))
    return found


def test_the_sound_canary_lives():
    """Without a fault every clause passes."""
    assert failing(Canary) == set()


@pytest.mark.parametrize(
    ("kit", "clause"), CANARIES.items(), ids=lambda it: getattr(it, "__name__", str(it))
)
def test_each_canary_fails_its_clause_alone(kit, clause):
    """One fault, one clause."""
    assert failing(kit) == {clause}


def test_a_source_that_raises_fails():
    """An exception is no way to report bad data."""
    assert failing(Raises) == {12, 15}


def test_every_clause_has_its_canary():
    """No clause of the kit is untested."""
    assert sorted(CANARIES.values()) == [int(clause[5:7]) for clause in CLAUSES]
