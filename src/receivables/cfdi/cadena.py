"""The cadena original: the text that a seal signs, written by the table `shape` in the order SAT's stylesheet gives.

Optional attributes that are absent leave no trace, required ones an empty place; white space is collapsed as XSLT does it.
Complements whose order we do not know are refused: a wrong cadena is worse than none.
"""

from __future__ import annotations

import re
from functools import cache

from receivables.cfdi import shape
from receivables.cfdi.documents import Comprobante, Timbre
from receivables.cfdi.payroll import PAYROLL
from receivables.cfdi.secure import Node, tree
from receivables.cfdi.write import to_tree
from receivables.errors import UnreadableCfdi

_SPACE = re.compile(
    r"[ \t\r\n]+"
)  # what XPath's normalize-space collapses; not other Unicode spaces
_NOT_SIGNED = frozenset({"Sello", "Certificado"})
_ALWAYS = frozenset({"NoCertificado"})  # required in a sealed document, absent from a draft
_SIGNED = {it.tag: it for it in (shape.PAYMENTS, shape.LOCAL_TAXES, PAYROLL)}


def cadena_original(document: bytes | Comprobante) -> str:
    """Return the cadena original of a CFDI 4.0.

    Args:
        document: The file's bytes, or its values.

    Raises:
        UnreadableCfdi: When it is no CFDI 4.0, or has a complement whose order is not known here.
    """
    root = to_tree(document) if isinstance(document, Comprobante) else tree(document)
    return cadena_of(root)


def cadena_of(root: Node) -> str:
    """Return the cadena original of a document that is a tree already.

    Raises:
        UnreadableCfdi: When it is no CFDI 4.0, or has a complement whose order is not known here.
    """
    if root.tag != shape.VOUCHER.tag:
        msg = f"the cadena original is of a CFDI 4.0; the root is {root.tag}"
        raise UnreadableCfdi(msg)
    return "||" + "|".join(_in_order(root, shape.VOUCHER)) + "||"


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
    return _SPACE.sub(" ", text).strip(" ") if _SPACE.search(text) else text


@cache
def _signed(element: shape.Element) -> tuple[tuple[str, bool], ...]:
    """Return the attributes an element signs, each with whether an absent one keeps its place."""
    return tuple(
        (it.name, it.required or it.name in _ALWAYS)
        for it in element.attributes
        if it.name not in _NOT_SIGNED
    )


def _values(node: Node, element: shape.Element) -> list[str]:
    get = node.get
    found: list[str] = []
    for name, required in _signed(element):
        text = get(name)
        if text is not None:
            found.append(_collapsed(text))
        elif required:
            found.append("")
    return found


def _in_order(node: Node, element: shape.Element) -> list[str]:
    """Return what a node signs: its attributes, then its children, kind after kind in the order of the table."""
    if element is shape.TAXES:
        return _summary(node)
    found = _values(node, element)
    if element.children:
        by_tag = _by_tag(node)
        for child, _, _ in element.children:
            take = _complements if child.is_open else _in_order
            for below in by_tag.get(child.tag, ()):
                found += take(below, child)
    return found


def _by_tag(node: Node) -> dict[str, list[Node]]:
    found: dict[str, list[Node]] = {}
    for child in node:
        found.setdefault(child.tag, []).append(child)
    return found


def _summary(node: Node) -> list[str]:
    """Return what the taxes of a document sign: here alone the totals come after their rows."""
    found: list[str] = []
    for (rows, _, _), total in zip(shape.TAXES.children, shape.TAXES.attributes, strict=True):
        for below in node.iterfind(rows.tag):
            found += _in_order(below, rows)
        text = node.get(total.name)
        if text is not None:
            found.append(_collapsed(text))
    return found


def _complements(node: Node, element: shape.Element) -> list[str]:
    """Return what stands in a node that takes elements of other namespaces; an Addenda and the stamp are not signed."""
    found: list[str] = []
    if element.name == "Addenda":
        return found
    for child in node:
        known = _SIGNED.get(child.tag)
        if known is not None:
            found += _in_order(child, known)
        elif child.tag != shape.STAMP.tag:
            msg = f"the order of complement {child.tag} in the cadena original is not known here; verify it with SAT's stylesheet"
            raise UnreadableCfdi(msg)
    return found
