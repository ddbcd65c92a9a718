"""Law: Frames agree, on a large portfolio: reversals, instalments, credits, five currencies, known-at.

RECEIVABLES_INVOICES=370000 makes it a million facts, and asks Spark, too; that takes a quarter of an hour.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, date, datetime

import pytest

import receivables as ar
from receivables import CreditDisplay, frames
from receivables.rounding import Rounding
from receivables.testing import make_portfolio

pytestmark = pytest.mark.slow  # a minute to make the portfolio and ask the object core
INVOICES, FULL = int(os.environ.get("RECEIVABLES_INVOICES", "14000")), 370_000
START, AS_OF = date(2025, 10, 1), date(2025, 12, 31)
KNOWN_AT = datetime(2025, 11, 15, 12, tzinfo=UTC)
MATRIX = ar.ProvisionMatrix.of(
    {"current": "0.005", "1-30": "0.0123", "31-60": "0.06", ">60": "0.15", "undated": "0.3"}
)
COLUMNS = ("item_id", "customer", "currency", "due_date", "open_amount", "kind", "instalment")


@pytest.fixture(scope="module")
def facts():
    made = make_portfolio(customers=INVOICES // 100, invoices=INVOICES, seed=9)
    return [fact for fact in made.facts if fact.kind != "customer"]


@pytest.fixture(scope="module")
def books(facts):
    return ar.Subledger.of(facts)


@pytest.fixture(scope="module")
def table(facts):
    return frames.facts_table(facts)


@pytest.fixture(scope="module")
def told(books):
    """What the object core answers, asked once for all engines."""
    items = books.open_items(as_of=AS_OF)
    known = books.open_items(as_of=AS_OF, known_at=KNOWN_AT)
    netted = ar.age(items, credits=CreditDisplay.NETTED)
    provision, _ = ar.measure_provision(items, ar.ProvisionPolicy(MATRIX))
    measures = ar.measure_kpis(books, start=START, as_of=AS_OF, currency="MXN").measures
    return {
        "items": Counter(map(cells, items)),
        "known": Counter(map(cells, known)),
        "aged": {
            (row["customer"], row.currency): [row.items, *(it.amount for it in row.amounts)]
            for row in netted.rows
        },
        "provision": {
            (row.bucket, row.currency): (row.exposure.amount, row.allowance.amount, len(row.lines))
            for row in (*provision.rows, *provision.left_out)
        },
        "measures": {it.name: it.value and Rounding.HALF_UP.apply(it.value, 8) for it in measures},
    }


def cells(item):
    own = {"item_id": item.id, "open_amount": item.open_amount.amount}
    return tuple(own[name] if name in own else getattr(item, name) for name in COLUMNS)


def test_the_portfolio_holds_what_is_hard(facts, told):
    kinds = Counter(fact.kind for fact in facts)
    assert len(facts) > 2.7 * INVOICES
    assert min(kinds[it] for it in ("reversal", "refund", "credit_memo", "write_off")) > 50
    currencies = Counter(row[2] for row in told["items"])
    assert {"MXN", "USD", "EUR", "JPY", "KWD"} <= set(currencies)
    assert sum(row[3] is None and row[5] == "invoice" for row in told["items"]) > 5
    assert sum(row[6] is not None for row in told["items"]) > 30
    assert told["known"] != told["items"]


def test_every_answer_is_equal_to_the_last_digit(decimal_engine, table, told):
    answers_are_those_of_the_core(decimal_engine, table, told)
    assert decimal_engine.rows(frames.check(decimal_engine.frame(table))) == []


@pytest.mark.skipif(INVOICES < FULL, reason="Spark is asked at the full size only")
def test_every_answer_of_spark_is_equal_to_the_last_digit(spark, table, told):
    answers_are_those_of_the_core(spark, table, told)


def answers_are_those_of_the_core(engine, table, told):
    frame = engine.frame(table)
    items = frames.open_items(frame, as_of=AS_OF, **engine.ints)
    if engine.name == "spark":
        frame, items = frame.cache(), items.cache()
    assert shown(engine, items) == told["items"]
    known = frames.open_items(frame, as_of=AS_OF, known_at=KNOWN_AT, **engine.ints)
    assert shown(engine, known) == told["known"]
    aged = frames.age(items, as_of=AS_OF, credits="netted", **engine.ints)
    rows = [list(row.values()) for row in engine.rows(aged)]
    assert {tuple(row[:2]): row[3:] for row in rows} == told["aged"]
    provision, _ = frames.measure_provision(items, MATRIX, as_of=AS_OF, **engine.ints)
    assert {
        (row["bucket"], row["currency"]): (row["exposure"], row["allowance"], row["items"])
        for row in engine.rows(provision)
    } == told["provision"]
    measures = frames.kpis(frame, start=START, as_of=AS_OF, **engine.ints)
    found = {it["measure"]: it["value"] for it in engine.rows(measures) if it["currency"] == "MXN"}
    assert len(found) == 30
    assert found == told["measures"]


def shown(engine, items):
    return Counter(tuple(row[name] for name in COLUMNS) for row in engine.rows(items))
