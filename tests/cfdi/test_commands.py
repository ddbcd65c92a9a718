"""The command line, as a program sees it: JSON out, typed misuse, and no need of the extra for the rest."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys

import pytest

pytest.importorskip("typer", reason="the extra cli is not installed")

from tests.cfdi.test_seal import PASSWORD, certificate, locked

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


PAYMENTS = (
    "payment_id,date,amount,currency,forma_de_pago,invoice_uuid,paid{0}\n"
    "R-1,2026-07-20,1000.00,MXN,03,B1559EC6-8A9C-4B97-9AC9-26E710DF2839,1000.00{1}\n"
)
ISSUED = ("--issued-at", "2026-08-03T09:00:00")


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "payments.csv"
    path.write_text(PAYMENTS.format("", ""), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Return the files of a CSD made for the tests: certificate and locked key."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    folder = tmp_path_factory.mktemp("csd")
    key = rsa.generate_private_key(65537, 2048)
    (folder / "csd.cer").write_bytes(certificate(key))
    (folder / "csd.key").write_bytes(locked(key))
    (folder / "old.cer").write_bytes(certificate(key, until=2024))
    return folder


def test_complement_seals_with_a_csd(capsys, samples, table, pair, tmp_path, monkeypatch):
    from receivables.cfdi import parse, verify

    monkeypatch.setenv("RECEIVABLES_CSD_PASSWORD", PASSWORD)
    out = tmp_path / "sealed.xml"
    words = ("--payments", table, *ISSUED, "--serie", "P", "--folio", "7", "--output", out)
    csd = ("--cer", pair / "csd.cer", "--key", pair / "csd.key")
    status, _, err = ask(
        capsys, "complement", samples / "scenarios" / "SC01" / "I1.xml", *words, *csd
    )
    xml = out.read_bytes()
    assert (status, PASSWORD in err) == (0, False)
    found = verify(xml)
    assert (found.sealed, found.certificate_is_the_issuers, parse(xml).number) == (
        True,
        True,
        "P-7",
    )
    assert json.loads(ask(capsys, "validate", out, "--format", "json")[1])[0]["findings"] == []


@pytest.mark.parametrize(
    ("password", "cer", "key", "sentence"),
    [
        ("guessed", "csd.cer", "csd.key", "cannot be opened with that password"),
        (PASSWORD, "old.cer", "csd.key", "valid from 2023-05-18 to 2024-05-18"),
        (PASSWORD, "csd.key", "csd.cer", "not one in DER"),
        (PASSWORD, "none.cer", "csd.key", "No such file"),
    ],
)
def test_what_cannot_seal_ends_with_2_and_no_secret(
    capsys, samples, table, pair, monkeypatch, password, cer, key, sentence
):
    monkeypatch.setenv("RECEIVABLES_CSD_PASSWORD", password)
    words = ("--payments", table, *ISSUED, "--cer", pair / cer, "--key", pair / key)
    status, out, err = ask(capsys, "complement", samples / "scenarios" / "SC01", *words)
    assert (status, sentence in err, password in out + err) == (2, True, False)


def test_complement_goes_on_from_the_folder_and_substitutes(capsys, samples, table, tmp_path):
    """The folder holds P1, which paid 997.60 of the invoice: the next payment is the second, unless it substitutes P1."""
    from receivables.cfdi import parse

    folder, out = samples / "scenarios" / "SC01", tmp_path / "out.xml"
    words = ("complement", folder, "--payments", table, *ISSUED, "--output", out)
    assert ask(capsys, *words)[0] == 0
    [doc] = next(parse(out.read_bytes()).payments()).documentos
    assert (doc.num_parcialidad, str(doc.imp_saldo_ant)) == (2, "1322.39")
    first = parse((folder / "P1.xml").read_bytes()).uuid
    assert ask(capsys, *words, "--replaces", first)[0] == 0
    again = parse(out.read_bytes())
    [doc] = next(again.payments()).documentos
    assert (doc.num_parcialidad, str(doc.imp_saldo_ant), again.related("04")) == (
        1,
        "2319.99",
        (first,),
    )


def test_complement_takes_foreign_currency_from_the_table(capsys, samples, tmp_path):
    table, out = tmp_path / "payments.csv", tmp_path / "out.xml"
    table.write_text(
        PAYMENTS.format(
            ",paid_currency,taken,tipo_cambio,hora", ",MXN,55.20,18.1159,09:30"
        ).replace("1000.00,MXN,03", "55.30,USD,03"),
        encoding="utf-8",
    )
    folder = samples / "scenarios" / "SC01" / "I1.xml"
    status, _, _ = ask(capsys, "complement", folder, "--payments", table, *ISSUED, "--output", out)
    text = out.read_text(encoding="utf-8")
    assert (status, 'EquivalenciaDR="18.1159420290"' in text) == (0, True)
    assert 'FechaPago="2026-07-20T09:30:00"' in text
    assert json.loads(ask(capsys, "validate", out, "--format", "json")[1])[0]["findings"] == []


def test_validate_asks_sats_schema_too(capsys, samples, sat, tmp_path):
    whole = (samples / "matrix" / "BASE-valid.xml").read_bytes()
    unsealed = tmp_path / "draft.xml"
    unsealed.write_bytes(re.sub(rb' Sello="[^"]*"', b"", whole, count=1))
    words = (samples / "matrix" / "BASE-valid.xml", unsealed, "--schema", sat / "slim")
    status, out, _ = ask(capsys, "validate", *words, "--format", "json")
    good, draft = json.loads(out)
    assert (status, good["findings"]) == (0, [])
    [found] = draft["findings"]
    assert (found["code"], "'Sello' is required" in found["message"]) == ("XSD", True)
    assert ask(capsys, "validate", *words, "--strict")[0] == 3


def test_validate_holds_names_against_a_table(capsys, samples, tmp_path):
    table = tmp_path / "taxpayers.csv"
    table.write_text(
        "rfc,nombre,codigo_postal\nURE180429TM6,UNIVERSIDAD ROBOTICA,86991\n", encoding="utf-8"
    )
    words = ("validate", samples / "matrix" / "BASE-valid.xml", "--format", "json")
    assert json.loads(ask(capsys, *words)[1])[0]["findings"] == []
    [found] = json.loads(ask(capsys, *words, "--taxpayers", table)[1])[0]["findings"]
    assert (found["code"], found["expected"]) == ("CFDI40145", "UNIVERSIDAD ROBOTICA")


def test_reconcile_without_tables_and_in_words(capsys, samples):
    folder = samples / "reconciliation"
    status, out, _ = ask(capsys, "reconcile", folder, "--as-of", "2026-08-10")
    assert (status, "MISSING_REP" in out, "LATE_REP F-3, P-3" in out) == (0, False, True)
    words = ("--payments", folder / "receipts.csv", "--status", folder / "sat_status.csv")
    status, out, _ = ask(capsys, "reconcile", folder, *words, "--as-of", "2026-08-04")
    assert (status, "1 complement overdue since 2026-07-05" in out) == (0, True)
    assert "complements due on 2026-08-05" in out


def test_import_says_what_became_of_every_file(capsys, samples, tmp_path):
    folder = samples / "reconciliation"
    (tmp_path / "bad.xml").write_bytes(b"<a>")
    status, out, _ = ask(
        capsys, "import", folder, "--status", folder / "sat_status.csv", "--format", "json"
    )
    counts = json.loads(out)["counts"]
    assert (status, counts["files"]) == (0, sum(counts[name] for name in counts) - counts["files"])
    assert {it["reason"] for it in json.loads(out)["left_out"]} >= {"cancelled"}
    status, out, _ = ask(capsys, "import", tmp_path, "--strict")
    assert (status, "1 failed" in out) == (3, True)


@pytest.mark.parametrize(
    ("head", "row", "sentence"),
    [
        (",hora", ",25:00", "no hour of a payment"),
        (",tipo_cambio", ",18.1234567", "at most 6 decimals"),
    ],
)
def test_a_table_that_cannot_be_read_names_its_line(capsys, samples, tmp_path, head, row, sentence):
    table = tmp_path / "payments.csv"
    table.write_text(PAYMENTS.format(head, row), encoding="latin-1")
    words = ("complement", samples / "scenarios" / "SC01", "--payments", table, *ISSUED)
    status, _, err = ask(capsys, *words)
    assert (status, sentence in err, "payments.csv:" in err) == (2, True, True)


def test_a_table_in_the_code_page_of_a_spreadsheet_is_read(capsys, samples, tmp_path):
    table = tmp_path / "payments.csv"
    table.write_text(PAYMENTS.format(",note", ",\xf1"), encoding="latin-1")
    words = ("complement", samples / "scenarios" / "SC01", "--payments", table, *ISSUED)
    assert ask(capsys, *words)[0] == 0


def test_complement_is_of_invoices_that_are_there_and_of_one_customer(capsys, samples, tmp_path):
    table = tmp_path / "payments.csv"
    table.write_text(PAYMENTS.format("", ""), encoding="utf-8")
    words = ("--payments", table, *ISSUED)
    status, _, err = ask(capsys, "complement", samples / "scenarios" / "SC01" / "I2.xml", *words)
    assert (status, "are paid and not in the folder" in err) == (2, True)
    folder = tmp_path / "two"
    folder.mkdir()
    xml = (samples / "scenarios" / "SC01" / "I1.xml").read_text(encoding="utf-8")
    (folder / "1.xml").write_text(xml, encoding="utf-8")
    other = xml.replace("URE180429TM6", "XIA190128J61").replace("B1559EC6", "00000000")
    (folder / "2.xml").write_text(other, encoding="utf-8")
    with table.open("a", encoding="utf-8") as file:
        file.write("R-1,2026-07-20,1000.00,MXN,03,00000000-8A9C-4B97-9AC9-26E710DF2839,500.00\n")
    status, _, err = ask(capsys, "complement", folder, *words)
    assert (status, "EKU9003173C9 to XIA190128J61" in err) == (2, True)


def test_a_table_without_payments_is_refused(capsys, samples, tmp_path):
    table = tmp_path / "payments.csv"
    table.write_text(PAYMENTS.format("", "").splitlines()[0] + "\n", encoding="utf-8")
    words = ("complement", samples / "scenarios" / "SC01", "--payments", table, *ISSUED)
    status, _, err = ask(capsys, *words)
    assert (
        status,
        "the table has no payment; write a row for each payment and invoice" in err,
    ) == (2, True)


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


def test_show_writes_a_page_in_either_language(capsys, samples, tmp_path):
    file, page = samples / "scenarios" / "SC11" / "P2.xml", tmp_path / "page.html"
    assert ask(capsys, "show", file, "--lang", "en", "--output", page)[0] == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "<h1>Electronic receipt of payment</h1>" in text
    assert "968BDA48-2F5D-49DD-8318-4228E21DD2D2" in text  # what it substitutes
    assert "<script" not in text
    status, out, err = ask(capsys, "show", samples / "scenarios" / "SC11" / "I1.xml")
    assert (status, out, "only payment complements are shown" in err) == (2, "", True)


EVIL = '<img src=x onerror="alert(1)">&'


def planted(value):
    """Return a value of a document with every text in it made evil, however deep."""
    if isinstance(value, str):
        return EVIL
    if isinstance(value, tuple):
        return tuple(planted(it) for it in value)
    if dataclasses.is_dataclass(value):
        kept = {"tipo_de_comprobante", "uuid", "version"}
        names = [it.name for it in dataclasses.fields(value) if it.name not in kept]
        return dataclasses.replace(value, **{name: planted(getattr(value, name)) for name in names})
    return value


@pytest.mark.parametrize("language", ["es", "en", '"><script>'])
def test_html_escapes_every_text_of_a_document(samples, language):
    from receivables.cfdi import parse, to_html

    page = to_html(
        planted(parse((samples / "scenarios" / "SC02" / "P1.xml").read_bytes())), language
    )
    assert page.count("&lt;img src=x") > 15
    assert "<img" not in page
    assert "<script" not in page


def test_html_shows_balances_taxes_and_what_is_left(samples):
    from receivables.cfdi import parse, to_html
    from receivables.errors import UnwritableCfdi

    def page(name):
        return to_html(parse((samples / "scenarios" / f"{name}.xml").read_bytes()))

    foreign = page("SC03/P2")
    assert "3,575.65 USD" in foreign
    assert "68,019.59 MXN" in foreign
    assert "Sin aplicar" not in foreign
    kept = page("SC02/P1")
    assert "IVA 16 %: " in kept
    assert "IVA retenido 10.6667 %: " in kept
    assert "ISR retenido 10 %: " in kept
    assert "exento" in page("SC08/P1")
    over = page("SC14/P1")
    assert "<dt>Sin aplicar</dt><dd>0.55 MXN</dd>" in over
    assert "601 General de Ley Personas Morales" in over
    assert "||1.1|" in over  # the text SAT's seal signs
    draft = dataclasses.replace(
        parse((samples / "scenarios" / "SC14" / "P1.xml").read_bytes()), timbres=()
    )
    assert "borrador sin timbre" in to_html(draft)
    with pytest.raises(UnwritableCfdi, match="only payment complements"):
        page("SC03/I1")


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
