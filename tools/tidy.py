"""Refuse what no linter knows to refuse: our own rules, one line for each breach.

Usage: python tools/tidy.py [ROOT]. Prints `{file}:{line}: {what} is banned, use {instead}`; exit status 1 when it did.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import override

MODULE_LINES = 400
FUNCTION_LINES = 60
SKIPPED = {"__pycache__", "build", "dist", "node_modules"}
BINARY = {".png", ".xlsx", ".parquet", ".gz", ".zip", ".ico", ".pdf"}

# Folders of src/receivables that are not the core: they may convert to float for a chart or print a table.
OUTSIDE_CORE = {"adapters", "cfdi", "cli", "frames", "testing"}

NO_CLOCK = "a date the caller states"
BANNED_CALLS = {
    "date.today": NO_CLOCK,
    "datetime.today": NO_CLOCK,
    "datetime.now": NO_CLOCK,
    "datetime.utcnow": NO_CLOCK,
    "logging.basicConfig": "no logging set-up: it belongs to the caller",
}
BANNED_IN_CORE = {"float": "Decimal"}
BANNED_OUTSIDE_CLI = {"print": "a returned value; only the command line prints"}
# A chart is drawn in floats, and a probability is no money; no amount is read back from either.
ALLOWED = {
    "src/receivables/aging/chart.py": {"float"},
    "src/receivables/metrics/charts.py": {"float"},
    "src/receivables/probability.py": {"float"},
}

# Documents of the Mexican tax authority state ISO 4217's code for no currency, which looks like a leftover mark.
NO_CURRENCY = (
    "src/receivables/cfdi/",
    "tests/cfdi/",
    "tests/data/cfdi/",
    "docs/cfdi/",
    "bench/cfdi",
)

# The parts are joined here so that this file does not hold what it refuses.
REGISTRIES = ("pyp" + "i.org", "python" + "hosted.org", "npm" + "js.org", "deb.deb" + "ian.org")
BANNED_TEXT = (
    (re.compile(r"\b(TO" + "DO|FIX" + r"ME|XX" + r"X)\b"), "an issue, or the work itself"),
    (re.compile("|".join(re.escape(host) for host in REGISTRIES)), "a package name alone"),
    (re.compile(r"(?<![\w.)}])/(work|root|home/\w+|Users/\w+)/"), "a path relative to the project"),
)


@dataclass(frozen=True, slots=True, order=True)
class Breach:
    """One broken rule: where, what, and what to use."""

    file: str
    line: int
    what: str
    instead: str

    @override
    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what} is banned, use {self.instead}"


def breaches(root: Path) -> list[Breach]:
    """Return every breach below `root`, in the order of files and lines."""
    return sorted(breach for path in files(root) for breach in in_file(path, root))


def files(root: Path) -> Iterator[Path]:
    """Yield the text files of the project: no hidden folder but `.ci`, nothing generated."""
    for path in sorted(root.iterdir()):
        hidden = path.name.startswith(".") and path.name != ".ci"
        if path.is_dir() and not hidden and path.name not in SKIPPED:
            yield from files(path)
        elif path.is_file() and path.suffix not in BINARY and path.name != ".git":
            yield path


def in_file(path: Path, root: Path) -> Iterator[Breach]:
    """Yield the breaches of one file."""
    name = path.relative_to(root).as_posix()
    text = path.read_text(encoding="utf-8", errors="replace")
    yield from in_text(name, text)
    if path.suffix == ".py":
        yield from in_python(name, text)


def in_text(name: str, text: str) -> Iterator[Breach]:
    """Yield what no file may hold: leftovers, registry hosts, paths of one machine."""
    for number, line in enumerate(text.splitlines(), start=1):
        for pattern, instead in BANNED_TEXT:
            if (found := pattern.search(line)) and not _is_no_currency(name, found.group()):
                yield Breach(name, number, f"'{found.group()}'", instead)


def _is_no_currency(name: str, found: str) -> bool:
    return found == "X" * 3 and name.startswith(NO_CURRENCY)


def in_python(name: str, text: str) -> Iterator[Breach]:
    """Yield banned calls, and modules and functions that are too long."""
    calls = dict(BANNED_CALLS)
    if name.startswith("src/"):
        part = Path(name).parts[2]
        if part.removesuffix(".py") not in OUTSIDE_CORE:
            calls |= BANNED_IN_CORE
        if part.removesuffix(".py") != "cli":
            calls |= BANNED_OUTSIDE_CLI
        lines = text.count("\n")
        if lines > MODULE_LINES:
            what = f"a module of {lines} lines"
            yield Breach(name, 1, what, f"modules of at most {MODULE_LINES}, split by meaning")
    for allowed in ALLOWED.get(name, ()):
        calls.pop(allowed, None)
    for node in ast.walk(ast.parse(text, name)):
        if isinstance(node, ast.Call):
            yield from in_call(name, node, calls)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                what = f"a function of {lines} lines ({node.name})"
                yield Breach(name, node.lineno, what, f"functions of at most {FUNCTION_LINES}")


def in_call(name: str, node: ast.Call, calls: dict[str, str]) -> Iterator[Breach]:
    """Yield the breach when a banned function is called, however its module was named."""
    called = dotted(node.func)
    for banned, instead in calls.items():
        if called == banned or ("." in banned and called.endswith(f".{banned}")):
            yield Breach(name, node.lineno, f"{banned}()", instead)


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for a name or attribute, or an empty text for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def main(arguments: list[str]) -> int:
    """Print every breach; return 1 when there was one."""
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    found = breaches(root)
    for breach in found:
        print(breach)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
