"""camt: entries tie with balances, transactions with their entry, and nothing structured is lost."""

from __future__ import annotations

import pytest

from receivables import Money
from receivables.adapters.bank import read_statement
from receivables.allocation import AdviceLine
from receivables.errors import UnreadableSource


def balance(code, amount, mark="CRDT", day="2026-03-10", currency="EUR"):
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='{currency}'>{amount}</Amt>"
        f"<CdtDbtInd>{mark}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def entry(amount, inner="", mark="CRDT", status="BOOK", ref="", currency="EUR"):
    reference = f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else ""
    return (
        f"<Ntry><Amt Ccy='{currency}'>{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd><Sts>{status}</Sts>"
        f"<BookgDt><Dt>2026-03-10</Dt></BookgDt>{reference}{inner}</Ntry>"
    )


def report(*parts, account="ACC", name="S1"):
    return f"<Stmt><Id>{name}</Id><Acct><Id><Othr><Id>{account}</Id></Othr></Id></Acct>{''.join(parts)}</Stmt>"


def camt(*reports):
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>'
        f"{''.join(reports)}</BkToCstmrStmt></Document>"
    )


def tx(amount, inner="", currency="EUR"):
    held = (
        f"<AmtDtls><TxAmt><Amt Ccy='{currency}'>{amount}</Amt></TxAmt></AmtDtls>" if amount else ""
    )
    return f"<TxDtls>{held}{inner}</TxDtls>"


def ustrd(text):
    return f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf>"


def money(found):
    return [str(it.amount) for it in found.payments]


def codes(found):
    return [it.code for it in found.problems]


def test_balances_tie_with_the_entries(file):
    text = camt(
        report(
            balance("OPBD", "100.00", "DBIT"),
            balance("CLBD", "20.00"),
            balance("CLAV", "20.00"),
            entry("150.00"),
            entry("30.00", mark="DBIT"),
            entry("9.00", status="PDNG"),
        )
    )
    found = read_statement(file("a.xml", text))
    assert (money(found), found.ties) == (["150.00 EUR"], True)
    assert str(found.tally) == (
        "6 lines = 1 accepted + 0 duplicates + 5 no receipts + 0 quarantined"
    )
    assert [str(it) for it in found.no_receipts] == [
        "statement 1, balance 1: opening balance of -100.00 EUR",
        "statement 1, balance 2: closing balance of 20.00 EUR",
        "statement 1, balance 3: balance CLAV of 20.00 EUR",
        "entry 2: debit of 30.00 EUR",
        "entry 3: not booked: PDNG of 9.00 EUR",
    ]


def test_balances_that_do_not_tie_say_both_figures(file):
    text = camt(report(balance("OPBD", "0.00"), balance("CLBD", "20.00"), entry("15.00")))
    assert [str(it) for it in read_statement(file("a.xml", text)).problems] == [
        (
            "a.xml: statement 1: does-not-tie: opening balance 0.00 EUR and booked entries of 15.00 make 15.00,"
            " but the closing balance is 20.00 EUR: 5.00 is not in the entries that were read"
        )
    ]
    one = read_statement(file("a.xml", camt(report(balance("OPBD", "0.00"), entry("15.00")))))
    assert "the closing balance is missing" in str(one.problems[0])


def test_counts_and_sums_of_the_statement_tie(file):
    summary = (
        "<TxsSummry><TtlNtries><NbOfNtries>{n}</NbOfNtries><Sum>35.00</Sum></TtlNtries>"
        "<TtlCdtNtries><NbOfNtries>1</NbOfNtries><Sum>{sum}</Sum></TtlCdtNtries></TxsSummry>"
    )
    entries = entry("15.00") + entry("20.00", mark="DBIT")
    right = read_statement(file("a.xml", camt(report(summary.format(n=2, sum="15"), entries))))
    assert right.ties
    wrong = read_statement(file("a.xml", camt(report(summary.format(n=3, sum="16.00"), entries))))
    assert [it.message for it in wrong.problems] == [
        "TtlNtries/NbOfNtries is 3, and 2 in the entries",
        "TtlCdtNtries/Sum is 16.00, and 15.00 in the entries",
    ]


@pytest.mark.parametrize(
    "amount", ["600,00", "1e3", "6_00", "NaN", "６00.00", "", "-5.00", "5.001"]
)
def test_an_amount_written_otherwise_is_a_problem(file, amount):
    found = read_statement(file("a.xml", camt(report(entry(amount), entry("1.00")))))
    assert money(found) == ["1.00 EUR"]
    assert codes(found) == ["negative-amount" if amount == "-5.00" else "unreadable-amount"]
    assert found.tally.quarantined == 1


@pytest.mark.parametrize("mark", ["", "crdt", "CREDIT"])
def test_an_entry_of_no_direction_is_a_problem_not_a_debit(file, mark):
    found = read_statement(file("a.xml", camt(report(entry("5.00", mark=mark)))))
    assert (found.payments, codes(found)) == ((), ["unreadable-amount"])


def test_a_batch_whose_transactions_do_not_sum_keeps_their_words(file):
    inner = "<NtryDtls>" + tx("10.00", ustrd("F-1")) + tx("19.00", ustrd("F-2")) + "</NtryDtls>"
    found = read_statement(file("a.xml", camt(report(entry("30.00", inner, ref="B")))))
    assert [(it.id, str(it.amount), it.reference) for it in found.payments] == [
        ("ACC:B", "30.00 EUR", "F-1 F-2")
    ]
    assert [it.message for it in found.problems] == [
        "the 2 transactions sum to 29.00, the entry says 30.00 EUR; the entry is taken whole"
    ]
    assert (found.tally.lines, found.tally.accepted, found.tally.no_receipts) == (2, 1, 1)


def test_a_batch_says_how_many_it_holds(file):
    inner = (
        "<NtryDtls><Btch><NbOfTxs>3</NbOfTxs></Btch>" + tx("10.00") + tx("20.00") + "</NtryDtls>"
    )
    found = read_statement(file("a.xml", camt(report(entry("30.00", inner, ref="B")))))
    assert (money(found), found.ties) == (["30.00 EUR"], False)
    assert "a batch says 3 transactions, there are 2" in found.problems[0].message


def test_many_transactions_of_one_entry(file):
    inner = (
        "<NtryDtls>" + "".join(tx("0.01", ustrd(f"F-{it}")) for it in range(2000)) + "</NtryDtls>"
    )
    found = read_statement(file("a.xml", camt(report(entry("20.00", inner, ref="B")))))
    assert (len(found.payments), len({it.id for it in found.payments}), found.ties) == (
        2000,
        2000,
        True,
    )


def test_a_transaction_the_other_way_and_one_of_zero_are_no_receipts(file):
    inner = (
        "<NtryDtls>"
        + tx("35.00")
        + tx("5.00", "<CdtDbtInd>DBIT</CdtDbtInd>")
        + tx("0.00")
        + "</NtryDtls>"
    )
    found = read_statement(file("a.xml", camt(report(entry("30.00", inner, ref="B")))))
    assert (money(found), found.ties) == (["35.00 EUR"], True)
    assert found.reasons == {"debit": 1, "zero amount": 1}


def test_charges_and_the_instructed_amount_are_kept_and_the_entry_is_what_came_in(file):
    charges = "<Chrgs><TtlChrgsAndTaxAmt Ccy='EUR'>2.00</TtlChrgsAndTaxAmt></Chrgs>"
    instructed = (
        "<TxDtls><AmtDtls><InstdAmt><Amt Ccy='USD'>120.00</Amt></InstdAmt>"
        f"<TxAmt><Amt Ccy='EUR'>100.00</Amt></TxAmt></AmtDtls>{charges}{ustrd('F-1')}</TxDtls>"
    )
    text = camt(report(entry("98.00", f"<NtryDtls>{instructed}</NtryDtls>")))
    found = read_statement(file("a.xml", text))
    [payment] = found.payments
    assert (str(payment.amount), payment.reference, found.problems) == ("98.00 EUR", "F-1", ())
    assert dict(payment.attributes) == {
        "instructed_amount": "120.00 USD",
        "bank_charges": "2.00 EUR",
    }


def test_a_transaction_in_another_currency_never_changes_what_came_in(file):
    inner = "<NtryDtls>" + tx("120.00", ustrd("F-1"), currency="USD") + "</NtryDtls>"
    found = read_statement(file("a.xml", camt(report(entry("100.00", inner)))))
    assert (money(found), found.ties) == (["100.00 EUR"], True)
    two = "<NtryDtls>" + tx("60.00", currency="USD") + tx("60.00", currency="USD") + "</NtryDtls>"
    found = read_statement(file("a.xml", camt(report(entry("100.00", two)))))
    assert (money(found), codes(found)) == (["100.00 EUR"], ["does-not-tie"])


def test_a_transaction_of_another_amount_than_its_entry_is_told(file):
    inner = "<NtryDtls>" + tx("90.00", ustrd("F-1")) + "</NtryDtls>"
    found = read_statement(file("a.xml", camt(report(entry("100.00", inner)))))
    assert (money(found), found.payments[0].reference) == (["100.00 EUR"], "F-1")
    assert "the transaction of 90.00 EUR is not the entry's 100.00 EUR" in str(found.problems[0])


def test_returned_money_is_no_receipt_either_way(file):
    back = "<NtryDtls>" + tx("7.00", "<RtrInf><Rsn><Cd>AC01</Cd></Rsn></RtrInf>") + "</NtryDtls>"
    text = camt(report(entry("7.00", back), entry("7.00", back, mark="DBIT")))
    found = read_statement(file("a.xml", text))
    assert (found.payments, codes(found)) == ((), ["returned-payment", "returned-payment"])
    assert found.reasons == {"returned debit": 1, "returned payment": 1}


def test_several_invoices_and_a_credit_note_with_two_discounts(file):
    def document(number, amounts, code="CINV"):
        return (
            f"<Strd><RfrdDocInf><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Nb>{number}</Nb>"
            f"</RfrdDocInf><RfrdDocAmt>{amounts}</RfrdDocAmt></Strd>"
        )

    remittance = (
        document("F-1", "<DuePyblAmt Ccy='EUR'>60.00</DuePyblAmt>"
                 "<DscntApldAmt Ccy='EUR'>1.00</DscntApldAmt><DscntApldAmt Ccy='EUR'>2.00</DscntApldAmt>"
                 "<RmtdAmt Ccy='EUR'>57.00</RmtdAmt>")
        + document("F-2", "<AdjstmntAmtAndRsn><Amt Ccy='EUR'>3.00</Amt><CdtDbtInd>DBIT</CdtDbtInd>"
                   "<Rsn>DMG</Rsn></AdjstmntAmtAndRsn><RmtdAmt Ccy='EUR'>50.00</RmtdAmt>")
        + document("N-1", "<CdtNoteAmt Ccy='EUR'>7.00</CdtNoteAmt>", "CREN")
        + document("N-2", "<CdtNoteAmt Ccy='EUR'>0.50</CdtNoteAmt>", "OTHR")
        + document("F-3", "<RmtdAmt Ccy='EUR'>abc</RmtdAmt>")
    )  # fmt: skip
    inner = f"<NtryDtls>{tx('99.50', f'<RmtInf>{remittance}</RmtInf>')}</NtryDtls>"
    [advice] = read_statement(file("a.xml", camt(report(entry("99.50", inner))))).advice
    assert advice.lines == (
        AdviceLine("F-1", Money("57.00", "EUR"), Money("3.00", "EUR")),
        AdviceLine("F-2", Money("50.00", "EUR"), None, Money("3.00", "EUR"), "DMG"),
        AdviceLine("N-1", Money("-7.00", "EUR")),
        AdviceLine("N-2", Money("-0.50", "EUR")),
        AdviceLine("F-3"),
    )


def test_two_statements_of_two_currencies_and_an_overlap(file):
    one = report(balance("OPBD", "0.00"), balance("CLBD", "5.00"), entry("5.00", ref="B1"))
    other = report(
        balance("OPBD", "0", currency="JPY"),
        balance("CLBD", "5", currency="JPY"),
        entry("5", ref="B1", currency="JPY"),
        account="YEN",
    )
    found = read_statement(file("a.xml", camt(one, other, one)))
    assert [(it.id, str(it.amount)) for it in found.payments] == [
        ("ACC:B1", "5.00 EUR"),
        ("YEN:B1", "5 JPY"),
    ]
    assert (found.tally.duplicates, found.ties) == (1, True)


def test_advices_bring_lines_of_their_own_and_only_the_same_advice_repeats_them(file):
    def advice(name):
        return report(entry("5.00"), name=name).replace("Stmt>", "Ntfctn>")

    found = read_statement(file("a.xml", camt(advice("N1"), advice("N2"), advice("N2"))))
    assert (found.tally.accepted, found.tally.duplicates) == (2, 1)


def test_two_entries_that_say_the_same_are_two_payments(file):
    same = entry("5.00", ref="B1")
    found = read_statement(file("a.xml", camt(report(same, same))))
    assert [it.id for it in found.payments] == ["ACC:B1", "ACC:B1:2"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_wide_encodings_are_read_and_hide_no_attack(file, encoding):
    text = camt(report(entry("5.00", f"<NtryDtls>{tx('', ustrd('PEÑA'))}</NtryDtls>")))
    wide = text.replace("UTF-8", "UTF-16") if "16" in encoding else text
    [payment] = read_statement(file("a.xml", wide, encoding)).payments
    assert payment.reference == "PEÑA"
    attack = wide.replace("<Document", '<!DOCTYPE a [<!ENTITY x "y">]><Document')
    with pytest.raises(UnreadableSource, match="declares a document type"):
        read_statement(file("a.xml", attack, encoding))


def test_a_file_cut_off_is_refused(file):
    text = camt(report(entry("5.00"), entry("6.00")))
    with pytest.raises(UnreadableSource, match=r"is no XML: .*; the file may be cut off"):
        read_statement(file("a.xml", text[:-60]))
