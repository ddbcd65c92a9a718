"""The RFC transport: connections, calls that are tried again only when that is safe, and tables read by key range.

Any object with `call(name, **parameters)` and `close()` is a connection; no RFC library is needed to import this module.
A connection belongs to one thread: each thread that calls opens its own.
"""

from __future__ import annotations

import importlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Protocol, Self, runtime_checkable

from receivables.adapters.sap.faults import (
    BUFFER_EXCEEDED,
    FIELD_NOT_VALID,
    fault_of,
    key_of,
    secrets_of,
)
from receivables.adapters.sap.select import ROW_WIDTH, column_groups, options, sliced
from receivables.errors import (
    AccessDenied,
    MissingExtra,
    NotOffered,
    RemoteError,
    RequestRefused,
    Unavailable,
)

LOG = logging.getLogger("receivables.adapters.sap")
_ONLY_PYRFC = frozenset({"trace", "dest", "config"})  # parameters that erpl-pyrfc refuses
_NO_LIBRARY = (
    "No RFC library can connect. One of these must be installed: pyrfc with SAP's NW RFC SDK"
    " (SAPNWRFC_HOME set and its lib folder known to the loader; pyrfc is yanked from the package index, so it is installed"
    " from a wheel or source of your own), pyrfcx with the same SDK at run time, or erpl-pyrfc, which needs no SDK"
    " (BUSL-1.1: read its licence before using it in production)"
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


def connect_rfc(**parameters: str) -> RfcConnection:
    """Open a connection with whatever RFC library is installed.

    Args:
        parameters: SAP's logon parameters as texts: ashost, sysnr, client, user, passwd, lang, or mshost, group, …

    Raises:
        MissingExtra: When none can connect; the sentence names the three and what each needs.
        NotSignedIn: When SAP refuses the logon; it is not tried again, because that locks users.
        Unavailable: When the server cannot be reached.
    """
    secrets = secrets_of(parameters)
    reasons = []
    for name in ("pyrfc", "erpl_pyrfc"):
        try:
            module = importlib.import_module(name)
        except ImportError as error:
            reasons.append(f"{name}: {error}")
            continue
        make = getattr(module, "Connection", None)
        if make is None:  # pyrfc imports without its SDK and then lacks the class
            reasons.append(
                f"{name}: imported, but without Connection: SAP's NW RFC SDK was not found"
            )
            continue
        given = parameters
        if "erpl" in str(getattr(module, "__file__", "")) or _is_erpl(module):
            given = {key: it for key, it in parameters.items() if key not in _ONLY_PYRFC}
        try:
            connection: RfcConnection = make(**given)
        except Exception as error:  # noqa: BLE001 - libraries raise their own classes; all are mapped
            if type(error).__name__ == "SdkNotFoundError":
                reasons.append(f"{name}: {error}")
                continue
            raise fault_of(
                error, f"logon to {parameters.get('ashost') or parameters.get('mshost')}", secrets
            ) from None
        return connection
    msg = f"{_NO_LIBRARY}. Tried: {'; '.join(reasons)}"
    raise MissingExtra(msg)


def _is_erpl(module: Any) -> bool:
    return "erpl" in str(getattr(getattr(module, "Connection", None), "__module__", ""))


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


class Tables:
    """Reads tables through RFC_READ_TABLE or a function with its interface.

    Args:
        rfc: Where to.
        function: `RFC_READ_TABLE`, or a substitute such as `/BODS/RFC_READ_TABLE2` or your own.
        width: Characters a row may have; the documented limit when not given.
        limit: Rows a call may give; as many or more mean that the range must be halved.
    """

    def __init__(
        self,
        rfc: Rfc,
        function: str = "RFC_READ_TABLE",
        *,
        width: int = ROW_WIDTH,
        limit: int = 20_000,
    ) -> None:
        self.rfc, self.function, self.limit = rfc, function, limit
        self.left_out: dict[str, set[str]] = {}
        self._width = width
        self._lengths: dict[tuple[str, tuple[str, ...]], dict[str, int]] = {}

    def rows(
        self,
        table: str,
        columns: Sequence[str],
        where: str,
        *,
        keys: Sequence[str],
        optional: frozenset[str] = frozenset(),
        limit: int | None = None,
    ) -> list[dict[str, str]] | None:
        """Return rows by their key, each once; None when there are as many as a call may give, so that some may be missing.

        Args:
            table: Its name.
            columns: Columns wanted, the keys among them.
            where: Condition in SAP's internal formats.
            keys: Columns that identify a row.
            optional: Columns to do without where the system lacks them.
            limit: Another limit than that of the object; 0 for none.
        """
        lengths = self._plan(table, tuple(columns), optional)
        most = self.limit if limit is None else limit
        joined: dict[tuple[str, ...], dict[str, str]] | None = None
        for group in column_groups(lengths, keys, self._width):
            found = self._group(table, group, where, most, keys)
            if most and len(found) >= most:
                return None
            if joined is None:
                joined = found
                continue
            # A row that another group of columns does not show was deleted or moved meanwhile.
            joined = {key: row | found[key] for key, row in joined.items() if key in found}
        return list((joined or {}).values())

    def columns_of(
        self, table: str, columns: Sequence[str], optional: frozenset[str]
    ) -> tuple[str, ...]:
        """Return which of the columns the system has.

        Raises:
            NotOffered: When the table, or a column that is not optional, is missing.
            AccessDenied: When the user may not read it.
        """
        return tuple(self._plan(table, tuple(columns), optional))

    def _plan(
        self, table: str, columns: tuple[str, ...], optional: frozenset[str]
    ) -> dict[str, int]:
        known = self._lengths.get((table, columns))
        if known is None:
            found = dict(self._lengths_of(table, columns, optional))
            known = self._lengths[table, columns] = {it: found[it] for it in columns if it in found}
        return known

    def _lengths_of(
        self, table: str, columns: tuple[str, ...], optional: frozenset[str]
    ) -> Iterator[tuple[str, int]]:
        """Ask for the lengths of columns, halving the question where a row gets too wide or a column is unknown."""
        try:
            answer = self._call(table, columns, "", NO_DATA="X")
        except RequestRefused as error:
            key = key_of(error)
            if key not in {BUFFER_EXCEEDED, FIELD_NOT_VALID}:
                raise
            if len(columns) > 1:
                half = len(columns) // 2
                yield from self._lengths_of(table, columns[:half], optional)
                yield from self._lengths_of(table, columns[half:], optional)
                return
            column = next(iter(columns))
            if column in optional:
                self.left_out.setdefault(table, set()).add(column)
            else:
                msg = f"{self.function}: table {table} has no column {column} on this system"
                raise NotOffered(msg, messages=error.messages) from None
            return
        for field in answer["FIELDS"]:
            yield field["FIELDNAME"], int(field["LENGTH"]) + 1

    def _group(
        self, table: str, columns: tuple[str, ...], where: str, limit: int, keys: Sequence[str]
    ) -> dict[tuple[str, ...], dict[str, str]]:
        try:
            answer = self._call(table, columns, where, ROWCOUNT=limit)
        except RequestRefused as error:
            rest = columns[len(keys) :]
            if key_of(error) != BUFFER_EXCEEDED or len(rest) < 2:  # noqa: PLR2004 - one column cannot be split
                raise
            half = len(rest) // 2
            one = self._group(table, (*keys, *rest[:half]), where, limit, keys)
            two = self._group(table, (*keys, *rest[half:]), where, limit, keys)
            return {key: row | two[key] for key, row in one.items() if key in two}
        fields = answer["FIELDS"]
        rows = (sliced(row["WA"], fields) for row in _data(answer))
        return {tuple(row[key] for key in keys): row for row in rows}

    def _call(self, table: str, columns: Sequence[str], where: str, **more: Any) -> dict[str, Any]:
        return self.rfc.read(
            self.function,
            QUERY_TABLE=table,
            FIELDS=[{"FIELDNAME": name} for name in columns],
            OPTIONS=options(where) if where else [],
            **more,
        )


def _data(answer: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the rows, from whichever table parameter holds them."""
    for name, value in answer.items():
        if value and isinstance(value, list) and (name == "DATA" or name.startswith("TBLOUT")):
            return value
    return []


def returned(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the messages of a BAPI, whether RETURN is a structure, a table, or missing."""
    value = answer.get("RETURN") or []
    rows = [value] if isinstance(value, Mapping) else list(value)
    return [row for row in rows if str(row.get("TYPE") or "").strip()]


def checked(answer: Mapping[str, Any], function: str) -> list[str]:
    """Return the warnings and remarks of a BAPI.

    Raises:
        AccessDenied: When it says that an authorisation is missing.
        RequestRefused: When it says any other error.
    """
    rows = returned(answer)
    texts = [_text_of(row) for row in rows]
    bad = [text for row, text in zip(rows, texts, strict=True) if row["TYPE"] in {"E", "A"}]
    if not bad:
        return texts
    sentence = f"{function}: {'; '.join(bad)}"
    if any(code in text for text in bad for code in ("FN506", "FN507", "FN508")):
        raise AccessDenied(sentence, messages=tuple(bad))
    raise RequestRefused(sentence, messages=tuple(bad))


def _text_of(row: Mapping[str, Any]) -> str:
    code = str(row.get("CODE") or f"{row.get('ID') or ''}{row.get('NUMBER') or ''}").strip()
    text = str(row.get("MESSAGE") or "").strip()
    variables = " ".join(str(row.get(f"MESSAGE_V{it}") or "").strip() for it in range(1, 5)).strip()
    return f"{row['TYPE']} {code} {text or variables}".strip()
