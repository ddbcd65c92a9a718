"""CFDI40139 to CFDI40148 and CRP20222: names, addresses and tax numbers against a register the caller supplies."""

from __future__ import annotations

from receivables.cfdi.documents import Comprobante, Pago
from receivables.cfdi.registers import Register
from receivables.cfdi.rules.parties import ABROAD, PUBLIC
from receivables.cfdi.rules.registry import Fault, rule

_LISTED = "l_RFC"


def _on_file(written: str, filed: str, at: str) -> Fault | None:
    """Return a fault when a text is another than SAT has on file; what is not known there is not judged."""
    if not filed or " ".join(written.split()) == " ".join(filed.split()):
        return None
    return Fault(at, written, filed)


@rule(
    "CFDI40139",
    "registered",
    es="El nombre del emisor es el que el SAT tiene registrado.",
    en="The issuer's name is the one SAT has on file.",
)
def issuer_name(it: Comprobante, register: Register) -> Fault | None:
    known = register.taxpayer(it.emisor.rfc)
    return _on_file(it.emisor.nombre, known.name, "Emisor/@Nombre") if known else None


@rule(
    "CFDI40143",
    "registered",
    es="El RFC del receptor está en la lista de RFC inscritos no cancelados.",
    en="The receiver's tax number is on SAT's list of those registered and not cancelled.",
)
def receiver_is_registered(it: Comprobante, register: Register) -> Fault | None:
    rfc = it.receptor.rfc
    if rfc in (PUBLIC, ABROAD) or register.holds(rfc) is not False:
        return None
    return Fault("Receptor/@Rfc", rfc, _LISTED)


@rule(
    "CFDI40145",
    "registered",
    es="El nombre del receptor es el que el SAT tiene registrado.",
    en="The receiver's name is the one SAT has on file.",
)
def receiver_name(it: Comprobante, register: Register) -> Fault | None:
    known = register.taxpayer(it.receptor.rfc)
    return _on_file(it.receptor.nombre, known.name, "Receptor/@Nombre") if known else None


@rule(
    "CFDI40148",
    "registered",
    es="El domicilio fiscal del receptor es el que el SAT tiene registrado.",
    en="The receiver's postal code is the one SAT has on file.",
)
def receiver_address(it: Comprobante, register: Register) -> Fault | None:
    known = register.taxpayer(it.receptor.rfc)
    at = "Receptor/@DomicilioFiscalReceptor"
    written = it.receptor.domicilio_fiscal_receptor
    return _on_file(written, known.postal_code, at) if known else None


@rule(
    "CRP20222",
    "payment-registered",
    es="RfcEmisorCtaOrd está en la lista de RFC inscritos no cancelados.",
    en="RfcEmisorCtaOrd is on SAT's list of tax numbers registered and not cancelled.",
)
def payer_bank_is_registered(it: Pago, register: Register) -> Fault | None:
    rfc = it.rfc_emisor_cta_ord
    if rfc is None or rfc == ABROAD or register.holds(rfc) is not False:
        return None
    return Fault("@RfcEmisorCtaOrd", rfc, _LISTED)
