"""An example adapter: a PAC that takes sealed XML over REST and answers JSON, as SW Sapien's documents describe it.

What stands here of the provider was read, not tried against it: take it as a pattern for your own. The token is sent in a
header and is in no message, repr or pickle.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from receivables.cfdi.pac import MOTIVES, Cancellation, Stamped, read_stamped
from receivables.errors import (
    AccessDenied,
    MissingExtra,
    NotSignedIn,
    OddAnswer,
    PacRejection,
    ServiceUnavailable,
)

_CODE = re.compile(r"\b(CRP\d{5}|CFDI\d{5,6}|\d{3})\b")
_STAMPED_BEFORE = "307"
_BUSY = frozenset({408, 425, 429})
_BROKEN = 500
_MOVED = range(300, 400)


class RestPac:
    """A PAC behind REST.

    Args:
        url: Base address of the provider.
        token: Its access token.
        timeout: Seconds to wait for an answer.
        session: A `requests.Session` of yours; one of its own when not given.
    """

    def __init__(self, url: str, token: str, *, timeout: float = 30.0, session: Any = None) -> None:
        self._url = url.rstrip("/")
        self._timeout = timeout
        self._session = _requests().Session() if session is None else session
        self._headers = {"Authorization": f"bearer {token}"}

    def stamp(self, xml: bytes) -> Stamped:
        """Stamp a sealed document; given the same bytes again, return the stamp given before.

        Raises:
            PacRejection: When the document is refused.
            NotSignedIn: When the token is refused.
            AccessDenied: When the token may not stamp.
            ServiceUnavailable: When no answer came: it may have been stamped.
            OddAnswer: When the answer cannot be read, or has no document though one was stamped.
        """
        said = self._post("/cfdi33/stamp/v4", files={"xml": ("cfdi.xml", xml, "text/xml")})
        data, code = _data(said), _code(said)
        before = code == _STAMPED_BEFORE
        if said.get("status") != "success" and not before:
            raise _refusal(said, code)
        document = data.get("cfdi")
        if not isinstance(document, str):
            when = "before" if before else "now"
            msg = f"the PAC says it stamped the document {when} and gives none; ask it for the document, do not build another"
            raise OddAnswer(msg)
        stamped = read_stamped(document.encode("utf-8"), before=before)
        named = data.get("uuid", stamped.uuid)
        if not isinstance(named, str) or named.upper() != stamped.uuid:
            msg = f"the PAC names UUID {named} and gives a document stamped {stamped.uuid}; keep both and ask it"
            raise OddAnswer(msg)
        return stamped

    def cancel(
        self, uuid: str, rfc: str, motive: str, substitute: str | None = None
    ) -> Cancellation:
        """Ask to cancel a document.

        Args:
            uuid: The document.
            rfc: Tax number of its issuer.
            motive: 01 to 04; 01 needs a substitute.
            substitute: UUID of the document that takes its place.

        Raises:
            PacRejection: When the request is refused, or the motive and substitute do not go together.
            NotSignedIn: When the token is refused.
            AccessDenied: When the token may not cancel.
            ServiceUnavailable: When no answer came.
            OddAnswer: When the answer cannot be read.
        """
        if motive not in MOTIVES or (motive == "01") != (substitute is not None):
            msg = f"motive {motive} with substitute {substitute}: 01 needs a substitute and the others have none"
            raise PacRejection(msg)
        tail = f"/{substitute}" if substitute else ""
        said = self._post(f"/cfdi33/cancel/{rfc}/{uuid}/{motive}{tail}")
        data = _data(said)
        if said.get("status") != "success" or not data:
            raise _refusal(said, _code(said))
        codes: Any = data.get("uuid")
        if not isinstance(codes, dict) or not codes:
            msg = f"the PAC says nothing of document {uuid}; ask SAT for its status before asking again"
            raise OddAnswer(msg)
        found: dict[str, Any] = {str(name).upper(): code for name, code in codes.items()}
        if uuid.upper() not in found:
            msg = f"the PAC speaks of {', '.join(found)}, not of {uuid}; ask SAT for its status before asking again"
            raise OddAnswer(msg)
        return Cancellation(str(found[uuid.upper()]), str(data.get("acuse") or ""))

    def __repr__(self) -> str:
        return f"<RestPac {self._url}>"

    def __reduce__(self) -> Any:
        msg = "a RestPac is not pickled: its token stays where it was given"
        raise TypeError(msg)

    def _post(self, path: str, **given: Any) -> dict[str, Any]:
        try:
            got = self._session.post(
                f"{self._url}{path}",
                headers=self._headers,
                timeout=self._timeout,
                allow_redirects=False,
                **given,
            )
        except _requests().RequestException as error:
            msg = f"the PAC did not answer ({type(error).__name__}); it may have acted: send the same bytes again"
            raise ServiceUnavailable(msg) from None
        _refuse_status(got.status_code)
        try:
            said: Any = got.json()
        except ValueError:
            said = None
        if not isinstance(said, dict):
            msg = f"the PAC answered {got.status_code} and no JSON object"
            raise OddAnswer(msg)
        answer: dict[str, Any] = said
        return answer


def _refuse_status(status: int) -> None:
    if status >= _BROKEN or status in _BUSY:
        msg = f"the PAC answered {status}; it may have acted: send the same bytes again"
        raise ServiceUnavailable(msg)
    if status == HTTPStatus.UNAUTHORIZED:
        msg = "the PAC refuses the token; get a new one, then send the same bytes again"
        raise NotSignedIn(msg, status=status)
    if status == HTTPStatus.FORBIDDEN:
        msg = "the PAC does not let this token do that; ask it for the right, then send the same bytes again"
        raise AccessDenied(msg, status=status)
    if status in _MOVED:
        msg = f"the PAC answered {status} and sends elsewhere, which is not followed; check its address"
        raise OddAnswer(msg)


def _data(said: dict[str, Any]) -> dict[str, Any]:
    found: Any = said.get("data")
    kept: dict[str, Any] = found if isinstance(found, dict) else {}
    return kept


def _code(said: dict[str, Any]) -> str:
    words = f"{said.get('message') or ''} {said.get('messageDetail') or ''}"
    found = _CODE.search(words)
    return found[1] if found else ""


def _refusal(said: dict[str, Any], code: str) -> PacRejection:
    words = " ".join(str(said.get(name) or "") for name in ("message", "messageDetail")).strip()
    return PacRejection(
        f"the PAC refuses the document: {words or 'it gives no reason'}", pac_code=code
    )


def _requests() -> Any:
    try:
        import requests
    except ImportError:
        msg = "a PAC behind REST needs requests; install it with the extra: pip install 'receivables[cfdi]'"
        raise MissingExtra(msg) from None
    return requests
