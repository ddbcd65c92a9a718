"""Payments against open items, the oldest due first, on every engine."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pyarrow as pa
import pytest

from receivables import frames
from receivables.errors import UnfitFrame

TYPE = pa.decimal128(21, 3)
FIRST = date(2026, 1, 1)


@pytest.fixture
def engine(any_engine):
    return any_engine


def items_table(rows):
    names = ("item_id", "customer", "currency", "due_date", "open_amount")
    types = (pa.string(), pa.string(), pa.string(), pa.date32(), TYPE)
    columns = zip(*rows, strict=True) if rows else [[]] * len(names)
    return pa.table(
        {n: pa.array(list(c), t) for n, c, t in zip(names, columns, types, strict=True)}
    )


def payments_table(rows):
    names = ("payment_id", "customer", "currency", "posting_date", "amount")
    types = (pa.string(), pa.string(), pa.string(), pa.date32(), TYPE)
    columns = zip(*rows, strict=True) if rows else [[]] * len(names)
    return pa.table(
        {n: pa.array(list(c), t) for n, c, t in zip(names, columns, types, strict=True)}
    )


def allocate(engine, items, payments):
    found = frames.allocate_oldest_first(
        engine.frame(items_table(items)), engine.frame(payments_table(payments)), **engine.ints
    )
    return sorted(
        (it["payment_id"], it["item_id"], it["customer"], it["currency"], it["amount"])
        for it in engine.rows(found)
    )


def day(number):
    return FIRST + timedelta(days=number)


D = Decimal


def test_the_oldest_due_is_paid_first_and_the_undated_last(engine):
    items = [
        ("F-2", "C1", "MXN", day(20), D(100)),
        ("F-1", "C1", "MXN", day(30), D(50)),
        ("F-0", "C1", "MXN", None, D(50)),
    ]
    payments = [("R-1", "C1", "MXN", day(0), D(120)), ("R-2", "C1", "MXN", day(1), D(60))]
    assert allocate(engine, items, payments) == [
        ("R-1", "F-1", "C1", "MXN", D("20.000")),
        ("R-1", "F-2", "C1", "MXN", D("100.000")),
        ("R-2", "F-0", "C1", "MXN", D("30.000")),
        ("R-2", "F-1", "C1", "MXN", D("30.000")),
    ]


def test_what_is_due_or_posted_on_one_day_goes_by_id(engine):
    items = [(name, "C1", "MXN", day(9), D(10)) for name in ("F-3", "F-10", "F-2")]
    payments = [("R-9", "C1", "MXN", day(1), D(15)), ("R-10", "C1", "MXN", day(1), D(10))]
    assert allocate(engine, items, payments) == [
        ("R-10", "F-10", "C1", "MXN", D("10.000")),
        ("R-9", "F-2", "C1", "MXN", D("10.000")),
        ("R-9", "F-3", "C1", "MXN", D("5.000")),
    ]


def test_currencies_and_customers_never_meet(engine):
    """Nor do credits take anything, nor do unidentified payments give anything."""
    items = [
        ("F-1", "C1", "MXN", day(1), D(10)),
        ("F-2", "C1", "JPY", day(1), D(10)),
        ("F-3", "C2", "MXN", day(1), D(10)),
        ("F-4", "C3", "MXN", day(1), D(-10)),
        ("F-5", "C4", "MXN", day(1), D(0)),
    ]
    payments = [
        ("R-1", "C1", "JPY", day(1), D(25)),
        ("R-2", None, "MXN", day(1), D(25)),
        ("R-3", "C3", "MXN", day(1), D(25)),
        ("R-4", "C4", "MXN", day(1), D(25)),
    ]
    assert allocate(engine, items, payments) == [("R-1", "F-2", "C1", "JPY", D("10.000"))]


def test_no_payments_give_no_rows(engine):
    assert allocate(engine, [("F-1", "C1", "MXN", day(1), D(10))], []) == []


def by_hand(items, payments):
    """Allocate the plain way: two queues a customer and currency."""
    owed, found = defaultdict(list), []
    for name, customer, currency, _, amount in sorted(
        items, key=lambda it: (it[3] or date.max, it[0])
    ):
        if amount > 0 and customer:
            owed[customer, currency].append([name, amount])
    for name, customer, currency, _, amount in sorted(payments, key=lambda it: (it[3], it[0])):
        rest, queue = amount, owed[customer, currency]
        while rest and queue:
            used = min(rest, queue[0][1])
            found.append((name, queue[0][0], customer, currency, used))
            rest, queue[0][1] = rest - used, queue[0][1] - used
            if not queue[0][1]:
                queue.pop(0)
    return sorted(found)


@pytest.mark.parametrize("seed", range(3))
def test_it_is_what_a_clerk_would_do(engine, seed):
    """On 400 items and 250 payments of 40 customers, with days and amounts that tie."""
    chance = Random(seed)  # noqa: S311

    def whom():
        return chance.choice([f"C{n}" for n in range(40)] + [None]), chance.choice(["MXN", "KWD"])

    items = [
        (
            f"F-{n}",
            *whom(),
            chance.choice([None, *map(day, range(30))]),
            D(chance.randrange(-20, 200)) / 8,
        )
        for n in range(400)
    ]
    payments = [
        (f"R-{n}", *whom(), day(chance.randrange(30)), D(chance.randrange(1, 400)) / 8)
        for n in range(250)
    ]
    found = allocate(engine, items, payments)
    assert len(found) > 300
    assert found == by_hand(items, payments)


def test_items_and_payments_are_of_one_library(engine):
    payments = payments_table([]) if engine.name != "pyarrow" else payments_table([]).to_pandas()
    with pytest.raises(UnfitFrame, match="give both in one type"):
        frames.allocate_oldest_first(engine.frame(items_table([])), payments, **engine.ints)
