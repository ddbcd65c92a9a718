"""A PAC of your own for tests: it judges by the rules, stamps with a key you give, and fails when you tell it to."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from receivables.cfdi.cadena import cadena_of_stamp
from receivables.cfdi.certificates import Csd
from receivables.cfdi.documents import Timbre
from receivables.cfdi.pac import Cancellation, Stamped
from receivables.cfdi.read import parse
from receivables.cfdi.rules import validate
from receivables.cfdi.write import write
from receivables.errors import PacRejection, ServiceUnavailable

_SPACE = uuid.UUID("c3f5b4a2-7a0f-5c1e-9d57-6f4e2a9b8c10")


class PacDouble:
    """Stamps what the rules find clean.

    Args:
        csd: Whose key stands for SAT's.
        stamped_at: The moment every stamp bears.
        faults: What happens on each call, in order: `timeout-before` and `timeout-after` (the PAC had stamped), `down`;
            an empty text is a good call, and so is every call after the last.
    """

    def __init__(self, csd: Csd, stamped_at: datetime, faults: Iterable[str] = ()) -> None:
        self._csd = csd
        self._moment = stamped_at
        self._faults = list(faults)
        self._given: dict[str, bytes] = {}

    @property
    def stamps(self) -> int:
        """How many different documents it has stamped."""
        return len(self._given)

    def stamp(self, xml: bytes) -> Stamped:
        """Stamp a sealed document; given the same bytes again, return the stamp given before.

        Raises:
            PacRejection: With the first code the rules find.
            ServiceUnavailable: When told to fail.
        """
        fault = self._faults.pop(0) if self._faults else ""
        if fault in {"timeout-before", "down"}:
            msg = "the PAC did not answer"
            raise ServiceUnavailable(msg)
        digest = hashlib.sha256(xml).hexdigest()
        before = digest in self._given
        if not before:
            self._given[digest] = self._stamped(xml, digest)
        if fault == "timeout-after":
            msg = "the PAC did not answer; it had stamped"
            raise ServiceUnavailable(msg)
        whole = self._given[digest]
        return Stamped(whole, parse(whole).timbres[0], before)

    def cancel(
        self, uuid: str, rfc: str, motive: str, substitute: str | None = None
    ) -> Cancellation:
        """Take note of a cancellation."""
        return Cancellation("201", f"{rfc} {uuid} {motive} {substitute or ''}".strip())

    def _stamped(self, xml: bytes, digest: str) -> bytes:
        errors = [it for it in validate(xml) if it.severity == "error"]
        if errors:
            msg = f"the PAC refuses the document: {errors[0]}"
            raise PacRejection(msg, pac_code=errors[0].code)
        document = parse(xml)
        stamp = Timbre(
            uuid=str(uuid.uuid5(_SPACE, digest)).upper(),
            fecha_timbrado=self._moment,
            rfc_prov_certif="SPR190613I52",
            sello_cfd=document.sello or "",
            no_certificado_sat=self._csd.certificate.number,
            sello_sat="",
        )
        signed = replace(stamp, sello_sat=self._csd.sign(cadena_of_stamp(stamp)))
        return write(replace(document, timbres=(signed,)))
