"""An OData V2 service on 127.0.0.1 that behaves as SAP Gateway does; `answers` says what it says."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from receivables.testing.sap.answers import ROOT, Handler
from receivables.testing.sap.books import Books
from receivables.testing.sap.entities import ENTITIES
from receivables.testing.sap.faults import HttpFaults
from receivables.testing.sap.render import cube_row, in_key_order
from receivables.testing.sap.soap import Inbox

_CUBE = "API_OPLACCTGDOCITEMCUBE_SRV/A_OperationalAcctgDocItemCube"


class GatewayServer:
    """The server; use it as a context manager.

    Args:
        books: What the cube shows.
        faults: What goes wrong.
    """

    def __init__(self, books: Books, faults: HttpFaults | None = None) -> None:
        self.books = books
        self.faults = faults or HttpFaults()
        self.requests: list[tuple[str, str, Mapping[str, str]]] = []
        self.changes: list[tuple[str, str, Any]] = []
        self.tokens: dict[str, str] = {}
        self.entities: dict[str, list[dict[str, Any]]] = {}
        self.lock = threading.Lock()
        self._cube: list[dict[str, Any]] | None = None
        self.inbox = Inbox(books, self.forget)
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._http.owner = self  # type: ignore[attr-defined]
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def close(self) -> None:
        """Stop serving."""
        self._http.shutdown()
        self._http.server_close()

    def forget(self) -> None:
        """Forget what was rendered: the books changed."""
        self._cube = None
        self.entities.clear()

    def collection(self, name: str) -> list[dict[str, Any]] | None:
        """Return the rows of an entity set; None when there is no such set."""
        if name == _CUBE:
            if self.faults.late > 0:
                self.faults.late -= 1
            else:
                self.inbox.work()
            if self._cube is None:
                lines = in_key_order(self.books.lines, ("BUKRS", "GJAHR", "BELNR", "BUZEI"))
                self._cube = [cube_row(row, f"{self.url}{ROOT}{_CUBE}") for row in lines]
            return self._cube
        made = ENTITIES.get(name)
        if name not in self.entities and made is not None:
            self.entities[name] = made(self.books)
        return self.entities.get(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
