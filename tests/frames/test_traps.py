"""What goes wrong silently on some engine when nobody looks: each trap, on each engine, with its literal outcome."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from receivables import Buckets, Rounding, frames
from receivables.errors import (
    MixedDates,
    NoSuchChoice,
    NoSuchColumn,
    NotADate,
    NotAnAmount,
    TooLarge,
    UnfitFrame,
)

D = Decimal


@pytest.fixture
def engine(any_engine):
    """Spark too: it has traps of its own."""
    return any_engine


AS_OF = date(2026, 3, 31)
HUGE = D(
    "99999999999999999.99"
)  # fits a decimal of 19 digits, and 64 bits at two decimals only just not


def items(*rows, kind=None):
    """Return an open-items table of customer, currency, due date and amount."""
    kind = kind or pa.decimal128(21, 3)
    return pa.table({
        "item_id": pa.array([f"F-{n}" for n in range(len(rows))], pa.string()),
        "customer": pa.array([row[0] for row in rows], pa.string()),
        "currency": pa.array([row[1] for row in rows], pa.string()),
        "due_date": pa.array([row[2] for row in rows], pa.date32()),
        "open_amount": pa.array([row[3] for row in rows], kind),
    })  # fmt: skip


def facts(**columns):
    """Return a facts table of one invoice, with columns changed or added."""
    base = {
        "id": ["F-1"], "kind": ["invoice"], "customer": ["C1"], "currency": ["MXN"],
        "amount": pa.array([D("100.00")], pa.decimal128(20, 2)), "posting_date": [date(2026, 1, 10)],
        "due_date": [date(2026, 2, 9)],
    }  # fmt: skip
    return pa.table({**base, **columns})


def aged(engine, table, **how):
    return sorted(
        engine.rows(frames.age(engine.frame(table), as_of=AS_OF, **how, **engine.ints)),
        key=lambda row: (row["currency"], str(row["customer"])),
    )


def test_sums_are_exact_where_floats_are_not(engine):
    """0.1 and 0.2 make 0.3, and a cent stays beside a hundred billion."""
    rows = aged(
        engine,
        items(*[("C1", "MXN", AS_OF, D("0.1"))] * 3, ("C1", "MXN", AS_OF, D("100000000000.001"))),
    )
    assert [row["total"] for row in rows] == [D("100000000000.301")]


def test_yen_and_dinars_keep_their_own_decimals(engine):
    rows = aged(
        engine,
        items(
            ("C1", "JPY", AS_OF, D(123)),
            ("C1", "KWD", AS_OF, D("1.234")),
            ("C1", "KWD", AS_OF, D("0.001")),
        ),
    )
    assert [(row["currency"], row["total"]) for row in rows] == [
        ("JPY", D(123)),
        ("KWD", D("1.235")),
    ]


def test_a_bucket_without_items_is_zero_and_exact(engine):
    """Elsewhere an empty group becomes nothing, or turns the column into floats."""
    [row] = aged(engine, items(("C1", "MXN", AS_OF, D(5))))
    assert [row[name] for name in ("current", "1-30", ">120", "undated", "credits")] == [
        D(5),
        0,
        0,
        0,
        0,
    ]


def test_a_missing_customer_is_a_group_of_its_own(engine):
    rows = aged(engine, items(("C1", "MXN", AS_OF, D(5)), (None, "MXN", AS_OF, D(-7))))
    assert [(row["customer"], row["total"], row["items"]) for row in rows] == [
        ("C1", D(5), 1),
        (None, D(-7), 1),
    ]


def test_a_missing_due_date_is_undated(engine):
    """In NumPy a missing date compares as false with everything, and would end up in the last bucket."""
    [row] = aged(engine, items(("C1", "MXN", None, D(5)), ("C1", "MXN", date(2020, 1, 1), D(6))))
    assert (row["undated"], row[">120"], row["current"]) == (D(5), D(6), 0)


def test_both_ends_of_every_bucket(engine):
    """Due today is current; day 30 is in 1-30 and day 31 in 31-60."""
    dues = [
        date(2026, 4, 1),
        AS_OF,
        date(2026, 3, 30),
        date(2026, 3, 1),
        date(2026, 2, 28),
        date(2025, 12, 1),
        date(2025, 11, 30),
    ]
    [row] = aged(engine, items(*[("C1", "MXN", due, D(10) ** n) for n, due in enumerate(dues)]))
    assert [row[name] for name in ("current", "1-30", "31-60", "61-90", "91-120", ">120")] == [
        11, 1100, 10000, 0, 100000, 1000000,
    ]  # fmt: skip


def test_a_time_of_day_does_not_put_a_fact_after_its_day(engine):
    """A posting at three in the afternoon counts on that day, although midnight came before it."""
    late = pa.array([datetime(2026, 3, 31, 15, 0)], pa.timestamp("us"))  # noqa: DTZ001
    found = frames.open_items(engine.frame(facts(posting_date=late)), as_of=AS_OF, **engine.ints)
    assert [(row["item_id"], row["posting_date"]) for row in engine.rows(found)] == [("F-1", AS_OF)]


def test_floats_are_refused(engine):
    table = items(("C1", "MXN", AS_OF, 0.1), kind=pa.float64())
    with pytest.raises(
        NotAnAmount, match="open_amount of items is Float64, which holds no exact amounts"
    ):
        frames.age(engine.frame(table), as_of=AS_OF, **engine.ints)


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [(Rounding.HALF_UP, "2.68"), (Rounding.HALF_EVEN, "2.68"), (Rounding.DOWN, "2.67")],
)
def test_floats_become_decimals_by_a_named_rounding(engine, rounding, expected):
    """2.675 is written so and meant so, though the float is a little less; 0.3 comes out of 0.1 + 0.2."""
    table = items(("C1", "MXN", AS_OF, 2.675), ("C2", "MXN", AS_OF, 0.1 + 0.2), kind=pa.float64())
    if engine.lazy:
        with pytest.raises(NotAnAmount, match="for a frame in memory"):
            frames.age(engine.frame(table), as_of=AS_OF, rounding=rounding)
        return
    rows = engine.rows(frames.age(engine.frame(table), as_of=AS_OF, rounding=rounding))
    assert sorted(row["total"] for row in rows) == [D("0.30"), D(expected)]


def test_texts_are_no_amounts_and_no_dates(engine):
    with pytest.raises(NotAnAmount, match="amount of facts is String; give decimals"):
        frames.open_items(engine.frame(facts(amount=["100.00"])), as_of=AS_OF, **engine.ints)
    with pytest.raises(UnfitFrame, match="due_date of facts is String; turn it into dates first"):
        frames.open_items(engine.frame(facts(due_date=["2026-02-31"])), as_of=AS_OF, **engine.ints)


def test_whole_numbers_say_what_they_count(engine):
    table = items(("C1", "MXN", AS_OF, 12345), kind=pa.int64())
    with pytest.raises(
        NotAnAmount, match="open_amount of items are whole numbers; say what they count"
    ):
        frames.age(engine.frame(table), as_of=AS_OF)
    if engine.scale is None:
        found = frames.age(engine.frame(table), as_of=AS_OF, scale=2)
        assert [row["total"] for row in engine.rows(found)] == [12345]


def test_decimals_take_no_scale(engine):
    if engine.scale is None:
        with pytest.raises(NotAnAmount, match="scale=2 is for whole minor units"):
            frames.age(engine.frame(items(("C1", "MXN", AS_OF, D(1)))), as_of=AS_OF, scale=2)


def test_sums_beyond_64_bits_are_right_or_refused(engine):
    """Never a number that wrapped around: kernels refuse, engines hold 38 digits, integers fail loudly."""
    table = items(*[("C1", "MXN", AS_OF, D("9000000000000000.000"))] * 3)
    total = D("27000000000000000.000")
    try:
        rows = aged(engine, table)
    except TooLarge:
        assert engine.name.startswith(("pandas", "pyarrow"))
    except Exception:  # noqa: BLE001 - each engine has an error of its own for it
        assert engine.name in {"polars-int64", "duckdb-int64"}
    else:
        assert [row["total"] for row in rows] == [total]
        assert engine.scale is None


@pytest.mark.parametrize("name", ["pyarrow", "polars"])
def test_three_hundred_buckets_are_told_apart(engines, name):
    """One a day: more than a number of eight bits counts; engines by kernel and by expression."""
    engine = engines[name]
    daily = Buckets.of(*range(300))
    (row,) = aged(engine, items(("C1", "MXN", date(2025, 7, 4), D(7))), buckets=daily)
    assert {name for name, value in row.items() if value == 7} == {"total", daily.label(270)}


@pytest.mark.parametrize(("digits", "scale"), [(12, 8), (38, 8), (18, 2)])
def test_sums_are_exact_at_any_width_and_scale(decimal_engine, digits, scale):
    """Narrow decimals are summed as they come, wide ones as 28 digits; eight places are kept in every total."""
    least = D(1).scaleb(-scale)
    rows = [
        ("C1", "XAU", date(2026, 3, 31), 100 + least),
        ("C1", "XAU", date(2026, 1, 1), 2 * least),
    ]
    rows.append(("C1", "XAU", None, least))
    table = items(*rows, kind=pa.decimal128(digits, scale))
    (row,) = aged(decimal_engine, table)
    assert (row["current"], row["61-90"], row["undated"]) == (100 + least, 2 * least, least)
    assert row["total"] == 100 + 4 * least


def test_sums_of_narrow_decimals_need_no_narrow_total(decimal_engine):
    """Twenty times the largest amount of 18 digits has 20 digits: right, or refused by what counts in 64 bits."""
    largest = D("9999999999999999.99")
    rows = [("C1", "MXN", date(2026, 3, 31), largest)] * 20
    table = items(*rows, kind=pa.decimal128(18, 2))
    try:
        (row,) = aged(decimal_engine, table)
    except TooLarge:
        assert decimal_engine.name.startswith(("pandas", "pyarrow"))
    else:
        assert row["total"] == row["current"] == D("199999999999999999.80")
        assert row["items"] == 20


def test_the_line_of_an_allocation_is_guarded_too(engine):
    table = items(*[("C1", "MXN", AS_OF, D("9000000000000000.000"))] * 3)
    payments = pa.table({
        "payment_id": ["R-1"], "customer": ["C1"], "currency": ["MXN"], "posting_date": [AS_OF],
        "amount": pa.array([D(1)], pa.decimal128(21, 3)),
    })  # fmt: skip
    try:
        found = frames.allocate_oldest_first(
            engine.frame(table), engine.frame(payments), **engine.ints
        )
        rows = engine.rows(found)
    except TooLarge:
        assert engine.name.startswith(("pandas", "pyarrow", "polars"))
    else:
        assert [(row["item_id"], row["amount"]) for row in rows] == [("F-0", D("1.000"))]


def test_moments_without_a_zone_are_no_knowledge(engine):
    known = datetime(2026, 4, 1, tzinfo=UTC)
    naive = pa.array([datetime(2026, 1, 10)], pa.timestamp("us"))  # noqa: DTZ001
    frame = engine.frame(facts(recorded_at=naive))
    if engine.name == "spark":  # which takes every moment for one of its session's zone, but these
        frame = frame.withColumn("recorded_at", frame["recorded_at"].cast("timestamp_ntz"))
    with pytest.raises(UnfitFrame, match="known_at needs moments with a time zone"):
        frames.open_items(frame, as_of=AS_OF, known_at=known, **engine.ints)
    with pytest.raises(NotADate, match="must be a datetime with a time zone"):
        frames.open_items(frame, as_of=AS_OF, known_at=datetime(2026, 4, 1), **engine.ints)  # noqa: DTZ001


def test_the_question_is_checked(engine):
    frame = engine.frame(items(("C1", "MXN", AS_OF, D(1))))
    with pytest.raises(NotADate, match=r"as_of '2026-03-31' is a str"):
        frames.age(frame, as_of="2026-03-31", **engine.ints)
    with pytest.raises(NoSuchColumn, match="no item has an attribute 'region'"):
        frames.age(frame, as_of=AS_OF, by="region", **engine.ints)
    with pytest.raises(NoSuchColumn, match="cannot group by 'total'"):
        frames.age(frame, as_of=AS_OF, by="total", **engine.ints)
    with pytest.raises(NoSuchChoice, match="'due_date' is no Basis"):
        frames.age(frame, as_of=AS_OF, basis="due_date", **engine.ints)
    with pytest.raises(MixedDates, match="one as-of date"):
        frames.age(
            frame, as_of=AS_OF, buckets=Buckets.month_ends(as_of=date(2026, 4, 30)), **engine.ints
        )
    with pytest.raises(UnfitFrame, match=r"facts lack the columns id, kind, amount, posting_date"):
        frames.open_items(frame, as_of=AS_OF, **engine.ints)


def test_what_is_no_frame_is_refused():
    with pytest.raises(
        UnfitFrame, match=r"items is a builtins.list; give a pandas or Polars frame"
    ):
        frames.age([], as_of=AS_OF)


def test_an_amount_beyond_64_bits_is_never_cut():
    table = items(("C1", "MXN", AS_OF, D("99999999999999999.99")), kind=pa.decimal128(19, 2))
    with pytest.raises(TooLarge, match="open_amount does not fit 64 bits at 2 decimals"):
        frames.age(table, as_of=AS_OF)


def test_nothing_is_changed_in_place():
    table = facts().to_pandas()
    before = table.copy(deep=True)
    frames.open_items(table, as_of=AS_OF)
    assert table.equals(before)
    assert list(table.dtypes) == list(before.dtypes)


def test_moments_of_another_zone_are_the_same_moments(engine):
    """What was recorded at nine in the evening in Mexico was known at three in the morning of the next day in London."""
    evening = pa.array([datetime(2026, 4, 2, 3, tzinfo=UTC)], pa.timestamp("us", tz="America/Mexico_City"))  # fmt: skip
    frame = engine.frame(facts(recorded_at=evening))
    for hour, found in ((2, 0), (3, 1)):
        known = datetime(2026, 4, 2, hour, tzinfo=UTC)
        answer = frames.open_items(frame, as_of=AS_OF, known_at=known, **engine.ints)
        assert len(engine.rows(answer)) == found


def test_moments_are_no_days(engine):
    """The day of a moment depends on the place: one engine would say the last of March, another the first of April."""
    late = pa.array([datetime(2026, 4, 1, 3, tzinfo=UTC)], pa.timestamp("us", tz="America/Mexico_City"))  # fmt: skip
    frame = engine.frame(facts(posting_date=late))
    if engine.name == "spark":
        assert engine.rows(frames.open_items(frame, as_of=AS_OF)) == []  # its session is in UTC
        return
    with pytest.raises(
        UnfitFrame, match=r"posting_date of facts holds moments in .*; turn them into dates"
    ):
        frames.open_items(frame, as_of=AS_OF, **engine.ints)


def test_encoded_texts_are_texts(engine):
    """Categories, dictionaries and enums, with values that no row has and rows that have none."""
    table = items(
        ("C1", "MXN", AS_OF, D(5)), (None, "MXN", AS_OF, D(7)), ("C1", "USD", AS_OF, D(9))
    )
    for name in ("customer", "currency", "item_id"):
        index = table.column_names.index(name)
        table = table.set_column(index, name, table[name].dictionary_encode())
    if engine.name == "spark":  # it has no such type
        table = items(
            ("C1", "MXN", AS_OF, D(5)), (None, "MXN", AS_OF, D(7)), ("C1", "USD", AS_OF, D(9))
        )
    rows = aged(engine, table)
    assert [(row["customer"], row["currency"], row["total"]) for row in rows] == [
        ("C1", "MXN", D(5)), (None, "MXN", D(7)), ("C1", "USD", D(9)),
    ]  # fmt: skip


def test_a_sum_past_38_digits_is_never_a_number(engine):
    """Polars and Arrow wrap there silently; an amount of more digits than fit is refused before it is summed."""
    if engine.scale is not None:
        return  # 64 bits hold no such amount
    table = items(*[("C1", "MXN", AS_OF, D(9) * 10**34)] * 12, kind=pa.decimal128(38, 2))
    with pytest.raises(Exception) as caught:  # noqa: PT011 - each engine has an error of its own for it
        aged(engine, table)
    assert not isinstance(caught.value, AssertionError)


def test_small_whole_numbers_do_not_overflow(engine):
    """Three times two thousand million fit no 32 bits."""
    rows = [("C1", "MXN", AS_OF, 2_000_000_000)] * 3
    found = frames.age(engine.frame(items(*rows, kind=pa.int32())), as_of=AS_OF, scale=0)
    assert [it["total"] for it in engine.rows(found)] in ([6_000_000_000], [D("6000000.000")])


def test_not_a_number_is_no_amount_and_no_empty_cell(engine):
    table = items(("C1", "MXN", AS_OF, float("nan")), kind=pa.float64())
    if engine.lazy:
        with pytest.raises(NotAnAmount, match="Float64"):
            frames.age(engine.frame(table), as_of=AS_OF, **engine.ints)
        return
    frame = engine.frame(table)
    if engine.name in {"pandas-numpy", "pandas-int64"}:  # where NaN and nothing are one
        [row] = engine.rows(frames.age(frame, as_of=AS_OF, rounding=Rounding.HALF_UP))
        assert (row["total"], row["items"]) == (0, 1)
        return
    with pytest.raises(NotAnAmount, match="holds NaN or Infinity"):
        frames.age(frame, as_of=AS_OF, rounding=Rounding.HALF_UP)


def test_rates_never_divide_in_an_engine(engine):
    """A third of a cent and two thirds: rounded once, in Python, to a decimal; never a float."""
    from fractions import Fraction

    import receivables as ar

    table = items(("C1", "MXN", AS_OF, D("0.01")), ("C2", "MXN", AS_OF, D("0.01")))
    matrix = ar.ProvisionMatrix.of({"current": Fraction(1, 3), ">0": Fraction(2, 3)})
    found, _ = frames.measure_provision(engine.frame(table), matrix, as_of=AS_OF, **engine.ints)
    [row] = engine.rows(found)
    assert (row["rate"], row["allowance"]) == (D("0.33333333"), D("0.01"))


def test_the_undated_stand_last_in_line(engine):
    """Nothing sorts first on one engine and last on another."""
    table = items(("C1", "MXN", None, D(50)), ("C1", "MXN", date(2026, 9, 1), D(50)))
    payments = pa.table({
        "payment_id": ["R-1"], "customer": ["C1"], "currency": ["MXN"], "posting_date": [AS_OF],
        "amount": pa.array([D(60)], pa.decimal128(21, 3)),
    })  # fmt: skip
    found = frames.allocate_oldest_first(engine.frame(table), engine.frame(payments), **engine.ints)
    told = sorted((row["item_id"], row["amount"]) for row in engine.rows(found))
    assert told == [("F-0", D("10.000")), ("F-1", D("50.000"))]
