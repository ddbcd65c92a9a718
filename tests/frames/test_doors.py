"""Which libraries a frame brings in, and where a frame is led that was given to a function of objects."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest
from tests.frames.conftest import ENGINES
from tests.frames.stories import common_table, gathered

import receivables as ar
from receivables.errors import UnfitFrame

LIBRARIES = (
    "{'numpy', 'pandas', 'polars', 'pyarrow', 'duckdb', 'pyspark', 'dask', 'sqlframe', 'narwhals'}"
)
BLOCK = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocked())
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name in BLOCKED else found(name, package)
"""
ASK = """
from datetime import date
import receivables as ar
day = date(2026, 3, 31)
matrix = ar.ProvisionMatrix.of({"current": "0.01", ">0": "0.1"})
frames = ar.frames
items = frames.open_items(facts, as_of=day)
for answer in (
    items, frames.age(items, as_of=day), frames.measure_provision(items, matrix, as_of=day)[0],
    frames.age(items, as_of=day, credits="netted"), frames.kpis(facts, start=date(2026, 3, 1), as_of=day),
    frames.check(facts), frames.snapshots(facts, [day, date(2026, 2, 28)]),
    frames.roll_rates(facts, [day, date(2026, 2, 28)]),
    frames.allocate_oldest_first(items, payments),
):
    print(len(rows(answer)), end=" ")
"""
POLARS = """
import polars as pl
row = {"id": "F-1", "kind": "invoice", "customer": "C1", "currency": "MXN", "amount": "100.00",
       "posting_date": "2026-01-10", "due_date": "2026-02-09"}
typed = [pl.col("amount").str.to_decimal(scale=2), pl.col("posting_date", "due_date").str.to_date()]
facts = pl.DataFrame([row]).with_columns(*typed)
payments = facts.select(pl.col("id").alias("payment_id"), "customer", "currency", "amount", "posting_date")
rows = lambda it: (it.collect() if isinstance(it, pl.LazyFrame) else it).rows()
"""
DUCKDB = """
import duckdb
held = duckdb.connect()
facts = held.sql("select 'F-1' as id, 'invoice' as kind, 'C1' as customer, 'MXN' as currency, 100.00::decimal(18,2) as amount, date '2026-01-10' as posting_date, date '2026-02-09' as due_date")
payments = facts.select("id as payment_id, customer, currency, amount, posting_date")
rows = lambda it: it.fetchall()
"""


def run(script):
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_the_library_alone_loads_no_data_frame_library():
    told = f"import sys, receivables as ar; ar.Money('1', 'MXN'); print(sorted({LIBRARIES} & set(sys.modules)), end=' ')"
    assert run(f"{told}; ar.frames; print(sorted({LIBRARIES} & set(sys.modules)))") == "[] ['narwhals']\n"  # fmt: skip


@pytest.mark.parametrize(
    ("name", "made"),
    [("polars", POLARS), ("polars", f"{POLARS}facts, payments = facts.lazy(), payments.lazy()"), ("duckdb", DUCKDB)],
    ids=["polars", "polars-lazy", "duckdb"],
)  # fmt: skip
def test_a_frame_needs_no_library_but_its_own(name, made):
    """Every question is answered where all the others cannot be imported."""
    pytest.importorskip(name)
    others = f"BLOCKED = {LIBRARIES} - {{{name!r}, 'narwhals'}}"
    told = run(f"{others}\n{BLOCK}\n{made}\n{ASK}\nprint(sorted(BLOCKED & set(sys.modules)))")
    assert told == "1 1 1 1 30 0 2 1 1 []\n"


@pytest.mark.parametrize("name", ["pyarrow", "pandas-numpy", "polars", "polars-lazy", "duckdb"])
def test_objects_are_told_where_frames_go(name):
    if name not in ENGINES:
        pytest.skip(f"{name} is not installed")
    frame = ENGINES[name].frame(common_table(gathered()[:2]))
    day, matrix = date(2026, 3, 31), ar.ProvisionMatrix.of({"current": "0.01", ">0": "0.1"})
    for ask, what, instead in (
        (lambda: ar.age(frame), "items", "age"),
        (lambda: ar.measure_provision(frame, ar.ProvisionPolicy(matrix)), "items", "measure_provision"),
        (lambda: ar.measure_kpis(frame, start=day, as_of=day), "books", "kpis"),
        (lambda: ar.propose_allocations(frame, []), "payments", "allocate_oldest_first"),
        (lambda: ar.propose_allocations([], frame), "items", "allocate_oldest_first"),
        (lambda: ar.Subledger.of(frame), "facts", "open_items"),
        (lambda: ar.Subledger.load(frame), "facts", "open_items"),
    ):  # fmt: skip
        with pytest.raises(UnfitFrame, match=rf"^{what} are a \w+ of \w+; receivables\.frames\.{instead} takes data frames"):  # fmt: skip
            ask()
