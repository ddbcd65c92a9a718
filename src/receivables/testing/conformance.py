"""The kit an adapter must pass: one test a clause of the contract, over every scenario.

    class TestMyErp(AdapterConformance):
        def make_source(self, scenario):
            return MyErpSource(FakeMyErp(scenario.facts))

        def make_faulty_source(self, scenario):
            return MyErpSource(FakeMyErp(scenario.facts, unreadable_row=True))

Every clause looks at one thing only, so that what fails says what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import fields
from itertools import chain
from typing import Any, cast

import pytest

from receivables.adapters import load
from receivables.adapters.port import Page, Source
from receivables.facts import Customer
from receivables.subledger import Subledger
from receivables.testing.builders import AnyFact
from receivables.testing.scenarios import SCENARIOS, Scenario

_DATES = ("posting_date", "document_date", "due_date", "baseline_date", "valid_from")
_LINKS = ("source", "target", "of", "instalment", "increase")
_TEXTS = ("customer", "reference", "reason", "name", "disputed")
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class AdapterConformance:
    """Inherit this in a test class and say how a source of given facts is made."""

    scenarios: Sequence[Scenario] = SCENARIOS

    def make_source(self, scenario: Scenario) -> Source:
        """Return a source that holds the facts of a scenario; a fresh one each time."""
        raise NotImplementedError

    def make_faulty_source(self, scenario: Scenario) -> Source | None:  # noqa: ARG002 - to be overridden
        """Return the same source with something in it that cannot be read; None when that cannot be."""
        return None

    def expected(self, scenario: Scenario) -> tuple[AnyFact, ...]:
        """Return the facts that must arrive; override it where the system cannot hold all of them."""
        return scenario.facts

    @pytest.fixture(params=SCENARIOS, ids=str)
    def scenario(self, request: pytest.FixtureRequest) -> Scenario:
        """Each scenario the adapter takes part in."""
        chosen = cast("Scenario", request.param)  # pyright: ignore[reportUnknownMemberType]
        if chosen not in self.scenarios:
            pytest.skip(f"{chosen} is none of this adapter's scenarios")
        return chosen

    def test_01_every_fact_arrives(self, scenario: Scenario) -> None:
        """No fact of the source is lost."""
        arrived = set(self._arrived(scenario))
        lost = [_key(it) for it in self.expected(scenario) if _key(it) not in arrived]
        assert not lost, f"{scenario}: lost {lost}"

    def test_02_nothing_else_arrives(self, scenario: Scenario) -> None:
        """No fact is made up, or given a second time under another id."""
        wanted = {_key(it) for it in self.expected(scenario)}
        extra = [key for key in self._arrived(scenario) if key not in wanted]
        assert not extra, f"{scenario}: not in the source: {extra}"

    def test_03_ids_are_stable(self, scenario: Scenario) -> None:
        """The same source read by another run gives the same ids."""
        one, two = self.make_source(scenario), self.make_source(scenario)
        assert _ids(one.pages()) == _ids(two.pages()), f"{scenario}: ids differ between runs"

    def test_04_a_cursor_resumes_exactly(self, scenario: Scenario) -> None:
        """After a page was kept, its cursor gives what comes after it: no more and no less."""
        source = self._incremental(scenario)
        pages = list(source.pages())
        for number, page in enumerate(pages, start=1):
            rest = _ids(source.pages(since=page.cursor))
            assert rest == _ids(pages[number:]), (
                f"{scenario}: cursor {page.cursor!r} resumes wrongly"
            )

    def test_05_reading_changes_nothing(self, scenario: Scenario) -> None:
        """A second reader, even in the middle of the first, gets the same facts."""
        source = self.make_source(scenario)
        whole = _facts(source.pages())
        first = source.pages()
        begun = list(chain.from_iterable(page.facts for page in [next(first, Page(()))]))
        assert _facts(source.pages()) == whole, f"{scenario}: a second reading differs"
        assert [*begun, *_facts(first)] == whole, f"{scenario}: readings disturb each other"

    def test_06_kinds_are_right(self, scenario: Scenario) -> None:
        """A credit is a credit: the kind says the direction and amounts are above zero."""
        self._compare(scenario, ("kind",))

    def test_07_amounts_are_exact(self, scenario: Scenario) -> None:
        """To the last decimal of the currency: none for JPY, three for KWD."""
        self._compare(scenario, ("amount", "source_amount", "instalments"))

    def test_08_dates_are_unchanged(self, scenario: Scenario) -> None:
        """No day is moved, by a time zone or otherwise; a date that was not given is not made up."""
        self._compare(scenario, _DATES)

    def test_09_links_are_unchanged(self, scenario: Scenario) -> None:
        """What rests on a fact names that fact."""
        self._compare(scenario, _LINKS)

    def test_10_texts_are_unchanged(self, scenario: Scenario) -> None:
        """Leading zeros, accents and what looks like a number stay as they are."""
        self._compare(scenario, _TEXTS)

    def test_11_order_is_irrelevant(self, scenario: Scenario) -> None:
        """A fact given again is the same fact, so pages may be taken in any order and more than once."""
        facts = _facts(self.make_source(scenario).pages())
        held: dict[tuple[str, str], AnyFact] = {}
        for fact in facts:
            known = held.setdefault(_key(fact), fact)
            assert known == fact, f"{scenario}: {fact.id} is given twice, and differently"
        forth, back = Subledger.load(facts)[0], Subledger.load(facts[::-1])[0]
        assert forth == back, f"{scenario}: the order of facts changes the subledger"

    def test_12_bad_data_is_a_problem(self, scenario: Scenario) -> None:
        """What cannot be read raises nothing, hides nothing else, and is listed."""
        source = self._faulty(scenario)
        pages = list(source.pages())
        assert any(page.problems for page in pages), f"{scenario}: the fault is not listed"
        arrived = {_key(fact) for page in pages for fact in page.facts}
        hidden = [_key(it) for it in self.expected(scenario) if _key(it) not in arrived]
        clean = self._arrived(scenario)
        assert not [key for key in hidden if key in clean], f"{scenario}: the fault hides {hidden}"

    def test_13_counts_tie(self, scenario: Scenario) -> None:
        """The rows of a page say exactly its facts, so that a load accounts for every row."""
        source = self.make_source(scenario)
        for page in source.pages():
            told = tuple(chain.from_iterable(entry.facts for entry in page.entries))
            assert not page.entries or told == page.facts, f"{scenario}: rows and facts differ"
        tally = load(self.make_source(scenario)).tally
        assert tally.rows == tally.accepted + tally.duplicates + tally.quarantined

    def test_14_capabilities_are_honest(self, scenario: Scenario) -> None:
        """What is promised is given: when facts became known, cursors, and history."""
        source = self.make_source(scenario)
        promised = source.capabilities()
        pages = list(source.pages())
        told = {_key(it): getattr(it, "recorded_at", None) for page in pages for it in page.facts}
        for fact in self.expected(scenario):
            wanted = fact.recorded_at if promised.recorded else None
            assert told.get(_key(fact), wanted) == wanted, f"{scenario}: recorded_at of {fact.id}"
        assert not promised.incremental or all(page.cursor is not None for page in pages)
        dated = {"allocation", "write_off", "adjustment", "refund", "reversal"}
        kinds = {fact.kind for page in pages for fact in page.facts}
        assert promised.history or not kinds & dated, f"{scenario}: history without promising it"

    def test_15_problems_say_where(self, scenario: Scenario) -> None:
        """Each problem has a stable code, a sentence and a place."""
        for page in self._faulty(scenario).pages():
            for problem in page.problems:
                assert _CODE.fullmatch(problem.code), f"{scenario}: code {problem.code!r}"
                assert problem.message.strip(), f"{scenario}: {problem.code} without a sentence"
                assert problem.where.strip(), f"{scenario}: {problem.code} without a place"

    def _arrived(self, scenario: Scenario) -> dict[tuple[str, str], AnyFact]:
        """Upsert the facts of all pages by identity."""
        return {_key(fact): fact for fact in _facts(self.make_source(scenario).pages())}

    def _compare(self, scenario: Scenario, names: Iterable[str]) -> None:
        arrived = self._arrived(scenario)
        for wanted in self.expected(scenario):
            got = arrived.get(_key(wanted))
            for name in names if got is not None else ():
                told, true = getattr(got, name, None), _value(wanted, name)
                assert told == true, f"{scenario}: {name} of {wanted.id} is {told!r}, not {true!r}"

    def _incremental(self, scenario: Scenario) -> Source:
        source = self.make_source(scenario)
        if not source.capabilities().incremental:
            pytest.skip("the source promises no increments")
        return source

    def _faulty(self, scenario: Scenario) -> Source:
        source = self.make_faulty_source(scenario)
        if source is None:
            pytest.skip("make_faulty_source is not given")
        return source


def _key(fact: AnyFact) -> tuple[str, str]:
    return (fact.id, str(fact.valid_from) if isinstance(fact, Customer) else "")


def _value(fact: AnyFact, name: str) -> Any:
    known = name == "kind" or name in {field.name for field in fields(fact)}
    return getattr(fact, name) if known else None


def _facts(pages: Iterable[Page]) -> list[AnyFact]:
    return list(chain.from_iterable(page.facts for page in pages))


def _ids(pages: Iterable[Page]) -> list[str]:
    return [fact.id for fact in _facts(pages)]
