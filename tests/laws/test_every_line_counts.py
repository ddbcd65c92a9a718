"""Every line counts: whatever one keystroke does to a bank file, no money is lost or changed without a word.

Each file here ties. One character put in, taken out or replaced, one line lost or doubled, the end cut off: either the same
amounts come out, or the file is refused, or a problem says so. And the counts of its lines tie always.
"""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from receivables.adapters.bank import read_statement
from receivables.errors import ReceivablesError

MT940 = """:20:S
:25:ACC
:28C:1/1
:60F:C260301EUR10,00
:61:2603100310C6600,00NTRFE1//B1
:86:PAGO F-1
:61:2603100310D600,00NTRFE2//B2
:61:2603110311C50,25NMSCREF//B3
:86:166?20A?21B
:62F:C260311EUR6060,25
"""
CAMT = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>
<Acct><Id><Othr><Id>ACC</Id></Othr></Id></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">6060.25</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Ntry><Amt Ccy="EUR">6600.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-10</Dt></BookgDt>
<NtryDtls><TxDtls><Amt Ccy="EUR">6000.00</Amt></TxDtls><TxDtls><Amt Ccy="EUR">600.00</Amt></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">600.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-10</Dt></BookgDt></Ntry>
<Ntry><Amt Ccy="EUR">50.25</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-11</Dt></BookgDt></Ntry>
</Stmt></BkToCstmrStmt></Document>
"""
BAI2 = """01,BANK,ME,260310,1200,1,,,2/
02,ME,BANK,1,260310,1200,USD,2/
03,ACC,USD,010,1000,,/
16,195,660000,0,B1,C1,PAGO F-1/
16,475,60000,0,B2,,FEE/
16,165,5025,S,1,2,3,B3,,ACH
88,MORE
49,726025,6/
98,726025,1,8/
99,726025,1,10/
"""
LOCKBOX = """1000BANK      ME        2603101200
50010010009876260310
60010010000660000021000021000044556600000012340
40010016010F-1            0000660000
60010020000005025021000021000044556600000012350
70010010009876260310 0000665025
80010010009876260310 0000665025
9000008
""".replace("260310 ", "260310")
EDI = (
    "ISA*00*          *00*          *ZZ*PAYER          *ZZ*ME             *260302*1200*U*00401*000000001*0*P*>~\n"
    "GS*RA*PAYER*ME*20260302*1200*1*X*004010~\nST*820*0001~\n"
    "BPR*C*6600.00*C*ACH*CTX*01*021000021*DA*445566*1512345678**01*111000025*DA*999*20260302~\n"
    "TRN*1*TRACE77~\nN1*PR*ACME INC~\nRMR*IV*F-1001**6700.00~\nRMR*CM*N-1**-100.00~\nSE*7*0001~\n"
    "ST*820*0002~\nBPR*C*50.25*C*ACH*CTX*01*021000021*DA*445566*1512345678**01*111000025*DA*999*20260302~\n"
    "TRN*1*TRACE78~\nRMR*IV*F-1002**50.25~\nSE*5*0002~\nGE*2*1~\nIEA*1*000000001~\n"
)
FILES = {"mt940": MT940, "camt": CAMT, "bai2": BAI2, "lockbox": LOCKBOX, "edi820": EDI}


def mutated(text, kind, place, char):
    """Return a text after one mishap."""
    at = place % len(text)
    lines = text.splitlines(keepends=True)
    line = place % len(lines)
    match kind:
        case "put in":
            return text[:at] + char + text[at:]
        case "taken out":
            return text[:at] + text[at + 1 :]
        case "replaced":
            return text[:at] + char + text[at + 1 :]
        case "cut off":
            return text[:at]
        case "lost":
            return "".join(lines[:line] + lines[line + 1 :])
        case _:
            return "".join(lines[: line + 1] + lines[line:])


def amounts(statement):
    return sorted(it.amount.amount for it in statement.payments)


def types_of_bai2(text):
    """Return the type codes of the lines: no total of the format knows a credit from a debit."""
    return [line[:6] for line in text.splitlines() if line.startswith("16,")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("bank")


@pytest.mark.parametrize("format", FILES)
@given(
    kind=st.sampled_from(["put in", "taken out", "replaced", "cut off", "lost", "doubled"]),
    place=st.integers(0, 2_000),
    char=st.sampled_from("0123456789,.:/ \n\"'<>-CDxR"),
)
@example(kind="replaced", place=MT940.index("00,00NTRF"), char="x")
@example(kind="replaced", place=MT940.index(",00NTRFE1"), char=".")
def test_one_mishap_never_changes_the_money_without_a_word(folder, format, kind, place, char):
    text = FILES[format]
    path = folder / "file"
    path.write_text(text, encoding="utf-8")
    whole = read_statement(path, format)
    assert (whole.ties, whole.tally.quarantined, len(whole.payments)) == (
        True,
        0,
        3 if format == "camt" else 2,
    )
    changed = mutated(text, kind, place, char)
    path.write_text(changed, encoding="utf-8")
    try:
        found = read_statement(path, format)
    except ReceivablesError:
        return
    assert found.tally.accepted == len(found.payments)
    assert found.tally.no_receipts == len(found.no_receipts)
    if format == "bai2" and types_of_bai2(changed) != types_of_bai2(text):
        return
    if amounts(found) != amounts(whole):
        assert found.problems
