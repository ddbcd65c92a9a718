"""The aging report: columns, rows, displays of credits, figures that come with it, and how it is shown."""

from datetime import date
from decimal import Decimal

import pytest

from receivables import Basis, Buckets, CreditDisplay, ExchangeRate, ExchangeRates, Money, age
from receivables.errors import (
    AmbiguousCurrency,
    BucketError,
    MissingExtra,
    MixedDates,
    NoSuchChoice,
    NoSuchColumn,
    RateNotFound,
)
from receivables.testing import books

AS_OF = date(2026, 3, 31)
TEXT = """
    2026-01-10 invoice     F-1 C001 100.00 MXN due=2026-02-09 document=2026-01-05 segment=retail
    2026-03-10 invoice     F-2 C001 50.00 MXN due=2026-03-31 segment=retail
    2026-01-01 invoice     F-3 C001 10.00 USD due=2026-01-31 company=170.00MXN segment=public
    2026-02-05 credit_memo M-1 C001 30.00 MXN segment=retail
    2026-03-05 payment     R-1 C002 5.00 MXN
    2026-02-07 debit_memo  D-1 C002 20.00 MXN
    2026-03-01 payment     R-2 ? 7.00 MXN
    2026-03-01 invoice     F-4 C002 200.00 MXN due=2026-03-21
"""
ITEMS = books(TEXT).open_items(as_of=AS_OF)


def cells(row):
    return {
        name: str(amount.amount)
        for name, amount in zip(row.columns, row.amounts, strict=True)
        if amount
    }


def rows(report):
    return {(*(value for _, value in row.keys), row.currency): cells(row) for row in report.rows}


def test_credits_in_their_own_column():
    assert rows(age(ITEMS)) == {
        ("C001", "MXN"): {"current": "50.00", "31-60": "100.00", "credits": "-30.00"},
        ("C001", "USD"): {"31-60": "10.00"},
        ("C002", "MXN"): {"1-30": "200.00", "undated": "20.00", "credits": "-5.00"},
        (None, "MXN"): {"credits": "-7.00"},
    }


def test_credits_in_the_bucket_of_their_own_date():
    report = age(ITEMS, credits=CreditDisplay.OWN_DATE)
    assert rows(report) == {
        ("C001", "MXN"): {"current": "50.00", "31-60": "70.00"},
        ("C001", "USD"): {"31-60": "10.00"},
        ("C002", "MXN"): {"1-30": "195.00", "undated": "20.00"},
        (None, "MXN"): {"1-30": "-7.00"},
    }
    assert "credits" not in report.columns


def test_credits_netted_against_the_oldest_charges():
    assert rows(age(ITEMS, credits=CreditDisplay.NETTED)) == {
        ("C001", "MXN"): {"current": "50.00", "31-60": "70.00"},
        ("C001", "USD"): {"31-60": "10.00"},
        ("C002", "MXN"): {"1-30": "195.00", "undated": "20.00"},
        (None, "MXN"): {"credits": "-7.00"},
    }


def test_netting_goes_on_to_the_next_charge_and_keeps_the_rest():
    """Oldest due first, undated last; what no charge takes stays in credits."""
    text = """
        2026-01-01 invoice F-1 C001 10.00 MXN due=2026-02-09
        2026-01-01 invoice F-2 C001 10.00 MXN due=2026-03-15
        2026-01-01 invoice F-3 C001 10.00 MXN
        2026-01-01 invoice F-4 C001 10.00 USD
        2026-01-02 payment R-1 C001 15.00 MXN
        2026-01-03 payment R-2 C001 20.00 MXN
        2026-01-03 payment R-3 C002 1.00 MXN
    """
    report = age(books(text).open_items(as_of=AS_OF), credits="netted")
    assert rows(report) == {
        ("C001", "MXN"): {"credits": "-5.00"},
        ("C001", "USD"): {"undated": "10.00"},
        ("C002", "MXN"): {"credits": "-1.00"},
    }
    parts = [
        (part.item.id, part.column, str(part.amount.amount), part.note)
        for part in report.rows[0].parts
        if part.note
    ]
    assert parts == [
        ("R-1", "31-60", "-10.00", "netted against F-1"),
        ("R-1", "1-30", "-5.00", "netted against F-2"),
        ("R-2", "1-30", "-5.00", "netted against F-2"),
        ("R-2", "undated", "-10.00", "netted against F-3"),
    ]


def test_figures_that_come_with_a_row():
    """Weighted days: (100 x 50 + 200 x 10) / 300 = 23.33."""
    dollars, pesos = sorted(age(ITEMS).totals, key=lambda row: row.currency, reverse=True)
    assert (pesos.items, str(pesos.total)) == (7, "328.00 MXN")
    assert (str(pesos.not_past_due), str(pesos.past_due), str(pesos.credits)) == (
        "70.00 MXN",
        "300.00 MXN",
        "-42.00 MXN",
    )
    assert pesos.weighted_days == Decimal("23.33")
    assert dollars.weighted_days == 59
    [row] = age([it for it in ITEMS if it.id == "F-2"]).rows
    assert row.weighted_days is None


@pytest.mark.parametrize(
    ("basis", "label"),
    [
        (Basis.DUE, "31-60"),
        (Basis.DOCUMENT, "61-90"),
        (Basis.POSTING, "61-90"),
        (Basis.BASELINE, "61-90"),
        ("due", "31-60"),
    ],
)
def test_the_date_items_are_aged_from(basis, label):
    report = age([it for it in ITEMS if it.id == "F-1"], basis=basis)
    assert rows(report) == {("C001", "MXN"): {label: "100.00"}}


@pytest.mark.parametrize(
    ("basis", "days"),
    [(Basis.DUE, 20), (Basis.DOCUMENT, 80), (Basis.POSTING, 70), (Basis.BASELINE, 75)],
)
def test_days_of_each_basis(basis, days):
    text = "2026-01-20 invoice F-1 C001 1.00 MXN document=2026-01-10 baseline=2026-01-15 due=2026-03-11"
    [row] = age(books(text).open_items(as_of=AS_OF), basis=basis).rows
    assert [part.days for part in row.parts] == [days]


def test_groups_are_sorted_and_those_without_a_value_come_last():
    report = age(ITEMS, by=("segment", "kind"))
    assert [(*(value for _, value in row.keys), row.currency) for row in report.rows] == [
        ("public", "invoice", "USD"),
        ("retail", "credit_memo", "MXN"),
        ("retail", "invoice", "MXN"),
        (None, "debit_memo", "MXN"),
        (None, "invoice", "MXN"),
        (None, "payment", "MXN"),
    ]
    assert rows(age(ITEMS, by="segment")) == rows(age(ITEMS, by=["segment"]))


def test_rows_are_found_by_value_and_currency():
    report = age(ITEMS)
    assert report.row("C002").total == Money("215.00", "MXN")
    assert report.row("C001", currency="USD")["31-60"] == Money("10.00", "USD")
    assert report.row(None).total == Money("-7.00", "MXN")
    assert report.row(currency="MXN").items == 7
    assert (report.row("C002")["customer"], report.row("C002")["items"]) == ("C002", 3)


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda it: it.row("C9"), NoSuchColumn, "^no row C9; rows are grouped by customer$"),
        (lambda it: it.row("C9", currency="USD"), NoSuchColumn, "^no row C9 in USD; rows"),
        (
            lambda it: it.row("C001"),
            AmbiguousCurrency,
            "^C001 is open in MXN, USD; name the currency$",
        ),
        (
            lambda it: it.row(),
            AmbiguousCurrency,
            "^the total is open in MXN, USD; name the currency$",
        ),
        (
            lambda it: it.row("C002")["1-31"],
            NoSuchColumn,
            "^no column '1-31'; there are customer, currency, total, items, ",
        ),
        (
            lambda it: it.explain("C002", "a", "b"),
            NoSuchColumn,
            "^explain takes customer and then a bucket; got C002, a, b$",
        ),
        (
            lambda it: it.explain("C002", "1-31"),
            NoSuchColumn,
            "^no column '1-31' to explain; there are current, 1-30",
        ),
        (lambda it: it.explain("C002", "items"), NoSuchColumn, "^no column 'items' to explain"),
    ],
    ids=range(8),
)
def test_what_a_report_does_not_have(ask, error, message):
    with pytest.raises(error, match=message):
        ask(age(ITEMS))


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"by": ("colour",)}, NoSuchColumn, "^no item has an attribute 'colour'; there are "),
        (
            {"by": ("total",)},
            NoSuchColumn,
            "^cannot group by 'total': the report has a column of that name",
        ),
        ({"by": ("current",)}, NoSuchColumn, "^cannot group by 'current'"),
        (
            {"basis": "invoice"},
            NoSuchChoice,
            "^'invoice' is no Basis; choose one of 'due', 'document'",
        ),
        (
            {"credits": "hidden"},
            NoSuchChoice,
            "^'hidden' is no CreditDisplay; choose one of 'own-column'",
        ),
        ({"rates": ExchangeRates(())}, NoSuchChoice, "give company_currency too$"),
        (
            {"as_of": date(2026, 4, 1)},
            MixedDates,
            "^a report has one as-of date; got 2026-03-31, 2026-04-01$",
        ),
        (
            {"buckets": Buckets.month_ends(as_of=date(2026, 4, 1))},
            MixedDates,
            "^a report has one as-of date; got 2026-03-31, 2026-04-01$",
        ),
        (
            {"buckets": "tryton"},
            BucketError,
            r"^buckets 'tryton' are no Buckets; give a set of them, such as Buckets.preset\('tryton'\)$",
        ),
        ({"buckets": (0, 30)}, BucketError, r"such as Buckets.of\(0, 30, 60\)$"),
        (
            {"company_currency": "MXN", "rates": ExchangeRates(())},
            RateNotFound,
            "^no rate of USD in MXN is in force",
        ),
    ],
    ids=range(11),
)
def test_questions_a_report_refuses(wrong, error, message):
    with pytest.raises(error, match=message):
        age(ITEMS, **wrong)


def test_nothing_open_still_needs_a_date():
    with pytest.raises(MixedDates, match=r"got no items and no as_of$"):
        age([])
    assert age([], as_of=AS_OF).rows == ()


RATES = ExchangeRates.of([ExchangeRate("USD", "MXN", date(2026, 3, 1), Decimal("18.00"))])


def test_company_currency_at_both_rates_side_by_side():
    report = age(ITEMS, company_currency="MXN", rates=RATES)
    booked, now = report.row("C001", currency="USD").company
    assert (booked.at, str(booked.total), booked.missing) == ("booking rate", "170.00 MXN", 0)
    assert (now.at, str(now.total), now.missing) == ("as-of rate", "180.00 MXN", 0)
    assert dict(zip(report.columns, now.amounts, strict=True))["31-60"] == Money("180.00", "MXN")
    assert [(it.at, str(it.total)) for it in report.company_totals] == [
        ("booking rate", "498.00 MXN"),
        ("as-of rate", "508.00 MXN"),
    ]
    assert age(ITEMS).company_totals == ()


def test_items_without_a_booked_amount_are_counted_as_missing():
    text = "2026-01-01 invoice F-1 C001 10.00 USD\n2026-01-01 invoice F-2 C001 1.00 EUR company=2.00USD"
    [valued] = age(books(text).open_items(as_of=AS_OF), company_currency="MXN").company_totals
    assert (valued.missing, valued.total) == (2, Money("0.00", "MXN"))


def test_a_netted_credit_is_valued_part_by_part():
    """Shares of the value by largest remainder, so that they sum to it."""
    text = """
        2026-01-01 invoice F-1 C001 10.00 USD due=2026-02-09 company=170.01MXN
        2026-01-01 invoice F-2 C001 10.00 USD due=2026-03-15 company=170.00MXN
        2026-01-02 payment R-1 C001 15.00 USD company=255.01MXN
    """
    items = books(text).open_items(as_of=AS_OF)
    [valued] = age(items, credits=CreditDisplay.NETTED, company_currency="MXN").company_totals
    shown = [str(amount.amount) for amount in valued.amounts if amount]
    assert shown == ["85.00", "0.00"] or sum(map(Decimal, shown)) == Decimal("85.00")
    assert valued.total == Money("85.00", "MXN")


def test_overlapping_buckets_show_an_item_in_each_and_are_explained():
    text = "2026-01-01 invoice F-1 C001 10.00 MXN due=2026-03-01"
    report = age(
        books(text).open_items(as_of=AS_OF),
        buckets=Buckets.preset("akaunting"),
        company_currency="MXN",
    )
    assert rows(report) == {("C001", "MXN"): {"1-30": "10.00", "30-60": "10.00"}}
    assert report.explain("C001").amount == 10
    assert [str(it.amount) for it in report.company_totals[0].amounts if it] == ["10.00", "10.00"]


def test_a_credit_netted_where_no_bucket_holds_the_charge_stays_a_credit():
    text = (
        "2026-01-01 invoice F-1 C001 10.00 MXN due=2026-05-31\n2026-01-01 payment R-1 C001 4.00 MXN"
    )
    report = age(
        books(text).open_items(as_of=AS_OF),
        buckets=Buckets.preset("ledgersmb"),
        credits=CreditDisplay.NETTED,
    )
    assert rows(report) == {("C001", "MXN"): {"credits": "-4.00"}}


EXPLAINED = """\
customer C002, 1-30, 1 item: 200.00 MXN
  open amount of invoice F-4 of customer C002 as of 2026-03-31: 200.00 MXN
    2026-03-01 invoice F-4 posted: 200.00 MXN
    due 2026-03-21, as the document says
    10 days past due: 2026-03-31 less 2026-03-21"""


def test_a_cell_is_explained_down_to_facts():
    report = age(ITEMS)
    assert str(report.explain("C002", "1-30")) == EXPLAINED
    assert report.explain("C002").line() == "customer C002, total, 3 items: 215.00 MXN"
    assert report.explain(currency="USD").line() == "all, total, 1 item: 10.00 USD"
    assert report.row(None).explain().line() == "customer none, total, 1 item: -7.00 MXN"


def test_a_share_of_an_item_is_explained():
    report = age(ITEMS, credits=CreditDisplay.NETTED)
    [_, share] = report.explain("C001", "31-60", currency="MXN").parts
    assert share.line() == "-30.00 MXN of credit memo M-1 netted against F-1: -30.00 MXN"


def test_as_text():
    text = "2026-03-10 invoice F-1 C001 1,234.50 MXN due=2026-03-31".replace(",", "")
    lines = str(age(books(text).open_items(as_of=AS_OF), buckets=Buckets.of(0, 30))).splitlines()
    assert lines == [
        "customer  currency   current  1-30  >30  undated  credits     total",
        "C001      MXN       1,234.50     -    -        -        -  1,234.50",
        "total     MXN       1,234.50     -    -        -        -  1,234.50",
    ]


def test_as_plain_values():
    plain = age(ITEMS, company_currency="MXN").to_dict()
    assert plain["as_of"] == "2026-03-31"
    assert (plain["by"], plain["basis"], plain["buckets"][0]) == (
        ["customer"],
        "due",
        "current",
    )
    row = plain["rows"][1]
    assert {key: row[key] for key in ("customer", "currency", "total", "items", "31-60", "past_due", "weighted_days")} == {
        "customer": "C001", "currency": "USD", "total": "10.00", "items": 1, "31-60": "10.00", "past_due": "10.00",
        "weighted_days": "59.00",
    }  # fmt: skip
    assert row["company"][0]["total"] == "170.00"
    assert plain["rows"][3]["weighted_days"] is None


def test_as_html_texts_are_escaped():
    items = books("2026-03-10 invoice F-1 <b> 1.00 MXN").open_items(as_of=AS_OF)
    html = age(items)._repr_html_()
    assert '<td class="key">&lt;b&gt;</td>' in html
    assert "<b>" not in html
    assert age(items).to_html().startswith("<!doctype html>")
    assert "<caption>Aging as of 2026-03-31, by customer, from due date, " in html


@pytest.mark.parametrize("backend", ["pandas", "polars"])
def test_as_a_frame_amounts_stay_exact(backend):
    pytest.importorskip(backend)
    frame = age(ITEMS).to_frame(backend)
    assert list(frame.columns)[:5] == ["customer", "currency", "total", "items", "current"]
    assert list(frame["total"])[:2] == [Decimal("120.00"), Decimal("10.00")]
    assert list(age([], as_of=AS_OF).to_frame(backend).columns) == [
        *(
            "customer",
            "currency",
            "total",
            "items",
            "current",
            "1-30",
            "31-60",
            "61-90",
            "91-120",
            ">120",
        ),
        *("undated", "credits"),
    ]


def test_a_library_that_is_not_installed_is_named():
    with pytest.raises(
        MissingExtra, match=r"install it with the extra: pip install 'receivables\[frobnicate\]'$"
    ):
        age(ITEMS).to_frame("frobnicate")


def test_repr():
    assert repr(age(ITEMS)) == "<AgingReport as of 2026-03-31 by customer: 4 rows>"


def bars(report, **more):
    """Return the bottom and height of each bar that is not empty, by column."""
    pyplot = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is not installed")
    pyplot.switch_backend("agg")
    figure, axes = pyplot.subplots()
    report.plot(ax=axes, **more)
    found = {
        container.get_label(): [
            (bar.get_y(), bar.get_height()) for bar in container if bar.get_height()
        ]
        for container in axes.containers
    }
    pyplot.close(figure)
    return {label: drawn for label, drawn in found.items() if drawn}, axes


def test_the_chart_stacks_charges_up_and_credits_down():
    """Each bar starts where the one below it ends; credits hang below zero."""
    report = age(ITEMS)
    drawn, axes = bars(report, currency="MXN")
    assert drawn == {
        "current": [(0.0, 50.0)],
        "31-60": [(50.0, 100.0)],
        "1-30": [(0.0, 200.0)],
        "undated": [(200.0, 20.0)],
        "credits": [(0.0, -30.0), (0.0, -5.0), (0.0, -7.0)],
    }
    assert axes.get_title("left").startswith("Aging as of 2026-03-31, by customer, from due date")
    assert axes.get_ylabel() == "MXN"
    shades = {it.get_label(): it[0].get_facecolor()[0] for it in axes.containers}
    assert shades["current"] > shades["1-30"] > shades["31-60"]
    assert shades["undated"] == shades["credits"] == 1.0
    with pytest.raises(AmbiguousCurrency):
        report.plot()


def test_as_an_arrow_table():
    pytest.importorskip("pyarrow")
    table = age(ITEMS).to_frame("pyarrow")
    assert table.column_names[:4] == ["customer", "currency", "total", "items"]
    assert table["total"].to_pylist()[:2] == [Decimal("120.00"), Decimal("10.00")]


def test_a_credit_netted_where_buckets_overlap_stands_in_the_first():
    text = (
        "2026-01-01 invoice F-1 C001 10.00 MXN due=2026-03-01\n2026-01-01 payment R-1 C001 4.00 MXN"
    )
    items = books(text).open_items(as_of=AS_OF)
    report = age(items, buckets=Buckets.preset("akaunting"), credits=CreditDisplay.NETTED)
    assert rows(report) == {("C001", "MXN"): {"1-30": "6.00", "30-60": "10.00"}}
