"""`receivables provision`, `kpi` and `forecast`: the shape of their JSON, and what they refuse."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction

import pytest

from receivables.cli.app import run
from receivables.cli.policy_file import read_policy
from receivables.errors import UnfitRate
from receivables.provisions import Path as Way

ITEMS = """\
item_id,customer,currency,due_date,open_amount,document_date,segment
A,C1,MXN,2026-04-30,1000.00,2026-01-02,export
B,C1,MXN,2026-03-15,500.00,2026-01-02,export
C,C2,MXN,2025-03-15,200.00,2025-01-02,
D,C2,USD,2026-03-31,200.00,2026-01-02,
E,C2,MXN,2026-03-01,-50.00,2026-01-02,
"""
FULL = """
origin = "study of 2025"
rate_decimals = 4
segment_by = "segment"
basis = "due"
[rates]
current = 0.005
"1-30" = "0.02"
">30" = 0.5
undated = 0.5
[segments.export]
current = 0.01
[overlay]
author = "ana"
on = 2026-01-15
reason = "outlook"
scenarios = [{ name = "base", weight = 0.6, multiplier = 1 }, { name = "down", weight = 0.4, multiplier = 1.25 }]
[vat]
rate = 0.16
loss_share = 0
[[excluded]]
customer = "C9"
reason = "group company"
[[assessed]]
item = "C"
rate = 0.8
reason = "insolvent"
author = "ana"
on = 2026-03-01
[[insured]]
customer = "C8"
cover = 0.9
provider_rate = 0.001
provider = "insurer"
deductible = 100
currency = "MXN"
[[dilution]]
attribute = "disputed"
value = "true"
rate = 0.4
reason = "price disputes"
[discounting]
annual_rate = 0.08
years = { ">30" = 0.5 }
"""
RATES = """
[rates]
current = 0.005
"1-30" = 0.02
">30" = 0.5
[segments.export]
current = 0.01
"""
IBM = "tests/data/ibm.csv"


@pytest.fixture
def cli(root, tmp_path, capsys, monkeypatch):
    """Run a command in a folder with items and rates; return its status, output and messages."""
    (tmp_path / "items.csv").write_text(ITEMS, encoding="utf-8")
    (tmp_path / "rates.toml").write_text(RATES, encoding="utf-8")
    (tmp_path / "ibm.csv").write_bytes((root / IBM).read_bytes())
    monkeypatch.chdir(tmp_path)

    def call(*words):
        status = run(list(words))
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return call


ASK = ("provision", "items.csv", "--rates", "rates.toml", "--as-of", "2026-03-31")


def test_provision_as_json(cli):
    status, out, err = cli(*ASK, "--format", "json")
    tree = json.loads(out)
    names = ("segment", "bucket", "currency", "exposure", "rate", "allowance")
    assert status == 0
    assert [tuple(row[name] for name in names) for row in tree["rows"]] == [
        (None, ">30", "MXN", "150.00", "0.5", "75.00"),
        ("export", "current", "MXN", "1000.00", "0.01", "10.00"),
        ("export", "1-30", "MXN", "500.00", "0.02", "10.00"),
        (None, "current", "USD", "200.00", "0.005", "1.00"),
    ]
    assert [(it["currency"], it["exposure"], it["allowance"]) for it in tree["total"]] == [
        ("MXN", "1650.00", "95.00"),
        ("USD", "200.00", "1.00"),
    ]
    assert [it["code"] for it in tree["remarks"]] == ["no-overlay"]
    assert tree["input"]["accepted"] == 5
    assert "rates.toml: no-overlay:" in err


def test_provision_as_csv_and_table_and_explained(cli, tmp_path):
    _, out, _ = cli(*ASK, "--format", "csv")
    assert out.splitlines()[:2] == [
        "segment,bucket,currency,exposure,rate,allowance,path",
        ",>30,MXN,150.00,0.5,75.00,pool",
    ]
    _, out, _ = cli(*ASK, "--output", "out.txt")
    written = (tmp_path / "out.txt").read_text(encoding="utf-8")
    assert out == ""
    assert written.splitlines()[0] == "Provision as of 2026-03-31"
    assert any(
        line.split() == ["total", "MXN", "1,650.00", "95.00"] for line in written.splitlines()
    )
    _, out, _ = cli(*ASK, "--explain")
    assert "less 50.00 MXN of E" in out


def test_a_full_policy_file_is_read(tmp_path):
    path = tmp_path / "full.toml"
    path.write_text(FULL, encoding="utf-8")
    policy = read_policy(path)
    assert policy.matrix.find("export", "current").rate == Fraction(1, 100)
    assert policy.matrix.rate_decimals == 4
    assert policy.overlay.factor == Fraction(11, 10)
    assert policy.vat.rate == Fraction(16, 100)
    assert policy.assessments[0].on == date(2026, 3, 1)
    assert policy.covers[0].deductible.amount == 100
    assert policy.dilutions[0].scope.attribute == ("disputed", "true")
    assert policy.discounting.years == ((">30", Fraction(1, 2)),)
    assert policy.exclusions[0].reason == "group company"
    assert Way.POOL.value == "pool"


@pytest.mark.parametrize(
    "text",
    [
        "[rates]\ncurrent = 0.01\n'>0' = 0.1\n[rates.export]\ncurrent = 0.02",
        "[rates.default]\ncurrent = 0.01\n'>0' = 0.1\n[segments.export]\ncurrent = 0.02",
        "rates = [{bucket='current', rate=0.01}, {bucket='>0', rate=0.1}, {segment='export', bucket='current', rate=0.02}]",
    ],
)
def test_rates_may_be_written_in_several_ways(tmp_path, text):
    path = tmp_path / "rates.toml"
    path.write_text(text, encoding="utf-8")
    matrix = read_policy(path).matrix
    found = [
        matrix.find(*it).rate for it in (("export", "current"), ("export", ">0"), (None, "current"))
    ]
    assert found == [Fraction(2, 100), Fraction(1, 10), Fraction(1, 100)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rates = ", "is no TOML"),
        ("origin = 'x'", r"has no table \[rates\]"),
        ("[rates]\ncurrent = 2\n'>0' = 0", "is not between 0 and 1"),
        ("rate = 1\n[rates]\n", "says 'rate', which is not known"),
        ("basis = 'sent'\n[rates]\ncurrent = 0\n'>0' = 0", "basis 'sent' is not there"),
        ("[rates]\ncurrent = 0\n'>0' = 0\n[overlay]\nauthor='a'\non='2026-01-01'\nreason='r'", "needs on as a date"),
        ("excluded = 3\n[rates]\ncurrent = 0\n'>0' = 0", "must be a list of tables"),
        ("[rates]\ncurrent = 0\n'>0' = 0\n[[assessed]]\ncustomer='C'\nreason='r'", "needs rate as a number"),
        ("[rates]\ncurrent = 0\n'>0' = 0\n[[excluded]]\ncustomer='C'", "needs reason as text"),
    ],
)  # fmt: skip
def test_a_policy_file_that_cannot_be_is_refused(tmp_path, text, said):
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnfitRate, match=said):
        read_policy(path)


def test_misuse_ends_with_one_sentence(cli):
    status, out, err = cli(
        "provision", "items.csv", "--rates", "none.toml", "--as-of", "2026-03-31"
    )
    assert (status, out) == (2, "")
    assert (
        err == "receivables: none.toml: No such file or directory; check the path and its rights\n"
    )
    status, _, err = cli("kpi", "items.csv", "--start", "2026-01-01", "--as-of", "2026-03-31")
    assert status == 2
    assert "measures of a period need history" in err
    status, _, err = cli("forecast", "items.csv", "--as-of", "2026-03-31")
    assert status == 2
    assert "forecasts need history" in err


def test_kpi_as_json(cli):
    status, out, _ = cli("kpi", "ibm.csv", "--mapping", "ibm", "--start", "2025-01-01", "--as-of", "2025-03-31", "--format", "json")  # fmt: skip
    tree = json.loads(out)
    assert status == 0
    [report] = tree["currencies"]
    assert report["currency"] == "USD"
    first = report["measures"][0]
    assert (first["name"], first["unit"]) == ("DSO", "days")
    assert set(first["inputs"]) == {"receivables", "credit sales", "days"}


def test_forecast_as_json(cli):
    status, out, _ = cli("forecast", "ibm.csv", "--mapping", "ibm", "--as-of", "2025-02-10", "--weeks", "2", "--format", "json")  # fmt: skip
    tree = json.loads(out)
    assert status == 0
    assert [week["first"] for week in tree["currencies"][0]["weeks"]] == [
        "2025-02-11",
        "2025-02-18",
    ]
