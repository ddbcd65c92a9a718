"""SAT's status service over HTTP: the transport of `status`, nothing else."""

from __future__ import annotations

from typing import Any

from receivables.cfdi.documents import Comprobante
from receivables.cfdi.status import Status, answer, question
from receivables.errors import MissingExtra, ServiceUnavailable

PRODUCTION = "https://consultaqr.facturaelectronica.sat.gob.mx/ConsultaCFDIService.svc"
_ACTION = "http://tempuri.org/IConsultaCFDIService/Consulta"
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
                self._url, data=question(document), headers=headers, timeout=self._timeout
            )
        except _requests().RequestException as error:
            msg = f"SAT's status service did not answer for {document.uuid} ({type(error).__name__}); ask again later"
            raise ServiceUnavailable(msg) from None
        if got.status_code >= _BROKEN and b"Fault" not in got.content:
            msg = f"SAT's status service answered {got.status_code} for {document.uuid}; ask again later"
            raise ServiceUnavailable(msg)
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
