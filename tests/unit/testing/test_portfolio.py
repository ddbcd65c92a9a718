"""Made-up portfolios: the same from one seed everywhere, lawful, realistic, and dirty on request."""

import csv
import hashlib
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from receivables import Subledger
from receivables.errors import NoSuchColumn, UnreadableSource
from receivables.testing import make_portfolio
from receivables.testing.dirt import KINDS

SMALL = make_portfolio(customers=20, invoices=1500, seed=3)


def test_one_seed_makes_one_portfolio_everywhere():
    """The rows of a seed are fixed; change them on purpose only."""
    told = hashlib.sha256(
        "\n".join(map(str, make_portfolio(3, 30, seed=5).rows())).encode()
    ).hexdigest()
    assert told[:16] == "1fcc66bf0dc34362"
    assert make_portfolio(3, 30, seed=5).facts != make_portfolio(3, 30, seed=6).facts


def test_every_law_holds_for_every_known_at():
    assert Subledger.load(SMALL.facts)[1] == ()


def test_it_holds_as_many_invoices_as_asked_for():
    kinds = Counter(fact.kind for fact in SMALL.facts)
    assert kinds["invoice"] + kinds["debit_memo"] == 1500
    assert kinds["customer"] >= 20
    assert {"payment", "allocation", "credit_memo", "reversal", "write_off"} <= set(kinds)
    assert max(it.posting_date for it in SMALL.facts if it.kind != "customer") <= SMALL.last_day


def test_dirt_changes_the_rows_and_not_the_facts():
    dirty = make_portfolio(customers=20, invoices=1500, seed=3, dirt=["all"])
    assert dirty.facts == SMALL.facts
    assert dirty.dirt == tuple(KINDS)
    assert list(dirty.rows()) != list(SMALL.rows())
    assert list(dirty.rows()) == list(dirty.rows())


def rows(*kinds):
    return list(make_portfolio(customers=20, invoices=1500, seed=3, dirt=kinds).rows())


CLEAN = list(SMALL.rows())


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        ("duplicates", lambda it: len(it) > len({tuple(row.items()) for row in it})),
        (
            "float-ids",
            lambda it: all(row["id"].endswith(".0") and row["id"][:-2].isdigit() for row in it),
        ),
        (
            "padded-customers",
            lambda it: {len(row["customer"]) for row in it if "customer" in row} == {10},
        ),
        (
            "trailing-spaces",
            lambda it: any(row.get("customer_name", "").endswith(" ") for row in it),
        ),
        ("names-vary", lambda it: len({row.get("customer_name") for row in it}) > 40),
        (
            "due-before-posting",
            lambda it: any(row.get("due_date", "9") < row["posting_date"] for row in it),
        ),
        (
            "missing-due",
            lambda it: (
                sum("due_date" not in row for row in it)
                > sum("due_date" not in row for row in CLEAN)
            ),
        ),
        ("missing-payments", lambda it: count(it, "payment") < count(CLEAN, "payment")),
        ("outside-documents", lambda it: count(it, "invoice") < count(CLEAN, "invoice")),
        ("over-applied", lambda it: total(it, "allocation") > total(CLEAN, "allocation")),
        (
            "binary-noise",
            lambda it: any(len(row.get("amount", "").partition(".")[2]) > 6 for row in it),
        ),
        (
            "compact-dates",
            lambda it: all(row["due_date"].endswith(".0") for row in it if "due_date" in row),
        ),
        ("conflicting", lambda it: len({row["id"] for row in it}) < len(it) - count_parts(it)),
    ],
)
def test_each_kind_of_dirt_is_seen_only_when_asked_for(kind, seen):
    assert seen(rows(kind))
    assert not seen(CLEAN)


def count(rows, kind):
    return sum(row["kind"] == kind for row in rows)


def count_parts(rows):
    """Return how many rows are a second or later instalment."""
    return sum(
        int(row["instalment"]) > 1
        for row in rows
        if row["kind"] in {"invoice", "debit_memo"} and "instalment" in row
    )


def total(rows, kind):
    return sum(Decimal(row["amount"]) for row in rows if row["kind"] == kind)


def test_a_kind_of_dirt_that_is_not_there_is_named():
    with pytest.raises(NoSuchColumn, match=r"^no kind of dirt 'mud'; there are duplicates, "):
        make_portfolio(2, 2, dirt=["mud"])


@pytest.mark.parametrize(("ending", "separator"), [(".csv", ","), (".tsv", "\t"), (".CSV", ",")])
@pytest.mark.parametrize("kind", [Path, str])
def test_it_is_written_as_a_text_table(tmp_path, ending, separator, kind):
    path = tmp_path / f"portfolio{ending}"
    assert SMALL.write(kind(path)) == len(CLEAN)
    with path.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file, delimiter=separator)
        read = [{name: cell for name, cell in row.items() if cell} for row in table]
    assert read == CLEAN


@pytest.mark.parametrize("name", ["facts.parquet", "facts.xlsx", "facts"])
def test_an_ending_that_is_no_text_table_s_is_refused_before_anything_is_written(tmp_path, name):
    with pytest.raises(UnreadableSource) as raised:
        SMALL.write(tmp_path / name)
    assert str(raised.value) == (
        f"{name} has the ending {Path(name).suffix!r}; a portfolio is written as a text table, .csv or .tsv"
    )
    assert list(tmp_path.iterdir()) == []
