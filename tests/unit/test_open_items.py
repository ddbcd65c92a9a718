"""Open items: what is open, which facts made it so, and what a report may group them by."""

from datetime import date

import pytest

from receivables import Money, Payment, Subledger
from receivables.testing import books

AS_OF = date(2026, 3, 31)
PARTS = "2026-01-01 invoice F-1 C001 100.00 MXN instalments=30.00@2026-03-01,50.00@2026-02-01,20.00@2026-05-01"


def shown(text, as_of=AS_OF):
    return [
        (it.id, str(it.open_amount), it.days_past_due) for it in books(text).open_items(as_of=as_of)
    ]


def used(*lines):
    """Return what is open of the three instalments after these uses of a payment of 200.00."""
    uses = "\n".join(f"2026-02-{day:02} {line}" for day, line in enumerate(lines, start=1))
    text = f"{PARTS}\n2026-01-01 payment R-1 C001 200.00 MXN\n{uses}"
    found = {it.id: str(it.open_amount.amount) for it in books(text).open_items(as_of=AS_OF)}
    return tuple(found.get(f"F-1/{number}", "0") for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("lines", "left"),
    [
        ((), ("30.00", "50.00", "20.00")),
        (("allocation A-1 R-1 -> F-1 40.00 MXN",), ("30.00", "10.00", "20.00")),
        (("allocation A-1 R-1 -> F-1 60.00 MXN",), ("20.00", "0", "20.00")),
        (("allocation A-1 R-1 -> F-1 100.00 MXN",), ("0", "0", "0")),
        (("allocation A-1 R-1 -> F-1 20.00 MXN instalment=3",), ("30.00", "50.00", "0")),
        (
            (
                "allocation A-1 R-1 -> F-1 40.00 MXN",
                "allocation A-2 R-1 -> F-1 15.00 MXN instalment=2",
            ),
            ("25.00", "0", "20.00"),
        ),
        (("adjustment J-1 on F-1 5.00 MXN increase",), ("30.00", "50.00", "25.00")),
        (("adjustment J-1 on F-1 5.00 MXN increase instalment=1",), ("35.00", "50.00", "20.00")),
        (
            ("adjustment J-1 on F-1 5.00 MXN", "write_off W-1 on F-1 46.00 MXN"),
            ("29.00", "0", "20.00"),
        ),
        (
            ("adjustment J-1 on F-1 5.00 MXN increase", "allocation A-1 R-1 -> F-1 105.00 MXN"),
            ("0", "0", "0"),
        ),
        (
            (
                "adjustment J-1 on F-1 5.00 MXN increase",
                "allocation A-1 R-1 -> F-1 25.00 MXN instalment=3",
            ),
            ("30.00", "50.00", "0"),
        ),
    ],
)
def test_uses_fill_instalments(lines, left):
    """What names an instalment goes to it; the rest fills the oldest due first, an increase goes to the last."""
    assert used(*lines) == left


def test_a_movement_is_shared_between_instalments():
    text = f"{PARTS}\n2026-02-01 payment R-1 C001 60.00 MXN\n2026-02-01 allocation A-1 R-1 -> F-1 60.00 MXN"
    items = {it.instalment: it for it in books(text).open_items(as_of=AS_OF)}
    assert [str(it.amount) for it in items[1].movements] == ["-10.00 MXN"]
    assert items[1].amount == Money("30.00", "MXN")
    assert items[3].movements == ()


def test_an_allocation_names_an_instalment_of_what_it_pays_not_of_the_credit_it_uses():
    memo = (
        "2026-01-01 credit_memo N-1 C001 100.00 MXN instalments=50.00@2026-02-01,50.00@2026-03-01"
    )
    use = "2026-01-01 allocation A-1 N-1 -> F-1 20.00 MXN instalment=3"
    left = {
        it.id: str(it.open_amount.amount)
        for it in books(f"{PARTS}\n{memo}\n{use}").open_items(as_of=AS_OF)
    }
    assert left == {"F-1/1": "30.00", "F-1/2": "50.00", "N-1/1": "-30.00", "N-1/2": "-50.00"}


def test_items_come_oldest_due_first_and_undated_last():
    text = """
        2026-01-01 invoice F-3 C001 1.00 MXN
        2026-01-01 invoice F-2 C001 1.00 MXN due=2026-02-01
        2026-01-01 invoice F-1 C001 1.00 MXN due=2026-02-01
        2026-01-01 invoice F-0 C001 1.00 MXN due=2026-03-01
    """
    assert [name for name, *_ in shown(text)] == ["F-1", "F-2", "F-0", "F-3"]


@pytest.mark.parametrize(
    ("due", "days"), [("2026-03-30", 1), ("2026-03-31", 0), ("2026-04-01", -1)]
)
def test_days_past_due(due, days):
    """Due today is 0, and not due yet is negative."""
    assert shown(f"2026-01-01 invoice F-1 C001 1.00 MXN due={due}") == [("F-1", "1.00 MXN", days)]


def test_credits_are_negative_and_shrink_as_they_are_used():
    text = """
        2026-01-01 invoice     F-1 C001 100.00 MXN
        2026-01-01 credit_memo M-1 C001 30.00 MXN
        2026-01-01 payment     R-1 C001 50.00 MXN
        2026-01-02 allocation  A-1 M-1 -> F-1 30.00 MXN
        2026-01-02 allocation  A-2 R-1 -> F-1 20.00 MXN
        2026-01-03 refund      B-1 of R-1 5.00 MXN
        2026-01-03 write_off   W-1 on R-1 1.00 MXN
        2026-01-04 adjustment  J-1 on R-1 2.00 MXN increase
    """
    assert shown(text) == [("F-1", "50.00 MXN", None), ("R-1", "-26.00 MXN", None)]


def test_an_allocation_takes_effect_when_all_it_rests_on_is_posted():
    text = """
        2026-01-10 invoice    F-1 C001 100.00 MXN
        2026-01-20 payment    R-1 C001 100.00 MXN
        2026-01-05 allocation A-1 R-1 -> F-1 100.00 MXN
    """
    assert shown(text, date(2026, 1, 9)) == []
    assert shown(text, date(2026, 1, 19)) == [("F-1", "100.00 MXN", None)]
    assert shown(text, date(2026, 1, 20)) == []
    [item] = [
        it
        for it in books(text + "2026-02-01 reversal X-1 of A-1").open_items(as_of=AS_OF)
        if it.id == "F-1"
    ]
    assert item.movements == ()


STORY = """
    2026-01-01 customer   C001 name="Acme" segment=retail collector=Ana head_office=C000 @zone=7
    2026-03-01 customer   C001 name="Acme" segment=public
    2026-01-10 invoice    F-1 C001 100.00 MXN net 30 document=2026-01-05 @region=north reference="PO 1"
    2026-01-20 debit_memo D-1 C001 50.00 USD due=2026-03-31 segment=export disputed dispute_reason=price
"""


@pytest.mark.parametrize(
    ("name", "one", "two"),
    [
        ("customer", "C001", "C001"),
        ("kind", "invoice", "debit_memo"),
        ("currency", "MXN", "USD"),
        ("segment", "public", "export"),
        ("name", "Acme", "Acme"),
        ("collector", None, None),
        ("region", "north", None),
        ("disputed", "false", "true"),
        ("dispute_reason", None, "price"),
        ("due_date", "2026-02-04", "2026-03-31"),
        ("document_date", "2026-01-05", "2026-01-20"),
        ("baseline_date", "2026-01-05", "2026-01-20"),
        ("posting_date", "2026-01-10", "2026-01-20"),
        ("reference", "PO 1", None),
        ("instalment", None, None),
    ],
)
def test_what_a_report_may_group_by(name, one, two):
    """A field of the item, of its document, or what was true of the customer on that day."""
    items = books(STORY).open_items(as_of=AS_OF)
    assert [item.attribute(name) for item in items] == [one, two]


def test_masters_hold_from_their_day():
    ledger = books(STORY)
    [item, _] = ledger.open_items(as_of=date(2026, 2, 28))
    assert [item.attribute(name) for name in ("segment", "collector", "zone", "head_office")] == [
        "retail",
        "Ana",
        "7",
        "C000",
    ]
    assert [item.knows(name) for name in ("zone", "region", "colour")] == [True, True, False]


def test_the_booked_amount_of_what_is_open():
    """The open share of the amount booked; instalments by largest remainder, so that they make the whole."""
    text = """
        2026-01-10 invoice    F-1 C001 100.00 USD instalments=50.00@2026-02-01,50.00@2026-03-01 company=1700.01MXN
        2026-01-10 payment    R-1 C001 25.00 USD company=400.00MXN
        2026-01-10 allocation A-1 R-1 -> F-1 20.00 USD
        2026-01-10 invoice    F-2 C001 100.00 USD due=2026-04-01
    """
    items = books(text).open_items(as_of=AS_OF)
    assert [(it.id, str(it.booked_open_amount)) for it in items] == [
        ("F-1/1", "510.01 MXN"),
        ("F-1/2", "850.00 MXN"),
        ("F-2", "None"),
        ("R-1", "-80.00 MXN"),
    ]


def test_discount_offers_of_an_item():
    [item] = books("2026-01-10 invoice F-1 C001 100.00 MXN 2/10 net 30").open_items(as_of=AS_OF)
    assert [(str(it.last_day), int(it.percent)) for it in item.discount_offers] == [
        ("2026-01-20", 2)
    ]
    [bare] = books("2026-01-10 payment R-1 C001 100.00 MXN").open_items(as_of=AS_OF)
    assert bare.discount_offers == ()


EXPLAINED = """\
open amount of invoice F-1 of customer C001 as of 2026-03-31: 69.00 MXN
  2026-01-10 invoice F-1 posted: 100.00 MXN
  2026-02-01 allocation A-1 of R-1: -30.00 MXN
  2026-02-05 write-off W-1 (rounding): -1.00 MXN
  due 2026-02-09: net 30 from 2026-01-10
  50 days past due: 2026-03-31 less 2026-02-09
  disputed: price"""


def test_an_item_explains_itself():
    """Each movement with its date and id, then how the due date came about."""
    text = """
        2026-01-10 invoice    F-1 C001 100.00 MXN net 30 disputed dispute_reason=price
        2026-02-01 payment    R-1 C001 30.00 MXN
        2026-02-01 allocation A-1 R-1 -> F-1 30.00 MXN
        2026-02-05 write_off  W-1 on F-1 1.00 MXN reason=rounding
    """
    [item] = books(text).open_items(as_of=AS_OF)
    assert str(item.explain()) == EXPLAINED
    assert str(item) == "F-1 invoice of C001: 69.00 MXN open on 2026-03-31, due 2026-02-09"


@pytest.mark.parametrize(
    ("line", "remarks"),
    [
        ("payment R-1 ? 5.00 MXN", ["no due date"]),
        (
            "invoice F-1 C001 5.00 MXN due=2026-03-31",
            ["due 2026-03-31, as the document says", "not past due on 2026-03-31"],
        ),
        ("invoice F-1 C001 5.00 MXN disputed", ["no due date", "disputed: no reason given"]),
        (
            "invoice F-1 C001 5.00 MXN net 30 due=2026-03-30",
            ["due 2026-03-30, as the document says", "1 days past due: 2026-03-31 less 2026-03-30"],
        ),
    ],
)
def test_remarks_of_an_explanation(line, remarks):
    [item] = books(f"2026-01-10 {line}").open_items(as_of=AS_OF)
    assert [it.text for it in item.explain().parts if it.amount is None] == remarks


def test_the_payment_explains_where_it_went():
    text = """
        2026-01-10 invoice    F-1 C001 30.00 MXN
        2026-02-01 payment    R-1 ? 50.00 MXN
        2026-02-02 allocation A-1 R-1 -> F-1 30.00 MXN
    """
    [item] = books(text).open_items(as_of=AS_OF)
    assert str(item.explain()).splitlines()[:3] == [
        "open amount of payment R-1 of an unidentified customer as of 2026-03-31: -20.00 MXN",
        "  2026-02-01 payment R-1 posted: -50.00 MXN",
        "  2026-02-02 allocation A-1 to F-1: 30.00 MXN",
    ]


def test_an_instalment_names_its_number():
    [_, first, _] = books(PARTS).open_items(as_of=AS_OF)
    assert (first.id, first.instalment, first.due_date) == ("F-1/1", 1, date(2026, 3, 1))
    assert first.explain().parts[0].text == "2026-01-01 invoice F-1 instalment 1 posted"


def test_instalments_due_on_one_day_come_by_number():
    from receivables import Instalment, Invoice, Subledger

    due = date(2026, 2, 1)
    parts = (Instalment(2, due, Money("40.00", "MXN")), Instalment(1, due, Money("60.00", "MXN")))
    whole = Money("100.00", "MXN")
    invoice = Invoice(
        id="F-1", customer="C001", amount=whole, posting_date=date(2026, 1, 1), instalments=parts
    )
    assert [it.id for it in Subledger.of([invoice]).open_items(as_of=AS_OF)] == ["F-1/1", "F-1/2"]


def test_a_payment_nobody_is_known_to_have_made_is_said_in_words():
    payment = Payment(id="R-3", amount=Money("5.00", "MXN"), posting_date=date(2026, 3, 2))
    [item] = Subledger.of([payment]).open_items(as_of=date(2026, 3, 31))
    text = "R-3 payment of an unidentified customer: -5.00 MXN open on 2026-03-31, undated"
    assert str(item) == text
