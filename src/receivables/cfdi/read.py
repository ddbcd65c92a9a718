"""A CFDI's bytes to frozen values: strict, typed errors, nothing guessed.

CFDI 4.0 of type I, E and P with Pagos 2.0 and the stamp is read whole. CFDI 3.3 and Pagos 1.0 are read as history: which
documents, which balances. Whatever a value does not hold is named in `Comprobante.unread`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any, ClassVar, Generic, TypeVar

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
    Part,
    Receptor,
    Relacionados,
    Tax,
    Taxes,
    Timbre,
    Totales,
)
from receivables.cfdi.secure import MOST_BYTES, Node, tree
from receivables.cfdi.written import Written, count, figure, moment
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

T = TypeVar("T", bound=Part)
Convert = Callable[[str], Any]

_CONVERTS: dict[str, Convert] = {
    **dict.fromkeys(shape.NUMBERS, figure),
    "moment": moment,
    "parcialidad": count,
}


class _Reader(Generic[T]):
    """Makes the values of one class from the attributes of a node and from the children read before.

    Args:
        made: The class.
        known: For each attribute the field it fills, and how its text is read; text stays text.
    """

    __slots__ = ("_known", "_made", "_needed")

    def __init__(self, made: type[T], known: Mapping[str, tuple[str, Convert | None]]) -> None:
        self._made = made
        self._known = dict(known)
        self._needed = frozenset(it.name for it in fields(made) if it.default is MISSING)

    @classmethod
    def of(cls, made: type[T], element: shape.Element, suffix: str = "") -> _Reader[T]:
        """Return the reader of an element in the table of shapes; its fields leave out the suffix of its attributes."""
        return cls(
            made,
            {
                it.name: (it.field.removesuffix(suffix), _CONVERTS.get(it.type))
                for it in element.attributes
            },
        )

    def __call__(self, node: Node, **held: Any) -> T:
        """Read a node; attributes that are not known are the structure's matter."""
        known = self._known
        name, text = "", ""
        try:
            for name, text in node.items():
                if name in known:
                    field, convert = known[name]
                    held[field] = text if convert is None else convert(text)
        except (UnreadableCfdi, ValueError) as error:
            said = error if isinstance(error, UnreadableCfdi) else f"{text[:40]!r} cannot be read"
            msg = f"{_place(node)}/@{name}: {said}"
            raise UnreadableCfdi(msg) from None
        if not self._needed <= held.keys():
            missing = self._needed - held.keys()
            names = [name for name, (field, _) in known.items() if field in missing]
            msg = f"{_place(node)} lacks {', '.join(names)}, which SAT's schema requires"
            raise UnreadableCfdi(msg)
        return self._made.of_fields(held)


_HEAD = _Reader.of(Comprobante, shape.VOUCHER)
_GLOBAL = _Reader.of(InformacionGlobal, shape.GLOBAL)
_ISSUER = _Reader.of(Emisor, shape.ISSUER)
_RECEIVER = _Reader.of(Receptor, shape.RECEIVER)
_LINE = _Reader.of(Concepto, shape.LINE)
_THIRD_PARTY = _Reader.of(ACuentaTerceros, shape.THIRD_PARTY)
_TAX = _Reader.of(Tax, shape.LINE_TRANSFER)
_TAXES = _Reader.of(Taxes, shape.TAXES)
_TAX_DR = _Reader.of(Tax, shape.TRANSFER_DR, "_dr")
_TAX_P = _Reader.of(Tax, shape.TRANSFER_P, "_p")
_TOTALS = _Reader.of(Totales, shape.TOTALS)
_PAYMENT = _Reader.of(Pago, shape.PAYMENT)
_PAID = _Reader.of(DoctoRelacionado, shape.PAID_DOCUMENT)
_STAMP = _Reader.of(Timbre, shape.STAMP)
_PAID10 = _Reader(
    DoctoRelacionado,
    {
        "IdDocumento": ("id_documento", None),
        "Serie": ("serie", None),
        "Folio": ("folio", None),
        "MonedaDR": ("moneda_dr", None),
        "TipoCambioDR": ("equivalencia_dr", figure),
        "NumParcialidad": ("num_parcialidad", count),
        "ImpSaldoAnt": ("imp_saldo_ant", figure),
        "ImpPagado": ("imp_pagado", figure),
        "ImpSaldoInsoluto": ("imp_saldo_insoluto", figure),
    },
)


def _local(word: str, rate: str) -> _Reader[LocalTax]:
    return _Reader(
        LocalTax,
        {f"ImpLoc{word}": ("name", None), rate: ("rate", figure), "Importe": ("importe", figure)},
    )


_WITHHELD = _local("Retenido", "TasadeRetencion")
_CHARGED = _local("Trasladado", "TasadeTraslado")


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
            parts["receptor"] = _RECEIVER(child)
        elif name == "Conceptos":
            parts["conceptos"] = tuple(_line(it, space, unread) for it in child)
        elif name == "Impuestos":
            parts["impuestos"] = _TAXES(child, **_rows(child, _TAX))
        elif name == "InformacionGlobal":
            parts["informacion_global"] = _GLOBAL(child)
        elif name == "Complemento":
            extra.take(child, unread)
        else:
            unread.append(name.rpartition("}")[2])
    _refuse_nameless(parts)
    return _HEAD(
        root,
        relacionados=tuple(relations),
        unread=tuple(dict.fromkeys(unread)),
        pagos=tuple(extra.payments),
        timbres=tuple(extra.stamps),
        locales=tuple(extra.local),
        **parts,
    )


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
    return _ISSUER(node)


def _line(node: Node, space: str, unread: list[str]) -> Concepto:
    children: dict[str, Any] = {}
    names: list[str] = []
    for child in node:
        name = child.tag.removeprefix(space)
        names.append(name.rpartition("}")[2])
        if name == "Impuestos":
            children["impuestos"] = Taxes.of_fields(_rows(child, _TAX))
        elif name == "ACuentaTerceros" and space == f"{{{shape.CFDI}}}":
            children["a_cuenta_terceros"] = _THIRD_PARTY(child)
        else:
            unread.append(names[-1])
    return _LINE(node, children=tuple(names), **children)


def _rows(node: Node, read: _Reader[Tax]) -> dict[str, tuple[Tax, ...]]:
    """Read the rows of an Impuestos node of any level: its children are Retenciones… and Traslados…, in any order."""
    withheld: tuple[Tax, ...] = ()
    charged: tuple[Tax, ...] = ()
    for group in node:
        rows = tuple([read(row) for row in group])
        if "}Retenciones" in group.tag:
            withheld += rows
        else:
            charged += rows
    return {"retenciones": withheld, "traslados": charged}


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
                totals = _TOTALS(child)
            else:
                payments.append(_payment(child))
        self.payments.append(Pagos(totales=totals, pagos=tuple(payments)))

    def _payments10(self, node: Node) -> None:
        payments = tuple(_payment10(child) for child in node)
        self.payments.append(Pagos(version="1.0", pagos=payments))

    def _stamp(self, node: Node) -> None:
        self.stamps.append(_STAMP(node))

    def _local(self, node: Node) -> None:
        for row in node:
            withheld = row.tag == shape.LOCAL_WITHHELD.tag
            self.local.append((_WITHHELD if withheld else _CHARGED)(row, withheld=withheld))

    _readers: ClassVar = {
        shape.PAYMENTS.tag: _payments,
        shape.STAMP.tag: _stamp,
        shape.LOCAL_TAXES.tag: _local,
        f"{{{shape.PAGOS10}}}Pagos": _payments10,
    }


_PAID_DOCUMENT = shape.PAID_DOCUMENT.tag
_TAXES_DR_TAG, _TAXES_P_TAG = (f"{{{shape.PAGOS}}}{name}" for name in ("ImpuestosDR", "ImpuestosP"))


def _payment(node: Node) -> Pago:
    documents: list[DoctoRelacionado] = []
    taxes: Taxes | None = None
    for child in node:
        tag = child.tag
        if tag == _PAID_DOCUMENT:
            documents.append(_PAID(child, impuestos_dr=_taxes_dr(child)))
        elif tag == _TAXES_P_TAG and taxes is None:
            taxes = Taxes.of_fields(_rows(child, _TAX_P))
        else:
            raise _out_of_place(child)
    return _PAYMENT(node, documentos=tuple(documents), impuestos_p=taxes)


def _taxes_dr(node: Node) -> Taxes | None:
    taxes: Taxes | None = None
    for child in node:
        if child.tag != _TAXES_DR_TAG or taxes is not None:
            raise _out_of_place(child)
        taxes = Taxes.of_fields(_rows(child, _TAX_DR))
    return taxes


def _out_of_place(node: Node) -> UnreadableCfdi:
    return UnreadableCfdi(f"{_place(node)} has no place there, or stands twice")


# --- Pagos 1.0: which documents, which balances -------------------------------------------------


def _payment10(node: Node) -> Pago:
    documents = tuple(_paid10(child) for child in node if child.tag.endswith("}DoctoRelacionado"))
    return _PAYMENT(node, documentos=documents)


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
    return _PAID10(node, **given)
