"""Bank files become payments, advice and problems; nothing is lost, and reading twice gives the same payments."""

from __future__ import annotations

from datetime import date

import pytest

from receivables import AdviceLine, Money
from receivables.adapters.bank import (
    CsvProfile,
    format_of,
    read_advice,
    read_mexican_csv,
    read_statement,
)
from receivables.errors import UnreadableSource

CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt><Stmt>
<Acct><Id><IBAN>DE02120300000000202051</IBAN></Id></Acct>
<Ntry><Amt Ccy="EUR">1500.50</Amt><CdtDbtInd>CRDT</CdtDbtInd>{booked}
 <BookgDt><Dt>2026-03-02</Dt></BookgDt><AcctSvcrRef>B-1</AcctSvcrRef>
 <NtryDtls><TxDtls><Refs><EndToEndId>E2E-7</EndToEndId></Refs>
  <RltdPties>{payer}<DbtrAcct><Id><IBAN>DE99</IBAN></Id></DbtrAcct></RltdPties>
  <RmtInf><Ustrd>Rechnung F-1001</Ustrd><Ustrd>und N-7</Ustrd>
   <Strd><RfrdDocInf><Tp><CdOrPrtry><Cd>CINV</Cd></CdOrPrtry></Tp><Nb>F-1001</Nb></RfrdDocInf>
    <RfrdDocAmt><RmtdAmt Ccy="EUR">1600.50</RmtdAmt>{discount}
     <AdjstmntAmtAndRsn><Amt Ccy="EUR">3.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Rsn>DAMAGE</Rsn></AdjstmntAmtAndRsn></RfrdDocAmt>
    <CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd>
   <Strd><RfrdDocInf><Tp><CdOrPrtry><Cd>CREN</Cd></CdOrPrtry></Tp><Nb>N-7</Nb></RfrdDocInf>
    <RfrdDocAmt><RmtdAmt Ccy="EUR">100.00</RmtdAmt></RfrdDocAmt></Strd></RmtInf>
 </TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">30.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>{booked}<BookgDt><Dt>2026-03-03</Dt></BookgDt><AcctSvcrRef>B-2</AcctSvcrRef>
 <NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch><TxDtls><Amt Ccy="EUR">{first}</Amt><RmtInf><Ustrd>one</Ustrd></RmtInf></TxDtls>
 <TxDtls><Amt Ccy="EUR">20.00</Amt><RmtInf><Ustrd>two</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">9.00</Amt><CdtDbtInd>DBIT</CdtDbtInd>{booked}<BookgDt><Dt>2026-03-03</Dt></BookgDt></Ntry>
<Ntry><Amt Ccy="EUR">8.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><RvslInd>true</RvslInd>{booked}<BookgDt><Dt>2026-03-03</Dt></BookgDt></Ntry>
<Ntry><Amt Ccy="EUR">7.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>PDNG</Sts><BookgDt><Dt>2026-03-03</Dt></BookgDt></Ntry>
<Ntry><Amt Ccy="EUR">abc</Amt><CdtDbtInd>CRDT</CdtDbtInd>{booked}<BookgDt><Dt>2026-03-03</Dt></BookgDt></Ntry>
</Stmt></BkToCstmrStmt></Document>"""
OLD = {
    "version": "02",
    "booked": "<Sts>BOOK</Sts>",
    "payer": "<Dbtr><Nm>ACME SA</Nm></Dbtr>",
    "discount": '<DscntApldAmt Ccy="EUR">2.00</DscntApldAmt>',
    "first": "10.00",
}
NEW = {
    "version": "08",
    "booked": "<Sts><Cd>BOOK</Cd></Sts>",
    "payer": "<Dbtr><Pty><Nm>ACME SA</Nm></Pty></Dbtr>",
    "discount": '<DscntApldAmt><Amt Ccy="EUR">2.00</Amt></DscntApldAmt>',
    "first": "10.00",
}


def shown(statement):
    return [
        (it.id, str(it.amount), it.posting_date.isoformat(), it.reference)
        for it in statement.payments
    ]


def codes(statement):
    return [it.code for it in statement.problems]


@pytest.mark.parametrize("version", [OLD, NEW], ids=["02", "08"])
def test_camt_keeps_structured_remittance_whole(file, version):
    statement = read_statement(file("a.xml", CAMT.format(**version)))
    account = "DE02120300000000202051"
    assert shown(statement) == [
        (f"{account}:B-1", "1500.50 EUR", "2026-03-02", "Rechnung F-1001 und N-7"),
        (f"{account}:B-2/1", "10.00 EUR", "2026-03-03", "one"),
        (f"{account}:B-2/2", "20.00 EUR", "2026-03-03", "two"),
    ]
    [advice] = statement.advice
    assert advice.payment == f"{account}:B-1"
    assert advice.lines == (
        AdviceLine(
            "F-1001", Money("1600.50", "EUR"), Money("2.00", "EUR"), Money("3.00", "EUR"), "DAMAGE"
        ),
        AdviceLine("N-7", Money("-100.00", "EUR")),
    )
    assert dict(statement.payments[0].attributes) == {
        "bank_reference": "B-1",
        "creditor_reference": "RF18539007547034",
        "end_to_end_id": "E2E-7",
        "payer_account": "DE99",
        "payer_name": "ACME SA",
    }
    assert codes(statement) == ["returned-payment", "not-booked", "unreadable-amount"]


def test_a_batch_that_does_not_sum_is_taken_whole_and_said(file):
    statement = read_statement(file("a.xml", CAMT.format(**OLD | {"first": "11.00"})))
    assert [str(it.amount) for it in statement.payments] == ["1500.50 EUR", "30.00 EUR"]
    assert "does-not-tie" in codes(statement)


def test_reading_twice_gives_the_same_payments(file):
    path = file("a.xml", CAMT.format(**NEW))
    assert read_statement(path) == read_statement(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<a/>", "holds no statement"),
        ("<a", "is no XML"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><a/>', "declares a document type"),
    ],
)
def test_what_is_no_camt_is_refused(file, text, said):
    with pytest.raises(UnreadableSource, match=said):
        read_statement(file("a.xml", text))


MT940 = """:20:STMT1
:25:12345678/9876543
:28C:1/1
:60F:C260301EUR0,00
:61:2603020302C1500,50NTRFF-1001//BANKREF1
:86:166?00GUTSCHRIFT?20PAGO FACTURA?21F-1002?31DE99?32ACME?33SA
:61:2603030303D10,00NCHGNONREF
:86:fee
:61:2603030303RC11,00NTRFNONREF
:86:returned
:61:2603040304C20,00NTRFNONREF
:86:/EREF/E2E-9//NAME/Juan Perez/REMI/factura F-1003
:62F:C260303EUR1499,50
"""


def test_mt940_keeps_the_words_of_the_text_apart(file):
    statement = read_statement(file("a.sta", MT940))
    first, second = statement.payments
    assert (first.id, str(first.amount)) == ("12345678/9876543:2026-03-02/BANKREF1", "1500.50 EUR")
    assert first.reference == "PAGO FACTURA F-1002 F-1001"
    assert dict(first.attributes)["payer_name"] == "ACME SA"
    assert second.reference == "factura F-1003"
    assert dict(second.attributes)["end_to_end_id"] == "E2E-9"
    assert codes(statement) == ["returned-payment"]


def test_no_mt940(file):
    with pytest.raises(UnreadableSource, match="no line :20:"):
        read_statement(file("a.sta", "hello"))


BAI2 = """01,BANK,ME,260302,1200,1,,,2/
02,ME,BANK,1,260302,1200,USD,2/
03,12345,USD,010,0,,/
16,195,150050,0,BREF1,CREF1,PAYMENT F-1001/
88,MORE TEXT F-1002
16,475,5000,0,BREF2,,CHECK PAID/
49,155050,5/
98,155050,1,7/
99,155050,1,9/
"""


def test_bai2_takes_credits_with_their_continuation(file):
    statement = read_statement(file("a.bai2", BAI2))
    assert shown(statement) == [
        ("12345:2026-03-02/BREF1", "1500.50 USD", "2026-03-02", "PAYMENT F-1001,MORE TEXT F-1002")
    ]


def test_bai2_with_totals_that_do_not_tie_says_both_figures(file):
    statement = read_statement(file("a.bai2", BAI2.replace("49,155050,5", "49,155051,5")))
    assert not statement.ties
    assert [str(it) for it in statement.problems] == [
        (
            "a.bai2: line 7: does-not-tie: the control total of account 12345 is 155051 in record 49,"
            " and 155050 in its lines"
        ),
        (
            "a.bai2: line 8: does-not-tie: the control total of the group is 155050 in record 98,"
            " and 155051 in its lines"
        ),
    ]


def lockbox(total):
    return "\n".join(
        [
            "1000BANK      ME        2603021200",
            "2BANK      ME        ",
            "5001001" + "0009876" + "260302",
            "6001001" + "0000150050" + "021000021" + "0000445566" + "0000001234",
            "40010016010" + "F-1001         " + "0000100050",
            "40010016029" + "F-1002         " + "0000050000",
            "7001001" + "0009876260302" + f"{total:010d}",
            "9",
        ]
    )


def test_a_lockbox_check_pays_the_invoices_of_its_overflow_records(file):
    statement = read_statement(file("a.lbx", lockbox(150050)))
    [payment] = statement.payments
    assert (payment.id, str(payment.amount)) == ("0009876:2026-03-02/001001/1234", "1500.50 USD")
    assert dict(payment.attributes) == {"check_number": "1234", "payer_account": "021000021/445566"}
    assert statement.advice[0].lines == (
        AdviceLine("F-1001", Money("1000.50", "USD")),
        AdviceLine("F-1002", Money("500.00", "USD")),
    )
    assert codes(statement) == []
    assert codes(read_statement(file("b.lbx", lockbox(150051)))) == ["does-not-tie"]


EDI = (
    "ISA*00*          *00*          *ZZ*PAYER          *ZZ*ME             *260302*1200*U*00401*000000001*0*P*>~"
    "GS*RA*PAYER*ME*20260302*1200*1*X*004010~ST*820*0001~"
    "BPR*C*1425.00*C*ACH*CTX*01*021000021*DA*445566*1512345678**01*111000025*DA*999*20260302~"
    "TRN*1*TRACE77~N1*PR*ACME INC~ENT*1~"
    "RMR*IV*F-1001**1000.00*1020.00*20.00~RMR*IV*F-1002**475.00*500.00~ADX*-25.00*01~"
    "RMR*CM*N-1**50.00~SE*10*0001~GE*1*1~IEA*1*000000001~"
)


def test_an_820_says_documents_discounts_and_deductions(file):
    statement = read_statement(file("a.820", EDI))
    [payment] = statement.payments
    assert (payment.id, str(payment.amount), payment.posting_date) == (
        "ACME INC:TRACE77",
        "1425.00 USD",
        date(2026, 3, 2),
    )
    assert statement.advice[0].lines == (
        AdviceLine("F-1001", Money("1000.00", "USD"), Money("20.00", "USD")),
        AdviceLine("F-1002", Money("475.00", "USD"), None, Money("25.00", "USD"), "01"),
        AdviceLine("N-1", Money("-50.00", "USD")),
    )


BBVA = """BBVA,,,,,
Cuenta,0123456789,,,,
Fecha operación,Concepto,Referencia,Cargo,Abono,Saldo
02/03/2026,"SPEI RECIBIDO CLAVE DE RASTREO: MBAN01002603020001 PAGO F-1001 RFC AAA010101AAA",123,,"1,234.50","9,999.00"
02/03/2026,COMISION,124,10.00,,"9,989.00"
31/02/2026,MAL DIA,125,,5.00,"9,994.00"
03/03/2026,MAL IMPORTE,126,,1.234.50,"11,228.50"
03/03/2026,DEPOSITO,127,,5.00,"11,233.50"
03/03/2026,DEPOSITO,128,,5.00,"11,238.50"
"""


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_an_export_of_a_mexican_bank_gives_its_spei_data(file, encoding):
    statement = read_mexican_csv(file("a.csv", BBVA, encoding))
    first, *rest = statement.payments
    assert (first.id, str(first.amount), first.posting_date) == (
        "bbva:MBAN01002603020001",
        "1234.50 MXN",
        date(2026, 3, 2),
    )
    assert dict(first.attributes) == {
        "bank_reference": "123",
        "payer_tax_id": "AAA010101AAA",
        "tracking_key": "MBAN01002603020001",
    }
    assert [str(it.amount) for it in rest] == ["5.00 MXN", "5.00 MXN"]
    assert codes(statement) == ["unreadable-date", "unreadable-amount"]


def test_an_export_of_another_bank_needs_a_profile(file):
    path = file("a.csv", "Dia;Texto;Haber\n02/03/2026;PAGO F-1;10.00\n")
    with pytest.raises(UnreadableSource, match="give a CsvProfile"):
        read_mexican_csv(path)
    [payment] = read_mexican_csv(path, CsvProfile("mine", "dia", "haber", ("texto",))).payments
    assert (str(payment.amount), payment.reference) == ("10.00 MXN", "PAGO F-1")


def test_an_advice_file_says_lines_and_what_is_wrong_with_others(file):
    path = file(
        "advice.csv",
        "payment_id,reference,amount,currency,discount,deduction,reason\n"
        "R-1,F-1,60.00,MXN,,5.00,DAMAGE\nR-1,F-2,,,,,\nR-2,F-3,1.234,MXN,,,\n,F-4,,,,,\n",
    )
    statement = read_advice(path)
    assert [(it.payment, it.lines) for it in statement.advice] == [
        (
            "R-1",
            (
                AdviceLine("F-1", Money("60.00", "MXN"), None, Money("5.00", "MXN"), "DAMAGE"),
                AdviceLine("F-2"),
            ),
        )
    ]
    assert [it.where for it in statement.problems] == ["advice.csv:4", "advice.csv:5"]
    assert str(statement.tally) == (
        "4 lines = 2 accepted + 0 duplicates + 0 no receipts + 2 quarantined"
    )
    with pytest.raises(UnreadableSource, match="no column payment_id"):
        read_advice(file("other.csv", "a,reference\n"))


def test_advice_with_a_row_twice_or_an_unquoted_thousands_comma(file):
    rows = "R-1,F-1,60.00\nR-1,F-1,60.00\nR-1,F-2,1,160.00\nR-1,F-3,,\nR-2,F-1,60.00\n"
    statement = read_advice(file("advice.csv", "payment_id,reference,amount\n" + rows))
    assert [(it.code, it.where) for it in statement.problems] == [
        ("unreadable-advice", "advice.csv:2"),
        ("unreadable-advice", "advice.csv:3"),
        ("wrong-field-count", "advice.csv:4"),
        ("unreadable-advice", "advice.csv:6"),
    ]
    twice = "payment_id,reference,amount,currency\n" + "R-1,F-1,60.00,MXN\n" * 2
    statement = read_advice(file("advice.csv", twice))
    assert len(statement.advice[0].lines) == 1
    assert [str(it) for it in statement.problems] == [
        "advice.csv:3: duplicate-line: R-1 of F-1 stands in the file before with the same amounts; it is one line"
    ]
    assert (statement.tally.accepted, statement.tally.duplicates) == (1, 1)


@pytest.mark.parametrize(
    ("name", "text", "format"),
    [
        ("st.txt", MT940, "mt940"),
        ("st", "\ufeff{1:F01}{4:\r\n" + MT940.replace("\n", "\r\n"), "mt940"),
        ("st.csv", BAI2, "bai2"),
        ("st.csv", EDI, "edi820"),
        ("st.txt", CAMT.format(**NEW), "camt"),
        ("mov.csv", BBVA, "mexico"),
        ("st.xml", MT940, "mt940"),
        ("st.xml", "<a/>", "camt"),
        ("st.lbx", "5", "lockbox"),
        ("payments.csv", "payment_id,customer,currency,amount,posting_date\n", None),
        ("items.csv", "item_id,customer,currency,due_date,open_amount\n", None),
        ("notes.txt", "see :20: and 01, 02,", None),
        ("empty.csv", "", None),
    ],
)
def test_a_format_is_told_by_content_then_by_name(file, name, text, format):
    path = file(name, text)
    assert format_of(path) == format
    if format in {"mt940", "bai2", "edi820", "mexico"}:
        assert read_statement(path).payments


def test_a_file_that_is_not_there_is_told_by_its_name(tmp_path):
    assert (format_of(tmp_path / "a.sta"), format_of(tmp_path / "a.csv")) == ("mt940", None)


def test_an_unknown_format_is_refused(file):
    with pytest.raises(UnreadableSource, match="bank format ''"):
        read_statement(file("a.pdf", ""))
    with pytest.raises(UnreadableSource, match="does not exist"):
        read_statement(file("a.xml", "").parent / "none.xml")
