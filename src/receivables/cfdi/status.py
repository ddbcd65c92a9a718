"""SAT's answer to "is this document in force?": the question, the answer, and a service of your own for tests. Pure.

`status_http` is the one module that asks SAT over the network. A document just stamped may be unknown to SAT for hours:
not found never means cancelled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from receivables.cfdi.documents import Comprobante
from receivables.cfdi.secure import etree, tree
from receivables.errors import OddAnswer, UnreadableCfdi

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_TEMPURI = "http://tempuri.org/"
_SEAL_END = 8  # characters of the seal in the expression
_NOT_LISTED = frozenset({"200", "201"})


class State(Enum):
    """Whether a document is in force."""

    IN_FORCE = "Vigente"
    CANCELLED = "Cancelado"
    NOT_FOUND = "No Encontrado"


@dataclass(frozen=True, slots=True)
class Status:
    """What SAT says of a document.

    Args:
        state: In force, cancelled, or not found (yet).
        code: Its answer code in words, `CodigoEstatus`.
        cancellable: Whether and how it can be cancelled, `EsCancelable`; empty when SAT does not say.
        cancellation: How far a cancellation is, `EstatusCancelacion`; empty when there is none.
        listed: True when the issuer is on SAT's list of simulated operations (EFOS); None when SAT does not say.
    """

    state: State
    code: str = ""
    cancellable: str = ""
    cancellation: str = ""
    listed: bool | None = None


class StatusService(Protocol):
    """Whoever can say whether a document is in force."""

    def status(self, document: Comprobante) -> Status:
        """Return what SAT says of a stamped document.

        Raises:
            ServiceUnavailable: When no answer came.
            OddAnswer: When the answer cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class KnownStatuses:
    """A status service from what is known already: a table of states by UUID, for tests and for files SAT gave.

    >>> KnownStatuses({"a": State.CANCELLED}).state_of("A")
    <State.CANCELLED: 'Cancelado'>
    """

    states: Mapping[str, State]

    def __post_init__(self) -> None:
        """Take UUIDs in small letters too."""
        states = {uuid.upper(): state for uuid, state in self.states.items()}
        object.__setattr__(self, "states", states)

    def state_of(self, uuid: str) -> State:
        """Return the state of a UUID."""
        return self.states.get(uuid.upper(), State.NOT_FOUND)

    def status(self, document: Comprobante) -> Status:
        """Return the state of a document."""
        return Status(self.state_of(document.uuid or ""))


def expression(document: Comprobante) -> str:
    """Return the expression SAT's service and the QR code of a printed document use.

    Raises:
        UnreadableCfdi: When the document has no stamp.
    """
    if document.uuid is None:
        msg = f"document {document.number} has no stamp; SAT knows documents by their UUID"
        raise UnreadableCfdi(msg)
    amount = (
        f"{document.total:f}".rstrip("0").rstrip(".")
        if "." in str(document.total)
        else f"{document.total:f}"
    )
    parts = {
        "re": document.emisor.rfc.replace("&", "&amp;"),
        "rr": document.receptor.rfc.replace("&", "&amp;"),
        "tt": amount or "0",
        "id": document.uuid,
        "fe": (document.sello or "")[-_SEAL_END:],
    }
    return "?" + "&".join(f"{name}={value}" for name, value in parts.items())


def question(document: Comprobante) -> bytes:
    """Return the SOAP envelope that asks for a document."""
    envelope = etree.Element(f"{{{_SOAP}}}Envelope", nsmap={"s": _SOAP})
    body = etree.SubElement(envelope, f"{{{_SOAP}}}Body")
    asked = etree.SubElement(body, f"{{{_TEMPURI}}}Consulta", nsmap={"c": _TEMPURI})
    etree.SubElement(asked, f"{{{_TEMPURI}}}expresionImpresa").text = expression(document)
    written: bytes = etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
    return written


def answer(xml: bytes) -> Status:
    """Read the SOAP envelope that answers.

    Raises:
        OddAnswer: When it is no XML, a fault, or says no state.
    """
    try:
        root = tree(xml)
    except UnreadableCfdi as error:
        msg = f"SAT's status service answered something that is no XML: {error}"
        raise OddAnswer(msg) from None
    found = {node.tag.rpartition("}")[2]: (node.text or "").strip() for node in root.iter()}
    if "Fault" in found:
        msg = f"SAT's status service answered a fault: {found.get('faultstring') or found.get('Text') or 'without a text'}"
        raise OddAnswer(msg)
    state = found.get("Estado", "")
    known = {it.value.lower(): it for it in State}
    if state.lower() not in known:
        msg = f"SAT's status service answered the state {state!r}; it should be one of {', '.join(it.value for it in State)}"
        raise OddAnswer(msg)
    efos = found.get("ValidacionEFOS", "")
    return Status(
        known[state.lower()],
        found.get("CodigoEstatus", ""),
        found.get("EsCancelable", ""),
        found.get("EstatusCancelacion", ""),
        efos not in _NOT_LISTED if efos else None,
    )
