"""CFDI40202 to CFDI40221: the taxes of a whole invoice or credit note against those of its lines."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from receivables.cfdi import catalogs, limits
from receivables.cfdi.documents import Comprobante, Tax, Taxes
from receivables.cfdi.rules.payment_taxes import group
from receivables.cfdi.rules.registry import Fault, rule, too_fine
from receivables.rounding import Rounding


def _line_taxes(document: Comprobante, *, withheld: bool) -> Iterator[Tax]:
    for line in document.conceptos:
        if line.impuestos is not None:
            yield from line.impuestos.retenciones if withheld else line.impuestos.traslados


def _sum(document: Comprobante, amounts: Iterator[Decimal]) -> Decimal:
    return Rounding.HALF_UP.apply(limits.exact_sum(amounts), catalogs.places(document.moneda))


@rule(
    "CFDI40202",
    "summary",
    es="TotalImpuestosRetenidos no tiene más decimales que la moneda.",
    en="TotalImpuestosRetenidos has no more decimals than the currency.",
)
def withheld_decimals(it: Taxes, document: Comprobante) -> Fault | None:
    return too_fine(it.total_impuestos_retenidos, document.moneda, "@TotalImpuestosRetenidos")


@rule(
    "CFDI40203",
    "summary",
    es="TotalImpuestosRetenidos es la suma de las retenciones.",
    en="TotalImpuestosRetenidos is the sum of the withholdings.",
)
def withheld_total(it: Taxes, document: Comprobante) -> Fault | None:
    if it.total_impuestos_retenidos is None:
        return None
    expected = _sum(document, (row.importe for row in it.retenciones if row.importe is not None))
    if it.total_impuestos_retenidos == expected:
        return None
    return Fault("@TotalImpuestosRetenidos", str(it.total_impuestos_retenidos), str(expected))


@rule(
    "CFDI40204",
    "summary",
    es="TotalImpuestosTrasladados no tiene más decimales que la moneda.",
    en="TotalImpuestosTrasladados has no more decimals than the currency.",
)
def charged_decimals(it: Taxes, document: Comprobante) -> Fault | None:
    return too_fine(it.total_impuestos_trasladados, document.moneda, "@TotalImpuestosTrasladados")


@rule(
    "CFDI40205",
    "summary",
    es="TotalImpuestosTrasladados es la suma de los traslados.",
    en="TotalImpuestosTrasladados is the sum of the taxes charged.",
)
def charged_total(it: Taxes, document: Comprobante) -> Fault | None:
    if it.total_impuestos_trasladados is None:
        return None
    expected = _sum(document, (row.importe for row in it.traslados if row.importe is not None))
    if it.total_impuestos_trasladados == expected:
        return None
    return Fault("@TotalImpuestosTrasladados", str(it.total_impuestos_trasladados), str(expected))


@rule(
    "CFDI40206",
    "summary",
    es="Con retenciones existe TotalImpuestosRetenidos.",
    en="With withholdings, TotalImpuestosRetenidos is there.",
)
def withheld_has_total(it: Taxes) -> Fault | None:
    missing = it.retenciones and it.total_impuestos_retenidos is None
    return Fault("@TotalImpuestosRetenidos", "", "TotalImpuestosRetenidos") if missing else None


@rule(
    "CFDI40208",
    "summary",
    es="Hay una sola retención por impuesto.",
    en="There is one withholding for each tax.",
)
def withheld_once(it: Taxes) -> Fault | None:
    taxes = [row.impuesto for row in it.retenciones]
    again = next((tax for tax in taxes if taxes.count(tax) > 1), None)
    return Fault("Retenciones", again, "1") if again else None


@rule(
    "CFDI40210",
    "summary",
    es="Importe de la retención no tiene más decimales que la moneda.",
    en="Importe of a withholding has no more decimals than the currency.",
)
def withheld_amount_decimals(it: Taxes, document: Comprobante) -> Fault | None:
    at = "Retenciones/Retencion/@Importe"
    faults = (too_fine(row.importe, document.moneda, at) for row in it.retenciones)
    return next((fault for fault in faults if fault is not None), None)


@rule(
    "CFDI40211",
    "summary",
    es="La retención de cada impuesto es la suma redondeada de las de los conceptos.",
    en="The withholding of each tax is the rounded sum of the lines'.",
)
def withheld_adds_up(it: Taxes, document: Comprobante) -> Fault | None:
    for row in it.retenciones:
        rows = _line_taxes(document, withheld=True)
        expected = _sum(
            document,
            (x.importe for x in rows if x.impuesto == row.impuesto and x.importe is not None),
        )
        if row.importe != expected:
            return Fault("Retenciones/Retencion/@Importe", str(row.importe), str(expected))
    return None


@rule(
    "CFDI40212",
    "summary",
    es="Con traslados no exentos existe TotalImpuestosTrasladados.",
    en="With taxes that are not exempt, TotalImpuestosTrasladados is there.",
)
def charged_has_total(it: Taxes) -> Fault | None:
    missing = it.total_impuestos_trasladados is None and any(
        row.tipo_factor != "Exento" for row in it.traslados
    )
    return Fault("@TotalImpuestosTrasladados", "", "TotalImpuestosTrasladados") if missing else None


@rule(
    "CFDI40213",
    "summary",
    es="Un traslado exento solo tiene Base, Impuesto y TipoFactor.",
    en="An exempt tax has only Base, Impuesto and TipoFactor.",
)
def exempt_has_base_only(it: Taxes) -> Fault | None:
    for row in it.traslados:
        if row.tipo_factor == "Exento" and (
            row.tasa_o_cuota is not None or row.importe is not None
        ):
            return Fault("Traslados/Traslado", str(row.tasa_o_cuota or row.importe or 0), "")
    return None


@rule(
    "CFDI40214",
    "summary",
    es="Base del traslado no tiene más decimales que la moneda.",
    en="Base of a tax charged has no more decimals than the currency.",
)
def base_decimals(it: Taxes, document: Comprobante) -> Fault | None:
    faults = (
        too_fine(row.base, document.moneda, "Traslados/Traslado/@Base") for row in it.traslados
    )
    return next((fault for fault in faults if fault is not None), None)


@rule(
    "CFDI40215",
    "summary",
    es="Base de cada traslado es la suma redondeada de las bases de los conceptos.",
    en="Base of each tax charged is the rounded sum of the lines' bases.",
)
def base_adds_up(it: Taxes, document: Comprobante) -> Fault | None:
    return _charged(it, document, "base")


@rule(
    "CFDI40218",
    "summary",
    es="Hay un solo traslado por impuesto, factor y tasa.",
    en="There is one tax charged for each tax, factor and rate.",
)
def charged_once(it: Taxes) -> Fault | None:
    groups = [group(row) for row in it.traslados]
    again = next((one for one in groups if groups.count(one) > 1), None)
    return (
        Fault("Traslados", f"{again[0]} {again[1]} {again[2] or ''}".strip(), "1")
        if again
        else None
    )


@rule(
    "CFDI40220",
    "summary",
    es="Importe del traslado no tiene más decimales que la moneda.",
    en="Importe of a tax charged has no more decimals than the currency.",
)
def amount_decimals(it: Taxes, document: Comprobante) -> Fault | None:
    faults = (
        too_fine(row.importe, document.moneda, "Traslados/Traslado/@Importe")
        for row in it.traslados
    )
    return next((fault for fault in faults if fault is not None), None)


@rule(
    "CFDI40221",
    "summary",
    es="Importe de cada traslado es la suma redondeada de los importes de los conceptos.",
    en="Importe of each tax charged is the rounded sum of the lines' amounts.",
)
def amount_adds_up(it: Taxes, document: Comprobante) -> Fault | None:
    return _charged(it, document, "importe")


def _charged(it: Taxes, document: Comprobante, name: str) -> Fault | None:
    for row in it.traslados:
        written = getattr(row, name)
        if written is None:
            continue
        same = (
            getattr(x, name)
            for x in _line_taxes(document, withheld=False)
            if group(x) == group(row)
        )
        expected = _sum(document, (value for value in same if value is not None))
        if written != expected:
            return Fault(f"Traslados/Traslado/@{name.title()}", str(written), str(expected))
    return None
