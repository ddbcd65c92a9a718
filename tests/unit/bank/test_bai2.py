"""BAI2: control totals and counts of every level, funds types, continuation lines, and what is no receipt."""

from __future__ import annotations

import pytest

from receivables.adapters.bank import read_statement
from receivables.errors import UnreadableSource


def account(*details, head="ACC,USD,,,,", total=None, number="ACC"):
    amounts = [int(it.split(",")[2]) for it in details if it.startswith("16,")]
    total = sum(amounts) if total is None else total
    return [f"03,{head.replace('ACC', number)}/", *details, f"49,{total},{len(details) + 2}/"]


def bai2(*lines, status="1", groups=1, day="260310"):
    total = sum(int(it.split(",")[1]) for it in lines if it.startswith("49,"))
    accounts = sum(it.startswith("03,") for it in lines)
    return "\n".join(
        [
            "01,BANK,ME,260310,1200,1,,,2/",
            f"02,ME,BANK,{status},{day},1200,USD,2/",
            *lines,
            f"98,{total},{accounts},{len(lines) + 2}/",
            f"99,{total},{groups},{len(lines) + 4}/",
            "",
        ]
    )


def said(found):
    return [it.message for it in found.problems]


@pytest.fixture
def read(file):
    return lambda text: read_statement(file("a.bai2", text))


def test_a_file_as_it_should_be_ties(read):
    found = read(bai2(*account("16,195,6600,0,B1,C1,PAGO F-1/", "16,475,100,0,B2,,FEE/")))
    assert [(it.id, str(it.amount), it.reference) for it in found.payments] == [
        ("ACC:2026-03-10/B1", "66.00 USD", "PAGO F-1")
    ]
    assert (found.problems, found.reasons) == ((), {"debit": 1})
    assert [str(it) for it in found.no_receipts] == ["line 5: debit of 1.00 USD"]


@pytest.mark.parametrize("amount", ["66.00", "66,00", "6x00", "６600", "6600.", " "])
def test_an_amount_that_is_no_digits_is_a_problem_with_its_line(read, amount):
    found = read(bai2(*account("16,195,100,0,B0,,OK/", total=6700)).replace(
        "16,195,100", f"16,195,{amount},0,B1,,BAD/\n16,195,100"
    ))  # fmt: skip
    if amount == "66,00":  # the comma ends the amount, and what follows is no funds type
        assert "funds type '00' must be one of" in said(found)[0]
    elif amount == " ":
        assert found.reasons == {"zero amount": 1}
        return
    assert [str(it.amount) for it in found.payments] == ["1.00 USD"]
    assert found.tally.quarantined == 1
    assert found.problems[0].where == "a.bai2: line 4"
    assert not found.ties


def test_each_figure_of_each_level_is_compared(read):
    right = bai2(*account("16,195,6600,0,B1,,X/"))
    for wrong, expected in (
        (right.replace("49,6600,3", "49,6600,4"), "the number of records of account ACC is 4 in record 49, and 3 in its lines"),
        (right.replace("98,6600,1,5", "98,6601,1,5"), "the control total of the group is 6601 in record 98, and 6600 in its lines"),
        (right.replace("98,6600,1,5", "98,6600,2,5"), "the number of accounts of the group is 2 in record 98, and 1 in its lines"),
        (right.replace("98,6600,1,5", "98,6600,1,6"), "the number of records of the group is 6 in record 98, and 5 in its lines"),
        (right.replace("99,6600,1,7", "99,6600,3,7"), "the number of groups of the file is 3 in record 99, and 1 in its lines"),
        (right.replace("99,6600,1,7", "99,6600,1,8"), "the number of records of the file is 8 in record 99, and 7 in its lines"),
        (right.replace("99,6600,1,7", "99,x,1,7"), "the control total of the file cannot be read: 'x' must be digits alone, in minor units"),
    ):  # fmt: skip
        found = read(wrong)
        assert said(found)[0] == expected
        assert ([str(it.amount) for it in found.payments], found.ties) == (["66.00 USD"], False)


@pytest.mark.parametrize(
    ("cut", "names"),
    [
        ("99,", ["the file has no record 99"]),
        ("98,", ["the group has no record 98", "the file has no record 99"]),
        (
            "49,",
            [
                "account ACC has no record 49",
                "the group has no record 98",
                "the file has no record 99",
            ],
        ),
    ],
)
def test_a_file_cut_off_says_which_trailers_are_missing(read, cut, names):
    whole = bai2(*account("16,195,6600,0,B1,,X/"))
    found = read(whole[: whole.index(f"\n{cut}")])
    assert [it.split(",")[0] for it in said(found)] == names


def test_balances_of_an_account_are_counted_and_summed_over_continuation_lines(read):
    lines = [
        "03,ACC,USD,010,1000,,,015,-500,,/",
        "88,100,6600,1,S,100,200,300/",
        "16,195,6600,D,2,0,100,1,6500,B1,C1,LONG TEXT, WITH COMMA",
        "88,AND A/B SLASH F-1",
        "88,END/",
        f"49,{1000 - 500 + 6600 + 6600},6/",
    ]
    found = read(bai2(*lines))
    assert found.problems == ()
    assert [it.reference for it in found.payments] == [
        "LONG TEXT, WITH COMMA AND A/B SLASH F-1 END"
    ]
    assert [str(it) for it in found.no_receipts] == [
        "line 3: balance or total 010 of 10.00 USD",
        "line 3: balance or total 015 of -5.00 USD",
        "line 3: balance or total 100 of 66.00 USD",
    ]


def test_a_balance_without_an_amount_is_none(read):
    found = read(bai2("03,ACC,USD,010/", "49,0,2/"))
    assert [str(it) for it in found.no_receipts] == ["line 3: balance or total 010 of 0.00 USD"]


@pytest.mark.parametrize("funds", ["", "0", "1", "2", "Z", "S,1,2,3", "V,260312,", "D,1,0,5"])
def test_every_funds_type_leaves_the_references_where_they_are(read, funds):
    found = read(bai2(*account(f"16,195,6600,{funds},B1,C1,F-1/")))
    [payment] = found.payments
    assert (payment.id, payment.reference) == ("ACC:2026-03-10/B1", "F-1")
    assert found.ties


def test_an_unknown_funds_type_or_code_or_record_is_a_problem(read):
    found = read(bai2(*account("16,195,1,Q,B1,,X/", "16,890,2,0,B2,,W/", "16,900,3,0,B3,,Y/", "17,195,4/")))  # fmt: skip
    assert found.payments == ()
    assert [(it.code, it.where) for it in found.problems[:3]] == [
        ("unreadable-line", "a.bai2: line 4"),
        ("unreadable-line", "a.bai2: line 6"),
        ("unreadable-line", "a.bai2: line 7"),
    ]
    assert (found.tally.quarantined, found.reasons) == (3, {"words without money": 1})


def test_returned_items_and_negative_and_zero_amounts_bring_no_money(read):
    found = read(
        bai2(
            *account(
                "16,555,100,0,B1,,RETURNED/",
                "16,257,200,0,B2,,ACH BACK/",
                "16,195,-300,0,B3,,NEGATIVE/",
                "16,195,0,0,B4,,ZERO/",
            )
        )
    )
    assert (found.payments, found.ties) == ((), True)
    assert [it.code for it in found.problems] == [
        "returned-payment",
        "returned-payment",
        "negative-amount",
    ]
    assert found.reasons == {"returned debit": 1, "returned payment": 1, "zero amount": 1}


@pytest.mark.parametrize(("status", "reason"), [("2", "deleted group"), ("4", "test group")])
def test_a_deleted_or_test_group_is_no_money(read, status, reason):
    found = read(bai2(*account("16,195,6600,0,B1,,X/"), status=status))
    assert (found.payments, found.reasons, found.ties) == ((), {reason: 1}, True)


def test_two_accounts_two_currencies_and_the_same_line_twice(read):
    same = "16,195,6600,0,,,X/"
    yen = account("16,195,500,0,B1,,Y/", head="ACC,JPY,,,,", number="YEN")
    found = read(bai2(*account(same, same), *yen))
    assert sorted(str(it.amount) for it in found.payments) == ["500 JPY", "66.00 USD", "66.00 USD"]
    assert (len({it.id for it in found.payments}), found.ties) == (3, True)


def test_a_day_that_is_none_and_a_detail_outside_an_account_are_problems(read):
    found = read(bai2(*account("16,195,6600,0,B1,,X/"), day="260231"))
    assert [it.code for it in found.problems] == ["unreadable-date"]
    found = read(
        "01,B,M,260310,1200,1,,,2/\n02,M,B,1,260310,,USD,2/\n16,195,1,0,B,,X/\n98,0,0,3/\n99,0,1,5/\n"
    )
    assert [it.code for it in found.problems] == ["unreadable-line"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hello", "does not start with a record 01"),
        ("", "does not start with a record 01"),
        ("01,BANK,ME,260310,1200,1,,,1/\n", "version '1'; only version 2"),
    ],
)
def test_what_is_no_bai2_is_refused(read, text, message):
    with pytest.raises(UnreadableSource, match=message):
        read(text)
