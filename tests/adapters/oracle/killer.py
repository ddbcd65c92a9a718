"""Forks a process for each run and kills it with SIGKILL at a step: a request sent or answered, a statement, a file put in place."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
from datetime import date
from pathlib import Path

from receivables import Money
from receivables.adapters.oracle import Basic, OracleRestSource, Patience, Pod
from receivables.adapters.oracle.writer import OracleWriter
from receivables.adapters.pull import pull
from receivables.errors import OutcomeUnknown

USER = Basic("AR_SERVICE", "correct horse")
connect = sqlite3.connect


class Steps:
    def __init__(self, kill_at):
        self.count, self.kill_at = 0, kill_at

    def __call__(self, *_):
        self.count += 1
        if self.count == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


def run(order):
    steps = Steps(order["kill_at"])
    exchange = Pod._exchange

    def watched(self, *arguments):
        steps()
        answer = exchange(self, *arguments)
        steps()
        return answer

    def traced(*arguments, **options):
        connection = connect(*arguments, **options)
        connection.set_trace_callback(steps)
        return connection

    Pod._exchange = watched
    sqlite3.connect = traced
    sys.addaudithook(lambda event, _: steps() if event == "os.rename" else None)
    pod = Pod(
        order["url"],
        USER,
        framework=order.get("framework", 4),
        patience=Patience(first_wait=0),
        sleep=lambda _: None,
    )
    {"pull": pull_all, "write": write_all}[order["what"]](pod, order)
    return steps.count


def pull_all(pod, order):
    pull(
        OracleRestSource(pod=pod, ledger_currency="MXN", page_size=order["page_size"]),
        Path(order["folder"]),
    )


def mxn(amount):
    return Money(amount, "MXN")


def create(writer, keys, number="RCV-1"):
    day = date(2026, 4, 30)
    found = writer.create_receipt(
        number, mxn("80.00"), method="SPEI BBVA", received=day, customer="C001"
    )
    return found.row["StandardReceiptId"]


OPERATIONS = {
    "create": create,
    "refer": lambda writer, keys: writer.refer(keys["RCV"], "F-3", mxn("5.00")),
    "apply": lambda writer, keys: writer.apply(keys["RCV"], keys["F-1"], mxn("60.00")),
    "unapply": lambda writer, keys: writer.unapply(keys["RCV"], keys["F-1"]),
    "reverse": lambda writer, keys: writer.reverse(keys["RCV"], category="REV", reason="no funds"),
    "promise": lambda writer, keys: writer.promise(
        "C001", "F-2", 1, mxn("50.00"), date(2026, 5, 15)
    ),
    "dispute": lambda writer, keys: writer.dispute(keys["trx F-3"], mxn("10.00"), reason="price"),
    "set due date": lambda writer, keys: writer.set_due_date(
        keys["trx F-3"], keys["F-3"], date(2026, 7, 31)
    ),
}


def write_all(pod, order):
    writer = OracleWriter(pod, "MX BU", dry_run=False, sleep=lambda _: None)
    for name in order["operations"]:
        found = OPERATIONS[name](writer, order["keys"])
        if name == "create":
            order["keys"]["RCV"] = found


def main():
    for line in sys.stdin:
        order = json.loads(line)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.write(writer, json.dumps(run(order)).encode())
                status = 0
            except OutcomeUnknown:
                status = 7
            except BaseException:  # noqa: BLE001 - whatever it was, the fork ends here
                import traceback

                traceback.print_exc()
            os._exit(status)
        os.close(writer)
        _, status = os.waitpid(child, 0)
        told = os.read(reader, 100).decode()
        os.close(reader)
        told = {
            "killed": os.WIFSIGNALED(status),
            "status": status,
            "steps": json.loads(told or "0"),
        }
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
