"""Files that are broken or made to hurt: every row is counted, nothing raises but a declared refusal."""

from __future__ import annotations

import zipfile

import pytest

from receivables.adapters import load
from receivables.adapters.csv import CsvSource, Limits
from receivables.errors import UnfitMapping, UnreadableSource

HEADER = "payment_id,customer,currency,amount,posting_date,reference\n"
GOOD = "R-{0},C1,MXN,{0}.00,2026-01-0{0},ok\n"


def read(tmp_path, text, name="p.csv", **options):
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(CsvSource(file, **options))


def told(loaded):
    return [f"{it.where} {it.code}" for it in loaded.problems]


def counts(loaded):
    tally = loaded.tally
    return tally.rows, tally.accepted, tally.duplicates, tally.quarantined


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ('R-9,"C1,MXN,1.00,2026-01-01,never closed\n', "unbalanced-quotes"),
        ('R-9,C"1,MXN,1.00,2026-01-01,stray\n', "unbalanced-quotes"),
        ('R-9,"C"1",MXN,1.00,2026-01-01,odd\n', "unbalanced-quotes"),
        ('R-9,"C"1,"M"XN,1.00,2026-01-01,even\n', "unbalanced-quotes"),
        ("R-9,C\x001,MXN,1.00,2026-01-01,nul\n", "nul-character"),
        ("R-9,C1,MXN\n", "wrong-field-count"),
        ("R-9,C1,MXN,1.00,2026-01-01,a,b\n", "wrong-field-count"),
        ("R-9,C1,MXN,1e999,2026-01-01,\n", "unreadable-amount"),
        ("R-9,C1,MXN,١٢٣,2026-01-01,\n", "unreadable-amount"),
        ("R-9,C1,MXN,1234567890123456789.00,2026-01-01,\n", "not-an-amount"),
        ("R-9,C1,MXN,1.00,1969-12-31,\n", "date-out-of-range"),
        ("R-9,C1,MXN,1.00,2101-01-01,\n", "date-out-of-range"),
        ("R-9,C1,XYZ,1.00,2026-01-01,\n", "unreadable-currency"),
        (",C1,MXN,1.00,2026-01-01,\n", "missing-value"),
        ("1.93E+09,C1,MXN,1.00,2026-01-01,\n", "damaged-id"),
        ("R" * 201 + ",C1,MXN,1.00,2026-01-01,\n", "unreadable-fact"),
    ],
)
def test_a_broken_row_takes_no_other_with_it(tmp_path, bad, code):
    loaded = read(tmp_path, HEADER + GOOD.format(1) + bad + GOOD.format(2) + GOOD.format(3))
    assert (told(loaded), counts(loaded)) == ([f"p.csv:3 {code}"], (4, 3, 0, 1))


def test_a_quoted_field_may_run_over_lines(tmp_path):
    loaded = read(
        tmp_path, HEADER + 'R-1,C1,MXN,1.00,2026-01-01,"two\nlines, ""quoted"""\n' + GOOD.format(2)
    )
    assert loaded.books.fact("R-1").reference == 'two\nlines, "quoted"'
    assert counts(loaded) == (2, 2, 0, 0)


def test_lines_are_numbered_as_an_editor_numbers_them(tmp_path):
    text = HEADER + 'R-1,C1,MXN,1.00,2026-01-01,"two\nlines"\n\n' + "R-2,C1,MXN,x,2026-01-01,\n"
    assert told(read(tmp_path, text)) == ["p.csv:5 unreadable-amount"]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_newline_ends_a_row(tmp_path, newline):
    text = (HEADER + GOOD.format(1) + GOOD.format(2)).replace("\n", newline)
    assert counts(read(tmp_path, text)) == (2, 2, 0, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_the_encoding_is_detected(tmp_path, encoding):
    text = (HEADER + "R-1,C1,MXN,1.00,2026-01-01,Müller\n").encode(encoding)
    assert read(tmp_path, text).books.fact("R-1").reference == "Müller"


def test_bytes_that_are_no_text_are_refused(tmp_path):
    with pytest.raises(UnreadableSource, match="0x81 near byte 59; declare its encoding"):
        read(tmp_path, HEADER.encode() + b"\x81\n")


@pytest.mark.parametrize("text", ["", "\n\n", "   \n"])
def test_a_file_without_a_header_is_refused(tmp_path, text):
    with pytest.raises(UnreadableSource, match="has no header"):
        read(tmp_path, text)


def test_a_separator_that_cannot_be_told_is_refused(tmp_path):
    with pytest.raises(UnfitMapping, match="declare it"):
        read(tmp_path, "payment_id,customer;amount\n")


def test_rows_and_fields_beyond_the_limits_are_set_aside(tmp_path):
    limits = Limits(field=20, row=200)
    text = (
        HEADER + f"R-8,C1,MXN,1.00,2026-01-01,{'x' * 30}\n" + f"R-9,{'y' * 300}\n" + GOOD.format(1)
    )
    loaded = read(tmp_path, text, limits=limits)
    assert sorted(told(loaded)) == ["p.csv:2 field-too-long", "p.csv:3 row-too-long"]
    assert counts(loaded) == (3, 1, 0, 2)


def test_files_beyond_the_limits_are_refused(tmp_path):
    text = HEADER + GOOD.format(1) + GOOD.format(2)
    with pytest.raises(UnreadableSource, match="more than 1 rows"):
        read(tmp_path, text, limits=Limits(rows=1))
    with pytest.raises(UnreadableSource, match="6 columns; at most 5"):
        read(tmp_path, text, limits=Limits(columns=5))


def test_a_million_open_quotes_cost_little(tmp_path):
    loaded = read(tmp_path, HEADER + 'R,"x\n' * 20_000 + GOOD.format(1))
    assert counts(loaded) == (20_001, 1, 0, 20_000)


def bomb(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)


@pytest.mark.parametrize(
    ("members", "match"),
    [
        ([("xl/sheet.xml", b"0" * 5_000_000)], "unpacks from"),
        ([(f"{n}", b"") for n in range(20)], "20 entries; at most 10"),
        ([("../evil", b"x")], "outside paths"),
        ([("/etc/evil", b"x")], "outside paths"),
        ([("inner.zip", b"x")], "nested archives"),
        ([("a.xml", b"x")], "no readable .xlsx file"),
    ],
)
def test_archives_made_to_hurt_are_refused_before_unpacking(tmp_path, members, match):
    bomb(tmp_path / "b.xlsx", members)
    with pytest.raises(UnreadableSource, match=match):
        CsvSource(tmp_path / "b.xlsx", mapping="payments", limits=Limits(members=10))


@pytest.mark.parametrize("name", ["b.xlsx", "b.parquet"])
def test_files_of_another_format_are_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"neither")
    with pytest.raises(UnreadableSource, match="no readable"):
        CsvSource(tmp_path / name)


@pytest.mark.parametrize("line", ["[1]", "{", "[" * 100_000, "nul", '{"a": 1} x', "\x00", '"x"'])
def test_lines_that_are_no_json_object_are_set_aside(tmp_path, line):
    good = '{"payment_id": "R-1", "customer": "C1", "currency": "MXN", "amount": 1.10, "posting_date": "2026-01-01"}'
    loaded = read(tmp_path, f"{line}\n{good}\n", "p.jsonl")
    assert told(loaded) == ["p.jsonl:1 unreadable-json"]
    assert str(loaded.books.fact("R-1").amount) == "1.10 MXN"
