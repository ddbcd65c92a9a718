"""Mappings: what is declared holds, what is not is settled by a named cell or refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from receivables.adapters import load
from receivables.adapters.csv import CsvSource, Mapping, preset_names
from receivables.adapters.csv.presets import preset
from receivables.errors import UnfitMapping

OPEN = 'table = "open-items"\n[columns]\nitem_id = "Doc"\ncustomer = "Cust"\nopen_amount = "Amt"\ndue_date = "Due"\n[constants]\ncurrency = "EUR"\n'


def read(tmp_path, text, toml=OPEN, name="o.csv"):
    (tmp_path / name).write_text(text)
    mapping = tmp_path / "m.toml"
    mapping.write_text(toml)
    return load(CsvSource(tmp_path / name, mapping=mapping, drawn_on=date(2026, 3, 31)))


def amounts(loaded):
    return [str(fact.amount.amount) for fact in loaded.books.facts]


def codes(loaded):
    return [(it.where, it.code) for it in loaded.problems]


def test_an_ambiguous_amount_is_refused(tmp_path):
    loaded = read(tmp_path, "Doc;Cust;Amt;Due\n1;C;1.234;\n2;C;5;\n")
    assert (amounts(loaded), codes(loaded)) == (["5.00"], [("o.csv:2", "ambiguous-amount")])


def test_a_later_row_of_the_column_settles_it(tmp_path):
    loaded = read(tmp_path, "Doc;Cust;Amt;Due\n1;C;1.234;\n2;C;5,50;\n")
    assert (amounts(loaded), codes(loaded)) == (["1234.00", "5.50"], [])


def test_a_declared_sign_settles_it(tmp_path):
    loaded = read(tmp_path, "Doc;Cust;Amt;Due\n1;C;1.234;\n", OPEN + '[values]\ndecimal = ","\n')
    assert amounts(loaded) == ["1234.00"]


def test_a_cell_against_the_settled_sign_is_refused_with_the_evidence(tmp_path):
    loaded = read(tmp_path, 'Doc,Cust,Amt,Due\n1,C,5.50,\n2,C,"1.234,00",\n')
    assert "settled by '5.50' in line 2" in loaded.problems[0].message


def test_an_ambiguous_date_is_refused_unless_it_reads_the_same(tmp_path):
    loaded = read(tmp_path, "Doc;Cust;Amt;Due\n1;C;1;03/04/2025\n2;C;1;03/03/2025\n")
    assert codes(loaded)[0] == ("o.csv:2", "ambiguous-date")
    assert loaded.books.fact("2").due_date == date(2025, 3, 3)


@pytest.mark.parametrize(
    ("day", "meant"), [("26/01/2025", date(2025, 4, 3)), ("01/26/2025", date(2025, 3, 4))]
)
def test_a_date_of_the_column_settles_the_order(tmp_path, day, meant):
    loaded = read(tmp_path, f"Doc;Cust;Amt;Due\n1;C;1;03/04/2025\n2;C;1;{day}\n")
    assert loaded.books.fact("1").due_date == meant


def test_excel_day_numbers_are_read_only_when_declared(tmp_path):
    text = "Doc;Cust;Amt;Due\n1;C;1;46112\n"
    assert codes(read(tmp_path, text)) == [("o.csv:2", "unreadable-date")]
    loaded = read(tmp_path, text, OPEN + '[values]\ndates = "excel"\n')
    assert loaded.books.fact("1").due_date == date(2026, 3, 31)


def test_ids_stay_text(tmp_path):
    text = "Doc;Cust;Amt;Due\n0007;C;1;\n1930438491.0;C;1;\n"
    assert {it.id for it in read(tmp_path, text).books.facts} == {"0007", "1930438491.0"}
    whole = read(tmp_path, text, OPEN + '[values]\nwhole_number_ids = ["item_id"]\n')
    assert {it.id for it in whole.books.facts} == {"0007", "1930438491"}


def test_rounding_happens_only_when_declared_and_is_told(tmp_path):
    text = "Doc;Cust;Amt;Due\n1;C;2309.7899999999995;\n"
    assert codes(read(tmp_path, text)) == [("o.csv:2", "inexact-amount")]
    loaded = read(tmp_path, text, OPEN + '[values]\nrounding = "half up"\n')
    assert (amounts(loaded), codes(loaded)) == (["2309.79"], [("o.csv", "amounts-rounded")])
    assert loaded.tally.totals[0].read == Decimal("2309.79")


def test_columns_are_joined_and_the_first_choice_there_is_taken(tmp_path):
    toml = OPEN.replace('"Doc"', '{ join = ["Co", "Doc"], with = "-" }').replace(
        '"Cust"', '["Customer", "cust"]'
    )
    loaded = read(tmp_path, "Co;Doc;CUST;Amt;Due\n10;7;C1;1;\n", toml)
    [fact] = loaded.books.facts
    assert (fact.id, fact.customer) == ("10-7", "C1")


def test_other_columns_become_attributes_when_asked_for(tmp_path):
    text = "Doc;Cust;Amt;Due;Region\n1;C;1;;North\n"
    assert read(tmp_path, text).books.fact("1").attributes == ()
    assert read(tmp_path, text, 'attributes = "all"\n' + OPEN).books.fact("1").attributes == (
        ("Region", "North"),
    )


def test_an_escaped_formula_is_read_as_the_text_it_was(tmp_path):
    assert read(tmp_path, "Doc;Cust;Amt;Due\n1;'=C1;1;\n").books.fact("1").customer == "=C1"


def test_a_text_that_turns_the_direction_is_kept_and_told(tmp_path):
    loaded = read(tmp_path, "Doc;Cust;Amt;Due\n1;C\u202e1;1;\n")
    assert codes(loaded) == [("o.csv:2", "turning-text")]


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("x", "mapping m is not TOML: Expected '=' after a key in a key/value pair (at end of document)"),
        ("", "mapping m: table is None; it must be one of 'facts', 'open-items', 'payments', 'customers', 'settled-invoices', 'cleared-items'"),
        ('table = "facts"\n[colums]', "mapping m: the top has 'colums'; there may be attribute_columns, attributes, columns, constants, file, kinds, table, title, values"),
        ('table = "payments"\n[columns]\nid = "x"', "mapping m: columns has 'id'; there may be amount, currency, customer, legal_entity, payment_id, posting_date, reference"),
        ('table = "payments"\n[columns]\namount = 1', "mapping m: columns.amount is 1; it must be a text or a list of texts"),
        ('table = "payments"\n[values]\ndates = "DM"', "mapping m: values.dates is 'DM'; it must be one of 'YMD', 'DMY', 'MDY', 'excel'"),
        ('table = "payments"\n[values]\ndecimal = "."\nthousands = "."', "mapping m: values.decimal and values.thousands are both '.'; they must differ"),
        ('table = "payments"\n[file]\nseparator = ";;"', "mapping m: file.separator is ';;'; it must be one character, such as ';' or a tab"),
        ('table = "payments"\ncolumns = 1', "mapping m: columns is 1; it must be a table, [columns]"),
        ('table = "open-items"\n[kinds]\nRV = "bill"', "mapping m: kinds is 'bill'; it must be one of 'invoice', 'debit_memo', 'credit_memo', 'payment'"),
        ('table = "payments"\n[constants]\ncurrency = 1', "mapping m: constants.currency is 1; it must be a text, in quotes"),
    ],
)  # fmt: skip
def test_a_mapping_that_cannot_be_says_why(toml, message):
    with pytest.raises(UnfitMapping) as caught:
        Mapping.parse(toml, "m")
    assert str(caught.value) == message


def test_every_preset_reads():
    assert [preset(name).name for name in preset_names()] == list(preset_names())


def test_a_file_that_lacks_a_column_says_what_was_looked_for(tmp_path):
    with pytest.raises(UnfitMapping) as caught:
        read(tmp_path, "Doc;Cust;Amount\n")
    assert str(caught.value) == (
        "o.csv has no column for open_amount: mapping 'm.toml' looks for 'Amt'; the file has 'Doc', 'Cust', 'Amount'"
    )


def test_a_column_that_stands_twice_is_refused(tmp_path):
    with pytest.raises(UnfitMapping, match="2 columns called 'Amt'"):
        read(tmp_path, "Doc;Cust;Amt;Amt\n")
