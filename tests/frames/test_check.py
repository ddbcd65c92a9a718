"""Every rule of `check` on every engine: the rows that break it are listed, all others are not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

from receivables import Subledger, frames
from receivables.errors import ReceivablesError
from receivables.frames.table import rows_table
from receivables.schema.rows import from_rows

D = Decimal
DAY = date(2026, 1, 10)
INVOICE = {
    "id": "F-1",
    "kind": "invoice",
    "customer": "C1",
    "currency": "MXN",
    "amount": D("100.00"),
    "posting_date": DAY,
}
PAYMENT = {**INVOICE, "id": "R-1", "kind": "payment"}
ALLOCATION = {"id": "A-1", "kind": "allocation", "currency": "MXN", "amount": D("40.00"), "posting_date": DAY,
              "source_id": "R-1", "target_id": "F-1"}  # fmt: skip
DINAR = {**INVOICE, "id": "K-1", "currency": "KWD", "amount": D("1.234")}


@pytest.fixture
def engine(any_engine):
    return any_engine


def broken(engine, *rows):
    table = rows_table([*rows, INVOICE, PAYMENT, ALLOCATION, DINAR])
    found = engine.rows(frames.check(engine.frame(table), **engine.ints))
    numbered = not engine.lazy
    assert all(
        (row["row"] is not None) == (numbered and row["rule"] != "over-allocated") for row in found
    )
    return sorted((row["rule"], row["column"], row["id"]) for row in found), found


def part(number, amount, due=DAY, **more):
    return {**INVOICE, "id": "F-3", "instalment": number, "amount": D(amount), "due_date": due, **more}  # fmt: skip


def reversal(id_, of, day=DAY):
    return {"id": id_, "kind": "reversal", "posting_date": day, "reverses_id": of}


LATER = date(2026, 2, 1)
BASE = [INVOICE, PAYMENT, ALLOCATION, DINAR]
CASES = [
    ([{**INVOICE, "id": "F-2", "kind": "bill"}], [("unreadable-fact", "kind", "F-2")]),
    ([{**INVOICE, "id": "F-2", "posting_date": None}], [("unreadable-fact", "posting_date", "F-2")]),
    ([{**INVOICE, "id": "F-2", "amount": None}], [("unreadable-fact", "amount", "F-2")]),
    ([{**INVOICE, "id": "F-2", "currency": None}], [("unreadable-fact", "currency", "F-2")]),
    ([{**INVOICE, "id": "F-2", "customer": None}], [("unreadable-fact", "customer", "F-2")]),
    ([{**INVOICE, "id": "F-2", "currency": "XXQ"}], [("unknown-currency", "currency", "F-2")]),
    ([{**INVOICE, "id": "F-2", "amount": D("-1.00")}], [("not-positive", "amount", "F-2")]),
    ([{**INVOICE, "id": "F-2", "amount": D("1.005")}], [("inexact-amount", "amount", "F-2")]),
    ([{**INVOICE, "id": "F-2", "currency": "JPY", "amount": D("1.5")}], [("inexact-amount", "amount", "F-2")]),
    ([{**ALLOCATION, "id": "A-2", "target_id": None}], [("unreadable-fact", "target_id", "A-2")]),
    ([{**ALLOCATION, "id": "A-2", "target_id": "F-9"}], [("unknown-fact", "target_id", "A-2")]),
    ([{**ALLOCATION, "id": "A-2", "source_id": "A-1"}], [("wrong-kind", "source_id", "A-2")]),
    ([{**ALLOCATION, "id": "A-2", "amount": D("1.00"), "source_id": "F-1"}], [("wrong-kind", "source_id", "A-2")]),
    ([{**ALLOCATION, "id": "A-2", "amount": D("1.00"), "target_id": "R-1"}], [("wrong-kind", "target_id", "A-2")]),
    ([{**ALLOCATION, "id": "A-2", "amount": D("1.00"), "target_id": "K-1"}], [("currency-mismatch", "target_id", "A-2")]),
    ([{**ALLOCATION, "id": "A-2", "amount": D("1.000"), "currency": "KWD", "target_id": "K-1"}], [("currency-mismatch", "source_id", "A-2")]),
    ([{**ALLOCATION, "id": "A-2", "amount": D("1.00"), "source_amount": D("2.00"), "source_currency": "MXN"}], [("parts-do-not-sum", "source_amount", "A-2")]),
    ([{**ALLOCATION, "id": "A-2", "amount": D("1.000"), "currency": "KWD", "target_id": "K-1", "source_amount": D("1.555"), "source_currency": "MXN"}], [("inexact-amount", "source_amount", "A-2")]),
    ([{**ALLOCATION, "id": "A-2", "amount": D("1.000"), "currency": "KWD", "target_id": "K-1", "source_amount": D("1.55"), "source_currency": None}], [("unreadable-fact", "source_currency", "A-2")]),
    ([{**ALLOCATION, "id": "A-2", "amount": D("1.00"), "instalment": 2}], [("unknown-fact", "instalment", "A-2")]),
    ([{**INVOICE, "id": "F-2", "terms": "net 30", "due_date": None}], [("unreadable-fact", "due_date", "F-2")]),
    ([{"id": "X-1", "kind": "reversal", "posting_date": DAY, "reverses_id": "F-9"}], [("unknown-fact", "reverses_id", "X-1")]),
    ([{**ALLOCATION, "id": "W-1", "kind": "write_off", "amount": D("70.00")}], [("over-allocated", "open_amount", "F-1")]),
    # What several rows say together.
    ([reversal("X-1", "A-1"), reversal("X-2", "A-1")],
     [("already-reversed", "reverses_id", "X-1"), ("already-reversed", "reverses_id", "X-2")]),
    ([reversal("X-1", "A-1"), reversal("X-2", "X-1")], [("wrong-kind", "reverses_id", "X-2")]),
    ([part(1, "10.00"), part(1, "20.00")], [("conflicting-fact", "instalment", "F-3")] * 2),
    ([part(1, "10.00"), part(2, "20.00", segment="x")], [("unreadable-fact", "id", "F-3")] * 2),
    ([part(1, "10.00"), part(2, "20.00", None)], [("unreadable-fact", "due_date", "F-3")]),
    ([part(2, "10.00", None)], [("unreadable-fact", "due_date", "F-3")]),
    # Every day ends at zero or above, although more was taken in all than there is.
    ([reversal("X-1", "A-1", LATER), {**ALLOCATION, "id": "A-2", "amount": D("90.00"), "posting_date": LATER}], []),
    # A reversal that comes a day late leaves a day below zero.
    ([reversal("X-1", "A-1", date(2026, 2, 2)), {**ALLOCATION, "id": "A-2", "amount": D("90.00"), "posting_date": LATER}],
     [("over-allocated", "open_amount", "F-1"), ("over-allocated", "open_amount", "R-1")]),
    # What adds gives room from its day on, and takes it away when it is reversed.
    ([{**ALLOCATION, "id": "J-1", "kind": "adjustment", "increase": True, "amount": D("30.00"), "posting_date": LATER},
      {**ALLOCATION, "id": "W-1", "kind": "write_off", "amount": D("80.00"), "posting_date": LATER}], []),
    ([{**ALLOCATION, "id": "J-1", "kind": "adjustment", "increase": True, "amount": D("30.00"), "posting_date": LATER},
      {**ALLOCATION, "id": "W-1", "kind": "write_off", "amount": D("80.00")}], [("over-allocated", "open_amount", "F-1")]),
    # One instalment is used past its amount, the document is not.
    ([part(1, "10.00"), part(2, "60.00"), {**ALLOCATION, "id": "A-2", "target_id": "F-3", "amount": D("11.00"), "instalment": 1}],
     [("over-allocated", "open_amount", "F-3/1")]),
    ([part(1, "10.00"), part(2, "60.00"), {**ALLOCATION, "id": "A-2", "target_id": "F-3", "amount": D("60.00"), "instalment": 2}], []),
]  # fmt: skip
NAMES = ("id", "source_id", "target_id", "reverses_id")


def test_every_row_that_breaks_a_rule_is_found_and_no_other(engine):
    """All cases in one table, their ids told apart by a number."""
    rows = [
        {name: f"{number}:{cell}" if name in NAMES and cell else cell for name, cell in row.items()}
        for number, (more, _) in enumerate(CASES)
        for row in (*more, *BASE)
    ]
    found = engine.rows(frames.check(engine.frame(rows_table(rows)), **engine.ints))
    numbered = not engine.lazy
    assert all(
        (row["row"] is not None) == (numbered and row["rule"] != "over-allocated") for row in found
    )
    wanted = [
        (rule, column, f"{number}:{name}")
        for number, (_, expected) in enumerate(CASES)
        for rule, column, name in expected
    ]
    assert len(wanted) > 30
    told = [(row["rule"], row["column"], row["id"]) for row in found]
    assert sorted(told) == sorted(wanted)


@pytest.mark.parametrize(("rows", "expected"), CASES)
def test_the_object_core_sets_something_aside_in_the_same_cases(rows, expected):
    """It works due dates out of terms by itself, and of two reversals it leaves out the second alone."""
    facts = {}
    for row in rows_table([*rows, *BASE]).to_pylist():
        facts.setdefault(row["id"], []).append(row)
    made, codes = [], set()
    for group in facts.values():
        try:
            made.append(from_rows(group))
        except ReceivablesError as error:
            codes.add(error.code)
    codes |= {it.code for it in Subledger.load(made)[1]}
    if any(row.get("terms") for row in rows):
        assert not codes
    else:
        assert bool(codes) == bool(expected)
        assert codes <= {rule for rule, *_ in expected} | {"unknown-fact", "unreadable-fact", "parts-do-not-sum"}  # fmt: skip


def test_rows_and_values_are_told(engine):
    _, [row] = broken(engine, {**INVOICE, "id": "F-2", "currency": "XXQ"})
    assert row["value"] == "XXQ"
    assert row["row"] in {0, None}


def test_an_id_may_stand_twice_only_for_instalments(engine):
    parts = [{**INVOICE, "id": "F-3", "instalment": number, "due_date": DAY} for number in (1, 2)]
    found, _ = broken(engine, *parts, {**DINAR, "amount": D("2.000")})
    assert found == [("conflicting-fact", "id", "K-1")] * 2


def test_facts_in_order_give_an_empty_table_of_the_same_columns(engine):
    found = frames.check(engine.frame(rows_table([INVOICE])), **engine.ints)
    assert list(engine.arrow(found).column_names) == ["row", "id", "column", "value", "rule"]
    assert engine.rows(found) == []


def test_an_empty_table_is_in_order():
    table = rows_table([INVOICE]).slice(0, 0)
    assert isinstance(table, pa.Table)
    assert frames.check(table).num_rows == 0
    assert frames.open_items(table, as_of=DAY).num_rows == 0


ITEM = {
    "item_id": "F-1",
    "customer": "C1",
    "currency": "MXN",
    "open_amount": D("100.00"),
    "due_date": DAY,
    "kind": "invoice",
}
UNIDENTIFIED = {**ITEM, "item_id": "R-1", "customer": None, "open_amount": D("-7.00"), "kind": None}
ODD_ITEMS = [
    ([{**ITEM, "item_id": None}], [("unreadable-fact", "item_id", None)]),
    ([{**ITEM, "item_id": "F-2", "customer": None}], [("unreadable-fact", "customer", "F-2")]),
    ([{**ITEM, "item_id": "F-2", "currency": None}], [("unreadable-fact", "currency", "F-2")]),
    ([{**ITEM, "item_id": "F-2", "currency": "mxn"}], [("unknown-currency", "currency", "F-2")]),
    ([{**ITEM, "item_id": "F-2", "open_amount": None}], [("unreadable-fact", "open_amount", "F-2")]),
    ([{**ITEM, "item_id": "F-2", "open_amount": D("100.005")}], [("inexact-amount", "open_amount", "F-2")]),
    ([ITEM], [("conflicting-fact", "item_id", "F-1")] * 2),
    ([{**ITEM, "item_id": "F-2", "open_amount": D("-7.00"), "due_date": None}], []),
    ([UNIDENTIFIED], []),
    ([{**UNIDENTIFIED, "kind": "payment"}], []),
    ([{**UNIDENTIFIED, "kind": "credit_memo"}], [("unreadable-fact", "customer", "R-1")]),
    ([{**UNIDENTIFIED, "open_amount": D("0.00")}], [("unreadable-fact", "customer", "R-1")]),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "wanted"), ODD_ITEMS)
def test_open_items_that_break_a_rule(engine, rows, wanted):
    dinar = {**ITEM, "item_id": "K-1", "currency": "KWD", "open_amount": D("1.234")}
    types = {"open_amount": pa.decimal128(20, 3), "due_date": pa.date32()}
    listed = [*rows, ITEM, dinar]
    table = pa.table({
        name: pa.array([row[name] for row in listed], types.get(name, pa.string())) for name in ITEM
    })  # fmt: skip
    found = engine.rows(frames.check(engine.frame(table), **engine.ints))
    assert all((row["row"] is None) == engine.lazy for row in found)
    assert sorted((it["rule"], it["column"], it["id"]) for it in found) == wanted


def test_open_items_need_no_kind_for_a_payment_without_customer(engine):
    amounts = pa.array([D("-7.00"), D("7.00")], pa.decimal128(20, 2))
    nobody = pa.array([None, None], pa.string())
    table = pa.table({"item_id": ["R-1", "F-1"], "customer": nobody, "currency": ["MXN"] * 2, "open_amount": amounts})  # fmt: skip
    found = engine.rows(frames.check(engine.frame(table), **engine.ints))
    assert [(it["rule"], it["column"], it["id"]) for it in found] == [("unreadable-fact", "customer", "F-1")]  # fmt: skip


def test_the_items_of_every_payment_are_in_order(engine):
    """A payment without a customer is open as a credit of nobody, which no check finds fault with."""
    facts = engine.frame(rows_table([INVOICE, {**PAYMENT, "customer": None}]))
    items = frames.open_items(facts, as_of=DAY, **engine.ints)
    assert [row["customer"] for row in engine.rows(items) if row["open_amount"] < 0] == [None]
    assert engine.rows(frames.check(items, **engine.ints)) == []
