"""Who may import whom, and what importing costs."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

HEAVY = {
    "duckdb",
    "lxml",
    "matplotlib",
    "narwhals",
    "numpy",
    "pandas",
    "polars",
    "pyarrow",
    "pyspark",
}
OUTSIDE_CORE = {"adapters", "cfdi", "cli", "frames", "testing"}


def run(*command: str, root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=root, capture_output=True, text=True, check=False
    )


def test_every_import_contract_is_kept(root):
    done = run("-c", "from importlinter.cli import lint_imports_command as c; c()", root=root)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_contract_of_the_core_lists_every_core_module(root):
    contracts = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    [pure] = [
        contract
        for contract in contracts["tool"]["importlinter"]["contracts"]
        if contract["id"] == "pure-core"
    ]
    listed = {name.removeprefix("receivables.") for name in pure["source_modules"]}
    present = {
        path.stem
        for path in (root / "src" / "receivables").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    }
    assert listed == present - OUTSIDE_CORE - {"__init__"}


def test_import_receivables_loads_no_dataframe_library_and_no_extra(root):
    done = run(
        "-c", f"import sys, receivables; print(*sorted({HEAVY!r} & sys.modules.keys()))", root=root
    )
    assert (done.stdout.split(), done.stderr) == ([], "")


def test_nothing_banned_is_in_the_project(root):
    done = run("tools/tidy.py", root=root)
    assert done.stdout.splitlines() == []
