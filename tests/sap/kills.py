"""Kills a pull into a folder, and a series of postings and clearings, at random steps; counts what came of it.

SAP is the parent process; the job is a child that is killed (SIGKILL) before some step: a call, an answer, a row kept, a
commit. It is started again until it ends by itself. Prints one line of JSON.
"""

from __future__ import annotations

import json
import os
import pickle
import random
import signal
import socket
import struct
import sys
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

from receivables import Money
from receivables.adapters import pull as pulling
from receivables.adapters.sap import Posting, Rfc, SapRfcSource, SapWriter
from receivables.adapters.sap.lines import ItemKey
from receivables.testing import make_portfolio
from receivables.testing.sap import CODES, Books, FakeConnection, Functions, Poster

WRITES, CLEARINGS = 6, 3
DAY = date(2026, 3, 31)


class Steps:
    """Counts down to the step before which the job is killed."""

    def __init__(self, left):
        self.left = left

    def __call__(self):
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)


class Remote:
    """A connection to the parent's system."""

    def __init__(self, wire, step):
        self.wire, self.step = wire, step

    def call(self, func_name, /, **parameters):
        self.step()
        send(self.wire, (func_name, parameters))
        self.step()
        return receive(self.wire)

    def close(self):
        pass


def send(wire, value):
    data = pickle.dumps(value)
    wire.sendall(struct.pack(">I", len(data)) + data)


def receive(wire):
    return pickle.loads(exactly(wire, struct.unpack(">I", exactly(wire, 4))[0]))  # noqa: S301 - our own child


def exactly(wire, count):
    data = b""
    while len(data) < count:
        more = wire.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def attempt(functions, job, steps):
    """Run a job in a child until it ends or is killed; return whether it ended."""
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        ours.close()
        step = Steps(steps)
        job(Remote(theirs, step), step)
        os._exit(0)
    theirs.close()
    system = FakeConnection(functions)
    try:
        while True:
            name, parameters = receive(ours)
            send(ours, system.call(name, **parameters))
    except (EOFError, ConnectionError):
        system.close()  # what was not committed is gone
    ours.close()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def until_done(functions, job, chance, most):
    """Start a job again and again; return how often it was killed."""
    kills = 0
    while not attempt(functions, job, chance.randrange(most)):
        kills += 1
    return kills


def pull_into(folder):
    """Return a job that pulls, killed before any call, statement, flush or replacing of a file."""

    def job(connection, step):
        keep = pulling._Book.__init__

        def watched(book, *given):
            keep(book, *given)
            book.connection.set_trace_callback(lambda _: step())

        pulling._Book.__init__ = watched
        os.fsync = lambda _: step()  # the process dies, not the machine
        replace = Path.replace
        Path.replace = lambda path, other: (step(), replace(path, other))[1]
        source = SapRfcSource(Rfc(connection), ["MX01"], codes=CODES, accounts_per_page=2)
        pulling.pull(source, folder)

    return job


def write_all(connection, step):
    """Post payments, and clear pairs of items."""
    writer = SapWriter(Rfc(connection), "MX01", dry_run=False)
    for number in range(WRITES):
        writer.post(
            Posting(
                reference=f"PAY-{number}",
                customer="100001",
                amount=Money(f"{number + 1}.00", "MXN"),
                credit=True,
                offset_account="113100",
                posting_date=DAY,
            )
        )
        step()
    for number in range(CLEARINGS):
        keys = (ItemKey("MX01", f"{9_000_000_001 + number}", "2026", "001"),)
        keys += (ItemKey("MX01", f"{1_600_000_001 + number}", "2026", "001"),)
        writer.clear(f"CLR-{number}", keys, DAY)
        step()


def pairs():
    """Return books with pairs of items that sum to zero."""
    books = Books()
    for number in range(CLEARINGS):
        books.item("100001", f"{number + 10}.00", "MXN", DAY, XBLNR="OLD")
        books.item(
            "100001", f"{number + 10}.00", "MXN", DAY, document_type="DG", side="H", XBLNR="OLD"
        )
    return books


def contents(folder):
    names = ("facts.csv", "customers.csv", "problems.csv")
    told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return (
        [(folder / it).read_bytes() for it in names],
        told["facts"],
        told["control_totals"],
        told["rows"],
    )


def main(folder, wanted):
    chance = random.Random(7)  # noqa: S311 - which steps, no secret
    kills = Counter()
    poster = Poster(make_portfolio(customers=6, invoices=40, seed=5).facts)
    functions = Functions(poster.post())
    source = SapRfcSource(FakeConnection(functions), ["MX01"], codes=CODES, accounts_per_page=2)
    true = pulling.pull(source, folder / "true")
    wrong = 0
    while kills["pull"] < wanted:
        out = folder / str(kills["pull"])
        kills["pull"] += until_done(functions, pull_into(out), chance, 900)
        wrong += contents(out) != contents(folder / "true")
    doubled = lost = 0
    while kills["write"] < wanted:
        books = pairs()
        kills["write"] += until_done(Functions(books), write_all, chance, 90)
        posted = Counter((it["XBLNR"], it["WRBTR"]) for it in books.lines if it["XBLNR"] != "OLD")
        cleared = Counter(it["XBLNR"] for it in books.headers if it["BLART"] == "AB")
        doubled += sum(count > 1 for count in posted.values())
        doubled += sum(count > 1 for count in cleared.values())
        lost += sum(posted[f"PAY-{number}", Decimal(number + 1)] == 0 for number in range(WRITES))
        lost += sum(not it["AUGBL"] for it in books.lines if it["XBLNR"] == "OLD")
    facts = sum(true.manifest["facts"].values())
    told = {**kills, "facts": facts, "wrong": wrong, "doubled": doubled, "lost": lost}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
