"""MT940: every line of money ends as a payment, no receipt or a problem, and the balances prove it."""

from __future__ import annotations

import logging
from datetime import date

import pytest

from receivables.adapters.bank import read_statement
from receivables.errors import UnreadableSource


def statement(*lines, opening="C260301EUR0,00", closing="C260310EUR6600,00", account="ACC"):
    return "\n".join(
        [":20:S", f":25:{account}", ":28C:1/1", f":60F:{opening}", *lines, f":62F:{closing}", ""]
    )


def said(found):
    return [(it.code, it.severity, it.where) for it in found.problems]


def ids(found):
    return [(it.id, str(it.amount)) for it in found.payments]


def test_a_line_as_it_should_be_is_a_payment_and_the_balances_are_counted(file):
    text = statement(":61:2603100310C6600,00NTRFE1//B1", ":86:PAGO F-1")
    found = read_statement(file("st.sta", text))
    assert ids(found) == [("ACC:2026-03-10/B1", "6600.00 EUR")]
    assert (found.problems, found.ties) == ((), True)
    assert str(found.tally) == (
        "3 lines = 1 accepted + 0 duplicates + 2 no receipts + 0 quarantined"
    )
    assert [str(it) for it in found.no_receipts] == [
        "line 4: opening balance of 0.00 EUR",
        "line 7: closing balance of 6600.00 EUR",
    ]


@pytest.mark.parametrize(
    "body",
    [
        "C6600.00NTRFE1//B1",
        "C6,600.00NTRFE1//B1",
        "C6.600,00NTRFE1//B1",
        "C6 600,00NTRFE1//B1",
        "C66x0NTRFE1//B1",
        "Cx600,00NTRFE1//B1",
        "CX600,00NTRFE1//B1",
        "C6600NTRFE1//B1",
        "C-6600,00NTRFE1//B1",
        "C6600,000NTRFE1//B1",
        "C6600,00",
        "C,00NTRFE1//B1",
        "X6600,00NTRFE1//B1",
        "c6600,00NTRFE1//B1",
        "C６600,00NTRFE1//B1",
        "",
    ],
)
def test_a_line_written_otherwise_is_a_problem_with_its_line_never_another_amount(file, body):
    found = read_statement(file("st.sta", statement(f":61:2603100310{body}")))
    assert found.payments == ()
    assert said(found) == [
        ("unreadable-line", "quarantined", "st.sta: line 5"),
        ("does-not-tie", "noted", "st.sta: statement 1"),
    ]
    assert (found.tally.lines, found.tally.quarantined) == (3, 1)


def test_the_sentences_say_what_to_write_and_both_figures(file):
    found = read_statement(file("st.sta", statement(":61:2603100310C6600.00NTRFE1//B1")))
    assert [str(it) for it in found.problems] == [
        (
            "st.sta: line 5: unreadable-line: ':61:2603100310C6600.00NTRFE1//B1' must be value date YYMMDD,"
            " entry date MMDD or nothing, C, D, RC or RD, an amount with a decimal comma and no other mark"
            " such as 6600,00, and the type such as NTRF; it is left out"
        ),
        (
            "st.sta: statement 1: does-not-tie: opening balance 0.00 EUR and lines of 0.00 EUR of account ACC"
            " make 0.00 EUR, but the closing balance :62F: is 6600.00 EUR: 6600.00 EUR is not in the lines"
            " that were read"
        ),
    ]


def test_a_bad_line_takes_no_other_with_it_and_logs_nothing(file, caplog):
    good = ":61:2603100310C100,00NTRFE1//B2"
    text = statement(":61:garbage", good, closing="C260310EUR100,00")
    with caplog.at_level(logging.DEBUG):
        found = read_statement(file("st.sta", text))
    assert ids(found) == [("ACC:2026-03-10/B2", "100.00 EUR")]
    assert said(found) == [("unreadable-line", "quarantined", "st.sta: line 5")]
    assert caplog.records == []


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (":6l:2603100310C6600,00NTRFE1//B1", "unreadable-line"),
        (":612603100310C6600,00NTRFE1//B1", "unreadable-line"),
        (":16:2603100310C6600,00NTRFE1//B1", "unreadable-line"),
        (":86:PAGO F-1:61:2603100310C6600,00NTRFE1//B1", "unreadable-line"),
        ("61:2603100310C6600,00NTRFE1//B1", "does-not-tie"),
    ],
)
def test_a_broken_tag_never_hides_money(file, line, code):
    text = statement(":61:2603100310C1,00NTRFE1//B0", line, closing="C260310EUR6601,00")
    found = read_statement(file("st.sta", text))
    assert ids(found) == [("ACC:2026-03-10/B0", "1.00 EUR")]
    assert code in {it.code for it in found.problems}
    assert not found.ties


def test_debits_reversals_and_expected_lines_are_no_receipts_and_the_sum_knows_their_sign(file):
    text = statement(
        ":61:260310C100,00NTRFE1//B1",
        ":61:260310D30,00NTRFE2//B2",
        ":61:260310RC20,00NTRFE3//B3",
        ":61:260310RD5,00NTRFE4//B4",
        ":61:260310EC7,00NTRFE5//B5",
        ":61:260310C0,00NTRFE6//B6",
        closing="C260310EUR55,00",
    )
    found = read_statement(file("st.sta", text))
    assert ids(found) == [("ACC:2026-03-10/B1", "100.00 EUR")]
    assert found.ties
    assert found.reasons == {
        "closing balance": 1,
        "debit": 1,
        "expected credit": 1,
        "opening balance": 1,
        "returned debit": 1,
        "returned payment": 1,
        "zero amount": 1,
    }
    assert [it.code for it in found.problems] == [
        "returned-payment",
        "returned-payment",
        "not-booked",
    ]


def test_the_entry_date_takes_the_year_that_is_nearest(file):
    text = statement(
        ":61:2512310102C1,00NTRFE1//B1",
        ":61:2601021231C2,00NTRFE2//B2",
        ":61:2402290229C3,00NTRFE3//B3",
        closing="C260310EUR6,00",
    )
    found = read_statement(file("st.sta", text))
    assert [it.posting_date for it in found.payments] == [
        date(2024, 2, 29),
        date(2025, 12, 31),
        date(2026, 1, 2),
    ]


def test_a_funds_code_is_the_last_letter_of_the_currency(file):
    found = read_statement(file("st.sta", statement(":61:260310CR6600,00NTRFE1//B1")))
    assert (ids(found), found.ties) == ([("ACC:2026-03-10/B1", "6600.00 EUR")], True)


def test_a_file_cut_off_says_so(file):
    whole = statement(":61:2603100310C6600,00NTRFE1//B1")
    cut = whole[: whole.index(":62F:")]
    found = read_statement(file("st.sta", cut))
    assert [str(it.amount) for it in found.payments] == ["6600.00 EUR"]
    assert [str(it) for it in found.problems] == [
        (
            "st.sta: statement 1: does-not-tie: the closing balance :62F: of account ACC is missing or cannot"
            " be read, so nothing proves its lines; the file may be cut off"
        )
    ]
    within = read_statement(file("st.sta", whole[: whole.index("00NTRF")]))
    assert (within.payments, within.tally.quarantined, within.ties) == ((), 1, False)


def test_two_accounts_of_two_currencies_are_read_apart(file):
    text = statement(":61:260310C6600,00NTRFE1//B1") + statement(
        ":61:260310C500,NTRFE1//B1",
        opening="D260301JPY500,",
        closing="C260310JPY0,",
        account="OTHER",
    )
    found = read_statement(file("st.sta", text))
    assert ids(found) == [("ACC:2026-03-10/B1", "6600.00 EUR"), ("OTHER:2026-03-10/B1", "500 JPY")]
    assert (found.ties, found.problems) == (True, ())


def test_two_lines_that_say_the_same_in_one_statement_are_two_payments(file):
    same = ":61:260310C3300,00NTRFE1//B1"
    found = read_statement(file("st.sta", statement(same, same)))
    assert [it for it, _ in ids(found)] == ["ACC:2026-03-10/B1", "ACC:2026-03-10/B1:2"]
    bare = ":61:260310C3300,00NTRFNONREF"
    found = read_statement(file("st.sta", statement(bare, ":86:SPEI", bare, ":86:SPEI")))
    first, second = (it.id for it in found.payments)
    assert second == f"{first}:2"


def test_one_reference_on_lines_of_two_amounts_is_two_payments(file):
    text = statement(":61:260310C6000,00NTRFE1//B1", ":61:260310C600,00NTRFE2//B1")
    found = read_statement(file("st.sta", text))
    assert ids(found) == [
        ("ACC:2026-03-10/B1", "6000.00 EUR"),
        ("ACC:2026-03-10/B1/600.00", "600.00 EUR"),
    ]


def test_a_statement_twice_in_a_file_is_read_once_and_its_lines_are_counted_as_duplicates(file):
    same = ":61:260310C3300,00NTRFE1//B1"
    once = statement(same, same)
    found = read_statement(file("st.sta", once + once))
    assert [it for it, _ in ids(found)] == ["ACC:2026-03-10/B1", "ACC:2026-03-10/B1:2"]
    assert (found.tally.lines, found.tally.accepted, found.tally.duplicates) == (8, 2, 2)
    assert [it.code for it in found.problems] == ["duplicate-line", "duplicate-line"]


def test_overlapping_statements_give_each_line_one_id(file):
    first = statement(":61:260309C6600,00NTRFNONREF", ":86:A")
    both = statement(
        ":61:260309C6600,00NTRFNONREF",
        ":86:A",
        ":61:260310C1,00NTRFNONREF",
        ":86:B",
        closing="C260311EUR6601,00",
    )
    of_first = {it.id for it in read_statement(file("a.sta", first)).payments}
    of_both = {it.id for it in read_statement(file("b.sta", both)).payments}
    assert (len(of_first & of_both), len(of_both)) == (1, 2)


def test_a_statement_that_goes_on_where_the_last_ended_brings_new_money(file):
    line = (":61:260310C50,00NTRFNONREF", ":86:DEPOSIT")
    morning = statement(*line, closing="C260310EUR50,00")
    evening = statement(*line, opening="C260310EUR50,00", closing="C260310EUR100,00").replace(
        ":28C:1/1", ":28C:2/1"
    )
    found = read_statement(file("st.sta", morning + evening))
    assert (len(found.payments), found.tally.duplicates, found.ties) == (2, 0, True)


def test_pages_of_a_statement_follow_on(file):
    first = statement(":61:260310C50,00NTRFE1//B1", closing="C260310EUR50,00").replace(
        ":62F:", ":62M:"
    )
    second = statement(
        ":61:260310C10,00NTRFE1//B2", opening="C260310EUR50,00", closing="C260310EUR60,00"
    ).replace(":60F:", ":60M:")
    found = read_statement(file("st.sta", first + second))
    assert (len(found.payments), found.ties) == (2, True)
    missing = read_statement(file("st.sta", first + second.replace("EUR50,00", "EUR40,00")))
    assert "a page is missing" in str(missing.problems[0])
    alone = read_statement(file("st.sta", first))
    assert "no page follows" in str(alone.problems[-1])


def test_an_interim_report_is_proved_by_its_counts_and_sums(file):
    text = (
        ":20:I\n:25:ACC\n:28C:1/1\n:34F:EUR0,\n:13D:2603101200+0100\n"
        ":61:260310C50,00NTRFE1//B1\n:61:260310D9,00NTRFE2//B2\n"
        ":90D:1EUR9,00\n:90C:1EUR50,00\n"
    )
    found = read_statement(file("st.942", text))
    assert ([str(it.amount) for it in found.payments], found.ties) == (["50.00 EUR"], True)
    wrong = read_statement(file("st.942", text.replace(":90C:1EUR50,00", ":90C:2EUR60,00")))
    assert [str(it) for it in wrong.problems] == [
        "st.942: statement 1: does-not-tie: :90C: says 2 lines of 60.00 EUR, there are 1 of 50.00 EUR"
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_line_ends_and_encodings_change_nothing(file, newline, encoding):
    text = statement(":61:260310C6600,00NTRFE1//B1", ":86:PEÑA F-1", "SEGUNDA")
    found = read_statement(file("st.sta", text.replace("\n", newline), encoding), "mt940")
    assert [it.reference for it in found.payments] == ["PEÑA F-1 SEGUNDA E1"]


def test_the_envelope_of_the_network_is_no_part_of_a_field(file):
    inner = statement(":61:260310C6600,00NTRFE1//B1", ":86:PAGO")
    found = read_statement(file("st.sta", "{1:F01BANK}{2:I940}{4:\n" + inner + "-}\n{5:{CHK:1}}\n"))
    assert (ids(found), found.problems) == ([("ACC:2026-03-10/B1", "6600.00 EUR")], ())


def test_a_text_may_go_on_with_a_colon_or_a_hyphen(file):
    text = statement(
        ":61:260310C6600,00NTRFNONREF", ":86:CARD AT 03:46", ":08 F-7", "-8 AND -9", "-Ñ {X"
    )
    found = read_statement(file("st.sta", text))
    assert (found.payments[0].reference, found.problems) == (
        "CARD AT 03:46 :08 F-7 -8 AND -9 -Ñ {X",
        (),
    )


@pytest.mark.parametrize("end", ["-", "-}", "-å", "- "])
def test_a_message_ends_with_a_hyphen(file, end):
    text = statement(":61:260310C6600,00NTRFE1//B1", ":86:PAGO") + f"{end}\nANY HEAD\n"
    found = read_statement(file("st.sta", text))
    assert (found.payments[0].reference, found.problems) == ("PAGO E1", ())


def test_the_text_of_a_line_may_be_missing_or_long_and_that_of_the_statement_is_not_its_own(file):
    long = ":86:166?00GUTSCHRIFT?20SVWZ+F-1?21F-2?30BIC?31DE1?32ACME\n?33GMBH?60F-3"
    text = statement(
        ":61:260310C6000,00NTRFE1//B1", ":61:260310C600,00NTRFNONREF//B2", "MORE", long
    )
    found = read_statement(file("st.sta", text + ":86:OF THE STATEMENT\n"))
    first, second = found.payments
    assert (first.reference, second.reference) == ("E1", "SVWZ+F-1 F-2 F-3")
    assert dict(second.attributes) == {
        "bank_reference": "B2",
        "note": "MORE",
        "payer_account": "DE1",
        "payer_name": "ACME GMBH",
    }


def test_a_word_cut_by_the_length_of_a_numbered_field_is_whole_again(file):
    text = ":86:166?20SVWZ+RECHNUNG RE-2026-00012?213456 VOM 01.03.26 ?22UND F-7?23F-8"
    found = read_statement(file("st.sta", statement(":61:260310C6600,00NTRFNONREF", text)))
    assert found.payments[0].reference == "SVWZ+RECHNUNG RE-2026-000123456 VOM 01.03.26 UND F-7 F-8"


def test_the_head_of_the_next_message_is_no_part_of_a_balance_but_money_there_is_told(file):
    text = statement(":61:260310C6600,00NTRFE1//B1")
    head = "ABNANL2A\n940\nABNANL2A\n"
    found = read_statement(file("st.sta", head + text + head + statement(closing="C260310EUR0,00")))
    assert (ids(found), found.problems) == ([("ACC:2026-03-10/B1", "6600.00 EUR")], ())
    lost = read_statement(file("st.sta", text + "2603100310C6600,00NTRFE1//B2\n"))
    assert (lost.ties, lost.tally.quarantined) == (False, 1)


def test_the_first_balance_of_an_account_may_have_no_day(file):
    found = read_statement(
        file("st.sta", statement(":61:260310C6600,00N02 NONREF", opening="C000000EUR0,00"))
    )
    assert (found.tally.accepted, found.problems) == (1, ())


def test_without_a_currency_no_line_is_money(file):
    found = read_statement(file("st.sta", ":20:S\n:25:ACC\n:61:260310C1,00NTRFE1//B1\n"))
    assert (found.payments, found.tally.quarantined, found.ties) == ((), 1, False)


def test_what_is_no_mt940_looks_like_something_else(file):
    with pytest.raises(UnreadableSource, match="it looks like bai2: read it with format bai2"):
        read_statement(file("st.txt", "01,BANK,ME,260302,1200,1,,,2/\n02,ME,BANK,1/\n"), "mt940")
