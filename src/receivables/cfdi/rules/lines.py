"""CFDI40166 to CFDI40186, CFDI140226 and CFDI140227: the lines of an invoice or credit note, and their taxes."""

from __future__ import annotations

from datetime import date

from receivables.cfdi import catalogs, limits
from receivables.cfdi.documents import Comprobante, Concepto, Tax
from receivables.cfdi.rules.registry import (
    OBJECTS_06_08,
    Fault,
    above_zero,
    rule,
    unknown_rate,
    within,
)

_UNTAXED = ("01", "03", "04", "05")


@rule("CFDI40166", "line", es="ValorUnitario es mayor que 0.", en="ValorUnitario is above 0.")
def price_above_zero(it: Concepto) -> Fault | None:
    return above_zero(it.valor_unitario, "@ValorUnitario")


@rule(
    "CFDI40167",
    "line",
    es="Importe está entre los límites de Cantidad por ValorUnitario.",
    en="Importe lies within the limits of Cantidad times ValorUnitario.",
)
def amount_within_limits(it: Concepto, document: Comprobante) -> Fault | None:
    decimals = max(catalogs.places(document.moneda), it.importe.decimals)
    allowed = limits.line_limits(it.cantidad, it.valor_unitario, decimals)
    return within(it.importe, allowed, "@Importe")


@rule(
    "CFDI40168",
    "line",
    es="Descuento no tiene más decimales que Importe.",
    en="Descuento has no more decimals than Importe.",
)
def discount_decimals(it: Concepto) -> Fault | None:
    if it.descuento is not None and it.descuento.decimals > it.importe.decimals:
        return Fault("@Descuento", str(it.descuento), f"{it.importe.decimals}")
    return None


@rule(
    "CFDI40169",
    "line",
    es="Descuento no es mayor que Importe.",
    en="Descuento is not above Importe.",
)
def discount_below_amount(it: Concepto) -> Fault | None:
    if it.descuento is not None and it.descuento > it.importe:
        return Fault("@Descuento", str(it.descuento), f"<= {it.importe}")
    return None


@rule(
    "CFDI40171",
    "line",
    es="Con ObjetoImp 02 existe el nodo Impuestos.",
    en="With ObjetoImp 02 the node Impuestos is there.",
)
def taxed_has_taxes(it: Concepto) -> Fault | None:
    return (
        Fault("Impuestos", "", "Impuestos")
        if it.objeto_imp == "02" and it.impuestos is None
        else None
    )


@rule(
    "CFDI40172",
    "line",
    es="Con ObjetoImp 01, 03, 04 o 05 no existe el nodo Impuestos.",
    en="With ObjetoImp 01, 03, 04 or 05 the node Impuestos is absent.",
)
def untaxed_has_none(it: Concepto) -> Fault | None:
    return (
        Fault("Impuestos", "Impuestos", "")
        if it.objeto_imp in _UNTAXED and it.impuestos is not None
        else None
    )


@rule(
    "CFDI40173",
    "line",
    es="El nodo Impuestos contiene traslados o retenciones.",
    en="The node Impuestos holds taxes charged or withheld.",
)
def is_not_empty(it: Concepto) -> Fault | None:
    taxes = it.impuestos
    if taxes is None or taxes.traslados or taxes.retenciones:
        return None
    return Fault("Impuestos", "", "Traslados, Retenciones")


@rule(
    "CFDI140226",
    "line",
    since=OBJECTS_06_08,
    es="Con ObjetoImp 06 u 08 no hay IVA ni IEPS.",
    en="With ObjetoImp 06 or 08 there is no IVA or IEPS.",
)
def no_vat_no_excise(it: Concepto) -> Fault | None:
    if it.objeto_imp in ("06", "08") and it.impuestos is not None:
        for row in (*it.impuestos.retenciones, *it.impuestos.traslados):
            if row.impuesto in ("002", "003"):
                return Fault("Impuestos", row.impuesto, "001")
    return None


@rule(
    "CFDI140227",
    "line",
    since=OBJECTS_06_08,
    es="Con ObjetoImp 07 no hay IVA y hay al menos un IEPS trasladado.",
    en="With ObjetoImp 07 there is no IVA and at least one IEPS charged.",
)
def excise_without_vat(it: Concepto) -> Fault | None:
    if it.objeto_imp != "07":
        return None
    taxes = it.impuestos
    charged: set[str] = {row.impuesto for row in taxes.traslados} if taxes else set()
    everything = charged | ({row.impuesto for row in taxes.retenciones} if taxes else set[str]())
    if "002" in everything or "003" not in charged:
        return Fault("Impuestos", " ".join(sorted(everything)), "003")
    return None


# --- taxes of a line ----------------------------------------------------------------------------


def _amount(it: Tax, document: Comprobante) -> Fault | None:
    if it.base is None or it.tasa_o_cuota is None or it.importe is None:
        return None
    decimals = max(catalogs.places(document.moneda), it.importe.decimals)
    return within(it.importe, limits.tax_limits(it.base, it.tasa_o_cuota, decimals), "@Importe")


@rule(
    "CFDI40174",
    "line-charged",
    es="Base del traslado es mayor que 0.",
    en="Base of a tax charged is above 0.",
)
def charged_base(it: Tax) -> Fault | None:
    return above_zero(it.base, "@Base")


@rule(
    "CFDI40177",
    "line-charged",
    es="Un traslado exento no tiene TasaOCuota ni Importe.",
    en="An exempt tax has neither TasaOCuota nor Importe.",
)
def exempt_has_no_rate(it: Tax) -> Fault | None:
    if it.tipo_factor != "Exento" or (it.tasa_o_cuota is None and it.importe is None):
        return None
    return Fault("@TasaOCuota", str(it.tasa_o_cuota or ""), "")


@rule(
    "CFDI40178",
    "line-charged",
    es="Un traslado con tasa o cuota tiene TasaOCuota e Importe.",
    en="A tax with a rate or quota has TasaOCuota and Importe.",
)
def charged_has_rate(it: Tax) -> Fault | None:
    if it.tipo_factor == "Exento" or (it.tasa_o_cuota is not None and it.importe is not None):
        return None
    return Fault("@TasaOCuota", "", "TasaOCuota, Importe")


@rule(
    "CFDI40179",
    "line-charged",
    es="TasaOCuota del traslado está en c_TasaOCuota.",
    en="TasaOCuota of the tax charged is in c_TasaOCuota.",
)
def charged_rate(it: Tax, on: date) -> Fault | None:
    return unknown_rate(it, on, "@TasaOCuota", withheld=False)


@rule(
    "CFDI40180",
    "line-charged",
    es="Importe del traslado está entre los límites de su base y tasa.",
    en="Importe of the tax charged lies within the limits of its base and rate.",
)
def charged_amount(it: Tax, document: Comprobante) -> Fault | None:
    return _amount(it, document)


@rule(
    "CFDI40181",
    "line-withheld",
    es="Base de la retención es mayor que 0.",
    en="Base of a withholding is above 0.",
)
def withheld_base(it: Tax) -> Fault | None:
    return above_zero(it.base, "@Base")


@rule(
    "CFDI40184",
    "line-withheld",
    es="TipoFactor de la retención es distinto de Exento.",
    en="TipoFactor of a withholding is not Exento.",
)
def withheld_is_not_exempt(it: Tax) -> Fault | None:
    return Fault("@TipoFactor", "Exento", "Tasa, Cuota") if it.tipo_factor == "Exento" else None


@rule(
    "CFDI40185",
    "line-withheld",
    es="TasaOCuota de la retención está en c_TasaOCuota.",
    en="TasaOCuota of the withholding is in c_TasaOCuota.",
)
def withheld_rate(it: Tax, on: date) -> Fault | None:
    return unknown_rate(it, on, "@TasaOCuota", withheld=True)


@rule(
    "CFDI40186",
    "line-withheld",
    es="Importe de la retención está entre los límites de su base y tasa.",
    en="Importe of the withholding lies within the limits of its base and rate.",
)
def withheld_amount(it: Tax, document: Comprobante) -> Fault | None:
    return _amount(it, document)
