"""CFDI40130 to CFDI40161 and CFDI40188: who issues and who receives, and the period of an invoice to the general public.

Rules that need SAT's registers (names, addresses, lists of tax numbers) are in `registered`, for who has them.
"""

from __future__ import annotations

from receivables.cfdi import catalogs
from receivables.cfdi.documents import Comprobante, Concepto
from receivables.cfdi.rules.registry import Fault, absent, rule, wants

PUBLIC, ABROAD = "XAXX010101000", "XEXX010101000"
_COMPANY = 12


def _is_company(rfc: str) -> bool:
    """Tell whether a tax number is a company's."""
    return len(rfc) == _COMPANY


@rule(
    "CFDI40130",
    "voucher",
    es="Una factura a PUBLICO EN GENERAL tiene InformacionGlobal.",
    en="An invoice to PUBLICO EN GENERAL has InformacionGlobal.",
)
def public_has_period(it: Comprobante) -> Fault | None:
    if (
        it.tipo_de_comprobante == "I"
        and it.receptor.rfc == PUBLIC
        and it.receptor.nombre == "PUBLICO EN GENERAL"
        and it.informacion_global is None
    ):
        return Fault("InformacionGlobal", "", "InformacionGlobal")
    return None


@rule(
    "CFDI40132",
    "voucher",
    es="La periodicidad 05 es del régimen 621.",
    en="Period 05 belongs to regime 621.",
)
def two_months_regime(it: Comprobante) -> Fault | None:
    period = it.informacion_global
    return (
        wants(it.emisor.regimen_fiscal, "621", "Emisor/@RegimenFiscal")
        if period and period.periodicidad == "05"
        else None
    )


@rule(
    "CFDI40134",
    "voucher",
    es="Con periodicidad distinta de 05, Meses es un mes (01 a 12).",
    en="With a period other than 05, Meses is one month (01 to 12).",
)
def one_month(it: Comprobante) -> Fault | None:
    period = it.informacion_global
    if period and period.periodicidad != "05" and period.meses > "12":
        return Fault("InformacionGlobal/@Meses", period.meses, "01 … 12")
    return None


@rule(
    "CFDI40135",
    "voucher",
    es="Con periodicidad 05, Meses es un bimestre (13 a 18).",
    en="With period 05, Meses is a pair of months (13 to 18).",
)
def two_months(it: Comprobante) -> Fault | None:
    period = it.informacion_global
    if period and period.periodicidad == "05" and period.meses < "13":
        return Fault("InformacionGlobal/@Meses", period.meses, "13 … 18")
    return None


@rule(
    "CFDI40141",
    "voucher",
    es="El régimen del emisor corresponde a su tipo de persona.",
    en="The issuer's regime fits its kind of person.",
)
def issuer_regime(it: Comprobante) -> Fault | None:
    if catalogs.regime_fits(it.emisor.regimen_fiscal, company=_is_company(it.emisor.rfc)):
        return None
    return Fault("Emisor/@RegimenFiscal", it.emisor.regimen_fiscal, "c_RegimenFiscal")


@rule(
    "CFDI40146",
    "voucher",
    es="PUBLICO EN GENERAL tiene el RFC XAXX010101000.",
    en="PUBLICO EN GENERAL has the tax number XAXX010101000.",
)
def public_number(it: Comprobante) -> Fault | None:
    return (
        wants(it.receptor.rfc, PUBLIC, "Receptor/@Rfc")
        if it.receptor.nombre == "PUBLICO EN GENERAL"
        else None
    )


@rule(
    "CFDI40149",
    "voucher",
    es="Con RFC genérico, DomicilioFiscalReceptor es LugarExpedicion.",
    en="With a generic tax number, DomicilioFiscalReceptor is LugarExpedicion.",
)
def generic_address(it: Comprobante) -> Fault | None:
    if it.receptor.rfc not in (PUBLIC, ABROAD):
        return None
    return wants(
        it.receptor.domicilio_fiscal_receptor,
        it.lugar_expedicion,
        "Receptor/@DomicilioFiscalReceptor",
    )


@rule("CFDI40152", "voucher", es="ResidenciaFiscal no es MEX.", en="ResidenciaFiscal is not MEX.")
def resides_abroad(it: Comprobante) -> Fault | None:
    return (
        Fault("Receptor/@ResidenciaFiscal", "MEX", "c_Pais")
        if it.receptor.residencia_fiscal == "MEX"
        else None
    )


@rule(
    "CFDI40153",
    "voucher",
    es="Con NumRegIdTrib de un extranjero existe ResidenciaFiscal.",
    en="With NumRegIdTrib of someone abroad, ResidenciaFiscal is there.",
)
def number_has_country(it: Comprobante) -> Fault | None:
    receiver = it.receptor
    if receiver.rfc != ABROAD or receiver.num_reg_id_trib is None:
        return None
    at = "Receptor/@ResidenciaFiscal"
    return Fault(at, "", "c_Pais") if receiver.residencia_fiscal is None else None


@rule(
    "CFDI40154",
    "voucher",
    es="Con el RFC genérico nacional no existe NumRegIdTrib.",
    en="With the generic tax number of residents, NumRegIdTrib is absent.",
)
def foreign_number(it: Comprobante) -> Fault | None:
    return (
        absent(it.receptor.num_reg_id_trib, "Receptor/@NumRegIdTrib")
        if it.receptor.rfc == PUBLIC
        else None
    )


@rule(
    "CFDI40158",
    "voucher",
    es="El régimen del receptor corresponde a su tipo de persona.",
    en="The receiver's regime fits its kind of person.",
)
def receiver_regime(it: Comprobante) -> Fault | None:
    receiver = it.receptor
    if receiver.rfc in (PUBLIC, ABROAD) or catalogs.regime_fits(
        receiver.regimen_fiscal_receptor, company=_is_company(receiver.rfc)
    ):
        return None
    return Fault(
        "Receptor/@RegimenFiscalReceptor", receiver.regimen_fiscal_receptor, "c_RegimenFiscal"
    )


@rule(
    "CFDI40159",
    "voucher",
    es="Con RFC genérico, el régimen del receptor es 616.",
    en="With a generic tax number, the receiver's regime is 616.",
)
def generic_regime(it: Comprobante) -> Fault | None:
    if it.receptor.rfc not in (PUBLIC, ABROAD):
        return None
    return wants(it.receptor.regimen_fiscal_receptor, "616", "Receptor/@RegimenFiscalReceptor")


@rule(
    "CFDI40161",
    "voucher",
    es="UsoCFDI corresponde al tipo de persona y al régimen del receptor.",
    en="UsoCFDI fits the receiver's kind of person and regime.",
)
def use_fits(it: Comprobante) -> Fault | None:
    receiver = it.receptor
    company = _is_company(receiver.rfc)
    if catalogs.use_fits(receiver.uso_cfdi, receiver.regimen_fiscal_receptor, company=company):
        return None
    return Fault("Receptor/@UsoCFDI", receiver.uso_cfdi, "c_UsoCFDI")


@rule(
    "CFDI40188",
    "line",
    es="El tercero por cuenta de quien se cobra no es el emisor ni el receptor.",
    en="On whose behalf a line is charged is neither the issuer nor the receiver.",
)
def third_party_is_third(it: Concepto, document: Comprobante) -> Fault | None:
    third = it.a_cuenta_terceros
    if third is None:
        return None
    rfc = third.rfc_a_cuenta_terceros
    at = "ACuentaTerceros/@RfcACuentaTerceros"
    return Fault(at, rfc, "") if rfc in (document.emisor.rfc, document.receptor.rfc) else None
