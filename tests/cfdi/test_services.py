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
from receivables.errors import (
    AccessDenied,
    NotSignedIn,
    OddAnswer,
    PacRejection,
    ServiceUnavailable,
    UnreadableCfdi,
    UnusableSeal,
)

pytest.importorskip("requests", reason="the extra cfdi is not installed")

MOMENT = datetime.fromisoformat("2026-08-03T09:00:05")
ANSWER = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
<ConsultaResponse xmlns="http://tempuri.org/"><ConsultaResult xmlns:a="http://schemas.datacontract.org/2004/07/Sat">
<a:CodigoEstatus>S - Comprobante obtenido satisfactoriamente.</a:CodigoEstatus>
<a:EsCancelable>Cancelable con aceptación</a:EsCancelable><a:Estado>{state}</a:Estado><a:EstatusCancelacion/>{efos}
</ConsultaResult></ConsultaResponse></s:Body></s:Envelope>"""
FAULT = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Client</faultcode>
<faultstring>The expression is not valid</faultstring></s:Fault></s:Body></s:Envelope>"""


FAULT12 = """<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><e:Fault><e:Code><e:Value>e:Sender</e:Value>
</e:Code><e:Reason><e:Text xml:lang="es">Se rechaza</e:Text></e:Reason></e:Fault></e:Body></e:Envelope>"""


class Server:
    """A server on 127.0.0.1 that gives prepared answers and remembers what it was asked."""

    def __init__(self):
        self.answers, self.asked = [], []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                outer.asked.append((self.path, dict(self.headers), body))
                status, text, delay, to = outer.answers.pop(0)
                data = (text(body) if callable(text) else text).encode()
                time.sleep(delay)
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(data)))
                    if to is not None:
                        self.send_header("Location", to)
                    self.end_headers()
                    self.wfile.write(data)
                except OSError:
                    pass  # who asked has gone

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def will(self, status, text, delay=0.0, to=None):
        self.answers.append((status, text, delay, to))

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
        (429, "slowly", ServiceUnavailable, "answered 429"),
        (404, "<html/>", OddAnswer, "answered 404"),
        (403, "<html>blocked", OddAnswer, "answered 403"),
        (302, "", OddAnswer, "answered 302"),
        (200, "", OddAnswer, "no XML"),
        (200, FAULT, OddAnswer, "The expression is not valid"),
        (500, FAULT12, OddAnswer, "Se rechaza"),
        (200, FAULT.replace("The expression is not valid", ""), OddAnswer, "without a text"),
        (200, "<a/>", OddAnswer, "the state ''"),
        (200, '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', OddAnswer, "no XML"),
    ],
)
def test_odd_answers_have_typed_errors(server, session, document, status, text, error, words):
    server.will(status, text)
    with pytest.raises(error, match=words):
        SatStatus(server.url, session=session).status(document)


def test_who_does_not_listen_is_told(session, document):
    with pytest.raises(ServiceUnavailable, match="did not answer"):
        SatStatus("http://127.0.0.1:9", session=session).status(document)


def test_a_timeout_is_told(server, session, document):
    server.will(200, ANSWER.format(state="Vigente", efos=""), delay=0.5)
    with pytest.raises(ServiceUnavailable, match="did not answer"):
        SatStatus(server.url, timeout=0.1, session=session).status(document)


def test_the_expression_escapes_once_and_drops_needless_zeros(document):
    other = dataclasses.replace(
        document, emisor=dataclasses.replace(document.emisor, rfc="H&E951128469")
    )
    assert expression(other).startswith("?re=H&amp;E951128469&rr=URE180429TM6&tt=2319.99&id=")


def test_a_document_without_stamp_has_no_state_to_ask_for(document):
    with pytest.raises(UnreadableCfdi, match="has no stamp"):
        expression(dataclasses.replace(document, timbres=()))


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


class Silent:
    """A PAC that must not be asked."""

    def stamp(self, _xml):
        raise AssertionError

    cancel = stamp


@pytest.mark.parametrize("kind", ["memory", "folder"])
def test_what_is_stamped_is_kept_and_the_pac_is_not_asked_again(csd, sealed, tmp_path, kind):
    journal = MemoryJournal() if kind == "memory" else FolderJournal(tmp_path)
    first = stamp_once("R-1", sealed, PacDouble(csd, MOMENT), journal)
    again = stamp_once("R-1", sealed, Silent(), journal)
    assert (first.before, again.before, again.xml) == (False, True, first.xml)


def test_a_document_with_two_stamps_is_no_answer(server, session, csd, sealed):
    document = parse(PacDouble(csd, MOMENT).stamp(sealed).xml)
    twice = write(dataclasses.replace(document, timbres=document.timbres * 2)).decode()
    server.will(200, json.dumps({"status": "success", "data": {"cfdi": twice}}))
    with pytest.raises(OddAnswer, match="with 2 stamps"):
        RestPac(server.url, "t", session=session).stamp(sealed)


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
        (400, '{"status":"error"}', PacRejection, "no reason"),
        (400, '{"status":"error","message":["x"],"messageDetail":{}}', PacRejection, "x"),
        (401, '{"status":"error","message":"token expired"}', NotSignedIn, "refuses the token"),
        (403, "<html>", AccessDenied, "ask it for the right"),
        (302, "", OddAnswer, "sends elsewhere"),
        (408, "", ServiceUnavailable, "same bytes again"),
        (429, "", ServiceUnavailable, "same bytes again"),
        (502, "<html>", ServiceUnavailable, "same bytes again"),
        (200, "[]", OddAnswer, "no JSON object"),
        (200, "", OddAnswer, "no JSON object"),
        (200, '{"status":"success","da', OddAnswer, "no JSON object"),
        (200, "null", OddAnswer, "no JSON object"),
        (200, '{"status":"success"}', OddAnswer, "stamped the document now and gives none"),
        (200, '{"status":"success","data":{"cfdi":7}}', OddAnswer, "gives none"),
        (200, '{"status":"success","data":"<xml/>"}', OddAnswer, "gives none"),
        (400, '{"status":"error","message":"307. previo"}', OddAnswer, "before and gives none"),
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


class StampingServer(Server):
    """A PAC behind the server: it stamps what it is sent, and then answers as it is told."""

    def __init__(self, csd):
        super().__init__()
        self.pac = PacDouble(csd, MOMENT)

    def stamps_and(self, status=200, text=None, delay=0.0):
        def reply(body):
            given = self.pac.stamp(body.split(b"\r\n\r\n", 1)[1].rsplit(b"\r\n--", 2)[0])
            if text is not None:
                return text
            data = {"cfdi": given.xml.decode(), "uuid": given.uuid}
            if given.before:
                return json.dumps(
                    {"status": "error", "message": "307. Timbre previo", "data": data}
                )
            return json.dumps({"status": "success", "data": data})

        self.will(status, reply, delay)


@pytest.fixture
def stamping(csd):
    made = StampingServer(csd)
    yield made
    made.close()


FAULTS = {
    "slow": {"delay": 0.4},
    "gateway": {"status": 502, "text": "<html>Bad gateway</html>"},
    "busy": {"status": 429, "text": ""},
}


@pytest.mark.parametrize(
    "faults", [["slow"], ["gateway"], ["slow", "gateway"], ["busy", "slow"], ["slow", "slow"]]
)
def test_over_http_too_an_answer_that_is_lost_never_stamps_twice(stamping, session, sealed, faults):
    for name in faults:
        stamping.stamps_and(**FAULTS[name])
    stamping.stamps_and(status=400)
    pac = RestPac(stamping.url, "t", timeout=0.15, session=session)
    found = stamp_once("R-1", sealed, pac, MemoryJournal())
    assert (stamping.pac.stamps, found.before, len(stamping.asked)) == (1, True, len(faults) + 1)
    assert all(sealed in body for _, _, body in stamping.asked)


@pytest.mark.parametrize(
    ("status", "text", "error"),
    [
        (200, "<html>proxy</html>", OddAnswer),
        (200, '{"status":"success"}', OddAnswer),
        (401, '{"status":"error","message":"token expired"}', NotSignedIn),
        (400, '{"status":"error","message":"402. RFC sin timbres"}', PacRejection),
    ],
)
def test_after_an_answer_that_means_nothing_the_same_bytes_are_sent(
    stamping, session, sealed, rebuilt, tmp_path, status, text, error
):
    stamping.stamps_and(status=status, text=text)
    pac = RestPac(stamping.url, "t", session=session)
    with pytest.raises(error):
        stamp_once("R-1", sealed, pac, FolderJournal(tmp_path))
    stamping.stamps_and(status=400)
    found = stamp_once("R-1", rebuilt, pac, FolderJournal(tmp_path))
    assert (stamping.pac.stamps, found.before) == (1, True)
    assert sealed in stamping.asked[1][2]


def test_what_sats_rules_refuse_gives_way_to_what_is_corrected(
    stamping, session, sealed, rebuilt, tmp_path
):
    stamping.will(400, '{"status":"error","message":"CRP20261 - limites"}')
    pac = RestPac(stamping.url, "t", session=session)
    with pytest.raises(PacRejection):
        stamp_once("R-1", rebuilt, pac, FolderJournal(tmp_path))
    stamping.stamps_and()
    found = stamp_once("R-1", sealed, pac, FolderJournal(tmp_path))
    assert parse(found.xml).sello == parse(sealed).sello


def test_another_uuid_than_the_one_stamped_is_told(server, session, csd, sealed):
    whole = PacDouble(csd, MOMENT).stamp(sealed).xml.decode()
    server.will(200, json.dumps({"status": "success", "data": {"cfdi": whole, "uuid": "U-9"}}))
    with pytest.raises(OddAnswer, match="names UUID U-9"):
        RestPac(server.url, "t", session=session).stamp(sealed)


def test_a_stamped_document_that_was_changed_on_the_way_is_not_taken(server, session, csd, sealed):
    """Its seal is still ours, and what it says is not."""
    whole = PacDouble(csd, MOMENT).stamp(sealed).xml.decode()
    changed = whole.replace('NumParcialidad="1"', 'NumParcialidad="2"', 1)
    assert changed != whole
    server.will(200, json.dumps({"status": "success", "data": {"cfdi": changed}}))
    with pytest.raises(OddAnswer, match="another document"):
        stamp_once("R-1", sealed, RestPac(server.url, "t", session=session), MemoryJournal())


def test_the_token_goes_nowhere_else(server, session, sealed):
    other = Server()
    server.will(307, "", to=f"{other.url}/cfdi33/stamp/v4")
    try:
        with pytest.raises(OddAnswer, match="not followed"):
            RestPac(server.url, "t", session=session).stamp(sealed)
    finally:
        other.close()
    assert other.asked == []


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ('{"status":"success","data":{"acuse":"","uuid":{}}}', OddAnswer, "says nothing of"),
        ('{"status":"success","data":{"uuid":"201"}}', OddAnswer, "says nothing of"),
        ('{"status":"success","data":{"uuid":{"U-7":"201"}}}', OddAnswer, "speaks of U-7"),
        ('{"status":"error","message":"205. no existe"}', PacRejection, "205"),
    ],
)
def test_a_cancellation_that_is_not_clear_is_told(server, session, text, error, words):
    server.will(200, text)
    with pytest.raises(error, match=words):
        RestPac(server.url, "t", session=session).cancel("U-1", "EKU9003173C9", "02")


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
