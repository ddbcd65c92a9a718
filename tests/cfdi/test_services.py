"""SAT's status service and a PAC, against servers of ours on 127.0.0.1 that behave as documented, and as they should not."""

from __future__ import annotations

import dataclasses
import json
import threading
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tests.cfdi.test_seal import PASSWORD, certificate, locked

from receivables.cfdi import (
    Csd,
    FolderJournal,
    KnownStatuses,
    MemoryJournal,
    State,
    parse,
    seal,
    stamp_once,
    write,
)
from receivables.cfdi.pac_double import PacDouble
from receivables.cfdi.pac_rest import RestPac
from receivables.cfdi.status import expression
from receivables.cfdi.status_http import SatStatus
from receivables.errors import OddAnswer, PacRejection, ServiceUnavailable, UnusableSeal

pytest.importorskip("requests", reason="the extra cfdi is not installed")

MOMENT = datetime.fromisoformat("2026-08-03T09:00:05")
ANSWER = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
<ConsultaResponse xmlns="http://tempuri.org/"><ConsultaResult xmlns:a="http://schemas.datacontract.org/2004/07/Sat">
<a:CodigoEstatus>S - Comprobante obtenido satisfactoriamente.</a:CodigoEstatus>
<a:EsCancelable>Cancelable con aceptación</a:EsCancelable><a:Estado>{state}</a:Estado><a:EstatusCancelacion/>{efos}
</ConsultaResult></ConsultaResponse></s:Body></s:Envelope>"""
FAULT = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Client</faultcode>
<faultstring>The expression is not valid</faultstring></s:Fault></s:Body></s:Envelope>"""


class Server:
    """A server on 127.0.0.1 that gives prepared answers and remembers what it was asked."""

    def __init__(self):
        self.answers, self.asked = [], []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                outer.asked.append((self.path, dict(self.headers), body))
                status, text, delay = outer.answers.pop(0)
                time.sleep(delay)
                data = text.encode()
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)
                except OSError:
                    pass  # who asked has gone

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def will(self, status, text, delay=0.0):
        self.answers.append((status, text, delay))

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server():
    made = Server()
    yield made
    made.close()


@pytest.fixture
def session():
    import requests

    with requests.Session() as made:
        yield made


@pytest.fixture
def document(samples):
    return parse((samples / "scenarios" / "SC01" / "I1.xml").read_bytes())


# --- status -------------------------------------------------------------------------------------


def test_the_state_of_a_document_is_asked_in_soap(server, session, document):
    server.will(
        200, ANSWER.format(state="Vigente", efos="<a:ValidacionEFOS>200</a:ValidacionEFOS>")
    )
    found = SatStatus(server.url, session=session).status(document)
    assert (found.state, found.cancellable, found.listed) == (
        State.IN_FORCE,
        "Cancelable con aceptación",
        False,
    )
    [(_, headers, body)] = server.asked
    assert headers["SOAPAction"] == "http://tempuri.org/IConsultaCFDIService/Consulta"
    assert (
        b"?re=EKU9003173C9&amp;rr=URE180429TM6&amp;tt=2319.99&amp;id=B1559EC6-8A9C-4B97-9AC9-26E710DF2839&amp;fe="
        in body
    )


def test_an_optional_field_may_be_absent_and_cancelled_is_cancelled(server, session, document):
    server.will(200, ANSWER.format(state="Cancelado", efos=""))
    found = SatStatus(server.url, session=session).status(document)
    assert (found.state, found.listed) == (State.CANCELLED, None)


@pytest.mark.parametrize(
    ("status", "text", "error", "words"),
    [
        (500, FAULT, OddAnswer, "The expression is not valid"),
        (200, "<html>maintenance", OddAnswer, "no XML"),
        (200, ANSWER.format(state="Quizás", efos=""), OddAnswer, "the state 'Quizás'"),
        (503, "busy", ServiceUnavailable, "answered 503"),
        (200, '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', OddAnswer, "no XML"),
    ],
)
def test_odd_answers_have_typed_errors(server, session, document, status, text, error, words):
    server.will(status, text)
    with pytest.raises(error, match=words):
        SatStatus(server.url, session=session).status(document)


def test_a_timeout_is_told(server, session, document):
    server.will(200, ANSWER.format(state="Vigente", efos=""), delay=0.5)
    with pytest.raises(ServiceUnavailable, match="did not answer"):
        SatStatus(server.url, timeout=0.1, session=session).status(document)


def test_the_expression_escapes_once_and_drops_needless_zeros(document):
    other = dataclasses.replace(
        document, emisor=dataclasses.replace(document.emisor, rfc="H&E951128469")
    )
    assert expression(other).startswith("?re=H&amp;E951128469&rr=URE180429TM6&tt=2319.99&id=")


def test_what_is_not_known_is_not_found_and_never_cancelled(document):
    known = KnownStatuses({document.uuid: State.CANCELLED})
    assert known.status(document).state is State.CANCELLED
    assert KnownStatuses({}).status(document).state is State.NOT_FOUND


# --- stamping -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def csd():
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    return Csd.load(certificate(key), locked(key), PASSWORD)


@pytest.fixture
def sealed(samples, csd):
    document = parse((samples / "scenarios" / "SC02" / "P1.xml").read_bytes())
    return write(seal(dataclasses.replace(document, timbres=()), csd))


@pytest.fixture
def rebuilt(samples, csd):
    """Return what a program would seal when it builds the complement again: another moment, another seal."""
    document = parse((samples / "scenarios" / "SC02" / "P1.xml").read_bytes())
    later = datetime.fromisoformat("2026-08-03T09:30:00")
    return write(seal(dataclasses.replace(document, timbres=(), fecha=later), csd))


@pytest.mark.parametrize(
    "faults", [["timeout-after"], ["timeout-before", "timeout-after"], ["down", "down"]]
)
def test_a_timeout_never_stamps_twice(csd, sealed, faults):
    pac = PacDouble(csd, MOMENT, faults)
    first = stamp_once("R-1", sealed, pac, MemoryJournal())
    assert (pac.stamps, first.stamp.fecha_timbrado) == (1, MOMENT)


def test_after_a_crash_the_first_bytes_are_sent_again_whatever_is_built_then(
    csd, sealed, rebuilt, tmp_path
):
    pac = PacDouble(csd, MOMENT, ["timeout-after"])
    with pytest.raises(ServiceUnavailable, match="call again with the same name"):
        stamp_once("R-1", sealed, pac, FolderJournal(tmp_path), attempts=1)
    again = stamp_once("R-1", rebuilt, pac, FolderJournal(tmp_path))
    third = stamp_once("R-1", rebuilt, pac, FolderJournal(tmp_path))
    assert (pac.stamps, again.uuid, again.before, third.before) == (1, third.uuid, True, True)
    assert parse(again.xml).sello == parse(sealed).sello


def test_a_pac_refuses_with_sats_code(csd, sealed):
    from receivables.cfdi import Written

    document = parse(sealed)
    [node] = document.pagos
    worse = dataclasses.replace(
        document,
        pagos=(
            dataclasses.replace(
                node, totales=dataclasses.replace(node.totales, monto_total_pagos=Written("1.00"))
            ),
        ),
    )
    with pytest.raises(PacRejection) as caught:
        stamp_once("R-1", write(worse), PacDouble(csd, MOMENT), MemoryJournal())
    assert caught.value.pac_code == "CRP20211"


def test_what_is_not_sealed_is_not_sent(csd, sealed):
    draft = write(dataclasses.replace(parse(sealed), sello=None))
    pac = PacDouble(csd, MOMENT)
    with pytest.raises(UnusableSeal, match="not sealed"):
        stamp_once("R-1", draft, pac, MemoryJournal())
    assert pac.stamps == 0


def test_another_document_than_the_one_sent_is_not_taken(csd, sealed, rebuilt):
    class Confused:
        def stamp(self, _xml):
            return PacDouble(csd, MOMENT).stamp(rebuilt)

        def cancel(self, *_):
            raise NotImplementedError

    with pytest.raises(OddAnswer, match="another document"):
        stamp_once("R-1", sealed, Confused(), MemoryJournal())


# --- a PAC behind REST --------------------------------------------------------------------------


def said(csd, sealed, **more):
    whole = PacDouble(csd, MOMENT).stamp(sealed).xml.decode()
    return json.dumps({"status": "success", "data": {"cfdi": whole}} | more)


def test_the_rest_pac_sends_the_bytes_and_reads_the_stamp(server, session, csd, sealed):
    server.will(200, said(csd, sealed))
    pac = RestPac(server.url, "a-token", session=session)
    found = stamp_once("R-1", sealed, pac, MemoryJournal())
    [(path, headers, body)] = server.asked
    assert (path, headers["Authorization"], sealed in body) == (
        "/cfdi33/stamp/v4",
        "bearer a-token",
        True,
    )
    assert parse(found.xml).uuid == found.uuid


def test_stamped_before_is_success(server, session, csd, sealed):
    server.will(503, "")
    server.will(
        400,
        said(csd, sealed, status="error", message="307. El comprobante contiene un timbre previo."),
    )
    found = stamp_once("R-1", sealed, RestPac(server.url, "t", session=session), MemoryJournal())
    assert found.before
    assert server.asked[0][2].split(b"\r\n\r\n", 1)[1].split(b"\r\n--")[0] == sealed


@pytest.mark.parametrize(
    ("status", "text", "error", "words"),
    [
        (400, '{"status":"error","message":"CRP20261 - limites"}', PacRejection, "CRP20261"),
        (401, '{"status":"error","message":"token expired"}', PacRejection, "token expired"),
        (200, "[]", OddAnswer, "no JSON object"),
        (200, "<html>", OddAnswer, "no JSON object"),
        (200, '{"status":"success","data":{"cfdi":"<a/>"}}', OddAnswer, "cannot be read"),
    ],
)
def test_the_rest_pac_has_typed_errors(server, session, sealed, status, text, error, words):
    server.will(status, text)
    pac = RestPac(server.url, "secret-token", session=session)
    with pytest.raises(error, match=words) as caught:
        pac.stamp(sealed)
    assert "secret-token" not in f"{caught.value!r} {pac!r}"


def test_a_cancellation_needs_a_substitute_for_motive_01_only(server, session):
    pac = RestPac(server.url, "t", session=session)
    server.will(200, '{"status":"success","data":{"acuse":"<Acuse/>","uuid":{"U-1":"201"}}}')
    found = pac.cancel("U-1", "EKU9003173C9", "01", "U-2")
    assert (found.code, found.receipt, server.asked[0][0]) == (
        "201",
        "<Acuse/>",
        "/cfdi33/cancel/EKU9003173C9/U-1/01/U-2",
    )
    for motive, substitute in (("01", None), ("02", "U-2"), ("09", None)):
        with pytest.raises(PacRejection, match="01 needs a substitute"):
            pac.cancel("U-1", "EKU9003173C9", motive, substitute)
