"""The only file that touches the network: signing in, asking, retrying, and refusing what is no answer.

A read is asked again when that can help. A write is never sent again after its answer was lost: that is `OutcomeUnknown`,
and whoever wrote looks first.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock, Timer
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from receivables.adapters.oracle import failures, wire
from receivables.adapters.oracle.address import Patience, checked, host
from receivables.adapters.oracle.auth import Auth, Basic, ClientCredentials
from receivables.errors import (
    BrokenAnswer,
    ForeignLink,
    MissingExtra,
    NotSignedIn,
    OutcomeUnknown,
    RemoteError,
    Unavailable,
)

CATALOG = "/fscmRestApi/resources"
_PREFERRED = 4  # JSON errors and marked child pages; later versions are untried
_EARLY = 60  # seconds before its end that a token is fetched anew
_UNAUTHORIZED, _THROTTLED, _SERVER_ERROR, _REDIRECTS = 401, 429, 500, range(300, 400)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers by their usual spelling, and the body read as JSON (None when empty)."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def etag(self) -> str | None:
        """The row's version, opaque."""
        return self.headers.get("ETag")


class Pod:
    """A Fusion pod.

    Args:
        base_url: Such as `https://xxxx.fa.us2.oraclecloud.com`; http only on the loopback.
        auth: How to sign in; None when the session does.
        session: A `requests.Session` of the caller's, or anything with its `request`; one of our own when None.
        version: Version in the resource path.
        framework: REST framework version; settled with the pod when None.
        patience: How long to wait.
        sleep: Waits so many seconds.
        clock: Seconds since the epoch, for tokens.

    Raises:
        UnreadableSource: For a base URL that is none, or would send secrets in the clear.
    """

    def __init__(
        self,
        base_url: str,
        auth: Auth | None = None,
        *,
        session: Any = None,
        version: str = "11.13.18.05",
        framework: int | None = None,
        patience: Patience | None = None,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.base_url = checked(base_url)
        self._auth, self._session = auth, session or _own_session()
        self._version, self._framework = version, framework
        self._patience, self._sleep, self._clock = patience or Patience(), sleep, clock
        self._token: tuple[str, float] | None = None
        self._lock = Lock()
        self.server_time: datetime | None = None
        self.requests = 0

    def __repr__(self) -> str:
        return f"Pod({self.base_url!r})"

    @property
    def framework(self) -> int:
        """The framework version spoken: 4 where the pod allows it, else 1."""
        if self._framework is None:
            self._framework = 1
            try:
                items = self.catalog()
            except RemoteError as error:
                if isinstance(error, NotSignedIn | Unavailable):
                    self._framework = None
                    raise
                items = []
            allowed = {
                int(it)
                for item in items
                if item.get("version") == self._version
                for it in (item.get("adf:extension") or {}).get("allowedFrameworkVersions") or ()
            }
            self._framework = _PREFERRED if _PREFERRED in allowed else 1
        return self._framework

    def catalog(self) -> list[Mapping[str, Any]]:
        """Return the versions of the API that the pod offers."""
        body = self._read("GET", CATALOG, framework=False)
        return (
            [it for it in body.get("items") or () if isinstance(it, Mapping)]
            if isinstance(body, Mapping)
            else []
        )

    def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Any:
        """Ask for a resource and return its JSON; asked again while that can help.

        Args:
            path: Below the versioned root, such as `receivablesInvoices`; or a link the pod gave.
            params: Query parameters, unencoded.

        Raises:
            RemoteError: What the pod answered instead.
        """
        asked = dict(params or {})
        for dropped in (
            "totalResults",
            "fields",
        ):  # a count or a projection can fail where the rows do not
            if dropped in asked:
                try:
                    return self._read("GET", self._path(path), asked)
                except Unavailable as error:
                    if error.status != _SERVER_ERROR:
                        raise
                    del asked[dropped]
        return self._read("GET", self._path(path), asked)

    def item(self, path: str) -> Answer:
        """Ask for one row, with the version that a later write must name."""
        return self._retried("GET", self._path(path), {})

    def write(
        self,
        method: str,
        path: str,
        body: Any,
        *,
        content_type: str,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a write once.

        Raises:
            OutcomeUnknown: When its answer was lost, or says only that something broke: it may have happened.
            RemoteError: When the pod refused it; then it has not happened.
        """
        sent = wire.dumps(body).encode()
        extra = {"Content-Type": content_type, **(headers or {})}
        for attempt in range(self._patience.attempts):
            try:
                answer = self._once(method, self._path(path), {}, sent, extra)
            except (OSError, BrokenAnswer) as error:
                msg = f"{method} {path} was sent and its answer lost ({type(error).__name__}); look before sending it again"
                raise OutcomeUnknown(self._safe(msg)) from None
            if answer.status == _UNAUTHORIZED and attempt == 0 and self._renew():
                continue
            if answer.status == _THROTTLED and attempt + 1 < self._patience.attempts:
                self._wait(attempt, answer.headers)
                continue
            if answer.status >= _SERVER_ERROR:
                msg = f"{method} {path} answered {answer.status}; it may have happened: look before sending it again"
                raise OutcomeUnknown(msg, status=answer.status, body=str(answer.body)[:200])
            try:
                return self._checked_answer(method, path, answer)
            except BrokenAnswer:
                msg = f"{method} {path} was done, and what it answered cannot be read; look for it"
                raise OutcomeUnknown(msg, status=answer.status) from None
        raise failures.failure(_THROTTLED, {}, "", f"{method} {path}")

    def _read(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | int] | None = None,
        *,
        framework: bool = True,
    ) -> Any:
        return self._retried(method, path, params or {}, framework=framework).body

    def _retried(
        self, method: str, path: str, params: Mapping[str, str | int], *, framework: bool = True
    ) -> Answer:
        what, renewed = f"{method} {path}", False
        attempt = 0
        while True:
            attempt += 1
            last = attempt >= self._patience.attempts
            try:
                answer = self._once(method, path, params, None, {}, framework=framework)
                if answer.status == _UNAUTHORIZED and not renewed and self._renew():
                    renewed, attempt = True, attempt - 1
                    continue
                if answer.status in failures.BUSY and not last:
                    self._wait(attempt - 1, answer.headers)
                    continue
                return self._checked_answer(method, path, answer)
            except BrokenAnswer:
                if last:
                    raise
            except OSError as error:
                if last:
                    msg = f"{what} had no answer after {attempt} attempts ({type(error).__name__}); check the network, try later"
                    raise Unavailable(self._safe(msg)) from None
            self._wait(attempt - 1, {})

    def _checked_answer(self, method: str, path: str, answer: Answer) -> Answer:
        """Return a success with its JSON read, or raise what the answer means."""
        what, raw = f"{method} {path}", str(answer.body)
        if answer.status in _REDIRECTS:
            raise failures.not_data(answer.status, answer.headers, raw, what)
        if answer.status > _REDIRECTS.stop - 1:
            raise failures.failure(answer.status, answer.headers, raw, what)
        if not raw:
            return Answer(answer.status, answer.headers, None)
        if "json" not in answer.headers.get("Content-Type", ""):
            raise failures.not_data(answer.status, answer.headers, raw, what)
        return Answer(answer.status, answer.headers, wire.parse(raw))

    def _once(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | int],
        body: bytes | None,
        extra: Mapping[str, str],
        *,
        framework: bool = True,
    ) -> Answer:
        headers = {
            "Accept": f"application/json, {wire.ERROR_JSON}",
            "Accept-Language": "en-US",
            **({"REST-Framework-Version": str(self.framework)} if framework else {}),
            **self._authorization(),
            **extra,
        }
        url = f"{self.base_url}{path}"
        if params:
            url = f"{url}?{urlencode(params, quote_via=quote)}"
        return self._exchange(method, url, headers, body)

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        began = time.monotonic()
        self.requests += 1
        reply = self._session.request(
            method,
            url,
            headers=dict(headers),
            data=body,
            timeout=self._patience.timeout,
            allow_redirects=False,
            stream=True,
            **({} if self._auth is None else {"auth": _unchanged}),
        )
        late = Timer(self._patience.deadline, _cut, (reply,))
        late.daemon = True
        late.start()
        with reply:
            try:
                parts = list(reply.iter_content(65536))
            finally:
                late.cancel()
                if time.monotonic() - began > self._patience.deadline:
                    msg = f"an answer took longer than {self._patience.deadline} seconds"
                    raise TimeoutError(msg)
            found = {_spelling(name): value for name, value in reply.headers.items()}
            self.server_time = failures.server_time(found) or self.server_time
            text = b"".join(parts).decode("utf-8", "replace")
        shown = text if reply.status_code < _REDIRECTS.start else self._safe(text)
        return Answer(reply.status_code, found, shown)

    def _authorization(self) -> dict[str, str]:
        match self._auth:
            case None:
                return {}
            case Basic():
                return {"Authorization": self._auth.header}
            case _:
                return {"Authorization": f"Bearer {self._current_token()}"}

    def _current_token(self) -> str:
        with self._lock:
            if self._token is None or self._clock() >= self._token[1]:
                self._token = self._fetch_token()
            return self._token[0]

    def _fetch_token(self) -> tuple[str, float]:
        now, auth = self._clock(), self._auth
        if not isinstance(auth, ClientCredentials):
            assert auth is not None  # noqa: S101 - only called to sign in
            assert not isinstance(auth, Basic)  # noqa: S101 - same
            return auth.token(datetime.fromtimestamp(now, UTC)), now + auth.lifetime - _EARLY
        url = checked(auth.token_url)
        headers = {
            "Authorization": Basic(auth.client_id, auth.client_secret).header,
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        form = urlencode({"grant_type": "client_credentials", "scope": auth.scope}).encode()
        try:
            answer = self._exchange("POST", url, headers, form)
        except OSError as error:
            msg = f"POST {url} had no answer ({type(error).__name__}); check the address of the token endpoint"
            raise Unavailable(msg) from None
        body = self._checked_token(url, answer)
        lives = body.get("expires_in") or 3600
        return str(body["access_token"]), now + max(1, int(lives) - _EARLY)

    def _checked_token(self, url: str, answer: Answer) -> Mapping[str, Any]:
        if answer.status >= _REDIRECTS.start and answer.status not in failures.BUSY:
            error = failures.failure(answer.status, answer.headers, str(answer.body), f"POST {url}")
            raise NotSignedIn(
                str(error), status=answer.status, messages=error.messages, body=error.body
            )
        body = self._checked_answer("POST", url, answer).body
        if not isinstance(body, Mapping) or not body.get("access_token"):
            msg = f"POST {url} gave no access_token; check the client and its scope"
            raise NotSignedIn(msg, status=answer.status)
        return body

    def _renew(self) -> bool:
        """Forget the token; tell whether there is another to be had."""
        self._token = None
        return self._auth is not None and not isinstance(self._auth, Basic)

    def _wait(self, attempt: int, headers: Mapping[str, str]) -> None:
        asked = failures.wait_asked(headers, failures.server_time(headers))
        pause = max(asked or 0, self._patience.first_wait * 2**attempt)
        self._sleep(min(pause, self._patience.longest_wait))

    def _path(self, path: str) -> str:
        """Return the path of a resource, or of a link to this pod.

        Raises:
            ForeignLink: For a link to another host.
        """
        if "://" not in path:
            return f"{CATALOG}/{self._version}/{path}"
        if host(path) != host(self.base_url):
            msg = f"link {path!r} leads away from {self.base_url}; links to other hosts are not followed"
            raise ForeignLink(msg)
        return urlsplit(path).path

    def _safe(self, text: str) -> str:
        """Return a text without any secret it may hold."""
        hidden = [
            *(self._auth.secrets if self._auth else ()),
            *((self._token[0],) if self._token else ()),
        ]
        for secret in filter(None, hidden):
            text = text.replace(secret, "***")
        return text


def _spelling(name: str) -> str:
    return "ETag" if name.lower() == "etag" else name.title()


def _cut(reply: Any) -> None:
    """End an answer that takes too long, however many bytes still drip in."""
    with suppress(AttributeError, OSError):
        reply.raw.connection.sock.shutdown(socket.SHUT_RDWR)


def _unchanged(request: Any) -> Any:
    """Keep requests from putting a password of `.netrc` in place of ours."""
    return request


def _own_session() -> Any:
    try:
        import requests
    except ImportError:
        msg = "requests is not installed; install it with the extra: pip install 'receivables[oracle]'"
        raise MissingExtra(msg) from None
    return requests.Session()
