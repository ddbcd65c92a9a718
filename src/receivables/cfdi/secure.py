"""Bytes to an XML tree, safely: no network, no entities, no DOCTYPE, no repair, bounded size.

A CFDI comes from strangers. Whatever is not plain, well-formed XML of a bearable size is refused with a typed error.
"""

from __future__ import annotations

import re
import threading
from typing import Any

from receivables.errors import HostileXml, MissingExtra, UnreadableCfdi

try:
    import lxml.etree
except ImportError:  # pragma: no cover - exercised in a subprocess
    msg = "reading CFDI documents needs lxml; install it with the extra: pip install 'receivables[cfdi]'"
    raise MissingExtra(msg) from None

MOST_BYTES = 10_000_000
_LARGE = 50_000  # bytes; below it attributes without number are too few to harm
_MOST_ATTRIBUTES = 200
_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
# From the declaration, past comments and instructions, to the root: no DOCTYPE so far, and it has no place after it.
_PLAIN = re.compile(rb"(?:\s|<\?.*?\?>|<!--.*?-->)*<[A-Za-z_]", re.DOTALL)
_BOM = b"\xef\xbb\xbf"
_UTF8 = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii"})

__all__ = ["MOST_BYTES", "Node", "etree", "tree"]

Node = Any  # lxml ships no types
etree: Any = lxml.etree  # type: ignore[attr-defined,unused-ignore]


def tree(xml: bytes, *, most_bytes: int = MOST_BYTES) -> Node:
    """Parse a document and return its root.

    Args:
        xml: The file's bytes, UTF-8.
        most_bytes: The largest file read.

    Raises:
        HostileXml: For a DOCTYPE, an entity, nesting or attributes beyond reason, or a file too large.
        UnreadableCfdi: When it is not well-formed XML in UTF-8.
    """
    if not isinstance(xml, bytes):
        msg = f"a CFDI is read from bytes, not from {type(xml).__name__}; open the file in binary mode"
        raise UnreadableCfdi(msg)
    if len(xml) > most_bytes:
        msg = f"the document has {len(xml):,} bytes and the limit is {most_bytes:,}; raise most_bytes if you trust it"
        raise HostileXml(msg)
    body = xml.removeprefix(_BOM).lstrip()
    if not body.startswith(b"<") or b"\0" in body[:4]:
        msg = "the document is not well-formed XML in UTF-8; ask its issuer for the file as it was stamped"
        raise UnreadableCfdi(msg)
    declared = _ENCODING.match(body)
    if declared and declared[1].lower() not in _UTF8:
        msg = f"the document is in {declared[1].decode()} and a CFDI is in UTF-8; ask for the file as it was stamped"
        raise UnreadableCfdi(msg)
    if _PLAIN.match(body) is None and (b"<!DOCTYPE" in body or b"<!ENTITY" in body):
        msg = (
            "the document declares a DOCTYPE or an entity, which no CFDI has; it is refused unread"
        )
        raise HostileXml(msg)
    try:
        root = etree.fromstring(body, _PARSERS.parser)
    except etree.XMLSyntaxError as error:
        raise _refusal(body, error) from None
    except ValueError as error:
        msg = f"the document is not readable XML: {error}"
        raise UnreadableCfdi(msg) from None
    if len(body) > _LARGE:
        _refuse_crowded(root)
    return root


def _refuse_crowded(root: Node) -> None:
    """Refuse an element with attributes by the thousand: reading them takes the square of their number."""
    for node in root.iter():
        if len(node.attrib) > _MOST_ATTRIBUTES:
            msg = f"element {node.tag} has {len(node.attrib):,} attributes and the limit is {_MOST_ATTRIBUTES}; no CFDI has so many"
            raise HostileXml(msg)


def _refusal(body: bytes, error: Any) -> UnreadableCfdi:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as place:
        return UnreadableCfdi(
            f"the document is not UTF-8 at byte {place.start}; ask for the file as it was stamped"
        )
    kind = HostileXml if "xcessive" in str(error) or "huge" in str(error) else UnreadableCfdi
    return kind(
        f"the document is not well-formed XML: {error.msg}; ask its issuer for the file as it was stamped"
    )


class _Parsers(threading.local):
    """One parser for each thread: making one costs as much as reading a small document."""

    def __init__(self) -> None:
        self.parser = _parser()


def _parser() -> Node:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
        collect_ids=False,
        remove_comments=True,
        remove_pis=True,
    )


_PARSERS = _Parsers()
