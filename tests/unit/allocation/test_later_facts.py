"""What the books hold for days after the as-of day, and what they learnt late: it is not free to be proposed again."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from receivables import AllocationPolicy, propose_allocations
from receivables.testing import books as told

DAY = date(2026, 3, 31)
STORY = """
    2026-01-10 invoice F-1 C001 100.00 MXN due=2026-02-10
    2026-02-01 payment R-1 C001 100.00 MXN
    2026-03-01 payment R-2 C001 100.00 MXN
    2026-04-05 allocation A-1 R-1 -> F-1 60.00 MXN
"""


def propose(books, *rules, as_of=DAY, **more):
    items = books.open_items(as_of=as_of)
    payments = [it for it in items if it.kind == "payment"]
    proposal = propose_allocations(
        payments, items, policy=AllocationPolicy(rules or ("oldest-due",)), **more
    )
    return proposal, books.with_facts(proposal.facts)


def made(proposal):
    return [(it.payment, it.item, str(it.amount)) for it in proposal.lines]


def free(books, as_of=DAY):
    return {
        it.id: (str(it.open_amount), str(it.free_amount)) for it in books.open_items(as_of=as_of)
    }


def test_what_a_later_fact_uses_is_open_and_not_free():
    books = told(STORY)
    assert free(books) == {
        "F-1": ("100.00 MXN", "40.00 MXN"),
        "R-1": ("-100.00 MXN", "-40.00 MXN"),
        "R-2": ("-100.00 MXN", "-100.00 MXN"),
    }
    proposal, after = propose(books)
    assert made(proposal) == [("R-1", "F-1", "40.00 MXN")]
    assert free(after) == {
        "F-1": ("60.00 MXN", "0.00 MXN"),
        "R-1": ("-60.00 MXN", "0.00 MXN"),
        "R-2": ("-100.00 MXN", "-100.00 MXN"),
    }
    assert free(after, date(2026, 4, 5)) == {"R-2": ("-100.00 MXN", "-100.00 MXN")}


def test_what_is_not_free_is_left_over_and_says_why():
    proposal, _ = propose(told(STORY))
    first, second = proposal.leftovers
    assert (first.payment, str(first.amount), first.why) == (
        "R-1",
        "60.00 MXN",
        ("60.00 MXN of it is used or reversed by facts posted after 2026-03-31",),
    )
    assert (second.payment, str(second.amount), second.why) == (
        "R-2",
        "100.00 MXN",
        ("no item of C001 in MXN may be paid",),
    )
    assert "60.00 MXN of F-1 is used or reversed by facts posted after 2026-03-31" in str(
        proposal.why_not("R-2", "F-1")
    )
    assert "60.00 MXN of it is used or" in str(proposal.explain("R-1"))


def test_the_amount_that_is_free_is_the_one_that_matches():
    """40.00 of F-1 is what nobody has paid yet, and what a new payment of 40.00 is for."""
    books = told(STORY + "2026-03-05 payment R-3 C001 40.00 MXN")
    proposal, _ = propose(books, "exact")
    assert [(it.payment, it.item, it.rule) for it in proposal.lines] == [("R-1", "F-1", "exact")]
    books = told(STORY.replace("60.00", "100.00") + "2026-03-05 payment R-3 C001 40.00 MXN")
    assert made(propose(books, "exact", "oldest-due")[0]) == []


def test_what_frees_later_is_not_free_yet():
    """A-1 is taken back in May: until then F-1 is paid."""
    books = told(STORY.replace("60.00", "100.00") + "2026-05-01 reversal X-1 of A-1")
    assert made(propose(books)[0]) == []
    assert made(propose(books, as_of=date(2026, 5, 1))[0]) == [("R-1", "F-1", "100.00 MXN")]


@pytest.mark.parametrize(("name", "said"), [("F-1", "of F-1"), ("R-1", "of it")])
def test_of_what_is_reversed_later_nothing_is_free(name, said):
    """A cheque that bounced in April, or an invoice cancelled then, is not applied in March any more."""
    first, second, *_ = STORY.strip().splitlines()
    books = told(f"{first}\n{second}\n2026-04-03 reversal X-1 of {name}")
    proposal, _ = propose(books)
    assert made(proposal) == []
    assert free(books)[name][1] == "0.00 MXN"
    reasons = str(proposal.why_not("R-1", "F-1")), str(proposal.leftovers[0].why)
    assert any(
        f"100.00 MXN {said} is used or reversed by facts posted after 2026-03-31" in it
        for it in reasons
    )


def test_each_instalment_keeps_what_later_facts_need():
    books = told("""
        2026-01-10 invoice F-1 C001 90.00 MXN instalments=30.00@2026-02-01,30.00@2026-03-01,30.00@2026-04-01
        2026-02-01 payment R-1 C001 90.00 MXN
        2026-04-05 write_off W-1 on F-1 40.00 MXN
    """)
    assert [free for _, free in free(books).values()] == [
        "0.00 MXN",
        "20.00 MXN",
        "30.00 MXN",
        "-90.00 MXN",
    ]
    assert made(propose(books)[0]) == [("R-1", "F-1/2", "20.00 MXN"), ("R-1", "F-1/3", "30.00 MXN")]


LEARNT = """
    2026-01-10 invoice F-1 C001 100.00 MXN recorded=2026-01-10
    2026-02-01 payment R-1 C001 100.00 MXN recorded=2026-02-01
    2026-02-01 allocation A-1 R-1 -> F-1 100.00 MXN recorded=2026-02-01
    2026-02-01 reversal X-1 of A-1 recorded=2026-03-20
"""


def moment(month, day):
    return datetime(2026, month, day, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "known"),
    [(None, moment(3, 20)), (moment(3, 1), moment(3, 20)), (moment(4, 1), moment(4, 1))],
)
def test_a_proposal_is_known_from_when_what_it_goes_by_is_known(said, known):
    """Until 20 March nobody knew that the payment was applied wrongly; only then it could be applied anew."""
    proposal, after = propose(told(LEARNT), recorded_at=said)
    assert [it.recorded_at for it in proposal.facts] == [known]
    assert after.open_items(as_of=DAY) == ()
    assert after.open_items(as_of=DAY, known_at=moment(3, 1)) == ()


def test_where_nothing_says_when_it_was_known_a_proposal_says_nothing_either():
    proposal, _ = propose(told(STORY))
    assert [it.recorded_at for it in proposal.facts] == [None]


def test_what_was_learnt_after_the_moment_asked_about_takes_nothing_from_what_was_free():
    books = told("""
        2026-01-10 invoice F-1 C001 100.00 MXN recorded=2026-01-10
        2026-02-01 payment R-1 C001 100.00 MXN recorded=2026-02-01
        2026-04-05 allocation A-1 R-1 -> F-1 60.00 MXN recorded=2026-04-05
        2026-04-06 reversal X-1 of A-1 recorded=2026-04-07
    """)
    then = {
        known: [str(it.free_amount) for it in books.open_items(as_of=DAY, known_at=known)]
        for known in (moment(4, 4), moment(4, 5), moment(4, 8))
    }
    assert then == {
        moment(4, 4): ["100.00 MXN", "-100.00 MXN"],
        moment(4, 5): ["40.00 MXN", "-40.00 MXN"],
        moment(4, 8): ["40.00 MXN", "-40.00 MXN"],
    }
    assert {it.known_from for it in books.open_items(as_of=DAY, known_at=moment(4, 6))} == {
        moment(4, 5)
    }
    assert {it.known_from for it in books.open_items(as_of=DAY)} == {moment(4, 7)}


def test_a_residual_item_is_new_each_time():
    """Cleared with a residual item, taken back, and cleared again: no id is used twice."""
    books = told("""
        2026-01-10 invoice F-1001 C001 100.00 MXN due=2026-02-10
        2026-02-01 payment R-1 C001 60.00 MXN reference=F-1001
    """)
    policy = AllocationPolicy(("reference",), short="residual")
    for name in ("R-1>F-1001~residual", "R-1>F-1001~residual~2"):
        items = books.open_items(as_of=DAY)
        proposal = propose_allocations([it for it in items if it.is_credit], items, policy=policy)
        after = books.with_facts(proposal.facts)
        assert [(it.id, str(it.open_amount)) for it in after.open_items(as_of=DAY)] == [
            (name, "40.00 MXN")
        ]
        books = after.with_facts(proposal.reversals(DAY))
