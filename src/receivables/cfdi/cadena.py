"""The cadena original: the text that a seal signs, written by the table `shape` in the order SAT's stylesheet gives.

Optional attributes that are absent leave no trace, required ones an empty place; white space is collapsed as XSLT does it.
Complements whose order we do not know are refused: a wrong cadena is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from receivables.cfdi import shape
from receivables.cfdi.documents import Comprobante, Timbre
from receivables.cfdi.secure import Node, tree
from receivables.cfdi.write import to_tree
from receivables.errors import UnreadableCfdi

_SPACE = re.compile(
    r"[ \t\r\n]+"
)  # what XPath's normalize-space collapses; not other Unicode spaces
_NOT_SIGNED = frozenset({"Sello", "Certificado"})
_ALWAYS = frozenset({"NoCertificado"})  # required in a sealed document, absent from a draft
_C = f"{{{shape.CFDI}}}"


def cadena_original(document: bytes | Comprobante) -> str:
    """Return the cadena original of a CFDI 4.0.

    Args:
        document: The file's bytes, or its values.

    Raises:
        UnreadableCfdi: When it is no CFDI 4.0, or has a complement whose order is not known here.
    """
    root = tree(document) if isinstance(document, bytes) else to_tree(document)
    return cadena_of(root)


def cadena_of(root: Node) -> str:
    """Return the cadena original of a document that is a tree already.

    Raises:
        UnreadableCfdi: When it is no CFDI 4.0, or has a complement whose order is not known here.
    """
    if root.tag != shape.VOUCHER.tag:
        msg = f"the cadena original is of a CFDI 4.0; the root is {root.tag}"
        raise UnreadableCfdi(msg)
    return "||" + "|".join(_voucher(root)) + "||"


def cadena_of_stamp(stamp: Timbre) -> str:
    """Return the cadena original of a stamp: what SAT's seal signs."""
    values = (
        stamp.version,
        stamp.uuid,
        stamp.fecha_timbrado.isoformat(),
        stamp.rfc_prov_certif,
        stamp.leyenda,
        stamp.sello_cfd,
        stamp.no_certificado_sat,
    )
    return "||" + "|".join(_collapsed(it) for it in values if it is not None) + "||"


def _collapsed(text: str) -> str:
    return _SPACE.sub(" ", text).strip(" ")


@cache
def _signed(element: shape.Element) -> tuple[tuple[str, bool], ...]:
    """Return the attributes an element signs, each with whether an absent one keeps its place."""
    return tuple(
        (it.name, it.required or it.name in _ALWAYS)
        for it in element.attributes
        if it.name not in _NOT_SIGNED
    )


def _values(node: Node, element: shape.Element) -> Iterator[str]:
    get = node.get
    for name, required in _signed(element):
        text = get(name)
        if text is not None:
            yield _collapsed(text)
        elif required:
            yield ""


def _voucher(root: Node) -> Iterator[str]:
    yield from _values(root, shape.VOUCHER)
    for node in root.iterfind(shape.GLOBAL.tag):
        yield from _values(node, shape.GLOBAL)
    for group in root.iterfind(shape.RELATIONS.tag):
        yield from _values(group, shape.RELATIONS)
        for node in group.iterfind(shape.RELATED.tag):
            yield from _values(node, shape.RELATED)
    for node in root.iterfind(shape.ISSUER.tag):
        yield from _values(node, shape.ISSUER)
    for node in root.iterfind(shape.RECEIVER.tag):
        yield from _values(node, shape.RECEIVER)
    for node in root.iterfind(f"{_C}Conceptos/{_C}Concepto"):
        yield from _line(node)
    for node in root.iterfind(shape.TAXES.tag):
        yield from _summary(node)
    for node in root.iterfind(f"{shape.COMPLEMENT.tag}/*"):
        yield from _complement(node)


def _line(node: Node) -> Iterator[str]:
    yield from _values(node, shape.LINE)
    for row in node.iterfind(f"{_C}Impuestos/{_C}Traslados/{_C}Traslado"):
        yield from _values(row, shape.LINE_TRANSFER)
    for row in node.iterfind(f"{_C}Impuestos/{_C}Retenciones/{_C}Retencion"):
        yield from _values(row, shape.LINE_WITHHOLDING)
    for child in node.iterfind(shape.THIRD_PARTY.tag):
        yield from _values(child, shape.THIRD_PARTY)
    for child in node.iterfind(shape.CUSTOMS.tag):
        yield from _values(child, shape.CUSTOMS)
    for child in node.iterfind(shape.PROPERTY.tag):
        yield from _values(child, shape.PROPERTY)
    for child in node.iterfind(f"{_C}ComplementoConcepto/*"):
        _refuse(child)
    for part in node.iter(shape.PART.tag):
        yield from _values(part, shape.PART)
        for child in part.iter(shape.CUSTOMS.tag):
            yield from _values(child, shape.CUSTOMS)


def _summary(node: Node) -> Iterator[str]:
    for rows, element, total in (
        ("Retenciones/Retencion", shape.WITHHOLDING, "TotalImpuestosRetenidos"),
        ("Traslados/Traslado", shape.TRANSFER, "TotalImpuestosTrasladados"),
    ):
        outer, inner = rows.split("/")
        for row in node.iterfind(f"{_C}{outer}/{_C}{inner}"):
            yield from _values(row, element)
        text = node.get(total)
        if text is not None:
            yield _collapsed(text)


def _complement(node: Node) -> Iterator[str]:
    if node.tag == shape.PAYMENTS.tag:
        yield from _payments(node)
    elif node.tag == shape.LOCAL_TAXES.tag:
        yield from _values(node, shape.LOCAL_TAXES)
        for element in (shape.LOCAL_WITHHELD, shape.LOCAL_CHARGED):
            for row in node.iterfind(element.tag):
                yield from _values(row, element)
    elif node.tag != shape.STAMP.tag:  # the stamp comes after the seal and is not signed by it
        _refuse(node)


def _refuse(node: Node) -> None:
    msg = f"the order of complement {node.tag} in the cadena original is not known here; verify it with SAT's stylesheet"
    raise UnreadableCfdi(msg)


_P = f"{{{shape.PAGOS}}}"


def _payments(node: Node) -> Iterator[str]:
    yield from _values(node, shape.PAYMENTS)
    for child in node.iterfind(shape.TOTALS.tag):
        yield from _values(child, shape.TOTALS)
    for payment in node.iterfind(shape.PAYMENT.tag):
        yield from _values(payment, shape.PAYMENT)
        for doc in payment.iterfind(shape.PAID_DOCUMENT.tag):
            yield from _values(doc, shape.PAID_DOCUMENT)
            for row in doc.iterfind(f"{_P}ImpuestosDR/{_P}RetencionesDR/{_P}RetencionDR"):
                yield from _values(row, shape.WITHHOLDING_DR)
            for row in doc.iterfind(f"{_P}ImpuestosDR/{_P}TrasladosDR/{_P}TrasladoDR"):
                yield from _values(row, shape.TRANSFER_DR)
        for row in payment.iterfind(f"{_P}ImpuestosP/{_P}RetencionesP/{_P}RetencionP"):
            yield from _values(row, shape.WITHHOLDING_P)
        for row in payment.iterfind(f"{_P}ImpuestosP/{_P}TrasladosP/{_P}TrasladoP"):
            yield from _values(row, shape.TRANSFER_P)
