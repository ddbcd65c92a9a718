"""The pages that say what the code says are current, and what the prose points to is there."""

from __future__ import annotations

import re

import pytest

from receivables import laws
from receivables.buckets import Buckets
from receivables.errors import ReceivablesError
from receivables.facts import KINDS
from receivables.schema import FACTS
from tools import pages

PLANNED = {"Subledger equals control account", "Frames agree"}
LINK = re.compile(r"\[[^\]]+\]\(([^)#:]+)(?:#[^)]*)?\)")
PATH = re.compile(r"`((?:tests|examples|docs|tools|src)/[\w./-]+)`")


@pytest.mark.parametrize("name", pages.PAGES)
def test_a_generated_page_is_current(root, name):
    written = (root / "docs" / "reference" / name).read_text(encoding="utf-8")
    assert written == pages.PAGES[name](), "run: python tools/pages.py"


def test_every_bucket_preset_says_where_it_is_known_from():
    assert set(pages.SOURCES) == set(Buckets.presets())


def test_the_kinds_in_the_columns_page_are_those_of_the_facts():
    meaning = FACTS.column("kind").meaning
    assert re.findall(r"\w+", meaning.replace(" or ", " ")) == list(KINDS)


def test_the_laws_page_lists_the_laws_of_the_module_and_their_tests(root):
    page = (root / "docs/reference/laws.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\*([^*]+)\*$", page, re.MULTILINE)
    told = [line.split("|")[1].strip() for line in laws.__doc__.splitlines() if "|" in line]
    assert set(listed) == set(told[2:]) | PLANNED
    functions = set(re.findall(r"Asserted by `(\w+)`", page))
    assert functions <= set(vars(laws))
    assert functions == set(re.findall(r"`(\w+)`", laws.__doc__)) - {"Money"}
    for name in set(listed) - PLANNED:
        assert f"tests/laws/test_{name.lower().replace(' ', '_')}.py" in page


def prose(root):
    found = [root / "README.md", root / "examples/third_party_adapter/README.md"]
    api = root / "docs" / "reference" / "api"
    return found + [path for path in (root / "docs").rglob("*.md") if api not in path.parents]


def test_what_the_prose_points_to_is_there(root):
    missing = []
    for page in prose(root):
        text = page.read_text(encoding="utf-8")
        links = [link for link in LINK.findall(text) if not link.startswith("api/")]
        missing += [f"{page.name}: {it}" for it in links if not (page.parent / it).exists()]
        paths = PATH.findall(text)
        missing += [
            f"{page.name}: {it}"
            for it in paths
            if not any((folder / it).exists() for folder in (root, page.parent))
        ]
    assert missing == []


def test_readme_links_every_promise_to_a_test(root):
    text = (root / "README.md").read_text(encoding="utf-8")
    table = text.partition("| promise | test |")[2].partition("\n\n")[0]
    rows = [row for row in table.splitlines() if row.startswith("| ") and "---" not in row]
    assert len(rows) == 9
    assert all("](tests/" in row for row in rows)


def test_errors_named_in_prose_exist(root):
    known = {cls.__name__ for cls in all_errors(ReceivablesError)}
    for page in prose(root):
        named = re.findall(
            r"^receivables\.errors\.(\w+):", page.read_text(encoding="utf-8"), re.MULTILINE
        )
        assert set(named) <= known, page


def all_errors(cls):
    return {cls}.union(*(all_errors(sub) for sub in cls.__subclasses__()))
