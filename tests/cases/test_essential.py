"""The essential figures of the gathered cases in our own words, so that a clone alone tests them too."""

from datetime import date, timedelta

import pytest

from receivables import Buckets, CreditDisplay, Invoice, Money, PaymentTerms, Subledger, age
from receivables.terms import AddMonths, ByDay, DayOfMonth, EndOfMonth
from receivables.testing import books

AS_OF = date(2024, 3, 15)
DAYS = (-45, -30, -1, 0, 1, 7, 8, 29, 30, 31, 59, 60, 61, 89, 90, 91, 119, 120, 121, 400)

# One item a number of days past due, of 1, 2, 4, 8, …: the sum of a column says which items stand in it.
COLUMNS = {
    "default": {
        "current": 15,
        "1-30": 496,
        "31-60": 3584,
        "61-90": 28672,
        "91-120": 229376,
        ">120": 786432,
    },
    "erpnext": {
        "not due": 7,
        "0-30": 504,
        "31-60": 3584,
        "61-90": 28672,
        "91-120": 229376,
        ">120": 786432,
    },
    "oca-aged": {
        "current": 15,
        "1-30": 496,
        "31-60": 3584,
        "61-90": 28672,
        "91-120": 229376,
        "older": 786432,
    },
    "tryton": {"not due": 7, "term0": 248, "term1": 1792, "term2": 14336, "term3": 1032192},
    "gnucash": {
        "Current": 7,
        "0-30 days": 248,
        "31-60 days": 1792,
        "61-90 days": 14336,
        "91+ days": 1032192,
    },
    "invoice-ninja": {
        "current": 7,
        "30": 504,
        "60": 3584,
        "90": 28672,
        "120": 229376,
        "120+": 786432,
    },
    "moqui": {
        "current": 7,
        "period0": 248,
        "period1": 1792,
        "period2": 14336,
        "period3": 114688,
        "remaining": 917504,
    },
    "odoo": {
        "at date": 15,
        "1-30": 496,
        "31-60": 3584,
        "61-90": 28672,
        "91-120": 229376,
        "older": 786432,
    },
    "quickbooks": {"Current": 15, "1-30": 496, "31-60": 3584, "61-90": 28672, ">90": 1015808},
    "ledgersmb": {"c0": 252, "c30": 1792, "c60": 14336, "c90": 1032192},
    "akaunting": {"1-30": 496, "30-60": 3840, "60-90": 30720, "90+": 1032192},
    "idempiere": {
        "due": 15,
        "due0": 8,
        "due0_7": 12,
        "due0_30": 14,
        "due1_7": 4,
        "due8_30": 2,
        "due31_60": 1,
        "due31_plus": 1,
        "past_due": 1048560,
        "past1_7": 48,
        "past1_30": 496,
        "past8_30": 448,
        "past31_60": 3584,
        "past31_plus": 1048064,
        "past61_90": 28672,
        "past61_plus": 1044480,
        "past91_plus": 1015808,
    },
}


@pytest.fixture(scope="module")
def boundary_items():
    facts = [
        Invoice(
            id=f"D{days:+}",
            customer="A",
            amount=Money(2**index, "USD"),
            posting_date=date(2023, 1, 1),
            due_date=AS_OF - timedelta(days=days),
        )
        for index, days in enumerate(DAYS)
    ]
    return Subledger.of(facts).open_items(as_of=AS_OF)


@pytest.mark.parametrize("preset", COLUMNS)
def test_boundaries(boundary_items, preset):
    """Which day falls in which column, under each convention."""
    [row] = age(boundary_items, buckets=Buckets.preset(preset)).totals
    shown = {
        column: int(it.amount) for column, it in zip(row.columns, row.amounts, strict=True) if it
    }
    assert shown == COLUMNS[preset]
    assert row.total == Money(1_048_575, "USD")


INSTALMENTS = "2024-03-15 invoice I1 A 100.00 USD instalments=30.00@2024-04-14,50.00@2024-05-14,20.00@2024-06-13"
FILLED = (
    ("", [("I1/1", "30.00"), ("I1/2", "50.00"), ("I1/3", "20.00")]),
    ("payment P1 A 40.00 USD", [("I1/2", "40.00"), ("I1/3", "20.00")]),
    ("credit_memo P1 A 100.00 USD", []),
)


@pytest.mark.parametrize(("credit", "wanted"), FILLED)
def test_instalments_fill_oldest_due_first(credit, wanted):
    """Paid instalments disappear, and the next one takes the rest."""
    amount = credit.split()[3] if credit else ""
    uses = f"2024-03-15 {credit}\n2024-03-15 allocation U1 P1 -> I1 {amount} USD" if credit else ""
    items = books(f"{INSTALMENTS}\n{uses}").open_items(as_of=AS_OF)
    assert [(item.id, f"{item.open_amount.amount}") for item in items] == wanted


PAST_DATES = """
    2024-03-01 invoice    I0 A  10.00 USD due=2024-04-15
    2024-03-01 invoice    I1 A  20.00 USD due=2024-03-31
    2024-02-01 invoice    I2 A  40.00 USD due=2024-03-02
    2024-02-01 invoice    I3 A  80.00 USD due=2024-03-01
    2024-01-01 invoice    I4 A 160.00 USD due=2024-01-31
    2024-01-01 invoice    I5 A 320.00 USD due=2024-01-01
    2024-01-10 invoice    I6 B 100.00 USD due=2024-02-09
    2024-01-10 invoice    I7 C 100.00 USD due=2024-02-09
    2024-04-10 payment    P1 B 100.00 USD
    2024-04-10 allocation U1 P1 -> I6 100.00 USD
    2024-03-20 payment    P2 C 30.00 USD
"""


@pytest.mark.parametrize(
    ("as_of", "wanted"),
    [
        (
            date(2024, 3, 31),
            {"A": (10, 60, 80, 160, 320), "B": (0, 0, 100, 0, 0), "C": (0, -30, 100, 0, 0)},
        ),
        (date(2024, 4, 30), {"A": (0, 10, 60, 80, 480), "C": (0, 0, -30, 100, 0)}),
    ],
)
def test_past_dates(as_of, wanted):
    """A payment after the date leaves the invoice open; an unused payment ages by its own date."""
    items = books(PAST_DATES).open_items(as_of=as_of)
    report = age(items, buckets=Buckets.preset("tryton"), credits=CreditDisplay.OWN_DATE)
    shown = {
        row["customer"]: tuple(int(it.amount) for it in row.amounts[:5]) for row in report.rows
    }
    assert shown == wanted


SAP_DAY_LIMIT = PaymentTerms.due(
    ByDay(((15, (AddMonths(1), EndOfMonth())), (31, (AddMonths(2), DayOfMonth(15)))))
)
DUE_DATES = (
    ("net 30", "2026-01-31", "2026-03-02"),
    ("net 30", "2024-01-31", "2024-03-01"),
    ("+1 month", "2026-01-31", "2026-02-28"),
    ("+1 month", "2024-01-31", "2024-02-29"),
    ("EOM then +30d", "2026-01-15", "2026-03-02"),
    ("+30d then EOM", "2026-01-15", "2026-02-28"),
    ("+30d then EOM", "2026-01-30", "2026-03-31"),
    ("EOM 45", "2019-01-15", "2019-03-17"),
    ("end of next month", "2026-01-30", "2026-02-28"),
    ("25th of following month", "2026-01-31", "2026-02-25"),
    ("10 MFI", "2026-12-31", "2027-01-10"),
    (SAP_DAY_LIMIT, "2026-01-15", "2026-02-28"),
    (SAP_DAY_LIMIT, "2026-01-16", "2026-03-15"),
    (SAP_DAY_LIMIT, "2026-12-16", "2027-02-15"),
    ("10th prox cutoff 25", "2026-03-25", "2026-04-10"),
    ("10th prox cutoff 25", "2026-03-26", "2026-05-10"),
)


@pytest.mark.parametrize(("rule", "base", "due"), DUE_DATES)
def test_due_dates(rule, base, due):
    """The date a rule leads to, worked out by hand."""
    terms = PaymentTerms.parse(rule) if isinstance(rule, str) else rule
    assert terms.due_date(date.fromisoformat(base)) == date.fromisoformat(due)


def test_a_split_by_largest_remainder():
    """The first part wins the cent."""
    parts = Money("1000.00", "MXN").split([1, 1, 1])
    assert [str(part.amount) for part in parts] == ["333.34", "333.33", "333.33"]
