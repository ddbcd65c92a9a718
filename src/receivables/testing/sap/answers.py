"""What SAP Gateway answers over HTTP: pages, tokens and cookies, property names as they are, and its error bodies."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from typing_extensions import override

from receivables.testing.sap.filters import BadFilter, Filter, Row, stored_key
from receivables.testing.sap.soap import PATH as SOAP_PATH

if TYPE_CHECKING:
    from receivables.testing.sap.gateway import GatewayServer

ROOT = "/sap/opu/odata/sap/"
USER, PASSWORD = "RFCUSER", "secret"
_DATE = re.compile(r"/Date\((-?\d+)\)/")


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body go out together
    disable_nagle_algorithm = True

    @property
    def owner(self) -> GatewayServer:
        """The server it answers for."""
        owner: GatewayServer = self.server.owner  # type: ignore[attr-defined]
        return owner

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""

    def do_GET(self) -> None:
        """Answer with a page, an entity, or a token."""
        if self._begin():
            self._token()
            name, asked = self._asked()
            if name.endswith(("/$metadata", "/")) or "/" not in name:
                self._answer(200, "<edmx/>", "application/xml")
            elif "(" in name:
                self._one(name)
            else:
                self._many(name, asked)

    def do_PATCH(self) -> None:
        """Change an entity."""
        self._change("PATCH")

    def do_POST(self) -> None:
        """Call a function, or take a SOAP message."""
        if self.path == SOAP_PATH:
            self._soap()
        else:
            self._change("POST")

    # --- what comes before every answer ---

    def _begin(self) -> bool:
        """Check credentials and faults; return False when an answer was given."""
        owner, faults = self.owner, self.owner.faults
        size = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(size)
        owner.requests.append((self.command, unquote(self.path), dict(self.headers)))
        time.sleep(faults.slow)
        if faults.hang_up > 0:
            faults.hang_up -= 1
            self.close_connection = True
            self.connection.close()
            return False
        if (
            self.headers.get("Authorization")
            != "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        ):
            self.extra = {
                "WWW-Authenticate": 'Basic realm="SAP NetWeaver Application Server [DBL/100]"'
            }
            self._answer(401, "<html><body>Logon failed</body></html>", "text/html")
            return False
        name, _ = self._asked()
        for end, waiting in faults.status.items():
            if name.endswith(end) and waiting:
                status, kind, body = waiting.pop(0)
                self._answer(status, body, kind)
                return False
        if name.split("/")[0] in faults.absent:
            self._error(
                403, "/IWFND/MED/170", "No service found for namespace '', name 'X', version '0001'"
            )
            return False
        if name.split("/")[-1].split("(")[0] in faults.forbidden:
            self._error(
                403, "/IWBEP/CM_MGW_RT/047", "No authorization to access the requested entity"
            )
            return False
        return True

    def _asked(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        asked = {name: found[0] for name, found in parse_qs(parts.query).items()}
        return unquote(parts.path).removeprefix(ROOT), asked

    def _token(self) -> None:
        if self.headers.get("X-CSRF-Token", "").lower() != "fetch":
            return
        cookie = re.search(r"SAP_SESSIONID_DBL_100=([^;]+)", self.headers.get("Cookie", ""))
        with self.owner.lock:
            session = cookie[1] if cookie else f"s{len(self.owner.tokens) + 1}"
            token = f"token-{session}-{len(self.owner.requests)}"
            self.owner.tokens[session] = token
        self.extra = {
            "x-csrf-token": token,
            "Set-Cookie": f"SAP_SESSIONID_DBL_100={session}; path=/; HttpOnly",
        }

    # --- reading ---

    def _many(self, name: str, asked: dict[str, str]) -> None:
        rows = self.owner.collection(name)
        if rows is None:
            self._error(
                404,
                "/IWBEP/CM_MGW_RT/020",
                f"Resource not found for segment '{name.rsplit('/', maxsplit=1)[-1]}'",
            )
            return
        try:
            where = asked.get("$filter", "")
            known = rows[0].__contains__ if rows else lambda _: True
            found = (
                [row for row in rows if not where or _test(where, known)(row)]
                if not where
                else list(filter(_test(where, known), rows))
            )
            selected = [it for it in asked.get("$select", "").split(",") if it]
            for property_ in selected:
                if rows and property_ not in rows[0]:
                    raise BadFilter(property_)  # noqa: TRY301 - answered just below
        except BadFilter as error:
            details = [
                {
                    "code": "/IWBEP/CM_MGW_RT/021",
                    "message": f"Property {error} is not valid",
                    "severity": "error",
                }
            ]
            self._error(400, "005056A509B11EE1B9A8FEC11C21D78E", "Invalid filter", details)
            return
        for property_ in reversed([it for it in asked.get("$orderby", "").split(",") if it]):
            found.sort(key=lambda row, name=property_: stored_key(name, str(row.get(name) or "")))  # type: ignore[misc]
        self._paged(found, asked, selected)

    def _paged(
        self, found: list[dict[str, Any]], asked: dict[str, str], selected: list[str]
    ) -> None:
        faults = self.owner.faults
        first = int(asked.get("$skiptoken") or asked.get("$skip") or 0)
        count = int(asked.get("$top") or len(found))
        size = min(count, faults.server_page or count)
        page = found[first : first + size]
        if faults.doubled and first:
            page = [found[first - 1], *page]
        shown = [
            {
                **row,
                **(
                    {"AmountInTransactionCurrency": "1x"}
                    if faults.corrupt
                    and place == 0
                    and not first
                    and "AmountInTransactionCurrency" in row
                    else {}
                ),
            }
            for place, row in enumerate(page)
        ]
        if faults.corrupt and not first and page and "AmountInTransactionCurrency" in page[0]:
            shown = [*page, shown[0] | {"AccountingDocument": "9999999999"}]
        if selected:
            shown = [{name: row.get(name) for name in ("__metadata", *selected)} for row in shown]
        body: dict[str, Any] = {"results": shown, "__count": str(len(found))}
        if faults.server_page and first + size < len(found):
            query = re.sub(r"&?\$(skip|skiptoken)=\d+", "", urlsplit(self.path).query)
            body["__next"] = (
                f"{self.owner.url}{urlsplit(self.path).path}?{query}&$skiptoken={first + size}"
            )
        self._answer(200, json.dumps({"d": body}), "application/json;charset=utf-8")

    def _one(self, name: str) -> None:
        row = self._entity(name)
        if row is None:
            self._error(404, "/IWBEP/CM_MGW_RT/020", "Resource not found")
            return
        self._answer(200, json.dumps({"d": row}), "application/json")

    def _entity(self, name: str) -> dict[str, Any] | None:
        head, _, keys = name.partition("(")
        wanted = dict(re.findall(r"(\w+)='([^']*)'", keys))
        wanted = {key: stored_key(key, text) for key, text in wanted.items()}
        rows = self.owner.collection(head) or []
        return next(
            (
                it
                for it in rows
                if all(stored_key(key, str(it.get(key))) == text for key, text in wanted.items())
            ),
            None,
        )

    # --- changing ---

    def _change(self, method: str) -> None:
        if not self._begin():
            return
        owner, faults = self.owner, self.owner.faults
        cookie = re.search(r"SAP_SESSIONID_DBL_100=([^;]+)", self.headers.get("Cookie", ""))
        token = owner.tokens.get(cookie[1]) if cookie else None
        if faults.stale_tokens > 0:
            faults.stale_tokens -= 1
            token = None
        if token is None or token != self.headers.get("X-CSRF-Token"):
            self.extra = {"x-csrf-token": "Required"}
            self._answer(403, "CSRF token validation failed", "text/plain; charset=utf-8")
            return
        name, asked = self._asked()
        body = json.loads(self.body) if self.body else {}
        owner.changes.append((method, name, body or asked))
        if method == "POST":
            self._function(name, asked)
        else:
            row = self._entity(name)
            if row is not None:
                row |= body
        if self._hangs_up():
            return
        if method == "PATCH":
            self._answer(204, "", "")
        else:
            self._answer(200, json.dumps({"d": {"ReturnMessage": ""}}), "application/json")

    def _soap(self) -> None:
        if not self._begin():
            return
        wrong = self.owner.inbox.take(self.body)
        if self._hangs_up():
            return
        if wrong:
            fault = f"<Envelope><Body><Fault><faultstring>{wrong}</faultstring></Fault></Body></Envelope>"
            self._answer(500, fault, "text/xml")
        else:
            self._answer(202, "", "")

    def _hangs_up(self) -> bool:
        """End the connection after the work was done, if that is what is to happen."""
        if self.owner.faults.hang_up_after <= 0:
            return False
        self.owner.faults.hang_up_after -= 1
        self.close_connection = True
        self.connection.close()
        return True

    def _function(self, name: str, asked: dict[str, str]) -> None:
        if name.endswith("/ReleaseCreditBlock"):
            rows = (
                self.owner.collection("API_SLS_DOC_WITH_CREDIT_BLOCK/A_CreditBlockedSalesDocument")
                or []
            )
            order = asked["SalesDocument"].strip("'").zfill(10)
            rows[:] = [it for it in rows if it["SalesDocument"].zfill(10) != order]

    def _error(
        self, status: int, code: str, text: str, details: list[dict[str, str]] | None = None
    ) -> None:
        inner = {"transactionid": "DBL", "errordetails": details or []}
        body = {
            "error": {"code": code, "message": {"lang": "en", "value": text}, "innererror": inner}
        }
        self._answer(status, json.dumps(body), "application/json;charset=utf-8")

    def _answer(self, status: int, body: str, kind: str) -> None:
        data = body.encode()
        self.send_response(status)
        for name, value in getattr(self, "extra", {}).items():
            self.send_header(name, value)
        self.extra = {}
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _test(where: str, known: Callable[[str], bool]) -> Callable[[Row], bool]:
    return Filter(where, _value, known).test()


def _value(row: Row, name: str) -> Any:
    """Return a property as it is compared: days as days, keys as SAP stores them."""
    value = row.get(name)
    if isinstance(value, str):
        found = _DATE.fullmatch(value)
        if found:
            return datetime.fromtimestamp(int(found[1]) / 1000, UTC).date()
        return stored_key(name, value)
    return value
