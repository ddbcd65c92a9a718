"""Files as they should not be: each is refused with a typed error or reported, none is repaired, nothing is fetched.

The structure's own table is held against SAT's schema: what the schema refuses, the table refuses.
"""

from __future__ import annotations

import copy
import random
import re
import socket
import time
import zipfile

import pytest
from lxml import etree

from receivables.cfdi import cadena_original, import_batch, parse, read_folder, validate, verify
from receivables.errors import HostileXml, UnreadableCfdi

WHAT_ELSE = [
    *[
        "",
        " ",
        "0",
        "-1",
        "1.5",
        "1.234567",
        "1.2345678",
        "abc",
        "01",
        "99",
        "MXN",
        "XXX",
        "USD",
        "Á",
        "a|b",
        "2026-02-30T12:00:00",
        "00000",
    ],
    *[
        "2026-01-01",
        "EKU9003173C9",
        "0.160000",
        "0.16",
        "0.1600001",
        "1E2",
        "+1",
        "002",
        "Tasa",
        "Exento",
        " 1.00 ",
        "1 00",
    ],
    *[
        "1\n",
        "616",
        "CP01",
        "0.000000",
        "4.0",
        "2.0",
        "2009-01-01T00:00:00",
        "2026-01-01T24:00:00",
        "NaN",
        "1_000",
        "٣",
    ],
    *["b1559ec6-8a9c-4b97-9ac9-26e710df2839", "123-12-123456789", "2026-01-01T12:00:60"],
    *("9" * 18, "9" * 19, "1" * 20, "x" * 101, "x" * 301),
]
ALIENS = ("alien", "{http://www.sat.gob.mx/cfd/4}Otro", "{http://www.sat.gob.mx/Pagos20}Pago")
NOT_YET = ("Sello", "Certificado", "NoCertificado")  # a draft has none, and that is no fault


def spoilt(xml, chosen):
    """Return a document with one thing changed, and what."""
    root = etree.fromstring(xml)
    node = chosen.choice(list(root.iter()))
    names = [name for name in node.attrib if name not in NOT_YET]
    how = chosen.choice(("drop", "delete", "set", "set", "set", "twice", "swap", "add", "rename"))
    if how == "drop" and node is not root:
        node.getparent().remove(node)
    elif how == "delete" and names:
        del node.attrib[chosen.choice(names)]
    elif how == "set" and names:
        node.set(chosen.choice(names), chosen.choice(WHAT_ELSE))
    elif how == "twice" and node is not root:
        node.addnext(copy.deepcopy(node))
    elif how == "swap" and len(node) > 1:
        children = list(node)
        chosen.shuffle(children)
        node[:] = children
    elif how == "add":
        etree.SubElement(node, chosen.choice(ALIENS))
        node.set(chosen.choice(("Otro", "Descuento", "{http://x}y")), chosen.choice(WHAT_ELSE))
    elif how == "rename":
        node.tag += "x"
    else:
        node.text = "text"
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True), f"{how} {node.tag}"


@pytest.fixture(scope="module")
def spoils(samples):
    """Return 1,200 documents with one thing changed."""
    chosen = random.Random(20260803)  # noqa: S311 - which change, no secret
    whole = [path.read_bytes() for path in sorted((samples / "scenarios").rglob("*.xml"))]
    return [spoilt(chosen.choice(whole), chosen) for _ in range(1200)]


def refuses(ask, xml):
    """Tell whether a document is refused; any error that is not typed comes through."""
    try:
        ask(xml)
    except UnreadableCfdi:
        return True
    return False


def test_whatever_is_changed_every_answer_is_typed(spoils):
    unreadable = 0
    for xml, change in spoils:
        found = {it.code for it in validate(xml)}
        assert refuses(parse, xml) == ("CFDI-UNREADABLE" in found), change
        refuses(cadena_original, xml)
        unreadable += refuses(verify, xml)
    assert 100 < unreadable < 900


def test_what_sats_schema_refuses_is_reported(spoils, sat):
    from receivables.cfdi.xsd import Schema

    schema = Schema(sat / "slim")
    refused = [(xml, change) for xml, change in spoils if schema.validate(xml)]
    assert len(refused) > 600
    silent = [
        change for xml, change in refused if all(it.severity != "error" for it in validate(xml))
    ]
    assert silent == []


# --- files that are no XML, or more than XML ----------------------------------------------------

PROLOG = b"<?xml version='1.0' encoding='UTF-8'?>"


def declared(name):
    return lambda xml: xml.replace(b"encoding='UTF-8'", f"encoding='{name}'".encode())


def instead(old, new):
    return lambda xml: xml.replace(old, new, 1)


def after_prolog(text):
    return lambda xml: xml.replace(PROLOG, PROLOG + text, 1)


UNREADABLE = {
    "utf-16": lambda xml: declared("UTF-16")(xml).decode().encode("utf-16"),
    "utf-16 without mark": lambda xml: xml.removeprefix(PROLOG).decode().encode("utf-16-le"),
    "utf-32": lambda xml: xml.removeprefix(PROLOG).decode().encode("utf-32"),
    "says utf-16": declared("UTF-16"),
    "says utf-7": declared("UTF-7"),
    "says latin-1": declared("ISO-8859-1"),
    "says latin-1 far away": lambda xml: declared("ISO-8859-1")(xml).replace(
        b"version='1.0'", b"version='1.0'" + b" " * 500, 1
    ),
    "windows bytes": instead("ESPAÑOLA".encode(), "ESPAÑOLA".encode("cp1252")),
    "two marks": lambda xml: b"\xef\xbb\xbf" * 2 + xml,
    "nul": instead(b"ESCUELA", b"ESC\0ELA"),
    "nul by number": instead(b"ESCUELA", b"ESC&#0;ELA"),
    "control": instead(b"ESCUELA", b"ESC\x01ELA"),
    "attribute twice": instead(b' Total="0"', b' Total="0" Total="1"'),
    "two roots": lambda xml: xml + xml,
    "junk behind": lambda xml: xml + b"junk",
    "cut off": lambda xml: xml[:-40],
    "unknown entity": instead(b"ESCUELA", b"&who;"),
    "bare ampersand": instead(b"ESCUELA", b"A & B"),
    "prefix of nothing": instead(b'xmlns:pago20="http://www.sat.gob.mx/Pagos20"', b""),
    "another namespace": instead(b"sat.gob.mx/cfd/4", b"sat.gob.mx/cfd/5"),
    "no namespace": lambda xml: re.sub(rb"(cfdi|pago20|tfd|xsi):", b"", xml),
    "another version of xml": instead(b"version='1.0'", b"version='2.0'"),
    "a page": lambda _: b"<html><body>Error 500</body></html>",
    "a zip": lambda _: b"PK\x03\x04" + b"\0" * 100,
    "nothing": lambda _: b"",
    "a mark and nothing": lambda _: b"\xef\xbb\xbf",
    "a date with zone": lambda xml: re.sub(rb' Fecha="([^"]+)"', rb' Fecha="\1-06:00"', xml),
    "a date of another norm": lambda xml: re.sub(
        rb'FechaPago="[^"]+"', b'FechaPago="2026-W05-1"', xml
    ),
    "a day that is none": lambda xml: re.sub(
        rb'FechaPago="[^"]+"', b'FechaPago="2026-02-30T12:00:00"', xml
    ),
    "digits of another script": instead(b'ImpPagado="997.60"', 'ImpPagado="٩٩٧.٦٠"'.encode()),
    "a number without end": instead(b'ImpPagado="997.60"', b'ImpPagado="' + b"9" * 5000 + b'"'),
    "a count with an underline": instead(b'NumParcialidad="1"', b'NumParcialidad="1_0"'),
    "a stranger in Pago": instead(b"</pago20:Pago>", b"<pago20:Otro/></pago20:Pago>"),
    "taxes of a document twice": lambda xml: re.sub(
        rb"(<pago20:ImpuestosDR>.*?</pago20:ImpuestosDR>)", rb"\1\1", xml, count=1
    ),
}
HOSTILE = {
    "doctype": after_prolog(b"<!DOCTYPE x>"),
    "doctype behind a comment": after_prolog(b'<!-- a --><!DOCTYPE x [<!ENTITY a "b">]>'),
    "doctype behind an instruction": after_prolog(b'<?a b?><!DOCTYPE x [<!ENTITY a "b">]>'),
    "parameter entity": after_prolog(
        b'<!DOCTYPE x [<!ENTITY % a SYSTEM "file:///etc/hostname">%a;]>'
    ),
    "remote doctype": after_prolog(b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'),
    "deep": instead(b"</cfdi:Comprobante>", b"<a>" * 300 + b"</a>" * 300 + b"</cfdi:Comprobante>"),
    "attributes by the thousand": instead(
        b' Total="0"', b' Total="0" ' + b" ".join(b'a%d="1"' % n for n in range(50_000))
    ),
    "a huge attribute": instead(b"ESCUELA", b"E" * 11_000_000),
    "a huge text": instead(b"</cfdi:Comprobante>", b"E" * 11_000_000 + b"</cfdi:Comprobante>"),
}


@pytest.fixture
def whole(samples):
    return (samples / "scenarios" / "SC01" / "P1.xml").read_bytes()


@pytest.fixture
def offline(monkeypatch):
    def refuse(*_args, **_options):
        raise AssertionError

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_spoilt_file_is_refused(whole, offline, name):
    xml = UNREADABLE[name](whole)
    assert xml != whole
    with pytest.raises(UnreadableCfdi) as caught:
        parse(xml)
    assert not isinstance(caught.value, HostileXml)
    assert validate(xml)[0].code == "CFDI-UNREADABLE"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_at_once(whole, offline, name):
    xml = HOSTILE[name](whole)
    assert xml != whole
    start = time.process_time()
    for ask in (parse, cadena_original, verify):
        with pytest.raises(HostileXml):
            ask(xml)
    assert validate(xml)[0].code == "CFDI-UNREADABLE"
    assert time.process_time() - start < 5


def test_what_is_only_told_and_not_done_is_harmless(whole, offline):
    """A stylesheet, an include and a DOCTYPE inside an Addenda's text are words: nothing follows them."""
    addenda = (
        b'<cfdi:Addenda><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname"/>'
        b"<x><![CDATA[<!DOCTYPE html><html/>]]></x></cfdi:Addenda></cfdi:Comprobante>"
    )
    xml = after_prolog(b'<?xml-stylesheet href="http://127.0.0.1:9/x.xsl" type="text/xsl"?>')(whole)
    xml = xml.replace(b"</cfdi:Comprobante>", addenda)
    assert next(parse(xml).payments()) == next(parse(whole).payments())
    assert validate(xml) == ()


# --- packages -----------------------------------------------------------------------------------


def test_one_spoilt_entry_does_not_lose_the_others(whole, samples, tmp_path):
    other = (samples / "scenarios" / "SC01" / "I1.xml").read_bytes()
    path = tmp_path / "month.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("1.xml", whole)
        package.writestr("2.xml", b" " * 5_000_000)
        package.writestr("3.xml", b"x" * 400)
        package.writestr("4.xml", other)
        package.writestr("5.zip", b"PK")
    raw = path.read_bytes()
    with zipfile.ZipFile(path) as package:
        spoil = package.getinfo("3.xml").header_offset + 40
    path.write_bytes(raw[:spoil] + b"\xff" + raw[spoil + 1 :])
    batch = read_folder(tmp_path)
    assert [it.file for it in batch.documents] == ["month.zip:1.xml", "month.zip:4.xml"]
    assert batch.failed == ("month.zip:2.xml", "month.zip:3.xml")
    assert batch.skipped == (("month.zip:5.zip", "not an XML file"),)
    assert [it.code for it in batch.problems] == ["hostile-xml", "unreadable-file"]


def test_a_package_that_is_none_and_a_locked_one_are_told(whole, tmp_path):
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 and nothing more")
    path = tmp_path / "b.zip"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("1.xml", whole)
    raw = bytearray(path.read_bytes())
    raw[6] |= 1  # the local header and the directory say it is encrypted
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(raw))
    batch = read_folder(tmp_path)
    assert batch.failed == ("a.zip", "b.zip:1.xml")
    assert "password" in batch.problems[1].message


def test_every_spoilt_file_of_a_folder_is_counted(whole, tmp_path):
    for number, change in enumerate((*UNREADABLE.values(), *HOSTILE.values())):
        (tmp_path / f"{number}.xml").write_bytes(change(whole))
    (tmp_path / "good.xml").write_bytes(whole)
    made = import_batch(read_folder(tmp_path))
    counts = made.counts()
    assert (counts["accepted"], counts["failed"]) == (1, len(UNREADABLE) + len(HOSTILE))
    assert counts.pop("files") == sum(counts.values())


def test_a_file_that_cannot_be_opened_is_a_failure_of_its_own(whole, tmp_path, monkeypatch):
    from pathlib import Path

    (tmp_path / "a.xml").write_bytes(whole)
    (tmp_path / "b.xml").write_bytes(whole)
    opened = Path.open

    def refuse(self, *args, **options):
        if self.name == "a.xml":
            raise PermissionError(13, "Permission denied")
        return opened(self, *args, **options)

    monkeypatch.setattr(Path, "open", refuse)
    batch = read_folder(tmp_path)
    assert (batch.failed, [it.file for it in batch.documents]) == (("a.xml",), ["b.xml"])


def test_a_file_of_just_the_limit_is_read(whole, tmp_path):
    (tmp_path / "a.xml").write_bytes(whole)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as package:
        package.writestr("b.xml", whole)
    assert len(read_folder(tmp_path, most_bytes=len(whole)).duplicates) == 1
    assert read_folder(tmp_path, most_bytes=len(whole) - 1).failed == ("a.xml", "b.zip:b.xml")
