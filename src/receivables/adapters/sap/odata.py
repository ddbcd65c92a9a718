"""The OData V2 transport of SAP Gateway: pages, tokens, and every kind of error answer, over a session of `requests`.

The session is the caller's: it carries the credentials, and nothing of it is ever shown. Reads are tried again when the
system is busy or the connection fails; what changes something is sent once, with a token fetched for it.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Protocol
from urllib.parse import quote, urljoin, urlsplit

from receivables.errors import (
    AccessDenied,
    BrokenAnswer,
    ForeignLink,
    NotOffered,
    NotSignedIn,
    OutcomeUnknown,
    RemoteError,
    RequestRefused,
    StaleWrite,
    Unavailable,
)

LOG = logging.getLogger("receivables.adapters.sap")
ROOT = "/sap/opu/odata/sap/"
_BUSY = frozenset({429, 502, 503, 504})
_MAX_URL = 7000
_FAULT = re.compile(r"<faultstring[^>]*>([^<]*)</faultstring>")
_KEEP = "$()',/:=&"


class Session(Protocol):
    """What is needed of `requests.Session`."""

    @property
    def request(self) -> Callable[..., Any]:
        """Send a request, by method and address, and return its answer."""
        ...


def literal(value: str | date | bool) -> str:  # noqa: FBT001 - a value of a filter
    """Return a literal of a V2 filter.

    >>> literal("O'Hara"), literal(date(2025, 3, 31)), literal(False)
    ("'O''Hara'", "datetime'2025-03-31T00:00:00'", 'false')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return f"datetime'{value.isoformat()}T00:00:00'"
    return "'" + value.replace("'", "''") + "'"


class Gateway:
    """One SAP Gateway.

    Args:
        base_url: Scheme and host, such as `https://my300000-api.s4hana.cloud.sap`.
        session: A `requests.Session` with credentials, certificates and proxies as the caller wants them.
        client: sap-client, the three digits; None where the host has one only.
        page_size: Rows asked for at a time.
        retries: How often a read is tried again.
        pause: Seconds before the first of these, doubled each time; a Retry-After wins.
        sleep: How to wait.
        timeout: Seconds for one answer.
    """

    def __init__(
        self,
        base_url: str,
        session: Session,
        *,
        client: str | None = None,
        language: str = "EN",
        page_size: int = 1000,
        retries: int = 3,
        pause: float = 0.5,
        sleep: Callable[[float], None] = time.sleep,
        timeout: float = 120,
    ) -> None:
        self._host = base_url.rstrip("/")
        self._base = self._host + ROOT
        self._session = session
        self._headers = {
            "Accept": "application/json",
            "sap-language": language,
            "DataServiceVersion": "2.0",
        }
        if client is not None:
            self._headers["sap-client"] = client
        self.page_size = page_size
        self._retries, self._pause, self._sleep, self._timeout = retries, pause, sleep, timeout
        self._tokens: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"<Gateway {urlsplit(self._base).hostname}>"

    def rows(
        self,
        service: str,
        entity_set: str,
        *,
        where: str = "",
        select: Sequence[str] = (),
        order: Sequence[str] = (),
    ) -> Iterator[Mapping[str, Any]]:
        """Yield the rows of a collection, page by page in a stable order, following the server's own pages too.

        Raises:
            RemoteError: In the class that says what to do about it.
        """
        skip, address = 0, self._address(service, entity_set, where, select, order, 0)
        while True:
            page = self._page(self._read(address), address)
            found = page.get("results", [])
            yield from found
            skip += len(found)
            following = page.get("__next")
            if following:
                address = self._same_host(address, following)
            elif len(found) < self.page_size:
                return
            else:
                address = self._address(service, entity_set, where, select, order, skip)

    def one(self, service: str, path: str) -> Mapping[str, Any]:
        """Return one entity."""
        address = f"{self._base}{service}/{quote(path, safe=_KEEP)}"
        return self._page(self._read(address), address)

    def change(
        self,
        method: str,
        service: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        etag: str | None = None,
    ) -> Any:
        """Send a change once, with a token; a token that is no longer good is fetched again.

        Returns:
            The answer's JSON, or None for an empty one.

        Raises:
            OutcomeUnknown: When the connection broke after sending: look before sending again.
            RemoteError: In the class that says what to do about it.
        """
        address = f"{self._base}{service}/{quote(path, safe=_KEEP + '?')}"
        for fresh in (False, True):
            headers = {"X-CSRF-Token": self._token(service, fresh=fresh)}
            if etag:
                headers["If-Match"] = etag
            try:
                answer = self._send(method, address, headers, json=body)
            except Unavailable as error:
                msg = f"{method} {path}: no answer, it may have happened ({error}); read it before sending it again"
                raise OutcomeUnknown(msg) from None
            if answer.status_code == 403 and _wants_token(answer) and not fresh:  # noqa: PLR2004 - HTTP
                continue
            self._check(answer, address)
            return answer.json() if answer.content and _is_json(answer) else None
        raise AssertionError

    def submit(self, path: str, body: str, headers: Mapping[str, str]) -> None:
        """Send an XML message to another path of the same host, once.

        Raises:
            OutcomeUnknown: When the connection broke after sending.
            RemoteError: In the class that says what to do about it.
        """
        address = self._host + path
        kind = {"Content-Type": "text/xml; charset=utf-8", "Accept": "*/*"}
        try:
            answer = self._send("POST", address, {**kind, **headers}, data=body.encode())
        except Unavailable as error:
            msg = f"POST {path}: no answer, it may have been taken ({error})"
            raise OutcomeUnknown(msg) from None
        self._check(answer, address)

    def _token(self, service: str, *, fresh: bool) -> str:
        if fresh or service not in self._tokens:
            headers = {"X-CSRF-Token": "Fetch", "Accept": "*/*"}
            answer = self._read(f"{self._base}{service}/", headers)
            self._tokens[service] = str(answer.headers.get("x-csrf-token", ""))
        return self._tokens[service]

    def _address(
        self,
        service: str,
        entity_set: str,
        where: str,
        select: Sequence[str],
        order: Sequence[str],
        skip: int,
    ) -> str:
        given = {
            "$filter": where,
            "$select": ",".join(select),
            "$orderby": ",".join(order),
            "$top": str(self.page_size),
            "$skip": str(skip) if skip else "",
            "$format": "json",
        }
        asked = "&".join(
            f"{name}={quote(text, safe=_KEEP)}" for name, text in given.items() if text
        )
        address = f"{self._base}{service}/{entity_set}?{asked}"
        if len(address) > _MAX_URL:
            msg = f"the address for {entity_set} has {len(address)} characters; ask for fewer accounts at a time"
            raise RequestRefused(msg)
        return address

    def _same_host(self, here: str, following: str) -> str:
        """Return the server's link to its next page; a link to another host is not followed with our credentials."""
        there = urljoin(here, following)
        one, two = urlsplit(self._base), urlsplit(there)
        if (one.scheme, one.netloc) != (two.scheme, two.netloc):
            msg = f"the next page is said to be on {two.netloc}, not on {one.netloc}; ask for the host's own name to be set"
            raise ForeignLink(msg)
        return there

    def _read(self, address: str, headers: Mapping[str, str] | None = None) -> Any:
        for attempt in range(self._retries + 1):
            try:
                answer = self._send("GET", address, headers or {})
                if answer.status_code not in _BUSY or attempt == self._retries:
                    self._check(answer, address)
                    return answer
                wait = answer.headers.get("Retry-After", "")
            except Unavailable:
                if attempt == self._retries:
                    raise
                wait = ""
            self._sleep(int(wait) if str(wait).isdigit() else self._pause * 2**attempt)
        raise AssertionError

    def _send(self, method: str, address: str, headers: Mapping[str, str], **more: Any) -> Any:
        begun = time.monotonic()
        place = urlsplit(address).path.removeprefix(ROOT)
        try:
            answer = self._session.request(
                method,
                address,
                headers={**self._headers, **headers},
                timeout=self._timeout,
                allow_redirects=False,
                **more,
            )
        except OSError as error:  # every exception of requests is one
            LOG.info("%s %s failed: %s", method, place, type(error).__name__)
            msg = f"{method} {place}: the connection broke ({type(error).__name__})"
            raise Unavailable(msg) from None
        LOG.info("%s %s: %s in %.3f s", method, place, answer.status_code, time.monotonic() - begun)
        return answer

    def _page(self, answer: Any, address: str) -> Mapping[str, Any]:
        place = urlsplit(address).path.removeprefix(ROOT)
        if not _is_json(answer):
            msg = f"{place} answered with {answer.headers.get('Content-Type', 'nothing')} instead of JSON"
            raise BrokenAnswer(msg, status=answer.status_code, body=answer.text[:200])
        try:
            content: Mapping[str, Any] = answer.json()["d"]
        except (ValueError, KeyError, TypeError):
            msg = f"{place} answered with JSON that is no OData V2"
            raise BrokenAnswer(msg, status=answer.status_code, body=answer.text[:200]) from None
        return content

    def _check(self, answer: Any, address: str) -> None:
        status = answer.status_code
        if status < 300:  # noqa: PLR2004 - HTTP
            return
        place = urlsplit(address).path.removeprefix(ROOT)
        messages = _messages(answer)
        said = "; ".join(messages) or f"HTTP {status}"
        kind, sentence = _meaning(status, said, answer)
        raise kind(f"{place}: {sentence}", status=status, messages=messages, body=answer.text[:500])


def _meaning(status: int, said: str, answer: Any) -> tuple[type[RemoteError], str]:
    """Return which error an answer is, decided by status, header and body."""
    if status == 401 or 300 <= status < 400:  # noqa: PLR2004 - HTTP
        return (
            NotSignedIn,
            f"SAP refused the credentials ({said}); check user, password and client before trying again",
        )
    if status == 403:  # noqa: PLR2004
        if _wants_token(answer):
            return (
                AccessDenied,
                "the CSRF token was refused twice; are cookies kept, and one session used throughout?",
            )
        if "/IWFND/MED/170" in said or "No service found" in said:
            return (
                NotOffered,
                f"the service is not activated ({said}); ask for it in /IWFND/MAINT_SERVICE",
            )
        return AccessDenied, f"the user lacks an authorisation ({said})"
    if status == 404:  # noqa: PLR2004
        return NotOffered, f"the service or entity is not there ({said}); is it activated?"
    if status in {412, 428}:
        return StaleWrite, f"somebody changed it since it was read ({said}); read it again"
    if status in _BUSY:
        return Unavailable, f"the system is too busy or down ({said})"
    return RequestRefused, f"SAP refused the request ({said})"


def _messages(answer: Any) -> tuple[str, ...]:
    """Return what a Gateway error says, its details included, or a SOAP fault; nothing for a body that is neither."""
    if not _is_json(answer):
        return tuple(_FAULT.findall(answer.text))
    try:
        error = answer.json()["error"]
        details = (error.get("innererror") or {}).get("errordetails") or []
        return tuple(dict.fromkeys(_message(it) for it in (error, *details)))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()


def _message(error: Mapping[str, Any]) -> str:
    """Return the code and text of an error, whose text may stand in one language or plain."""
    message = error.get("message", "")
    text = message.get("value", "") if isinstance(message, Mapping) else message
    return f"{error.get('code', '')} {text}".strip()


def _is_json(answer: Any) -> bool:
    return "json" in str(answer.headers.get("Content-Type", ""))


def _wants_token(answer: Any) -> bool:
    return str(answer.headers.get("x-csrf-token", "")).lower() == "required"
