"""Each way to misuse the command line, and the one sentence it ends with."""

from __future__ import annotations

import pytest

from receivables.cli.app import run

OURS = "tests/data/template.csv"
AGE = ("age", OURS, "--as-of", "2026-03-31")

CASES = {
    ("age", "none.csv", "--as-of", "2026-03-31"):
        "file 'none.csv' does not exist; give a table file (.csv, .tsv, .txt, .jsonl, .parquet, .xlsx)",
    ("age", "tests", "--as-of", "2026-03-31"):
        "file 'tests' is a folder; give a table file (.csv, .tsv, .txt, .jsonl, .parquet, .xlsx)",
    ("age", "README.md", "--as-of", "2026-03-31"):
        "README.md is of the format '.md', which is not read; give one of .csv, .tsv, .txt, .jsonl, .parquet, .xlsx",
    ("age", OURS): "Missing option '--as-of'.",
    ("age", OURS, "--as-of", "31.3.2026"): "--as-of '31.3.2026' is no date; write it like 2026-03-31",
    ("agee",): "No such command 'agee'. Did you mean 'age'?",
    (*AGE, "--mapping", "imb"):
        "No mapping named 'imb'. Presets: customers, highradius, ibm, open-items, oracle-aging, payments, sap-fbl5n, sap-o2c,"
        " template. Did you mean 'ibm'?",
    (*AGE, "--mapping", "none.toml"):
        "mapping none.toml cannot be read: No such file or directory; give a preset's name or a TOML file",
    (*AGE, "--mapping", "payments"):
        "template.csv has no column for payment_id: mapping 'payments' looks for 'payment_id'; the file has 'id', 'kind',"
        " 'customer', 'currency', 'amount', 'document_date', 'posting_date', 'due_date', 'terms', 'source_id',"
        " 'target_id', 'reverses_id', …",
    ("age", "tests/data/ibm.csv", "--as-of", "2026-03-31"):
        "ibm.csv is none of our tables by its header 'countryCode', 'customerID', 'PaperlessDate', 'invoiceNumber',"
        " 'InvoiceDate', 'DueDate', 'InvoiceAmount', 'Disputed', …; it has the columns of 'ibm': give that as the mapping",
    (*AGE, "--buckets", "0,x"):
        "--buckets '0,x' is neither edges such as 0,30,60,90,120 nor a preset: akaunting, default, erpnext, gnucash,"
        " idempiere, invoice-ninja, ledgersmb, moqui, oca-aged, oca-statement, odoo, odoo-11, python-accounting,"
        " quickbooks, sage-intacct, tryton",
    (*AGE, "--buckets", "30,0"): "bucket edges (30, 0) must be whole days that ascend, such as 0, 30, 60, 90",
    (*AGE, "--basis", "x"): "--basis 'x' is not there; it must be one of due, document, posting, baseline",
    (*AGE, "--credits", "x"): "--credits 'x' is not there; it must be one of own-column, own-date, netted",
    (*AGE, "--format", "x"): "--format 'x' is not there; it must be one of table, csv, json, html",
    (*AGE, "--known-at", "2026-03-31"):
        "--known-at '2026-03-31' is no moment with a time zone; write it like 2026-03-31T18:00:00Z",
    (*AGE, "--output", "no/such/folder.csv"): "no/such/folder.csv: No such file or directory; check the path and its rights",
    ("age", "tests/data/open-items.csv", "--as-of", "2026-03-31", "--drawn-on", "2026-04-01"):
        "the extract was drawn on 2026-04-01 and has no history; ask about that day or a later one, not 2026-03-31",
    ("template", "--table", "x"): "--table 'x' is not there; it must be one of facts, open-items, payments, customers",
}  # fmt: skip


@pytest.mark.parametrize(("words", "sentence"), CASES.items(), ids=lambda it: " ".join(it)[:50])
def test_misuse_ends_with_one_sentence_and_status_two(root, monkeypatch, capsys, words, sentence):
    monkeypatch.chdir(root)
    status = run(list(words))
    printed = capsys.readouterr()
    assert (status, printed.out) == (2, "")
    assert printed.err.splitlines()[-1] == f"receivables: {sentence}"
    assert "Traceback" not in printed.err


def test_an_item_that_is_not_there_is_named(root, monkeypatch, capsys):
    monkeypatch.chdir(root)
    assert run(["explain", OURS, "--item", "F-9", "--as-of", "2026-03-31"]) == 2
    assert "no document 'F-9' counts on 2026-03-31" in capsys.readouterr().err
