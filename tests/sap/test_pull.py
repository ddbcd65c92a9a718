"""A system is pulled into a folder over the true wire, and the folder feeds every other command."""

import json

import pytest

from receivables.adapters import load
from receivables.adapters.csv import CsvSource
from receivables.testing import make_portfolio
from receivables.testing.sap import Functions, Poster

pulling = pytest.importorskip(
    "receivables.adapters.pull", reason="no module writes pulled folders yet"
)


@pytest.fixture
def functions():
    return Functions(Poster(make_portfolio(customers=5, invoices=40, seed=2).facts).post())


def test_a_pulled_folder_holds_what_the_source_gave(source, tmp_path):
    first = pulling.pull(source(), tmp_path)
    again = pulling.pull(source(), tmp_path)
    assert json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["complete"] is True
    assert first.manifest["facts"] == again.manifest["facts"]
    loaded, true = load(CsvSource(tmp_path / "facts.csv")), load(source())
    assert {it.id for it in loaded.books.facts} == {it.id for it in true.books.facts}
    assert loaded.problems == ()
