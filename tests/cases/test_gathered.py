"""Aging, as-of, boundary and terms cases of other systems: the same facts give the same figures here.

Where a system has a quirk, its figures come out under the preset of its name and differ from the default.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from receivables import Basis, Buckets, CreditDisplay, Money, PaymentTerms, age
from receivables.terms import (
    AddDays,
    AddMonths,
    ByDay,
    DayOfMonth,
    EndOfMonth,
    Fixed,
    InstalmentTerms,
    Percent,
    Remainder,
)

CASH_APPLICATION = {  # categories of test_cash_application.py
    *("allocation", "allocation_best_subset", "allocation_fx", "matching", "matching_reference"),
    *("matching_tolerance", "overpayment", "write_off", "cash_discount", "discount_write_off_tax"),
    "withholding",
}
NOT_YET = {
    "interest": "interest on late payment",
    "dunning": "collections",
    "dunning_fee": "collections",
    "dunning_threshold": "collections",
    "credit_limit": "credit exposure",
    "credit_exposure": "credit exposure",
    "statement": "statements",
}
PRESETS = {
    "B01": "erpnext",
    "B02": "oca-aged",
    "B04": "tryton",
    "B05": "gnucash",
    "B07": "invoice-ninja",
} | {
    "B10": "moqui",
    "B11": "idempiere",
}
LABELS = {"none": "not due", "not_due(balance-sum)": "not due", "121-above": ">120"}
TESTED = {
    *(
        "A001",
        "A002",
        "A004",
        "A005",
        "A006",
        "A007",
        "A009",
        "A010",
        "A011",
        "A013",
        "A014",
        "A016",
        "A018",
    ),
    *("A019", "A020", "A021", "A023", "A024", "A026", "A028", "A029", "A030", *PRESETS),
    *("T001", "T002", "T004", "T006"),
}


def figures(row):
    """Return the cells of a row that are not zero, as plain numbers."""
    return {
        column: amount.amount
        for column, amount in zip(row.columns, row.amounts, strict=True)
        if amount
    }


def numbers(expected):
    return {
        LABELS.get(name, name): Decimal(value) for name, value in expected.items() if Decimal(value)
    }


def test_every_case_is_tested_or_waits_for_its_part(gathered):
    """A case is run here, or its category says which part of the library it waits for."""
    waiting = {
        name: NOT_YET.get(it["category"])
        for name, it in gathered.items()
        if name not in TESTED and it["category"] not in CASH_APPLICATION
    }
    assert {name for name, why in waiting.items() if why is None} == set()
    assert set(gathered) >= TESTED
    assert len(waiting) == 18


@pytest.mark.parametrize("name", ["A001", "A002", "A004", "A005", "A009"])
def test_open_rows(case, name):
    """What is open, instalment by instalment: payments and credits fill the oldest due first."""
    it = case(name)
    rows = [(item.document.id, str(item.due_date), item.open_amount.amount) for item in it.items()]
    assert rows == [
        (row["doc"], row["due_date"], Decimal(row["outstanding"]))
        for row in it.expected["open_rows"]
    ]
    assert sum(amount for *_, amount in rows) == Decimal(it.expected["total"])


@pytest.mark.parametrize("name", ["A006", "A007", "A010", "A019"])
def test_open_by_document(case, name):
    """Unused credits are open with a minus, and a cent stays visible."""
    it = case(name)
    assert it.open_by_document() == numbers(it.expected["open_by_doc"])
    assert sum(it.open_by_document().values()) == Decimal(
        it.expected.get("total", sum(it.open_by_document().values()))
    )


def test_totals_by_customer(case):
    it = case("A011")
    report = age(it.items())
    assert {row["customer"]: row.total.amount for row in report.rows} == numbers(
        it.expected["by_party"]
    )


@pytest.mark.parametrize("name", ["A013", "A014"])
def test_future_payments_are_two_questions(case, name):
    """What is open on the date, and what is open once everything known is posted."""
    it, later = case(name), date(2024, 3, 31)
    wanted = it.expected["rows"]["I1"]
    now = it.open_by_document()["I1"]
    remaining = it.open_by_document(later).get("I1", Decimal(0))
    assert (now, now - remaining, remaining) == tuple(
        Decimal(wanted[key]) for key in ("outstanding", "future", "remaining")
    )


def test_the_unused_part_of_a_future_payment_is_not_open_yet(case):
    """Unlike ERPNext, which shows it on the report date because it was entered before."""
    it = case("A014")
    assert it.open_by_document() == {"I1": 100}
    assert it.open_by_document(date(2024, 3, 16)) == {
        "P1": -Decimal(it.expected["unapplied_future"])
    }


def test_company_currency_at_the_booking_rate(case):
    """Document currency throughout; the company's at the rate of the invoice. The exchange difference comes later."""
    it = case("A016")
    [item] = it.items()
    assert item.open_amount.amount == Decimal(it.expected["document_currency"]["outstanding"])
    assert item.booked_open_amount == Money(it.expected["company_currency"]["outstanding"], "INR")
    assert it.items(date(2024, 3, 16)) == ()


def test_an_advance_spread_over_instalments_names_them(case):
    """Pro rata is said by naming instalments; unnamed, a payment fills the oldest due first."""
    it = case("A018")
    default = [str(item.booked_open_amount) for item in it.items()]
    assert default == ["4000.00 INR"]
    from receivables import Allocation, Subledger

    facts = [fact for fact in it.facts if not isinstance(fact, Allocation)]
    named = [
        Allocation(
            id=f"A{n}",
            source="P1",
            target="I1",
            instalment=n,
            amount=it.money("25"),
            posting_date=it.as_of,
        )
        for n in (1, 2)
    ]
    items = Subledger.of([*facts, *named]).open_items(as_of=it.as_of)
    wanted = [
        (row["due_date"], f"{row['outstanding']}.00 INR")
        for row in it.expected["company_currency_rows"]
    ]
    assert [(str(item.due_date), str(item.booked_open_amount)) for item in items] == wanted


@pytest.mark.parametrize(("name", "preset"), PRESETS.items())
def test_boundaries_under_the_preset(case, name, preset):
    """Twenty items, one a boundary, each a power of two: the sum says which items stand in a column."""
    it = case(name)
    [row] = age(it.items(), buckets=Buckets.preset(preset)).totals
    assert figures(row) == numbers(it.expected["buckets"])
    assert row.total.amount == Decimal(it.expected["open_total"])


def test_boundaries_by_default(case):
    """Due today is current, each bucket ends with its label's last day, and the columns tie."""
    it = case("B01")
    [row] = age(it.items()).totals
    expected = {
        "current": 15,
        "1-30": 496,
        "31-60": 3584,
        "61-90": 28672,
        "91-120": 229376,
        ">120": 786432,
    }
    assert figures(row) == expected
    quirk = numbers(it.expected["buckets"])
    assert quirk["0-30"] != expected["1-30"]


def test_by_document_age(case):
    """python-accounting ages by document date and does not show unused credits; ours stand apart and tie."""
    it = case("A020")
    report = age(it.items(), buckets=Buckets.preset("python-accounting"), basis=Basis.DOCUMENT)
    [row] = report.totals
    assert figures(row) == numbers(it.expected["buckets"]) | {"credits": -10}
    assert row.total.amount == 425
    for customer, wanted in it.expected["by_party"].items():
        shown = figures(report.row(customer))
        shown.pop("credits", None)
        assert shown == numbers(wanted)


@pytest.mark.parametrize("as_of", ["2024-03-31", "2024-04-30"])
def test_past_dates_of_tryton(case, as_of):
    """A payment after the date leaves the invoice open; an unused payment ages by its own date."""
    it = case("A021")
    items = it.items(date.fromisoformat(as_of))
    report = age(items, buckets=Buckets.preset("tryton"), credits=CreditDisplay.OWN_DATE)
    for customer, wanted in it.expected[as_of].items():
        row = report.row(customer)
        shown = figures(row) | {"balance": row.total.amount}
        shown.pop("not due", None)
        assert shown == numbers(wanted)


@pytest.mark.parametrize(("key", "back"), [("as_of_T", 0), ("as_of_T-1", 1)])
def test_past_dates_of_gnucash(case, key, back):
    """The day before the payment, and the day itself."""
    it = case("A023")
    [row] = age(it.items(it.as_of - timedelta(days=back)), buckets=Buckets.preset("gnucash")).totals
    wanted = numbers(it.expected[key])
    assert figures(row) | {"total": row.total.amount} == {
        "credits" if name == "pre_payment" else name: amount for name, amount in wanted.items()
    }


def test_a_report_of_a_past_date(case):
    it = case("A024")
    [item] = it.items()
    assert (item.open_amount.amount, item.days_past_due) == (100, 31)


def test_month_ends(case):
    """Buckets by calendar month end at the last days of the months before."""
    it = case("A028")
    buckets = Buckets.month_ends(as_of=it.as_of, months=4)
    ends = [label.removeprefix("since ") for label in buckets.labels if label.startswith("since")]
    assert [str(it.as_of), *ends] == it.expected["boundaries"]


def test_an_unused_payment_ages_from_its_posting(case):
    it = case("A029")
    [row] = age(it.items(), credits=CreditDisplay.OWN_DATE).totals
    assert {part.item.id: part.days for part in row.parts} == it.expected["age_days"]


TERMS = {"T001": (AddDays(0),), "T002": (EndOfMonth(), AddDays(45)), "T004": (EndOfMonth(),)}


@pytest.mark.parametrize(("name", "steps"), TERMS.items())
def test_terms_of_odoo(case, name, steps):
    due = case(name).expected["due"]
    terms = PaymentTerms.due(*steps)
    assert {base: str(terms.due_date(date.fromisoformat(base))) for base in due} == due


def test_instalments_of_tryton(case):
    """Percentages of the total, a fixed amount, and the remainder on the 15th and 30 days more."""
    it = case("T006")
    quarter, fixed = Percent(Decimal(25)), Fixed(Money("396.84", "USD"))
    terms = PaymentTerms(
        (
            InstalmentTerms(quarter, (AddDays(30),)),
            InstalmentTerms(quarter, (AddMonths(1),)),
            InstalmentTerms(fixed, (AddMonths(1), AddDays(30))),
            InstalmentTerms(Remainder(), (AddMonths(2), DayOfMonth(15), AddDays(30))),
        )
    )
    schedule = terms.schedule(Money("1587.35", "USD"), it.as_of)
    assert [[str(part.due_date), str(part.amount.amount)] for part in schedule] == it.expected[
        "instalments"
    ]


SAP_DAY_LIMIT = ByDay(((15, (AddMonths(1), EndOfMonth())), (31, (AddMonths(2), DayOfMonth(15)))))


def test_due_dates(vectors):
    """Each rule, read from its text, leads to the date worked out by hand."""
    terms = None
    for it in vectors["DUE"]["expected"]:
        if it["rule"].startswith("SAP"):
            terms = PaymentTerms.due(SAP_DAY_LIMIT)
        elif it["rule"] != "same":
            terms = PaymentTerms.parse(it["rule"])
        assert str(terms.due_date(date.fromisoformat(it["inv"]))) == it["due"], it


def test_a_split(vectors):
    it = vectors["SPLIT-01"]
    parts = Money.from_minor(it["input"]["cents"], "MXN").split(it["input"]["weights"])
    assert [part.minor for part in parts] == it["expected"]["first"]
