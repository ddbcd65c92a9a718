"""T052 compiles to payment terms; the day-limit example is SAP's own."""

from datetime import date
from decimal import Decimal

import pytest

from receivables.adapters.sap.due import InstalmentRow, TermsRow, compile_terms

MONTH_END = [
    TermsRow(key="Z1", day_limit=15, fixed=((31, 1), (0, 0), (0, 0))),
    TermsRow(key="Z1", day_limit=31, fixed=((15, 2), (0, 0), (0, 0))),
]


@pytest.mark.parametrize(
    ("base", "due"),
    [
        (date(2026, 1, 15), date(2026, 2, 28)),
        (date(2026, 1, 16), date(2026, 3, 15)),
        (date(2026, 1, 31), date(2026, 3, 15)),
        (date(2026, 12, 16), date(2027, 2, 15)),
    ],
)
def test_day_limits_choose_by_the_day_of_the_base_date(base, due):
    assert compile_terms(MONTH_END)["Z1"].due_date(base) == due


@pytest.mark.parametrize(
    ("row", "due"),
    [
        (TermsRow(key="A", days=(30, 0, 0)), date(2026, 3, 1)),
        (TermsRow(key="A", days=(14, 30, 45)), date(2026, 3, 16)),
        (TermsRow(key="A"), date(2026, 1, 30)),
        (TermsRow(key="A", fixed_day=31, days=(30, 0, 0)), date(2026, 3, 2)),
        (TermsRow(key="A", fixed_day=31, months=1), date(2026, 2, 28)),
    ],
)
def test_a_row_is_its_baseline_and_its_last_term(row, due):
    assert compile_terms([row])["A"].due_date(date(2026, 1, 30)) == due


def test_percentages_are_discounts():
    terms = compile_terms(
        [TermsRow(key="A", days=(10, 20, 30), percents=(Decimal(3), Decimal(2)))]
    )["A"]
    assert str(terms) == "discount 3%[+10d] discount 2%[+20d] net 30 from document date"


PARTS = [
    InstalmentRow("R", 2, Decimal(30), "B"),
    InstalmentRow("R", 1, Decimal(50), "A"),
    InstalmentRow("R", 3, Decimal(20), "C"),
]
KEYS = [TermsRow(key=key, days=(days, 0, 0)) for key, days in (("A", 30), ("B", 60), ("C", 90))]


def test_t052s_makes_instalments():
    rows = [*KEYS, TermsRow(key="R", in_instalments=True)]
    assert str(compile_terms(rows, PARTS)["R"]) == "50%[+30d] 30%[+60d] remainder[+90d]"


def test_terms_in_instalments_whose_parts_are_unknown_are_left_out():
    rows = [*KEYS[:2], TermsRow(key="R", in_instalments=True)]
    assert sorted(compile_terms(rows, PARTS)) == ["A", "B"]
    assert sorted(compile_terms(rows)) == ["A", "B"]


@pytest.fixture
def terms_in_books(books):
    """Books with terms of a third each and a customer on them, whose invoice was posted in their instalments."""
    books.tables["T052"] = [
        *({"ZTERM": key, "ZTAG1": days} for key, days in (("A", 30), ("B", 60))),
        {"ZTERM": "R", "XSPLT": "X"},
    ]
    books.tables["T052S"] = [
        {"ZTERM": "R", "RATNR": 1, "RATPZ": Decimal("33.330"), "RATZT": "A"},
        {"ZTERM": "R", "RATNR": 2, "RATPZ": Decimal("66.670"), "RATZT": "B"},
    ]
    books.account("100001", ZTERM="R")
    head = books.document("RV", date(2026, 1, 30))
    for days, amount in ((30, "333.30"), (60, "666.70")):
        books.line(
            head,
            "100001",
            "01",
            "S",
            Decimal(amount),
            "MXN",
            ZFBDT=date(2026, 1, 30),
            ZBD1T=days,
            ZTERM="AB"[days // 60],
        )
    return books


@pytest.mark.parametrize("path", ["tables", "bapi"])
def test_instalments_are_read_from_the_terms_and_from_the_lines(terms_in_books, source, path):
    [page] = source(path).pages()
    [customer] = [it for it in page.facts if it.kind == "customer"]
    [invoice] = [it for it in page.facts if it.kind == "invoice"]
    assert str(customer.terms) == "33.33%[+30d] remainder[+60d]"
    parts = customer.terms.schedule(invoice.amount, invoice.base_date)
    assert [(it.number, it.due_date, it.amount) for it in parts] == [
        (it.number, it.due_date, it.amount) for it in invoice.instalments
    ]
    assert [it.due_date for it in parts] == [date(2026, 3, 1), date(2026, 3, 31)]


def test_odata_reads_the_same_instalments_from_the_lines(terms_in_books, source, odata):
    [table] = source().pages()
    [cube] = odata().pages()
    [one], [two] = ([it for it in page.facts if it.kind == "invoice"] for page in (table, cube))
    assert one == two


def test_t052s_that_may_not_be_read_is_said_and_its_terms_are_unknown(
    terms_in_books, functions, source
):
    functions.faults.forbidden_tables = frozenset({"T052S"})
    [page] = source().pages()
    assert sorted(it.code for it in page.problems) == ["table-unread", "unknown-terms"]
    assert [it.terms for it in page.facts if it.kind == "customer"] == [None]
