"""The merge of oldest-first allocation: what it pays, to whom, and how groups are numbered."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import frames
from receivables.frames.kernels import merge, threads
from receivables.frames.kernels.keys import shared_codes

GROUPS = 4
SIDES = st.lists(
    st.tuples(
        st.integers(0, GROUPS - 1),
        st.integers(0, 3),
        st.integers(0, 99).map("I-{}".format),  # I-10 comes before I-9
        st.integers(1, 9),
    ),
    unique_by=lambda it: it[2],
)


def side(rows):
    groups, days, keys, amounts = zip(*rows, strict=True) if rows else ((), (), (), ())
    return merge.Side(
        np.array(groups, np.int64),
        np.array(days, np.int64),
        pa.array(keys, pa.string()),
        np.array(amounts, np.int64),
    )


def queues(rows):
    """Return the rows of each group, oldest first, then by key: their number and what is left of them."""
    found = defaultdict(list)
    for number, (group, *_, amount) in sorted(enumerate(rows), key=lambda it: it[1]):
        found[group].append([number, amount])
    return found


def by_hand(owed, paid):
    theirs, found = queues(paid), []
    for group, line in queues(owed).items():
        for number, left in line:
            rest = left
            while rest and theirs[group]:
                head = theirs[group][0]
                used = min(rest, head[1])
                found.append((number, head[0], used, group))
                rest, head[1] = rest - used, head[1] - used
                if not head[1]:
                    theirs[group].pop(0)
    return sorted(found)


@pytest.mark.parametrize("worth_it", [0, threads.WORTH_IT])
@given(owed=SIDES, paid=SIDES)
def test_the_pieces_are_those_of_two_queues(worth_it, owed, paid):
    """On one processor and on two."""
    with patch.object(threads, "WORTH_IT", worth_it):
        found = merge.pieces(side(owed), side(paid), GROUPS)
    rows = sorted(zip(*(it.tolist() for it in found), strict=False))
    assert [(x, y, amount, group) for x, y, amount, group in rows] == by_hand(owed, paid)


def table(key, day, amount, customers, currencies):
    count = len(customers)
    return pa.table({
        key: [f"{key}-{n}" for n in range(count)],
        "customer": customers,
        "currency": currencies,
        day: pa.array([date(2026, 1, 1)] * count),
        amount: pa.array([Decimal("1.00")] * count, pa.decimal128(9, 2)),
    })  # fmt: skip


def allocated(customers, currencies, others, other_currencies):
    owed = table("item_id", "due_date", "open_amount", customers, currencies)
    paid = table("payment_id", "posting_date", "amount", others, other_currencies)
    found = frames.allocate_oldest_first(owed, paid)
    pairs = zip(found["customer"].to_pylist(), found["currency"].to_pylist(), strict=True)
    return sorted(pairs, key=str), found.schema


def test_many_currencies_of_many_customers_are_numbered_by_the_pairs_there_are():
    """Sixty customers of a currency each could make 3,600 groups; there are sixty."""
    customers = [f"C{n}" for n in range(60)]
    currencies = [f"X{n:02}" for n in range(60)]
    found, _ = allocated(customers, currencies, customers[::-1], currencies[::-1])
    assert found == sorted(zip(customers, currencies, strict=True))


@pytest.mark.parametrize("both", [False, True])
def test_dictionaries_of_two_orders_are_one_set_of_customers(both):
    coded = pa.array(["C1", "C2", None]).dictionary_encode()
    other = pa.array(["C2", "C9", "C1"])
    other = other.dictionary_encode() if both else other
    mxn = pa.array(["MXN"] * 3)
    found, schema = allocated(coded, mxn, other, mxn)
    assert found == [("C1", "MXN"), ("C2", "MXN")]
    assert pa.types.is_dictionary(schema.field("customer").type)


def test_a_missing_currency_meets_a_missing_currency_alone():
    customers = pa.array(["C1", "C1"])
    found, _ = allocated(
        customers, pa.array([None, "MXN"]), customers, pa.array([None, None], pa.string())
    )
    assert found == [("C1", None)]


def test_values_are_numbered_alike_in_all_columns():
    first = pa.chunked_array([pa.array(["b", None]), pa.array(["a"])])
    second = pa.chunked_array([pa.array(["a", "b", "c", None], pa.large_string())])
    keys, (mine, theirs) = shared_codes(first, second)
    assert keys.to_pylist() == ["b", None, "a", "c"]
    assert (mine.tolist(), theirs.tolist()) == ([0, 1, 2], [2, 0, 3, 1])


def test_an_error_of_one_side_is_told():
    def fail():
        raise ValueError("of this side")

    with pytest.raises(ValueError, match="of this side"):
        threads.at_once(threads.WORTH_IT, lambda: 1, fail)
