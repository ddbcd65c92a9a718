"""Measures of a period from a subledger, on the public IBM file in full and on a small ledger of our own."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from receivables import (
    Allocation,
    Buckets,
    ExchangeRate,
    ExchangeRates,
    Invoice,
    Money,
    Payment,
    Subledger,
    TaxLine,
)
from receivables.errors import AmbiguousCurrency, MixedDates, NoSuchColumn
from receivables.metrics import AmountBasis, PeriodEnd, activity, compare, dso_bridge, measure_kpis
from receivables.testing import books

QUARTER = {"start": date(2012, 10, 1), "as_of": date(2012, 12, 31)}
NAMES = {
    "dso": "DSO", "bpdso": "BPDSO", "add": "ADD", "cei_full": "CEI (full period)", "cei_div3": "CEI (sales/3)",
    "countback": "DSO (countback)", "open_items": "open items", "overdue_items": "past due items",
    "due_today": "due on the as-of date", "max_dpd": "oldest days past due", "pct_current": "current",
    "paid_items": "settled items", "wadtp": "WADTP", "adtp": "ADTP", "wadl_signed": "WADL (signed)",
    "wadl_clipped": "WADL (clipped at 0)", "ontime_n": "on time by count", "ontime_amt": "on time by amount",
    "customers": "customers with open items", "hhi": "HHI", "top5": "top 5 customers",
    "weighted_dpd": "weighted days past due", "true_dso": "DSO (true)",
}  # fmt: skip


def test_ibm_quarter_in_full(ibm, vectors):
    wanted = vectors["KPI-07"]["expected"]
    report = measure_kpis(ibm, **QUARTER)
    period = report.activity
    assert [period.begin, period.sales, period.cash, period.closing, period.current] == [
        Money(wanted[name], "USD") for name in ("begin", "sales", "cash", "end", "end_current")
    ]
    assert period.days == wanted["days"]
    for key, name in NAMES.items():
        value = wanted[key]
        places = 2 if isinstance(value, str) else 0
        assert (name, report[name].rounded(places)) == (name, Decimal(value))
    assert report["largest customer"].rounded() == Decimal("236.38")
    assert period.begin + period.sales - period.cash == period.closing


def test_ibm_overdue_split(ibm):
    week = Buckets.of(0, 7, 14, 30)
    before = PeriodEnd(ibm, date(2012, 9, 30))
    flux = compare(before, PeriodEnd(ibm, date(2012, 12, 31)), currency="USD", buckets=week)
    assert {row.bucket: str(row.after.amount) for row in flux.rows if row.after} == {
        "current": "4936.32", "1-7": "376.84", "8-14": "361.07", "15-30": "50.83",
    }  # fmt: skip


LEDGER = """
    2026-01-05 invoice     F-1 C1 1000.00 MXN due=2026-02-04
    2026-01-20 invoice     F-2 C2 500.00 MXN due=2026-02-19
    2026-02-10 payment     R-1 C1 400.00 MXN
    2026-02-10 allocation  A-1 R-1 -> F-1 400.00 MXN
    2026-02-15 invoice     F-3 C2 800.00 MXN due=2026-03-17
    2026-02-20 credit_memo M-1 C2 100.00 MXN
    2026-02-20 allocation  A-2 M-1 -> F-2 100.00 MXN
    2026-02-21 write_off   W-1 on F-2 50.00 MXN
    2026-02-22 payment     R-2 C2 30.00 MXN
    2026-02-25 adjustment  J-1 on F-3 20.00 MXN
    2026-03-02 reversal    X-1 of R-1
"""


def february():
    return activity(books(LEDGER), date(2026, 2, 1), date(2026, 2, 28), currency="MXN")


def test_a_period_closes_by_named_movements():
    assert str(february().explain()).splitlines() == [
        "receivables in MXN on 2026-02-28: 1730.00 MXN",
        "  open before 2026-02-01: 1500.00 MXN",
        "  new: 800.00 MXN",
        "  collected: -400.00 MXN",
        "  credited: -100.00 MXN",
        "  written off: -50.00 MXN",
        "  adjusted: -20.00 MXN",
    ]
    period = february()
    assert (period.sales, period.credits, period.current) == (
        Money(700, "MXN"), Money(-30, "MXN"), Money(780, "MXN"),
    )  # fmt: skip


def test_a_reversed_payment_counts_in_the_period_of_its_reversal():
    march = activity(books(LEDGER), date(2026, 3, 1), date(2026, 3, 31), currency="MXN")
    assert (march.cash, march.closing) == (Money(-400, "MXN"), Money(2130, "MXN"))


def test_credits_lower_dso_only_where_the_name_says_so():
    report = measure_kpis(books(LEDGER), start=date(2026, 2, 1), as_of=date(2026, 2, 28))
    assert report["DSO"].value == Fraction(1730 * 28, 700)
    assert report["DSO (net of credits)"].value == Fraction(1700 * 28, 700)
    assert report["unapplied to receivables"].value == Fraction(3000, 1730)
    assert report["bad debt to sales"].value == Fraction(5000, 700)


def test_an_empty_period_has_reasons_not_numbers():
    report = measure_kpis(
        books(""), start=date(2026, 2, 1), as_of=date(2026, 2, 28), currency="MXN"
    )
    empty = [it for it in report.measures if it.value is None]
    assert {"DSO", "CEI (full period)", "HHI", "ADTP", "WADTP"} <= {it.name for it in empty}
    assert all(it.reason for it in empty)


def test_questions_that_cannot_be_answered():
    with pytest.raises(AmbiguousCurrency):
        measure_kpis(books(""), start=date(2026, 2, 1), as_of=date(2026, 2, 28))
    with pytest.raises(MixedDates):
        activity(books(LEDGER), date(2026, 2, 2), date(2026, 2, 1), currency="MXN")
    with pytest.raises(NoSuchColumn, match="no measure 'DSI'"):
        _ = measure_kpis(books(LEDGER), start=date(2026, 2, 1), as_of=date(2026, 2, 28))["DSI"]


def ends(ledger, first=date(2026, 1, 31), last=date(2026, 2, 28)):
    return PeriodEnd(ledger, first), PeriodEnd(ledger, last)


def test_flux_names_every_movement():
    flux = compare(*ends(books(LEDGER)), currency="MXN")
    shown = {
        row.bucket: {kind: str(it.amount) for kind, it in row.moves if it} for row in flux.rows
    }
    assert shown == {
        "current": {
            "new": "800.00", "collected": "-400.00", "credited": "-100.00", "written off": "-50.00",
            "adjusted": "-20.00", "rolled": "-950.00",
        },
        "1-30": {"rolled": "950.00"},
    }  # fmt: skip
    assert str(flux.explain()).splitlines()[:2] == [
        "open charges in MXN on 2026-02-28: 1730.00 MXN",
        "  open on 2026-01-31: 1500.00 MXN",
    ]


def test_flux_shows_customers_that_changed_segment():
    ledger = """
        2026-01-05 invoice F-1 C1 1000.00 MXN due=2026-03-04
        2026-01-01 customer C1 segment=retail
        2026-02-15 customer C1 segment=export
    """
    flux = compare(*ends(books(ledger)), currency="MXN", by="segment")
    shown = {row.group: {kind: str(it.amount) for kind, it in row.moves if it} for row in flux.rows}
    assert shown == {
        "export": {"reclassified": "1000.00"}, "retail": {"reclassified": "-1000.00"},
    }  # fmt: skip


def test_flux_in_the_companys_currency_shows_what_the_rate_did():
    ledger = """
        2026-01-05 invoice F-1 C1 100.00 USD due=2026-03-04
        2026-02-05 payment R-1 C1 40.00 USD
        2026-02-05 allocation A-1 R-1 -> F-1 40.00 USD
    """
    rates = ExchangeRates.of(
        ExchangeRate("USD", "MXN", day, Decimal(rate))
        for day, rate in ((date(2026, 1, 1), "17"), (date(2026, 2, 28), "18"))
    )
    flux = compare(*ends(books(ledger)), currency="MXN", rates=rates)
    [row] = flux.rows
    assert (row.before, row.after) == (Money(1700, "MXN"), Money(1080, "MXN"))
    assert {kind: str(it.amount) for kind, it in row.moves if it} == {
        "collected": "-720.00", "FX": "100.00",
    }  # fmt: skip


def test_flux_needs_two_days_in_order():
    first, last = ends(books(LEDGER))
    with pytest.raises(MixedDates):
        compare(last, first, currency="MXN")


def test_dso_bridge_says_why():
    ledger = books(LEDGER)
    january = activity(ledger, date(2026, 1, 1), date(2026, 1, 31), currency="MXN")
    found = dso_bridge(january, february())
    assert (found.before, found.after) == (31, Fraction(1730 * 28, 700))
    assert found.before + found.past_due + found.current + found.pace == found.after
    assert str(found.explain()).splitlines() == [
        "DSO of the later period: 69.20 days",
        "  DSO of the earlier period: 31.00 days",
        "  change of what is past due: 38.00 days",
        "  change of what is not past due: -28.80 days",
        "  change of sales a day: 29.00 days",
    ]
    empty = activity(ledger, date(2026, 6, 1), date(2026, 6, 30), currency="MXN")
    assert dso_bridge(january, empty) is None


def test_net_amounts_take_the_taxes_out_of_sales_and_receivables_alike():
    """One invoice with 16 % and one without: gross mixes them, net does not; what is settled stays settled."""
    mxn = lambda amount: Money(amount, "MXN")  # noqa: E731 - short names of the field
    taxed = Invoice(
        id="F-1",
        customer="C1",
        amount=mxn("116.00"),
        posting_date=date(2026, 2, 3),
        due_date=date(2026, 3, 3),
        taxes=(TaxLine("IVA", mxn("100.00"), mxn("16.00"), Decimal("0.16")),),
    )
    plain = Invoice(id="F-2", customer="C1", amount=mxn("50.00"), posting_date=date(2026, 2, 3))
    paid = [
        fact
        for number, amount in enumerate(("38.67", "38.67"))
        for fact in (
            Payment(id=f"R-{number}", customer="C1", amount=mxn(amount), posting_date=date(2026, 2, 10)),
            Allocation(id=f"A-{number}", source=f"R-{number}", target="F-1", amount=mxn(amount), posting_date=date(2026, 2, 10)),
        )
    ]  # fmt: skip
    ledger = Subledger.of([taxed, plain, *paid])
    ask = {"start": date(2026, 2, 1), "as_of": date(2026, 2, 28)}
    gross, net = (measure_kpis(ledger, **ask, basis=it) for it in AmountBasis)
    assert (gross.activity.sales, gross.activity.closing) == (mxn("166.00"), mxn("88.66"))
    assert (net.activity.sales, net.activity.closing) == (mxn("150.00"), mxn("83.33"))
    assert net.activity.cash == mxn("66.67")
    assert net["DSO"].value == Fraction("83.33") * 28 / 150
