"""The RFC transport: connections, and calls that are tried again only when that is safe.

Any object with `call(name, **parameters)` and `close()` is a connection; no RFC library is needed to import this module.
A connection belongs to one thread: each thread that calls opens its own.
"""

from __future__ import annotations

import importlib
import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Protocol, Self, runtime_checkable

from receivables.adapters.sap.faults import fault_of, secrets_of
from receivables.errors import MissingExtra, RemoteError, Unavailable

LOG = logging.getLogger("receivables.adapters.sap")
_MAKERS = {"pyrfc": "Connection", "erpl_pyrfc": "Connection", "saprfclib": "connect"}
_REFUSED = {  # parameters of SAP's own library that another one does not know
    "erpl_pyrfc": frozenset({"trace", "dest", "config"}),
    "saprfclib": frozenset({"trace", "dest", "config"}),
}
_NO_LIBRARY = (
    "No RFC library can connect. One of these must be installed: pyrfc with SAP's NW RFC SDK"
    " (SAPNWRFC_HOME set and its lib folder known to the loader; pyrfc is yanked from the package index, so it is installed"
    " from a wheel or source of your own), pyrfcx with the same SDK at run time, or erpl-pyrfc, which needs no SDK"
    " (BUSL-1.1: read its licence before using it in production); on Python 3.12 and later also saprfclib (MPL-2.0, no SDK)"
)


@runtime_checkable
class RfcConnection(Protocol):
    """What pyrfc, pyrfcx and erpl-pyrfc have in common."""

    def call(self, func_name: str, /, **parameters: Any) -> dict[str, Any]:
        """Call a function module and return its exporting, changing and table parameters."""
        ...

    def close(self) -> None:
        """End the session."""
        ...


def connect_rfc(*, library: str | None = None, **parameters: str) -> RfcConnection:
    """Open a connection with whatever RFC library is installed.

    Args:
        library: Insist on one: `pyrfc` (which pyrfcx and erpl-pyrfc answer to as well), `erpl_pyrfc` or `saprfclib`.
        parameters: SAP's logon parameters as texts: ashost, sysnr, client, user, passwd, lang, or mshost, group, …

    Raises:
        MissingExtra: When none can connect; the sentence names the libraries and what each needs.
        NotSignedIn: When SAP refuses the logon; it is not tried again, because that locks users.
        Unavailable: When the server cannot be reached.
    """
    secrets = secrets_of(parameters)
    reasons = []
    for name, maker in _MAKERS.items():
        if library not in {None, name}:
            continue
        try:
            module = importlib.import_module(name)
        except ImportError as error:
            reasons.append(f"{name}: {error}")
            continue
        make = getattr(module, maker, None)
        if make is None:  # pyrfc imports without its SDK and then lacks the class
            reasons.append(f"{name}: imported, but without {maker}: SAP's NW RFC SDK was not found")
            continue
        refused = _REFUSED.get("erpl_pyrfc" if _is_erpl(make) else name, frozenset())
        try:
            connection: RfcConnection = make(
                **{key: it for key, it in parameters.items() if key not in refused}
            )
        except Exception as error:  # noqa: BLE001 - libraries raise their own classes; all are mapped
            if type(error).__name__ == "SdkNotFoundError":
                reasons.append(f"{name}: {error}")
                continue
            raise fault_of(
                error, f"logon to {parameters.get('ashost') or parameters.get('mshost')}", secrets
            ) from None
        return connection
    msg = f"{_NO_LIBRARY}. Tried: {'; '.join(reasons) or f'nothing, {library!r} is none of these'}"
    raise MissingExtra(msg)


def _is_erpl(make: object) -> bool:
    return "erpl" in str(getattr(make, "__module__", ""))


class Rfc:
    """Calls function modules; a connection for each thread, opened when needed.

    Args:
        connection: A connection, or a function that opens one: only with a function can a lost connection be replaced.
        retries: How often a read is tried again after the connection failed.
        pause: Seconds before the first of these; doubled each time.
        sleep: How to wait.
    """

    def __init__(
        self,
        connection: RfcConnection | Callable[[], RfcConnection],
        *,
        retries: int = 2,
        pause: float = 0.5,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._given = None if not isinstance(connection, RfcConnection) else connection
        self._open: Callable[[], RfcConnection] | None = (
            connection if not isinstance(connection, RfcConnection) else None
        )
        self._retries = retries if self._open else 0
        self._pause = pause
        self._sleep = sleep
        self._local = threading.local()
        self._lock = threading.Lock()
        self._all: list[RfcConnection] = []

    def read(self, function: str, **parameters: Any) -> dict[str, Any]:
        """Call something that changes nothing; a lost connection is replaced and the call tried again.

        Raises:
            RemoteError: In the class that says what to do about it.
        """
        for attempt in range(self._retries + 1):
            try:
                return self.call(function, **parameters)
            except Unavailable:
                self.drop()
                if attempt == self._retries:
                    raise
                self._sleep(self._pause * 2**attempt)
        raise AssertionError

    def call(self, function: str, **parameters: Any) -> dict[str, Any]:
        """Call once."""
        begun = time.monotonic()
        try:
            answer = self._connection().call(function, **parameters)
        except RemoteError:
            raise
        except Exception as error:  # noqa: BLE001 - libraries raise their own classes; all are mapped
            fault = fault_of(error, function)
            LOG.info(
                "%s failed after %.3f s: %s",
                function,
                time.monotonic() - begun,
                type(fault).__name__,
            )
            raise fault from None
        rows = sum(len(it) for it in answer.values() if isinstance(it, list))
        LOG.info("%s gave %d rows in %.3f s", function, rows, time.monotonic() - begun)
        return answer

    def drop(self) -> None:
        """Close this thread's connection; the next call opens another, if it can."""
        connection = getattr(self._local, "connection", None)
        self._local.connection = None
        if connection is not None and self._open is not None:
            _close(connection)

    def close(self) -> None:
        """Close the connections of all threads that this object opened."""
        with self._lock:
            for connection in self._all:
                _close(connection)
            self._all.clear()
        self._local = threading.local()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Rfc over {'a connection' if self._given else 'connections of its own'}>"

    def _connection(self) -> RfcConnection:
        if self._given is not None:
            return self._given
        held: RfcConnection | None = getattr(self._local, "connection", None)
        if held is None:
            assert self._open is not None  # noqa: S101 - one of the two was given
            held = self._local.connection = self._open()
            with self._lock:
                self._all.append(held)
        return held


def _close(connection: RfcConnection) -> None:
    try:
        connection.close()
    except Exception as error:  # noqa: BLE001 - what cannot be closed is closed already
        LOG.info("closing a connection failed: %s", type(error).__name__)
