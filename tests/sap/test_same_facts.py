"""Differential law: a portfolio posted into SAP comes back as itself, over tables, BAPIs and OData, in any time zone."""

import json
import time
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType

import pytest

from receivables import Customer, Subledger
from receivables.adapters.sap import (
    Rfc,
    SapODataSource,
    SapRfcSource,
    SpecialGl,
    connect_rfc,
)
from receivables.adapters.sap.columns import from_cube
from receivables.adapters.sap.read import read
from receivables.testing import SCENARIOS, make_portfolio
from receivables.testing.builders import facts
from receivables.testing.sap import (
    CODES,
    FakeConnection,
    Functions,
    GatewayServer,
    Poster,
    RfcServer,
)

FIELDS = (
    *(
        "kind",
        "customer",
        "amount",
        "posting_date",
        "document_date",
        "due_date",
        "instalments",
        "baseline_date",
    ),
    *(
        "company_amount",
        "reference",
        "disputed",
        "dispute_reason",
        "source",
        "target",
        "of",
        "instalment",
    ),
    *("source_amount", "reason", "legal_entity"),
)
MASTER = ("name", "segment", "collector", "head_office", "payer", "valid_from", "country")


def posted(seed, invoices=250):
    poster = Poster(make_portfolio(customers=12, invoices=invoices, seed=seed).facts)
    return poster, poster.post()


def read_all(source):
    pages = list(source.pages())
    return {(it.kind, it.id): it for page in pages for it in page.facts}, [
        it for page in pages for it in page.problems
    ]


def compare(poster, got):
    expected = {(it.kind, it.id): it for it in poster.expected}
    own = {key: it for key, it in got.items() if key != ("customer", "999999")}
    assert own.keys() == expected.keys()
    for key, wanted in expected.items():
        names = MASTER if isinstance(wanted, Customer) else FIELDS
        for name in names:
            assert getattr(own[key], name, None) == getattr(wanted, name, None), (key, name)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_tables_and_bapis_give_the_portfolio_back(seed):
    poster, books = posted(seed)
    functions = Functions(books)
    read_by = {}
    for path in ("tables", "bapi"):
        source = SapRfcSource(
            FakeConnection(functions), ["MX01"], path=path, codes=CODES, accounts_per_page=4
        )
        read_by[path], problems = read_all(source)
        assert problems == []
    compare(poster, read_by["tables"])
    assert read_by["bapi"] == read_by["tables"]


def test_odata_gives_the_same_facts_in_mexico(session, monkeypatch):
    monkeypatch.setenv("TZ", "America/Mexico_City")
    time.tzset()
    try:
        poster, books = posted(3)
        tables, _ = read_all(SapRfcSource(FakeConnection(Functions(books)), ["MX01"], codes=CODES))
        with GatewayServer(books) as server:
            source = SapODataSource(
                server.url, session, ["MX01"], codes=CODES, page_size=90, accounts_per_page=5
            )
            cube, problems = read_all(source)
        assert problems == []
        # No released entity says a customer's country; everything else is the same fact.
        assert cube == {
            key: replace(it, country=None, language=None) if isinstance(it, Customer) else it
            for key, it in tables.items()
        }
        assert time.localtime(0).tm_hour == 18
    finally:
        monkeypatch.undo()
        time.tzset()
    compare(poster, tables)


STORY = """
2026-01-05 invoice     F-1 C001 100000 JPY net 30
2026-01-05 invoice     F-2 C001 0.005 KWD net 30
2026-01-05 invoice     F-3 C001 990000 CLP 2/10 net 30
2026-01-06 invoice     F-4 C001 300.00 MXN instalments=100.00@2026-02-01,200.00@2026-03-01
2026-01-12 payment     R-1 C001 970200 CLP
2026-01-12 allocation  A-1 R-1 -> F-3 970200 CLP
2026-01-12 adjustment  J-1 on F-3 19800 CLP reason="cash discount"
2026-01-20 credit_memo M-1 C001 50.00 MXN
2026-01-25 allocation  A-2 M-1 -> F-4 50.00 MXN
2026-02-02 payment     R-2 C001 40000 JPY
2026-02-02 allocation  A-3 R-2 -> F-1 40000 JPY
2026-02-09 payment     R-3 C001 80000 JPY
2026-02-09 allocation  A-4 R-3 -> F-1 60000 JPY
2026-02-20 refund      B-1 of R-3 5000 JPY
2026-02-21 payment     R-4 ? 120.00 MXN
2026-02-25 allocation  A-5 R-4 -> F-4 120.00 MXN
2026-02-26 payment     R-5 C001 130.00 MXN
2026-02-26 allocation  A-6 R-5 -> F-4 60.00 MXN
2026-02-26 allocation  A-7 R-5 -> F-2 0.005 KWD taking=70.00MXN
2026-03-01 reversal    X-1 of R-2
"""


def test_every_way_of_settling_comes_back_over_every_path(session):
    poster = Poster(facts(STORY))
    books = poster.post()
    functions = Functions(books)
    told = []
    for path in ("tables", "bapi"):
        got, problems = read_all(
            SapRfcSource(FakeConnection(functions), ["MX01"], path=path, codes=CODES)
        )
        assert problems == []
        compare(poster, {key: it for key, it in got.items() if key[0] != "customer"})
        told.append({key: it for key, it in got.items() if key[0] != "customer"})
    with GatewayServer(books) as server:
        got, problems = read_all(SapODataSource(server.url, session, ["MX01"], codes=CODES))
    told.append({key: it for key, it in got.items() if key[0] != "customer"})
    assert told[0] == told[1] == told[2]
    kinds = Counter(kind for kind, _ in told[0])
    assert kinds == {
        "invoice": 4,
        "payment": 5,
        "allocation": 8,
        "adjustment": 1,
        "credit_memo": 1,
        "refund": 1,
        "reversal": 1,
    }


@pytest.mark.parametrize("path", ["tables", "bapi"])
def test_the_true_wire_changes_nothing(library, path):
    functions = Functions(Poster((*facts(STORY), *make_portfolio(5, 60, seed=6).facts)).post())
    with (
        RfcServer(functions) as server,
        Rfc(lambda: connect_rfc(library=library, **server.parameters)) as rfc,
    ):
        over_wire = read_all(SapRfcSource(rfc, ["MX01"], path=path, codes=CODES))
    assert over_wire == read_all(
        SapRfcSource(FakeConnection(functions), ["MX01"], path=path, codes=CODES)
    )
    assert len(over_wire[0]) > 150


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_the_scenarios_of_the_testing_kit_come_back(scenario, session):
    poster = Poster(scenario.facts)
    books = poster.post()
    told = [
        read_all(SapRfcSource(FakeConnection(Functions(books)), ["MX01"], path=path, codes=CODES))
        for path in ("tables", "bapi")
    ]
    with GatewayServer(books) as server:
        told.append(read_all(SapODataSource(server.url, session, ["MX01"], codes=CODES)))
    assert [problems for _, problems in told] == [[], [], []]
    own = [{key: it for key, it in got.items() if key[0] != "customer"} for got, _ in told]
    expected = {(it.kind, it.id) for it in poster.expected if it.kind != "customer"}
    assert own[0].keys() == expected
    assert own[0] == own[1] == own[2]


MORE = """
2026-01-05 invoice     F-1 C001 1000.00 MXN net 30
2026-01-05 invoice     F-2 C001 500.00 MXN net 30
2026-01-10 payment     D-1 C001 300.00 MXN @special_gl=A
2026-01-20 credit_memo M-1 C001 80.00 MXN @invoice_reference=F-1 due=2026-02-04
2026-01-20 credit_memo M-2 C001 20.00 MXN
2026-02-10 allocation  A-1 D-1 -> F-1 300.00 MXN
2026-02-10 payment     R-1 C001 620.00 MXN
2026-02-10 allocation  A-2 R-1 -> F-1 620.00 MXN
2026-02-11 allocation  A-3 M-1 -> F-1 80.00 MXN
2026-02-12 payment     D-2 C001 50.00 MXN @special_gl=A
"""


def test_down_payments_and_credits_that_name_their_invoice_come_back(session):
    told = [it for it in facts(MORE) if it.kind != "customer"]
    poster = Poster(told)
    books = poster.post()
    codes = replace(CODES, special_gl=MappingProxyType({"A": SpecialGl.KEEP}))
    read_by = []
    for path in ("tables", "bapi"):
        source = SapRfcSource(FakeConnection(Functions(books)), ["MX01"], path=path, codes=codes)
        read_by.append(read_all(source))
    with GatewayServer(books) as server:
        read_by.append(read_all(SapODataSource(server.url, session, ["MX01"], codes=codes)))
    assert [problems for _, problems in read_by] == [[], [], []]
    own = [{key: it for key, it in got.items() if key[0] != "customer"} for got, _ in read_by]
    compare(poster, own[0])
    assert own[0] == own[1] == own[2]
    memos = {str(it.amount): it for it in own[0].values() if it.kind == "credit_memo"}
    assert dict(memos["80.00 MXN"].attributes)["invoice_reference"] == poster.ids["F-1"]
    assert (memos["80.00 MXN"].due_date, memos["20.00 MXN"].due_date) == (
        date(2026, 2, 4),
        date(2026, 1, 20),
    )
    [advance] = [it for it in own[0].values() if it.id == poster.ids["D-2"]]
    assert (advance.kind, advance.on_account, str(advance.amount)) == ("payment", True, "50.00 MXN")


def test_special_gl_that_is_not_kept_is_missing_and_counted():
    books = Poster(it for it in facts(MORE) if it.kind != "customer").post()
    source = SapRfcSource(FakeConnection(Functions(books)), ["MX01"], codes=CODES)
    got, problems = read_all(source)
    payments = sorted(str(it.amount) for (kind, _), it in got.items() if kind == "payment")
    assert payments == ["620.00 MXN"]
    assert [it.message for it in problems if it.code == "special-gl"] == [
        "3 items of special G/L A with -50.00 MXN are left out; keep them by a policy of the codes"
    ]
    assert source.check_balances(date(2026, 3, 31)) == ()


def test_the_answers_are_those_of_the_original():
    portfolio = make_portfolio(customers=6, invoices=120, seed=9)
    poster = Poster(portfolio.facts)
    functions = Functions(poster.post())
    got, _ = read_all(SapRfcSource(FakeConnection(functions), ["MX01"], codes=CODES))
    theirs = Subledger.of(got.values())
    ours = Subledger.of(portfolio.facts)
    day = portfolio.last_day
    sums = [Counter(), Counter()]
    for place, books in enumerate((ours, theirs)):
        for item in books.open_items(as_of=day):
            sums[place][item.customer, item.currency] += item.open_amount.amount
    assert {key: value for key, value in sums[0].items() if value} == {
        key: value for key, value in sums[1].items() if value
    }


def test_a_public_extract_with_the_cubes_names_loads(shared):
    path = shared / "data" / "sap_o2c" / "journal_entry_items_accounts_receivable.jsonl"
    rows = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]
    lines = [from_cube({_cube_name(name): value for name, value in row.items()}) for row in rows]
    reading = read(lines)
    books, problems = Subledger.load(reading.facts)
    assert (len(lines), problems) == (123, ())
    assert Counter(it.kind for it in reading.facts if it.kind in {"invoice", "credit_memo"}) == {
        "invoice": 67,
        "credit_memo": 56,
    }
    items = books.open_items(as_of=max(line.posting_date for line in lines))
    assert sum(item.open_amount.amount for item in items) == Decimal("2654.64")
    assert len(items) == 3


def _cube_name(name):
    return {"referenceDocument": "DocumentReferenceID"}.get(name, name[0].upper() + name[1:])
