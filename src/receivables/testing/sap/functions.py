"""The function modules of the double: what SAP answers, over a set of books, with faults on demand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.testing.sap.books import Books, Cells
from receivables.testing.sap.faults import AbapError, Faults
from receivables.testing.sap.render import bapi_row, in_key_order
from receivables.testing.sap.tables import TableReader


class Functions:
    """Function modules over one set of books; a session's postings wait for its commit."""

    def __init__(self, books: Books, faults: Faults | None = None) -> None:
        self.books = books
        self.faults = faults or Faults()
        self.calls: list[tuple[str, Mapping[str, Any]]] = []
        self._tables = TableReader(books, self.faults)
        self.handlers: dict[str, Callable[[Cells, Session], Cells]] = {
            "RFC_PING": lambda _, __: {},
            "STFC_CONNECTION": _echo,
            "RFC_READ_TABLE": lambda request, _: self._tables.read(request),
            "BAPI_AR_ACC_GETOPENITEMS": self._open_items,
            "BAPI_AR_ACC_GETSTATEMENT": self._statement,
            "BAPI_AR_ACC_GETKEYDATEBALANCE": self._balance,
            "BAPI_ACC_DOCUMENT_CHECK": self._check,
            "BAPI_ACC_DOCUMENT_POST": self._post,
            "BAPI_TRANSACTION_COMMIT": self._commit,
            "BAPI_TRANSACTION_ROLLBACK": self._rollback,
            "Z_RECEIVABLES_CLEARING": self._clear,
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
            request["CUSTOMER"], _day(request["KEYDATE"]), noted=request.get("NOTEDITEMS") == "X"
        )
        return self._items(request, found)

    def _statement(self, request: Cells, session: Session) -> Cells:  # noqa: ARG002 - one shape for all
        first, last = _day(request["DATE_FROM"]), _day(request["DATE_TO"])
        return self._items(
            request,
            self.books.posted(
                request["CUSTOMER"], first, last, noted=request.get("NOTEDITEMS") == "X"
            ),
        )

    def _items(self, request: Cells, found: list[Cells]) -> Cells:
        if request["COMPANYCODE"] != self.books.company_code:
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
        for it in self.books.open_on(request["CUSTOMER"], _day(request["KEYDATE"])):
            sign = 1 if it["SHKZG"] == "S" else -1
            held = sums.setdefault((it.get("UMSKZ", ""), it["WAERS"]), [Decimal(0), Decimal(0)])
            held[0] += sign * it["WRBTR"]
            held[1] += sign * it["DMBTR"]
        rows = [
            {
                "SP_GL_IND": gl,
                "CURRENCY": code,
                "T_CURR_BAL": one,
                "LOC_CURRCY": self.books.currency,
                "LC_BAL": two,
            }
            for (gl, code), (one, two) in sums.items()
        ]
        return {"RETURN": {}, "KEYBALANCE": rows}

    # --- postings: they wait in the session until it commits ---

    def _check(self, request: Cells, session: Session) -> Cells:  # noqa: ARG002 - one shape for all
        return {"RETURN": [_posted_message("RW614", "Document - check: no errors")]}

    def _post(self, request: Cells, session: Session) -> Cells:
        amounts = request.get("CURRENCYAMOUNT", [])
        if sum((Decimal(it["AMT_DOCCUR"]) for it in amounts), Decimal(0)):
            rows = [
                ("E", "609", "Error in document"),
                ("E", "022", "Balance in transaction currency"),
            ]
            return {
                "RETURN": [{"TYPE": a, "ID": "RW", "NUMBER": b, "MESSAGE": c} for a, b, c in rows],
                "OBJ_KEY": "",
            }
        head = request["DOCUMENTHEADER"]
        year = str(head["PSTNG_DATE"])[:4]
        number = self.books.number(head["DOC_TYPE"])
        session.pending.append(lambda: self._book(head, number, request))
        key = f"{number}{head['COMP_CODE']}{year}"
        return {
            "OBJ_TYPE": "BKPFF",
            "OBJ_KEY": key,
            "RETURN": [_posted_message("RW605", f"Document posted successfully: BKPFF {key}")],
        }

    def _book(self, head: Cells, number: str, request: Cells) -> None:
        day = _day(head["PSTNG_DATE"])
        made = {
            "BUKRS": head["COMP_CODE"],
            "BELNR": number,
            "GJAHR": f"{day.year:04}",
            "BLART": head["DOC_TYPE"],
        }
        made |= {
            "BUDAT": day,
            "BLDAT": _day(head["DOC_DATE"]),
            "CPUDT": day,
            "HWAER": self.books.currency,
        }
        made |= {"XBLNR": head.get("REF_DOC_NO", "")}
        self.books.headers.append(made)
        amounts = {it["ITEMNO_ACC"]: it for it in request["CURRENCYAMOUNT"]}
        for item in request.get("ACCOUNTRECEIVABLE", []):
            amount = amounts[item["ITEMNO_ACC"]]
            value = Decimal(amount["AMT_DOCCUR"]).normalize()
            side, key = ("S", "05") if value > 0 else ("H", "15")
            cells = {
                "ZUONR": item.get("ALLOC_NMBR", ""),
                "SGTXT": item.get("ITEM_TEXT", ""),
                "XREF3": item.get("REF_KEY_3", ""),
            }
            self.books.line(
                made, item["CUSTOMER"], key, side, abs(value), amount["CURRENCY"], **cells
            )
        self.forget()

    def _clear(self, request: Cells, session: Session) -> Cells:
        keys = [
            tuple(it[name] for name in ("BUKRS", "BELNR", "GJAHR", "BUZEI"))
            for it in request["ITEMS"]
        ]
        lines = [
            it
            for it in self.books.lines
            if (it["BUKRS"], it["BELNR"], it["GJAHR"], it["BUZEI"]) in keys
        ]
        signed = sum((it["WRBTR"] * (1 if it["SHKZG"] == "S" else -1) for it in lines), Decimal(0))
        if len(lines) != len(keys) or any(it["AUGBL"] for it in lines) or signed:
            return {
                "RETURN": [
                    {
                        "TYPE": "E",
                        "ID": "F5",
                        "NUMBER": "702",
                        "MESSAGE": "Items do not balance or are not open",
                    }
                ]
            }
        day = _day(request["POSTING_DATE"])
        number = self.books.number("AB")

        def book() -> None:
            head: Cells = {
                "BUKRS": self.books.company_code,
                "BELNR": number,
                "GJAHR": f"{day.year:04}",
                "BLART": "AB",
            }
            head |= {
                "BUDAT": day,
                "BLDAT": day,
                "CPUDT": day,
                "XBLNR": request["REFERENCE"],
                "HWAER": self.books.currency,
            }
            self.books.headers.append(head)
            self.books.clear(lines, head)
            self.forget()

        session.pending.append(book)
        return {
            "RETURN": [_posted_message("F5312", f"Document {number} was posted")],
            "DOCUMENT": number,
        }

    def _commit(self, request: Cells, session: Session) -> Cells:  # noqa: ARG002 - one shape for all
        for book in session.pending:
            book()
        session.pending.clear()
        return {"RETURN": {}}

    def _rollback(self, request: Cells, session: Session) -> Cells:  # noqa: ARG002 - one shape for all
        session.pending.clear()
        return {"RETURN": {}}


@dataclass(slots=True)
class Session:
    """One logical unit of work on one connection: what was posted and not committed."""

    pending: list[Callable[[], None]] = field(default_factory=list)


def _echo(request: Cells, session: Session) -> Cells:  # noqa: ARG001 - one shape for all
    return {"ECHOTEXT": request.get("REQUTEXT", ""), "RESPTEXT": "SAP R/3 Rel. 758   Sysid: DBL"}


def _posted_message(code: str, text: str) -> Cells:
    return {"TYPE": "S", "ID": code[:2], "NUMBER": code[2:], "MESSAGE": text}


def _day(value: Any) -> date:
    text = value if isinstance(value, str) else f"{value:%Y%m%d}"
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
