"""The subledger: what enters, what is left out and why, and the questions it answers."""

import pickle
from datetime import UTC, date, datetime

import pytest

from receivables import CashPosition, Money, OpenItemsExtract, Subledger
from receivables.errors import (
    AlreadyReversed,
    BeforeExtract,
    ConflictingFact,
    NotADate,
    OverAllocated,
    PartsDoNotSum,
    UnknownFact,
)
from receivables.testing import books, facts

AS_OF = date(2026, 3, 31)
BASE = """
    2026-01-10 invoice    F-1 C001 100.00 MXN due=2026-02-09
    2026-01-10 invoice    F-2 C001 10.00 USD due=2026-02-09
    2026-01-15 payment    R-1 C001 80.00 MXN
    2026-01-16 allocation A-1 R-1 -> F-1 30.00 MXN
"""


def told(*lines):
    """Load lines on top of the base; return codes and messages of what was left out."""
    text = BASE + "\n".join(f"2026-02-01 {line}" for line in lines)
    _, problems = Subledger.load(facts(text))
    return [str(it) for it in problems]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            "allocation A-2 R-1 -> F-9 1.00 MXN",
            "A-2: unknown-fact: allocation A-2 names F-9, which this subledger does not hold; add it first",
        ),
        (
            "allocation A-2 F-1 -> F-1 1.00 MXN",
            "A-2: wrong-kind: allocation A-2 rests on the invoice F-1; it needs: credit memo or payment",
        ),
        (
            "allocation A-2 R-1 -> R-1 1.00 MXN",
            "A-2: wrong-kind: allocation A-2 rests on the payment R-1; it needs: invoice or debit memo",
        ),
        (
            "refund B-1 of F-1 1.00 MXN",
            "B-1: wrong-kind: refund B-1 rests on the invoice F-1; it needs: credit memo or payment",
        ),
        (
            "write_off W-1 on A-1 1.00 MXN",
            (
                "W-1: wrong-kind: write-off W-1 rests on the allocation A-1; "
                "it needs: invoice or debit memo or credit memo or payment"
            ),
        ),
        (
            "allocation A-2 R-1 -> F-2 1.00 USD",
            "A-2: currency-mismatch: allocation A-2 of 1.00 USD rests on R-1 of 80.00 MXN; give source_amount too",
        ),
        (
            "allocation A-2 R-1 -> F-2 1.00 USD taking=1.00USD",
            "A-2: currency-mismatch: allocation A-2 of 1.00 USD rests on R-1 of 80.00 MXN",
        ),
        (
            "write_off W-1 on F-1 1.00 USD",
            "W-1: currency-mismatch: write-off W-1 of 1.00 USD rests on F-1 of 100.00 MXN",
        ),
        (
            "write_off W-1 on F-1 70.01 MXN",
            "W-1: over-allocated: write-off W-1 takes 70.01 MXN from F-1, which has 70.00 MXN open on 2026-02-01",
        ),
        (
            "allocation A-2 R-1 -> F-1 50.01 MXN",
            "A-2: over-allocated: allocation A-2 takes 50.01 MXN from R-1, which has 50.00 MXN open on 2026-02-01",
        ),
        (
            "allocation A-2 R-1 -> F-1 1.00 MXN instalment=2",
            "A-2: unknown-fact: allocation A-2 names instalment 2 of F-1, which has 1",
        ),
        (
            "reversal X-1 of A-9",
            "X-1: unknown-fact: reversal X-1 names A-9, which this subledger does not hold; add it first",
        ),
    ],
)
def test_what_breaks_a_law_is_left_out_and_named(line, problem):
    assert told(line) == [problem]


def test_one_reversal_each_and_none_of_a_reversal():
    assert told("reversal X-1 of A-1", "reversal X-2 of A-1", "reversal X-3 of X-1") == [
        "X-2: already-reversed: reversal X-2 names A-1, which X-1 reversed on 2026-02-01",
        "X-3: wrong-kind: reversal X-3 reverses the reversal X-1; post the fact again under a new id instead",
    ]


def test_of_two_facts_with_one_id_the_first_posted_stays():
    text = "2026-02-02 invoice F-1 C001 5.00 MXN\n2026-02-01 invoice F-1 C001 6.00 MXN"
    ledger, [problem] = Subledger.load(facts(text))
    assert str(ledger.fact("F-1").amount) == "6.00 MXN"
    assert problem.code == "conflicting-fact"
    assert dict(problem.context) == {
        "fact": "F-1",
        "kind": "invoice",
        "amount": "5.00",
        "currency": "MXN",
    }


def test_a_conflict_says_what_differs():
    assert told("invoice F-1 C002 100.00 MXN due=2026-02-09") == [
        (
            "F-1: conflicting-fact: two facts share the id F-1 and differ: "
            "posting_date 2026-01-10 and 2026-02-01, customer C001 and C002; every fact needs an id of its own"
        )
    ]


def test_two_truths_of_a_customer_on_one_day_conflict():
    assert told("customer C001 segment=a", "customer C001 segment=b") == [
        "C001: conflicting-fact: customer C001 has two different facts valid from 2026-02-01; keep one"
    ]


def test_what_rests_on_a_fact_left_out_is_left_out_too():
    text = BASE + "2026-02-01 write_off W-1 on F-1 999.00 MXN\n2026-02-02 reversal X-1 of W-1"
    ledger, problems = Subledger.load(facts(text))
    assert [(it.where, it.code) for it in problems] == [
        ("W-1", "over-allocated"),
        ("X-1", "unknown-fact"),
    ]
    assert [it.id for it in ledger.facts] == ["F-1", "F-2", "R-1", "A-1"]
    assert (
        problems[1].message == "reversal X-1 names W-1, which was left out because it breaks a law"
    )


def test_a_use_reversed_on_its_own_day_never_counted():
    assert told("write_off W-1 on F-1 999.00 MXN", "reversal X-1 of W-1") == []


def test_only_what_finds_no_room_is_left_out():
    """By posting date and id: the second of three does not fit, the third does."""
    lines = (
        "allocation A-2 R-1 -> F-1 40.00 MXN",
        "allocation A-3 R-1 -> F-1 20.00 MXN",
        "allocation A-4 R-1 -> F-1 10.00 MXN",
    )
    [problem] = told(*lines)
    assert problem.startswith("A-3: over-allocated: ")


def test_an_instalment_is_not_used_past_its_amount():
    text = "2026-01-10 invoice F-1 C001 100.00 MXN instalments=40.00@2026-02-01,60.00@2026-03-01"
    fits = "2026-01-11 write_off W-1 on F-1 40.00 MXN instalment=1"
    assert len(books(f"{text}\n{fits}")) == 2
    with pytest.raises(
        OverAllocated, match=r"takes 0\.01 MXN from F-1/1, which has 0\.00 MXN open"
    ):
        books(f"{text}\n{fits}\n2026-01-12 write_off W-2 on F-1 0.01 MXN instalment=1")


def test_the_end_of_an_increase_may_not_take_room_that_is_used():
    text = """
        2026-01-10 invoice    F-1 C001 100.00 MXN
        2026-01-11 adjustment J-1 on F-1 20.00 MXN increase
        2026-01-12 write_off  W-1 on F-1 110.00 MXN
    """
    assert len(books(text)) == 3
    with pytest.raises(OverAllocated):
        books(f"{text}\n2026-01-13 reversal X-1 of J-1")
    ledger = books(text)
    with pytest.raises(
        OverAllocated,
        match=r"^reversal X-1 of adjustment J-1 leaves F-1 10\.00 MXN below zero on 2026-01-13$",
    ):
        ledger.with_facts(facts("2026-01-13 reversal X-1 of J-1"))


def test_room_comes_back_after_a_reversal():
    text = """
        2026-01-10 invoice   F-1 C001 100.00 MXN
        2026-01-11 write_off W-1 on F-1 100.00 MXN
        2026-01-20 reversal  X-1 of W-1
        2026-01-{day} write_off W-2 on F-1 100.00 MXN
    """
    assert books(text.format(day=20)).open_items(as_of=AS_OF) == ()
    with pytest.raises(OverAllocated):
        books(text.format(day=19))


@pytest.mark.parametrize("other", [5, None, "invoice", object()])
def test_what_is_no_fact_is_named(other):
    [problem] = Subledger.load([other])[1]
    assert problem.code == "unreadable-fact"
    assert "not a fact; give facts such as Invoice or Payment" in problem.message


def test_the_strict_door_raises_and_changes_nothing():
    ledger = books(BASE)
    with pytest.raises(UnknownFact):
        ledger.with_facts(facts("2026-02-01 write_off W-1 on F-9 1.00 MXN"))
    assert len(ledger) == 4
    assert len(ledger.with_facts(facts("2026-02-01 write_off W-1 on F-1 1.00 MXN"))) == 5
    assert len(ledger) == 4


def test_questions_about_one_fact():
    ledger = books(BASE)
    assert ledger.fact("A-1").kind == "allocation"
    assert "A-1" in ledger
    assert "A-9" not in ledger
    assert [it.id for it in ledger.facts] == ["F-1", "F-2", "R-1", "A-1"]
    assert repr(ledger) == "<Subledger of 4 facts, 3 documents>"
    with pytest.raises(
        UnknownFact, match=r"^no fact 'A-9' in this subledger of 4 facts; check the id$"
    ):
        ledger.fact("A-9")


def test_a_subledger_equals_its_like_and_nothing_else():
    assert books(BASE) == books(BASE)
    assert books(BASE) != books("2026-01-10 invoice F-1 C001 100.00 MXN")
    assert books(BASE) != "books"
    assert pickle.loads(pickle.dumps(books(BASE))) == books(BASE)  # noqa: S301 - our own
    assert Subledger() == Subledger.of([])


def test_a_subledger_cannot_be_changed():
    with pytest.raises(
        AttributeError, match=r"^a Subledger never changes; with_facts returns a new one$"
    ):
        books(BASE)._ledger = None


@pytest.mark.parametrize("as_of", ["2026-03-31", datetime(2026, 3, 31, tzinfo=UTC), None, 20260331])
def test_a_question_is_about_a_date(as_of):
    with pytest.raises(NotADate):
        books(BASE).open_items(as_of=as_of)


@pytest.mark.parametrize("known_at", [datetime(2026, 3, 31), "2026-03-31", date(2026, 3, 31)])  # noqa: DTZ001
def test_known_at_is_a_time_with_its_zone(known_at):
    with pytest.raises(NotADate):
        books(BASE).open_items(as_of=AS_OF, known_at=known_at)


def test_where_the_money_is():
    text = """
        2026-01-10 invoice    F-1 C001 100.00 MXN
        2026-01-15 payment    R-1 C001 80.00 MXN
        2026-01-15 payment    R-2 C001 20.00 MXN on-account
        2026-01-15 payment    R-3 ? 7.00 MXN
        2026-01-15 payment    R-4 C001 5 JPY
        2026-01-15 payment    R-5 C001 900.00 MXN
        2026-01-16 reversal   X-1 of R-5
        2026-01-16 allocation A-1 R-1 -> F-1 30.00 MXN
        2026-01-16 refund     B-1 of R-1 10.00 MXN
        2026-01-16 write_off  W-1 on R-1 1.00 MXN
        2026-01-16 allocation A-2 R-2 -> F-1 5.00 MXN
        2026-01-16 adjustment J-1 on R-3 2.00 MXN increase
    """
    yen, peso = books(text).cash_positions(as_of=AS_OF)
    places = (
        "received",
        "allocated",
        "on_account",
        "unapplied",
        "unidentified",
        "refunded",
        "cleared",
    )
    assert [str(getattr(peso, it).amount) for it in places] == [
        *("107.00", "35.00", "15.00", "39.00", "9.00", "10.00", "-1.00")
    ]
    assert (yen.currency, str(yen.unapplied)) == ("JPY", "5 JPY")
    assert books(text).cash_positions(as_of=date(2026, 1, 14)) == ()


def test_explain_a_document_closed_ones_included():
    ledger = books(BASE + "2026-02-01 write_off W-1 on F-1 70.00 MXN")
    assert (
        ledger.explain("F-1", as_of=AS_OF).line()
        == "open amount of invoice F-1 of customer C001 as of 2026-03-31: 0.00 MXN"
    )
    with pytest.raises(
        UnknownFact, match=r"^no document 'F-1' counts on 2026-01-09 in this subledger; check"
    ):
        ledger.explain("F-1", as_of=date(2026, 1, 9))
    with pytest.raises(UnknownFact):
        ledger.explain("A-1", as_of=AS_OF)


def test_explain_a_document_of_several_instalments():
    ledger = books(
        "2026-01-10 invoice F-1 C001 100.00 MXN instalments=40.00@2026-02-01,60.00@2026-03-01"
    )
    explanation = ledger.explain("F-1", as_of=AS_OF)
    assert explanation.line() == "open amount of invoice F-1 as of 2026-03-31: 100.00 MXN"
    assert [str(it.amount) for it in explanation.parts] == ["40.00", "60.00"]


def test_what_was_true_of_a_customer():
    ledger = books(
        """
        2026-01-01 customer C001 segment=retail
        2026-02-01 customer C001 segment=public recorded=2026-03-01
        2026-01-10 invoice F-1 C001 1.00 MXN
        """
    )
    march = datetime(2026, 3, 1, tzinfo=UTC)
    assert ledger.customer("C001", as_of=date(2025, 12, 31)) is None
    assert ledger.customer("C002", as_of=AS_OF) is None
    assert ledger.customer("C001", as_of=date(2026, 1, 31)).segment == "retail"
    assert ledger.customer("C001", as_of=date(2026, 2, 1)).segment == "public"
    assert ledger.customer("C001", as_of=AS_OF, known_at=march).segment == "public"
    assert ledger.customer("C001", as_of=AS_OF, known_at=march.replace(month=2)).segment == "retail"
    assert [it.segment for it in ledger.customers] == ["retail", "public"]


def test_an_extract_has_no_history():
    extract, problems = OpenItemsExtract.load(
        facts(
            """
            2026-01-10 invoice F-1 C001 60.00 MXN due=2026-02-09
            2026-04-01 invoice F-2 C001 60.00 MXN
            2026-01-16 write_off W-1 on F-1 1.00 MXN
            """
        ),
        drawn_on=AS_OF,
    )
    assert [(it.where, it.code) for it in problems] == [
        ("F-2", "wrong-kind"),
        ("W-1", "wrong-kind"),
    ]
    assert [it.days_past_due for it in extract.open_items(as_of=date(2026, 4, 1))] == [51]
    assert extract.explain("F-1", as_of=AS_OF).amount == 60
    for ask in (extract.open_items, lambda as_of: extract.explain("F-1", as_of=as_of)):
        with pytest.raises(
            BeforeExtract,
            match=r"^the extract was drawn on 2026-03-31 and has no history; .* not 2026-03-30$",
        ):
            ask(as_of=date(2026, 3, 30))


def test_an_extract_is_drawn_on_a_date_after_its_items():
    with pytest.raises(NotADate):
        OpenItemsExtract.load([], drawn_on="2026-03-31")
    with pytest.raises(
        BeforeExtract, match=r"^F-1 is posted on 2026-01-10, so the extract was drawn later"
    ):
        OpenItemsExtract(books("2026-01-10 invoice F-1 C001 60.00 MXN"), date(2026, 1, 9))


def test_what_is_held_stays_when_a_rival_or_a_second_reversal_comes():
    """In turns as at once: the fact that was there first stands."""
    ledger = books(BASE + "2026-02-01 reversal X-1 of A-1")
    with pytest.raises(
        ConflictingFact,
        match=r"^two facts share the id F-1 and differ: amount 100\.00 MXN and 99\.00 MXN; ",
    ):
        ledger.with_facts(facts("2026-01-10 invoice F-1 C001 99.00 MXN due=2026-02-09"))
    with pytest.raises(
        AlreadyReversed, match=r"^reversal X-2 names A-1, which X-1 reversed on 2026-02-01$"
    ):
        ledger.with_facts(facts("2026-02-02 reversal X-2 of A-1"))
    with pytest.raises(ConflictingFact):
        books("2026-01-01 customer C001 segment=a").with_facts(
            facts("2026-01-01 customer C001 segment=b")
        )


def test_an_item_posted_on_the_day_of_the_extract_is_in_it():
    extract, problems = OpenItemsExtract.load(
        facts("2026-03-31 invoice F-1 C001 1.00 MXN"), drawn_on=AS_OF
    )
    assert (len(extract.books), problems) == (1, ())


def left_out(text):
    return [it.where for it in Subledger.load(facts(text))[1]]


def test_room_given_by_an_increase_goes_with_its_end():
    text = """
        2026-01-10 invoice    F-1 C001 100.00 MXN
        2026-01-11 adjustment J-1 on F-1 20.00 MXN increase
        2026-01-13 reversal   X-1 of J-1
        2026-01-20 write_off  W-1 on F-1 110.00 MXN
    """
    assert left_out(text) == ["W-1"]


def test_room_that_comes_back_is_found_while_others_are_refused():
    text = """
        2026-01-10 invoice   F-1 C001 100.00 MXN
        2026-01-11 write_off W-1 on F-1 100.00 MXN
        2026-01-20 reversal  X-1 of W-1
        2026-01-20 write_off W-2 on F-1 100.00 MXN
        2026-01-25 reversal  X-2 of W-2
        2026-01-25 write_off W-3 on F-1 100.00 MXN
        2026-01-26 write_off W-4 on F-1 1.00 MXN
    """
    assert left_out(text) == ["W-4"]


def test_instalments_have_room_of_their_own_while_others_are_refused():
    text = """
        2026-01-10 invoice   F-1 C001 100.00 MXN instalments=40.00@2026-02-01,60.00@2026-03-01
        2026-01-11 write_off W-1 on F-1 30.00 MXN instalment=1
        2026-01-12 write_off W-2 on F-1 20.00 MXN instalment=1
        2026-01-13 write_off W-3 on F-1 10.00 MXN instalment=1
        2026-01-14 write_off W-4 on F-1 60.00 MXN
        2026-01-15 write_off W-5 on F-1 0.01 MXN
    """
    assert left_out(text) == ["W-2", "W-5"]


def test_an_allocation_needs_room_on_both_sides():
    text = """
        2026-01-10 invoice    F-1 C001 100.00 MXN
        2026-01-10 invoice    F-2 C001 100.00 MXN
        2026-01-10 payment    R-1 C001 120.00 MXN
        2026-01-11 allocation A-1 R-1 -> F-1 90.00 MXN
        2026-01-12 allocation A-2 R-1 -> F-2 31.00 MXN
        2026-01-13 allocation A-3 R-1 -> F-1 11.00 MXN
        2026-01-14 allocation A-4 R-1 -> F-2 30.00 MXN
        2026-01-15 refund     B-1 of R-1 0.01 MXN
    """
    assert left_out(text) == ["A-2", "A-3", "B-1"]


def test_a_cash_position_that_does_not_tie_cannot_be():
    sums = {"received": Money("2.00", "MXN"), "unapplied": Money("1.99", "MXN")}
    with pytest.raises(PartsDoNotSum):
        CashPosition.of("MXN", sums)
