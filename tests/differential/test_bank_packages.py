"""On files that are as they should be, our bank readers and the packages mt-940 and bai2 see the same credits."""

from __future__ import annotations

import pytest

from receivables.adapters.bank import read_bai2, read_mt940

MT940 = """:20:STMT1
:25:12345678/9876543
:28C:1/1
:60F:C260301EUR100,50
:61:2603020302C1500,50NTRFF-1001//BANKREF1
:86:PAGO FACTURA
:61:2512310102C7,NTRFE2//B2
:61:2603030303D10,00NCHGNONREF
:86:fee
:61:260304C20,1NMSCNONREF
EXTRA
:62F:C260304EUR1618,10
"""
BAI2 = """01,BANK,ME,260302,1200,1,,,2/
02,ME,BANK,1,260302,1200,USD,2/
03,12345,USD,010,100,,,015,155150,,/
16,195,150050,V,260303,,BREF1,CREF1,PAYMENT F-1001
88,MORE TEXT F-1002
16,475,5000,0,BREF2,,CHECK PAID/
16,165,40,S,10,20,10,BREF3,,ACH/
16,165,60,D,2,0,10,1,50,BREF4,,ACH/
49,310400,7/
98,310400,1,9/
99,310400,1,11/
"""


def test_mt940(tmp_path):
    mt940 = pytest.importorskip("mt940")
    path = tmp_path / "a.sta"
    path.write_text(MT940, encoding="utf-8")
    theirs = [
        (
            it.data["amount"].amount,
            it.data["amount"].currency,
            str(it.data.get("entry_date") or it.data["date"]),
        )
        for it in mt940.parse(str(path))
        if it.data["status"] == "C"
    ]
    ours = read_mt940(path)
    assert ours.problems == ()
    assert len(theirs) == 3
    assert sorted(theirs) == sorted(
        (it.amount.amount, it.amount.currency, str(it.posting_date)) for it in ours.payments
    )


def test_bai2(tmp_path):
    bai2 = pytest.importorskip("bai2.bai2")
    path = tmp_path / "a.bai2"
    path.write_text(BAI2, encoding="utf-8")
    [account] = bai2.parse_from_string(BAI2).children[0].children
    theirs = [
        (it.amount, it.bank_reference)
        for it in account.children
        if it.type_code.transaction.value == "credit"
    ]
    ours = read_bai2(path)
    assert (ours.problems, ours.tally.lines) == ((), 6)
    assert [
        (int(it.amount.amount * 100), dict(it.attributes)["bank_reference"]) for it in ours.payments
    ] == theirs
    assert theirs == [(150050, "BREF1"), (40, "BREF3"), (60, "BREF4")]
