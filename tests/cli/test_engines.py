"""`receivables age` by an engine: to the byte what the object core gives, asked for by name or for its size."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from tests.frames.stories import common_table, gathered

from receivables import Subledger
from receivables.cli import tables
from receivables.cli.app import run
from receivables.testing import books, make_portfolio
from receivables.testing.dirt import KINDS

pa = pytest.importorskip("pyarrow", reason="Parquet needs pyarrow (extra `parquet`)")
pq = pytest.importorskip("pyarrow.parquet", reason="Parquet needs pyarrow (extra `parquet`)")
pacsv = pytest.importorskip("pyarrow.csv", reason="Parquet needs pyarrow (extra `parquet`)")

from receivables.frames import age, facts_table, open_items  # noqa: E402

DAY = date(2026, 3, 31)
ASKED = ("--as-of", str(DAY))
QUESTIONS = [
    (),
    ("--credits", "netted"),
    ("--by", "kind,customer", "--credits", "own-date"),
    ("--by", "currency,kind", "--basis", "document", "--buckets", "0,7,15"),
    ("--by", "customer,currency", "--basis", "posting", "--buckets", "tryton"),
]
FORMATS = ("json", "csv", "table", "html")
BILL = {"id": "F-1", "kind": "invoice", "customer": "C1", "currency": "MXN", "amount": "10.00", "posting_date": "2026-01-05"}  # fmt: skip


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


@pytest.fixture
def files(table, tmp_path):
    pq.write_table(table, tmp_path / "facts.parquet")
    write_csv(table, tmp_path / "facts.csv")
    return {ending: tmp_path / f"facts.{ending}" for ending in ("parquet", "csv")}


def write_csv(table, path, separator=","):
    """Write a table the way we write it ourselves."""
    text = {False: "false", True: "true", None: ""}
    with path.open("w", encoding="utf-8", newline="") as file:
        import csv

        writer = csv.writer(file, delimiter=separator, lineterminator="\n")
        writer.writerow(table.column_names)
        for row in table.to_pylist():
            writer.writerow([text[it] if isinstance(it, bool | None) else plain(it) for it in row.values()])  # fmt: skip


def plain(cell):
    if isinstance(cell, Decimal):
        short = cell.normalize()
        return f"{short.quantize(Decimal('0.01')) if short.as_tuple().exponent > -2 else short:f}"
    return cell.isoformat() if hasattr(cell, "isoformat") else str(cell)


@pytest.mark.parametrize(
    ("ending", "more", "how"),
    [*(("parquet", it, "json") for it in QUESTIONS), ("csv", (), "json"), ("csv", QUESTIONS[1], "table")],
)  # fmt: skip
def test_the_answer_is_the_same_to_the_byte(cli, table, files, engine, ending, more, how):
    asked = ("age", files[ending], *ASKED, "--format", how, *more)
    status, plain_, _ = cli(*asked)
    assert (status, len(plain_) > 500) == (0, True)
    status, streamed, err = cli(*asked, "--engine", engine)
    assert status == 0
    assert err.startswith(f"facts.{ending}: read as a facts table by {engine}\n")
    assert streamed == plain_


def test_known_at_is_asked_of_text_too(cli, files, engine):
    asked = ("age", files["csv"], *ASKED, "--format", "json", "--known-at", "2026-02-01T12:00:00Z")
    want = cli(*asked)[1]
    assert cli(*asked, "--engine", engine)[1] == want
    assert want != cli(*asked[:-2])[1]


def test_a_folder_of_open_items(cli, table, engine, tmp_path):
    items = open_items(table, as_of=make_portfolio(customers=1, invoices=1).last_day)
    half = items.num_rows // 2
    (tmp_path / "drawn").mkdir()
    pq.write_table(items.slice(0, half), tmp_path / "drawn" / "1.parquet")
    pq.write_table(items.slice(half), tmp_path / "drawn" / "2.parquet")
    pq.write_table(table, tmp_path / "facts.parquet")
    status, out, err = cli("age", tmp_path / "drawn", *ASKED, "--engine", engine, "--format", "csv")
    assert (status, err.splitlines()[0]) == (0, f"drawn: read as an open-items table by {engine}")
    assert out == cli("age", tmp_path / "facts.parquet", *ASKED, "--format", "csv")[1]
    status, _, err = cli("age", tmp_path / "drawn", *ASKED)
    assert (status, err) == (
        2,
        "receivables: folder drawn has the tables 1.parquet, 2.parquet; give one file, or --engine duckdb to read them as one table\n",
    )


@pytest.mark.parametrize("ending", ["parquet", "csv"])
@pytest.mark.parametrize("by", ["customer", "currency"])
def test_an_unidentified_payment_is_an_open_item(cli, engine, tmp_path, ending, by):
    """What `open_items` answers is read again whole, with the totals of `frames.age`, by objects and by an engine."""
    facts = books("""
        2026-01-10 invoice F-1 C001 100.00 MXN due=2026-02-09
        2026-02-10 payment R-1 ? 30.00 MXN
        2026-02-10 credit_memo M-1 C001 5.00 MXN
    """).facts
    items, path = open_items(facts_table(facts), as_of=DAY), tmp_path / f"items.{ending}"
    (pq.write_table if ending == "parquet" else write_csv)(items, path)
    asked = ("age", path, *ASKED, "--by", by, "--format", "json")
    status, out, _ = cli(*asked)
    answer = json.loads(out)
    assert (status, answer["input"]["accepted"], answer["input"]["quarantined"]) == (0, 3, 0)
    names = ("currency", "total", "items", "31-60", "credits")
    [wanted] = age(items, as_of=DAY, by="currency").to_pylist()
    assert [str(answer["totals"][0][name]) for name in names] == [str(wanted[name]) for name in names]  # fmt: skip
    assert cli(*asked, "--engine", engine)[:2] == (0, out)


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_a_pulled_folder_is_its_facts(cli, table, engine, tmp_path, ending):
    """With an engine and without; the other tables of the folder are no facts."""
    folder = tmp_path / "pulled"
    folder.mkdir()
    pq.write_table(table, folder / "facts.parquet")
    write_csv(table, folder / "facts.csv")
    (folder / "problems.csv").write_text("pull,place\n", encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps({"files": {f"facts.{ending}": {}, "problems.csv": {}}}))  # fmt: skip
    asked = ("age", folder, *ASKED, "--format", "json")
    status, plain_, _ = cli(*asked)
    assert (status, len(plain_) > 1000) == (0, True)
    assert cli(*asked, "--engine", engine)[:2] == (0, plain_)


def test_rows_that_break_a_rule_are_named_and_refused(cli, table, engine, tmp_path):
    index = table.column_names.index("currency")
    wrong = table.set_column(index, "currency", [["XXQ", *table["currency"].to_pylist()[1:]]])
    pq.write_table(wrong, tmp_path / "facts.parquet")
    status, out, err = cli("age", tmp_path / "facts.parquet", *ASKED, "--engine", engine)
    assert (status, out) == (2, "")
    assert "unknown-currency (currency XXQ)" in err
    assert "without --engine they are set aside one by one" in err


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("amount", "1,234.50"),
        ("amount", "1.23456"),
        ("posting_date", "01/02/2026"),
        ("customer", " C1"),
        ("customer", "'=C1"),
        ("recorded_at", "2024-10-08T09:00:00.000000+0000"),
        ("disputed", "True"),
    ],
)
def test_cells_that_need_reading_are_named_and_refused(cli, engine, tmp_path, name, cell):
    path = tmp_path / "facts.csv"
    write_csv(pa.Table.from_pylist([{**BILL, name: cell}]), path)
    status, out, err = cli("age", path, *ASKED, "--engine", engine)
    assert (status, out) == (2, "")
    assert err == (
        f"receivables: cells of facts.csv are not in our own writing: F-1: {name} {cell!r}; "
        "without --engine they are read one by one\n"
    )


def test_cells_in_another_writing_are_read_without_an_engine(cli, engine, tmp_path):
    """Refused for their writing alone; an id stands once in what is told, with its cells."""
    ours, theirs = tmp_path / "ours.csv", tmp_path / "theirs.csv"
    told = {"recorded_at": "2024-10-08T09:00:00+00:00", "disputed": "true"}
    write_csv(pa.Table.from_pylist([{**BILL, **told}]), ours)
    told = {"recorded_at": "2024-10-08T09:00:00.000000+0000", "disputed": "True"}
    write_csv(pa.Table.from_pylist([{**BILL, **told}]), theirs)
    status, _, err = cli("age", theirs, *ASKED, "--engine", engine)
    assert (status, err.count("F-1")) == (2, 1)
    assert all(repr(it) in err for it in told.values())
    status, _, err = cli("age", theirs, *ASKED, "--engine", engine, "--problems", "1")
    assert (status, " and more; without --engine" in err) == (2, True)
    status, out, _ = cli("age", theirs, *ASKED, "--format", "csv")
    assert (status, out) == cli("age", ours, *ASKED, "--engine", engine, "--format", "csv")[:2]
    assert "10.00" in out


def test_an_id_is_named_once_with_all_its_broken_rules(cli, engine, tmp_path):
    path = tmp_path / "facts.csv"
    write_csv(pa.Table.from_pylist([{**BILL, "currency": "XXQ", "amount": "-1.00"}]), path)
    status, _, err = cli("age", path, *ASKED, "--engine", engine)
    assert (status, err.count("F-1")) == (2, 1)
    assert "not-positive (amount -1.0000), unknown-currency (currency XXQ); without --engine they are set aside" in err  # fmt: skip


def test_amounts_whose_point_may_be_of_thousands_are_refused(cli, engine, tmp_path):
    path = tmp_path / "facts.csv"
    head = "id,kind,customer,currency,amount,posting_date\nF-1,invoice,C1,KWD,1.234,2026-01-05\n"
    path.write_text(head, encoding="utf-8")
    status, _, err = cli("age", path, *ASKED, "--engine", engine)
    assert (status, "amount of facts.csv has amounts such as 1.234 alone" in err) == (2, True)
    path.write_text(f"{head}F-2,invoice,C1,KWD,2.50,2026-01-05\n", encoding="utf-8")
    asked = ("age", path, *ASKED, "--format", "json")
    assert cli(*asked, "--engine", engine)[:2] == cli(*asked)[:2]
    assert '"total": "3.734"' in cli(*asked)[1]


def test_what_an_engine_does_not_read_is_refused(cli, root, tmp_path):
    status, _, err = cli("age", root / "pyproject.toml", *ASKED, "--engine", "duckdb")
    assert (status, err) == (
        2,
        "receivables: pyproject.toml holds no Parquet, CSV or TSV; --engine reads a file of them or a folder, anything else is read without it\n",
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
    return pa.table({"name": ["x"]})


# Above a stated size `age` asks DuckDB by itself. The answer must not depend on the size.


def above_and_below(cli, monkeypatch, *asked):
    """Return what is told below the size, and whether DuckDB told the same above it."""
    pytest.importorskip("duckdb")
    status, small, _ = cli(*asked)
    monkeypatch.setattr(tables, "LARGE", 0)
    large = cli(*asked)
    monkeypatch.undo()
    assert large[:2] == (status, small)
    return small, large[2]


@pytest.mark.parametrize("ending", ["parquet", "csv"])
@pytest.mark.parametrize("how", FORMATS)
def test_a_table_above_the_size_gives_the_same_answer(cli, monkeypatch, files, ending, how):
    for more in QUESTIONS[2:4] if how == "json" else QUESTIONS[:1]:
        small, told = above_and_below(
            cli, monkeypatch, "age", files[ending], *ASKED, "--format", how, *more
        )
        assert len(small) > 500
        assert told.startswith(f"facts.{ending}: read as a facts table by duckdb\n")


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_so_do_all_generated_subledgers(cli, monkeypatch, tmp_path, ending):
    """Where taxes are told, the object core has to check them."""
    path = tmp_path / f"facts.{ending}"
    plain_ones = [
        facts for facts in gathered() if not any(getattr(it, "taxes", ()) for it in facts)
    ]
    table = common_table(plain_ones)
    assert len(plain_ones) > 100
    (pq.write_table if ending == "parquet" else write_csv)(table, path)
    asked = ("age", path, "--as-of", "2026-06-30", "--format", "json")
    small, _ = above_and_below(cli, monkeypatch, *asked)
    assert len(json.loads(small)["rows"]) > 100


@pytest.mark.parametrize("kind", [None, *KINDS])
def test_dirt_is_left_to_the_object_core(cli, monkeypatch, tmp_path, kind):
    """Whatever is wrong with a file, its size changes nothing in the answer."""
    path = tmp_path / "portfolio.csv"
    make_portfolio(customers=6, invoices=60, seed=3, dirt=(kind,) if kind else ()).write(path)
    asked = ("age", path, *ASKED, "--format", "json")
    small, told = above_and_below(cli, monkeypatch, *asked)
    clean = json.loads(small)["input"]["quarantined"] == 0
    assert ("read row by row" in told) or clean


@pytest.mark.parametrize("tries", [6, pytest.param(150, marks=pytest.mark.slow)])
def test_cells_changed_at_random_change_nothing_but_the_answer(cli, monkeypatch, tmp_path, tries):
    """One cell at a time is overwritten by something odd: both ways still agree to the byte."""
    made = make_portfolio(customers=2, invoices=12, seed=11)
    write_csv(facts_table(it for it in made.facts if it.kind != "customer"), tmp_path / "facts.csv")
    chance, rows = Random(7), (tmp_path / "facts.csv").read_text(encoding="utf-8").splitlines()  # noqa: S311
    odd = ["", "x", "0", "-5.00", "1.005", "2026-02-31", "1969-12-31", "2026-12-31", " C1", "net 30",
           "invoice", "payment", "F-1", "KWD", "mxn", "1", "2", "true", "9" * 20, "ñandú", "A\u0301", "{}"]  # fmt: skip
    names = rows[0].split(",")
    by_engine = 0
    for _ in range(tries):
        line = chance.randrange(1, len(rows))
        cells = rows[line].split(",")
        cells[chance.randrange(len(names))] = chance.choice(odd)
        path = tmp_path / "changed.csv"
        path.write_text("\n".join([*rows[:line], ",".join(cells), *rows[line + 1 :], ""]), encoding="utf-8")  # fmt: skip
        _, told = above_and_below(cli, monkeypatch, "age", path, *ASKED, "--format", "json")
        by_engine += "by duckdb" in told
    assert 1 <= by_engine < tries
