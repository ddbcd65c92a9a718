"""CRP20248 to CRP20261: the taxes of one paid document (RetencionDR, TrasladoDR)."""

from __future__ import annotations

from datetime import date

from receivables.cfdi import limits
from receivables.cfdi.documents import DoctoRelacionado, Tax
from receivables.cfdi.rules.registry import Fault, above_zero, rule, unknown_rate, within


@rule(
    "CRP20248",
    "paid",
    es="El nodo ImpuestosDR contiene traslados o retenciones.",
    en="The node ImpuestosDR holds taxes charged or withheld.",
)
def is_not_empty(it: DoctoRelacionado) -> Fault | None:
    taxes = it.impuestos_dr
    if taxes is None or taxes.retenciones or taxes.traslados:
        return None
    return Fault("ImpuestosDR", "", "TrasladosDR, RetencionesDR")


def _amount(it: Tax) -> Fault | None:
    if it.base is None or it.tasa_o_cuota is None or it.importe is None:
        return None
    allowed = limits.tax_limits(it.base, it.tasa_o_cuota, it.importe.decimals)
    return within(it.importe, allowed, "@ImporteDR")


@rule(
    "CRP20249",
    "paid-withheld",
    es="BaseDR de una retención es mayor que 0.",
    en="BaseDR of a withholding is above 0.",
)
def withheld_base(it: Tax) -> Fault | None:
    return above_zero(it.base, "@BaseDR")


@rule(
    "CRP20252",
    "paid-withheld",
    es="TipoFactorDR de una retención es distinto de Exento.",
    en="TipoFactorDR of a withholding is not Exento.",
)
def withheld_is_not_exempt(it: Tax) -> Fault | None:
    return Fault("@TipoFactorDR", "Exento", "Tasa, Cuota") if it.tipo_factor == "Exento" else None


@rule(
    "CRP20253",
    "paid-withheld",
    es="TasaOCuotaDR de la retención está en c_TasaOCuota.",
    en="TasaOCuotaDR of the withholding is in c_TasaOCuota.",
)
def withheld_rate(it: Tax, on: date) -> Fault | None:
    return unknown_rate(it, on, "@TasaOCuotaDR", withheld=True)


@rule(
    "CRP20254",
    "paid-withheld",
    es="ImporteDR de la retención está entre los límites de su base y tasa.",
    en="ImporteDR of the withholding lies within the limits of its base and rate.",
)
def withheld_amount(it: Tax) -> Fault | None:
    return _amount(it)


@rule(
    "CRP20255",
    "paid-charged",
    es="BaseDR de un traslado es mayor que 0.",
    en="BaseDR of a tax charged is above 0.",
)
def charged_base(it: Tax) -> Fault | None:
    return above_zero(it.base, "@BaseDR")


@rule(
    "CRP20258",
    "paid-charged",
    es="Un traslado exento no tiene TasaOCuotaDR ni ImporteDR.",
    en="An exempt tax has neither TasaOCuotaDR nor ImporteDR.",
)
def exempt_has_no_rate(it: Tax) -> Fault | None:
    if it.tipo_factor != "Exento" or (it.tasa_o_cuota is None and it.importe is None):
        return None
    at = "@TasaOCuotaDR" if it.tasa_o_cuota is not None else "@ImporteDR"
    return Fault(at, str(it.tasa_o_cuota or it.importe), "")


@rule(
    "CRP20259",
    "paid-charged",
    es="Un traslado con tasa o cuota tiene TasaOCuotaDR e ImporteDR.",
    en="A tax with a rate or quota has TasaOCuotaDR and ImporteDR.",
)
def charged_has_rate(it: Tax) -> Fault | None:
    if it.tipo_factor == "Exento":
        return None
    if it.tasa_o_cuota is None:
        return Fault("@TasaOCuotaDR", "", "TasaOCuotaDR")
    return Fault("@ImporteDR", "", "ImporteDR") if it.importe is None else None


@rule(
    "CRP20260",
    "paid-charged",
    es="TasaOCuotaDR del traslado está en c_TasaOCuota.",
    en="TasaOCuotaDR of the tax charged is in c_TasaOCuota.",
)
def charged_rate(it: Tax, on: date) -> Fault | None:
    return unknown_rate(it, on, "@TasaOCuotaDR", withheld=False)


@rule(
    "CRP20261",
    "paid-charged",
    es="ImporteDR del traslado está entre los límites de su base y tasa.",
    en="ImporteDR of the tax charged lies within the limits of its base and rate.",
)
def charged_amount(it: Tax) -> Fault | None:
    return _amount(it)
