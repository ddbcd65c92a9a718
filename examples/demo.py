"""The main job: a file of receivables goes in, an exact and explained aging comes out. `make demo` runs this.

Everything below is the command line; each command is printed before it runs, so that it can be typed as it stands.
"""

from __future__ import annotations

import shlex
import sys
from contextlib import chdir, nullcontext, redirect_stderr
from io import StringIO
from pathlib import Path

from receivables.cli.app import run

HERE = Path(__file__).resolve().parent
FILE = "examples/data/portfolio.csv"
HTML, JSON = Path("build/demo/aging.html"), Path("build/demo/aging.json")


def show(*words: str, quiet: bool = False) -> None:
    print(f"\n$ receivables {shlex.join(words)}{' 2>/dev/null' if quiet else ''}\n", flush=True)
    with redirect_stderr(StringIO()) if quiet else nullcontext():
        status = run(list(words))
    sys.stdout.flush()
    if status:
        sys.exit(status)


def main(more: list[str]) -> None:
    HTML.parent.mkdir(parents=True, exist_ok=True)
    question = ["age", FILE, "--as-of", "2026-03-31"]

    # The report, its tie-out line below it, and what was wrong with the file above it.
    show(*question, "--problems", "3", "--html", str(HTML), *more)

    # The same report for a program; the messages would be those above.
    show(*question, "--output", str(JSON), quiet=True)

    # One figure of it: C00016 has 14,340.93 MXN over 120 days, in two items. This is the smaller one.
    show("explain", FILE, "--as-of", "2026-03-31", "--item", "F-00016-000021")

    print(f"\nHTML: {HTML}\nJSON: {JSON}")


if __name__ == "__main__":
    with chdir(HERE.parent):
        main(sys.argv[1:])
