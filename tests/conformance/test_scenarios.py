"""What must come out of the scenarios comes out, in the subledger and in the reference model."""

import pytest

from receivables import Subledger
from receivables.testing import SCENARIOS
from receivables.testing.reference import Reference


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_a_scenario_ends_as_written(scenario):
    items = Subledger.of(scenario.facts).open_items(as_of=scenario.as_of)
    found = [(item.id, str(item.open_amount), item.days_past_due) for item in items]
    assert sorted(found, key=str) == sorted(scenario.open, key=str)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_the_reference_model_agrees(scenario):
    items = Reference.of(scenario.facts, scenario.as_of).open_items()
    assert sorted((it.id, f"{it.open_amount} {it.currency}") for it in items) == sorted(
        (name, amount) for name, amount, _ in scenario.open
    )


def test_scenarios_are_numbered_for_ever():
    assert [it.number for it in SCENARIOS] == list(range(1, len(SCENARIOS) + 1))
