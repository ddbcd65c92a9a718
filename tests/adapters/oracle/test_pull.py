"""A pod pulled into a folder from the command line: tables that read back, a manifest that ties, one transaction a page."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import timedelta
from decimal import Decimal

import pytest

from receivables.adapters import load, open_source
from receivables.adapters.csv import CsvSource
from receivables.adapters.memory import MemorySource
from receivables.adapters.pull import pull
from receivables.errors import UnfitFolder
from receivables.testing import make_portfolio
from receivables.testing.builders import facts
from receivables.testing.oracle import enter, held

typer = pytest.importorskip("typer", reason="the command line needs the extra 'cli'")
TOLD = make_portfolio(5, 80, seed=21).facts


def config(tmp_path, double, **more):
    lines = [
        f'base_url = "{double.url}"',
        'ledger_currency = "MXN"',
        *(f"{name} = {value}" for name, value in more.items()),
    ]
    path = tmp_path / "oracle.toml"
    path.write_text(
        "\n".join(
            [
                *lines,
                "[auth]",
                'mode = "basic"',
                'user = "AR_SERVICE"',
                'password_env = "POD_PASSWORD"',
            ]
        )
    )
    return path


def run(*words):
    from receivables.cli.app import run as cli

    return cli([str(word) for word in words])


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "out"


def test_the_command_pulls_and_its_tables_read_back_as_what_the_pod_gives(
    bench, tmp_path, folder, monkeypatch, capsys
):
    double = bench.double(TOLD)
    monkeypatch.setenv("POD_PASSWORD", "correct horse")
    assert (
        run("pull", "oracle", "--config", config(tmp_path, double), "--out", folder, "--strict")
        == 0
    )
    shown = capsys.readouterr()
    assert "0 duplicates + 0 quarantined" in shown.out
    assert "correct horse" not in shown.out + shown.err + "".join(
        it.read_text(errors="replace") for it in folder.iterdir()
    )
    direct, read = load(bench.source(double)), load(CsvSource(folder / "facts.csv"))
    assert {it.id: it for it in read.books.facts} == {it.id: it for it in direct.books.facts}


def test_the_manifest_ties(bench, tmp_path, folder):
    double = bench.double(TOLD)
    manifest = pull(bench.source(double), folder).manifest
    assert manifest == json.loads((folder / "manifest.json").read_text())
    rows = manifest["rows"]
    assert rows["rows"] == rows["accepted"] + rows["duplicates"] + rows["quarantined"]
    wanted = held(TOLD)
    assert sum(manifest["facts"].values()) == len([it for it in wanted if it.kind != "customer"])
    totals = {
        (it["kind"], it["currency"]): Decimal(it["amount"]) for it in manifest["control_totals"]
    }
    invoices = [it.amount for it in wanted if it.kind == "invoice"]
    assert totals["invoice", "MXN"] == sum(it.amount for it in invoices if it.currency == "MXN")
    for name, file in manifest["files"].items():
        content = (folder / name).read_bytes()
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
        assert file["rows"] == len(list(csv.reader(content.decode().splitlines()))) - 1
    assert manifest["complete"] is True


def test_pulling_again_fetches_what_changed_and_keeps_the_rest(bench, folder):
    double = bench.double(TOLD)
    source = bench.source(double)
    before = pull(source, folder).manifest
    tables = double.tables
    tables.clock += timedelta(days=1)
    tables.now = tables.clock
    late = facts("2026-05-02 payment R-9 C00001 5.00 MXN")
    enter(tables, (it for it in held(late) if it.kind == "payment"))
    double.log.clear()
    after = pull(source, folder).manifest
    assert after["facts"]["payment"] == before["facts"]["payment"] + 1
    assert (after["pulls"], after["rows"]["rows"]) == (2, before["rows"]["rows"] + 1)
    assert pull(source, folder, full=True).manifest["facts"] == after["facts"]


def test_a_row_that_cannot_be_read_is_listed_and_exits_with_three_when_strict(
    bench, tmp_path, folder, monkeypatch, capsys
):
    double = bench.double(TOLD)
    row = next(iter(double.tables.rows["receivablesInvoices"].values()))
    row["InvoiceStatus"] = "Completa"
    monkeypatch.setenv("POD_PASSWORD", "correct horse")
    assert (
        run("pull", "oracle", "--config", config(tmp_path, double), "--out", folder, "--strict")
        == 3
    )
    assert "unknown-status: 1" in capsys.readouterr().err
    [problem] = csv.DictReader((folder / "problems.csv").read_text().splitlines())
    assert (problem["code"], problem["place"]) == (
        "unknown-status",
        f"receivablesInvoices/{row['CustomerTransactionId']}",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "base_url"),
        ('base_url = "https://pod.example"\npassword = "x"\n[auth]\nmode="basic"', "no 'password'"),
        ('base_url = "https://pod.example"\n[auth]\nmode="magic"', "magic"),
        (
            'base_url = "https://pod.example"\n[auth]\nuser="u"\npassword_env="NOT_SET_ANYWHERE"',
            "NOT_SET_ANYWHERE",
        ),
        ("= nonsense", "no TOML"),
    ],
)
def test_a_configuration_that_cannot_be_used_says_why(tmp_path, folder, capsys, text, said):
    path = tmp_path / "oracle.toml"
    path.write_text(text)
    assert run("pull", "oracle", "--config", path, "--out", folder) == 2
    assert said in capsys.readouterr().err


def test_a_folder_of_another_source_is_refused(folder):
    told = facts("2026-01-10 invoice F-1 C001 100.00 MXN net 30")
    pull(MemorySource(told, name="one"), folder)
    with pytest.raises(UnfitFolder):
        pull(MemorySource(told, name="two"), folder)
    (folder / "pull.sqlite").write_bytes(
        b"something else entirely, and long enough to be looked at" * 50
    )
    with pytest.raises(UnfitFolder):
        pull(MemorySource(told, name="one"), folder)


def test_any_source_can_be_pulled_also_as_parquet(folder):
    pytest.importorskip("pyarrow", reason="Parquet needs the extra 'parquet'")
    told = [it for it in held(TOLD) if it.kind != "customer"]
    pull(MemorySource(told, page_size=50), folder, format="parquet")
    read = load(CsvSource(folder / "facts.parquet"))
    assert {it.id: it for it in read.books.facts} == {it.id: it for it in told}


def test_the_registry_opens_it():
    source = open_source("oracle", base_url="https://pod.example", session=object())
    assert (source.name, repr(source)) == (
        "oracle pod.example",
        "OracleRestSource('https://pod.example', business_units=())",
    )
