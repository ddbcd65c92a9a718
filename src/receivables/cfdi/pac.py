"""Stamping: the contract with a certification provider (PAC), and a way to stamp that never stamps twice. Pure.

The dangerous moment is a timeout: the PAC may have stamped. So the sealed bytes are written down before they are sent, and
whoever asks again for the same thing sends those bytes, never rebuilt ones; a PAC answers them with the stamp it gave.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from receivables.cfdi.documents import Comprobante, Timbre
from receivables.cfdi.read import parse
from receivables.errors import (
    OddAnswer,
    PacRejection,
    ServiceUnavailable,
    UnreadableCfdi,
    UnusableSeal,
)

_SATS_RULES = ("CRP", "CFDI")  # what the codes of its matrices begin with
MOTIVES = {
    "01": "errors, with a substitute",
    "02": "errors, without a substitute",
    "03": "the operation did not take place",
    "04": "operation with a named customer in a global invoice",
}


@dataclass(frozen=True, slots=True)
class Stamped:
    """A stamped document.

    Args:
        xml: The document with its stamp, as the PAC gave it.
        stamp: The stamp.
        before: True when the PAC said it had stamped these bytes before.
    """

    xml: bytes
    stamp: Timbre
    before: bool = False

    @property
    def uuid(self) -> str:
        """SAT's number of the document."""
        return self.stamp.uuid.upper()


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What became of a request to cancel.

    Args:
        code: SAT's code: 201 requested, 202 cancelled before, …
        receipt: SAT's receipt (acuse); empty when the PAC gave none.
    """

    code: str
    receipt: str = ""


class Pac(Protocol):
    """A provider that takes sealed XML."""

    def stamp(self, xml: bytes) -> Stamped:
        """Stamp a sealed document; given the same bytes again, return the stamp given before.

        Raises:
            PacRejection: When the document is refused.
            ServiceUnavailable: When no answer came: it may have been stamped.
            OddAnswer: When the answer cannot be read.
        """
        ...

    def cancel(
        self, uuid: str, rfc: str, motive: str, substitute: str | None = None
    ) -> Cancellation:
        """Ask to cancel a document.

        Raises:
            PacRejection: When the request is refused.
            ServiceUnavailable: When no answer came.
        """
        ...


class Journal(Protocol):
    """Where sealed and stamped bytes are kept by the name of what they are for, such as a payment's id."""

    def sealed(self, name: str, xml: bytes) -> bytes:
        """Keep sealed bytes unless some are kept already; return those that are kept."""
        ...

    def stamped(self, name: str) -> bytes | None:
        """Return the stamped bytes, if there are any."""
        ...

    def keep(self, name: str, xml: bytes) -> None:
        """Keep stamped bytes."""
        ...

    def drop(self, name: str) -> None:
        """Forget sealed bytes that SAT's rules refuse, so that corrected ones may take their place."""
        ...


@dataclass(slots=True)
class MemoryJournal:
    """A journal that lasts as long as the process."""

    _sealed: dict[str, bytes] = field(default_factory=dict[str, bytes])
    _stamped: dict[str, bytes] = field(default_factory=dict[str, bytes])

    def sealed(self, name: str, xml: bytes) -> bytes:
        """Keep sealed bytes unless some are kept already."""
        return self._sealed.setdefault(name, xml)

    def stamped(self, name: str) -> bytes | None:
        """Return the stamped bytes, if there are any."""
        return self._stamped.get(name)

    def keep(self, name: str, xml: bytes) -> None:
        """Keep stamped bytes."""
        self._stamped[name] = xml

    def drop(self, name: str) -> None:
        """Forget sealed bytes."""
        self._sealed.pop(name, None)


@dataclass(frozen=True, slots=True)
class FolderJournal:
    """A journal of files, so that a crash between sending and receiving loses nothing.

    Args:
        folder: Where the files are; it must exist.
    """

    folder: Path

    def sealed(self, name: str, xml: bytes) -> bytes:
        """Keep sealed bytes unless some are kept already; whoever writes first wins."""
        path = self._path(name, "sealed")
        try:
            with path.open("xb") as file:
                file.write(xml)
        except FileExistsError:
            return path.read_bytes()
        return xml

    def stamped(self, name: str) -> bytes | None:
        """Return the stamped bytes, if there are any."""
        path = self._path(name, "stamped")
        return path.read_bytes() if path.exists() else None

    def keep(self, name: str, xml: bytes) -> None:
        """Keep stamped bytes, whole or not at all."""
        path = self._path(name, "stamped")
        beside = path.with_suffix(".part")
        beside.write_bytes(xml)
        beside.replace(path)

    def drop(self, name: str) -> None:
        """Forget sealed bytes."""
        self._path(name, "sealed").unlink(missing_ok=True)

    def _path(self, name: str, state: str) -> Path:
        digest = hashlib.sha256(name.encode("utf-8")).hexdigest()[:32]
        return self.folder / f"{digest}.{state}.xml"


def stamp_once(
    name: str, sealed: bytes, pac: Pac, journal: Journal, *, attempts: int = 3
) -> Stamped:
    """Stamp a document so that, whatever happens, it is stamped at most once.

    Args:
        name: What it is for: the payment's id, or the ids of the payments it states. Asked again under the same name, the
            document sealed first is the one that is sent, whatever is given then; only one that SAT's own rules refused
            gives way, since it cannot have been stamped.
        sealed: The sealed document.
        pac: Who stamps.
        journal: Where sealed and stamped bytes are kept.
        attempts: How often the same bytes are sent when no answer comes.

    Raises:
        PacRejection: When the document is refused.
        ServiceUnavailable: When no answer came; call again later with the same name.
        OddAnswer: When the PAC returns another document than the one sent.
        UnusableSeal: When the document is not sealed.
    """
    kept = journal.stamped(name)
    if kept is not None:
        return Stamped(kept, _stamp_of(kept), before=True)
    _refuse_unsealed(sealed)
    bytes_sent = journal.sealed(name, sealed)
    ours = parse(bytes_sent)
    last: ServiceUnavailable | None = None
    for _ in range(max(attempts, 1)):
        try:
            given = pac.stamp(bytes_sent)
        except ServiceUnavailable as error:
            last = error
            continue
        except PacRejection as error:
            if error.pac_code.startswith(_SATS_RULES):
                journal.drop(name)
            raise
        if given.stamp.sello_cfd != ours.sello or _unstamped(given.xml) != ours:
            msg = f"the PAC stamped another document than the one sent for {name}; keep both and ask it"
            raise OddAnswer(msg)
        journal.keep(name, given.xml)
        return given
    msg = f"no answer for {name} after {attempts} attempts ({last}); call again with the same name, the same bytes are sent"
    raise ServiceUnavailable(msg)


def read_stamped(xml: bytes, *, before: bool = False) -> Stamped:
    """Read what a PAC gave.

    Raises:
        OddAnswer: When it is no document with one stamp.
    """
    return Stamped(xml, _stamp_of(xml), before)


def _stamp_of(xml: bytes) -> Timbre:
    try:
        document = parse(xml)
    except UnreadableCfdi as error:
        msg = f"the PAC answered a document that cannot be read: {error}"
        raise OddAnswer(msg) from None
    if len(document.timbres) != 1:
        msg = f"the PAC answered a document with {len(document.timbres)} stamps; it should have one"
        raise OddAnswer(msg)
    return document.timbres[0]


def _unstamped(xml: bytes) -> Comprobante:
    return replace(parse(xml), timbres=())


def _refuse_unsealed(xml: bytes) -> None:
    if not parse(xml).sello:
        msg = "the document is not sealed; seal it with the issuer's CSD before it is stamped"
        raise UnusableSeal(msg)
