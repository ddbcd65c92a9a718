"""Neutral rows become facts: each of SAP's ways of settling an item, told by hand."""

from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType

import pytest

from receivables import Subledger
from receivables.adapters.sap.codes import Codes, SpecialGl
from receivables.adapters.sap.lines import ItemKey, Line
from receivables.adapters.sap.read import read

JAN, FEB, MAR, APR = (date(2026, month, 10) for month in (1, 2, 3, 4))


def line(document, item, kind, side, amount, day, **more):
    currency = more.pop("currency", "MXN")
    cleared = more.pop("cleared", None)
    if cleared is not None:
        more |= {"cleared_by": cleared[0].zfill(10), "cleared_on": cleared[1]}
    refers = more.pop("refers", None)
    if refers is not None:
        more["invoice_reference"] = (refers.zfill(10), "2026", "001")
    values = {
        "key": ItemKey("1000", document.zfill(10), "2026", f"{item:03}"),
        "customer": "C1",
        "document_type": kind,
        "posting_key": "01" if side == "S" else "15",
        "debit": side == "S",
        "currency": currency,
        "amount": Decimal(amount),
        "company_currency": "MXN",
        "company_amount": Decimal(amount),
        "posting_date": day,
        "document_date": day,
    }
    return Line(**(values | more))


def told(lines, codes=None, **more):
    """Return the facts as short texts, and the codes of the problems."""
    reading = read(lines, codes=codes, **more)
    texts = []
    for fact in reading.facts:
        link = "".join(
            f" {name}={getattr(fact, name)[12:15] if len(getattr(fact, name)) > 15 else getattr(fact, name)}"
            for name in ("source", "target", "of")
            if getattr(fact, name, None)
        )
        amount = f" {fact.amount}" if fact.kind != "reversal" else ""
        texts.append(f"{fact.posting_date:%m-%d} {fact.kind}{amount}{link}")
    return texts, [problem.code for problem in reading.problems]


def open_on(lines, day, codes=None):
    books = Subledger.of(read(lines, codes=codes).facts)
    return [
        (item.kind, str(item.open_amount), item.due_date) for item in books.open_items(as_of=day)
    ]


INVOICE = {"days": (0, 0, 30)}


def test_a_payment_that_clears_an_invoice_is_one_payment_and_one_allocation():
    lines = [
        line("101", 1, "RV", "S", "100.00", JAN, **INVOICE, cleared=("201", FEB)),
        line("201", 1, "DZ", "H", "100.00", FEB, cleared=("201", FEB)),
    ]
    assert told(lines) == (
        [
            "01-10 invoice 100.00 MXN",
            "02-10 payment 100.00 MXN",
            "02-10 allocation 100.00 MXN source=201 target=101",
        ],
        [],
    )
    assert open_on(lines, FEB - timedelta(days=1)) == [("invoice", "100.00 MXN", date(2026, 2, 9))]
    assert open_on(lines, FEB) == []


def test_a_partial_payment_is_used_once_and_the_invoice_not_reduced_twice():
    lines = [
        line("101", 1, "RV", "S", "100.00", JAN, **INVOICE),
        line("201", 1, "DZ", "H", "40.00", FEB, refers="101", follow_on="Z"),
    ]
    assert open_on(lines, MAR) == [("invoice", "60.00 MXN", date(2026, 2, 9))]


def test_a_partial_payment_stands_when_the_rest_is_cleared_later():
    lines = [
        line("101", 1, "RV", "S", "100.00", JAN, cleared=("202", MAR)),
        line("201", 1, "DZ", "H", "40.00", FEB, refers="101", follow_on="Z", cleared=("202", MAR)),
        line("202", 1, "DZ", "H", "60.00", MAR, cleared=("202", MAR)),
    ]
    texts, problems = told(lines)
    assert sorted(it for it in texts if "allocation" in it) == [
        "02-10 allocation 40.00 MXN source=201 target=101",
        "03-10 allocation 60.00 MXN source=202 target=101",
    ]
    assert problems == []
    assert open_on(lines, FEB) == [("invoice", "60.00 MXN", JAN)]
    assert open_on(lines, MAR) == []


RESIDUAL = [
    line("101", 1, "RV", "S", "100.00", JAN, **INVOICE, cleared=("201", FEB)),
    line("201", 1, "DZ", "H", "100.00", FEB, cleared=("201", FEB)),
    line("201", 2, "DZ", "S", "40.00", FEB, refers="101", follow_on="V", cleared=("202", MAR)),
    line("202", 1, "DZ", "H", "40.00", MAR, cleared=("202", MAR)),
]


def test_a_residual_item_continues_the_invoice_with_its_due_date():
    texts, problems = told(RESIDUAL)
    assert texts[:3] == [
        "01-10 invoice 100.00 MXN",
        "02-10 payment 60.00 MXN",
        "03-10 payment 40.00 MXN",
    ]
    assert problems == []
    assert open_on(RESIDUAL, FEB) == [("invoice", "40.00 MXN", date(2026, 2, 9))]
    assert open_on(RESIDUAL, MAR) == []


def test_a_residual_item_may_stand_on_its_own_by_choice():
    codes = Codes(residuals="new")
    assert open_on(RESIDUAL, FEB, codes) == [("debit_memo", "40.00 MXN", FEB)]
    assert open_on(RESIDUAL, MAR, codes) == []


def test_a_discount_taken_is_an_adjustment_and_the_payment_is_the_money():
    lines = [
        line("101", 1, "RV", "S", "100.00", JAN, discount=Decimal("2.00"), cleared=("201", JAN)),
        line("201", 1, "DZ", "H", "100.00", JAN, discount=Decimal("2.00"), cleared=("201", JAN)),
    ]
    assert sorted(told(lines)[0]) == [
        "01-10 adjustment 2.00 MXN target=101",
        "01-10 allocation 98.00 MXN source=201 target=101",
        "01-10 invoice 100.00 MXN",
        "01-10 payment 98.00 MXN",
    ]


def test_a_payment_on_account_is_used_by_a_later_clearing():
    lines = [
        line("101", 1, "RV", "S", "60.00", JAN, cleared=("301", MAR)),
        line("201", 1, "DZ", "H", "100.00", FEB, cleared=("301", MAR)),
        line("301", 1, "AB", "H", "60.00", MAR, cleared=("301", MAR)),
        line("301", 2, "AB", "S", "100.00", MAR, cleared=("301", MAR)),
        line("301", 3, "AB", "H", "40.00", MAR, refers="201", follow_on="V"),
    ]
    assert open_on(lines, FEB) == [("invoice", "60.00 MXN", JAN), ("payment", "-100.00 MXN", None)]
    assert open_on(lines, MAR) == [("payment", "-40.00 MXN", None)]


def test_an_item_cleared_after_the_date_is_open_on_it():
    lines = [
        line("101", 1, "RV", "S", "100.00", JAN, cleared=("201", APR)),
        line("201", 1, "DZ", "H", "100.00", APR, cleared=("201", APR)),
    ]
    assert open_on(lines, MAR) == [("invoice", "100.00 MXN", JAN)]


@pytest.mark.parametrize(("reason", "kind"), [("W01", "write_off"), ("D01", "adjustment")])
def test_a_clearing_against_the_general_ledger_is_a_loss_or_another_difference_by_its_reason(
    reason, kind
):
    lines = [
        line("101", 1, "RV", "S", "100.00", JAN, cleared=("401", FEB)),
        line("401", 1, "SA", "H", "100.00", FEB, cleared=("401", FEB), reason=reason),
    ]
    texts, problems = told(lines, Codes(write_off_reasons=frozenset({"W01"})))
    assert (texts[1], problems) == (f"02-10 {kind} 100.00 MXN target=101", [])


def test_money_given_back_is_a_refund():
    lines = [
        line("201", 1, "DZ", "H", "100.00", JAN, cleared=("501", FEB)),
        line("501", 1, "KZ", "S", "100.00", FEB, cleared=("501", FEB)),
    ]
    assert told(lines)[0] == ["01-10 payment 100.00 MXN", "02-10 refund 100.00 MXN source=201"]


def test_a_reversal_ends_the_document_from_its_own_date():
    lines = [
        line("101", 1, "RV", "S", "100.00", JAN, reversed_with="0000000102", cleared=("102", FEB)),
        line(
            "102",
            1,
            "RV",
            "H",
            "100.00",
            FEB,
            posting_key="12",
            reversed_with="0000000101",
            cleared=("102", FEB),
        ),
    ]
    assert told(lines) == (["01-10 invoice 100.00 MXN", "02-10 reversal of=101"], [])
    assert open_on(lines, JAN) == [("invoice", "100.00 MXN", JAN)]
    assert open_on(lines, FEB) == []


def test_half_a_reversal_is_remarked():
    lines = [line("101", 1, "RV", "S", "100.00", JAN, reversed_with="0000000102")]
    assert told(lines) == (["01-10 invoice 100.00 MXN"], ["reversal-outside-extract"])


def test_special_gl_is_left_out_and_counted_unless_it_is_kept():
    lines = [
        line("101", 1, "RV", "S", "100.00", JAN),
        line("601", 1, "DZ", "H", "30.00", JAN, special_gl="A", posting_key="19"),
        line("602", 1, "DA", "S", "55.00", JAN, special_gl="F", status="S"),
        line("603", 1, "DA", "S", "70.00", JAN, special_gl="W"),
    ]
    texts, problems = told(lines)
    assert (texts, problems) == (
        ["01-10 invoice 100.00 MXN"],
        ["special-gl", "noted-item", "special-gl"],
    )
    kept = Codes(special_gl=MappingProxyType({"A": SpecialGl.KEEP}))
    assert open_on(lines, FEB, kept) == [
        ("invoice", "100.00 MXN", JAN),
        ("payment", "-30.00 MXN", None),
    ]


@pytest.mark.parametrize(
    ("refers", "due"),
    [
        (None, date(2026, 1, 10)),
        (("0000000101", "2026", "001"), date(2026, 2, 9)),
        (("V", "", ""), date(2026, 2, 9)),
    ],
)
def test_a_credit_memo_is_due_at_once_unless_it_refers_to_an_invoice(refers, due):
    more = {"invoice_reference": refers} if refers else {}
    lines = [line("701", 1, "DG", "H", "10.00", JAN, posting_key="11", days=(0, 0, 30), **more)]
    assert open_on(lines, FEB) == [("credit_memo", "-10.00 MXN", due)]


@pytest.mark.parametrize(
    ("days", "due"),
    [
        ((14, 30, 45), date(2026, 2, 24)),
        ((30, 0, 0), date(2026, 2, 9)),
        ((0, 0, 0), date(2026, 1, 10)),
        ((14, 30, 0), date(2026, 2, 9)),
    ],
)
def test_an_invoice_is_due_after_the_last_days_that_are_set(days, due):
    assert open_on([line("101", 1, "RV", "S", "1.00", JAN, days=days)], JAN)[0][2] == due


def test_a_due_date_of_the_system_wins_and_a_difference_is_remarked():
    lines = [line("101", 1, "RV", "S", "1.00", JAN, days=(0, 0, 30), due_date=date(2026, 2, 12))]
    assert open_on(lines, JAN)[0][2] == date(2026, 2, 12)
    assert told(lines)[1] == ["due-date-differs"]


def test_the_lines_of_one_invoice_are_its_instalments():
    lines = [
        line("101", 1, "RV", "S", "50.00", JAN, days=(0, 0, 30)),
        line("101", 2, "RV", "S", "50.00", JAN, days=(0, 0, 60), cleared=("201", FEB)),
        line("201", 1, "DZ", "H", "50.00", FEB, cleared=("201", FEB)),
    ]
    assert told(lines)[0][0] == "01-10 invoice 100.00 MXN"
    assert open_on(lines, FEB) == [("invoice", "50.00 MXN", date(2026, 2, 9))]


def test_what_a_clearing_leaves_over_is_ended_and_said():
    lines = [line("101", 1, "RV", "S", "100.00", JAN, cleared=("201", FEB))]
    texts, problems = told(lines)
    assert (texts[1], problems) == (
        "02-10 adjustment 100.00 MXN target=101",
        ["clearing-does-not-balance"],
    )


def test_an_item_read_while_it_was_cleared_is_one_item_cleared():
    one = line("101", 1, "RV", "S", "100.00", JAN)
    two = line("101", 1, "RV", "S", "100.00", JAN, cleared=("201", FEB))
    paid = line("201", 1, "DZ", "H", "100.00", FEB, cleared=("201", FEB))
    assert told([one, two, paid]) == told([two, paid, one]) == told([two, paid])


def test_a_payment_in_another_currency_is_exchanged_in_the_clearing():
    lines = [
        line("101", 1, "RV", "S", "50.00", JAN, currency="USD", cleared=("301", FEB)),
        line("201", 1, "DZ", "H", "860.00", FEB, cleared=("301", FEB)),
        line("301", 1, "AB", "H", "50.00", FEB, currency="USD", cleared=("301", FEB)),
        line("301", 2, "AB", "S", "860.00", FEB, cleared=("301", FEB)),
    ]
    reading = read(lines)
    [use] = [it for it in reading.facts if it.kind == "allocation"]
    assert (str(use.amount), str(use.source_amount), reading.problems) == (
        "50.00 USD",
        "860.00 MXN",
        (),
    )


def test_a_short_payment_carried_on_without_reference_is_a_debit_memo():
    lines = [
        line("101", 1, "RV", "S", "100.00", JAN, cleared=("201", FEB)),
        line("201", 1, "DZ", "H", "100.00", FEB, cleared=("201", FEB)),
        line("201", 2, "DZ", "S", "10.00", FEB, posting_key="06", reason="053"),
    ]
    assert open_on(lines, FEB) == [("debit_memo", "10.00 MXN", FEB)]
    assert "02-10 payment 90.00 MXN" in told(lines)[0]


def test_the_fiscal_uuid_and_the_dispute_come_from_where_the_codes_say():
    codes = Codes(uuid_field="XREF3", dispute_blocks=MappingProxyType({"P": "price"}))
    lines = [
        line(
            "101",
            1,
            "RV",
            "S",
            "1.00",
            JAN,
            reference_3="6128396f-c09b-4ec6-8699-43c5f7e3b230",
            dunning_block="P",
        )
    ]
    [fact] = read(lines, codes=codes).facts
    assert dict(fact.attributes)["uuid"] == "6128396f-c09b-4ec6-8699-43c5f7e3b230"
    assert (fact.disputed, fact.dispute_reason) == (True, "price")


def test_a_line_that_says_no_fact_is_a_problem_and_hides_nothing():
    lines = [line("101", 1, "RV", "S", "0.00", JAN), line("102", 1, "RV", "S", "5.00", JAN)]
    assert told(lines) == (["01-10 invoice 5.00 MXN"], ["not-positive"])
