"""Each kind of change, and what is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.mutants import mutants_of


def changed(source: str) -> list[str]:
    return [mutant.source.decode() for mutant in mutants_of("m", Path("m.py"), source.encode())]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < b", ["pass", "(a <= b)", "(a > b)"]),
        ("x = a == b", ["x = (a != b)"]),
        ("x = a < b <= c", ["x = (a <= b <= c)", "x = (a > b <= c)", "x = (a < b < c)", "x = (a < b >= c)"]),
        ("x = (a + b) * c", ["x = ((a + b) // c)", "x = ((a - b)) * c"]),
        ("x = a and not b", ["x = (a or not b)", "x = a and (b)"]),
        ("x = f(1)", ["x = f(2)", "x = f(0)"]),
        ("x = True", ["x = False"]),
        ("x = -a", ["x = (a)"]),
        ("if a: f()", ["if (not a): f()", "if a: pass"]),
        ("x = [b for b in c if b]", ["x = [b for b in c if (not b)]"]),
        ("def f(): return 'é', a", ["def f(): return None"]),
        ("def f(a: int = 1) -> None: raise a", ["def f(a: int = 2) -> None: raise a", "def f(a: int = 0) -> None: raise a", "def f(a: int = 1) -> None: pass"]),
        ("x = 'é'; y = 3", ["x = 'é'; y = 4", "x = 'é'; y = 2"]),
    ],
)  # fmt: skip
def test_each_change_is_made_alone(source, expected):
    assert changed(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        '"""A docstring with a < b and 1."""',
        "x = 'text'",
        "def f(a: Literal[1]) -> Annotated[int, 2]: ...",
        "@dataclass(frozen=True)\nclass A(B, slots=True): ...",
        "if TYPE_CHECKING:\n    x = 1",
        "__all__ = ['a'] + ['b']",
        "x = f'{a + 1}'",
        "def f(): return None",
    ],
)
def test_what_no_test_should_notice_is_left_alone(source):
    assert changed(source) == []


def test_a_mutant_says_where_it_is_and_what_changed():
    [mutant] = mutants_of("m", Path("src/m.py"), b"def f():\n    x = -a\n")
    assert (mutant.place, mutant.kind) == ("src/m.py:2", "sign or not removed")
    assert (mutant.before, mutant.after) == ("    x = -a\n", "    x = (a)\n")


def test_every_mutant_of_this_project_is_valid_python(root):
    for path in sorted((root / "tools").glob("*.py")):
        for mutant in mutants_of("m", path, path.read_bytes()):
            compile(mutant.source, mutant.place, "exec")
