"""The commands as people type them: what they print, where, and the status they end with."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from io import StringIO

import pytest

from receivables.cli.app import run

FACTS = "tests/data/template.csv"
IBM = "tests/data/ibm.csv"


@pytest.fixture
def cli(root, capsys, monkeypatch):
    """Run a command in the project's folder; return its status, output and messages."""
    monkeypatch.chdir(root)

    def call(*words):
        status = run(list(words))
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return call


def test_age_prints_a_table_and_how_the_rows_tie(cli):
    status, out, err = cli("age", FACTS, "--as-of", "2026-02-28")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert status == 0
    assert "customer currency items current 1-30 31-60 61-90 91-120 >120 total" in lines
    assert "C001 MXN 1 – 6,600.00 – – – – 6,600.00" in lines
    assert "C002 MXN 2 400.00 600.00 – – – – 1,000.00" in lines
    assert "total MXN 3 400.00 7,200.00 – – – – 7,600.00" in lines
    assert lines[-3:] == [
        "8 rows = 6 accepted + 1 duplicate + 1 quarantined",
        "MXN 27,600.00 read = 22,600.00 accepted + 5,000.00 duplicates + 0.00 quarantined",
        "2 rows without a readable amount are in no control total",
    ]
    assert "template.csv: read as a facts table (mapping template)" in err
    assert "template.csv:9: inexact-amount:" in err


def test_age_as_json_has_the_shape_other_programs_read(cli):
    status, out, err = cli("age", FACTS, "--as-of", "2026-02-28", "--format", "json")
    tree = json.loads(out)
    assert status == 0
    assert tree["as_of"] == "2026-02-28"
    assert tree["buckets"][:6] == ["current", "1-30", "31-60", "61-90", "91-120", ">120"]
    first = tree["rows"][0]
    assert (first["customer"], first["currency"], first["total"]) == ("C001", "MXN", "6600.00")
    assert (first["current"], first["1-30"]) == ("0.00", "6600.00")
    [total] = tree["totals"]
    assert (total["currency"], total["total"], total["items"]) == ("MXN", "7600.00", 3)
    counts = {
        name: tree["input"][name] for name in ("rows", "accepted", "duplicates", "quarantined")
    }
    assert counts == {"rows": 8, "accepted": 6, "duplicates": 1, "quarantined": 1}
    assert [it["code"] for it in tree["problems"]] == ["inexact-amount", "repeated-row"]
    assert "8 rows = 6 accepted" in err


def test_age_as_csv_can_be_read_back(cli):
    _, out, _ = cli(
        "age", FACTS, "--as-of", "2026-02-28", "--format", "csv", "--by", "region,customer"
    )
    rows = list(csv.DictReader(StringIO(out)))
    assert [(row["region"], row["customer"], row["total"]) for row in rows] == [
        ("North", "C001", "6600.00"),
        ("South", "C002", "1000.00"),
    ]


def test_no_cell_of_the_csv_is_a_formula(cli, tmp_path):
    file = tmp_path / "f.csv"
    file.write_text(
        "id,kind,customer,currency,amount,posting_date\nF-1,invoice,=cmd(),MXN,1.00,2026-01-01\n"
    )
    _, out, _ = cli("age", str(file), "--as-of", "2026-02-28", "--format", "csv")
    assert out.splitlines()[1].startswith("'=cmd(),MXN,1.00")


def test_the_ending_of_the_output_says_its_format(cli, tmp_path):
    for name, start in {
        "o.json": "{",
        "o.csv": "customer,",
        "o.html": "<!doctype",
        "o.txt": "Aging",
    }.items():
        status, out, _ = cli(
            "age", FACTS, "--as-of", "2026-02-28", "--output", str(tmp_path / name)
        )
        assert (status, out) == (0, "")
        assert (tmp_path / name).read_text(encoding="utf-8-sig").startswith(start)


def test_html_is_written_beside_the_table(cli, tmp_path):
    _, out, _ = cli("age", FACTS, "--as-of", "2026-02-28", "--html", str(tmp_path / "o.html"))
    assert "6,600.00" in out
    assert "6,600.00" in (tmp_path / "o.html").read_text(encoding="utf-8")


def test_strict_ends_with_three_when_rows_were_quarantined(cli):
    assert cli("age", FACTS, "--as-of", "2026-02-28", "--strict")[0] == 3
    assert cli("age", "tests/data/open-items.csv", "--as-of", "2026-03-31", "--strict")[0] == 0


def test_an_open_items_table_is_told_with_the_day_it_is_taken_for(cli):
    _, _, err = cli("age", "tests/data/open-items.csv", "--as-of", "2026-03-31")
    assert (
        "read as an open-items table (mapping open-items), drawn on 2026-03-31, the as-of date"
        in err
    )


def test_buckets_basis_and_credits_are_options(cli):
    words = ("age", "tests/data/open-items.csv", "--as-of", "2026-03-31", "--format", "json")
    netted = json.loads(cli(*words, "--credits", "netted", "--buckets", "0,60")[1])
    assert netted["buckets"] == ["current", "1-60", ">60", "undated", "credits"]
    assert netted["totals"][0]["1-60"] == "6479.50"
    assert json.loads(cli(*words, "--basis", "document")[1])["totals"][0]["61-90"] == "6600.00"
    assert json.loads(cli(*words, "--buckets", "tryton")[1])["buckets"][0] == "not due"


def test_known_at_leaves_out_what_was_learnt_later(cli, tmp_path):
    file = tmp_path / "f.csv"
    head = "id,kind,customer,currency,amount,posting_date,recorded_at\n"
    file.write_text(head + "F-1,invoice,C1,MXN,1.00,2026-01-01,2026-03-01T00:00:00Z\n")
    words = ("age", str(file), "--as-of", "2026-02-28", "--format", "json")
    assert json.loads(cli(*words, "--known-at", "2026-02-28T00:00:00Z")[1])["rows"] == []
    assert len(json.loads(cli(*words)[1])["rows"]) == 1


def test_a_mapping_file_is_a_mapping(cli, tmp_path):
    toml = tmp_path / "m.toml"
    toml.write_text('table = "payments"\n[columns]\npayment_id = "invoiceNumber"\ncustomer = "customerID"\n'
                    'amount = "InvoiceAmount"\nposting_date = "DueDate"\n[constants]\ncurrency = "USD"\n'
                    '[values]\ndates = "MDY"\n')  # fmt: skip
    status, out, _ = cli(
        "age", IBM, "--as-of", "2025-12-31", "--mapping", str(toml), "--format", "json"
    )
    assert (status, json.loads(out)["totals"][0]["credits"]) == (0, "-221.64")


def test_explain_shows_every_movement(cli):
    status, out, _ = cli("explain", FACTS, "--item", "F-1001", "--as-of", "2026-02-28")
    assert status == 0
    assert out == (
        "open amount of invoice F-1001 of customer C001 as of 2026-02-28: 6600.00 MXN\n"
        "  2026-01-10 invoice F-1001 posted: 11600.00 MXN\n"
        "  2026-02-20 allocation A-1 of R-77: -5000.00 MXN\n"
        "  due 2026-02-09: net 30 from 2026-01-10\n"
        "  19 days past due: 2026-02-28 less 2026-02-09\n"
    )


@pytest.mark.parametrize("table", ["facts", "open-items", "payments"])
def test_a_template_can_be_aged(cli, tmp_path, table):
    file = tmp_path / "t.csv"
    assert cli("template", "--table", table, "--output", str(file)) == (0, "", "")
    assert cli("age", str(file), "--as-of", "2026-03-31", "--strict")[0] == 0


def test_adapters_lists_adapters_and_mappings(cli):
    _, out, _ = cli("adapters")
    assert out.startswith("csv\nmemory\n")
    assert "  sap-fbl5n     SAP customer line items" in out


def test_version_and_help(cli):
    assert cli("--version")[1].startswith("receivables ")
    assert "age" in cli("--help")[1]


def test_piped_output_has_no_colour_and_no_progress_bar(root):
    words = [sys.executable, "-m", "receivables.cli", "age", FACTS, "--as-of", "2026-02-28"]
    done = subprocess.run(words, cwd=root, capture_output=True, check=False)
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout + done.stderr
    assert b"reading" not in done.stderr


def test_without_its_extra_the_command_line_names_it(monkeypatch, capsys):
    from receivables.cli import main

    monkeypatch.setitem(sys.modules, "typer", None)
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2
    assert "pip install 'receivables[cli]'" in capsys.readouterr().err
