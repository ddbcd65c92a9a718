"""How Sphinx builds the documentation; `make docs` runs it with -n -W, so a dead reference is an error."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import shutil
from pathlib import Path

from sphinx.application import Sphinx

import receivables

project = "receivables"
author = "receivables contributors"
copyright = "2026, receivables contributors"
html_title = "receivables"
html_theme = "furo"
templates_path: list[str] = []
exclude_patterns: list[str] = ["decisions.md"]  # included by project/decisions.md

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
default_role = "code"  # single backticks in a docstring are code, as in Markdown
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
toc_object_entries = False

# Only our own names can be looked up: the inventories of other projects need a network.
nitpick_ignore_regex = [
    ("py:.*", r"(?!receivables\.).*"),
    ("py:.*", r"receivables(\.\w+)*\._\w+(\.\w+)*"),  # private names are not documented
    ("py:class", r"receivables(\.\w+)*\.[A-Z]"),  # type variables have no page
]

# Two modules may each have a name such as `Report`: a bare one is then ambiguous, not dead. Dead ones still fail.
suppress_warnings = ["ref.python"]

# A name that a package re-exports is documented once, where it is defined.
MEMBERS = "   :members:\n   :ignore-module-all:\n"
API = Path(__file__).parent / "reference" / "api"


def write_api_pages(app: Sphinx) -> None:
    """Write one page a module: its docstring, which is Markdown, then everything it defines."""
    shutil.rmtree(API, ignore_errors=True)
    API.mkdir(parents=True)
    modules = pkgutil.walk_packages(receivables.__path__, "receivables.")
    for name in ["receivables", *(found.name for found in modules)]:
        if any(part.startswith("_") for part in name.split(".")):
            continue
        text = inspect.getdoc(importlib.import_module(name)) or ""
        page = f"# {name}\n\n{text}\n\n{public_names() if name == 'receivables' else ''}"
        page += f"```{{eval-rst}}\n.. automodule:: {name}\n{MEMBERS}```\n"
        (API / f"{name}.md").write_text(page, encoding="utf-8")


def public_names() -> str:
    """Return a table of what `import receivables` offers, each name with its first sentence."""
    rows = ["| name | what it is |", "|---|---|"]
    for name in receivables.__all__:
        it = getattr(receivables, name)
        home = getattr(it, "__module__", None)
        summary = (inspect.getdoc(it) or "").partition("\n")[0].replace("|", "\\|")
        rows.append(
            f"| {{py:obj}}`{name} <{home}.{name}>` | {summary} |" if home else f"| `{name}` | |"
        )
    return "\n".join(rows) + "\n\n"


def leave_out_module_text(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Empty a module's docstring for autodoc: the page has it already."""
    if what == "module":
        lines.clear()


def setup(app: Sphinx) -> None:
    """Register both steps with Sphinx."""
    app.connect("builder-inited", write_api_pages)
    app.connect("autodoc-process-docstring", leave_out_module_text)
