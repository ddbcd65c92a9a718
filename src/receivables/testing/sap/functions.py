"""The function modules of the double: what SAP answers, over a set of books, with faults on demand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from receivables.testing.sap.books import Books, Cells
from receivables.testing.sap.faults import AbapError, Faults
from receivables.testing.sap.ledger import Ledger, Session, day_of
from receivables.testing.sap.render import bapi_row, in_key_order
from receivables.testing.sap.tables import TableReader


class Functions:
    """Function modules over one set of books; a session's postings wait for its commit."""

    def __init__(self, books: Books, faults: Faults | None = None) -> None:
        self.books = books
        self.faults = faults or Faults()
        self.calls: list[tuple[str, Mapping[str, Any]]] = []
        self._tables = TableReader(books, self.faults)
        self._ledger = Ledger(books, self.forget)
        self.handlers: dict[str, Callable[[Cells, Session], Cells]] = {
            "RFC_PING": lambda _, __: {},
            "STFC_CONNECTION": _echo,
            "RFC_READ_TABLE": lambda request, _: self._tables.read(request),
            "BAPI_AR_ACC_GETOPENITEMS": self._open_items,
            "BAPI_AR_ACC_GETSTATEMENT": self._statement,
            "BAPI_AR_ACC_GETKEYDATEBALANCE": self._balance,
            "BAPI_ACC_DOCUMENT_CHECK": self._ledger.check,
            "BAPI_ACC_DOCUMENT_POST": self._ledger.post,
            "BAPI_TRANSACTION_COMMIT": self._ledger.commit,
            "BAPI_TRANSACTION_ROLLBACK": self._ledger.rollback,
            "Z_RECEIVABLES_CLEARING": self._ledger.clear,
        }

    def call(self, function: str, request: Cells, session: Session) -> Cells:
        """Answer one call.

        Raises:
            AbapError: For what SAP raises.
        """
        self.calls.append((function, request))
        waiting = self.faults.raise_.get(function)
        if waiting:
            raise waiting.pop(0)
        if function not in self.handlers:
            raise AbapError("FU_NOT_FOUND", "FL", "E", "046", (function,))
        text = self.faults.return_error.get(function)
        if text:
            row = {"TYPE": "E", "ID": "RW", "CODE": "FN020", "NUMBER": "609", "MESSAGE": text}
            as_table = function.startswith("BAPI_ACC")
            return {"RETURN": [row] if as_table else row, "LINEITEMS": []}
        return self.handlers[function](request, session)

    def forget(self) -> None:
        """Forget where things stand in the tables: the books changed."""
        self._tables.forget()

    # --- BAPIs ---

    def _open_items(self, request: Cells, session: Session) -> Cells:  # noqa: ARG002 - one shape for all
        found = self.books.open_on(
            request["CUSTOMER"],
            day_of(request["KEYDATE"]),
            noted=request.get("NOTEDITEMS") == "X",
            company_code=request["COMPANYCODE"],
        )
        return self._items(request, found)

    def _statement(self, request: Cells, session: Session) -> Cells:  # noqa: ARG002 - one shape for all
        first, last = day_of(request["DATE_FROM"]), day_of(request["DATE_TO"])
        return self._items(
            request,
            self.books.posted(
                request["CUSTOMER"],
                first,
                last,
                noted=request.get("NOTEDITEMS") == "X",
                company_code=request["COMPANYCODE"],
            ),
        )

    def _items(self, request: Cells, found: list[Cells]) -> Cells:
        if request["COMPANYCODE"] not in self.books.companies:
            return {
                "RETURN": {
                    "TYPE": "E",
                    "CODE": "FN512",
                    "MESSAGE": f"Company code {request['COMPANYCODE']} does not exist",
                },
                "LINEITEMS": [],
            }
        if not found:
            return {
                "RETURN": {"TYPE": "I", "CODE": "FN517", "MESSAGE": "No open items"},
                "LINEITEMS": [],
            }
        rows = [bapi_row(it) for it in in_key_order(found)]
        if "BAPI3007_2" in self.faults.corrupt:
            rows.append(rows[0] | {"DOC_NO": "9999999999", "PSTNG_DATE": "00000000"})
        return {"RETURN": {}, "LINEITEMS": rows}

    def _balance(self, request: Cells, session: Session) -> Cells:  # noqa: ARG002 - one shape for all
        sums: dict[tuple[str, str], list[Decimal]] = {}
        own = request["COMPANYCODE"]
        for it in self.books.open_on(
            request["CUSTOMER"], day_of(request["KEYDATE"]), company_code=own
        ):
            sign = 1 if it["SHKZG"] == "S" else -1
            held = sums.setdefault((it.get("UMSKZ", ""), it["WAERS"]), [Decimal(0), Decimal(0)])
            held[0] += sign * it["WRBTR"]
            held[1] += sign * it["DMBTR"]
        rows = [
            {
                "SP_GL_IND": gl,
                "CURRENCY": code,
                "T_CURR_BAL": one,
                "LOC_CURRCY": self.books.companies[own],
                "LC_BAL": two,
            }
            for (gl, code), (one, two) in sums.items()
        ]
        return {"RETURN": {}, "KEYBALANCE": rows}


def _echo(request: Cells, session: Session) -> Cells:  # noqa: ARG001 - one shape for all
    return {"ECHOTEXT": request.get("REQUTEXT", ""), "RESPTEXT": "SAP R/3 Rel. 758   Sysid: DBL"}
