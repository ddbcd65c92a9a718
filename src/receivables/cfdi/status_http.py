"""SAT's status service over HTTP: the transport of `status`, nothing else."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from receivables.cfdi.documents import Comprobante
from receivables.cfdi.status import Status, answer, question
from receivables.errors import MissingExtra, OddAnswer, ServiceUnavailable

PRODUCTION = "https://consultaqr.facturaelectronica.sat.gob.mx/ConsultaCFDIService.svc"
_ACTION = "http://tempuri.org/IConsultaCFDIService/Consulta"
_BUSY = frozenset({408, 425, 429})
_BROKEN = 500


class SatStatus:
    """Asks SAT's public service; it needs no credentials.

    Args:
        url: Where the service is.
        timeout: Seconds to wait for an answer.
        session: A `requests.Session` of yours, with proxies and retries as you like; one of its own when not given.
    """

    def __init__(
        self, url: str = PRODUCTION, *, timeout: float = 15.0, session: Any = None
    ) -> None:
        self._url = url
        self._timeout = timeout
        self._session = _requests().Session() if session is None else session

    def status(self, document: Comprobante) -> Status:
        """Return what SAT says of a stamped document.

        Raises:
            ServiceUnavailable: When no answer came in time, or the service is down.
            OddAnswer: When the answer is a fault or cannot be read.
        """
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": _ACTION}
        try:
            got = self._session.post(
                self._url,
                data=question(document),
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            )
        except _requests().RequestException as error:
            msg = f"SAT's status service did not answer for {document.uuid} ({type(error).__name__}); ask again later"
            raise ServiceUnavailable(msg) from None
        status: int = got.status_code
        if b"Fault" not in got.content:  # a fault in SOAP comes with 500 and says why
            if status >= _BROKEN or status in _BUSY:
                msg = f"SAT's status service answered {status} for {document.uuid}; ask again later"
                raise ServiceUnavailable(msg)
            if status != HTTPStatus.OK:
                msg = (
                    f"SAT's status service answered {status} for {document.uuid}; check its address"
                )
                raise OddAnswer(msg)
        return answer(got.content)


def _requests() -> Any:
    try:
        import requests
    except ImportError:
        msg = (
            "asking SAT needs requests; install it with the extra: pip install 'receivables[cfdi]'"
        )
        raise MissingExtra(msg) from None
    return requests
