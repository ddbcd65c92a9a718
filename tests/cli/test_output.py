"""Where an answer goes and in what form, the same for every command that has `--output`."""

from __future__ import annotations

import csv
import json

import pytest
from rich.text import Text

from receivables.adapters import load
from receivables.adapters.csv import CsvSource
from receivables.cli.app import run

FACTS = "tests/data/template.csv"
RATES = '[rates]\ncurrent = 0.01\n">0" = 0.1\nundated = 0.1\n'
ITEMS = """item_id,customer,currency,due_date,open_amount,document_date
F-1001,C1,MXN,2026-01-10,6600.00,2025-12-10
"""
PAID = """payment_id,customer,currency,amount,posting_date
R-1,C1,MXN,6600.00,2026-02-01
"""
HISTORY = """id,kind,customer,currency,amount,posting_date,due_date,source_id,target_id
F-1,invoice,C1,MXN,100.00,2025-12-01,2025-12-31,,
R-1,payment,C1,MXN,100.00,2026-01-10,,,
A-1,allocation,,MXN,100.00,2026-01-10,,R-1,F-1
F-2,invoice,C1,MXN,6600.00,2026-01-30,2026-02-28,,
"""
COMMANDS = {
    "age": ("age", FACTS, "--as-of", "2026-02-28"),
    "allocate": ("allocate", "items.csv", "--payments", "paid.csv", "--as-of", "2026-02-28"),
    "provision": ("provision", "items.csv", "--as-of", "2026-02-28", "--rates", "rates.toml"),
    "kpi": ("kpi", FACTS, "--start", "2026-01-01", "--as-of", "2026-02-28"),
    "forecast": ("forecast", "facts.csv", "--as-of", "2026-02-28"),
}


@pytest.fixture
def cli(root, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(root)
    made = {"rates.toml": RATES, "items.csv": ITEMS, "paid.csv": PAID, "facts.csv": HISTORY}
    made["empty.csv"] = HISTORY.splitlines(keepends=True)[0]
    for name, text in made.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    def call(*words):
        words = [str(tmp_path / it) if it in made else str(it) for it in words]
        status = run(words)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return call


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_the_ending_says_the_form(cli, tmp_path, words):
    assert cli(*words, "--output", tmp_path / "o.json")[:2] == (0, "")
    assert "input" in json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))
    assert cli(*words, "--output", tmp_path / "o.CSV")[:2] == (0, "")
    with (tmp_path / "o.CSV").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["currency"] for row in rows} == {"MXN"}
    assert cli(*words, "--output", tmp_path / "o.txt")[:2] == (0, "")
    assert "───" in (tmp_path / "o.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize(("name", "said"), [("o.xlsx", "has the ending '.xlsx'"), ("o", "has no ending")])  # fmt: skip
def test_an_ending_that_is_not_written_is_refused(cli, tmp_path, words, name, said):
    status, out, err = cli(*words, "--output", tmp_path / name)
    endings = ".txt, .csv, .json, .html" if words[0] == "age" else ".txt, .csv, .json"
    assert (status, out) == (2, "")
    assert err == f"receivables: --output {name!r} {said}; it must be one of {endings}, or say --format\n"  # fmt: skip
    assert not (tmp_path / name).exists()


def test_a_format_that_is_said_goes_before_the_ending(cli, tmp_path):
    words = (*COMMANDS["kpi"], "--format", "json", "--output", tmp_path / "o.dat")
    assert cli(*words)[0] == 0
    assert list(json.loads((tmp_path / "o.dat").read_text()))[:2] == ["start", "as_of"]


def test_a_csv_file_opens_in_a_spreadsheet_and_a_pipe_gets_plain_text(cli, tmp_path):
    facts = tmp_path / "f.csv"
    facts.write_text("id,kind,customer,currency,amount,posting_date\nF-1,invoice,Núñez,MXN,1.00,2026-01-01\n",
                     encoding="utf-8")  # fmt: skip
    words = ("age", facts, "--as-of", "2026-02-28", "--format", "csv")
    assert cli(*words, "--output", tmp_path / "o.csv")[0] == 0
    assert (tmp_path / "o.csv").read_bytes().startswith(b"\xef\xbb\xbfcustomer,")
    assert "Núñez,MXN,1.00" in (tmp_path / "o.csv").read_text(encoding="utf-8-sig")
    assert cli(*words)[1].startswith("customer,")


def test_a_template_written_to_a_file_opens_in_a_spreadsheet_and_is_read_back(cli, tmp_path):
    assert cli("template", "--output", tmp_path / "t.csv")[0] == 0
    assert (tmp_path / "t.csv").read_bytes().startswith(b"\xef\xbb\xbfid,")
    assert load(CsvSource(tmp_path / "t.csv")).tally.accepted == 3
    assert cli("template")[1].startswith("id,")


@pytest.mark.parametrize(("name", "amount"), {"age": "6,600.00", "allocate": "6,600.00", "provision": "6,600.00",
                                              "kpi": "6,600.00", "forecast": "6,600.00"}.items())  # fmt: skip
def test_every_table_writes_amounts_the_same_way(cli, name, amount):
    assert amount in cli(*COMMANDS[name])[1].split()


def test_a_title_longer_than_its_table_stays_in_one_line(cli):
    out = cli("allocate", FACTS, "--as-of", "2026-02-28")[1]
    assert out.splitlines()[0] == "Proposed allocations as of 2026-02-28, policy default"


def test_a_template_is_csv_and_nothing_else(cli, tmp_path):
    status, out, err = cli("template", "--output", tmp_path / "t.xlsx")
    assert (status, out, err) == (2, "", "receivables: --output 't.xlsx' has the ending '.xlsx'; it must be .csv\n")  # fmt: skip


@pytest.mark.parametrize(("terminal", "room"), [("xterm", 60), ("dumb", 80)])
def test_a_terminal_gets_a_table_that_fits_and_a_pipe_one_that_is_whole(
    cli, monkeypatch, terminal, room
):
    whole = cli(*COMMANDS["age"])[1]
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.delenv("LINES", raising=False)  # with both set, rich asks no terminal
    assert cli(*COMMANDS["age"])[1] == whole
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", terminal)
    fitting = Text.from_ansi(cli(*COMMANDS["age"])[1]).plain
    table, left_out, _ = fitting.partition("empty and left out here: 31-60, 61-90, 91-120, >120")
    assert max(map(len, whole.splitlines())) > room >= max(map(len, table.splitlines()))
    assert "7,600.00" in table
    assert bool(left_out) == (room == 60)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("age", "empty.csv", "--as-of", "2026-02-28"), "customer,currency,total,items"),
        ((*COMMANDS["kpi"][:1], "empty.csv", *COMMANDS["kpi"][2:]), "currency,measure,value,unit,reason"),
        (("forecast", "empty.csv", "--as-of", "2026-02-28"), "currency,first,last,expected,p10,p50,p90,cumulative_expected"),
        (("provision", "empty.csv", *COMMANDS["provision"][2:]), "segment,bucket,currency,exposure,rate,allowance,path"),
    ],
    ids=lambda it: it[0] if isinstance(it, tuple) else "",
)  # fmt: skip
def test_a_night_without_facts_still_names_its_columns(cli, words, names):
    status, out, err = cli(*words, "--format", "csv")
    assert (status, out.startswith(names), out.count("\n")) == (0, True, 1)
    assert "empty.csv: there is a header and no rows; nothing was read" in err


def test_the_reasons_of_a_provision_go_where_the_answer_goes(cli, tmp_path):
    words = (*COMMANDS["provision"], "--explain")
    shown = cli(*words)[1]
    assert shown.startswith("allowance in MXN as of 2026-02-28: 660.00 MXN\n")
    assert cli(*words, "--output", tmp_path / "why.txt")[:2] == (0, "")
    assert (tmp_path / "why.txt").read_text(encoding="utf-8") == shown
    status, _, err = cli(*words, "--output", tmp_path / "why.csv")
    assert (status, "it must be one of .txt, or say --format" in err) == (2, True)
