"""CRP20262 to CRP20274: the taxes of a whole payment (RetencionP, TrasladoP) against those of its documents."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from receivables.cfdi import limits
from receivables.cfdi.documents import Pago, Pagos, Tax
from receivables.cfdi.rules.registry import Fault, rule, unknown_rate
from receivables.cfdi.written import Written

VAT = "002"
# Rate of a VAT row to the ending of its two totals; exempt rows have a base only.
VAT_TOTALS = {Decimal("0.16"): "iva16", Decimal("0.08"): "iva8", Decimal(0): "iva0"}
WITHHELD_TOTALS = {"001": "isr", "002": "iva", "003": "ieps"}

Group = tuple[str, str | None, Decimal | None]


def group(row: Tax) -> Group:
    """Return what makes two rows one: tax, factor and rate (as a number: 0.16 is 0.160000)."""
    return row.impuesto, row.tipo_factor, row.tasa_o_cuota


def charged_sum(payment: Pago, key: Group, name: str) -> Decimal:
    """Return the exact sum of BaseDR or ImporteDR of a group in the payment's currency."""
    return limits.exact_sum(
        limits.in_payment_currency(value, doc)
        for doc in payment.documentos
        if doc.impuestos_dr is not None
        for row in doc.impuestos_dr.traslados
        if group(row) == key and (value := getattr(row, name)) is not None
    )


def withheld_sum(payment: Pago, tax: str) -> Decimal:
    """Return the exact sum of ImporteDR withheld of a tax in the payment's currency."""
    return limits.exact_sum(
        limits.in_payment_currency(row.importe, doc)
        for doc in payment.documentos
        if doc.impuestos_dr is not None
        for row in doc.impuestos_dr.retenciones
        if row.impuesto == tax and row.importe is not None
    )


def _sum(written: Written | None, exact: Decimal, at: str) -> Fault | None:
    if written is None or limits.agrees(exact, written):
        return None
    return Fault(at, str(written), str(limits.rounded_like(exact, written)))


@rule(
    "CRP20263",
    "payment",
    es="Hay una sola RetencionP por impuesto.",
    en="There is one RetencionP for each tax.",
)
def withheld_once(it: Pago) -> Fault | None:
    rows = it.impuestos_p.retenciones if it.impuestos_p else ()
    seen: set[str] = set()
    for row in rows:
        if row.impuesto in seen:
            return Fault("ImpuestosP/RetencionesP", row.impuesto, "1")
        seen.add(row.impuesto)
    return None


@rule(
    "CRP20264",
    "payment-withheld",
    es="Toda RetencionP tiene su TotalRetenciones en Totales.",
    en="Every RetencionP has its TotalRetenciones in Totales.",
)
def withheld_is_in_totals(it: Tax, node: Pagos) -> Fault | None:
    ending = WITHHELD_TOTALS.get(it.impuesto)
    if (
        ending is None
        or node.totales is None
        or getattr(node.totales, f"total_retenciones_{ending}") is not None
    ):
        return None
    return Fault("@ImpuestoP", it.impuesto, f"Totales/@TotalRetenciones{ending.upper()}")


@rule(
    "CRP20265",
    "payment-withheld",
    es="ImporteP de la retención es la suma de ImporteDR entre EquivalenciaDR del mismo impuesto.",
    en="ImporteP of the withholding is the sum of ImporteDR by EquivalenciaDR of the same tax.",
)
def withheld_adds_up(it: Tax, payment: Pago) -> Fault | None:
    return _sum(it.importe, withheld_sum(payment, it.impuesto), "@ImporteP")


@rule(
    "REP-MISSING-RETENCIONP",
    "payment",
    es="Toda RetencionDR tiene su RetencionP.",
    en="Every RetencionDR has its RetencionP.",
)
def withheld_is_carried_up(it: Pago) -> Fault | None:
    have = {row.impuesto for row in (it.impuestos_p.retenciones if it.impuestos_p else ())}
    need = {
        row.impuesto
        for doc in it.documentos
        if doc.impuestos_dr is not None
        for row in doc.impuestos_dr.retenciones
    }
    missing = sorted(need - have)
    return Fault("ImpuestosP/RetencionesP", "", " ".join(missing)) if missing else None


@rule(
    "CRP20266",
    "payment-charged",
    es="Un TrasladoP exento solo tiene BaseP, ImpuestoP y TipoFactorP.",
    en="An exempt TrasladoP has only BaseP, ImpuestoP and TipoFactorP.",
)
def exempt_has_base_only(it: Tax) -> Fault | None:
    if it.tipo_factor != "Exento" or (it.tasa_o_cuota is None and it.importe is None):
        return None
    at = "@TasaOCuotaP" if it.tasa_o_cuota is not None else "@ImporteP"
    return Fault(at, str(it.tasa_o_cuota if it.tasa_o_cuota is not None else it.importe), "")


def _total(it: Tax, node: Pagos, kind: str) -> Fault | None:
    if it.impuesto != VAT or node.totales is None:
        return None
    if it.tipo_factor == "Exento":
        ending = "iva_exento" if kind == "base" else None
    else:
        ending = VAT_TOTALS.get(it.tasa_o_cuota) if it.tasa_o_cuota is not None else None
    if ending is None or getattr(node.totales, f"total_traslados_{kind}_{ending}") is not None:
        return None
    name = f"TotalTraslados{kind.title()}{ending.replace('iva_exento', 'IVAExento').replace('iva', 'IVA')}"
    return Fault("", "", f"Totales/@{name}")


@rule(
    "CRP20267",
    "payment-charged",
    es="Todo TrasladoP de IVA tiene su TotalTrasladosBase en Totales.",
    en="Every TrasladoP of IVA has its TotalTrasladosBase in Totales.",
)
def charged_base_is_in_totals(it: Tax, node: Pagos) -> Fault | None:
    return _total(it, node, "base")


@rule(
    "CRP20268",
    "payment-charged",
    es="BaseP es la suma de BaseDR entre EquivalenciaDR del mismo impuesto, factor y tasa.",
    en="BaseP is the sum of BaseDR by EquivalenciaDR of the same tax, factor and rate.",
)
def charged_base_adds_up(it: Tax, payment: Pago) -> Fault | None:
    if it.tipo_factor == "Exento" and _all_exempt(payment):
        return None
    return _sum(it.base, charged_sum(payment, group(it), "base"), "@BaseP")


def _all_exempt(payment: Pago) -> bool:
    rows = payment.impuestos_p.traslados if payment.impuestos_p else ()
    return all(row.tipo_factor == "Exento" for row in rows)


@rule(
    "CRP20269",
    "payment-charged",
    es="En un pago solo exento, BaseP es la suma de BaseDR entre EquivalenciaDR.",
    en="In a payment that is all exempt, BaseP is the sum of BaseDR by EquivalenciaDR.",
)
def exempt_base_adds_up(it: Tax, payment: Pago) -> Fault | None:
    if not (it.tipo_factor == "Exento" and _all_exempt(payment)):
        return None
    return _sum(it.base, charged_sum(payment, group(it), "base"), "@BaseP")


@rule(
    "CRP20271",
    "payment",
    es="Hay un solo TrasladoP por impuesto, factor y tasa.",
    en="There is one TrasladoP for each tax, factor and rate.",
)
def charged_once(it: Pago) -> Fault | None:
    rows = it.impuestos_p.traslados if it.impuestos_p else ()
    seen: set[Group] = set()
    for row in rows:
        if group(row) in seen:
            return Fault(
                "ImpuestosP/TrasladosP",
                f"{row.impuesto} {row.tipo_factor} {row.tasa_o_cuota or ''}".strip(),
                "1",
            )
        seen.add(group(row))
    return None


@rule(
    "CRP20272",
    "payment-charged",
    es="TasaOCuotaP está en c_TasaOCuota.",
    en="TasaOCuotaP is in c_TasaOCuota.",
)
def charged_rate(it: Tax, on: date) -> Fault | None:
    return unknown_rate(it, on, "@TasaOCuotaP", withheld=False)


@rule(
    "CRP20273",
    "payment-charged",
    es="Todo TrasladoP de IVA con tasa tiene su TotalTrasladosImpuesto en Totales.",
    en="Every TrasladoP of IVA with a rate has its TotalTrasladosImpuesto in Totales.",
)
def charged_amount_is_in_totals(it: Tax, node: Pagos) -> Fault | None:
    return _total(it, node, "impuesto")


@rule(
    "CRP20274",
    "payment-charged",
    es="ImporteP es la suma de ImporteDR entre EquivalenciaDR del mismo impuesto, factor y tasa.",
    en="ImporteP is the sum of ImporteDR by EquivalenciaDR of the same tax, factor and rate.",
)
def charged_amount_adds_up(it: Tax, payment: Pago) -> Fault | None:
    return _sum(it.importe, charged_sum(payment, group(it), "importe"), "@ImporteP")


@rule(
    "REP-MISSING-TRASLADOP",
    "payment",
    es="Todo TrasladoDR tiene su TrasladoP.",
    en="Every TrasladoDR has its TrasladoP.",
)
def charged_is_carried_up(it: Pago) -> Fault | None:
    have = {group(row) for row in (it.impuestos_p.traslados if it.impuestos_p else ())}
    for doc in it.documentos:
        for row in doc.impuestos_dr.traslados if doc.impuestos_dr else ():
            if group(row) not in have:
                wanted = f"{row.impuesto} {row.tipo_factor} {row.tasa_o_cuota or ''}".strip()
                return Fault("ImpuestosP/TrasladosP", "", wanted)
    return None


@rule(
    "REP-PRECISION-RISK",
    "payment-charged",
    severity="warning",
    es="El importe está cortado, no redondeado: algunos PAC lo rechazan.",
    en="The figure is cut, not rounded: some PACs refuse it.",
)
def is_rounded(it: Tax, payment: Pago) -> Fault | None:
    for name in ("base", "importe"):
        written = getattr(it, name)
        if written is None:
            continue
        exact = charged_sum(payment, group(it), name)
        rounded = limits.rounded_like(exact, written)
        if written != rounded and written == limits.cut_like(exact, written):
            return Fault(f"@{name.title()}P", str(written), str(rounded))
    return None
