"""Strict and safe: hostile and malformed files give typed errors, nothing is fetched, and what is read is written back."""

from __future__ import annotations

import socket
import zipfile

import pytest

from receivables.cfdi import cadena_original, parse, read_folder, validate, write
from receivables.cfdi.written import Written
from receivables.errors import HostileXml, UnreadableCfdi, UnwritableCfdi

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
LAUGHS = (
    HEAD
    + '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    + '<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/4" Version="4.0">&c;</cfdi:Comprobante>'
)
XXE = (
    HEAD
    + '<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    + '<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/4" Version="4.0">&x;</cfdi:Comprobante>'
)
REMOTE_DTD = HEAD + '<!DOCTYPE l SYSTEM "http://127.0.0.1:9/x.dtd"><a/>'
DEEP = "<a>" * 5000 + "</a>" * 5000


@pytest.fixture
def payment(samples):
    return (samples / "scenarios" / "SC01" / "P1.xml").read_bytes()


@pytest.mark.parametrize(
    "xml", [LAUGHS, XXE, REMOTE_DTD, DEEP], ids=["laughs", "xxe", "dtd", "deep"]
)
def test_hostile_files_are_refused(xml):
    with pytest.raises(HostileXml):
        parse(xml.encode())


def test_a_file_beyond_the_limit_is_refused(payment):
    with pytest.raises(HostileXml, match="limit is 1,000"):
        parse(payment, most_bytes=1000)


def test_huge_text_is_refused():
    with pytest.raises(UnreadableCfdi):
        parse(b"<a>" + b"x" * 10_000_001 + b"</a>")


def test_nothing_is_fetched(payment, monkeypatch):
    def refuse(*_args: object, **_options: object) -> None:
        raise AssertionError

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    elsewhere = payment.replace(
        b"http://www.sat.gob.mx/sitio_internet", b"http://127.0.0.1:9/sitio"
    )
    assert elsewhere != payment
    assert parse(elsewhere).uuid == "BB6D77AC-6F01-424F-8AA3-0C8862A3F9EB"
    assert validate(elsewhere) == ()


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        (b"", "not well-formed"),
        (b"not xml", "not well-formed"),
        (b"<a><b></a>", "not well-formed"),
        (b"<a/>", "the root is a of version None"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><a/>', "is in ISO-8859-1"),
        ('<?xml version="1.0"?><a b="ñ"/>'.encode("latin-1"), "is not UTF-8 at byte"),
        (b'<c:Comprobante xmlns:c="http://www.sat.gob.mx/cfd/4" Version="3.2"/>', "of version 3.2"),
        (b'<c:Comprobante xmlns:c="http://www.sat.gob.mx/cfd/4" Version="4.0"/>', "no Emisor"),
    ],
)
def test_malformed_files_give_a_typed_error(xml, words):
    with pytest.raises(UnreadableCfdi, match=words):
        parse(xml)
    [first, *_] = validate(xml)
    assert first.code == "CFDI-UNREADABLE"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b'IdDocumento="', b'IdDoc="', "lacks IdDocumento, which"),
        (b'ImpPagado="997.60"', b'ImpPagado="1E3"', "no plain decimal"),
        (b'ImpPagado="997.60"', b'ImpPagado="NaN"', "no plain decimal"),
        (b'NumParcialidad="1"', b'NumParcialidad="uno"', "cannot be read"),
        (b'FechaPago="2026', b'FechaPago="x026', "cannot be read"),
    ],
)
def test_what_the_values_need_is_not_guessed(payment, old, new, words):
    assert old in payment
    with pytest.raises(UnreadableCfdi, match=words):
        parse(payment.replace(old, new, 1))


def test_text_is_not_bytes():
    with pytest.raises(UnreadableCfdi, match="is read from bytes"):
        parse("<a/>")  # type: ignore[arg-type]


def test_a_byte_order_mark_is_fine(payment):
    assert parse(b"\xef\xbb\xbf" + payment) == parse(payment)


def test_numbers_keep_how_they_were_written(payment):
    [one, *_] = parse(payment).payments()
    first = one.documentos[0]
    assert (first.imp_pagado.text, first.imp_pagado.decimals) == ("997.60", 2)
    assert Written("007.50").text == "007.50"


@pytest.mark.parametrize("kind", ["SC12/P1", "SC11/P2", "SC06/E1", "SC02/I1", "SC08/I1"])
def test_what_is_read_is_written_back(samples, kind):
    document = parse((samples / "scenarios" / f"{kind}.xml").read_bytes())
    again = write(document)
    assert parse(again) == document
    assert cadena_original(again) == cadena_original(
        (samples / "scenarios" / f"{kind}.xml").read_bytes()
    )


def test_a_document_with_parts_that_are_not_held_is_not_written(payment):
    more = payment.replace(
        b"</cfdi:Comprobante>", b"<cfdi:Addenda><x/></cfdi:Addenda></cfdi:Comprobante>"
    )
    document = parse(more)
    assert document.unread == ("Addenda",)
    with pytest.raises(UnwritableCfdi, match="Addenda"):
        write(document)


OLD = (
    HEAD
    + '<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/3" xmlns:pago10="http://www.sat.gob.mx/Pagos"'
    ' Version="3.3" Fecha="2021-05-03T10:00:00" SubTotal="0" Moneda="XXX" Total="0" TipoDeComprobante="P"'
    ' LugarExpedicion="42501"><cfdi:Emisor Rfc="EKU9003173C9" RegimenFiscal="601"/>'
    '<cfdi:Receptor Rfc="URE180429TM6" UsoCFDI="P01"/><cfdi:Conceptos><cfdi:Concepto ClaveProdServ="84111506"'
    ' Cantidad="1" ClaveUnidad="ACT" Descripcion="Pago" ValorUnitario="0" Importe="0"/></cfdi:Conceptos>'
    '<cfdi:Complemento><pago10:Pagos Version="1.0"><pago10:Pago FechaPago="2021-05-01T12:00:00" FormaDePagoP="03"'
    ' MonedaP="MXN" Monto="400.00"><pago10:DoctoRelacionado IdDocumento="B4916911-F96F-4EB0-BCE8-87AB494BD21D"'
    ' MonedaDR="MXN" MetodoDePagoDR="PPD" NumParcialidad="2" ImpSaldoAnt="1000.00" ImpSaldoInsoluto="600.00"/>'
    "</pago10:Pago></pago10:Pagos></cfdi:Complemento></cfdi:Comprobante>"
)


def test_an_old_version_is_read_as_history_and_never_written():
    document = parse(OLD.encode())
    [payment] = document.payments()
    [doc] = payment.documentos
    assert (str(doc.imp_pagado), doc.num_parcialidad, str(doc.imp_saldo_insoluto)) == (
        "400.00",
        2,
        "600.00",
    )
    assert document.history_only
    assert [it.code for it in validate(OLD.encode())] == ["CFDI-OLD-VERSION"]
    with pytest.raises(UnwritableCfdi, match=r"version 3\.3"):
        write(document)


def test_a_zip_bomb_is_refused(tmp_path, payment):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("big.xml", b" " * 5_000_000)
    (tmp_path / "good.xml").write_bytes(payment)
    batch = read_folder(tmp_path)
    assert [it.code for it in batch.problems] == ["hostile-xml"]
    assert str(batch) == "2 files = 1 documents + 0 duplicates + 0 skipped + 1 failed"


def test_a_package_is_read_and_its_paths_are_not_used(tmp_path, payment):
    with zipfile.ZipFile(tmp_path / "month.zip", "w") as package:
        package.writestr("../../escape.xml", payment)
        package.writestr("again.xml", payment)
        package.writestr("notes.txt", "hello")
    batch = read_folder(tmp_path)
    assert [it.file for it in batch.documents] == ["month.zip:../../escape.xml"]
    assert batch.duplicates == (("month.zip:again.xml", "month.zip:../../escape.xml"),)
    assert batch.skipped == (("month.zip:notes.txt", "not an XML file"),)
    assert not (tmp_path.parent / "escape.xml").exists()


LOCAL = (
    '<implocal:ImpuestosLocales xmlns:implocal="http://www.sat.gob.mx/implocal" version="1.0" TotaldeRetenciones="50.00"'
    ' TotaldeTraslados="300.00"><implocal:RetencionesLocales ImpLocRetenido="5 al millar" TasadeRetencion="0.50"'
    ' Importe="50.00"/><implocal:TrasladosLocales ImpLocTrasladado="ISH" TasadeTraslado="3.00" Importe="300.00"/>'
    "</implocal:ImpuestosLocales>"
)


@pytest.fixture
def lodging(samples):
    """Return an invoice of 40,000.00 with a tax on lodging of 300.00 and 50.00 withheld locally."""
    xml = (samples / "scenarios" / "SC04" / "I1.xml").read_bytes()
    xml = xml.replace(b"<cfdi:Complemento>", b"<cfdi:Complemento>" + LOCAL.encode(), 1)
    return xml.replace(b' Total="46400.00"', b' Total="46650.00"', 1)


def test_local_taxes_are_read_counted_and_left_as_they_are(lodging):
    document = parse(lodging)
    assert [(it.name, str(it.importe), it.withheld) for it in document.locales] == [
        ("5 al millar", "50.00", True),
        ("ISH", "300.00", False),
    ]
    assert validate(lodging) == ()
    assert [it.code for it in validate(lodging.replace(b"46650.00", b"46400.00"))] == ["CFDI40119"]
    with pytest.raises(UnwritableCfdi, match="ImpuestosLocales"):
        write(document)


def test_local_taxes_are_taxes_of_the_invoice_and_are_not_prorated(lodging, tmp_path):
    from receivables import Invoice
    from receivables.cfdi import PayableDocument, import_batch

    (tmp_path / "a.xml").write_bytes(lodging)
    made = import_batch(read_folder(tmp_path))
    [invoice] = [it for it in made.facts if isinstance(it, Invoice)]
    assert (made.problems, str(invoice.net)) == ((), "40000.00 MXN")
    assert {(it.tax, str(it.amount), it.withheld) for it in invoice.taxes} == {
        ("IVA", "6400.00 MXN", False),
        ("5 al millar", "50.00 MXN", True),
        ("ISH", "300.00 MXN", False),
    }
    payable = PayableDocument.of(parse(lodging))
    assert [(it.impuesto, str(it.base)) for it in payable.groups] == [("002", "40000.00")]


def test_the_period_of_a_global_invoice_is_read_and_written(samples):
    xml = (samples / "scenarios" / "SC04" / "I1.xml").read_bytes()
    period = (
        '<cfdi:InformacionGlobal Periodicidad="04" Meses="06" Año="2026"/><cfdi:Emisor'.encode()
    )
    document = parse(xml.replace(b"<cfdi:Emisor", period, 1))
    assert (document.informacion_global.meses, document.informacion_global.ano) == ("06", "2026")
    assert parse(write(document)) == document
