"""Write docs/reference/errors.md from tests/errors: every exception and problem, its minimal input, its exact message.

Usage: python tools/error_catalogue.py [--check]. With --check nothing is written; exit status 1 when the page is not current.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from receivables import errors

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "errors.md"
HEAD = """\
# Errors

Every exception and every problem of a table file, each with one input that causes it and exactly what is then said.
This page is written by `tools/error_catalogue.py` from the tests in `tests/errors`, so it says what the library says.

Misuse raises an exception, all of them kinds of `receivables.ReceivablesError`. Bad source data raises nothing:
a load lists it as a `Problem` with a code, a sentence and the place. `exception.code` is the same name in the same spelling.
"""


def page() -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *exceptions(), *problems()]).rstrip() + "\n"


def exceptions() -> Iterator[str]:
    """Yield a section for each exception, in the order in which they are defined."""
    cases: dict[str, tuple[str, str]] = tests("test_exceptions").CASES
    yield "## Exceptions\n"
    names = sorted(cases, key=list(vars(errors)).index)
    for name in names:
        source, message = cases[name]
        kind = getattr(errors, name)
        yield f"### {name}\n"
        yield f"`{kind.code}`, a {kind.__mro__[1].__name__}. {kind.__doc__}\n"
        yield f"```text\n>>> {source}\n{name}: {message}\n```\n"


def problems() -> Iterator[str]:
    """Yield a section for each problem of a table file."""
    module = tests("test_row_problems")
    yield "## Problems of table files\n"
    for title, header, cases in (
        ("A facts table", module.FACTS, module.FACT_CASES),
        ("An open-items table", module.ITEMS, module.ITEM_CASES),
    ):
        yield f"### {title}\n"
        yield f"```text\n{header}\n```\n"
        for code, (row, sentence) in sorted(cases.items()):
            shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in row)
            yield f"#### {code}\n"
            yield f"```text\n{shown}\n{code}: {sentence}\n```\n"


def tests(name: str) -> ModuleType:
    """Load one of the test modules of tests/errors."""
    path = ROOT / "tests" / "errors" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(arguments: list[str]) -> int:
    """Write the page, or check that it is current."""
    written = page()
    if "--check" in arguments:
        return 0 if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == written else 1
    PAGE.write_text(written, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
