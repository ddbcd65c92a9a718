"""CFDI401xx: the head of an invoice or credit note, as far as the document itself can tell.

Rules that need SAT's registers (names, addresses, lists of tax numbers) are the PAC's and are not here.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from receivables.cfdi import catalogs, limits
from receivables.cfdi.documents import Comprobante, Written
from receivables.cfdi.rules.registry import Fault, absent, rule, wants
from receivables.rounding import EXACT, Rounding

PUBLIC, ABROAD = "XAXX010101000", "XEXX010101000"
_COMPANY = 12
_BILLED = ("I", "E", "N")
_EMPTY = ("T", "P")
_ANYTHING = {"I", "E"}


def places(it: Comprobante) -> int:
    """Return the decimals of the document's currency; two when it is unknown."""
    return catalogs.places(it.moneda)


def too_fine(amount: Written | None, it: Comprobante, at: str) -> Fault | None:
    """Return a fault when an amount has more decimals than the document's currency."""
    if amount is None or amount.decimals <= places(it):
        return None
    return Fault(at, str(amount), str(Rounding.HALF_UP.apply(amount, places(it))))


def is_company(rfc: str) -> bool:
    """Tell whether a tax number is a company's."""
    return len(rfc) == _COMPANY


@rule(
    "CFDI40103",
    "voucher",
    es="FormaPago no existe en comprobantes T, N o P.",
    en="FormaPago is absent from documents T, N or P.",
)
def form_absent(it: Comprobante, _on: date) -> Fault | None:
    return (
        absent(it.forma_pago, "@FormaPago") if it.tipo_de_comprobante in ("T", "N", "P") else None
    )


@rule(
    "CFDI40105",
    "voucher",
    es="Con MetodoPago PPD, FormaPago es 99.",
    en="With MetodoPago PPD, FormaPago is 99.",
)
def deferred_is_99(it: Comprobante, _on: date) -> Fault | None:
    return wants(it.forma_pago, "99", "@FormaPago") if it.metodo_pago == "PPD" else None


@rule(
    "CFDI40107",
    "voucher",
    es="SubTotal no tiene más decimales que la moneda.",
    en="SubTotal has no more decimals than the currency.",
)
def subtotal_decimals(it: Comprobante, _on: date) -> Fault | None:
    return too_fine(it.sub_total, it, "@SubTotal") if it.tipo_de_comprobante in _BILLED else None


@rule(
    "CFDI40108",
    "voucher",
    es="SubTotal es la suma redondeada de los importes de los conceptos.",
    en="SubTotal is the rounded sum of the lines' amounts.",
)
def subtotal_adds_up(it: Comprobante, _on: date) -> Fault | None:
    if it.tipo_de_comprobante not in _BILLED:
        return None
    exact = limits.exact_sum(line.importe for line in it.conceptos)
    expected = Rounding.HALF_UP.apply(exact, places(it))
    return (
        None if it.sub_total == expected else Fault("@SubTotal", str(it.sub_total), str(expected))
    )


@rule(
    "CFDI40109",
    "voucher",
    es="En comprobantes T o P, SubTotal es 0.",
    en="In documents T or P, SubTotal is 0.",
)
def subtotal_zero(it: Comprobante, _on: date) -> Fault | None:
    if it.tipo_de_comprobante in _EMPTY and it.sub_total != 0:
        return Fault("@SubTotal", str(it.sub_total), "0")
    return None


@rule(
    "CFDI40110",
    "voucher",
    es="Descuento no es mayor que SubTotal.",
    en="Descuento is not above SubTotal.",
)
def discount_below_subtotal(it: Comprobante, _on: date) -> Fault | None:
    if it.descuento is not None and it.descuento > it.sub_total:
        return Fault("@Descuento", str(it.descuento), f"<= {it.sub_total}")
    return None


@rule(
    "CFDI40111",
    "voucher",
    es="Descuento existe si algún concepto lo tiene, y es su suma redondeada.",
    en="Descuento stands when a line has one, and is their rounded sum.",
)
def discount_adds_up(it: Comprobante, _on: date) -> Fault | None:
    if it.tipo_de_comprobante not in _BILLED:
        return None
    given = [line.descuento for line in it.conceptos if line.descuento is not None]
    if not given:
        return absent(it.descuento, "@Descuento") if it.descuento else None
    expected = Rounding.HALF_UP.apply(limits.exact_sum(given), places(it))
    return (
        None
        if it.descuento == expected
        else Fault("@Descuento", str(it.descuento or ""), str(expected))
    )


@rule(
    "CFDI40112",
    "voucher",
    es="Descuento no tiene más decimales que la moneda.",
    en="Descuento has no more decimals than the currency.",
)
def discount_decimals(it: Comprobante, _on: date) -> Fault | None:
    return too_fine(it.descuento, it, "@Descuento")


@rule(
    "CFDI40114",
    "voucher",
    es="En pesos, TipoCambio se omite o es 1.",
    en="In pesos, TipoCambio is left out or 1.",
)
def pesos_at_one(it: Comprobante, _on: date) -> Fault | None:
    if it.moneda == "MXN" and it.tipo_cambio is not None and it.tipo_cambio != 1:
        return Fault("@TipoCambio", str(it.tipo_cambio), "1")
    return None


@rule(
    "CFDI40115",
    "voucher",
    es="En moneda extranjera existe TipoCambio.",
    en="In foreign currency TipoCambio is there.",
)
def foreign_has_rate(it: Comprobante, _on: date) -> Fault | None:
    if it.moneda not in ("MXN", "XXX") and it.tipo_cambio is None:
        return Fault("@TipoCambio", "", f"MXN / {it.moneda}")
    return None


@rule(
    "CFDI40116",
    "voucher",
    es="Con moneda XXX no existe TipoCambio.",
    en="With currency XXX, TipoCambio is absent.",
)
def no_currency_no_rate(it: Comprobante, _on: date) -> Fault | None:
    return absent(it.tipo_cambio, "@TipoCambio") if it.moneda == "XXX" else None


@rule(
    "CFDI40119",
    "voucher",
    es="Total es SubTotal menos Descuento, más impuestos trasladados, menos retenidos.",
    en="Total is SubTotal less Descuento, plus taxes charged, less taxes withheld.",
)
def total_adds_up(it: Comprobante, _on: date) -> Fault | None:
    if it.tipo_de_comprobante not in _ANYTHING:
        return None
    taxes = it.impuestos
    plus = [*(row.importe for row in it.locales if not row.withheld)]
    minus = [*(row.importe for row in it.locales if row.withheld)]
    if taxes is not None:
        plus += (
            [] if taxes.total_impuestos_trasladados is None else [taxes.total_impuestos_trasladados]
        )
        minus += (
            [] if taxes.total_impuestos_retenidos is None else [taxes.total_impuestos_retenidos]
        )
    exact = EXACT.subtract(it.sub_total, it.descuento or Decimal(0))
    exact = EXACT.subtract(EXACT.add(exact, limits.exact_sum(plus)), limits.exact_sum(minus))
    expected = Rounding.HALF_UP.apply(exact, places(it))
    if it.total == expected:
        return None
    # A complement we do not read may hold charges of its own.
    return Fault("@Total", str(it.total), str(expected), "warning" if it.unread else None)


@rule(
    "CFDI40125",
    "voucher",
    es="MetodoPago no existe en comprobantes T o P.",
    en="MetodoPago is absent from documents T or P.",
)
def method_absent(it: Comprobante, _on: date) -> Fault | None:
    return absent(it.metodo_pago, "@MetodoPago") if it.tipo_de_comprobante in _EMPTY else None


@rule(
    "CFDI40130",
    "voucher",
    es="Una factura a PUBLICO EN GENERAL tiene InformacionGlobal.",
    en="An invoice to PUBLICO EN GENERAL has InformacionGlobal.",
)
def public_has_period(it: Comprobante, _on: date) -> Fault | None:
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
def two_months_regime(it: Comprobante, _on: date) -> Fault | None:
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
def one_month(it: Comprobante, _on: date) -> Fault | None:
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
def two_months(it: Comprobante, _on: date) -> Fault | None:
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
def issuer_regime(it: Comprobante, _on: date) -> Fault | None:
    if catalogs.regime_fits(it.emisor.regimen_fiscal, company=is_company(it.emisor.rfc)):
        return None
    return Fault("Emisor/@RegimenFiscal", it.emisor.regimen_fiscal, "c_RegimenFiscal")


@rule(
    "CFDI40146",
    "voucher",
    es="PUBLICO EN GENERAL tiene el RFC XAXX010101000.",
    en="PUBLICO EN GENERAL has the tax number XAXX010101000.",
)
def public_number(it: Comprobante, _on: date) -> Fault | None:
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
def generic_address(it: Comprobante, _on: date) -> Fault | None:
    if it.receptor.rfc not in (PUBLIC, ABROAD):
        return None
    return wants(
        it.receptor.domicilio_fiscal_receptor,
        it.lugar_expedicion,
        "Receptor/@DomicilioFiscalReceptor",
    )


@rule("CFDI40152", "voucher", es="ResidenciaFiscal no es MEX.", en="ResidenciaFiscal is not MEX.")
def resides_abroad(it: Comprobante, _on: date) -> Fault | None:
    return (
        Fault("Receptor/@ResidenciaFiscal", "MEX", "c_Pais")
        if it.receptor.residencia_fiscal == "MEX"
        else None
    )


@rule(
    "CFDI40154",
    "voucher",
    es="Con el RFC genérico nacional no existe NumRegIdTrib.",
    en="With the generic tax number of residents, NumRegIdTrib is absent.",
)
def foreign_number(it: Comprobante, _on: date) -> Fault | None:
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
def receiver_regime(it: Comprobante, _on: date) -> Fault | None:
    receiver = it.receptor
    if receiver.rfc in (PUBLIC, ABROAD) or catalogs.regime_fits(
        receiver.regimen_fiscal_receptor, company=is_company(receiver.rfc)
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
def generic_regime(it: Comprobante, _on: date) -> Fault | None:
    if it.receptor.rfc not in (PUBLIC, ABROAD):
        return None
    return wants(it.receptor.regimen_fiscal_receptor, "616", "Receptor/@RegimenFiscalReceptor")


@rule(
    "CFDI40161",
    "voucher",
    es="UsoCFDI corresponde al tipo de persona y al régimen del receptor.",
    en="UsoCFDI fits the receiver's kind of person and regime.",
)
def use_fits(it: Comprobante, _on: date) -> Fault | None:
    receiver = it.receptor
    company = is_company(receiver.rfc)
    if catalogs.use_fits(receiver.uso_cfdi, receiver.regimen_fiscal_receptor, company=company):
        return None
    return Fault("Receptor/@UsoCFDI", receiver.uso_cfdi, "c_UsoCFDI")


@rule(
    "CFDI40201",
    "voucher",
    es="En comprobantes T o P no existe el nodo Impuestos.",
    en="In documents T or P the node Impuestos is absent.",
)
def taxes_absent(it: Comprobante, _on: date) -> Fault | None:
    return (
        Fault("Impuestos", "Impuestos", "")
        if it.tipo_de_comprobante in _EMPTY and it.impuestos is not None
        else None
    )
