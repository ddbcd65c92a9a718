"""SAT's matrix: each of our one-fault documents reports its code, and what is right reports nothing."""

from __future__ import annotations

import json
from datetime import date

import pytest

from receivables.cfdi import Finding, KnownTaxpayers, Taxpayer, all_rules, parse, validate

CODES = json.loads(
    (
        __import__("pathlib").Path(__file__).parent.parent / "data/cfdi/matrix/expected.json"
    ).read_text(encoding="utf-8")
)
# What SAT's matrix holds and no document can show: confirmations that only a PAC gives.
ONLY_A_PAC = {"CRP20216", "CRP20220"}
# Ours are judged by the structure's table, by the limits, or inside another rule.
ELSEWHERE = {"CRP20245", "CRP20250", "CRP20251", "CRP20256", "CRP20257", "CRP20262", "CRP20270"}
WITHIN = {"CRP20275", "CRP20277"}


def codes(xml: bytes) -> set[str]:
    return {it.code for it in validate(xml)}


@pytest.mark.parametrize("code", sorted(CODES))
def test_each_document_with_one_fault_reports_its_code(samples, code):
    found = validate((samples / "matrix" / f"{code}.xml").read_bytes())
    hit = [it for it in found if it.code == code]
    assert hit, [str(it) for it in found]
    assert all(it.message_es and it.message_en and it.path for it in hit)


def test_the_96_documents_are_all_there():
    assert len(CODES) == 96


def test_no_document_reports_a_code_that_is_not_its_fault(samples):
    more = {}
    for code, expected in CODES.items():
        found = {
            it
            for it in codes((samples / "matrix" / f"{code}.xml").read_bytes())
            if it.startswith("CRP")
        }
        surplus = found - set(expected["oracle_codes"]) - {"CRP20999"}
        if surplus:
            more[code] = surplus
    assert more == {}


def test_the_document_they_were_made_from_is_clean(samples):
    assert validate((samples / "matrix" / "BASE-valid.xml").read_bytes()) == ()


@pytest.mark.parametrize("folder", ["completed", "scenarios", "reconciliation"])
def test_valid_documents_are_clean(samples, folder):
    wrong = {
        path.name: [str(it) for it in found]
        for path in sorted((samples / folder).rglob("*.xml"))
        if (found := validate(path.read_bytes()))
    }
    assert wrong == {}


# Public documents that are not clean, and why (docs/cfdi/rules.md argues each).
PUBLIC = {
    "CfdiUtils__005.xml": {"CFDI-UNREADABLE", "CRP20999"},
    "CfdiUtils__006.xml": {"CFDI-UNREADABLE", "CRP20999"},
    "CfdiUtils__008.xml": {"CFDI-UNREADABLE", "CRP20999", "CFDI40999"},
    "node-cfdi__gobl.cfdi-invoice-ieps.xml": set(),
    "ntlink-ws-sdk__pagos-impuestos.xml": {"CRP20999", "CFDI40158", "REP-USOCFDI", "CRP20215"},
    "pycfdi-transform__pago_stamped.xml": {"REP-USOCFDI"},
    "python-satcfdi__mpago_xiqb891116qe4_ingreso_iva16.xml": {"CFDI40141"},
    "python-satcfdi__pago_h_e951128469_ingreso_iva16.xml": {"CFDI40141", "CRP20215", "CRP20238"},
    "python-satcfdi__rentenciones_concepto_suma_pago_100.07.xml": {"CFDI40141"},
    "sw-sdk-java__CFDI40_Pago_DoctoRelacionadoEnDolar.xml": {"REP-PRECISION-RISK"},
    "sw-sdk-java__CFDI40_Pago_Dolar.xml": {"REP-PRECISION-RISK"},
}


def test_public_payment_complements_are_clean_but_for_those_argued(shared):
    folder = shared / "cfdi" / "samples" / "public"
    found = {}
    for path in sorted(folder.glob("*.xml")):
        xml = path.read_bytes()
        if b'TipoDeComprobante="P"' in xml and codes(xml):
            found[path.name] = codes(xml)
    assert found == {name: them for name, them in PUBLIC.items() if them}


def test_every_code_of_the_matrix_is_judged_somewhere():
    numbers = [*range(20101, 20124), *range(20201, 20280)]
    ours = {rule.code for rule in all_rules()}
    missing = {f"CRP{number}" for number in numbers} - ours - ONLY_A_PAC - ELSEWHERE - WITHIN
    assert missing == set()


def test_every_rule_speaks_two_languages():
    assert [
        it.code for it in all_rules() if not it.es.strip() or not it.en.strip() or it.es == it.en
    ] == []


def test_a_rule_counts_from_its_day(samples):
    xml = (samples / "matrix" / "CRP20278.xml").read_bytes()
    assert "CRP20278" in codes(xml)
    assert "CRP20278" not in {it.code for it in validate(xml, on=date(2024, 12, 12))}


def test_a_finding_says_where_what_and_what_should_be(samples):
    [first, _] = validate((samples / "matrix" / "CRP20261.xml").read_bytes())
    assert str(first) == (
        "Comprobante/Complemento/Pagos/Pago[1]/DoctoRelacionado[1]/ImpuestosDR/TrasladosDR/TrasladoDR[1]/@ImporteDR:"
        " CRP20261: ImporteDR of the tax charged lies within the limits of its base and rate."
        " Found 640.02; expected 639.99 … 640.01."
    )
    assert first.message("es") == (
        "ImporteDR del traslado está entre los límites de su base y tasa. Dice 640.02; se espera 639.99 … 640.01."
    )


THIRD = (
    '<cfdi:ACuentaTerceros RfcACuentaTerceros="EKU9003173C9" NombreACuentaTerceros="ESCUELA"'
    ' RegimenFiscalACuentaTerceros="601" DomicilioFiscalACuentaTerceros="42501"/>'
)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('Total="46400.00"', 'Total="46400.01"', "CFDI40119"),
        ('SubTotal="40000.00"', 'SubTotal="40000.01"', "CFDI40108"),
        ('SubTotal="40000.00"', 'SubTotal="40000.001"', "CFDI40107"),
        ('FormaPago="99"', 'FormaPago="03"', "CFDI40105"),
        ('FormaPago="99"', 'FormaPago="98"', "CFDI40104"),
        ('Moneda="MXN"', 'Moneda="USD"', "CFDI40115"),
        ('Moneda="MXN"', 'TipoCambio="2" Moneda="MXN"', "CFDI40114"),
        ('Moneda="MXN"', 'Moneda="MXX"', "CFDI40113"),
        ('UsoCFDI="G03"', 'UsoCFDI="D01"', "CFDI40161"),
        ('UsoCFDI="G03"', 'UsoCFDI="G99"', "CFDI40160"),
        ('RegimenFiscalReceptor="601"', 'RegimenFiscalReceptor="612"', "CFDI40158"),
        ('ValorUnitario="40000.00"', 'ValorUnitario="90000.00"', "CFDI40167"),
        ('ObjetoImp="02"', 'ObjetoImp="01"', "CFDI40172"),
        ('ObjetoImp="02"', 'ObjetoImp="06"', "CFDI140226"),
        ('ObjetoImp="02"', 'ObjetoImp="07"', "CFDI140227"),
        ('TasaOCuota="0.160000"', 'TasaOCuota="0.150000"', "CFDI40179"),
        ('Importe="6400.00"', 'Importe="6400.03"', "CFDI40180"),
        ('TotalImpuestosTrasladados="6400.00"', 'TotalImpuestosTrasladados="6400.02"', "CFDI40205"),
        ('TotalImpuestosTrasladados="6400.00"', "", "CFDI40212"),
        ('Exportacion="01"', 'Exportacion="09"', "CFDI40123"),
        ('Exportacion="01"', "", "CFDI40999"),
        ('Serie="A"', 'Serie="A" Extra="1"', "CFDI40999"),
        ('Rfc="URE180429TM6"', 'Rfc="URE-180429-TM6"', "CFDI40999"),
        (
            'Rfc="URE180429TM6"',
            'Rfc="XEXX010101000" NumRegIdTrib="20000123456"',
            "CFDI40153",
        ),
        (
            "</cfdi:Impuestos></cfdi:Concepto>",
            f"</cfdi:Impuestos>{THIRD}</cfdi:Concepto>",
            "CFDI40188",
        ),
    ],
)
def test_an_invoice_with_one_fault_reports_its_code(samples, old, new, code):
    text = (samples / "scenarios" / "SC04" / "I1.xml").read_text(encoding="utf-8")
    assert old in text
    assert code in codes(text.replace(old, new, 1 if code != "CFDI40180" else 2).encode())


@pytest.mark.parametrize(
    ("found", "expected", "said"),
    [
        ("2", "1", "Found 2; expected 1."),
        ("2", "", "Found 2; nothing should stand there."),
        ("", "1", "Nothing stands there; expected 1."),
    ],
)
def test_a_finding_speaks_in_sentences_also_of_nothing(found, expected, said):
    finding = Finding("X", "error", "A", "Debe ser.", "It must be.", found, expected)
    assert finding.message() == f"It must be. {said}"
    assert "nada; se espera nada" not in finding.message("es")


# --- what SAT has on file -----------------------------------------------------------------------

EKU, URE = (
    Taxpayer("ESCUELA KEMPER URGATE", "42501"),
    Taxpayer("UNIVERSIDAD ROBOTICA ESPAÑOLA", "86991"),
)


def known(listed=None, **changes):
    return KnownTaxpayers({"EKU9003173C9": EKU, "URE180429TM6": URE} | changes, listed)


@pytest.mark.parametrize(
    ("register", "code", "path", "expected"),
    [
        (known(EKU9003173C9=Taxpayer("ESCUELA")), "CFDI40139", "Emisor/@Nombre", "ESCUELA"),
        (known(URE180429TM6=Taxpayer("URE")), "CFDI40145", "Receptor/@Nombre", "URE"),
        (
            known(URE180429TM6=Taxpayer("", "01000")),
            "CFDI40148",
            "Receptor/@DomicilioFiscalReceptor",
            "01000",
        ),
        (KnownTaxpayers({}, frozenset()), "CFDI40143", "Receptor/@Rfc", "l_RFC"),
    ],
)
def test_names_and_addresses_are_held_against_a_register(samples, register, code, path, expected):
    xml = (samples / "scenarios" / "SC04" / "I1.xml").read_bytes()
    assert validate(xml, register=known()) == validate(xml) == ()
    [found] = validate(xml, register=register)
    assert (found.code, found.path, found.expected) == (code, f"Comprobante/{path}", expected)


def test_what_the_register_does_not_know_is_not_judged(samples):
    xml = (samples / "scenarios" / "SC04" / "I1.xml").read_bytes()
    for register in (KnownTaxpayers({}), known(URE180429TM6=Taxpayer())):
        assert validate(xml, register=register) == ()


def test_the_payers_bank_is_held_against_sats_list(samples):
    xml = (samples / "scenarios" / "SC12" / "P1.xml").read_bytes()
    banks = {it.rfc_emisor_cta_ord for it in parse(xml).payments()} - {None, "XEXX010101000"}
    assert banks
    assert validate(xml, register=known(frozenset(banks))) == ()
    found = validate(xml, register=known(frozenset()))
    assert {it.code for it in found} == {"CRP20222"}
    assert {it.found for it in found} == banks
