"""The adapter that the tutorial builds passes the kit, with the code that stands on the page and no other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from receivables.testing import SCENARIOS, Scenario

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tutorials" / "your-first-adapter.md"


def code() -> dict[str, Any]:
    """Run the blocks of the page that define something."""
    blocks = re.findall(
        r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    names: dict[str, Any] = {"__name__": "tutorial"}
    for block in blocks:
        if not block.startswith(">>>"):
            exec(block, names)  # noqa: S102 - the page's own code
    return names


LINES = code()["TestLines"]


class TestTutorial(LINES):
    """Every clause over every scenario the page lets take part, so that nothing here is skipped."""

    @pytest.fixture(params=LINES.scenarios, ids=str)
    def scenario(self, request: pytest.FixtureRequest) -> Scenario:
        return request.param


def test_the_page_says_how_many_pass():
    clauses = [name for name in dir(LINES) if name.startswith("test_")]
    taking, all_ = len(LINES.scenarios), len(SCENARIOS)
    counts = f"{len(clauses) * taking} passed, {len(clauses) * (all_ - taking)} skipped"
    assert counts == "120 passed, 30 skipped"
    assert counts in PAGE.read_text(encoding="utf-8")


def test_without_saying_what_it_holds_the_adapter_loses_facts():
    names = code()
    kit = names["TestLines"]()
    scenario = names["SCENARIOS"][0]
    kit.expected = lambda it: it.facts
    try:
        kit.test_01_every_fact_arrives(scenario)
    except AssertionError as error:
        said = str(error).splitlines()[0]
    assert said == "01-partial-payment: lost [('R-1', ''), ('A-1', '')]"
    assert said in PAGE.read_text(encoding="utf-8")
