"""`receivables pull sap`: a system into a folder, killed and resumed, and the folder feeds every other command."""

import contextlib
import csv
import hashlib
import importlib.util
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from receivables.adapters import load
from receivables.adapters.csv import CsvSource
from receivables.adapters.sap import SapRfcSource
from receivables.testing import make_portfolio
from receivables.testing.sap import (
    CODES,
    PASSWORD,
    FakeConnection,
    Functions,
    GatewayServer,
    Poster,
    RfcServer,
)

pytest.importorskip("typer", reason="the command line needs the extra 'cli'")
WIRE = pytest.mark.skipif(
    not any(importlib.util.find_spec(it) for it in ("pyrfc", "saprfclib")),
    reason="no RFC library is installed: OData shows the same",
)
PATHS = [pytest.param("tables", marks=WIRE), pytest.param("bapi", marks=WIRE), "odata"]
CODES_TABLE = """
[codes]
write_off_reasons = ["W01"]
unidentified_customers = ["999999"]
dispute_blocks = { P = "price", Q = "quantity", K = "quality", O = "no purchase order", X = "" }
[codes.document_types]
DN = "debit_memo"
"""
CANARY = "s3cr3t-c4n4ry"


def _toml(value):
    return value.isoformat() if isinstance(value, date) else json.dumps(value)


@pytest.fixture(scope="module")
def portfolio():
    return make_portfolio(customers=8, invoices=70, seed=2)


@pytest.fixture
def books(portfolio):
    return Poster(portfolio.facts).post()


@pytest.fixture
def serve(books, tmp_path):
    """Return a function that serves the books on one path and writes the file that says how to reach it."""
    with contextlib.ExitStack() as stack:

        def start(path, **options):
            if path == "odata":
                server = stack.enter_context(GatewayServer(books))
                connection = {"base_url": server.url, "user": "RFCUSER"}
            else:
                server = stack.enter_context(RfcServer(Functions(books)))
                connection = {k: it for k, it in server.parameters.items() if k != "passwd"}
            given = {"path": path, "accounts_per_page": 2, **options}
            file = tmp_path / f"{path}.toml"
            file.write_text(
                "\n".join(
                    [
                        '[sap]\ncompany_codes = ["MX01"]',
                        *(f"{k} = {_toml(it)}" for k, it in given.items()),
                        "[connection]",
                        *(f'{k} = "{it}"' for k, it in connection.items()),
                        'passwd = { env = "SAP_PASSWD" }',
                        CODES_TABLE,
                    ]
                ),
                encoding="utf-8",
            )
            return server, file

        yield start


@pytest.fixture
def cli(capsys, monkeypatch):
    from receivables.cli.app import run

    monkeypatch.setenv("SAP_PASSWD", PASSWORD)

    def call(*words):
        status = run([str(word) for word in words])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return call


def facts_in(folder):
    return {it.id: it for it in load(CsvSource(folder / "facts.csv")).books.facts}


@pytest.mark.parametrize("path", PATHS)
def test_the_folder_holds_what_the_books_say_and_its_manifest_ties(
    serve, cli, books, tmp_path, path
):
    _, file = serve(path)
    folder = tmp_path / "out"
    status, out, err = cli("pull", "sap", "--config", file, "--out", folder, "--strict")
    assert (status, err) == (0, "")
    assert "0 duplicates + 0 quarantined" in out
    true = load(SapRfcSource(FakeConnection(Functions(books)), ["MX01"], codes=CODES)).books
    assert facts_in(folder) == {it.id: it for it in true.facts}
    masters = load(CsvSource(folder / "customers.csv", mapping="customers"))
    assert masters.problems == ()
    without = ("country", "language") if path == "odata" else ()  # no released entity tells them
    assert sorted(masters.books.customers, key=str) == sorted(
        (replace(it, **dict.fromkeys(without)) for it in true.customers), key=str
    )
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["complete"], manifest["pulls"], manifest["problems"]) == (True, 1, {})
    assert manifest["facts"] == Counter(it.kind for it in true.facts)
    totals = {(it["kind"], it["currency"]): it["amount"] for it in manifest["control_totals"]}
    sums = Counter()
    for it in true.facts:
        if it.kind in {"invoice", "payment"}:
            sums[it.kind, it.amount.currency] += it.amount.amount
    assert {key: Decimal(totals[key]) for key in sums} == dict(sums)
    assert json.loads(manifest["cursor"])["at"] is None
    for name, told in manifest["files"].items():
        assert told["sha256"] == hashlib.sha256((folder / name).read_bytes()).hexdigest()


@pytest.mark.parametrize("path", PATHS)
def test_pulling_again_fetches_what_changed_and_keeps_the_rest(serve, cli, books, tmp_path, path):
    server, file = serve(path)
    folder, last = tmp_path / "out", max(it["CPUDT"] for it in books.headers)
    assert cli("pull", "sap", "--config", file, "--out", folder)[0] == 0
    before = facts_in(folder)
    books.item("C00001", "77.00", "MXN", last)
    getattr(server, "functions", server).forget()
    cli("pull", "sap", "--config", file, "--out", folder)
    after = facts_in(folder)
    assert len(after) == len(before) + 1
    assert {key: after[key] for key in before} == before
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["pulls"] == 2


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")  # of saprfclib, see conftest
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("path", PATHS)
def test_a_wrong_password_is_told_without_being_shown(serve, cli, tmp_path, path, monkeypatch):
    server, file = serve(path)
    monkeypatch.setenv("SAP_PASSWD", CANARY)
    if path != "odata":  # the RFC double knows users, not passwords
        server.users = {"SOMEBODY"}
    status, out, err = cli("pull", "sap", "--config", file, "--out", tmp_path / "out")
    assert status == 2
    assert "check user, password and client" in err
    everything = "".join(
        it.read_text(encoding="utf-8", errors="replace") for it in (tmp_path / "out").iterdir()
    )
    assert CANARY not in out + err + everything


@WIRE
def test_balances_that_differ_are_listed_with_the_problems(serve, cli, tmp_path, portfolio):
    server, file = serve("tables", control_date=date(2026, 3, 31))
    assert cli("pull", "sap", "--config", file, "--out", tmp_path / "one", "--strict")[2] == ""
    inner = server.functions.handlers["BAPI_AR_ACC_GETKEYDATEBALANCE"]

    def shifted(request, session):
        answer = inner(request, session)
        for row in answer["KEYBALANCE"] if request["CUSTOMER"] == "C00001" else ():
            row["T_CURR_BAL"] += 1
        return answer

    server.functions.handlers["BAPI_AR_ACC_GETKEYDATEBALANCE"] = shifted
    status, _, err = cli("pull", "sap", "--config", file, "--out", tmp_path / "two")
    assert (status, "balance-differs" in err) == (0, True)
    listed = (tmp_path / "two" / "problems.csv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(listed))
    assert {(it["place"], it["code"]) for it in rows} == {("MX01/C00001", "balance-differs")}
    assert "balance on 2026-03-31: MX01/C00001: read" in rows[0]["message"]


RATES = """
origin = "study of 2025"
rate_decimals = 4
basis = "due"
[rates]
current = 0.005
"1-30" = 0.02
">30" = 0.5
undated = 0.5
"""


def test_the_folder_feeds_the_other_commands(serve, cli, tmp_path):
    _, file = serve("odata")
    folder = tmp_path / "out"
    assert cli("pull", "sap", "--config", file, "--out", folder)[0] == 0
    facts, day = folder / "facts.csv", ("--as-of", "2026-03-31")
    customers = ("--customers", folder / "customers.csv")
    status, out, _ = cli("age", facts, *day, *customers, "--by", "segment", "--format", "json")
    assert status == 0
    aged = json.loads(out)
    books = load(CsvSource(facts)).books
    owed = Counter()
    for item in books.open_items(as_of=date(2026, 3, 31)):
        owed[item.currency] += item.open_amount.amount
    assert {it["currency"]: Decimal(it["total"]) for it in aged["totals"]} == {
        key: value for key, value in owed.items() if value
    }
    assert len({it["segment"] for it in aged["rows"]}) > 1
    status, out, _ = cli("kpi", facts, *day, "--start", "2026-01-01", "--currency", "MXN")
    assert (status, "DSO" in out) == (0, True)
    status, out, _ = cli("allocate", facts, *day, *customers, "--format", "json")
    assert status == 0
    (tmp_path / "rates.toml").write_text(RATES, encoding="utf-8")
    rates = ("--rates", tmp_path / "rates.toml")
    status, out, _ = cli("provision", facts, *day, *customers, *rates)
    assert (status, "Provision as of 2026-03-31" in out) == (0, True)


def test_parquet_says_the_same_as_csv(serve, cli, tmp_path):
    pytest.importorskip("pyarrow", reason="parquet needs the extra 'parquet'")
    _, file = serve("odata")
    told = []
    for kind in ("csv", "parquet"):
        folder = tmp_path / kind
        words = ("--config", file, "--out", folder, "--format", kind)
        assert cli("pull", "sap", *words)[0] == 0
        table = folder / f"facts.{kind}"
        status, out, _ = cli("age", table, "--as-of", "2026-03-31", "--format", "json")
        assert status == 0
        told.append({name: json.loads(out)[name] for name in ("rows", "totals")})
    assert told[0] == told[1]
    assert len(told[0]["rows"]) > 4


class Killer:
    """Kills a process before the server answers its call of a number."""

    def __init__(self, server):
        self.process, self.left, self.whole = None, 0, 0
        owner = getattr(server, "functions", None)
        if owner is not None:
            inner = owner.call

            def call(*given):
                self.step()
                return inner(*given)

            owner.call = call
        else:
            inner_collection = server.collection

            def collection(name):
                self.step()
                return inner_collection(name)

            server.collection = collection

    def step(self):
        self.left -= 1
        self.whole += self.process is None
        if self.left == 0 and self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            time.sleep(0.05)


def pull_until_done(file, folder, killer, chance):
    """Start the command again and again until it ends by itself; return how often it was killed."""
    environment = {**os.environ, "SAP_PASSWD": PASSWORD}
    words = ["-m", "receivables.cli", "pull", "sap", "--config", str(file), "--out", str(folder)]
    kills = 0
    while True:
        killer.left = chance.randrange(2, killer.whole)
        killer.process = subprocess.Popen(
            [sys.executable, *words],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        told = killer.process.communicate(timeout=60)[1]
        if killer.process.returncode == 0:
            return kills
        assert killer.process.returncode == -signal.SIGKILL, told
        kills += 1


@pytest.mark.parametrize("path", [PATHS[0], PATHS[2]])
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 needs a system that has it")
def test_a_command_killed_anywhere_goes_on_where_it_was(serve, cli, tmp_path, path):
    server, file = serve(path)
    killer = Killer(server)
    assert cli("pull", "sap", "--config", file, "--out", tmp_path / "whole")[0] == 0
    chance = random.Random(3)  # noqa: S311 - which call, no secret
    kills = pull_until_done(file, tmp_path / "out", killer, chance)
    assert kills >= 2
    for name in ("facts.csv", "customers.csv", "problems.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    told = [json.loads((tmp_path / it / "manifest.json").read_text()) for it in ("out", "whole")]
    assert told[0]["facts"] == told[1]["facts"]
    assert told[0]["control_totals"] == told[1]["control_totals"]
