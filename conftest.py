"""Settings shared by every test, and the examples in prose and docstrings as tests."""

from __future__ import annotations

from doctest import ELLIPSIS, NORMALIZE_WHITESPACE
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sybil import Sybil
from sybil.document import PythonDocStringDocument
from sybil.parsers.myst import ClearNamespaceParser, PythonCodeBlockParser, SkipParser
from sybil.parsers.rest import DocTestParser

ROOT = Path(__file__).resolve().parent
OPTIONS = ELLIPSIS | NORMALIZE_WHITESPACE

# Examples are drawn afresh on each run, except in `ci`: a gate must give one answer for one commit.
# How fast a machine is says nothing about a law, so no deadline.
for name, examples in {"dev": 50, "ci": 200, "deep": 20_000}.items():
    settings.register_profile(
        name,
        max_examples=examples,
        database=None,
        deadline=None,
        print_blob=True,
        derandomize=name == "ci",
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile("dev")  # another one: pytest --hypothesis-profile=ci


def at_any_depth(folder: str, ending: str) -> list[str]:
    """Return patterns for the files under a folder: before Python 3.13, `**` stands for one folder only."""
    return [f"{folder}/{'*/' * depth}*.{ending}" for depth in range(6)]


# Every Python block of the README and the documentation runs, and so does every `>>>` in a docstring.
# Blocks of one page share their names. A block that cannot run says why:  <!-- skip: next "reason" -->
PROSE = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=OPTIONS),
        SkipParser(),
        ClearNamespaceParser(),
    ],
    patterns=["README.md", *at_any_depth("docs", "md")],
    excludes=["docs/reference/api/*.md"],
)
DOCSTRINGS = Sybil(
    parsers=[DocTestParser(optionflags=OPTIONS)],
    patterns=at_any_depth("src", "py"),
    document_types={".py": PythonDocStringDocument},
)
pytest_collect_file = (PROSE + DOCSTRINGS).pytest()


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of public files and cases that are not ours to ship; skip where it is absent."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip(
            "no folder 'shared' beside the project: its public test files cannot be shipped"
        )
    return folder
