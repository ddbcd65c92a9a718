"""An example adapter: a PAC that takes sealed XML over REST and answers JSON, as SW Sapien's documents describe it.

What stands here of the provider was read, not tried against it: take it as a pattern for your own. The token is sent in a
header and is in no message, repr or pickle.
"""

from __future__ import annotations

import re
from typing import Any

from receivables.cfdi.pac import MOTIVES, Cancellation, Stamped, read_stamped
from receivables.errors import MissingExtra, OddAnswer, PacRejection, ServiceUnavailable

_CODE = re.compile(r"\b(CRP\d{5}|CFDI\d{5,6}|\d{3})\b")
_STAMPED_BEFORE = "307"
_BROKEN = 500


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
            ServiceUnavailable: When no answer came: it may have been stamped.
            OddAnswer: When the answer cannot be read.
        """
        said = self._post("/cfdi33/stamp/v4", files={"xml": ("cfdi.xml", xml, "text/xml")})
        document = _data(said).get("cfdi")
        if said.get("status") == "success" and isinstance(document, str):
            return read_stamped(document.encode("utf-8"))
        code = _code(said)
        if code == _STAMPED_BEFORE and isinstance(document, str):
            return read_stamped(document.encode("utf-8"), before=True)
        raise _refusal(said, code)

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
        codes: dict[str, Any] = data.get("uuid") or {}
        return Cancellation(str(next(iter(codes.values()), "")), str(data.get("acuse") or ""))

    def __repr__(self) -> str:
        return f"<RestPac {self._url}>"

    def __reduce__(self) -> Any:
        msg = "a RestPac is not pickled: its token stays where it was given"
        raise TypeError(msg)

    def _post(self, path: str, **given: Any) -> dict[str, Any]:
        try:
            got = self._session.post(
                f"{self._url}{path}", headers=self._headers, timeout=self._timeout, **given
            )
        except _requests().RequestException as error:
            msg = f"the PAC did not answer ({type(error).__name__}); it may have acted: send the same bytes again"
            raise ServiceUnavailable(msg) from None
        if got.status_code >= _BROKEN:
            msg = (
                f"the PAC answered {got.status_code}; it may have acted: send the same bytes again"
            )
            raise ServiceUnavailable(msg)
        try:
            said: Any = got.json()
        except ValueError:
            said = None
        if not isinstance(said, dict):
            msg = f"the PAC answered {got.status_code} and no JSON object"
            raise OddAnswer(msg)
        answer: dict[str, Any] = said
        return answer


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
