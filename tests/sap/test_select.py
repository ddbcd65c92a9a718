"""What a table call is asked and how its answer is cut."""

import pytest

from receivables import errors
from receivables.adapters.sap.select import (
    column_groups,
    customers_between,
    one_of,
    options,
    quoted,
    slicer,
)
from receivables.testing.sap.where import BadOptions, condition


def test_options_break_at_blanks_outside_literals_only():
    where = (
        "BUKRS EQ '1000' AND KUNNR IN ( '0000100001', '0000100002', '0000100003' ) "
        "AND XBLNR EQ 'O''Hara & sons  x' AND BUDAT LE '20250331'"
    )
    lines = [it["TEXT"] for it in options(where)]
    assert [len(line) for line in lines] == [71, 59]
    assert "'O''Hara & sons  x'" in lines[1]
    assert "".join(lines) == where


def test_a_literal_longer_than_a_line_cannot_be_asked():
    with pytest.raises(errors.UnfitQuery, match="does not fit a line of 72 characters"):
        options(f"SGTXT EQ '{'x' * 80}'")


def test_a_quote_is_doubled_and_a_control_character_refused():
    assert quoted("O'Hara") == "'O''Hara'"
    with pytest.raises(errors.UnfitQuery, match="control character"):
        quoted("1000'\nOR BUKRS NE '")
    assert one_of("KUNNR", ["A' OR 'B"]) == "KUNNR IN ( 'A'' OR ''B' )"


def test_a_span_of_accounts_is_asked_in_stored_form():
    assert customers_between("1000", ["1", "20"]) == (
        "BUKRS EQ '1000' AND KUNNR GE '0000000001' AND KUNNR LE '0000000020'"
    )
    assert customers_between("1000", ["1"]) == "BUKRS EQ '1000' AND KUNNR EQ '0000000001'"


def test_columns_are_split_so_that_each_row_fits_with_its_keys():
    lengths = {"BUKRS": 4, "BELNR": 10, "A": 300, "B": 150, "C": 100}
    groups = column_groups(lengths, ["BUKRS", "BELNR"], 512)
    assert groups == [("BUKRS", "BELNR", "A", "B"), ("BUKRS", "BELNR", "C")]


def test_rows_are_cut_by_offset_whatever_the_text_holds():
    fields = [
        {"FIELDNAME": "BUKRS", "OFFSET": "000000", "LENGTH": "000004"},
        {"FIELDNAME": "SGTXT", "OFFSET": "000005", "LENGTH": "000010"},
        {"FIELDNAME": "ZUONR", "OFFSET": "000016", "LENGTH": "000005"},
    ]
    assert slicer(fields)("1000|a|b | c   |zzzzz") == {
        "BUKRS": "1000",
        "SGTXT": "a|b | c",
        "ZUONR": "zzzzz",
    }
    assert slicer(fields)("1000|a") == {"BUKRS": "1000", "SGTXT": "a", "ZUONR": ""}  # right-trimmed


@pytest.mark.parametrize(
    "text",
    ["BUKRS='1000'", "BUKRS EQ 1000", "NOPE EQ '1'", "BUKRS EQ '1' OR BUKRS EQ '2'", "x" * 73],
)
def test_the_double_refuses_what_sap_refuses(text):
    with pytest.raises(BadOptions):
        condition([text], ["BUKRS"])
