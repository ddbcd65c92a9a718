"""Change one thing in a module and see whether a test notices: a small mutation runner.

Usage: python tools/mutate.py money aging --sample 100 --seed 7

Why our own: a runner is believed only if it can be shown to be wrong. This one starts each run with three controls in the
same copies and with the same commands as the mutants: the unchanged code must pass, a changed docstring must survive,
and a module that cannot be imported must be killed. Only then are mutants counted. The working tree is never touched.
"""

from __future__ import annotations

import argparse
import os
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

if __package__ in {None, ""}:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.mutants import Mutant, mutants_of

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = Path("src") / "receivables"
CORE = ("money", "rounding", "terms", "buckets", "open_items", "subledger", "aging")
COPIED = ("src", "tests", "tools", "conftest.py", "pyproject.toml")
# Tests of files around the code say nothing about the code, and take long.
LEFT_OUT = ("architecture", "tools", "differential", "docs")
PASSED, FAILED = 0, 1

Outcome = Literal["killed", "survived", "timeout", "broken"]


class NotTrustworthy(Exception):
    """A control came out wrong, so no count of this run would mean anything."""


@dataclass(slots=True)
class Workspace:
    """A copy of the project in which one mutant at a time is tried."""

    root: Path
    python: str
    tests: dict[str, tuple[tuple[str, ...], ...]]
    timeout: float = 600.0
    said: str = ""

    def attempt(self, mutant: Mutant) -> Outcome:
        """Put the mutant in place, run the tests, and put the original back."""
        path = self.root / mutant.file
        original = path.read_bytes()
        path.write_bytes(mutant.source)
        try:
            return self.run(mutant.module)
        finally:
            path.write_bytes(original)

    def run(self, module: str) -> Outcome:
        """Run the tests of a module, the closest ones first."""
        for stage in self.tests[module]:
            try:
                done = self.pytest(stage)
            except subprocess.TimeoutExpired:
                return "timeout"
            self.said = (done.stdout + done.stderr).strip()
            if done.returncode == FAILED:
                return "killed"
            if done.returncode != PASSED:
                # A module that cannot be imported stops pytest before any test: noticed all the same.
                return "killed" if "Error" in self.said else "broken"
        return "survived"

    def pytest(self, tests: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run pytest in this copy, on this copy's sources."""
        options = ("-x", "-q", "-p", "no:xdist", "-p", "no:cov")
        steady = ("--hypothesis-profile=dev", "--hypothesis-seed=0", "-o", "addopts=")
        command = [
            self.python,
            "-m",
            "pytest",
            "--import-mode=importlib",
            *options,
            *steady,
            *tests,
        ]
        environment = os.environ | {
            "PYTHONPATH": str(self.root / "src"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return subprocess.run(
            command,
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=self.timeout,
            check=False,
        )


@dataclass(slots=True)
class Score:
    """What became of the mutants of one module."""

    module: str
    outcomes: list[tuple[Mutant, Outcome]] = field(default_factory=list)

    def count(self, *outcomes: Outcome) -> int:
        """Return how many mutants ended in one of these ways."""
        return sum(outcome in outcomes for _, outcome in self.outcomes)

    @property
    def share(self) -> float:
        """Return the part that was noticed, from 0 to 1; a timeout counts as noticed."""
        return self.count("killed", "timeout") / len(self.outcomes) if self.outcomes else 1.0


def module_files(root: Path, module: str) -> list[Path]:
    """Return the files of a module or of a folder of modules, relative to the project."""
    package = root / PACKAGE
    single = package / f"{module}.py"
    if single.is_file():
        return [single.relative_to(root)]
    found = sorted((package / module).rglob("*.py"))
    if not found:
        raise SystemExit(f"no module {module} in {PACKAGE.as_posix()}")
    return [path.relative_to(root) for path in found]


def tests_of(root: Path, module: str) -> tuple[tuple[str, ...], ...]:
    """Return the tests to run for a module in stages: those named for it, then all others."""
    tests = root / "tests"
    every = sorted(path for path in tests.rglob("test_*.py") if path.parts[-2] not in LEFT_OUT)
    near = [path for path in every if path.stem.startswith(f"test_{module.replace('/', '_')}")]
    far = [path for path in every if path not in near]
    stages = (tuple(path.relative_to(root).as_posix() for path in stage) for stage in (near, far))
    return tuple(stage for stage in stages if stage)


def copy_project(root: Path, parent: Path) -> Path:
    """Copy what the tests need into `parent`, with the folder `shared` beside it as here."""
    copy = parent / "project"
    copy.mkdir(parents=True)
    for name in COPIED:
        source = root / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(source, copy / name, ignore=ignored)
        elif source.is_file():
            shutil.copy2(source, copy / name)
    if (root.parent / "shared").is_dir():
        (parent / "shared").symlink_to(root.parent / "shared")
    return copy


def controls(root: Path, module: str) -> Iterator[tuple[str, Mutant, Outcome]]:
    """Yield mutants whose fate is known: a changed docstring, and a module that fails on import."""
    file = module_files(root, module)[0]
    source = (root / file).read_bytes()
    harmless = source + b'\n"""A text that no code reads."""\n'
    yield "a changed docstring", Mutant(module, file, 1, "control", harmless, "", ""), "survived"
    fatal = source + b'\nraise ImportError("control")\n'
    yield (
        "a module that fails on import",
        Mutant(module, file, 1, "control", fatal, "", ""),
        "killed",
    )


def check_controls(workspace: Workspace, root: Path, modules: Sequence[str]) -> None:
    """Measure the unchanged code, set the time limit from it, and try the controls."""
    slowest = 0.0
    for module in modules:
        if not workspace.tests[module]:
            raise NotTrustworthy(f"{module}: no tests found; nothing could notice a change")
        started = time.perf_counter()
        if workspace.run(module) != "survived":
            last = workspace.said.rpartition("\n")[2]
            raise NotTrustworthy(f"{module}: the tests do not pass on the unchanged code: {last}")
        slowest = max(slowest, time.perf_counter() - started)
        for what, mutant, expected in controls(root, module):
            if (outcome := workspace.attempt(mutant)) != expected:
                raise NotTrustworthy(f"{module}: {what} must be {expected}, but was {outcome}")
    workspace.timeout = 10 + 4 * slowest


def run(root: Path, modules: Sequence[str], options: argparse.Namespace) -> list[Score]:
    """Try the mutants of the modules, several at a time, and return the scores."""
    scores = {module: Score(module) for module in modules}
    chosen = [
        mutant
        for module in modules
        for file in module_files(root, module)
        for mutant in mutants_of(module, file, (root / file).read_bytes())
    ]
    if options.sample and options.sample < len(chosen):
        picked = random.Random(options.seed).sample(range(len(chosen)), options.sample)
        chosen = [chosen[index] for index in sorted(picked)]
    tests = {
        module: tuple(map(tuple, options.tests)) or tests_of(root, module) for module in modules
    }
    with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
        free: queue.SimpleQueue[Workspace] = queue.SimpleQueue()
        copies = [copy_project(root, Path(folder) / str(n)) for n in range(options.jobs)]
        first = Workspace(copies[0], sys.executable, tests)
        check_controls(first, root, modules)
        print(
            f"controls as expected; {len(chosen)} mutants, limit {first.timeout:.0f} s each",
            flush=True,
        )
        for copy in copies:
            free.put(Workspace(copy, sys.executable, tests, first.timeout))

        def attempt(mutant: Mutant) -> tuple[Mutant, Outcome]:
            workspace = free.get()
            try:
                return mutant, workspace.attempt(mutant)
            finally:
                free.put(workspace)

        with ThreadPoolExecutor(options.jobs) as pool:
            for number, (mutant, outcome) in enumerate(pool.map(attempt, chosen), start=1):
                scores[mutant.module].outcomes.append((mutant, outcome))
                if number % 50 == 0:
                    print(f"  {number} of {len(chosen)}", flush=True)
    return list(scores.values())


def report(scores: Sequence[Score]) -> Iterator[str]:
    """Yield the survivors with their change, then one line a module and the total."""
    for score in scores:
        for mutant, outcome in score.outcomes:
            if outcome in {"survived", "broken"}:
                yield f"{mutant.place}: {outcome} ({mutant.kind})"
                yield from (f"  - {line.strip()}" for line in mutant.before.splitlines())
                yield from (f"  + {line.strip()}" for line in mutant.after.splitlines())
    yield f"{'module':<14}{'mutants':>8}{'killed':>8}{'timeout':>8}{'survived':>9}{'broken':>7}{'score':>8}"
    total = Score("total", [outcome for score in scores for outcome in score.outcomes])
    for score in (*scores, total):
        yield (
            f"{score.module:<14}{len(score.outcomes):>8}{score.count('killed'):>8}"
            f"{score.count('timeout'):>8}{score.count('survived'):>9}{score.count('broken'):>7}"
            f"{score.share:>8.1%}"
        )


def parser() -> argparse.ArgumentParser:
    """Return the command line of this tool."""
    made = argparse.ArgumentParser(description="Change one thing at a time; do the tests notice?")
    made.add_argument("modules", nargs="*", default=list(CORE), help=f"default: {' '.join(CORE)}")
    made.add_argument("--sample", type=int, default=0, metavar="N", help="try N mutants, not all")
    made.add_argument("--seed", type=int, default=0, help="which sample")
    made.add_argument("--jobs", type=int, default=2, help="copies worked in at the same time")
    made.add_argument(
        "--tests",
        action="append",
        default=[],
        nargs="+",
        help="these tests instead; again: next stage",
    )
    made.add_argument("--fail-under", type=float, default=0.0, metavar="PERCENT")
    made.add_argument("--list", action="store_true", help="print the mutants and run nothing")
    return made


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run, print the report; 1 when the score is under `--fail-under`, 2 when a control failed."""
    options = parser().parse_args(arguments)
    if options.list:
        for module in options.modules:
            for file in module_files(root, module):
                for mutant in mutants_of(module, file, (root / file).read_bytes()):
                    print(f"{mutant.place}: {mutant.kind}: {mutant.after.strip()}")
        return 0
    try:
        scores = run(root, options.modules, options)
    except NotTrustworthy as reason:
        print(f"stopped: {reason}", file=sys.stderr)
        return 2
    print(*report(scores), sep="\n")
    total = Score("total", [outcome for score in scores for outcome in score.outcomes])
    return 1 if 100 * total.share < options.fail_under else 0


if __name__ == "__main__":
    sys.exit(main())
