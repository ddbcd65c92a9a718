"""Finds names in a camt document whatever its version: without namespaces, one step a name."""

from __future__ import annotations

import codecs
import xml.etree.ElementTree as ET
from datetime import date
from pathlib import Path

from receivables.adapters.bank.collector import money
from receivables.adapters.bank.files import read_bytes
from receivables.errors import ReceivablesError, UnreadableSource
from receivables.money import Money

_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\0", b"\0<")


def parse(path: Path) -> ET.Element:
    """Return the root of a bank's XML.

    Raises:
        UnreadableSource: When it is no XML, or declares a document type, which bank files never do.
    """
    data = read_bytes(path)
    try:
        text = data.decode(_wide(data)) if data.startswith(_WIDE) else data
    except UnicodeDecodeError:
        msg = f"{path.name} is no UTF-16, as which it begins; the file may be cut off"
        raise UnreadableSource(msg) from None
    kinds = ("<!DOCTYPE", "<!ENTITY")
    if any((it in text) if isinstance(text, str) else (it.encode() in text) for it in kinds):
        msg = f"{path.name} declares a document type; bank files have none, and it may be an attack"
        raise UnreadableSource(msg)
    try:
        return ET.fromstring(text)  # noqa: S314 - entities cannot be declared: see above
    except (ET.ParseError, ValueError, LookupError) as error:
        msg = f"{path.name} is no XML: {error}; the file may be cut off"
        raise UnreadableSource(msg) from None


def _wide(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-16-le" if data.startswith(b"<\0") else "utf-16-be"


def name(node: ET.Element) -> str:
    """Return the name of a node without its namespace."""
    return node.tag.rpartition("}")[2]


def every(node: ET.Element, path: str) -> list[ET.Element]:
    """Return all nodes at a path."""
    found = [node]
    for step in path.split("/"):
        found = [child for it in found for child in it if name(child) == step]
    return found


def one(node: ET.Element, path: str) -> ET.Element | None:
    """Return the first node at a path."""
    return next(iter(every(node, path)), None)


def text(node: ET.Element, *paths: str) -> str:
    """Return the text at the first of these paths that has any."""
    for path in paths:
        found = one(node, path)
        said = (found.text or "").strip() if found is not None else ""
        if said:
            return said
    return ""


def amount(node: ET.Element, *paths: str) -> Money | None:
    """Return the amount at the first of these paths that is there; versions of 2019 and later nest it in `Amt`.

    Raises:
        ReceivablesError: When it is no amount.
    """
    for path in paths:
        found = one(node, path)
        if found is not None:
            return own_amount(found)
    return None


def own_amount(node: ET.Element) -> Money:
    """Return the amount a node holds.

    Raises:
        ReceivablesError: When it is no amount.
    """
    inner = one(node, "Amt")
    holder = node if inner is None else inner
    return money((holder.text or "").strip(), holder.get("Ccy") or "")


def amount_or_none(node: ET.Element, *paths: str) -> Money | None:
    """Return the amount at the first of these paths that is there, or None when it is none."""
    try:
        return amount(node, *paths)
    except ReceivablesError:
        return None


def day(node: ET.Element, *paths: str) -> date | None:
    """Return the day at the first of these paths that holds one."""
    for path in paths:
        for it in (path, f"{path}Tm"):
            try:
                return date.fromisoformat(text(node, it)[:10])
            except ValueError:
                continue
    return None
