"""Exports of Mexican banks: the same reading of rows as tables, and balances that prove amounts."""

from __future__ import annotations

import pytest

from receivables.adapters.bank import read_mexican_csv

HEAD = "Fecha,Concepto,Referencia,Cargo,Abono\n"
WITH_BALANCE = "Fecha,Concepto,Referencia,Cargo,Abono,Saldo\n"


@pytest.fixture
def read(file):
    return lambda text, **how: read_mexican_csv(file("mov.csv", text, **how))


def test_an_unquoted_thousands_comma_is_a_problem_never_another_amount(read):
    found = read(HEAD + "13/03/2026,PAGO F-2,1,,5,800.00\n13/03/2026,PAGO F-3,2,,7.00\n")
    assert [str(it.amount) for it in found.payments] == ["7.00 MXN"]
    assert [str(it) for it in found.problems] == [
        (
            "mov.csv: line 2: wrong-field-count: the row has 6 fields; the header has 5;"
            " an amount with a comma for thousands must stand in quotes"
        )
    ]
    assert str(found.tally) == (
        "2 lines = 1 accepted + 0 duplicates + 0 no receipts + 1 quarantined"
    )


def test_a_balance_finds_an_amount_shifted_into_the_next_column(read):
    rows = '12/03/2026,A,1,,100.00,"1,100.00"\n13/03/2026,PAGO F-2,2,,5,800.00\n'
    found = read(WITH_BALANCE + rows)
    assert [str(it) for it in found.problems] == [
        "mov.csv: line 3: does-not-tie: the balance before and the movement make 1105.00, the row says 800.00"
    ]


@pytest.mark.parametrize("newest_first", [False, True])
def test_balances_tie_in_either_order(read, newest_first):
    rows = [
        '12/03/2026,A,1,,100.00,"1,100.00"',
        '13/03/2026,B,2,"1,200.00",,-100.00',
        "14/03/2026,C,3,0.00,$50.00,-50.00",
        ",,,,,",
        "15/03/2026,D,4,,25.00,-25.00",
    ]
    found = read(WITH_BALANCE + "\n".join(rows[::-1] if newest_first else rows))
    assert (len(found.payments), found.problems) == (3, ())
    assert found.reasons == {"debit": 1, "empty row": 1}


def test_balances_that_follow_nothing_are_told_once_and_without_a_column_out_not_at_all(read):
    rows = "".join(f"13/03/2026,A{it},1,,5.00,{it}.00\n" for it in range(9))
    found = read(WITH_BALANCE + rows)
    assert [it.message for it in found.problems] == [
        "the balances of 8 of 9 rows do not follow from the movements, so they prove nothing"
    ]
    without = "Fecha,Concepto,Abono,Saldo\n13/03/2026,A,5.00,5.00\n13/03/2026,B,,1.00\n"
    assert read(without).problems == ()


def test_a_quote_that_never_closes_takes_its_row_alone(read):
    found = read(HEAD + '13/03/2026,"PAGO F-2,1,,5.00\n13/03/2026,PAGO F-3,2,,7.00\n')
    assert [str(it.amount) for it in found.payments] == ["7.00 MXN"]
    assert [(it.code, it.where) for it in found.problems] == [
        ("unbalanced-quotes", "mov.csv: line 2")
    ]


@pytest.mark.parametrize(
    "written", ["-5.00", "5.00-", "(5.00)", "1.234,56", "1,23.00", "5.001", "5 000", "5e2", "５"]
)
def test_an_amount_written_otherwise_is_a_problem(read, written):
    found = read(HEAD + f'13/03/2026,A,1,,"{written}"\n')
    assert (found.payments, [it.code for it in found.problems]) == ((), ["unreadable-amount"])


def test_both_in_and_out_and_neither(read):
    found = read(
        HEAD + "13/03/2026,A,1,5.00,5.00\n13/03/2026,SALDO INICIAL,2,,\n13/03/2026,X,3,abc,\n"
    )
    assert [it.code for it in found.problems] == ["unreadable-amount"]
    assert found.reasons == {"debit": 1, "no amount in": 1}


def test_one_tracking_key_is_one_transfer_and_two_deposits_alike_are_two(read):
    spei = "13/03/2026,SPEI CLAVE DE RASTREO: MBAN01002603020001,9,,5.00\n"
    cash = "13/03/2026,DEPOSITO,,,5.00\n"
    found = read(HEAD + spei + spei + cash + cash)
    assert (found.tally.accepted, found.tally.duplicates) == (3, 1)
    assert [it.code for it in found.problems] == ["duplicate-line"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_and_line_ends_change_nothing(read, encoding, newline):
    text = HEAD + "13/03/2026,PEÑA,1,,5.00\n"
    [payment] = read(text.replace("\n", newline), encoding=encoding).payments
    assert payment.reference == "PEÑA"
