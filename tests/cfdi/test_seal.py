"""Seals: the cadena equals SAT's, a seal verifies, and no secret is ever shown. Keys here are made for the test."""

from __future__ import annotations

import base64
import copy
import dataclasses
import pickle
import random
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from receivables.cfdi import Csd, cadena_original, parse, seal, shape, verify, write
from receivables.cfdi.certificates import Certificate
from receivables.cfdi.payroll import PAYROLL
from receivables.errors import UnusableSeal

PASSWORD = "a secret of the test"  # noqa: S105 - no secret
SAMPLES = ["scenarios", "completed", "matrix", "reconciliation"]


NUMBER = b"30001000000500009999"


def certificate(
    key,
    *,
    rfc="EKU9003173C9 / VADA800927DJ3",
    since=2023,
    until=2027,
    encipher=False,
    number=NUMBER,
):
    name = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test"),
            x509.NameAttribute(x509.ObjectIdentifier("2.5.4.45"), rfc),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=encipher,
        key_agreement=encipher,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(number, "big"))
        .not_valid_before(datetime(since, 5, 18, tzinfo=UTC))
        .not_valid_after(datetime(until, 5, 18, tzinfo=UTC))
        .add_extension(usage, critical=False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.DER)


def locked(key, password=PASSWORD):
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password.encode()),
    )


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def csd(key):
    return Csd.load(certificate(key), locked(key), PASSWORD)


@pytest.fixture
def draft(samples):
    document = parse((samples / "scenarios" / "SC02" / "P1.xml").read_bytes())
    return dataclasses.replace(
        document, timbres=(), sello=None, certificado=None, no_certificado=None
    )


def test_a_sealed_document_verifies(draft, csd):
    sealed = seal(draft, csd)
    found = verify(write(sealed))
    assert (found.sealed, found.certificate_is_the_issuers, found.certificate_was_valid) == (
        True,
        True,
        True,
    )
    assert (sealed.no_certificado, bool(found)) == ("30001000000500009999", True)
    assert found.notes == ("the document has 0 stamps",)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b'Folio="SC02-1"', b'Folio="SC02-9"'), (b'ImpSaldoInsoluto="', b'ImpSaldoInsoluto="0')],
)
def test_a_changed_document_does_not(draft, csd, old, new):
    xml = write(seal(draft, csd))
    assert old in xml
    found = verify(xml.replace(old, new, 1))
    assert (found.sealed, bool(found)) == (False, False)
    assert "was changed after it was sealed" in found.notes[0]


def test_the_cadena_is_what_the_stylesheet_writes(samples):
    xml = (samples / "scenarios" / "SC11" / "P2.xml").read_bytes()
    assert cadena_original(xml).startswith(
        "||4.0|P|SC11-2|2026-07-25T09:00:00|30001000000500003416|0|XXX|0|P|01|42501|04|"
        "968BDA48-2F5D-49DD-8318-4228E21DD2D2|EKU9003173C9|ESCUELA KEMPER URGATE|601|URE180429TM6|"
    )
    assert cadena_original(xml).endswith("|3000.00|002|Tasa|0.160000|480.00||")


def test_white_space_is_collapsed_and_empty_required_values_keep_their_place(samples):
    xml = (samples / "scenarios" / "SC01" / "I1.xml").read_bytes()
    spaced = xml.replace(b"ESCUELA KEMPER URGATE", b"ESCUELA  KEMPER\n URGATE ")
    assert spaced != xml
    assert cadena_original(spaced) == cadena_original(xml)


@pytest.mark.parametrize("folder", SAMPLES)
def test_the_cadena_equals_sats_stylesheet_byte_for_byte(samples, sat, folder):
    different = [
        path.name
        for path in sorted((samples / folder).rglob("*.xml"))
        if cadena_original(path.read_bytes()) != by_stylesheet(sat)(path.read_bytes())
    ]
    assert different == []


def test_the_cadena_equals_sats_stylesheet_on_public_documents(shared, sat):
    folder = shared / "cfdi" / "samples" / "public"
    papers = {path.name: path.read_bytes() for path in sorted(folder.glob("*.xml"))}
    assert "cfdi-to-pdf__cfdi40-nomina-valid.xml" in papers  # payroll is signed in its own order
    different = [
        name for name, xml in papers.items() if cadena_original(xml) != by_stylesheet(sat)(xml)
    ]
    assert different == []


WORDS = ["", " ", "1.50", "a  b", "\ta\n", "Ñandú & <Cía>", "\u00a0x", "0", "\u2003y "]


def grown(element, chosen):
    """Return a node of the table with some of its attributes and children, whatever their values."""
    from lxml import etree

    node = etree.Element(element.tag)
    for it in element.attributes:
        if it.required or chosen.random() < 0.5:
            node.set(it.name, chosen.choice(WORDS))
    for child, least, most in element.children:
        for _ in range(chosen.randint(least, min(most, 2))):
            if child.is_open and child.name == "Complemento":
                below = etree.SubElement(node, child.tag)
                for known in chosen.sample([shape.PAYMENTS, shape.LOCAL_TAXES, PAYROLL], 2):
                    below.append(grown(known, chosen))
            elif not child.is_open:
                node.append(grown(child, chosen))
    return node


@pytest.mark.parametrize("seed", range(60))
def test_the_cadena_equals_the_stylesheet_on_any_document_of_the_table(sat, seed):
    from lxml import etree

    root = grown(shape.VOUCHER, random.Random(seed))  # noqa: S311 - no secret
    root.set("Version", "4.0")
    xml = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    assert cadena_original(xml) == by_stylesheet(sat)(xml)


_STYLESHEETS = {}


def by_stylesheet(sat):
    from lxml import etree

    if sat not in _STYLESHEETS:
        [path] = sat.glob("resources/**/4/cadenaoriginal_4_0/cadenaoriginal_4_0.xslt")
        _STYLESHEETS[sat] = etree.XSLT(
            etree.parse(str(path)), access_control=etree.XSLTAccessControl.DENY_ALL
        )
    return lambda xml: str(_STYLESHEETS[sat](etree.fromstring(xml.removeprefix(b"\xef\xbb\xbf"))))


def test_sats_test_certificate_seals_and_our_samples_verify(samples, sat):
    folder = sat / "csd_pruebas"
    cer = (folder / "EKU9003173C9.cer").read_bytes()
    theirs = Csd.load(cer, (folder / "EKU9003173C9.key").read_bytes(), "12345678a")
    assert repr(theirs) == "<Csd 30001000000500003416 of EKU9003173C9>"
    document = parse((samples / "scenarios" / "SC12" / "P1.xml").read_bytes())
    again = seal(dataclasses.replace(document, timbres=()), theirs)
    assert again.sello == document.sello
    for path in sorted((samples / "scenarios").rglob("*.xml")):
        found = verify(path.read_bytes(), sat_certificate=cer)
        assert (found.sealed, found.stamp_is_of_this, found.stamped, found.notes) == (
            True,
            True,
            True,
            (),
        )


def test_the_ampersand_of_a_tax_number_survives(sat):
    theirs = Certificate.load((sat / "csd_pruebas" / "h&e951128469_csd.cer").read_bytes())
    assert (theirs.rfc, theirs.holds(datetime.fromisoformat("2026-01-01T00:00:00"))) == (
        "H&E951128469",
        False,
    )


def everything_said(error):
    said = [repr(error), str(error), *map(repr, error.args)]
    while error is not None:
        said.append(repr(error))
        trace = error.__traceback__
        while trace is not None:
            if "receivables" in trace.tb_frame.f_code.co_filename:
                said.append(repr(trace.tb_frame.f_locals))
            trace = trace.tb_next
        error = error.__cause__ or error.__context__
    return " ".join(said)


def test_a_wrong_password_says_nothing_secret(key):
    with pytest.raises(UnusableSeal, match="cannot be opened with that password") as caught:
        Csd.load(certificate(key), locked(key), "guessed secret")
    assert "guessed secret" not in everything_said(caught.value)


def test_a_csd_shows_pickles_and_copies_no_key(csd, key):
    private = key.private_numbers()
    shown = " ".join((repr(csd), str(csd), repr(csd.certificate), f"{csd!r:>80}"))
    assert PASSWORD not in shown
    assert str(private.d) not in shown
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(UnusableSeal, match="its key stays where it was loaded"):
            attempt(csd)
    with pytest.raises(AttributeError, match="never changes"):
        csd.certificate = None
    assert not hasattr(csd, "__dict__")


def test_what_cannot_seal_is_refused(key, draft):
    other = rsa.generate_private_key(65537, 2048)
    with pytest.raises(UnusableSeal, match="does not belong to certificate"):
        Csd.load(certificate(other), locked(key), PASSWORD)
    with pytest.raises(UnusableSeal, match=r"is an e\.firma"):
        Csd.load(certificate(key, encipher=True), locked(key), PASSWORD)
    with pytest.raises(UnusableSeal, match="not one in DER"):
        Csd.load(b"nothing", locked(key), PASSWORD)
    with pytest.raises(UnusableSeal, match="valid from 2023-05-18 to 2024-05-18"):
        seal(draft, Csd.load(certificate(key, until=2024), locked(key), PASSWORD))
    with pytest.raises(UnusableSeal, match="seal with the issuer's own"):
        seal(draft, Csd.load(certificate(key, rfc="URE180429TM6"), locked(key), PASSWORD))


def test_a_stamped_document_is_not_sealed_again(samples, csd):
    document = parse((samples / "scenarios" / "SC02" / "P1.xml").read_bytes())
    with pytest.raises(UnusableSeal, match="is stamped"):
        seal(document, csd)


def test_an_unreadable_certificate_in_a_document_is_told(draft, csd):
    sealed = dataclasses.replace(seal(draft, csd), certificado=base64.b64encode(b"x").decode())
    found = verify(write(sealed))
    assert (found.sealed, found.certificate_is_the_issuers) == (False, None)


def test_the_stamp_of_sat_is_verified_with_its_certificate(draft, csd, key):
    from receivables.cfdi.pac_double import PacDouble

    given = PacDouble(csd, datetime.fromisoformat("2026-08-03T09:00:05")).stamp(
        write(seal(draft, csd))
    )
    found = verify(given.xml, sat_certificate=csd.certificate.der)
    assert (bool(found), found.stamp_is_of_this, found.stamped, found.notes) == (
        True,
        True,
        True,
        (),
    )
    later = given.xml.replace(b"2026-08-03T09:00:05", b"2026-08-04T09:00:05")
    found = verify(later, sat_certificate=csd.certificate.der)
    assert (found.sealed, found.stamped, found.notes) == (
        True,
        False,
        ("SAT's seal on the stamp does not verify",),
    )
    document = parse(given.xml)
    moved = dataclasses.replace(document.timbres[0], sello_cfd="AAAA")
    found = verify(write(dataclasses.replace(document, timbres=(moved,))))
    assert (found.stamp_is_of_this, found.notes) == (False, ("the stamp is of another seal",))
    other = Certificate.load(certificate(key, number=b"30001000000500009998"))
    found = verify(given.xml, sat_certificate=other.der)
    assert (found.stamped, "30001000000500009998 was given" in found.notes[0]) == (None, True)


def test_a_certificate_of_another_holder_is_told(draft, csd, key):
    sealed = seal(draft, csd)
    theirs = Certificate.load(certificate(key, rfc="URE180429TM6")).base64
    found = verify(write(dataclasses.replace(sealed, certificado=theirs)))
    assert (found.certificate_is_the_issuers, bool(found)) == (False, False)
    assert "the certificate is of URE180429TM6, the document of EKU9003173C9" in found.notes
