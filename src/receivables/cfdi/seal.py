"""Sealing a document with a CSD, and verifying the seals of a document: the issuer's, and SAT's on the stamp.

What verifies is told level by level: a seal that verifies says nothing about whether the certificate was valid, and neither
says whether SAT has cancelled the document since.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace

from receivables.cfdi.cadena import cadena_of, cadena_of_stamp, cadena_original
from receivables.cfdi.certificates import Certificate, Csd
from receivables.cfdi.documents import Comprobante
from receivables.cfdi.read import read
from receivables.cfdi.secure import MOST_BYTES, tree
from receivables.cfdi.write import to_bytes, to_tree
from receivables.errors import UnusableSeal


def seal(document: Comprobante, csd: Csd) -> Comprobante:
    """Return the document with certificate and seal.

    Args:
        document: A draft, or a sealed document to be sealed again.
        csd: The issuer's.

    Raises:
        UnusableSeal: When the CSD is of somebody else, not valid on the document's day, or the document is stamped.
    """
    named = _named(document, csd)
    return replace(named, sello=csd.sign(cadena_original(named)))


def seal_to_xml(document: Comprobante, csd: Csd) -> bytes:
    """Return the sealed document as XML: what `write(seal(…))` gives, in one pass.

    Raises:
        UnusableSeal: When the CSD is of somebody else, not valid on the document's day, or the document is stamped.
    """
    root = to_tree(_named(document, csd))
    root.set("Sello", csd.sign(cadena_of(root)))
    return to_bytes(root)


def _named(document: Comprobante, csd: Csd) -> Comprobante:
    certificate = csd.certificate
    if document.timbres:
        msg = f"document {document.number} is stamped; sealing it again would void the stamp"
        raise UnusableSeal(msg)
    if certificate.rfc != document.emisor.rfc:
        msg = f"the CSD is of {certificate.rfc} and the document of {document.emisor.rfc}; seal with the issuer's own"
        raise UnusableSeal(msg)
    if not certificate.holds(document.fecha):
        msg = (
            f"certificate {certificate.number} is valid from {certificate.since:%Y-%m-%d} to {certificate.until:%Y-%m-%d}"
            f" and the document is of {document.fecha:%Y-%m-%d}; seal with one that is in force"
        )
        raise UnusableSeal(msg)
    return replace(
        document, no_certificado=certificate.number, certificado=certificate.base64, sello=""
    )


@dataclass(frozen=True, slots=True)
class Seals:
    """What the seals of a document say, level by level; None where there is nothing to say.

    Args:
        sealed: The seal is of this document and the certificate in it.
        certificate_is_the_issuers: The certificate is of the issuer.
        certificate_was_valid: It was valid on the document's day.
        stamp_is_of_this: The stamp repeats the document's seal.
        stamped: SAT's seal on the stamp verifies with the certificate given.
        notes: Why a level fails or could not be judged.
    """

    sealed: bool
    certificate_is_the_issuers: bool | None = None
    certificate_was_valid: bool | None = None
    stamp_is_of_this: bool | None = None
    stamped: bool | None = None
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        judged = (
            self.sealed,
            self.certificate_is_the_issuers,
            self.certificate_was_valid,
            self.stamp_is_of_this,
            self.stamped,
        )
        return all(it is not False for it in judged)


def verify(
    xml: bytes, *, sat_certificate: bytes | None = None, most_bytes: int = MOST_BYTES
) -> Seals:
    """Verify the seals of a document.

    Args:
        xml: The file's bytes, exactly as received.
        sat_certificate: SAT's certificate in DER whose number the stamp names; without it the stamp's seal is not judged.
        most_bytes: The largest file read.

    Raises:
        UnreadableCfdi: When it is no readable CFDI 4.0.
    """
    root = tree(xml, most_bytes=most_bytes)
    document = read(root)
    if not document.sello or not document.certificado:
        return Seals(sealed=False, notes=("the document is not sealed",))
    try:
        certificate = Certificate.load(base64.b64decode(document.certificado))
        signature = base64.b64decode(document.sello)
    except (UnusableSeal, binascii.Error, ValueError) as error:
        return Seals(sealed=False, notes=(f"its certificate or seal cannot be read: {error}",))
    notes: list[str] = []
    sealed = certificate.verifies(signature, cadena_of(root))
    if not sealed:
        notes.append("the document was changed after it was sealed, or sealed with another key")
    own = certificate.rfc == document.emisor.rfc
    if not own:
        notes.append(
            f"the certificate is of {certificate.rfc}, the document of {document.emisor.rfc}"
        )
    valid = certificate.holds(document.fecha)
    if not valid:
        notes.append(f"certificate {certificate.number} was not valid on {document.fecha:%Y-%m-%d}")
    same, stamped = _stamp(document, sat_certificate, notes)
    return Seals(sealed, own, valid, same, stamped, tuple(notes))


def _stamp(
    document: Comprobante, sat_certificate: bytes | None, notes: list[str]
) -> tuple[bool | None, bool | None]:
    if len(document.timbres) != 1:
        notes.append(f"the document has {len(document.timbres)} stamps")
        return (None, None) if not document.timbres else (False, None)
    [stamp] = document.timbres
    same = stamp.sello_cfd == document.sello
    if not same:
        notes.append("the stamp is of another seal")
    if sat_certificate is None:
        return same, None
    certificate = Certificate.load(sat_certificate)
    if certificate.number != stamp.no_certificado_sat:
        notes.append(
            f"the stamp names certificate {stamp.no_certificado_sat}; {certificate.number} was given"
        )
        return same, None
    try:
        stamped = certificate.verifies(base64.b64decode(stamp.sello_sat), cadena_of_stamp(stamp))
    except (binascii.Error, ValueError):
        stamped = False
    if not stamped:
        notes.append("SAT's seal on the stamp does not verify")
    return same, stamped
