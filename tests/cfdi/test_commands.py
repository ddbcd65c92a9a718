"""The command line, as a program sees it: JSON out, typed misuse, and no need of the extra for the rest."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytest.importorskip("typer", reason="the extra cli is not installed")

from receivables.cli.app import run


def ask(capsys, *words):
    status = run(["cfdi", *map(str, words)])
    out = capsys.readouterr()
    return status, out.out, out.err


def test_validate_speaks_json(capsys, samples):
    folder = samples / "matrix"
    files = [folder / "CRP20118.xml", folder / "BASE-valid.xml"]
    status, out, _ = ask(capsys, "validate", *files, "--format", "json")
    first, second = json.loads(out)
    assert (status, first["file"], second["findings"]) == (0, str(files[0]), [])
    [found] = first["findings"]
    assert {name: found[name] for name in ("code", "severity", "path")} == {
        "code": "CRP20118",
        "severity": "error",
        "path": "Comprobante/Conceptos/Concepto[1]/@Descripcion",
    }


def test_strict_validation_ends_with_3(capsys, samples):
    assert ask(capsys, "validate", samples / "matrix" / "CRP20118.xml", "--strict")[0] == 3
    assert ask(capsys, "validate", samples / "matrix" / "BASE-valid.xml", "--strict")[0] == 0


def test_a_malformed_file_is_a_finding_and_the_others_go_on(capsys, samples, tmp_path):
    (tmp_path / "bad.xml").write_bytes(b"<a><b></a>")
    status, out, _ = ask(
        capsys, "validate", tmp_path / "bad.xml", samples / "completed", "--format", "json"
    )
    made = json.loads(out)
    assert (status, len(made), made[0]["findings"][0]["code"]) == (0, 6, "CFDI-UNREADABLE")


def test_reconcile_speaks_json(capsys, samples):
    folder = samples / "reconciliation"
    words = (
        "--payments",
        folder / "receipts.csv",
        "--status",
        folder / "sat_status.csv",
        "--as-of",
        "2026-08-10",
    )
    status, out, _ = ask(capsys, "reconcile", folder, *words, "--format", "json")
    made = json.loads(out)
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["findings"]
    assert status == 0
    assert sorted(it["kind"] for it in made) == sorted(it["code"] for it in expected)
    assert {tuple(it) for it in made} == {("kind", "invoice", "complement", "detail")}
    [late] = [it for it in made if it["kind"] == "LATE_REP"]
    assert (late["invoice"], late["complement"], late["detail"]["due"]) == (
        "F-3",
        "P-3",
        "2026-07-05",
    )


def test_import_writes_a_facts_table_that_reads_back(capsys, samples, tmp_path):
    status, out, _ = ask(
        capsys,
        "import",
        samples / "scenarios",
        "--output",
        tmp_path / "facts.csv",
        "--format",
        "json",
    )
    made = json.loads(out)
    assert (status, made["counts"]["accepted"], made["facts"]) == (0, 42, 74)
    assert (
        run(["age", str(tmp_path / "facts.csv"), "--as-of", "2026-12-31", "--format", "json"]) == 0
    )
    aged = json.loads(capsys.readouterr().out)
    assert [it["total"] for it in aged["totals"]] == ["7322.57"]


def test_complement_builds_checks_and_shows(capsys, samples, tmp_path):
    table = tmp_path / "payments.csv"
    table.write_text(
        "payment_id,date,amount,currency,forma_de_pago,invoice_uuid,paid\n"
        "R-1,2026-07-20,1000.00,MXN,03,B1559EC6-8A9C-4B97-9AC9-26E710DF2839,1000.00\n",
        encoding="utf-8",
    )
    out, page = tmp_path / "out.xml", tmp_path / "out.html"
    status, _, err = ask(
        capsys,
        "complement",
        samples / "scenarios" / "SC01" / "I1.xml",
        "--payments",
        table,
        "--issued-at",
        "2026-08-03T09:00:00",
        "--output",
        out,
        "--html",
        page,
    )
    assert (status, "1319.99 MXN" in err, "1,000.00 MXN" in page.read_text(encoding="utf-8")) == (
        0,
        True,
        True,
    )
    assert json.loads(ask(capsys, "validate", out, "--format", "json")[1])[0]["findings"] == []
    assert "<h1>Recibo electrónico de pago</h1>" in ask(capsys, "show", out)[1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["validate", "nowhere.xml"], "no such file or folder"),
        (["validate", ".", "--format", "xml"], "--format 'xml' is not there"),
        (["reconcile", "nowhere", "--as-of", "2026-08-10"], "no such folder or file"),
        (["reconcile", ".", "--as-of", "10/08/2026"], "is no date"),
        (
            ["complement", ".", "--payments", "x.csv", "--issued-at", "today"],
            "is no local date and time",
        ),
    ],
)
def test_misuse_is_one_sentence_and_status_2(capsys, words, sentence):
    status, _, err = ask(capsys, *words)
    assert (status, sentence in err, err.count("\n")) == (2, True, 1)


def test_html_shows_balances_and_escapes_names(samples):
    import dataclasses

    from receivables.cfdi import parse, to_html
    from receivables.errors import UnwritableCfdi

    document = parse((samples / "scenarios" / "SC03" / "P2.xml").read_bytes())
    named = dataclasses.replace(
        document, receptor=dataclasses.replace(document.receptor, nombre="<b>A & B</b>")
    )
    page = to_html(named)
    assert "&lt;b&gt;A &amp; B&lt;/b&gt;" in page
    assert "3,575.65 USD" in page
    assert "68,019.59 MXN" in page
    with pytest.raises(UnwritableCfdi, match="only payment complements"):
        to_html(parse((samples / "scenarios" / "SC03" / "I1.xml").read_bytes()))


def test_without_the_extra_the_library_works_and_cfdi_says_what_to_install():
    program = (
        "import sys; sys.modules['lxml'] = None\n"
        "import receivables, receivables.cli.app\n"
        "from receivables.errors import MissingExtra\n"
        "try:\n    import receivables.cfdi\n"
        "except MissingExtra as error:\n    print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "pip install 'receivables[cfdi]'" in done.stdout
    loaded = "import sys, receivables, receivables.cli.app; print('lxml' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
