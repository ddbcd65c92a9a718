"""kill -9 between any two steps of a pull and of every write, then run again: nothing lost, nothing doubled."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from receivables.testing.builders import facts
from receivables.testing.oracle import Modes

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills need fork")
BOOKS = """
2026-01-10 invoice    F-1 C001 100.00 MXN due=2026-02-09
2026-01-10 invoice    F-2 C001 90.00 MXN instalments=30.00@2026-02-01,60.00@2026-03-01
2026-01-11 invoice    F-3 C001 70.00 MXN due=2026-02-10
2026-01-12 invoice    F-4 C002 70.00 USD due=2026-02-10
2026-01-15 credit_memo M-1 C001 20.00 MXN
2026-01-16 allocation A-1 M-1 -> F-2 20.00 MXN
2026-02-01 payment    R-1 C001 40.00 MXN
2026-02-01 allocation A-2 R-1 -> F-1 40.00 MXN
2026-02-02 payment    R-3 ? 33.00 MXN
2026-02-23 reversal   X-2 of R-1 reason="no funds"
"""


class Killer:
    def __init__(self):
        script = str(Path(__file__).with_name("killer.py"))
        self.process = subprocess.Popen(
            [sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, **order):
        self.process.stdin.write(json.dumps({"kill_at": 0, **order}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(10)


@pytest.fixture(scope="module")
def killer():
    it = Killer()
    yield it
    it.close()


def spread(steps, kills):
    return sorted({1 + number * (steps - 1) // (kills - 1) for number in range(kills)})


@pytest.mark.parametrize("kills", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_a_pull_killed_at_any_step_goes_on_and_ends_the_same(bench, killer, tmp_path, kills):
    double = bench.double(facts(BOOKS), modes=Modes(largest_page=3))
    order = {"what": "pull", "url": double.url, "page_size": 3}
    whole = killer.run(**order, folder=str(tmp_path / "whole"))
    wanted = (tmp_path / "whole" / "facts.csv").read_bytes()
    counts = json.loads((tmp_path / "whole" / "manifest.json").read_text())["rows"]
    killed = 0

    def check(folder, step):
        manifest = json.loads((folder / "manifest.json").read_text())
        assert (folder / "facts.csv").read_bytes() == wanted, f"step {step}"
        assert (manifest["complete"], manifest["rows"]) == (True, counts), f"step {step}"
        shutil.rmtree(folder)

    for step in spread(whole["steps"], kills):
        folder = tmp_path / "killed"
        killed += killer.run(**order, folder=str(folder), kill_at=step)["killed"]
        assert killer.run(**order, folder=str(folder))["status"] == 0, f"step {step}"
        check(folder, step)
    assert killed >= kills - 3


def state(double):
    tables = double.tables
    receipts = [
        {name: row.get(name) for name in ("ReceiptNumber", "Amount", "UnappliedAmount", "State")}
        for row in tables.rows["standardReceipts"].values()
    ]
    parts = [
        (row["InstallmentDueDate"], row["InstallmentBalanceDue"], row["DisputeAmount"])
        for rows in tables.instalments.values() for row in rows
    ]  # fmt: skip
    promises = [
        (it["TransactionNumber"], it["PromiseAmount"])
        for it in tables.rows["collectionPromises"].values()
    ]
    references = [it["ReferenceNumber"] for rows in tables.references.values() for it in rows]
    applications = [
        it["ApplicationAmount"]
        for it in tables.applications["standardReceiptApplications"].values()
    ]
    return receipts, parts, promises, references, applications


def keys(double):
    tables = double.tables
    return {
        **{it: tables.instalments[tables.key(it)][0]["InstallmentId"] for it in ("F-1", "F-3")},
        "trx F-3": tables.key("F-3"),
    }


CASES = {
    "create": [],
    "refer": ["create"],
    "apply": ["create"],
    "unapply": ["create", "apply"],
    "reverse": ["create", "apply"],
    "promise": [],
    "dispute": [],
    "set due date": [],
}


def prepared(bench, killer, operation):
    """Return a double on which what must come before an operation is done, and the order to carry it out."""
    double = bench.double(facts(BOOKS))
    order = {
        "what": "write",
        "url": double.url,
        "keys": keys(double),
        "operations": CASES[operation],
    }
    if CASES[operation]:
        assert killer.run(**order)["status"] == 0
    order["keys"]["RCV"] = max(double.tables.rows["standardReceipts"])
    double.log.clear()
    return double, {**order, "operations": [operation]}


@pytest.mark.parametrize("framework", [4, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("operation", CASES)
def test_a_write_killed_at_any_step_is_done_once(bench, killer, operation, framework):
    whole, order = prepared(bench, killer, operation)
    before = state(whole)
    first = killer.run(**order, framework=framework)
    wanted, killed = state(whole), 0
    assert first["status"] == 0
    assert wanted != before
    for step in range(1, first["steps"] + 1):
        double, order = prepared(bench, killer, operation)
        killed += killer.run(**order, framework=framework, kill_at=step)["killed"]
        assert killer.run(**order, framework=framework)["status"] == 0, f"step {step}"
        assert state(double) == wanted, f"step {step}"
    assert killed == first["steps"] >= 6


POSTS = {"create": "standardReceipts", "refer": "remittanceReferences", "apply": "applyReceipt", "unapply": "unapplyReceipt",
         "reverse": "reverseReceipt", "promise": "collectionPromises", "dispute": "receivablesDisputes"}  # fmt: skip


@pytest.mark.parametrize("operation", POSTS)
def test_a_write_accepted_whose_answer_is_lost_is_found_and_not_sent_again(
    bench, killer, operation
):
    whole, order = prepared(bench, killer, operation)
    killer.run(**order)
    double, order = prepared(bench, killer, operation)
    double.fault("accepted-then-dropped", POSTS[operation], method="POST")
    assert killer.run(**order)["status"] == 0
    assert state(double) == state(whole)
    assert [path for method, path, _ in double.log if method == "POST"] == [
        path for method, path, _ in whole.log if method == "POST"
    ]
    assert len([method for method, _, _ in double.log if method == "POST"]) == 1
