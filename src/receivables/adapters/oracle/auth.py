"""How to sign in, as values that never show their secrets: Basic, OAuth2 client credentials, a signed JWT.

Nothing here touches the network; `rest` fetches tokens.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from receivables.errors import MissingExtra

_BACKDATED = 60  # seconds, for a server whose clock is behind ours


@dataclass(frozen=True, slots=True)
class Basic:
    """A user and a password: a service account that does not sign in through a federation.

    >>> Basic("AR_SERVICE", "secret")
    Basic(user='AR_SERVICE')
    """

    user: str
    password: str = field(repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown."""
        return (self.password, self.header.removeprefix("Basic "))

    @property
    def header(self) -> str:
        """The value of `Authorization`."""
        pair = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return f"Basic {pair}"


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """OAuth2 client credentials; the client must also be a user with a job role, or every call is refused.

    Args:
        token_url: Where tokens are given: https, or http on the loopback.
        client_id: The client.
        client_secret: Its secret.
        scope: What is asked for.
    """

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str = "urn:opc:resource:consumer::all"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown."""
        return (self.client_secret, Basic(self.client_id, self.client_secret).header[6:])


@dataclass(frozen=True, slots=True)
class SignedJwt:
    """A JWT signed by an issuer that the pod trusts.

    Args:
        issuer: The issuer as registered.
        user: The user to act as.
        certificate_der: The certificate registered for the issuer, DER.
        private_key_pem: Its private key, PEM without a passphrase.
        lifetime: Seconds a token lives.
        sign: Signs bytes by RSASSA-PKCS1-v1_5 with SHA-256; `cryptography` does when not given.
    """

    issuer: str
    user: str
    certificate_der: bytes = field(repr=False)
    private_key_pem: bytes = field(repr=False, default=b"")
    lifetime: int = 300
    sign: Callable[[bytes], bytes] | None = field(repr=False, default=None)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown."""
        return (self.private_key_pem.decode("ascii", "replace"),) if self.private_key_pem else ()

    def token(self, now: datetime) -> str:
        """Return a token that is valid from a minute before `now`."""
        seconds = int(now.timestamp())
        print_ = hashlib.sha1(self.certificate_der).digest()  # noqa: S324 - x5t is a SHA-1 by definition
        header = {"alg": "RS256", "typ": "JWT", "x5t": base64.b64encode(print_).decode()}
        claims = {
            "iss": self.issuer,
            "prn": self.user,
            "iat": seconds - _BACKDATED,
            "exp": seconds + self.lifetime,
        }
        signed = f"{_part(header)}.{_part(claims)}"
        signature = (self.sign or self._sign)(signed.encode())
        return f"{signed}.{_unpadded(signature)}"

    def _sign(self, message: bytes) -> bytes:
        try:
            from cryptography.hazmat.primitives import hashes, serialization
            from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        except ImportError:
            msg = "cryptography is not installed, which signs tokens; pip install cryptography, or pass sign="
            raise MissingExtra(msg) from None
        key: Any = serialization.load_pem_private_key(self.private_key_pem, password=None)
        signature: bytes = key.sign(message, PKCS1v15(), hashes.SHA256())
        return signature


Auth = Basic | ClientCredentials | SignedJwt


def _part(value: dict[str, Any]) -> str:
    return _unpadded(json.dumps(value, separators=(",", ":")).encode())


def _unpadded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
