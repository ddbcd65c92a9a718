"""Where frames could go wrong in silence: sums past 64 bits, odd encodings, empty columns, items of several days."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

import receivables as ar
from receivables import Adjustment, Invoice, Money, Subledger, frames
from receivables.errors import MixedDates, NotAnAmount, TooLarge, UnfitFrame
from receivables.rounding import Rounding
from receivables.terms import Instalment

D = Decimal
DAY, LATER = date(2026, 1, 10), date(2026, 2, 10)
CENTS = pa.decimal128(12, 2)
BIG = 4 * 10**18  # three of them leave 64 bits
TYPES = {"posting_date": pa.date32(), "due_date": pa.date32(), "instalment": pa.int64(), "as_of": pa.date32()}  # fmt: skip


@pytest.fixture
def engine(any_engine):
    return any_engine


def fact(id_, kind, amount, **more):
    return {"id": id_, "kind": kind, "customer": "C1", "currency": "MXN", "posting_date": DAY,
            "amount": amount, "source_id": None, "target_id": None, "reverses_id": None, **more}  # fmt: skip


def item(id_, amount, **more):
    return {"item_id": id_, "customer": "C1", "currency": "MXN", "due_date": DAY, "posting_date": DAY,
            "open_amount": amount, **more}  # fmt: skip


def payment(id_, amount, **more):
    return {"payment_id": id_, "customer": "C1", "currency": "MXN", "posting_date": DAY, "amount": amount, **more}  # fmt: skip


def table(rows, amounts=CENTS, **types):
    kinds = {**TYPES, **dict.fromkeys(("amount", "open_amount", "source_amount"), amounts), **types}
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table(
        {n: pa.array([row.get(n) for row in rows], kinds.get(n, pa.string())) for n in names}
    )


def opened(native):
    rows = pa.table(native).to_pylist() if isinstance(native, pa.Table) else native
    return {row["item_id"]: row["open_amount"] for row in rows}


def test_groups_by_many_columns_are_told_apart():
    """Two thousand values in each of six columns make more combinations than 64 bits number."""
    names, count = "uvwxyz", 2000
    held = {name: [f"{name}{n}" for n in range(count)] for name in names}
    rows = pa.table(
        {
            **held,
            "currency": ["MXN"] * count,
            "due_date": pa.array([DAY] * count),
            "open_amount": pa.array(range(count), pa.int64()),
        }
    )
    aged = frames.age(rows, as_of=DAY, by=tuple(names), scale=2).to_pylist()
    assert len(aged) == count
    assert all({row[name] for name in names} == {f"{name}{row['total']}" for name in names} for row in aged)  # fmt: skip


def test_a_float_is_rounded_to_the_decimals_of_its_own_currency():
    rows = [
        fact("F-1", "invoice", 1000.0, currency="JPY"),
        fact("R-1", "payment", 100.5, currency="USD"),
        fact("A-1", "allocation", 1000.0, currency="JPY", source_id="R-1", target_id="F-1",
             source_amount=6.78, source_currency="USD"),
    ]  # fmt: skip
    found = frames.open_items(table(rows, pa.float64()), as_of=DAY, rounding=Rounding.HALF_EVEN)
    assert opened(found) == {"R-1": D("-93.72")}


def test_a_float_too_large_for_the_decimals_of_another_is_refused():
    rows = [fact("F-1", "invoice", 2e15, currency="JPY"), fact("F-2", "invoice", 1.5, currency="CLF")]  # fmt: skip
    with pytest.raises(TooLarge, match="does not fit 64 bits at 4 decimals"):
        frames.open_items(table(rows, pa.float64()), as_of=DAY, rounding=Rounding.HALF_EVEN)


def test_instalments_whose_sum_leaves_64_bits(int_engine):
    dues = (date(2026, 1, 1), date(2025, 12, 1), date(2025, 11, 1))  # each in a bucket of its own
    rows = [
        fact("F-1", "invoice", BIG, instalment=number, due_date=due)
        for number, due in enumerate(dues, start=1)
    ]
    frame, asked = int_engine.frame(table(rows, pa.int64())), {"scale": int_engine.scale}
    if not int_engine.name.startswith(("polars", "duckdb", "spark")):
        with pytest.raises(TooLarge):
            frames.open_items(frame, as_of=DAY, **asked)
        return
    assert len(int_engine.arrow(frames.open_items(frame, as_of=DAY, **asked))) == 3
    rolled = int_engine.arrow(frames.roll_rates(frame, [DAY, LATER], **asked)).to_pylist()
    assert sum(row["amount"] for row in rolled) == 3 * BIG


def test_measures_of_sums_past_64_bits(int_engine):
    rows = [fact(f"F-{n}", "invoice", BIG) for n in range(3)]
    asked = {"start": DAY, "as_of": DAY, "scale": int_engine.scale}
    frame = int_engine.frame(table(rows, pa.int64()))
    if not int_engine.name.startswith(("polars", "duckdb", "spark")):
        with pytest.raises(TooLarge):
            frames.kpis(frame, **asked)
        return
    told = {row["measure"]: row["value"] for row in int_engine.arrow(frames.kpis(frame, **asked)).to_pylist()}  # fmt: skip
    assert (told["DSO"], told["largest customer"]) == (1, 3 * BIG // 1000)


def test_a_customer_that_stands_twice_in_a_dictionary_is_one():
    twice = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2], pa.int32()), pa.array(["X", "Y", "X"]))  # fmt: skip
    rows = table([item("a", D("10.00")), item("b", D("5.00")), item("c", D("-4.00"))])
    rows = rows.set_column(rows.column_names.index("customer"), "customer", twice)
    aged = frames.age(rows, as_of=DAY).to_pylist()
    assert {row["customer"]: row["total"] for row in aged} == {"X": D("6.00"), "Y": D("5.00")}
    matrix = ar.ProvisionMatrix.of({"current": "0.01", ">0": "0.1"})
    provision, _ = frames.measure_provision(rows, matrix, as_of=DAY)
    assert sum(row["exposure"] for row in provision.to_pylist()) == 11


def test_a_name_that_is_used_inside_is_refused(decimal_engine):
    rows = [fact("F-1", "invoice", D("10.00"), _used="3")]
    with pytest.raises(UnfitFrame, match="facts have the columns _used; names that begin with _"):
        frames.open_items(decimal_engine.frame(table(rows)), as_of=DAY)


def test_the_last_instalment_is_the_highest_however_they_are_listed(decimal_engine):
    parts = (
        Instalment(2, date(2026, 2, 1), Money("20.00", "MXN")),
        Instalment(1, date(2026, 3, 1), Money("10.00", "MXN")),
    )
    facts = [
        Invoice(id="F-1", customer="C1", amount=Money("30.00", "MXN"), posting_date=DAY, instalments=parts),
        Adjustment(id="J-1", target="F-1", amount=Money("5.00", "MXN"), posting_date=DAY, increase=True),
    ]  # fmt: skip
    wanted = {it.id: it.open_amount.amount for it in Subledger.of(facts).open_items(as_of=DAY)}
    assert wanted == {"F-1/1": D("10.00"), "F-1/2": D("25.00")}
    found = frames.open_items(decimal_engine.frame(frames.facts_table(facts)), as_of=DAY)
    assert opened(decimal_engine.rows(found)) == wanted


def test_instalments_are_whole_numbers(decimal_engine):
    rows = [fact("F-1", "invoice", D("10.00"), instalment=n, due_date=DAY) for n in (1.5, 2.5)]
    with pytest.raises(UnfitFrame, match="instalment"):
        decimal_engine.rows(frames.open_items(decimal_engine.frame(table(rows, instalment=pa.float64())), as_of=DAY))  # fmt: skip


@pytest.mark.parametrize("name", ["id", "kind", "source_id", "reverses_id", "currency"])
def test_names_are_texts(decimal_engine, name):
    rows = table([fact("F-1", "invoice", D("10.00"))])
    rows = rows.set_column(rows.column_names.index(name), name, pa.array([7]))
    with pytest.raises(UnfitFrame, match=f"{name} of facts is Int64; give texts"):
        frames.kpis(decimal_engine.frame(rows), start=DAY, as_of=DAY)


def test_columns_that_hold_nothing_need_no_type():
    """As pandas and Arrow make of a table without rows, or of a column without a value."""
    pd = pytest.importorskip("pandas")
    names = list(fact("", "", 0))
    for empty in (pd.DataFrame(columns=names), pa.table({name: pa.nulls(0) for name in names})):
        assert len(frames.open_items(empty, as_of=DAY)) == 0
        assert len(frames.check(empty)) == 0
        assert len(frames.kpis(empty, start=DAY, as_of=DAY)) == 0
        assert len(frames.roll_rates(empty, [DAY, LATER])) == 0
    paid = pd.DataFrame([payment("R-1", D("5.00"))])
    nothing = pd.DataFrame(columns=list(item("", 0)))
    assert len(frames.allocate_oldest_first(nothing, paid)) == 0
    nobody = pd.DataFrame([item("F-1", D("5.00"), customer=None)])
    assert len(frames.allocate_oldest_first(nobody, paid)) == 0


def test_roll_rates_need_currencies(engine):
    rows = table([fact("F-1", "invoice", D("10.00"))]).drop_columns(["currency"])
    with pytest.raises(UnfitFrame, match="facts lack the columns currency"):
        frames.roll_rates(engine.frame(rows), [DAY, LATER], **engine.ints)


def test_of_items_of_several_days_those_of_the_day_are_aged(engine):
    """Also by `measure_provision`; and no item is paid once for each day."""
    rows = [fact("F-1", "invoice", D("10.00"), due_date=DAY), fact("F-2", "invoice", D("5.00"), posting_date=LATER, due_date=LATER)]  # fmt: skip
    held = frames.snapshots(engine.frame(table(rows)), [DAY, LATER], **engine.ints)
    for day, total in ((DAY, 10), (LATER, 15)):
        [row] = engine.rows(frames.age(held, as_of=day, by="currency", **engine.ints))
        assert row["total"] == total
        matrix = ar.ProvisionMatrix.of({"current": "0.01", ">0": "0.1"})
        found, _ = frames.measure_provision(held, matrix, as_of=day, **engine.ints)
        assert sum(row["exposure"] for row in engine.arrow(found).to_pylist()) == total
    paid = engine.frame(table([payment("R-1", D("99.00"))]))
    refusal = UnfitFrame if engine.lazy else MixedDates
    with pytest.raises(refusal, match="no item is paid twice"):
        frames.allocate_oldest_first(held, paid, **engine.ints)
    if not engine.lazy:
        with pytest.raises(MixedDates, match="items are of 2026-01-10, 2026-02-10, not of 2026-01-11"):  # fmt: skip
            frames.age(held, as_of=date(2026, 1, 11), **engine.ints)


def test_payments_are_checked(engine):
    rows = [
        payment("R-1", D("30.00")),
        payment("R-1", D("30.00")),
        payment("R-2", D("-5.00"), customer=None),
        payment("R-3", D("5.00"), currency="XQX"),
    ]
    found = engine.rows(frames.check(engine.frame(table(rows)), **engine.ints))
    assert {(row["id"], row["column"], row["rule"]) for row in found} == {
        ("R-1", "payment_id", "conflicting-fact"),
        ("R-2", "amount", "not-positive"),
        ("R-3", "currency", "unknown-currency"),
    }


def test_floats_are_checked_under_the_rounding_that_is_named():
    pl = pytest.importorskip("polars")
    rows = table([fact("F-1", "invoice", 10.1), fact("F-2", "invoice", -1.0)], pa.float64())
    for frame in (rows, pl.from_arrow(rows)):
        with pytest.raises(NotAnAmount, match="name a rounding"):
            frames.check(frame)
        found = frames.check(frame, rounding=Rounding.HALF_EVEN)
        told = found.to_pylist() if isinstance(found, pa.Table) else found.to_dicts()
        assert [(row["row"], row["id"], row["rule"]) for row in told] == [
            (1, "F-2", "not-positive")
        ]


def test_a_credit_of_nobody_known_is_an_item(engine):
    rows = table([fact("R-1", "payment", D("5.00"), customer=None)])
    items = frames.open_items(engine.frame(rows), as_of=DAY, **engine.ints)
    assert engine.rows(frames.check(items, **engine.ints)) == []
    nobody = engine.frame(table([item("F-1", D("5.00"), customer=None)]))
    [found] = engine.rows(frames.check(nobody, **engine.ints))
    assert (found["column"], found["rule"]) == ("customer", "unreadable-fact")
