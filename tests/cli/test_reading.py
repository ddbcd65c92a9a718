"""What every command says of the file it read: no row is left out, doubled or taken for another thing in silence."""

from __future__ import annotations

import json

import pytest

from receivables.cli.app import run

HEAD = "id,kind,customer,currency,amount,posting_date,source_id,target_id\n"
F3 = HEAD + (
    "F-1001,invoice,C1,MXN,11600.00,2026-01-10,,\n"
    "R-77,payment,C1,MXN,5000.00,2026-02-20,,\n"
    'A-1,allocation,,MXN,"5.000,00",2026-02-20,R-77,F-1001\n'
    "F-1002,invoice,C1,MXN,ten,2026-01-11,,\n"
)
OPEN = "item_id,customer,currency,due_date,open_amount,document_date\nF-1,C1,MXN,2026-02-09,6600.00,2026-01-10\n"


@pytest.fixture
def cli(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "f3.csv").write_text(F3, encoding="utf-8")
    (tmp_path / "open.csv").write_text(OPEN, encoding="utf-8")
    (tmp_path / "empty.csv").write_text(HEAD, encoding="utf-8")
    (tmp_path / "customers.csv").write_text("customer,valid_from,segment\nC1,2026-01-01,retail\n")

    def call(*words):
        status = run([*words, "--as-of", "2026-03-31"])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return call


BAD_AMOUNT = (
    "amount '5.000,00' has the decimal sign ',', but the column has '.' (settled by '11600.00' in line 2);"
    " correct it, or declare decimal"
)


def test_explain_says_what_was_left_out(cli):
    status, out, err = cli("explain", "f3.csv", "--item", "F-1001")
    assert status == 0
    assert out.splitlines()[0].endswith(": 11600.00 MXN")
    assert f"f3.csv:4: unreadable-amount: {BAD_AMOUNT}" in err.splitlines()
    assert "4 rows = 2 accepted + 0 duplicates + 2 quarantined" in err.splitlines()
    assert err.splitlines()[-1] == (
        f"not counted: row 4 of f3.csv names F-1001 and was set aside: unreadable-amount: {BAD_AMOUNT}"
    )
    assert cli("explain", "f3.csv", "--item", "F-1001", "--strict")[0] == 3


def test_explain_of_an_item_that_was_set_aside_names_its_row(cli):
    status, out, err = cli("explain", "f3.csv", "--item", "F-1002")
    assert (status, out) == (2, "")
    assert err.splitlines()[-1] == (
        "receivables: no document 'F-1002' counts on 2026-03-31 in this subledger; check the id and the date;"
        " row 5 of f3.csv names F-1002 and was set aside: unreadable-amount: amount 'ten' is no amount;"
        " write it like 11600.00"
    )


def test_explain_names_no_row_of_another_item(cli):
    assert "set aside" not in cli("explain", "f3.csv", "--item", "F-100")[2]


def test_a_fact_that_breaks_a_law_is_named_by_what_it_says(cli, tmp_path):
    (tmp_path / "f.csv").write_text(F3.replace('"5.000,00"', "50000.00"), encoding="utf-8")
    err = cli("explain", "f.csv", "--item", "F-1001")[2]
    assert "not counted: row 4 of f.csv names F-1001 and was set aside: over-allocated:" in err


def test_open_items_are_explained_as_open_when_drawn(cli):
    assert cli("explain", "open.csv", "--item", "F-1")[1].splitlines()[:2] == [
        "open amount of invoice F-1 of customer C1 as of 2026-03-31: 6600.00 MXN",
        "  open when drawn on 2026-03-31, invoice F-1 of 2026-01-10: 6600.00 MXN",
    ]


def test_an_open_item_without_a_date_is_given_none(cli, tmp_path):
    (tmp_path / "o.csv").write_text(
        "item_id,customer,currency,due_date,open_amount\nF-1,C1,MXN,2026-02-09,6600.00\n"
    )
    said = cli("explain", "o.csv", "--item", "F-1")[1].splitlines()[1]
    assert said == "  open when drawn on 2026-03-31, invoice F-1: 6600.00 MXN"


def test_a_currency_that_is_not_there_is_refused_with_those_there_are(cli):
    status, out, err = cli("kpi", "f3.csv", "--start", "2026-01-01", "--currency", "USD")
    assert (status, out) == (2, "")
    assert err == "receivables: --currency 'USD': nothing is posted in it; the file has MXN\n"


def test_net_amounts_of_documents_without_taxes_are_remarked(cli, tmp_path):
    words = ("kpi", "f3.csv", "--start", "2026-01-01", "--format", "json")
    out, err = cli(*words, "--amounts", "net")[1:]
    said = "no document carries taxes: such amounts are taken as they are, gross if they are gross; add the column taxes"
    assert f"no-taxes: {said}" in err.splitlines()
    assert json.loads(out)["remarks"] == [{"code": "no-taxes", "message": said, "where": ""}]
    assert "no-taxes" not in cli(*words)[2]


def test_a_customers_table_is_not_aged(cli):
    status, out, err = cli("age", "customers.csv")
    assert (status, out) == (2, "")
    assert err == (
        "receivables: customers.csv is a customers table, which holds no receivables;"
        " give facts or open items, and it as --customers\n"
    )
    assert cli("age", "f3.csv", "--customers", "customers.csv")[0] == 0


def test_a_table_without_rows_is_an_answer_that_says_so(cli):
    status, out, err = cli("age", "empty.csv")
    assert status == 0
    assert out.splitlines()[-1] == "0 rows = 0 accepted + 0 duplicates + 0 quarantined"
    assert "empty.csv: there is a header and no rows; nothing was read" in err.splitlines()


def test_open_items_are_not_aged_from_a_date_they_do_not_hold(cli):
    status, out, err = cli("age", "open.csv", "--basis", "posting")
    assert (status, out) == (2, "")
    assert err == (
        "receivables: --basis posting: open.csv has no posting_date; add the column, or age from due or document\n"
    )
    assert cli("age", "open.csv", "--basis", "document")[0] == 0


def test_problems_stand_in_the_order_of_their_lines_and_repeated_rows_are_named(cli, tmp_path):
    rows = F3.splitlines(keepends=True)
    (tmp_path / "f.csv").write_text("".join([*rows[:2], "A-9,allocation,,MXN,1.00,2026-02-20,R-77,F-9\n", *rows[2:], rows[1]]))  # fmt: skip
    status, out, err = cli("age", "f.csv", "--strict")
    codes = [line.split(": ")[:2] for line in err.splitlines() if line[:6] == "f.csv:" and line[6].isdigit()]  # fmt: skip
    assert codes == [
        ["f.csv:3", "unknown-fact"],
        ["f.csv:5", "unreadable-amount"],
        ["f.csv:6", "unreadable-amount"],
        ["f.csv:7", "repeated-row"],
    ]
    assert "f.csv:7: repeated-row: says again what row 2 says of F-1001; it counts once" in err
    assert status == 3
    assert "6 rows = 2 accepted + 1 duplicate + 3 quarantined" in out


def test_repeated_rows_alone_do_not_raise_the_status(cli, tmp_path):
    rows = F3.splitlines(keepends=True)
    (tmp_path / "f.csv").write_text("".join([*rows[:3], rows[1]]))
    assert cli("age", "f.csv", "--strict")[0] == 0


def test_one_is_one(cli, tmp_path):
    (tmp_path / "f.csv").write_text(
        F3.splitlines(keepends=True)[0] + F3.splitlines(keepends=True)[4]
    )
    err = cli("age", "f.csv", "--format", "json")[2].splitlines()
    assert "1 row = 0 accepted + 0 duplicates + 1 quarantined" in err
    assert "1 row without a readable amount is in no control total" in err
