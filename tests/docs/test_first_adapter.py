"""The adapter that the tutorial builds passes the kit, with the code that stands on the page and no other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

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


class TestTutorial(code()["TestLines"]):
    """Every clause over every scenario."""


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
