"""EDI 820: money and documents tie, the envelope counts, and an order without its end is left out."""

from __future__ import annotations

import pytest

from receivables.adapters.bank import read_statement
from receivables.errors import UnreadableSource

ISA = "ISA*00*          *00*          *ZZ*PAYER          *ZZ*ME             *260302*1200*U*00401*000000001*0*P*>~"


def order(*segments, bpr="1425.00", kind="C", direction="C", trace="TRACE77", number="0001"):
    held = [
        f"ST*820*{number}",
        f"BPR*{kind}*{bpr}*{direction}*ACH*CTX*01*021000021*DA*445566*1512345678**01*111000025*DA*999*20260302",
        f"TRN*1*{trace}",
        "N1*PR*ACME INC",
        *segments,
    ]
    return [*held, f"SE*{len(held) + 1}*{number}"]


def edi(*orders):
    held = [segment for it in orders for segment in it]
    end = [f"GE*{len(orders)}*1", "IEA*1*000000001"]
    return ISA + "~".join(["GS*RA*PAYER*ME*20260302*1200*1*X*004010", *held, *end]) + "~"


@pytest.fixture
def read(file):
    return lambda text: read_statement(file("a.820", text))


def said(found):
    return [str(it).removeprefix("a.820: ") for it in found.problems]


LINES = ("RMR*IV*F-1**1000.00*1020.00*20.00", "RMR*IV*F-2**425.00")


def test_money_and_documents_tie(read):
    found = read(edi(order(*LINES)))
    assert ([str(it.amount) for it in found.payments], found.problems) == (["1425.00 USD"], ())
    wrong = read(edi(order(*LINES, bpr="1500.00")))
    assert said(wrong) == [
        "transaction 0001: does-not-tie: BPR says 1500.00 USD, and its documents sum to 1425.00: a difference of 75.00"
    ]
    adjusted = read(edi(order("ADX*-25.00*01", *LINES, bpr="1400.00")))
    assert adjusted.ties
    one_unknown = read(edi(order(*LINES, "RMR*IV*F-3", bpr="1500.00")))
    assert one_unknown.ties


def test_headers_of_another_width_and_other_separators(read):
    text = edi(order(*LINES)).replace("*ZZ*ME             *", "*ZZ*ME*")
    assert read(text).ties
    found = read(edi(order(*LINES)).replace("*", "|").replace("~", "\n"))
    assert ([str(it.amount) for it in found.payments], found.ties) == (["1425.00 USD"], True)
    for text in ("ISA", "ISA*1~", ""):
        with pytest.raises(UnreadableSource, match="does not start with an interchange header"):
            read(text)


def test_the_day_of_an_order_stands_in_bpr_or_else_in_dtm(read):
    text = edi(order("DTM*097*20260305", *LINES)).replace("*DA*999*20260302", "*DA*999")
    assert [str(it.posting_date) for it in read(text).payments] == ["2026-03-05"]
    assert [str(it.posting_date) for it in read(edi(order("DTM*097*20260305"))).payments] == [
        "2026-03-02"
    ]
    found = read(edi(order(*LINES)).replace("*DA*999*20260302", "*DA*999"))
    assert [it.code for it in found.problems] == ["unreadable-date"]


def test_counts_and_numbers_of_the_envelope_tie(read):
    right = edi(order(*LINES), order("RMR*IV*F-9**5", bpr="5", trace="T2", number="0002"))
    assert read(right).ties
    for old, new, expected in (
        ("SE*7*0001", "SE*9*0001", "SE 0001 says 9 segments, there are 7"),
        ("SE*7*0001", "SE*7*0009", "SE 0009 closes ST 0001; the numbers must be equal"),
        ("GE*2*1", "GE*3*1", "GE 1 says 3 transactions, there are 2"),
        ("IEA*1*", "IEA*2*", "IEA 000000001 says 2 groups, there are 1"),
        ("~GE*2*1", "", "GS 1 has no GE; the file may be cut off"),
        ("IEA*1*000000001~", "", "ISA 000000001 has no IEA; the file may be cut off"),
    ):
        found = read(right.replace(old, new))
        assert ([it.message for it in found.problems], len(found.payments)) == ([expected], 2)


def test_an_order_without_its_end_is_left_out_and_said(read):
    whole = edi(order(*LINES))
    found = read(whole[: whole.index("RMR*IV*F-2")])
    assert (found.payments, found.tally.quarantined) == ((), 1)
    assert found.problems[0].message == (
        "the order of 1425.00 has no end SE; the file may be cut off, and it is left out"
    )
    lost = read(edi(order(*LINES)[:-1], order("RMR*IV*F-9**5", bpr="5", trace="T2", number="2")))
    assert ([str(it.amount) for it in lost.payments], lost.tally.quarantined) == (["5.00 USD"], 1)


@pytest.mark.parametrize("amount", ["1,425.00", "14x5", "", "1425.001", "NaN", "-5.00"])
def test_money_written_otherwise_is_a_problem(read, amount):
    found = read(edi(order(bpr=amount)))
    assert (found.payments, found.tally.quarantined) == ((), 1)


@pytest.mark.parametrize(
    ("kind", "direction", "reason"),
    [
        ("I", "C", "remittance advice without money"),
        ("P", "C", "prenotification"),
        ("H", "C", "notice"),
        ("C", "D", "debit"),
    ],
)
def test_an_order_that_moves_no_money_is_no_receipt(read, kind, direction, reason):
    found = read(edi(order(*LINES, kind=kind, direction=direction)))
    assert (found.payments, found.reasons) == ((), {reason: 1})


def test_a_trace_number_is_of_one_payment(read):
    found = read(edi(order(*LINES), order(*LINES, number="0002")))
    assert (len(found.payments), found.tally.duplicates) == (1, 1)


def test_other_transactions_are_counted_and_a_file_of_them_alone_is_refused(read):
    other = ["ST*997*0009", "SE*2*0009"]
    mixed = edi(order(*LINES), other)
    found = read(mixed.replace("GS*RA*", "GS*FA*"))
    assert (found.tally.lines, found.reasons) == (2, {"transaction set 997": 1})
    with pytest.raises(UnreadableSource, match="holds no 820"):
        read(edi(other))


def test_another_set_in_a_group_of_payment_orders_is_a_problem(read):
    found = read(edi(order(*LINES), order("RMR*IV*F-9**5", trace="T2", number="0002")).replace("ST*820*0002", "ST*827*0002"))  # fmt: skip
    assert [it.message for it in found.problems] == [
        "set '827' stands in a group RA, which holds payment orders 820; it is left out"
    ]
    assert (found.tally.accepted, found.tally.quarantined) == (1, 1)
