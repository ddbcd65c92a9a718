"""Lockbox files: batch and file totals, checks that cannot be read, files cut off."""

from __future__ import annotations

import pytest

from receivables.adapters.bank import read_statement

HEAD = ["1000BANK      ME        2603101200", "5001001" + "0009876" + "260310"]


def check(amount="0000660000", item="001001", number="0000001234"):
    return "6" + item + amount + "021000021" + "0000445566" + number


def invoice(number, paid):
    return "40010016010" + f"{number:15}" + paid


def total(kind, amount):
    return f"{kind}001001" + "0009876260310" + f"{amount:010d}"


@pytest.fixture
def read(file):
    return lambda *lines: read_statement(file("a.lbx", "\n".join([*HEAD, *lines])))


def said(found):
    return [str(it).removeprefix("a.lbx: ") for it in found.problems]


def test_totals_of_batch_lockbox_and_file_tie(read):
    end = [total(7, 660000), total(8, 660000)]
    found = read(check(), invoice("F-1", "0000660000"), *end, "9000007")
    assert (found.problems, len(found.payments)) == ((), 1)
    assert found.reasons == {"batch total": 1, "lockbox total": 1}
    wrong = read(check(), total(7, 660001), total(8, 660002), "9000009")
    assert said(wrong) == [
        "line 4: does-not-tie: the batch says 660001 and its checks sum to 660000, in minor units",
        "line 5: does-not-tie: the lockbox says 660002 and its checks sum to 660000, in minor units",
        "line 6: does-not-tie: record 9 says 9 records, there are 6",
    ]


@pytest.mark.parametrize("amount", ["006600.000", "00006600x0", "  66000.00", "          "])
def test_a_check_whose_amount_is_no_digits_is_left_out(read, amount):
    found = read(check(amount), check(item="001002"), total(7, 660000), "9")
    assert [(it.code, it.where) for it in found.problems] == [
        ("unreadable-amount", "a.lbx: line 3")
    ]
    assert [str(it.amount) for it in found.payments] == ["6600.00 USD"]


def test_a_file_cut_off_says_so(read):
    assert said(read(check())) == [
        "line 3: does-not-tie: the batch that begins at line 3 has no record 7, its total; the file may be cut off",
        "line 3: does-not-tie: the file has no record 9, its end; it may be cut off",
    ]


def test_stray_records_are_problems_and_unreadable_parts_of_advice_remarks(read):
    found = read(invoice("F-0", "1"), check(), invoice("F-1", "00x0"), "x", total(7, 660000), "9")
    assert [(it.code, it.severity) for it in found.problems] == [
        ("overflow-without-check", "quarantined"),
        ("unreadable-advice", "noted"),
        ("unreadable-line", "quarantined"),
    ]
    assert str(found.tally) == (
        "4 lines = 1 accepted + 0 duplicates + 1 no receipts + 2 quarantined"
    )


def test_the_same_check_twice_is_two_payments_as_the_batch_counts_them(read):
    found = read(check(), check(), total(7, 1320000), "9")
    assert ([it.id[-8:] for it in found.payments], found.ties) == (["001/1234", "1/1234:2"], True)
