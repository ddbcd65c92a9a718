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


@rule(
    "CRP20112",
    "shell-line",
    es="El concepto no tiene nodos hijos, salvo ACuentaTerceros.",
    en="The line has no child nodes but ACuentaTerceros.",
)
def plain_line(it: Concepto) -> Fault | None:
    return next((Fault(name, name, "") for name in it.children if name != "ACuentaTerceros"), None)


@rule("CRP20113", "shell-line", es="ClaveProdServ es 84111506.", en="ClaveProdServ is 84111506.")
def product_key(it: Concepto) -> Fault | None:
    return wants(it.clave_prod_serv, "84111506", "@ClaveProdServ")


@rule("CRP20114", "shell-line", es="NoIdentificacion no existe.", en="NoIdentificacion is absent.")
def no_part_number(it: Concepto) -> Fault | None:
    return absent(it.no_identificacion, "@NoIdentificacion")


@rule("CRP20115", "shell-line", es="Cantidad es 1.", en="Cantidad is 1.")
def quantity_one(it: Concepto) -> Fault | None:
    return wants(it.cantidad, 1, "@Cantidad")


@rule("CRP20116", "shell-line", es="ClaveUnidad es ACT.", en="ClaveUnidad is ACT.")
def unit_key(it: Concepto) -> Fault | None:
    return wants(it.clave_unidad, "ACT", "@ClaveUnidad")


@rule("CRP20117", "shell-line", es="Unidad no existe.", en="Unidad is absent.")
def no_unit(it: Concepto) -> Fault | None:
    return absent(it.unidad, "@Unidad")


@rule(
    "CRP20118",
    "shell-line",
    es="Descripcion es Pago, escrito así.",
    en="Descripcion is Pago, written so.",
)
def described_as_payment(it: Concepto) -> Fault | None:
    return wants(it.descripcion, "Pago", "@Descripcion")


@rule("CRP20119", "shell-line", es="ValorUnitario es 0.", en="ValorUnitario is 0.")
def no_price(it: Concepto) -> Fault | None:
    return wants(it.valor_unitario, 0, "@ValorUnitario")


@rule("CRP20120", "shell-line", es="Importe es 0.", en="Importe is 0.")
def no_amount(it: Concepto) -> Fault | None:
    return wants(it.importe, 0, "@Importe")


@rule(
    "CRP20121", "shell-line", es="El concepto no tiene Descuento.", en="The line has no Descuento."
)
def no_line_discount(it: Concepto) -> Fault | None:
    return absent(it.descuento, "@Descuento")


@rule(
    "CRP20122", "shell-line", es="ObjetoImp del concepto es 01.", en="ObjetoImp of the line is 01."
)
def not_taxed(it: Concepto) -> Fault | None:
    return wants(it.objeto_imp, "01", "@ObjetoImp")


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
