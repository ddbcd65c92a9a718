"""The mutation runner on a toy project: it counts what is true, and stops when it cannot know."""

from __future__ import annotations

import shutil

import pytest

from tools.mutate import main

MODULE = '''"""Late fees."""


def is_late(days):
    return days > 0


def fee(days):
    return days * 2
'''
GOOD = """
from receivables.fees import fee, is_late

def test_boundary():
    assert [is_late(n) for n in (-1, 0, 1)] == [False, False, True]
"""
READS_ITS_SOURCE = """
import pathlib, receivables.fees

def test_text():
    source = pathlib.Path(receivables.fees.__file__).read_text()
    assert "that no code reads" not in source
"""


@pytest.fixture
def project(tmp_path, root):
    here, root = root, tmp_path / "main"
    package = root / "src" / "receivables"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "fees.py").write_text(MODULE, encoding="utf-8")
    (root / "tests").mkdir()
    shutil.copy2(here / "pyproject.toml", root)  # the settings that the real runs have
    return root


def run(root, test, *arguments):
    (root / "tests" / "test_fees.py").write_text(test, encoding="utf-8")
    (root / "conftest.py").write_text(
        "from hypothesis import settings\nsettings.register_profile('dev')", encoding="utf-8"
    )
    return main(["fees", *arguments], root)


@pytest.mark.slow
def test_it_tells_killed_from_survived_and_leaves_the_project_alone(project, capsys):
    assert run(project, GOOD, "--fail-under", "60") == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("controls as expected; 9 mutants")
    assert "src/receivables/fees.py:9: survived (arithmetic)" in lines
    assert "  - return days * 2" in lines
    assert "  + return (days // 2)" in lines
    assert lines[-1].split() == ["total", "9", "5", "0", "4", "0", "55.6%"]
    assert (project / "src/receivables/fees.py").read_text(encoding="utf-8") == MODULE


def test_a_sample_is_drawn_by_its_seed(project, capsys):
    assert run(project, GOOD, "--sample", "2", "--seed", "1") == 0
    assert capsys.readouterr().out.splitlines()[-1].split()[:2] == ["total", "2"]


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        ("def test_fails(): assert False", "the tests do not pass on the unchanged code"),
        (
            "def test_other(): pass",
            "a module that fails on import must be killed, but was survived",
        ),
        (
            READS_ITS_SOURCE,
            "a changed docstring must be survived, but was killed",
        ),
    ],
)
def test_it_stops_when_a_control_comes_out_wrong(project, capsys, test, reason):
    assert run(project, test) == 2
    assert capsys.readouterr().err.startswith(f"stopped: fees: {reason}")


def test_it_stops_when_nothing_could_notice_a_change(project, capsys):
    assert main(["fees"], project) == 2
    assert "no tests found" in capsys.readouterr().err
