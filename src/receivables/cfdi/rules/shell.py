"""CRP20101 to CRP20123: what surrounds a payment complement is always the same document, of amount 0."""

from __future__ import annotations

from receivables.cfdi.documents import Comprobante, Concepto
from receivables.cfdi.rules.registry import Fault, absent, rule, wants


@rule(
    "CRP20101",
    "shell",
    es="El tipo de comprobante de un CFDI con complemento de pagos es P.",
    en="The document type of a payment complement is P.",
)
def type_is_p(it: Comprobante) -> Fault | None:
    return wants(it.tipo_de_comprobante, "P", "@TipoDeComprobante")


@rule("CRP20102", "shell", es="Exportacion es 01.", en="Exportacion is 01.")
def no_export(it: Comprobante) -> Fault | None:
    return wants(it.exportacion, "01", "@Exportacion")


@rule("CRP20103", "shell", es="SubTotal es 0.", en="SubTotal is 0.")
def no_subtotal(it: Comprobante) -> Fault | None:
    return None if it.sub_total == 0 else Fault("@SubTotal", str(it.sub_total), "0")


@rule(
    "CRP20104",
    "shell",
    es="Moneda es XXX: el comprobante no tiene importes.",
    en="Moneda is XXX: the document itself has no amounts.",
)
def no_currency(it: Comprobante) -> Fault | None:
    return wants(it.moneda, "XXX", "@Moneda")


@rule(
    "CRP20105",
    "shell",
    es="FormaPago no existe: la forma va en cada pago.",
    en="FormaPago is absent: each payment has its own.",
)
def no_form(it: Comprobante) -> Fault | None:
    return absent(it.forma_pago, "@FormaPago")


@rule("CRP20106", "shell", es="MetodoPago no existe.", en="MetodoPago is absent.")
def no_method(it: Comprobante) -> Fault | None:
    return absent(it.metodo_pago, "@MetodoPago")


@rule("CRP20107", "shell", es="CondicionesDePago no existe.", en="CondicionesDePago is absent.")
def no_conditions(it: Comprobante) -> Fault | None:
    return absent(it.condiciones_de_pago, "@CondicionesDePago")


@rule("CRP20108", "shell", es="Descuento no existe.", en="Descuento is absent.")
def no_discount(it: Comprobante) -> Fault | None:
    return absent(it.descuento, "@Descuento")


@rule(
    "CRP20109",
    "shell",
    es="TipoCambio no existe en el comprobante.",
    en="TipoCambio is absent from the document.",
)
def no_exchange_rate(it: Comprobante) -> Fault | None:
    return absent(it.tipo_cambio, "@TipoCambio")


@rule("CRP20110", "shell", es="Total es 0.", en="Total is 0.")
def no_total(it: Comprobante) -> Fault | None:
    return None if it.total == 0 else Fault("@Total", str(it.total), "0")


@rule("CRP20111", "shell", es="Hay exactamente un concepto.", en="There is exactly one line.")
def one_line(it: Comprobante) -> Fault | None:
    return wants(len(it.conceptos), 1, "Conceptos")


def _line(it: Comprobante) -> Concepto | None:
    return it.conceptos[0] if it.conceptos else None


_AT = "Conceptos/Concepto[1]"


@rule(
    "CRP20112",
    "shell",
    es="El concepto no tiene nodos hijos, salvo ACuentaTerceros.",
    en="The line has no child nodes but ACuentaTerceros.",
)
def plain_line(it: Comprobante) -> Fault | None:
    for line in it.conceptos:
        for child in line.children:
            if child != "ACuentaTerceros":
                return Fault(f"{_AT}/{child}", child, "")
    return None


@rule("CRP20113", "shell", es="ClaveProdServ es 84111506.", en="ClaveProdServ is 84111506.")
def product_key(it: Comprobante) -> Fault | None:
    line = _line(it)
    return wants(line.clave_prod_serv, "84111506", f"{_AT}/@ClaveProdServ") if line else None


@rule("CRP20114", "shell", es="NoIdentificacion no existe.", en="NoIdentificacion is absent.")
def no_part_number(it: Comprobante) -> Fault | None:
    line = _line(it)
    return absent(line.no_identificacion, f"{_AT}/@NoIdentificacion") if line else None


@rule("CRP20115", "shell", es="Cantidad es 1.", en="Cantidad is 1.")
def quantity_one(it: Comprobante) -> Fault | None:
    line = _line(it)
    return wants(line.cantidad, 1, f"{_AT}/@Cantidad") if line else None


@rule("CRP20116", "shell", es="ClaveUnidad es ACT.", en="ClaveUnidad is ACT.")
def unit_key(it: Comprobante) -> Fault | None:
    line = _line(it)
    return wants(line.clave_unidad, "ACT", f"{_AT}/@ClaveUnidad") if line else None


@rule("CRP20117", "shell", es="Unidad no existe.", en="Unidad is absent.")
def no_unit(it: Comprobante) -> Fault | None:
    line = _line(it)
    return absent(line.unidad, f"{_AT}/@Unidad") if line else None


@rule(
    "CRP20118",
    "shell",
    es="Descripcion es Pago, escrito así.",
    en="Descripcion is Pago, written so.",
)
def described_as_payment(it: Comprobante) -> Fault | None:
    line = _line(it)
    return wants(line.descripcion, "Pago", f"{_AT}/@Descripcion") if line else None


@rule("CRP20119", "shell", es="ValorUnitario es 0.", en="ValorUnitario is 0.")
def no_price(it: Comprobante) -> Fault | None:
    line = _line(it)
    return wants(line.valor_unitario, 0, f"{_AT}/@ValorUnitario") if line else None


@rule("CRP20120", "shell", es="Importe es 0.", en="Importe is 0.")
def no_amount(it: Comprobante) -> Fault | None:
    line = _line(it)
    return wants(line.importe, 0, f"{_AT}/@Importe") if line else None


@rule("CRP20121", "shell", es="El concepto no tiene Descuento.", en="The line has no Descuento.")
def no_line_discount(it: Comprobante) -> Fault | None:
    line = _line(it)
    return absent(line.descuento, f"{_AT}/@Descuento") if line else None


@rule("CRP20122", "shell", es="ObjetoImp del concepto es 01.", en="ObjetoImp of the line is 01.")
def not_taxed(it: Comprobante) -> Fault | None:
    line = _line(it)
    return wants(line.objeto_imp, "01", f"{_AT}/@ObjetoImp") if line else None


@rule(
    "CRP20123",
    "shell",
    es="El nodo cfdi:Impuestos no existe: los impuestos van en el complemento.",
    en="The node cfdi:Impuestos is absent: taxes stand in the complement.",
)
def no_taxes(it: Comprobante) -> Fault | None:
    return None if it.impuestos is None else Fault("Impuestos", "Impuestos", "")


@rule(
    "REP-USOCFDI",
    "shell",
    severity="warning",
    es="UsoCFDI de un complemento de pagos es CP01.",
    en="UsoCFDI of a payment complement is CP01.",
)
def used_for_payments(it: Comprobante) -> Fault | None:
    return wants(it.receptor.uso_cfdi, "CP01", "Receptor/@UsoCFDI")


@rule(
    "REP-MANY-COMPLEMENTS",
    "shell",
    es="Hay un solo nodo Pagos, de versión 2.0, con sus Totales.",
    en="There is one Pagos node, of version 2.0, with its Totales.",
)
def one_complement(it: Comprobante) -> Fault | None:
    totals = sum(node.totales is not None for node in it.pagos)
    return wants((len(it.pagos), totals), (1, 1), "Complemento/Pagos")
