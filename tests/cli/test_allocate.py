"""`receivables allocate` as people type it."""

from __future__ import annotations

import json

import pytest

from receivables.cli.app import run

ITEMS = """item_id,customer,currency,due_date,open_amount,document_date,reference
F-1001,C1,MXN,2026-01-10,100.00,2025-12-10,
F-1002,C1,MXN,2026-01-20,250.50,2025-12-20,
F-1003,C2,MXN,2026-02-20,70.00,2026-01-20,
F-1004,C2,MXN,2026-02-25,30.00,2026-01-20,
"""
PAYMENTS = """payment_id,customer,currency,amount,posting_date,reference
R-1,C1,MXN,350.50,2026-03-01,
R-2,C2,MXN,60.00,2026-03-02,pago F-1003
R-3,,MXN,5.00,2026-03-02,
R-4,C2,MXN,1.00,2026-04-02,
"""


@pytest.fixture
def cli(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "items.csv").write_text(ITEMS, encoding="utf-8")
    (tmp_path / "payments.csv").write_text(PAYMENTS, encoding="utf-8")

    def call(*words):
        status = run(["allocate", "items.csv", "--as-of", "2026-03-31", *words])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return call


def test_json_has_the_shape_other_programs_read(cli):
    status, out, err = cli("--payments", "payments.csv", "--format", "json")
    tree = json.loads(out)
    assert status == 0
    shown = [
        {key: it[key] for key in ("payment", "item", "amount", "currency", "rule", "confidence")}
        for it in tree["allocations"]
    ]
    assert shown == [
        {
            "payment": "R-2",
            "item": "F-1003",
            "amount": "60.00",
            "currency": "MXN",
            "rule": "reference",
            "confidence": 0.85,
        },
        {
            "payment": "R-1",
            "item": "F-1001",
            "amount": "100.00",
            "currency": "MXN",
            "rule": "whole-account",
            "confidence": 0.9,
        },
        {
            "payment": "R-1",
            "item": "F-1002",
            "amount": "250.50",
            "currency": "MXN",
            "rule": "whole-account",
            "confidence": 0.9,
        },
    ]
    [left] = tree["leftovers"]
    assert (left["payment"], left["amount"], left["status"]) == ("R-3", "5.00", "unidentified")
    assert (tree["differences"], tree["unmatched_items"]) == ([], 1)
    assert "payment R-4 is of 2026-04-02, after 2026-03-31" in err


def test_a_table_and_csv_say_the_same(cli):
    _, table, _ = cli("--payments", "payments.csv", "--explain")
    assert "0.85: the text names F-1003: F 1003; short by 10.00 MXN" in " ".join(table.split())
    assert "payment R-1 of customer C1: 350.50 MXN" in table
    _, text, _ = cli("--payments", "payments.csv", "--format", "csv")
    assert text.splitlines()[:2] == [
        "kind,payment,item,currency,amount,rule,confidence,reason",
        "allocation,R-2,F-1003,MXN,60.00,reference,0.85,the text names F-1003: F 1003; short by 10.00 MXN",
    ]
    assert text.splitlines()[-1] == "unidentified,R-3,,MXN,5.00,,,nothing names the payer"


def test_advice_and_a_policy_file(cli, tmp_path):
    (tmp_path / "advice.csv").write_text(
        "payment_id,reference,amount,currency\nR-1,F-1002,99.00,MXN\n", encoding="utf-8"
    )
    (tmp_path / "ours.toml").write_text('rules = ["advice"]\nname = "ours"\n', encoding="utf-8")
    status, out, _ = cli(
        "--payments",
        "payments.csv",
        "--advice",
        "advice.csv",
        "--policy",
        "ours.toml",
        "--format",
        "json",
    )
    tree = json.loads(out)
    assert (status, tree["policy"]) == (0, "ours")
    assert [(it["item"], it["amount"], it["rule"]) for it in tree["allocations"]] == [
        ("F-1002", "99.00", "advice")
    ]


def test_the_open_credits_among_the_items_are_used_when_no_payments_are_given(cli, tmp_path):
    with (tmp_path / "items.csv").open("a", encoding="utf-8") as file:
        file.write("R-9,C1,MXN,,-100.00,2026-01-20,F-1001\n")
    status, out, _ = cli("--format", "json")
    assert (status, [(it["payment"], it["item"]) for it in json.loads(out)["allocations"]]) == (
        0,
        [("R-9", "F-1001")],
    )


def test_a_facts_table_whose_payment_is_used_up_is_not_used_again(cli, tmp_path):
    (tmp_path / "items.csv").write_text(
        "id,kind,customer,currency,amount,posting_date,due_date,source_id,target_id\n"
        "F-1,invoice,C1,MXN,100.00,2026-01-01,2026-02-01,,\n"
        "R-1,payment,C1,MXN,40.00,2026-02-01,,,\n"
        "A-1,allocation,,MXN,40.00,2026-02-01,,R-1,F-1\n",
        encoding="utf-8",
    )
    (tmp_path / "payments.csv").write_text(PAYMENTS.replace("350.50", "40.00"), encoding="utf-8")
    _, out, err = cli("--payments", "payments.csv", "--format", "json")
    assert json.loads(out)["allocations"] == []
    assert "payment R-1 is in the items' file and used up there" in err


def test_a_bank_file_gives_payments_and_advice(cli, tmp_path):
    (tmp_path / "export.csv").write_text(
        "Fecha,Concepto,Referencia,Abono\n02/03/2026,SPEI F-1003,9,70.00\n", encoding="utf-8"
    )
    status, out, _ = cli(
        "--payments",
        "export.csv",
        "--bank-format",
        "mexico",
        "--format",
        "json",
        "--output",
        "out.json",
    )
    assert (status, out) == (0, "")
    [line] = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["allocations"]
    assert (line["item"], line["amount"], line["rule"]) == ("F-1003", "70.00", "reference")


CUSTOMERS = """customer,valid_from,payer,head_office,tax_id
C1,2026-01-01,G1,,
C2,2026-01-01,,G1,CCC010101CC2
"""
GROUP = """payment_id,customer,currency,amount,posting_date,reference,payer_account
R-1,G1,MXN,420.50,2026-03-01,,
R-2,,MXN,30.00,2026-03-02,,012180001234567897
"""


def test_a_group_s_head_office_pays_for_its_customers(cli, tmp_path):
    """G1 has no item of its own: the customers table says for whom it pays."""
    (tmp_path / "group.csv").write_text(GROUP, encoding="utf-8")
    (tmp_path / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    words = ("--payments", "group.csv", "--format", "json", "--policy", "oracle-autocash")
    alone = json.loads(cli(*words)[1])
    assert (alone["allocations"], alone["unmatched_items"]) == ([], 4)
    tree = json.loads(cli(*words, "--customers", "customers.csv")[1])
    assert [(it["payment"], it["item"], it["amount"]) for it in tree["allocations"]] == [
        ("R-1", "F-1001", "100.00"),
        ("R-1", "F-1002", "250.50"),
        ("R-1", "F-1003", "70.00"),
    ]


def test_a_payers_file_says_whose_account_money_came_from(cli, tmp_path):
    (tmp_path / "group.csv").write_text(GROUP, encoding="utf-8")
    (tmp_path / "payers.csv").write_text(
        "payer;customer\n012180001234567897;C2\nACME;C1\nACME;C2\n;C1\n", encoding="utf-8"
    )
    words = ("--payments", "group.csv", "--format", "json")
    known = json.loads(cli(*words)[1])
    assert {it["payment"]: it["status"] for it in known["leftovers"]}["R-2"] == "unidentified"
    status, out, err = cli(*words, "--payers", "payers.csv", "--strict")
    [line] = json.loads(out)["allocations"]
    assert (line["payment"], line["item"], line["rule"]) == ("R-2", "F-1004", "exact")
    assert "ACME stands for C1, C2; it identifies none of them" in err
    assert (status, "payers.csv:5" in err) == (3, True)
    assert "no column payer" in cli(*words, "--payers", "items.csv")[2]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--policy", "erpnxt"], "no allocation policy 'erpnxt'"),
        (["--format", "xml"], "--format 'xml' is not there"),
        (["--policy", "none.toml"], "none.toml"),
        (["--payments", "none.csv"], "does not exist"),
    ],
)
def test_misuse_is_one_sentence_and_status_2(cli, words, said):
    status, _, err = cli(*words)
    assert (status, said in err.splitlines()[-1]) == (2, True)


def test_strict_ends_with_3_when_a_row_was_left_out(cli, tmp_path):
    (tmp_path / "payments.csv").write_text(
        PAYMENTS + "R-5,C1,MXN,1.234,2026-03-01,\n", encoding="utf-8"
    )
    assert cli("--payments", "payments.csv")[0] == 0
    assert cli("--payments", "payments.csv", "--strict")[0] == 3
    (tmp_path / "bad.toml").write_text("rules = [", encoding="utf-8")
    assert "is no TOML" in cli("--policy", "bad.toml")[2]


def tallies(err):
    return [line for line in err.splitlines() if " = " in line]


@pytest.mark.parametrize("format_", ["table", "csv", "json"])
def test_every_row_of_every_file_is_accounted_for_in_every_format(cli, tmp_path, format_):
    with (tmp_path / "payments.csv").open("a", encoding="utf-8") as file:
        file.write("R-7,C1,MXN,7.00,2026-03-01,\nR-7,C1,MXN,7.00,2026-03-01,\nR-8,C1,MXN,x,,\n")
    (tmp_path / "advice.csv").write_text(
        "payment_id,reference\nR-1,F-1002\nR-1,F-1002\n,F-1\n", encoding="utf-8"
    )
    _, _, err = cli("--payments", "payments.csv", "--advice", "advice.csv", "--format", format_)
    assert tallies(err) == [
        "items.csv: 4 rows = 4 accepted + 0 duplicates + 0 quarantined",
        "items.csv: MXN 450.50 read = 450.50 accepted + 0.00 duplicates + 0.00 quarantined",
        "payments.csv: 7 rows = 5 accepted + 1 duplicate + 1 quarantined",
        "payments.csv: MXN 430.50 read = 423.50 accepted + 7.00 duplicates + 0.00 quarantined",
        "advice.csv: 3 lines = 1 accepted + 1 duplicate + 0 no receipts + 1 quarantined",
    ]


def test_json_counts_each_input(cli):
    _, out, _ = cli("--payments", "payments.csv", "--format", "json")
    tree = json.loads(out)
    assert tree["inputs"]["items"] == tree["input"]
    assert {key: tree["inputs"]["payments"][key] for key in ("rows", "accepted")} == {
        "rows": 4,
        "accepted": 4,
    }


def test_a_bad_payment_row_is_counted_once(cli, tmp_path):
    with (tmp_path / "payments.csv").open("a", encoding="utf-8") as file:
        file.write("R-5,C1,MXN,1.234,2026-03-01,\n")
    _, _, err = cli("--payments", "payments.csv", "--problems", "0")
    assert [line for line in err.splitlines() if "more" in line] == [
        "… and 2 more: after-as-of 1, inexact-amount 1; print them with --problems 2"
    ]


STATEMENT = """:20:START
:25:ACC
:28C:1/1
:60F:C260301MXN0,00
:61:2603020302C70,00NTRFF-1003//B1
:61:2603030303D10,00NCHGNONREF
:61:2603100310C6600.00NTRFE1//B2
:62F:C260310MXN6660,00
"""


def test_a_bank_file_without_its_format_is_read_and_no_line_of_it_is_lost(cli, tmp_path, caplog):
    (tmp_path / "st.txt").write_text(STATEMENT, encoding="utf-8")
    status, out, err = cli("--payments", "st.txt", "--format", "json", "--strict")
    assert status == 3
    [line] = json.loads(out)["allocations"]
    assert (line["item"], line["amount"]) == ("F-1003", "70.00")
    assert [it.split(": ", 1)[1] for it in err.splitlines() if it.startswith("st.txt")] == [
        "read as a bank file of format mt940, by its content or name; state another with --bank-format",
        (
            "line 7: unreadable-line: ':61:2603100310C6600.00NTRFE1//B2' must be value date YYMMDD,"
            " entry date MMDD or nothing, C, D, RC or RD, an amount with a decimal comma and no other mark"
            " such as 6600,00, and the type such as NTRF; it is left out"
        ),
        (
            "statement 1: does-not-tie: opening balance 0.00 MXN and lines of 60.00 MXN of account ACC"
            " make 60.00 MXN, but the closing balance :62F: is 6660.00 MXN: 6600.00 MXN is not in the lines"
            " that were read"
        ),
        "5 lines = 1 accepted + 0 duplicates + 3 no receipts + 1 quarantined",
        "no receipts: closing balance 1, debit 1, opening balance 1",
        "its own balances, totals or counts do not tie with its lines",
    ]
    assert json.loads(out)["inputs"]["payments"] == {
        "rows": 5,
        "accepted": 1,
        "duplicates": 0,
        "no_receipts": 3,
        "quarantined": 1,
        "reasons": {"closing balance": 1, "debit": 1, "opening balance": 1},
        "ties": False,
    }


def test_a_statement_that_does_not_tie_fails_strict_even_when_every_line_was_read(cli, tmp_path):
    text = STATEMENT.replace("6600.00", "6600,00").replace("MXN6660,00", "MXN6661,00")
    (tmp_path / "st.txt").write_text(text, encoding="utf-8")
    assert cli("--payments", "st.txt")[0] == 0
    assert cli("--payments", "st.txt", "--strict")[0] == 3


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        (
            "Dia;Texto;Haber\n02/03/2026;PAGO F-1;10.00\n",
            [],
            "is it a bank file? Then say which with --bank-format camt, mt940, bai2,",
        ),
        (
            STATEMENT,
            ["--payments-mapping", "payments"],
            "it looks like mt940: leave out --payments-mapping",
        ),
        (
            STATEMENT,
            ["--bank-format", "camt"],
            "it looks like mt940: read it with format mt940 (--bank-format mt940)",
        ),
    ],
)
def test_an_unreadable_bank_file_leads_to_the_option(cli, tmp_path, text, words, said):
    (tmp_path / "mov.csv").write_text(text, encoding="utf-8")
    status, _, err = cli("--payments", "mov.csv", *words)
    assert (status, said in err.splitlines()[-1]) == (2, True)


def test_facts_of_the_payments_file_that_pay_nothing_are_told(cli, tmp_path):
    (tmp_path / "payments.csv").write_text(
        "id,kind,customer,currency,amount,posting_date,due_date\n"
        "F-9,invoice,C1,MXN,100.00,2026-01-01,2026-02-01\nR-1,payment,C1,MXN,40.00,2026-02-01,\n",
        encoding="utf-8",
    )
    _, _, err = cli("--payments", "payments.csv")
    assert (
        "payments.csv: not-a-payment: facts that are neither payments nor credits pay nothing: 1"
        in err
    )
