"""Tables to measure on, made in Arrow without a loop over rows, the same for every run."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

AS_OF = date(2026, 6, 30)
DAY0 = (AS_OF - date(1970, 1, 1)).days
CUSTOMERS = 100_000
EDGES = (0, 30, 60, 90, 120)
LABELS = ("current", "1-30", "31-60", "61-90", "91-120", ">120")


def chance() -> np.random.Generator:
    """Return the one source of chance."""
    return np.random.default_rng(7)


def decimals(units: np.ndarray, digits: int = 18, scale: int = 2) -> pa.Array:
    """Return whole cents as decimals."""
    words = np.empty((len(units), 2), np.int64)
    words[:, 0], words[:, 1] = units, units >> 63
    return pa.Array.from_buffers(
        pa.decimal128(digits, scale), len(units), [None, pa.py_buffer(words)]
    )


def names(prefix: str, numbers: np.ndarray) -> pa.Array:
    """Return a prefix with each number behind it."""
    return pc.binary_join_element_wise(prefix, pa.array(numbers).cast(pa.string()), "")


def days(numbers: np.ndarray) -> pa.Array:
    """Return days since 1970 as dates."""
    return pa.array(numbers.astype(np.int32)).cast(pa.date32())


def items(count: int) -> pa.Table:
    """Return open items of 100,000 customers, 7 % of them credits; keys are dictionary-encoded."""
    rng = chance()
    customer = rng.integers(0, CUSTOMERS, count).astype(np.int32)
    home = rng.choice(3, CUSTOMERS, p=[0.6, 0.3, 0.1])
    units = np.maximum(1, np.exp(rng.normal(10.8, 1.4, count))).astype(np.int64)
    units = np.where(rng.random(count) < 0.07, -(units // 3) - 1, units)
    due = DAY0 - rng.gamma(1.3, 60, count) + rng.integers(0, 75, count)
    keys = pa.DictionaryArray.from_arrays(pa.array(customer), names("C", np.arange(CUSTOMERS)))
    codes = pa.DictionaryArray.from_arrays(
        pa.array(home[customer].astype(np.int8)), pa.array(["EUR", "USD", "MXN"])
    )
    return pa.table(
        {
            "customer": keys,
            "currency": codes,
            "due_date": days(due),
            "open_amount": decimals(units),
        }
    )


def plain(table: pa.Table) -> pa.Table:
    """Return a table whose dictionary-encoded columns are texts."""
    made = {
        name: column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        for name, column in zip(table.column_names, table.columns, strict=True)
    }
    return pa.table(made)


def sides(count: int) -> tuple[pa.Table, pa.Table]:
    """Return open items and three payments for every five of them, fifty items a customer."""
    rng = chance()
    customers = CUSTOMERS * count // 5_000_000 + 1

    def side(size: int, key: str, day: str, amount: str, largest: int) -> pa.Table:
        customer = pa.array(rng.integers(0, customers, size).astype(np.int32))
        whose = pa.DictionaryArray.from_arrays(customer, names("C", np.arange(customers)))
        currency = pa.DictionaryArray.from_arrays(
            pa.array(np.zeros(size, np.int8)), pa.array(["MXN"])
        )
        return pa.table({
            key: names(key[0].upper() + "-", np.arange(size)),
            "customer": whose,
            "currency": currency,
            day: days(DAY0 - rng.integers(0, 400, size)),
            amount: decimals(rng.integers(1, largest, size)),
        })  # fmt: skip

    owed = side(count, "item_id", "due_date", "open_amount", 10**6)
    return owed, side(count * 3 // 5, "payment_id", "posting_date", "amount", 2 * 10**6)


def ledger(count: int) -> pa.Table:
    """Return facts: `count` invoices, and payments each allocated once, in all four facts an invoice."""
    rng = chance()
    posted = DAY0 - rng.integers(0, 720, count)
    due = posted + rng.choice([0, 14, 30, 60], count)
    units = np.maximum(2, np.exp(rng.normal(10.8, 1.4, count))).astype(np.int64)
    uses = count * 3 // 2
    target = rng.integers(0, count, uses)
    shares = np.bincount(target, minlength=count)
    used = np.maximum(units[target] // (shares[target] + 1), 1)
    on = np.maximum(due[target] + rng.gamma(1.2, 40, uses).astype(np.int64) - 10, posted[target])
    owner = names("C", rng.integers(0, CUSTOMERS, count))
    nobody, nothing, never = pa.nulls(count, pa.string()), pa.nulls(uses, pa.string()), pa.nulls(uses, pa.date32())  # fmt: skip
    invoice, payment = names("F", np.arange(count)), names("R", np.arange(uses))
    paying, paid = owner.take(pa.array(target)), invoice.take(pa.array(target))
    parts = [
        (invoice, "invoice", owner, units, days(posted), days(due), nobody, nobody),
        (payment, "payment", paying, used, days(on), never, nothing, nothing),
        (names("A", np.arange(uses)), "allocation", nothing, used, days(on), never, payment, paid),
    ]
    tables = [
        pa.table(
            {
                "id": id_,
                "kind": pa.repeat(kind, len(id_)),
                "customer": customer,
                "currency": pa.repeat("MXN", len(id_)),
                "amount": decimals(amount),
                "posting_date": posting,
                "due_date": due_,
                "source_id": source,
                "target_id": aim,
                "reverses_id": pa.nulls(len(id_), pa.string()),
            }
        )
        for id_, kind, customer, amount, posting, due_, source, aim in parts
    ]
    table = pa.concat_tables(tables).combine_chunks()
    return table.take(pa.array(rng.permutation(table.num_rows)))
