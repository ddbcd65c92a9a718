"""`receivables age --engine`: the same answer as without, from Parquet, on each engine."""

from __future__ import annotations

import json

import pytest

from receivables import Subledger
from receivables.cli.app import run
from receivables.testing import make_portfolio

pq = pytest.importorskip("pyarrow.parquet", reason="Parquet needs pyarrow (extra `parquet`)")

from receivables.frames import facts_table, open_items  # noqa: E402

ASKED = ("--as-of", "2026-03-31")


@pytest.fixture(scope="module")
def table():
    made = make_portfolio(customers=12, invoices=150, seed=5)
    books = Subledger.of(fact for fact in made.facts if fact.kind != "customer")
    return facts_table(books.facts)


@pytest.fixture
def cli(capsys):
    def call(*words):
        status = run([str(word) for word in words])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return call


@pytest.fixture(params=["duckdb", "polars"])
def engine(request):
    pytest.importorskip(request.param, reason=f"{request.param} is not installed")
    return request.param


@pytest.mark.parametrize(
    "more", [(), ("--credits", "netted"), ("--by", "kind,customer", "--credits", "own-date")]
)
def test_the_answer_is_the_same_as_without(cli, table, engine, tmp_path, more):
    pq.write_table(table, tmp_path / "facts.parquet")
    asked = ("age", tmp_path / "facts.parquet", *ASKED, "--format", "json", *more)
    status, plain, _ = cli(*asked)
    assert status == 0
    status, streamed, err = cli(*asked, "--engine", engine)
    assert status == 0
    assert err.splitlines() == [
        f"facts.parquet: read as a facts table by {engine}",
        f"{table.num_rows} rows = {table.num_rows} accepted + 0 duplicates + 0 quarantined",
    ]
    want, got = json.loads(plain), json.loads(streamed)
    assert len(got["rows"]) >= 10
    for row in (*want["rows"], *want["totals"]):
        row.pop("weighted_days")
    for part in ("as_of", "buckets", "rows", "totals"):
        assert got[part] == want[part]


def test_a_folder_of_open_items(cli, table, engine, tmp_path):
    items = open_items(table, as_of=make_portfolio(customers=1, invoices=1).last_day)
    half = items.num_rows // 2
    (tmp_path / "pulled").mkdir()
    pq.write_table(items.slice(0, half), tmp_path / "pulled" / "1.parquet")
    pq.write_table(items.slice(half), tmp_path / "pulled" / "2.parquet")
    pq.write_table(table, tmp_path / "facts.parquet")
    status, out, err = cli(
        "age", tmp_path / "pulled", *ASKED, "--engine", engine, "--format", "csv"
    )
    assert (status, err.splitlines()[0]) == (0, f"pulled: read as an open-items table by {engine}")
    assert out == cli("age", tmp_path / "facts.parquet", *ASKED, "--format", "csv")[1]


def test_rows_that_break_a_rule_are_named_and_refused(cli, table, engine, tmp_path):
    index = table.column_names.index("currency")
    wrong = table.set_column(index, "currency", [["XXQ", *table["currency"].to_pylist()[1:]]])
    pq.write_table(wrong, tmp_path / "facts.parquet")
    status, out, err = cli("age", tmp_path / "facts.parquet", *ASKED, "--engine", engine)
    assert (status, out) == (2, "")
    assert "unknown-currency (currency XXQ)" in err
    assert "without --engine they are set aside one by one" in err


def test_what_an_engine_does_not_read_is_refused(cli, root, tmp_path):
    status, _, err = cli("age", root / "tests/data/template.csv", *ASKED, "--engine", "duckdb")
    assert (status, err) == (
        2,
        "receivables: template.csv holds no Parquet; --engine reads a .parquet file or a folder of them, anything else is read without it\n",
    )
    status, _, err = cli("age", tmp_path / "none.parquet", *ASKED, "--engine", "duckdb")
    assert (status, err) == (
        2,
        f"receivables: {tmp_path / 'none.parquet'} is not there; check the path\n",
    )
    pq.write_table(open_items_like(), tmp_path / "a.parquet")
    status, _, err = cli("age", tmp_path / "a.parquet", *ASKED, "--engine", "dask")
    assert (status, err) == (2, "receivables: no engine 'dask'; there are duckdb, polars, spark\n")
    status, _, err = cli("age", tmp_path / "a.parquet", *ASKED, "--engine", "polars")
    assert (status, err) == (
        2,
        "receivables: a.parquet is neither a facts table nor an open-items table; it has name\n",
    )
    status, _, err = cli(
        "age", tmp_path / "a.parquet", *ASKED, "--engine", "polars", "--mapping", "ibm"
    )
    assert (status, err) == (
        2,
        "receivables: --engine reads our own tables as they are; leave --mapping, --customers and --drawn-on out\n",
    )


def open_items_like():
    import pyarrow as pa

    return pa.table({"name": ["x"]})
