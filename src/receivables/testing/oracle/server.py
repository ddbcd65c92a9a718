"""The double on the wire: a real HTTP server on the loopback, with sign-in, faults, and a log of what was asked."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from typing_extensions import override

from receivables.testing.oracle.entering import told as told_books
from receivables.testing.oracle.held import AnyFact
from receivables.testing.oracle.modes import Fault, Modes, User
from receivables.testing.oracle.reading import Reading, Refused
from receivables.testing.oracle.tables import Row, Tables
from receivables.testing.oracle.views import ROOT, encode
from receivables.testing.oracle.writing import Writing

CATALOG = "/fscmRestApi/resources"
CLIENT = ("client", "client secret")
_LOGIN = b"<html><body><form action='/oam/login'>Sign in</form></body></html>"
_DENIED = b"<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY>Access Denied. Reference #18.2d1f</BODY></HTML>"
_BUSY = b"<html><body><h1>Service Unavailable</h1></body></html>"
_JSON_ERRORS = 4  # framework version from which errors are JSON
_CANNED: dict[str, tuple[int, str, bytes]] = {
    "401-html": (401, "text/html", _LOGIN),
    "login-page": (200, "text/html", _LOGIN),
    "redirect": (302, "text/html", b""),
    "403-html": (403, "text/html", _DENIED),
    "403-json": (403, "application/json", b'{"title":"Forbidden","status":"403","o:errorDetails":[{"detail":"You need a privilege."}]}'),
    "404-text": (404, "text/plain", b"Not Found"),
    "429-seconds": (429, "text/plain", b"slow down"),
    "429-date": (429, "text/plain", b"slow down"),
    "429-bare": (429, "text/plain", b"slow down"),
    "429-html": (429, "text/html", _BUSY),
    "500-text": (500, "text/plain", b"JBO-29000: Unexpected exception caught"),
    "502-html": (502, "text/html", _BUSY),
    "503-html": (503, "text/html", _BUSY),
    "504-html": (504, "text/html", _BUSY),
}  # fmt: skip


class OracleDouble:
    """A pod that lives in this process; use it in a `with` statement.

    Args:
        facts: What its books hold, told as Oracle holds them.
        tables: Books that are ready, in place of facts.
        modes: What kind of pod it is.
        users: Who may sign in.
        drip: Seconds between two bytes of a dripping answer.

    Attributes:
        log: Method, path and decoded query of every request.
        busiest: The most requests that were under way at one time.
        tokens_given: How often the token endpoint gave a token.
    """

    def __init__(
        self,
        facts: Iterable[AnyFact] = (),
        *,
        tables: Tables | None = None,
        modes: Modes | None = None,
        users: tuple[User, ...] = (User(),),
        drip: float = 0.2,
        token_lives: int = 3600,
    ) -> None:
        self.tables = told_books(facts) if tables is None else tables
        self.modes, self.users, self.drip, self.token_lives = (
            modes or Modes(),
            users,
            drip,
            token_lives,
        )
        self.faults: list[Fault] = []
        self.log: list[tuple[str, str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.tokens: dict[str, User] = {}
        self.tokens_given = self.busiest = self._busy = 0
        self.lock = threading.RLock()
        double = self

        class Handler(_Handler):
            pass

        Handler.double = double
        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.reading = Reading(self.tables, self.modes, self.url)
        self.writing = Writing(self.tables, self.modes, self.reading)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.005,), daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def fault(
        self, kind: str, path: str = "", *, method: str = "", times: int = 1, skip: int = 0
    ) -> None:
        """Let something go wrong with the next requests that fit."""
        self.faults.append(Fault(kind, path, method, times, skip))

    def tick(self) -> int:
        """Run the AutoMatch job; return how many references it applied."""
        with self.lock:
            return self.writing.tick()

    def asked(self) -> Counter[str]:
        """Count requests by the resource they asked for."""
        return Counter(path.removeprefix(f"{ROOT}/").split("/")[0] for _, path, _ in self.log)

    def began(self) -> None:
        """Count a request under way."""
        with self.lock:
            self._busy += 1
            self.busiest = max(self.busiest, self._busy)

    def ended(self) -> None:
        """Count a request as done."""
        with self.lock:
            self._busy -= 1

    def user_of(self, header: str) -> User | None:
        """Return who signs in with a header."""
        kind, _, value = header.partition(" ")
        if kind == "Basic":
            with suppress(binascii.Error, UnicodeDecodeError):
                name, _, password = base64.b64decode(value).decode().partition(":")
                return next(
                    (it for it in self.users if (it.name, it.password) == (name, password)), None
                )
        if kind == "Bearer":
            return self.tokens.get(value) or self._of_jwt(value)
        return None

    def _of_jwt(self, token: str) -> User | None:
        try:
            claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        except (ValueError, IndexError):
            return None
        live = claims.get("iat", 0) <= time.time() < claims.get("exp", 0)
        return next((it for it in self.users if it.name == claims.get("prn") and live), None)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing when a client has gone."""


class _Handler(BaseHTTPRequestHandler):
    double: OracleDouble
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_PATCH(self) -> None:
        self._serve("PATCH")

    def do_DELETE(self) -> None:
        self._serve("DELETE")

    @override
    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the pod's time, which stands still unless a test moves it."""
        return format_datetime(self.double.tables.clock, usegmt=True)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet; `OracleDouble.log` has it."""

    def _serve(self, method: str) -> None:
        double = self.double
        double.began()
        try:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            double.log.append((method, parts.path, unquote(parts.query.replace("+", " "))))
            double.headers.append(dict(self.headers.items()))
            with double.lock:
                fault = next((it for it in double.faults if it.happens(method, parts.path)), None)
            kind = fault.kind if fault else ""
            if kind in _CANNED:
                self._canned(kind)
                return
            status, answer, headers = self._answer(method, parts.path, parts.query, body)
            self._reply(status, answer, headers, kind)
        finally:
            double.ended()

    def _answer(self, method: str, path: str, query: str, body: bytes) -> tuple[int, Any, Row]:
        double = self.double
        framework = int(self.headers.get("REST-Framework-Version") or 1)
        try:
            if path == "/oauth2/v1/token":
                return self._token(body)
            user = double.user_of(self.headers.get("Authorization") or "")
            if user is None:
                return 401, _LOGIN, {"Content-Type": "text/html", "WWW-Authenticate": "Basic"}
            if path == CATALOG:
                return 200, self._catalog(), {}
            if not path.startswith(f"{ROOT}/"):
                raise Refused(404, "not found")  # noqa: TRY301 - answered below like every refusal
            if framework not in double.modes.frameworks:
                raise Refused(400, f"REST-Framework-Version {framework} is not allowed")  # noqa: TRY301 - same
            parts = path.removeprefix(f"{ROOT}/").split("/")
            params = {
                name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()
            }
            with double.lock:
                return self._route(method, parts, params, user, framework, body)
        except Refused as refused:
            return self._refusal(refused, framework)

    def _route(
        self,
        method: str,
        parts: list[str],
        params: dict[str, str],
        user: User,
        framework: int,
        body: bytes,
    ) -> tuple[int, Any, Row]:
        double = self.double
        if method == "GET" and parts == ["erpintegrations"]:
            return 200, double.writing.job(params.get("finder", "")), {}
        if method == "GET":
            answer, headers = double.reading.get(parts, params, user, framework)
            return 200, answer, headers
        try:
            sent = json.loads(body, parse_float=Decimal) if body else {}
        except ValueError:
            raise Refused(400, "the payload is no JSON") from None
        if method == "POST":
            return double.writing.post(parts, sent, user)
        if method == "PATCH":
            return double.writing.patch(parts, sent, self.headers.get("If-Match"))
        return double.writing.delete(parts, self.headers.get("If-Match"))

    def _catalog(self) -> Row:
        extension = {
            "defaultFrameworkVersion": "1",
            "allowedFrameworkVersions": [str(it) for it in self.double.modes.frameworks],
        }
        return {"items": [{"version": "11.13.18.05", "isLatest": True, "adf:extension": extension}]}

    def _refusal(self, refused: Refused, framework: int) -> tuple[int, Any, Row]:
        if framework >= _JSON_ERRORS:
            details = [
                {"detail": it, "o:errorCode": "27014", "o:errorPath": "/"}
                for it in refused.messages
            ]
            return refused.status, {"title": "Error", "status": str(refused.status), "o:errorDetails": details}, {
                "Content-Type": "application/vnd.oracle.adf.error+json", **refused.headers,
            }  # fmt: skip
        return (
            refused.status,
            "\n".join(refused.messages).encode(),
            {"Content-Type": "text/plain", **refused.headers},
        )

    def _token(self, body: bytes) -> tuple[int, Any, Row]:
        form = parse_qs(body.decode())
        pair = base64.b64encode(":".join(CLIENT).encode()).decode()
        if self.headers.get("Authorization") != f"Basic {pair}":
            return (
                401,
                {"error": "invalid_client", "error_description": "Client authentication failed."},
                {},
            )
        if form.get("scope") != ["urn:opc:resource:consumer::all"]:
            return 400, {"error": "invalid_scope", "error_description": "Invalid scope."}, {}
        double = self.double
        with double.lock:
            double.tokens_given += 1
            token = f"token-{double.tokens_given}"
            double.tokens[token] = double.users[0]
        return (
            200,
            {"access_token": token, "token_type": "Bearer", "expires_in": double.token_lives},
            {},
        )

    def _canned(self, kind: str) -> None:
        status, content_type, body = _CANNED[kind]
        headers = {"Content-Type": content_type}
        if kind in {"429-seconds", "503-html"}:
            headers["Retry-After"] = "7"
        if kind == "429-date":
            headers["Retry-After"] = format_datetime(
                self.double.tables.clock + timedelta(seconds=9), usegmt=True
            )
        if kind == "redirect":
            headers["Location"] = f"{self.double.url}/oam/login"
        self._reply(status, body, headers, "")

    def _reply(self, status: int, answer: Any, headers: Row, kind: str) -> None:
        if kind == "duplicate-row" and answer.get("items"):
            answer = {
                **answer,
                "items": [answer["items"][0], *answer["items"]],
                "count": answer["count"] + 1,
            }
        raw = b"" if answer is None else answer if isinstance(answer, bytes) else encode(answer)
        if kind == "truncated":
            raw = raw[: len(raw) // 2]
        if kind in {"reset", "accepted-then-dropped"}:
            self._drop(raw if kind == "reset" else b"")
            return
        self.send_response(status)
        headers.setdefault("Content-Type", "application/json")
        if "gzip" in (self.headers.get("Accept-Encoding") or "") and len(raw) > 1000:  # noqa: PLR2004 - bytes worth packing
            raw, headers["Content-Encoding"] = gzip.compress(raw, 1), "gzip"
        for name, value in headers.items():
            self.send_header(name, str(value))
        if status != 204:  # noqa: PLR2004 - no content
            self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        if kind == "drip":
            for at in range(len(raw)):
                self.wfile.write(raw[at : at + 1])
                self.wfile.flush()
                time.sleep(self.double.drip)
        self.wfile.write(raw)

    def _drop(self, raw: bytes) -> None:
        """Break the connection, in the middle of the body or before anything was said."""
        if raw:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw[: len(raw) // 2])
            self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()
