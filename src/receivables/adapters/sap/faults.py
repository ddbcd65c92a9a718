"""What an RFC library raises, as this library's errors: by class and key, never by text, and with no secret in it.

The libraries differ in message texts and numbers; the class names and keys are what they share.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from receivables.errors import (
    AccessDenied,
    NotOffered,
    NotSignedIn,
    RemoteError,
    RequestRefused,
    Unavailable,
)

BUFFER_EXCEEDED = "DATA_BUFFER_EXCEEDED"
FIELD_NOT_VALID = "FIELD_NOT_VALID"
# Short dumps and limits that a smaller request avoids.
TOO_MUCH = frozenset(
    {"TSV_TNEW_PAGE_ALLOC_FAILED", "TIME_OUT", "SYSTEM_NO_ROLL", "SAPSQL_STMNT_TOO_LARGE"}
)
SECRET_PARAMETERS = frozenset({"passwd", "password", "x509cert", "mysapsso2", "snc_partnername"})
_NO_OFFER = {"FU_NOT_FOUND", "TABLE_NOT_AVAILABLE", "TABLE_WITHOUT_DATA", "RFC_NOT_FOUND"}


def fault_of(error: Exception, what: str, secrets: Iterable[str] = ()) -> RemoteError:
    """Return what an exception of an RFC library means.

    Args:
        error: What was raised.
        what: What was being done, for the sentence.
        secrets: Texts that must not appear in the sentence.
    """
    key = str(getattr(error, "key", "") or "")
    names = {cls.__name__ for cls in type(error).__mro__}
    said = _scrubbed(f"{key} {_message(error)}".strip(), secrets)
    messages = (key, said) if key else (said,)
    if "LogonError" in names or (isinstance(error, ValueError) and "logon" in str(error).lower()):
        msg = f"{what}: SAP refused the logon ({said}); check user, password and client before trying again, repeated failures lock the user"
        return NotSignedIn(msg, messages=messages)
    if (
        key in {"NOT_AUTHORIZED", "RFC_AUTHORIZATION_FAILURE"}
        or "ExternalAuthorizationError" in names
    ):
        return AccessDenied(
            f"{what}: the user lacks an authorisation ({said}); see the list for the Basis team",
            messages=messages,
        )
    if key in _NO_OFFER:
        return NotOffered(f"{what}: the system does not offer it ({said})", messages=messages)
    if names & {
        "CommunicationError",
        "SdkNotFoundError",
        "ConnectionError",
        "OSError",
        "TimeoutError",
    }:
        return Unavailable(f"{what}: the connection broke ({said})", messages=messages)
    return RequestRefused(f"{what}: SAP refused the call ({said})", messages=messages)


def key_of(error: RemoteError) -> str:
    """Return SAP's key of an error, such as `DATA_BUFFER_EXCEEDED`; empty when it has none."""
    return error.messages[0] if error.messages else ""


def is_too_much(error: RemoteError) -> bool:
    """Tell whether a smaller request may succeed."""
    return any(mark in text for text in error.messages for mark in TOO_MUCH)


def secrets_of(parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the values of connection parameters that must never be shown."""
    return tuple(
        str(it) for name, it in parameters.items() if name.lower() in SECRET_PARAMETERS and it
    )


def _message(error: Exception) -> str:
    parts = [
        str(getattr(error, name, "") or "") for name in ("msg_class", "msg_type", "msg_number")
    ]
    text = str(getattr(error, "message", "") or "") or (
        str(error) if not hasattr(error, "key") else ""
    )
    variables = [str(getattr(error, f"msg_v{it}", "") or "") for it in range(1, 5)]
    return " ".join(it for it in (text, *parts, *variables) if it)[:300] or type(error).__name__


def _scrubbed(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "***")
    return text
