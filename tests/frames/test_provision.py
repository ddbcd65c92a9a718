"""Law: Frames agree, for the provision: every rule, every figure and every remark as the object core has them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from tests.frames.stories import common_books, common_table, gathered

import receivables as ar
from receivables import Basis, frames
from receivables.errors import RateNotFound, UnfitFrame
from receivables.provisions import Assessment, Cover, Dilution, Exclusion, Scope, Vat
from receivables.rounding import Rounding

AS_OF = date(2026, 4, 15)
D = Decimal
MATRIX = ar.ProvisionMatrix.of(
    {"current": "0.005", "1-30": "0.0123", "31-60": "0.06", ">60": "0.15", "undated": "0.33"},
    segments={"retail": {"current": "0.007", "1-30": "0.02", "31-60": "0.03", ">60": "0.5"}},
    origin="study",
)
PLAIN = ar.ProvisionPolicy(MATRIX)


@pytest.fixture
def engine(any_engine):
    return any_engine


@pytest.fixture(scope="module")
def items():
    return common_books(gathered()).open_items(as_of=AS_OF)


@pytest.fixture(scope="module")
def table():
    return frames.open_items(common_table(gathered()), as_of=AS_OF)


@pytest.fixture(scope="module")
def full(items):
    """Every kind of rule, some rivals, one that meets nothing, and a cover that holds item by item."""
    charges = [it for it in items if not it.is_credit]
    customers = list(dict.fromkeys(it.customer for it in charges))
    pesos = [it for it in charges if it.currency == "MXN"]
    alone = next(
        it for it in charges[7:] if it.document.kind == "invoice" and it.customer != customers[3]
    )
    return ar.ProvisionPolicy(
        MATRIX,
        exclusions=(
            Exclusion(Scope(customer=customers[3]), "group company"),
            Exclusion(Scope(attribute=("kind", "debit_memo")), "rent"),
        ),
        assessments=(
            Assessment(Scope(item=alone.id), Fraction(4, 5), "insolvent"),
            Assessment(Scope(customer=customers[3]), Fraction(1, 3), "watched"),
            Assessment(Scope(item="nobody"), Fraction(1, 2), "gone"),
        ),
        covers=(
            Cover(Scope(customer=customers[5]), Fraction(9, 10), Fraction(1, 1000)),
            *(
                Cover(Scope(item=it.id), Fraction(1, 2), Fraction(1, 100), limit=ar.Money("10", "MXN"))
                for it in pesos[10:13]
            ),
            Cover(Scope(attribute=("currency", "JPY")), Fraction(1), Fraction(0), denied="late"),
        ),
        dilutions=(Dilution(Scope(attribute=("disputed", "true")), Fraction(3, 10), "prices"),),
        vat=Vat(Fraction("0.16"), Fraction(1, 4)),
    )  # fmt: skip


def as_cells(row):
    return (
        row.segment, row.bucket, row.currency, row.exposure.amount,
        Rounding.HALF_UP.apply(row.rate, 8), row.allowance.amount, row.path.value, row.gross.amount,
        len(row.lines), row.dilution.amount,
    )  # fmt: skip


def by_core(items, policy):
    provision, problems = ar.measure_provision(items, policy, as_of=AS_OF)
    rows = Counter(as_cells(row) for row in (*provision.rows, *provision.left_out))
    return rows, Counter((it.code, it.message, it.where) for it in problems)


def asked(engine, table, policy, **how):
    found, problems = frames.measure_provision(
        engine.frame(table), policy, as_of=AS_OF, **engine.ints, **how
    )
    rows = engine.rows(found)
    assert list(rows[0]) == ["segment", "bucket", "currency", "exposure", "rate", "allowance",
                             "path", "gross", "items", "dilution"]  # fmt: skip
    told = Counter((it.code, it.message, it.where) for it in problems)
    return Counter(tuple(row.values()) for row in rows), told


def without_tax_lines(items):
    return [replace(it, document=replace(it.document, taxes=())) if getattr(it.document, "taxes", ()) else it for it in items]  # fmt: skip


def test_rates_alone(engine, items, table):
    wanted, told = by_core(items, PLAIN)
    assert len(wanted) > 20
    assert asked(engine, table, MATRIX) == (wanted, told)
    assert [code for code, *_ in told] == ["no-overlay"]


def test_every_rule_together(engine, items, table, full):
    wanted, told = by_core(without_tax_lines(items), full)
    assert {row[6] for row in wanted} == {"pool", "secured", "individual", "excluded", "credit"}
    assert sum(row[9] > 0 for row in wanted) >= 1
    assert {code for code, *_ in told} == {"no-overlay", "several-rules", "rule-without-items"}
    assert asked(engine, table, full) == (wanted, told)


@pytest.mark.parametrize(
    "change",
    [
        {"basis": Basis.POSTING, "segment_by": "kind"},
        {"rounding": Rounding.UP, "decimals": 0},
        {"segment_by": "reference", "overlay": ar.Overlay("ana", AS_OF, "worse", points=Fraction(1, 700))},
    ],
)  # fmt: skip
def test_other_choices(engine, items, table, change):
    policy = replace(PLAIN, **change)
    assert asked(engine, table, policy) == by_core(items, policy)


def test_what_a_clerk_would_compute(engine):
    """Credits lower the oldest charge of the same legal entity; the rest is rounded once a row."""
    import pyarrow as pa

    rows = [
        ("F-1", "C1", "MXN", date(2026, 1, 1), "100.05", "A"),
        ("F-2", "C1", "MXN", date(2026, 4, 1), "50.00", "A"),
        ("F-3", "C1", "MXN", date(2026, 1, 1), "70.00", "B"),
        ("R-1", "C1", "MXN", None, "-120.00", "A"),
        ("R-2", None, "MXN", None, "-5.00", "A"),
    ]
    names = ("item_id", "customer", "currency", "due_date", "open_amount", "legal_entity")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    columns["open_amount"] = pa.array(map(Decimal, columns["open_amount"]), pa.decimal128(12, 3))
    columns["due_date"] = pa.array(columns["due_date"], pa.date32())
    found, _ = asked(engine, pa.table(columns), MATRIX)

    assert found == Counter([
        (None, "1-30", "MXN", D("30.05"), D("0.0123"), D("0.37"), "pool", D("30.05"), 1, D(0)),
        (None, ">60", "MXN", D("70.00"), D("0.15"), D("10.50"), "pool", D("70.00"), 2, D(0)),
        (None, "credits", "MXN", D("-5.00"), D(0), D(0), "credit", D("-5.00"), 2, D(0)),
    ])  # fmt: skip


def test_nothing_open_is_an_empty_table(engine, table):
    found, problems = frames.measure_provision(
        engine.frame(table.slice(0, 0)), MATRIX, as_of=AS_OF, **engine.ints
    )
    assert engine.rows(found) == []
    assert list(engine.arrow(found).column_names)[:3] == ["segment", "bucket", "currency"]
    assert [it.code for it in problems] == ["no-overlay"]


def test_what_cannot_be_measured_is_refused(engine, table):
    with pytest.raises(RateNotFound, match="no loss rate for"):
        frames.measure_provision(
            engine.frame(table), ar.ProvisionMatrix.of({"current": "0.1", ">0": "0.2"}),
            as_of=AS_OF, **engine.ints,
        )  # fmt: skip
    taxed = table.append_column("taxes", [["[]"] * table.num_rows])
    with pytest.raises(UnfitFrame, match="VAT is measured item by item"):
        frames.measure_provision(
            engine.frame(taxed), replace(PLAIN, vat=Vat(Fraction("0.16"))), as_of=AS_OF,
            **engine.ints,
        )  # fmt: skip
