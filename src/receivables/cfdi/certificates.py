"""Certificates of seal (CSD): who they are of, until when, and the key that signs. No secret ever leaves this module.

A `Csd` has no attribute, repr, pickle or message that holds the key or its password.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from receivables.errors import MissingExtra, UnusableSeal

try:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
except ImportError:  # pragma: no cover - exercised in a subprocess
    msg = "sealing needs cryptography; install it with the extra: pip install 'receivables[cfdi]'"
    raise MissingExtra(msg) from None

_UNIQUE = x509.ObjectIdentifier(
    "2.5.4.45"
)  # x500UniqueIdentifier: the tax number, alone or before the representative's
_NUMBER = 20


@dataclass(frozen=True, slots=True)
class Certificate:
    """The public half.

    Args:
        der: The file's bytes.
        number: Its number of twenty digits, NoCertificado.
        rfc: Tax number of its holder.
        since: First moment it is valid, UTC without zone.
        until: Last moment, UTC without zone.
        is_signature: True for an e.firma (FIEL), which signs procedures and cannot seal documents.
    """

    der: bytes
    number: str
    rfc: str
    since: datetime
    until: datetime
    is_signature: bool

    @classmethod
    def load(cls, der: bytes) -> Certificate:
        """Read a certificate in DER, as SAT gives it (`.cer`).

        Raises:
            UnusableSeal: When it is none, or names no holder.
        """
        try:
            found = x509.load_der_x509_certificate(der)
            names = found.subject.get_attributes_for_oid(_UNIQUE)
            usage = _usage(found)
        except ValueError:
            msg = "the certificate is not one in DER; give the .cer file as SAT gave it"
            raise UnusableSeal(msg) from None
        if not names:
            msg = "the certificate names no tax number; it is not one of SAT's"
            raise UnusableSeal(msg)
        holder = names[0].value
        text = holder.decode("latin-1") if isinstance(holder, bytes) else holder
        return cls(
            der,
            _number(found.serial_number),
            text.partition("/")[0].strip(),
            found.not_valid_before_utc.replace(tzinfo=None),
            found.not_valid_after_utc.replace(tzinfo=None),
            usage,
        )

    @property
    def base64(self) -> str:
        """What stands in the attribute Certificado."""
        return base64.b64encode(self.der).decode("ascii")

    def holds(self, moment: datetime) -> bool:
        """Tell whether it is valid at a moment; to the day, because documents have local times without zone."""
        return self.since.date() <= moment.date() <= self.until.date()

    def verifies(self, signature: bytes, text: str) -> bool:
        """Tell whether a signature of a text was made with its key (RSA, SHA-256)."""
        key = x509.load_der_x509_certificate(self.der).public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            return False
        try:
            key.verify(signature, text.encode("utf-8"), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return False
        return True

    def __repr__(self) -> str:
        return f"<Certificate {self.number} of {self.rfc}, {self.since:%Y-%m-%d} to {self.until:%Y-%m-%d}>"


class Csd:
    """A certificate with its private key, able to seal.

    >>> Csd()
    Traceback (most recent call last):
        ...
    receivables.errors.UnusableSeal: a Csd is loaded, not made; use Csd.load(cer, key, password)
    """

    __slots__ = ("_sign", "certificate")

    certificate: Certificate

    def __init__(self) -> None:
        """Refuse: `load` makes one."""
        msg = "a Csd is loaded, not made; use Csd.load(cer, key, password)"
        raise UnusableSeal(msg)

    @classmethod
    def load(cls, cer: bytes, key: bytes, password: str | bytes) -> Csd:
        """Read a certificate and its key.

        Args:
            cer: Bytes of the `.cer` file.
            key: Bytes of the `.key` file.
            password: Password of the key; it is used once and not kept.

        Raises:
            UnusableSeal: When they cannot be read, do not belong together, or are an e.firma.
        """
        certificate = Certificate.load(cer)
        if certificate.is_signature:
            msg = f"certificate {certificate.number} is an e.firma (FIEL), which cannot seal; give the CSD"
            raise UnusableSeal(msg)
        private = _private_key(key, password)
        del key, password  # a traceback shows the locals of this frame
        if private is None:
            msg = f"the key of certificate {certificate.number} cannot be opened with that password; check both"
            raise UnusableSeal(msg) from None
        public = x509.load_der_x509_certificate(cer).public_key()
        if (
            not isinstance(public, rsa.RSAPublicKey)
            or private.public_key().public_numbers() != public.public_numbers()
        ):
            msg = f"the key does not belong to certificate {certificate.number}; give the pair SAT gave together"
            raise UnusableSeal(msg)
        made = object.__new__(cls)
        object.__setattr__(made, "certificate", certificate)

        def sign(text: str, private: rsa.RSAPrivateKey = private) -> bytes:
            return private.sign(text.encode("utf-8"), padding.PKCS1v15(), hashes.SHA256())

        object.__setattr__(made, "_sign", sign)
        return made

    @property
    def rfc(self) -> str:
        """Tax number of the holder."""
        return self.certificate.rfc

    def sign(self, text: str) -> str:
        """Return the signature of a text in base64: a Sello."""
        signature: bytes = self._sign(text)
        return base64.b64encode(signature).decode("ascii")

    def __repr__(self) -> str:
        return f"<Csd {self.certificate.number} of {self.certificate.rfc}>"

    def __reduce__(self) -> NoReturn:
        msg = "a Csd is not pickled or copied: its key stays where it was loaded"
        raise UnusableSeal(msg)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        msg = "a Csd never changes"
        raise AttributeError(msg)

    _sign: Any


def _private_key(key: bytes, password: str | bytes) -> rsa.RSAPrivateKey | None:
    secret = password.encode("utf-8") if isinstance(password, str) else password
    try:
        found = serialization.load_der_private_key(key, secret)
    except (ValueError, TypeError):
        return None  # the frame that knows the password ends here, without an exception
    return found if isinstance(found, rsa.RSAPrivateKey) else None


def _number(serial: int) -> str:
    """Return a certificate's number: the bytes of its serial are the digits."""
    raw = serial.to_bytes(max(_NUMBER, (serial.bit_length() + 7) // 8), "big").lstrip(b"\0")
    text = raw.decode("latin-1")
    return text if text.isdigit() else str(serial)


def _usage(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return bool(usage.data_encipherment or usage.key_agreement)
