"""A table whose header is not its first row: the mapping says where it stands, and without it the error says how to say so."""

from __future__ import annotations

from datetime import date

import openpyxl
import pytest

from receivables.adapters import load
from receivables.adapters.csv import CsvSource
from receivables.adapters.csv.mapping import Mapping
from receivables.errors import UnfitMapping, UnreadableSource

DRAWN = date(2026, 3, 31)
HEADER = ["item_id", "customer", "currency", "due_date", "open_amount"]
ROWS = [HEADER, ["F-1", "C1", "MXN", "2026-02-09", "6600.00"], ["F-2", "C1", "MXN", "2026-02-09", "x"]]  # fmt: skip
HINT = "if the names of the columns stand in a lower row, say header_row in [file] of a mapping"


def titled(row):
    return Mapping.parse(f'table = "open-items"\n[file]\nheader_row = {row}\n', "mine")


@pytest.fixture(params=["csv", "titled csv", "xlsx", "low xlsx"])
def file(request, tmp_path):
    """A file whose header stands in row 3, with a title or nothing above it."""
    if request.param.endswith("csv"):
        path = tmp_path / "f.csv"
        title = "Cartera al 31 de marzo\n\n" if request.param == "csv" else "Cartera,,,,\n,,,,\n"
        path.write_text(title + "".join(",".join(row) + "\n" for row in ROWS), encoding="utf-8")
        return path
    book = openpyxl.Workbook()
    if request.param == "xlsx":
        book.active["A1"] = "Cartera al 31 de marzo"
    for down, row in enumerate(ROWS, start=3):
        for right, cell in enumerate(row, start=1):
            book.active.cell(down, right, cell)
    book.save(tmp_path / "f.xlsx")
    return tmp_path / "f.xlsx"


def test_the_mapping_says_which_row_is_the_header(file):
    loaded = load(CsvSource(file, mapping=titled(3), drawn_on=DRAWN))
    assert [str(it.open_amount) for it in loaded.open_items(as_of=DRAWN)] == ["6600.00 MXN"]
    assert [it.where for it in loaded.problems] == [f"{file.name}:5"]
    assert loaded.tally.rows == 2


def test_a_row_that_is_empty_is_no_header(file):
    with pytest.raises((UnreadableSource, UnfitMapping), match=r"row 2 .*is empty; header_row must|has no column for item_id"):  # fmt: skip
        CsvSource(file, mapping=titled(2), drawn_on=DRAWN)


def test_a_title_above_the_header_is_no_header_and_the_error_says_what_to_do(file, request):
    if request.node.callspec.params["file"] == "low xlsx":
        assert load(CsvSource(file, drawn_on=DRAWN)).tally.rows == 2
        return
    with pytest.raises(UnfitMapping, match=HINT.replace("[", r"\[")):
        CsvSource(file, drawn_on=DRAWN)
    with pytest.raises(UnfitMapping, match=HINT.replace("[", r"\[")):
        CsvSource(file, mapping="open-items", drawn_on=DRAWN)


def test_a_header_of_many_names_is_no_title(tmp_path):
    (tmp_path / "f.csv").write_text("a,b,c\n1,2,3\n")
    with pytest.raises(UnfitMapping) as raised:
        CsvSource(tmp_path / "f.csv")
    assert "header_row" not in str(raised.value)


@pytest.mark.parametrize("row", ["0", '"3"', "true"])
def test_a_row_that_cannot_be_is_refused(row):
    with pytest.raises(UnfitMapping, match="must be a row counted from 1, such as 3"):
        titled(row)


def test_a_format_without_a_header_row_refuses_one(tmp_path):
    (tmp_path / "f.jsonl").write_text('{"item_id": "F-1"}\n')
    with pytest.raises(UnfitMapping, match=r"f\.jsonl has no header row; leave it out"):
        CsvSource(tmp_path / "f.jsonl", mapping=titled(3))
