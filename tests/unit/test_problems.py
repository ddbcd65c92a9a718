"""Problems: bad data as values."""

from dataclasses import FrozenInstanceError

import pytest

from receivables import Problem


def test_a_problem_is_a_line():
    assert (
        str(Problem("unknown-fact", "A-1 names F-9", where="a.csv:2"))
        == "a.csv:2: unknown-fact: A-1 names F-9"
    )
    assert str(Problem("unknown-fact", "A-1 names F-9")) == "unknown-fact: A-1 names F-9"


def test_a_problem_quarantines_unless_it_says_otherwise():
    assert Problem("a", "b").severity == "quarantined"
    with pytest.raises(FrozenInstanceError):
        Problem("a", "b").code = "c"
