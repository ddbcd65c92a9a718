"""CFDI40103 to CFDI40125 and CFDI40201: the amounts, currency and method of an invoice or credit note."""

from __future__ import annotations

from decimal import Decimal

from receivables.cfdi import catalogs, limits
from receivables.cfdi.documents import Comprobante
from receivables.cfdi.rules.registry import Fault, absent, rule, too_fine, wants
from receivables.rounding import EXACT, Rounding

_BILLED = ("I", "E", "N")
_EMPTY = ("T", "P")
_ANYTHING = ("I", "E")


@rule(
    "CFDI40103",
    "voucher",
    es="FormaPago no existe en comprobantes T, N o P.",
    en="FormaPago is absent from documents T, N or P.",
)
def form_absent(it: Comprobante) -> Fault | None:
    return (
        absent(it.forma_pago, "@FormaPago") if it.tipo_de_comprobante in ("T", "N", "P") else None
    )


@rule(
    "CFDI40105",
    "voucher",
    es="Con MetodoPago PPD, FormaPago es 99.",
    en="With MetodoPago PPD, FormaPago is 99.",
)
def deferred_is_99(it: Comprobante) -> Fault | None:
    return wants(it.forma_pago, "99", "@FormaPago") if it.metodo_pago == "PPD" else None


@rule(
    "CFDI40107",
    "voucher",
    es="SubTotal no tiene más decimales que la moneda.",
    en="SubTotal has no more decimals than the currency.",
)
def subtotal_decimals(it: Comprobante) -> Fault | None:
    return (
        too_fine(it.sub_total, it.moneda, "@SubTotal")
        if it.tipo_de_comprobante in _BILLED
        else None
    )


@rule(
    "CFDI40108",
    "voucher",
    es="SubTotal es la suma redondeada de los importes de los conceptos.",
    en="SubTotal is the rounded sum of the lines' amounts.",
)
def subtotal_adds_up(it: Comprobante) -> Fault | None:
    if it.tipo_de_comprobante not in _BILLED:
        return None
    exact = limits.exact_sum(line.importe for line in it.conceptos)
    expected = Rounding.HALF_UP.apply(exact, catalogs.places(it.moneda))
    return (
        None if it.sub_total == expected else Fault("@SubTotal", str(it.sub_total), str(expected))
    )


@rule(
    "CFDI40109",
    "voucher",
    es="En comprobantes T o P, SubTotal es 0.",
    en="In documents T or P, SubTotal is 0.",
)
def subtotal_zero(it: Comprobante) -> Fault | None:
    if it.tipo_de_comprobante in _EMPTY and it.sub_total != 0:
        return Fault("@SubTotal", str(it.sub_total), "0")
    return None


@rule(
    "CFDI40110",
    "voucher",
    es="Descuento no es mayor que SubTotal.",
    en="Descuento is not above SubTotal.",
)
def discount_below_subtotal(it: Comprobante) -> Fault | None:
    if it.descuento is not None and it.descuento > it.sub_total:
        return Fault("@Descuento", str(it.descuento), f"<= {it.sub_total}")
    return None


@rule(
    "CFDI40111",
    "voucher",
    es="Descuento existe si algún concepto lo tiene, y es su suma redondeada.",
    en="Descuento stands when a line has one, and is their rounded sum.",
)
def discount_adds_up(it: Comprobante) -> Fault | None:
    if it.tipo_de_comprobante not in _BILLED:
        return None
    given = [line.descuento for line in it.conceptos if line.descuento is not None]
    if not given:
        return absent(it.descuento, "@Descuento") if it.descuento else None
    expected = Rounding.HALF_UP.apply(limits.exact_sum(given), catalogs.places(it.moneda))
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
def discount_decimals(it: Comprobante) -> Fault | None:
    return too_fine(it.descuento, it.moneda, "@Descuento")


@rule(
    "CFDI40114",
    "voucher",
    es="En pesos, TipoCambio se omite o es 1.",
    en="In pesos, TipoCambio is left out or 1.",
)
def pesos_at_one(it: Comprobante) -> Fault | None:
    if it.moneda == "MXN" and it.tipo_cambio is not None and it.tipo_cambio != 1:
        return Fault("@TipoCambio", str(it.tipo_cambio), "1")
    return None


@rule(
    "CFDI40115",
    "voucher",
    es="En moneda extranjera existe TipoCambio.",
    en="In foreign currency TipoCambio is there.",
)
def foreign_has_rate(it: Comprobante) -> Fault | None:
    if it.moneda not in ("MXN", "XXX") and it.tipo_cambio is None:
        return Fault("@TipoCambio", "", f"MXN / {it.moneda}")
    return None


@rule(
    "CFDI40116",
    "voucher",
    es="Con moneda XXX no existe TipoCambio.",
    en="With currency XXX, TipoCambio is absent.",
)
def no_currency_no_rate(it: Comprobante) -> Fault | None:
    return absent(it.tipo_cambio, "@TipoCambio") if it.moneda == "XXX" else None


@rule(
    "CFDI40119",
    "voucher",
    es="Total es SubTotal menos Descuento, más impuestos trasladados, menos retenidos.",
    en="Total is SubTotal less Descuento, plus taxes charged, less taxes withheld.",
)
def total_adds_up(it: Comprobante) -> Fault | None:
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
    expected = Rounding.HALF_UP.apply(exact, catalogs.places(it.moneda))
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
def method_absent(it: Comprobante) -> Fault | None:
    return absent(it.metodo_pago, "@MetodoPago") if it.tipo_de_comprobante in _EMPTY else None


@rule(
    "CFDI40201",
    "voucher",
    es="En comprobantes T o P no existe el nodo Impuestos.",
    en="In documents T or P the node Impuestos is absent.",
)
def taxes_absent(it: Comprobante) -> Fault | None:
    return (
        Fault("Impuestos", "Impuestos", "")
        if it.tipo_de_comprobante in _EMPTY and it.impuestos is not None
        else None
    )
