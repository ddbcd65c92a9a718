"""One minimal row for each problem of table files, and the exact line that is printed for it."""

from __future__ import annotations

from datetime import date

import pytest

from receivables.adapters import load
from receivables.adapters.csv import CsvSource

# ruff: noqa: ISC004 - sentences run over lines
FACTS = "id;kind;customer;currency;amount;posting_date;due_date;source_id;target_id;instalment;disputed;recorded_at;terms"
ITEMS = "item_id;customer;currency;open_amount;document_date;due_date;kind"

# code: the table's header, the row, and the rest of the line
FACT_CASES = {
    "missing-value": (";invoice;C1;MXN;1;2026-01-01", "id is empty; every row needs one"),
    "unreadable-amount": ("F-1;invoice;C1;MXN;1e999;2026-01-01", "amount '1e999' is no amount; write it like 11600.00"),
    "ambiguous-amount": (
        "F-1;invoice;C1;MXN;1.234;2026-01-01",
        "amount '1.234' may be 1.234 or 1234, and nothing in the column settles it; declare decimal = \".\" or \",\"",
    ),
    "unreadable-date": ("F-1;invoice;C1;MXN;1;2026-02-30", "posting_date '2026-02-30' is no date; write it like 2026-03-31"),
    "ambiguous-date": (
        "F-1;invoice;C1;MXN;1;03/04/2026",
        "posting_date '03/04/2026' may be 2026-03-04 or 2026-04-03, and nothing in the column settles it;"
        ' declare dates = "DMY" or "MDY"',
    ),
    "date-out-of-range": (
        "F-1;invoice;C1;MXN;1;2026-01-01;9999-12-31",
        "due_date 9999-12-31 is outside 1970 to 2100; correct it, or declare '9999-12-31' as empty",
    ),
    "unreadable-currency": ("F-1;invoice;C1;PESO;1;2026-01-01", "currency 'PESO' is not an ISO 4217 code; write it like MXN"),
    "unreadable-integer": (
        "F-1;invoice;C1;MXN;1;2026-01-01;;;;one",
        "instalment 'one' is no whole number from 0 on; write it like 2",
    ),
    "unreadable-flag": (
        "F-1;invoice;C1;MXN;1;2026-01-01;;;;;maybe",
        "disputed 'maybe' is neither yes nor no; write true or false",
    ),
    "unreadable-timestamp": (
        "F-1;invoice;C1;MXN;1;2026-01-01;;;;;;2026-01-01",
        "recorded_at '2026-01-01' is no moment with a time zone; write it like 2026-03-31T18:00:00+00:00",
    ),
    "damaged-id": (
        "1.93E+09;invoice;C1;MXN;1;2026-01-01",
        "id '1.93E+09' is a number in scientific notation, its last digits are lost; export the column as text",
    ),
    "wrong-field-count": ("F-1;invoice", "the row has 2 fields; the header has 13"),
    "unbalanced-quotes": (
        'F-1;"invoice;C1',
        "a quote opens in the row at byte 113 and never closes; double it or remove it",
    ),
    "nul-character": ("F-1;inv\0oice", "the row holds a NUL character at byte 120; export the file again"),
    "due-before-document": (
        "F-1;invoice;C1;MXN;1;2026-01-10;2026-01-05",
        "due date 2026-01-05 is before document date 2026-01-10 of item F-1; kept as read;"
        " if terms count from another day, map baseline_date",
    ),
    "turning-text": (
        "F-1;invoice;C\u202e1;MXN;1;2026-01-10",
        "customer 'C\\u202e1' holds characters that turn the direction of writing; it may look like another text",
    ),
    "unknown-fact": (
        "A-1;allocation;;MXN;1;2026-01-10;;R-9;F-9",
        "allocation A-1 names R-9, which this subledger does not hold; add it first",
    ),
}  # fmt: skip
ITEM_CASES = {
    "nothing-open": ("1;C1;MXN;0", "item 1 has an open amount of 0.00 MXN; nothing to age"),
    "kind-against-sign": (
        "1;C1;MXN;5;;;payment",
        "payment 1 has the amount 5.00 MXN; credits are negative; map its kind to debit_memo if it is owed",
    ),
    "unmapped-kind": (
        "1;C1;MXN;5;;;RV",
        "kind 'RV' of 1 is not mapped; add it to [kinds] as invoice, debit_memo, credit_memo or payment",
    ),
    "after-extract": (
        "1;C1;MXN;5;2026-04-01",
        "item 1 is dated 2026-04-01, after the extract was drawn on 2026-03-31; counted from 2026-03-31",
    ),
    "inexact-amount": ("1;C1;JPY;5,5", "5.5 JPY has more than 0 decimals; round it first with a named policy;"
        ' to have the amounts of a file rounded, say rounding = "half up" in [values] of its mapping'),
}  # fmt: skip


def first_line(tmp_path, header, row):
    file = tmp_path / "t.csv"
    text = (
        row
        if row.count(";") < 2 or "\0" in row or '"' in row
        else row + ";" * (header.count(";") - row.count(";"))
    )
    file.write_text(f"{header}\n{text}\n", encoding="utf-8", newline="")
    loaded = load(CsvSource(file, drawn_on=date(2026, 3, 31)))
    return str(loaded.problems[0])


@pytest.mark.parametrize("code", FACT_CASES)
def test_a_row_of_facts(tmp_path, code):
    row, sentence = FACT_CASES[code]
    assert first_line(tmp_path, FACTS, row) == f"t.csv:2: {code}: {sentence}"


@pytest.mark.parametrize("code", ITEM_CASES)
def test_a_row_of_open_items(tmp_path, code):
    row, sentence = ITEM_CASES[code]
    assert first_line(tmp_path, ITEMS, row) == f"t.csv:2: {code}: {sentence}"


def test_a_line_that_is_no_json_object(tmp_path):
    file = tmp_path / "t.jsonl"
    file.write_text(
        '{"payment_id": "R", "currency": "MXN", "amount": "1", "posting_date": "2026-01-01"}\n[]\n'
    )
    assert str(load(CsvSource(file)).problems[0]) == (
        "t.jsonl:2: unreadable-json: the line b'[]\\n' is no JSON object; every line must be one"
    )
