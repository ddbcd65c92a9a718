"""The examples run as they are shipped, and say what they are shown to say."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import os
import subprocess
import sys
import tomllib
from contextlib import redirect_stdout
from importlib.metadata import EntryPoint

import pytest

from receivables.adapters.port import Source
from receivables.testing import make_portfolio


def run(root, *command, **more):
    environment = {**os.environ, **more}
    return subprocess.run(
        [sys.executable, *command],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_portfolio_is_drawn_from_its_seed(root, tmp_path):
    again = tmp_path / "portfolio.csv"
    dirt = ("duplicates", "outside-documents", "over-applied")
    assert make_portfolio(customers=24, invoices=1600, seed=2026, dirt=dirt).write(again) == 4559
    shipped = root / "examples" / "data" / "portfolio.csv"
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (again, shipped)]
    assert digests[0] == digests[1]


def test_the_demo_reports_ties_out_explains_and_writes(root):
    done = run(root, "examples/demo.py", PYTHONUTF8="1")
    assert done.returncode == 0, done.stderr
    assert "4,559 rows = 4,439 accepted + 100 duplicates + 20 quarantined" in done.stdout
    assert "6,130,287.60" in done.stdout
    assert (
        "2025-05-13 allocation A-00016-000112 of R-00016-000110: -460.13 MXN\n  due 2025-05-10"
        in done.stdout
    )
    assert done.stdout.splitlines()[-2:] == [
        "HTML: build/demo/aging.html",
        "JSON: build/demo/aging.json",
    ]
    told = json.loads((root / "build/demo/aging.json").read_text(encoding="utf-8"))
    assert [it["total"] for it in told["totals"]] == ["45520.69", "6130287.60", "1908668.65"]
    assert "6,130,287.60" in (root / "build/demo/aging.html").read_text(encoding="utf-8")


def test_the_embedding_app_refuses_what_it_must_and_reports(root):
    done = run(root, "examples/embed_app.py")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(
        "refused: allocation A-006 takes 5800.00 MXN from R-004, "
        "which has 3400.00 MXN open on 2026-03-05\n"
    )
    assert "customer C001, 1-30, 1 item: 2400.00 MXN" in done.stdout


def test_the_notebook_shows_what_its_cells_say(root, monkeypatch):
    pytest.importorskip("pandas")
    pyplot = pytest.importorskip("matplotlib.pyplot")
    monkeypatch.chdir(root / "examples")
    pyplot.switch_backend("agg")
    names: dict[str, object] = {}
    notebook = json.loads((root / "examples/month_end.ipynb").read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    shown = [shown_by(cell) for cell in cells]
    assert [ran("".join(cell["source"]), names) for cell in cells] == shown
    assert sum(text.count("\n") + 1 for text in shown) > 30
    pyplot.close("all")


def test_the_notebook_on_cash_shows_what_its_cells_say(root, monkeypatch):
    monkeypatch.chdir(root / "examples")
    names: dict[str, object] = {}
    notebook = json.loads((root / "examples/cash_application.ipynb").read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    shown = [shown_by(cell) for cell in cells]
    assert [ran("".join(cell["source"]), names) for cell in cells] == shown
    assert sum(text.count("\n") + 1 for text in shown) > 20


def test_the_notebook_on_frames_shows_what_its_cells_say(root, monkeypatch):
    for library in ("pandas", "polars", "duckdb", "pyarrow"):
        pytest.importorskip(library)
    monkeypatch.chdir(root / "examples")
    names: dict[str, object] = {}
    notebook = json.loads((root / "examples/notebook.ipynb").read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    shown = [shown_by(cell) for cell in cells]
    assert [ran("".join(cell["source"]), names) for cell in cells] == shown
    assert sum(text.count("\n") + 1 for text in shown) > 25


def shown_by(cell):
    """Return the text a cell was shipped with; a chart is left out."""
    texts = []
    for output in cell["outputs"]:
        if output["output_type"] == "stream":
            texts.append("".join(output["text"]))
        elif output["output_type"] == "execute_result":
            texts.append("".join(output["data"]["text/plain"]))
        else:
            assert output["output_type"] == "display_data", output
    return "".join(texts)


def ran(source, names):
    """Run a cell as a notebook does and return what it prints and what its last line is."""
    *body, last = ast.parse(source).body
    if not isinstance(last, ast.Expr):
        body, last = [*body, last], None
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(ast.Module(body, []), "cell", "exec"), names)  # noqa: S102 - our own notebook
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None  # noqa: S307
    return printed.getvalue() + ("" if value is None else repr(value))


@pytest.fixture
def adapter(root):
    return root / "examples" / "third_party_adapter"


def test_the_third_party_adapter_passes_the_kit_in_its_own_project(adapter):
    done = run(adapter, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout
    assert "151 passed" in done.stdout


def test_the_third_party_adapter_is_registered_by_its_entry_point(adapter, monkeypatch):
    monkeypatch.syspath_prepend(adapter / "src")
    project = tomllib.loads((adapter / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    [(name, value)] = project["entry-points"]["receivables.adapters"].items()
    point = EntryPoint(name, value, "receivables.adapters")
    assert name == "sqlite"
    assert isinstance(point.load()(adapter / "pyproject.toml"), Source)
