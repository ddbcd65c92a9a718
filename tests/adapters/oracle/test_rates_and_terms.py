"""Currency rates with their source, payment terms that lead to the due dates given, and totals of sites."""

from __future__ import annotations

from datetime import date

import pytest

from receivables import Money
from receivables.adapters.oracle import OracleRestSource, Rules
from receivables.adapters.oracle.desk import Desk
from receivables.adapters.oracle.rates import read_rates
from receivables.adapters.oracle.reconcile import reconcile, reconcile_sites
from receivables.adapters.oracle.terms import compile_terms, read_terms
from receivables.errors import BrokenAnswer, RateNotFound, UnreadableSource
from receivables.terms import PaymentTerms
from receivables.testing.builders import facts
from receivables.testing.oracle import Modes

MARCH = {"first": date(2026, 3, 1), "last": date(2026, 3, 31)}
REPORT = """NAME,BASE_AMOUNT,DUE_CUTOFF_DAY,SEQUENCE_NUM,RELATIVE_AMOUNT,DUE_DAYS,DUE_DATE,DUE_DAY_OF_MONTH,DUE_MONTHS_FORWARD,\
DISCOUNT_PERCENT,DISCOUNT_DAYS,DISCOUNT_DATE,DISCOUNT_DAY_OF_MONTH,DISCOUNT_MONTHS_FORWARD
30 Net,100,,1,100,30,,,,,,,,
2/10 1/20 Net 30,100,,1,100,30,,,,1,20,,,
2/10 1/20 Net 30,100,,1,100,30,,,,2,10,,,
30/60,200,,2,150,60,,,,,,,,
30/60,200,,1,50,30,,,,,,,,
15th,100,20,1,100,,,15,1,,,,,
First,100,1,1,100,,,10,0,,,,,
Xmas,100,,1,100,,2026/12/24,,,,,,,
Thirds,300,,1,100,30,,,,,,,,
Thirds,300,,2,200,60,,,,,,,,
Short,100,,1,50,30,,,,,,,,
Split discount,100,,1,50,30,,,,2,10,,,
Split discount,100,,2,50,60,,,,,,,,
Nothing,100,,1,100,,,,,,,,,
"""
TERMS, UNFIT = read_terms("terms.csv", REPORT)
BOOKS = facts("""
2026-01-10 customer C001 name=ACME
2026-01-10 invoice  F-1 C001 100.00 MXN due=2026-02-09
2026-01-10 invoice  F-2 C001 50.00 MXN due=2026-02-20
2026-01-10 invoice  F-3 C001 90.00 MXN instalments=22.50@2026-02-09,67.50@2026-03-11
2026-01-10 credit_memo M-1 C001 20.00 MXN
""")


@pytest.fixture
def rates(bench):
    def make(**modes):
        double = bench.double(modes=Modes(**modes))
        for day, rate in (
            ("2026-03-31", "17.0542"), ("2026-02-27", "17.9"), ("2026-03-02", "17.25"), ("2026-03-30", "17.10"), ("2026-04-01", "16.5"),
        ):  # fmt: skip
            double.tables.add_rate("USD", "MXN", day, rate)
        double.tables.add_rate("USD", "MXN", "2026-03-30", "99", "Spot")
        double.tables.add_rate("MXN", "USD", "2026-03-30", "0.0585")
        return double, Desk(bench.pod(double))

    return make


@pytest.mark.parametrize("largest_page", [1, 2, 500])
def test_rates_arrive_exactly_with_their_source_however_pages_are_clamped(rates, largest_page):
    double, desk = rates(largest_page=largest_page)
    found, problems = read_rates(desk, ["USD", "MXN"], "MXN", **MARCH)
    assert [str(it) for it in found.rates] == [
        "1 USD = 17.25 MXN from 2026-03-02 (Oracle Corporate 2026-03-02)",
        "1 USD = 17.10 MXN from 2026-03-30 (Oracle Corporate 2026-03-30)",
        "1 USD = 17.0542 MXN from 2026-03-31 (Oracle Corporate 2026-03-31)",
    ]
    assert problems == ()
    asked = [query for _, path, query in double.log if path.endswith("/currencyRates")]
    assert (
        "finder=CurrencyRatesFinder;fromCurrency=USD,toCurrency=MXN,userConversionType=Corporate,startDate=2026-03-01" in asked[0]
    )  # fmt: skip


def test_a_pair_without_rates_and_a_rate_that_is_none_are_listed(rates):
    double, desk = rates()
    double.tables.add_rate("GBP", "MXN", "2026-03-30", "-1")
    found, problems = read_rates(desk, ["EUR", "GBP"], "MXN", **MARCH)
    assert found.rates == ()
    assert [(it.code, it.where) for it in problems] == [
        ("no-rates", "currencyRates/EUR-MXN"),
        ("unreadable-rate", "currencyRates/GBP-MXN/2026-03-30"),
    ]


def test_two_rates_for_one_day_are_refused(rates):
    double, desk = rates()
    double.tables.add_rate("USD", "MXN", "2026-03-30", "17.11")
    with pytest.raises(RateNotFound, match="two rates on one day"):
        read_rates(desk, ["USD"], "MXN", **MARCH)


def test_rates_in_another_order_than_asked_are_an_error(rates, monkeypatch):
    double, desk = rates()
    monkeypatch.setattr(double.reading, "_ordered", lambda _resource, rows, _order: list(rows))
    with pytest.raises(BrokenAnswer, match="pages without order lose rows"):
        read_rates(desk, ["USD"], "MXN", **MARCH)


def test_terms_compile_to_our_own():
    assert {name: str(it) for name, it in TERMS.items()} == {
        "30 Net": "net 30 from document date",
        "2/10 1/20 Net 30": "discount 2%[+10d] discount 1%[+20d] net 30 from document date",
        "30/60": "25%[+30d] remainder[+60d] from document date",
        "15th": "due[cutoff19 +1m day15] from document date",
        "First": "due[+1m day10] from document date",
    }


def test_the_cutoff_day_itself_counts_as_of_the_next_month():
    assert [TERMS["15th"].due_date(date(2026, 1, day)) for day in (19, 20)] == [
        date(2026, 2, 15),
        date(2026, 3, 15),
    ]


def test_terms_that_cannot_be_told_are_listed():
    assert [(it.where, it.message) for it in UNFIT] == [
        ("terms Xmas", "DUE_DATE 2026/12/24 is one day for all invoices; terms count from a date"),
        ("terms Thirds", "a line of 100 of 300 is no exact percentage"),
        ("terms Short", "its lines make 50% of the amount; they must make 100%"),
        (
            "terms Split discount",
            "it has discounts for single instalments; ours are for the whole, so they cannot be told",
        ),
        ("terms Nothing", "it must say either DUE_DAYS or DUE_DAY_OF_MONTH"),
    ]
    odd = {"NAME": "Odd", "SEQUENCE_NUM": "1", "RELATIVE_AMOUNT": "100", "DUE_DAYS": "1.5"}
    assert compile_terms([odd])[1][0].message == "DUE_DAYS 1.5 must be a whole number"
    with pytest.raises(UnreadableSource, match="none of terms has such"):
        read_terms("x.csv", "a,b\n1,2\n")


def test_an_invoice_gets_the_terms_that_lead_to_its_due_dates(bench):
    double = bench.double(BOOKS)
    for row in double.tables.rows["receivablesInvoices"].values():
        if row["TransactionNumber"] == "F-3":
            row["PaymentTerms"] = "30/60"
    source = OracleRestSource(
        pod=bench.pod(double), rules=Rules({"*": "MXN"}, terms=TERMS), remarks=UNFIT
    )
    pages = list(source.pages())
    found = {it.reference: it for page in pages for it in page.facts if it.kind == "invoice"}
    assert {name: it.terms and str(it.terms) for name, it in found.items()} == {
        "F-1": "net 30 from document date",
        "F-2": None,
        "F-3": "25%[+30d] remainder[+60d] from document date",
    }
    assert [dict(it.attributes)["payment_terms"] for it in found.values()] == [
        "30 Net",
        "30 Net",
        "30/60",
    ]
    assert found["F-2"].due_date == date(2026, 2, 20)
    assert [
        it.message for page in pages for it in page.problems if it.code == "terms-disagree"
    ] == ["F-2 is due 2026-02-20; its terms '30 Net' give 2026-02-09; its own dates are kept"]
    assert [it.where for it in pages[-1].problems if it.code == "unfit-terms"] == [
        it.where for it in UNFIT
    ]


def test_a_configuration_names_the_report_and_writes_terms_down(tmp_path):
    report = tmp_path / "terms.csv"
    report.write_text(REPORT)
    table = {
        "base_url": "https://pod.example",
        "auth": {"user": "u", "password_env": "P"},
        "terms_report": str(report),
        "terms": {"30 Net": "net 31"},
    }
    rules = OracleRestSource.from_config(table, lambda _: "secret").rules
    assert (rules.terms["30 Net"], rules.terms["15th"]) == (PaymentTerms.net(31), TERMS["15th"])
    with pytest.raises(UnreadableSource, match="is not there"):
        OracleRestSource.from_config({**table, "terms_report": "no.csv"}, lambda _: "secret")


def test_each_site_is_compared_with_its_own_items(bench):
    double = bench.double(BOOKS)
    tables = double.tables
    sites = tables.rows["receivablesCustomerAccountSiteActivities"]
    [first] = list(sites.values())
    second = tables.new_id()
    sites[second] = {**first, "BillToSiteUseId": second, "BillToSiteNumber": "S2"}
    for row in tables.rows["receivablesInvoices"].values():
        if row["TransactionNumber"] == "F-2":
            row["BillToSite"] = "S2"
    [memo] = tables.rows["receivablesCreditMemos"].values()
    memo["BillToSite"] = "S2"
    desk, rules = Desk(bench.pod(double)), Rules({"*": "MXN"})
    found = [(it.site, it.reported, it.difference) for it in reconcile_sites(desk, rules)]
    none = Money("0.00", "MXN")
    assert found == [
        ("SC001", Money("190.00", "MXN"), none),
        ("S2", Money("30.00", "MXN"), none),
    ]
    assert [it.reported for it in reconcile(desk, rules)] == [Money("220.00", "MXN")]
    memo["BillToSite"] = None
    assert [it.items for it in reconcile_sites(desk, rules)] == [
        Money("190.00", "MXN"),
        Money("50.00", "MXN"),
    ]
