"""Where a pod is and how patiently it is asked: addresses that are safe to sign in at, waits and deadlines."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from receivables.errors import UnreadableSource

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait and how often to ask.

    Args:
        attempts: How often a read is asked at most.
        first_wait: Seconds before the second attempt, doubled for each further one.
        longest_wait: Seconds waited at most, whatever `Retry-After` says.
        timeout: Seconds without a sign of life.
        deadline: Seconds for one whole answer, however slowly it drips.
    """

    attempts: int = 5
    first_wait: float = 1.0
    longest_wait: float = 120.0
    timeout: float = 60.0
    deadline: float = 300.0


def checked(url: str) -> str:
    """Return an address without a slash at its end.

    Raises:
        UnreadableSource: For one that is none, or would send secrets in the clear.
    """
    parts = urlsplit(url)
    plain = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or plain) or parts.username is not None:
        shown = f"{parts.scheme}://{parts.hostname or ''}"
        msg = f"{shown!r} is no address to sign in at; give https://HOST without user or password in it"
        raise UnreadableSource(msg)
    return url.rstrip("/")


def host(url: str) -> tuple[str | None, int | None]:
    """Return host and port, the default one where none is written."""
    parts = urlsplit(url)
    return parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)
