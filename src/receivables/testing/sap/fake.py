"""A connection without a wire: the same function modules, called directly, for where no RFC library is installed."""

from __future__ import annotations

import copy
from typing import Any

from receivables.testing.sap.faults import AbapError
from receivables.testing.sap.functions import Functions
from receivables.testing.sap.ledger import Session


class RFCError(Exception):
    """Root of the exceptions, named as pyrfc names them; they carry `key` and `code`."""

    def __init__(self, message: str = "", code: int = 0, key: str = "") -> None:
        super().__init__(message)
        self.message, self.code, self.key = message, code, key
        self.msg_class = self.msg_type = self.msg_number = ""


class ABAPApplicationError(RFCError):
    """A function module raised one of its exceptions."""


class CommunicationError(RFCError):
    """The connection broke."""


class LogonError(RFCError):
    """The logon was refused."""


class FakeConnection:
    """What a connection of pyrfc is to the adapter.

    Args:
        functions: The system.
        password: What a logon must give; None to accept anything.
    """

    def __init__(
        self, functions: Functions, *, user: str = "RFCUSER", password: str | None = None
    ) -> None:
        if password is not None and password != "right":  # noqa: S105 - the double's one password
            raise LogonError(f"Name or password is incorrect (user {user})", 2, "RFC_LOGON_FAILURE")
        self._functions = functions
        self._session = Session()
        self.alive = True

    def call(self, func_name: str, /, **parameters: Any) -> dict[str, Any]:
        """Call a function module."""
        if not self.alive:
            raise CommunicationError("connection closed", 13, "RFC_CLOSED")
        faults = self._functions.faults
        if faults.drop.get(func_name, 0) > 0:
            faults.drop[func_name] -= 1
            self._break()
        try:
            answer = self._functions.call(func_name, dict(parameters), self._session)
        except AbapError as error:
            raised = ABAPApplicationError("", 5, error.key)
            raised.msg_class, raised.msg_type, raised.msg_number = (
                error.cls,
                error.kind,
                error.number,
            )
            raise raised from None
        if faults.after.get(func_name, 0) > 0:
            faults.after[func_name] -= 1
            self._break()
        return copy.deepcopy(answer)

    def close(self) -> None:
        """End the session; what was not committed is gone."""
        self.alive = False
        self._session.pending.clear()

    def _break(self) -> None:
        self.close()
        raise CommunicationError("connection closed without message", 13, "RFC_CLOSED")
