"""Which error an answer is: by its status and what its body turns out to be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from receivables.adapters.oracle import wire
from receivables.errors import (
    AccessDenied,
    NotOffered,
    NotSignedIn,
    RemoteError,
    RequestRefused,
    StaleWrite,
    Unavailable,
)

BUSY = frozenset({429, 500, 502, 503, 504})
_NEXT = {
    NotSignedIn: "check the credentials, and that the user may sign in without a federation",
    AccessDenied: "ask for the privilege, or for this address to be allowed",
    NotOffered: "see whether this release has it and whether the user sees its business unit",
    RequestRefused: "correct what it names; sending the same again changes nothing",
    StaleWrite: "read the row again and decide anew",
    Unavailable: "try again later",
}


def failure(status: int, headers: Mapping[str, str], body: str, what: str) -> RemoteError:
    """Return the error that an answer means.

    Args:
        status: Its HTTP status.
        headers: Its headers.
        body: Its body, without secrets.
        what: What was asked, for the sentence.
    """
    content_type = headers.get("Content-Type", "")
    told = wire.messages(body, content_type)
    kind = _kind(status)
    said = "; ".join(told) or "nothing"
    page = (
        " (an HTML page: a firewall or a sign-in stands in between)"
        if "html" in content_type
        else ""
    )
    sentence = f"{what} answered {status}{page}: {said:.500}; {_NEXT[kind]}"
    return kind(sentence, status=status, messages=told, body=wire.kept(body))


def not_data(status: int, headers: Mapping[str, str], body: str, what: str) -> NotSignedIn:
    """Return the error for a success or redirect that carries no JSON: a login page."""
    content_type = headers.get("Content-Type", "no content type")
    sentence = f"{what} answered {status} with {content_type} instead of JSON: a login page; {_NEXT[NotSignedIn]}"
    return NotSignedIn(sentence, status=status, body=wire.kept(body))


def wait_asked(headers: Mapping[str, str], server_now: datetime | None) -> int | None:
    """Return the seconds that `Retry-After` asks for, as a number or as a date; None when it says nothing readable.

    Args:
        headers: Headers of the answer.
        server_now: The answer's own date, against which a date is counted.
    """
    asked = headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdigit():
        return int(asked)
    try:
        until = parsedate_to_datetime(asked)
    except ValueError:
        return None
    return max(0, round((until - server_now).total_seconds())) if server_now else None


def server_time(headers: Mapping[str, str]) -> datetime | None:
    """Return the moment the server says it is."""
    try:
        return parsedate_to_datetime(headers.get("Date", ""))
    except ValueError:
        return None


def _kind(status: int) -> type[RemoteError]:
    if status in BUSY:
        return Unavailable
    return {
        401: NotSignedIn,
        403: AccessDenied,
        404: NotOffered,
        405: NotOffered,
        412: StaleWrite,
    }.get(status, RequestRefused)
