"""Frozen values to a CFDI's bytes, always in the same order: the table `shape` says which.

What was read is written back attribute for attribute; a document of an old version, or one with parts that the values do
not hold, is refused rather than written without them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from receivables.cfdi import shape
from receivables.cfdi.documents import Comprobante, Concepto, Pago, Pagos, Tax, Taxes
from receivables.cfdi.secure import Node, etree
from receivables.errors import UnwritableCfdi

_PLACES = {
    shape.CFDI: f"{shape.CFDI} http://www.sat.gob.mx/sitio_internet/cfd/4/cfdv40.xsd",
    shape.PAGOS: f"{shape.PAGOS} http://www.sat.gob.mx/sitio_internet/cfd/Pagos/Pagos20.xsd",
    shape.TFD: f"{shape.TFD} http://www.sat.gob.mx/sitio_internet/cfd/TimbreFiscalDigital/TimbreFiscalDigitalv11.xsd",
}
_LOCATION = f"{{{shape.XSI}}}schemaLocation"


def write(document: Comprobante) -> bytes:
    """Return a document as UTF-8 XML with its declaration.

    Raises:
        UnwritableCfdi: For an old version, or a document with parts that are not held.
    """
    return to_bytes(to_tree(document))


def to_bytes(root: Node) -> bytes:
    """Return a tree as UTF-8 XML with its declaration."""
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written


def to_tree(document: Comprobante) -> Node:
    """Return a document as an XML tree.

    Raises:
        UnwritableCfdi: For an old version, or a document with parts that are not held.
    """
    if document.history_only:
        msg = f"document {document.number} is of version {document.version}; old versions are history and never written"
        raise UnwritableCfdi(msg)
    if document.unread or document.locales:
        parts = ", ".join(document.unread) or "ImpuestosLocales"
        msg = f"document {document.number} has parts that are not held here ({parts}); keep the file as it is"
        raise UnwritableCfdi(msg)
    namespaces = {"cfdi": shape.CFDI, "xsi": shape.XSI}
    if document.pagos:
        namespaces["pago20"] = shape.PAGOS
    root = etree.Element(shape.VOUCHER.tag, nsmap=namespaces)
    used = (shape.CFDI, shape.PAGOS) if document.pagos else (shape.CFDI,)
    root.set(_LOCATION, " ".join(_PLACES[it] for it in used))
    _set(root, shape.VOUCHER, document)
    _head(root, document)
    lines = etree.SubElement(root, f"{{{shape.CFDI}}}Conceptos")
    for line in document.conceptos:
        _line(lines, line)
    if document.impuestos is not None:
        _summary(root, document.impuestos)
    if document.pagos or document.timbres:
        _complement(root, document)
    return root


@cache
def _fields(element: shape.Element, suffix: str = "") -> tuple[tuple[str, str], ...]:
    return tuple((it.name, it.field.removesuffix(suffix)) for it in element.attributes)


def _set(node: Node, element: shape.Element, value: Any, suffix: str = "") -> None:
    for name, field in _fields(element, suffix):
        held = getattr(value, field)
        if held is not None:
            node.set(name, held.isoformat() if isinstance(held, datetime) else str(held))


def _add(parent: Node, element: shape.Element, value: Any, suffix: str = "") -> Node:
    node = etree.SubElement(parent, element.tag)
    _set(node, element, value, suffix)
    return node


def _head(root: Node, document: Comprobante) -> None:
    if document.informacion_global is not None:
        _add(root, shape.GLOBAL, document.informacion_global)
    for group in document.relacionados:
        node = _add(root, shape.RELATIONS, group)
        for uuid in group.uuids:
            etree.SubElement(node, shape.RELATED.tag, UUID=uuid)
    _add(root, shape.ISSUER, document.emisor)
    _add(root, shape.RECEIVER, document.receptor)


def _line(parent: Node, line: Concepto) -> None:
    node = _add(parent, shape.LINE, line)
    if line.impuestos is not None:
        taxes = etree.SubElement(node, shape.LINE_TAXES.tag)
        _rows(taxes, "Traslados", shape.LINE_TRANSFER, line.impuestos.traslados)
        _rows(taxes, "Retenciones", shape.LINE_WITHHOLDING, line.impuestos.retenciones)
    if line.a_cuenta_terceros is not None:
        _add(node, shape.THIRD_PARTY, line.a_cuenta_terceros)


def _rows(
    parent: Node, name: str, element: shape.Element, rows: Iterable[Tax], suffix: str = ""
) -> None:
    listed = tuple(rows)
    if listed:
        space = element.tag.partition("}")[0]
        group = etree.SubElement(parent, f"{space}}}{name}")
        for row in listed:
            _add(group, element, row, suffix)


def _summary(root: Node, taxes: Taxes) -> None:
    node = _add(root, shape.TAXES, taxes)
    _rows(node, "Retenciones", shape.WITHHOLDING, taxes.retenciones)
    _rows(node, "Traslados", shape.TRANSFER, taxes.traslados)


def _complement(root: Node, document: Comprobante) -> None:
    node = etree.SubElement(root, shape.COMPLEMENT.tag)
    for payments in document.pagos:
        _payments(node, payments)
    for stamp in document.timbres:
        sealed = etree.SubElement(node, shape.STAMP.tag, nsmap={"tfd": shape.TFD})
        sealed.set(_LOCATION, _PLACES[shape.TFD])
        _set(sealed, shape.STAMP, stamp)


def _payments(parent: Node, payments: Pagos) -> None:
    node = _add(parent, shape.PAYMENTS, payments)
    if payments.totales is not None:
        _add(node, shape.TOTALS, payments.totales)
    for payment in payments.pagos:
        _payment(node, payment)


def _payment(parent: Node, payment: Pago) -> None:
    node = _add(parent, shape.PAYMENT, payment)
    for doc in payment.documentos:
        paid = _add(node, shape.PAID_DOCUMENT, doc)
        if doc.impuestos_dr is not None:
            taxes = etree.SubElement(paid, f"{{{shape.PAGOS}}}ImpuestosDR")
            _rows(taxes, "RetencionesDR", shape.WITHHOLDING_DR, doc.impuestos_dr.retenciones, "_dr")
            _rows(taxes, "TrasladosDR", shape.TRANSFER_DR, doc.impuestos_dr.traslados, "_dr")
    if payment.impuestos_p is not None:
        taxes = etree.SubElement(node, f"{{{shape.PAGOS}}}ImpuestosP")
        _rows(taxes, "RetencionesP", shape.WITHHOLDING_P, payment.impuestos_p.retenciones, "_p")
        _rows(taxes, "TrasladosP", shape.TRANSFER_P, payment.impuestos_p.traslados, "_p")
