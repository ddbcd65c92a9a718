"""Each rule of tools/tidy.py, seen to fail on the smallest file that breaks it and to pass beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.tidy import breaches, main

CORE = "src/receivables/aging.py"
# Joined from parts, so that this file passes the rules it tests.
TO_DO, HOST, HOME = "TO" + "DO", "pyp" + "i.org", "/wo" + "rk/"


def found(tmp_path: Path, name: str, text: str) -> list[str]:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return [str(breach) for breach in breaches(tmp_path)]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (CORE, "a = date.today()", "1: date.today() is banned, use a date the caller states"),
        (CORE, "a = dt.date.today()", "1: date.today() is banned, use a date the caller states"),
        (
            "tests/t.py",
            "\nx = datetime.now(UTC)",
            "2: datetime.now() is banned, use a date the caller states",
        ),
        (CORE, "a = float(b)", "1: float() is banned, use Decimal"),
        (
            CORE,
            "print(1)",
            "1: print() is banned, use a returned value; only the command line prints",
        ),
        (
            "src/receivables/cli/app.py",
            "logging.basicConfig()",
            "1: logging.basicConfig() is banned, use no logging set-up: it belongs to the caller",
        ),
        (
            "docs/a.md",
            f"later: {TO_DO}",
            f"1: '{TO_DO}' is banned, use an issue, or the work itself",
        ),
        ("a.txt", f"from {HOST}", f"1: '{HOST}' is banned, use a package name alone"),
        (
            "Makefile",
            f"cd {HOME}main",
            f"1: '{HOME}' is banned, use a path relative to the project",
        ),
        (".ci/run", f"cd {HOME}main", f"1: '{HOME}' is banned, use a path relative to the project"),
        (
            CORE,
            "a = 1\n" * 401,
            "1: a module of 401 lines is banned, use modules of at most 400, split by meaning",
        ),
        (
            "tools/t.py",
            "def f():\n" + "    a = 1\n" * 60,
            "1: a function of 61 lines (f) is banned, use functions of at most 60",
        ),
    ],
)
def test_each_rule_names_the_line_and_the_replacement(tmp_path, name, text, message):
    assert found(tmp_path, name, text) == [f"{name}:{message}"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (CORE, '"""float(x), print(x) and date.today() in prose."""\nisinstance(a, float)'),
        (CORE, "a = 1\n" * 400),
        ("src/receivables/frames/kernel.py", "a = float(b)"),
        ("src/receivables/aging/chart.py", "height = float(b)"),
        ("src/receivables/cli/app.py", "print(1)"),
        ("tools/t.py", "print(1)"),
        ("tools/t.py", "def f():\n" + "    a = 1\n" * 59),
        (".venv/lib/a.py", "date.today()"),
        ("build/a.txt", HOST),
        ("docs/a.md", "a frame" + HOME + "engine, https://example.com" + HOME),
    ],
)
def test_what_is_allowed_passes(tmp_path, name, text):
    assert found(tmp_path, name, text) == []


def test_the_exit_status_says_whether_anything_was_found(tmp_path, capsys):
    assert main([str(tmp_path)]) == 0
    (tmp_path / "a.md").write_text(HOST, encoding="utf-8")
    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().out == f"a.md:1: '{HOST}' is banned, use a package name alone\n"
