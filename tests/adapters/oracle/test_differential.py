"""What is told to the double comes back: the same facts, and the same answers to the same questions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables import Customer, Subledger
from receivables.testing import make_portfolio
from receivables.testing.builders import facts
from receivables.testing.oracle import Modes, OracleDouble, enter, held, pulled

DAYS = [date(2024, 12, 31), date(2025, 6, 30), date(2025, 11, 15), date(2026, 3, 31)]
STORY = """
2026-01-10 customer   C001 name="Abarrotes Ñandú, S.A."
2026-01-10 invoice    F-1 C001 100.00 USD due=2026-02-09 company=1705.00MXN disputed
2026-01-10 invoice    F-2 C001 90.00 MXN instalments=30.00@2026-02-01,30.00@2026-03-01,30.00@2026-04-01
2026-01-11 invoice    F-3 C002 70.00 MXN net 30
2026-01-12 debit_memo D-1 C001 12.50 MXN net 15
2026-01-15 credit_memo M-1 C001 20.00 MXN
2026-01-16 allocation A-1 M-1 -> F-2 20.00 MXN
2026-02-01 payment    R-1 C001 50.00 MXN
2026-02-01 allocation A-2 R-1 -> F-2 35.00 MXN
2026-02-02 payment    R-2 C001 40.00 MXN on-account
2026-02-03 payment    R-3 ? 33.00 MXN
2026-02-04 payment    R-4 ? 70.00 MXN
2026-02-20 allocation A-3 R-4 -> F-3 70.00 MXN
2026-02-21 reversal   X-1 of A-3
2026-02-22 payment    R-5 C001 12.50 MXN
2026-02-22 allocation A-4 R-5 -> D-1 12.50 MXN
2026-02-23 reversal   X-2 of R-5 reason="no funds"
2026-02-24 adjustment J-1 on D-1 2.00 MXN reason="late fee" increase
2026-02-25 write_off  W-1 on D-1 0.50 MXN reason=small
2026-02-26 reversal   X-3 of W-1
2026-02-27 refund     B-1 of R-2 10.00 MXN
2026-02-27 invoice    F-4 C002 5.00 MXN net 30
2026-02-28 reversal   X-4 of F-4 reason="wrong customer"
2026-03-01 credit_memo M-2 C002 8.00 MXN
2026-03-02 adjustment J-2 on M-2 1.00 MXN
2026-03-03 reversal   X-5 of M-1
"""


def bare(fact):
    return (
        replace(fact, origin=None)
        if isinstance(fact, Customer)
        else replace(fact, origin=None, attributes=())
    )


def key(fact):
    return (fact.id, getattr(fact, "valid_from", None))


@pytest.mark.parametrize("framework", [1, 4])
@pytest.mark.parametrize(
    "told",
    [facts(STORY), make_portfolio(6, 150, seed=11).facts, make_portfolio(3, 80, seed=12).facts],
    ids=["story", "portfolio-11", "portfolio-12"],
)
def test_a_portfolio_told_to_the_double_is_pulled_back_as_the_same_facts(bench, told, framework):
    double = bench.double(told, modes=Modes(largest_page=37))
    pages = list(bench.source(double, framework=framework).pages())
    wanted = {key(it): it for it in pulled(held(told), double.tables.ids)}
    got = [bare(fact) for page in pages for fact in page.facts]
    assert [problem for page in pages for problem in page.problems] == []
    assert len(got) == len({key(it) for it in got})
    assert {key(it): it for it in got} == wanted


def balances(books, day, name_of=lambda it: it):
    """Sum what is open by document; what is cancelled against itself on both sides does not show."""
    found = defaultdict(lambda: None)
    for item in books.open_items(as_of=day):
        if item.open_amount:
            name = name_of(item.document.id)
            held_ = found[name]
            found[name] = item.open_amount if held_ is None else held_ + item.open_amount
    return dict(found)


@settings(max_examples=8)
@given(st.integers(0, 10_000))
def test_oracles_way_of_telling_it_leaves_every_balance_on_every_day_as_it_was(seed):
    told = make_portfolio(4, 40, seed=seed).facts
    before, after = Subledger.of(told), Subledger.of(held(told))
    for day in DAYS:
        assert balances(after, day) == balances(before, day)


def test_the_story_has_the_same_balances_told_pulled_and_loaded(bench):
    told = facts(STORY)
    double = bench.double(told)
    loaded = ar_load(bench.source(double))
    names = {pulled_id: fact_id for fact_id, pulled_id in double.tables.ids.items()}
    for day in (
        date(2026, 2, 1),
        date(2026, 2, 20),
        date(2026, 2, 22),
        date(2026, 2, 25),
        date(2026, 3, 31),
    ):
        assert balances(loaded.books, day, names.get) == balances(Subledger.of(told), day)
    assert str(loaded.tally).endswith("0 duplicates + 0 quarantined")


def test_the_story_shows_every_kind_it_is_there_for():
    kinds = {it.kind for it in held(facts(STORY))}
    assert kinds >= {
        "invoice",
        "debit_memo",
        "credit_memo",
        "payment",
        "allocation",
        "refund",
        "reversal",
        "adjustment",
    }
    assert {it.on_account for it in held(facts(STORY)) if it.kind == "payment"} == {True, False}


def ar_load(source):
    from receivables.adapters import load

    return load(source)


def test_aging_of_what_is_pulled_is_by_instalment_in_entered_currency(bench):
    loaded = ar_load(bench.source(bench.double(facts(STORY))))
    items = [
        it for it in loaded.open_items(as_of=date(2026, 3, 31)) if it.reference in {"F-1", "F-2"}
    ]
    told = sorted(
        (it.reference, str(it.open_amount), it.days_past_due) for it in items if it.open_amount
    )
    # M-1, reversed, gives its 20.00 back; R-1 paid 35.00, the oldest due first
    assert [it for it in told if it[0] == "F-1"] == [("F-1", "100.00 USD", 50)]
    assert sum(Decimal(amount.split()[0]) for name, amount, _ in told if name == "F-2") == Decimal(
        "55.00"
    )
    assert {days for name, _, days in told if name == "F-2"} <= {58, 30, -1}


def test_twenty_thousand_invoices_arrive_once_each_from_clamped_and_unordered_pages(bench):
    from receivables.testing.oracle import Tables

    tables = Tables()
    template = held(
        facts("2026-01-10 customer C001\n2026-01-10 invoice F-1 C001 100.00 MXN net 30")
    )
    enter(tables, template)
    first = tables.key("F-1")
    for _ in range(19_999):
        number = tables.new_id()
        tables.rows["receivablesInvoices"][number] = {
            **tables.rows["receivablesInvoices"][first], "CustomerTransactionId": number, "TransactionNumber": str(number)
        }  # fmt: skip
        part = {**tables.instalments[first][0], "InstallmentId": tables.new_id()}
        tables.instalments[number], tables.owner_of[part["InstallmentId"]] = [part], number
    double = bench.double(tables=tables)
    source = bench.source(double, page_size=10_000)
    ids = [fact.id for page in source.pages() for fact in page.facts if fact.kind == "invoice"]
    assert (len(ids), len(set(ids))) == (20_000, 20_000)
    asked = [query for _, path, query in double.log if path.endswith("/receivablesInvoices")]
    assert len(asked) == 40
    assert all("orderBy=CustomerTransactionId:asc" in query for query in asked)


def test_the_double_shuffles_what_is_not_ordered():
    with OracleDouble(make_portfolio(2, 60, seed=5).facts) as double:
        import requests

        pages = [
            requests.get(
                f"{double.url}/fscmRestApi/resources/11.13.18.05/receivablesInvoices",
                params={"limit": 30}, auth=("AR_SERVICE", "correct horse"), timeout=5,
            ).json()["items"]
            for _ in range(2)
        ]  # fmt: skip
    one, two = ([it["CustomerTransactionId"] for it in page] for page in pages)
    assert one != two
