"""Kills a pull and a series of writes at random steps, hundreds of times, and counts what came of it.

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
import sqlite3
import struct
import sys
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

from receivables import Money
from receivables.adapters.sap import Posting, Rfc, SapRfcSource, SapWriter
from receivables.testing import make_portfolio
from receivables.testing.sap import CODES, Books, FakeConnection, Functions, Poster

WRITES = 6


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


def pull_into(path):
    def job(connection, step):
        held = sqlite3.connect(path, isolation_level=None)
        held.execute("pragma synchronous = off")  # the process dies, not the machine
        held.execute("create table if not exists fact (id text primary key, told text)")
        held.execute("create table if not exists mark (one integer primary key, cursor text)")
        row = held.execute("select cursor from mark").fetchone()
        source = SapRfcSource(Rfc(connection), ["MX01"], codes=CODES, accounts_per_page=2)
        for page in source.pages(since=row[0] if row else None):
            held.execute("begin")
            for fact in page.facts:
                step()
                held.execute(
                    "insert or replace into fact values (?, ?)",
                    (f"{fact.kind} {fact.id}", repr(fact)),
                )
            held.execute("insert or replace into mark values (1, ?)", (page.cursor,))
            step()
            held.execute("commit")
            step()

    return job


def write_all(connection, step):
    writer = SapWriter(Rfc(connection), "MX01", dry_run=False)
    for number in range(WRITES):
        writer.post(
            Posting(
                reference=f"PAY-{number}",
                customer="100001",
                amount=Money(f"{number + 1}.00", "MXN"),
                credit=True,
                offset_account="113100",
                posting_date=date(2026, 3, 31),
            )
        )
        step()


def main(folder, wanted):
    chance = random.Random(7)  # noqa: S311 - which steps, no secret
    kills = Counter()
    poster = Poster(make_portfolio(customers=6, invoices=40, seed=5).facts)
    functions = Functions(poster.post())
    true = {
        f"{it.kind} {it.id}": repr(it)
        for page in SapRfcSource(FakeConnection(functions), ["MX01"], codes=CODES).pages()
        for it in page.facts
    }
    wrong = 0
    while kills["pull"] < wanted:
        path = folder / f"{kills['pull']}.sqlite"
        kills["pull"] += until_done(functions, pull_into(path), chance, 260)
        wrong += dict(sqlite3.connect(path).execute("select id, told from fact")) != true
    doubled = lost = 0
    while kills["write"] < wanted:
        books = Books()
        kills["write"] += until_done(Functions(books), write_all, chance, 70)
        posted = Counter((it["XBLNR"], it["WRBTR"]) for it in books.lines)
        doubled += sum(count > 1 for count in posted.values())
        lost += sum(posted[f"PAY-{number}", Decimal(number + 1)] == 0 for number in range(WRITES))
    told = {**kills, "facts": len(true), "wrong": wrong, "doubled": doubled, "lost": lost}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
