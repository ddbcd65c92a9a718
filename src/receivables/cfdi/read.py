"""A CFDI's bytes to frozen values: strict, typed errors, nothing guessed.

CFDI 4.0 of type I, E and P with Pagos 2.0 and the stamp is read whole. CFDI 3.3 and Pagos 1.0 are read as history: which
documents, which balances. Whatever a value does not hold is named in `Comprobante.unread`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from receivables.cfdi import shape
from receivables.cfdi.documents import (
    ACuentaTerceros,
    Comprobante,
    Concepto,
    DoctoRelacionado,
    Emisor,
    InformacionGlobal,
    LocalTax,
    Pago,
    Pagos,
    Receptor,
    Relacionados,
    Tax,
    Taxes,
    Timbre,
    Totales,
    Written,
    figure,
)
from receivables.cfdi.secure import MOST_BYTES, Node, tree
from receivables.errors import UnreadableCfdi

VERSIONS = {shape.CFDI: "4.0", shape.CFDI33: "3.3"}


def parse(xml: bytes, *, most_bytes: int = MOST_BYTES) -> Comprobante:
    """Read one document.

    Args:
        xml: The file's bytes, UTF-8.
        most_bytes: The largest file read.

    Raises:
        HostileXml: For a DOCTYPE, an entity, or a file beyond the limits.
        UnreadableCfdi: When it is no CFDI 4.0 or 3.3, or lacks what the schema requires.
    """
    return read(tree(xml, most_bytes=most_bytes))


def read(root: Node) -> Comprobante:
    """Read a document that is a tree already.

    Raises:
        UnreadableCfdi: When it is no CFDI 4.0 or 3.3, or lacks what the schema requires.
    """
    namespace, _, name = root.tag.removeprefix("{").partition("}")
    version = root.get("Version")
    if name != "Comprobante" or VERSIONS.get(namespace) != version:
        msg = f"the root is {root.tag} of version {version}; a CFDI has the root Comprobante of version 4.0 or 3.3"
        raise UnreadableCfdi(msg)
    return _voucher(root, f"{{{namespace}}}")


# --- one element at a time ----------------------------------------------------------------------

Plan = dict[str, tuple[str, Callable[[str], Any] | None]]


def _plan(element: shape.Element, *left_out: str, suffix: str = "") -> Plan:
    """Return which attributes of an element fill which fields, and how."""
    plan: Plan = {}
    for it in element.attributes:
        if it.name in left_out:
            continue
        convert: Callable[[str], Any] | None = None
        if it.type in shape.NUMBERS:
            convert = figure
        elif it.type == "moment":
            convert = datetime.fromisoformat
        elif it.type == "parcialidad":
            convert = int
        field = it.field.removesuffix(suffix) if suffix else it.field
        plan[it.name] = (field, convert)
    return plan


_VOUCHER = _plan(shape.VOUCHER)
_GLOBAL = _plan(shape.GLOBAL)
_ISSUER = _plan(shape.ISSUER)
_RECEIVER = _plan(shape.RECEIVER)
_LINE = _plan(shape.LINE)
_THIRD_PARTY = _plan(shape.THIRD_PARTY)
_TAX = _plan(shape.LINE_TRANSFER)
_TAXES = _plan(shape.TAXES)
_TAX_DR = _plan(shape.TRANSFER_DR, suffix="_dr")
_TAX_P = _plan(shape.TRANSFER_P, suffix="_p")
_TOTALS = _plan(shape.TOTALS)
_PAYMENT = _plan(shape.PAYMENT)
_PAID = _plan(shape.PAID_DOCUMENT)
_STAMP = _plan(shape.STAMP)


def _fill(make: Callable[..., Any], plan: Plan, node: Node, **children: Any) -> Any:
    """Make a value of a node's attributes and its children; attributes the plan does not know are the structure's matter."""
    name, text = "", ""
    try:
        for name, text in node.items():
            known = plan.get(name)
            if known is not None:
                field, convert = known
                children[field] = text if convert is None else convert(text)
    except (UnreadableCfdi, ValueError) as error:
        said = error if isinstance(error, UnreadableCfdi) else f"{text[:40]!r} cannot be read"
        msg = f"{_place(node)}/@{name}: {said}"
        raise UnreadableCfdi(msg) from None
    try:
        return make(**children)
    except TypeError:
        missing = [name for name, (field, _) in plan.items() if field not in children]
        msg = f"{_place(node)} lacks an attribute SAT's schema requires; absent are {', '.join(missing)}"
        raise UnreadableCfdi(msg) from None


def _place(node: Node) -> str:
    names = [node.tag.rpartition("}")[2]]
    names += [parent.tag.rpartition("}")[2] for parent in node.iterancestors()]
    return "/".join(reversed(names))


def _voucher(root: Node, space: str) -> Comprobante:
    parts: dict[str, Any] = {"emisor": None, "receptor": None}
    relations: list[Relacionados] = []
    unread: list[str] = []
    extra = _Complements()
    for child in root:
        name = child.tag.removeprefix(space)
        if name == "CfdiRelacionados":
            relations.append(
                Relacionados(
                    tipo_relacion=child.get("TipoRelacion", ""),
                    uuids=tuple(it.get("UUID", "") for it in child),
                )
            )
        elif name == "Emisor":
            parts["emisor"] = _issuer(child)
        elif name == "Receptor":
            parts["receptor"] = _fill(Receptor, _RECEIVER, child)
        elif name == "Conceptos":
            parts["conceptos"] = tuple(_line(it, space, unread) for it in child)
        elif name == "Impuestos":
            parts["impuestos"] = _taxes(child, _TAX, **_totals_of(child))
        elif name == "InformacionGlobal":
            parts["informacion_global"] = _fill(InformacionGlobal, _GLOBAL, child)
        elif name == "Complemento":
            extra.take(child, unread)
        else:
            unread.append(name.rpartition("}")[2])
    _refuse_nameless(parts)
    made: Comprobante = _fill(
        Comprobante,
        _VOUCHER,
        root,
        relacionados=tuple(relations),
        unread=tuple(dict.fromkeys(unread)),
        pagos=tuple(extra.payments),
        timbres=tuple(extra.stamps),
        locales=tuple(extra.local),
        **parts,
    )
    return made


def _refuse_nameless(parts: dict[str, Any]) -> None:
    for name in ("emisor", "receptor"):
        if parts[name] is None:
            msg = f"Comprobante has no {name.title()}; every CFDI names who issues and who receives it"
            raise UnreadableCfdi(msg)


def _issuer(node: Node) -> Emisor:
    if node.get("Nombre") is None:  # optional in version 3.3
        return Emisor(
            rfc=node.get("Rfc", ""), nombre="", regimen_fiscal=node.get("RegimenFiscal", "")
        )
    made: Emisor = _fill(Emisor, _ISSUER, node)
    return made


def _line(node: Node, space: str, unread: list[str]) -> Concepto:
    children: dict[str, Any] = {}
    names: list[str] = []
    for child in node:
        name = child.tag.removeprefix(space)
        names.append(name.rpartition("}")[2])
        if name == "Impuestos":
            children["impuestos"] = _taxes(child, _TAX)
        elif name == "ACuentaTerceros" and space == f"{{{shape.CFDI}}}":
            children["a_cuenta_terceros"] = _fill(ACuentaTerceros, _THIRD_PARTY, child)
        else:
            unread.append(names[-1])
    made: Concepto = _fill(Concepto, _LINE, node, children=tuple(names), **children)
    return made


def _taxes(node: Node, plan: Plan, **totals: Any) -> Taxes:
    """Read an Impuestos node of any level: its children are Retenciones… and Traslados…, in any order."""
    withheld: list[Tax] = []
    charged: list[Tax] = []
    for group in node:
        rows = withheld if "}Retenciones" in group.tag else charged
        rows.extend(_fill(Tax, plan, row) for row in group)
    return Taxes(retenciones=tuple(withheld), traslados=tuple(charged), **totals)


def _totals_of(node: Node) -> dict[str, Written]:
    return {
        field: Written(node.get(name))
        for name, (field, _) in _TAXES.items()
        if node.get(name) is not None
    }


class _Complements:
    """What stands in the Complemento nodes, of which there may be several."""

    def __init__(self) -> None:
        self.payments: list[Pagos] = []
        self.stamps: list[Timbre] = []
        self.local: list[LocalTax] = []

    def take(self, node: Node, unread: list[str]) -> None:
        for child in node:
            tag = child.tag
            reader = self._readers.get(tag)
            if reader is None:
                unread.append(tag.rpartition("}")[2])
            else:
                reader(self, child)

    def _payments(self, node: Node) -> None:
        totals = None
        payments: list[Pago] = []
        for child in node:
            if child.tag == shape.TOTALS.tag:
                totals = _fill(Totales, _TOTALS, child)
            else:
                payments.append(_payment(child))
        self.payments.append(Pagos(totales=totals, pagos=tuple(payments)))

    def _payments10(self, node: Node) -> None:
        payments = tuple(_payment10(child) for child in node)
        self.payments.append(Pagos(version="1.0", pagos=payments))

    def _stamp(self, node: Node) -> None:
        self.stamps.append(_fill(Timbre, _STAMP, node))

    def _local(self, node: Node) -> None:
        for row in node:
            withheld = row.tag == shape.LOCAL_WITHHELD.tag
            suffix = "Retenido" if withheld else "Trasladado"
            rate = "TasadeRetencion" if withheld else "TasadeTraslado"
            plan: Plan = {
                f"ImpLoc{suffix}": ("name", None),
                rate: ("rate", Written),
                "Importe": ("importe", Written),
            }
            self.local.append(_fill(partial(LocalTax, withheld=withheld), plan, row))

    _readers: ClassVar = {
        shape.PAYMENTS.tag: _payments,
        shape.STAMP.tag: _stamp,
        shape.LOCAL_TAXES.tag: _local,
        f"{{{shape.PAGOS10}}}Pagos": _payments10,
    }


def _payment(node: Node) -> Pago:
    documents: list[DoctoRelacionado] = []
    taxes = None
    for child in node:
        if child.tag == shape.PAID_DOCUMENT.tag:
            [*inner] = child
            paid_taxes = _taxes(inner[0], _TAX_DR) if inner else None
            documents.append(_fill(DoctoRelacionado, _PAID, child, impuestos_dr=paid_taxes))
        else:
            taxes = _taxes(child, _TAX_P)
    made: Pago = _fill(Pago, _PAYMENT, node, documentos=tuple(documents), impuestos_p=taxes)
    return made


# --- Pagos 1.0: which documents, which balances -------------------------------------------------


def _payment10(node: Node) -> Pago:
    documents = tuple(_paid10(child) for child in node if child.tag.endswith("}DoctoRelacionado"))
    made: Pago = _fill(Pago, _PAYMENT, node, documentos=documents)
    return made


_PAID10: Plan = {
    "IdDocumento": ("id_documento", None),
    "Serie": ("serie", None),
    "Folio": ("folio", None),
    "MonedaDR": ("moneda_dr", None),
    "TipoCambioDR": ("equivalencia_dr", Written),
    "NumParcialidad": ("num_parcialidad", int),
    "ImpSaldoAnt": ("imp_saldo_ant", Written),
    "ImpPagado": ("imp_pagado", Written),
    "ImpSaldoInsoluto": ("imp_saldo_insoluto", Written),
}


def _paid10(node: Node) -> DoctoRelacionado:
    """Read a related document of version 1.0, where the amounts could be left out when it was the only one."""
    given: dict[str, Any] = {"objeto_imp_dr": ""}
    parent = node.getparent()
    if node.get("ImpPagado") is None:
        given["imp_pagado"] = Written(parent.get("Monto", "0"))
    defaults = (
        ("NumParcialidad", "num_parcialidad", 1),
        ("ImpSaldoAnt", "imp_saldo_ant", Written("0")),
        ("ImpSaldoInsoluto", "imp_saldo_insoluto", Written("0")),
    )
    given |= {field: default for name, field, default in defaults if node.get(name) is None}
    made: DoctoRelacionado = _fill(DoctoRelacionado, _PAID10, node, **given)
    return made
