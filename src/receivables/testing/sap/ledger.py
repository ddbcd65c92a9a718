"""The functions of the double that write: postings and clearings wait in their session until it commits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.testing.sap.books import Books, Cells


@dataclass(slots=True)
class Session:
    """One logical unit of work on one connection: what was posted and not committed."""

    pending: list[Callable[[], None]] = field(default_factory=list)


class Ledger:
    """Writes into books what sessions commit.

    Args:
        books: Where to.
        forget: Called when the books changed.
    """

    def __init__(self, books: Books, forget: Callable[[], None]) -> None:
        self._books, self._forget = books, forget

    def check(self, request: Cells, session: Session) -> Cells:  # noqa: ARG002 - one shape for all
        """Check a document and post nothing."""
        return {"RETURN": [_posted_message("RW614", "Document - check: no errors")]}

    def post(self, request: Cells, session: Session) -> Cells:
        """Post a document, once the session commits."""
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
        number = self._books.number(head["DOC_TYPE"])
        session.pending.append(lambda: self._book(head, number, request))
        key = f"{number}{head['COMP_CODE']}{year}"
        return {
            "OBJ_TYPE": "BKPFF",
            "OBJ_KEY": key,
            "RETURN": [_posted_message("RW605", f"Document posted successfully: BKPFF {key}")],
        }

    def _book(self, head: Cells, number: str, request: Cells) -> None:
        day = day_of(head["PSTNG_DATE"])
        made = {
            "BUKRS": head["COMP_CODE"],
            "BELNR": number,
            "GJAHR": f"{day.year:04}",
            "BLART": head["DOC_TYPE"],
        }
        made |= {
            "BUDAT": day,
            "BLDAT": day_of(head["DOC_DATE"]),
            "CPUDT": day,
            "HWAER": self._books.currency,
        }
        made |= {"XBLNR": head.get("REF_DOC_NO", "")}
        self._books.headers.append(made)
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
            self._books.line(
                made, item["CUSTOMER"], key, side, abs(value), amount["CURRENCY"], **cells
            )
        self._forget()

    def clear(self, request: Cells, session: Session) -> Cells:
        """Clear items that sum to zero, once the session commits."""
        keys = [
            tuple(it[name] for name in ("BUKRS", "BELNR", "GJAHR", "BUZEI"))
            for it in request["ITEMS"]
        ]
        lines = [
            it
            for it in self._books.lines
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
        day = day_of(request["POSTING_DATE"])
        number = self._books.number("AB")

        def book() -> None:
            head: Cells = {
                "BUKRS": self._books.company_code,
                "BELNR": number,
                "GJAHR": f"{day.year:04}",
                "BLART": "AB",
            }
            head |= {
                "BUDAT": day,
                "BLDAT": day,
                "CPUDT": day,
                "XBLNR": request["REFERENCE"],
                "HWAER": self._books.currency,
            }
            self._books.headers.append(head)
            self._books.clear(lines, head)
            self._forget()

        session.pending.append(book)
        return {
            "RETURN": [_posted_message("F5312", f"Document {number} was posted")],
            "DOCUMENT": number,
        }

    def commit(self, request: Cells, session: Session) -> Cells:  # noqa: ARG002 - one shape for all
        """Write what waits."""
        for book in session.pending:
            book()
        session.pending.clear()
        return {"RETURN": {}}

    def rollback(self, request: Cells, session: Session) -> Cells:  # noqa: ARG002 - one shape for all
        """Forget what waits."""
        session.pending.clear()
        return {"RETURN": {}}


def day_of(value: Any) -> date:
    """Return a day, however a client gave it."""
    text = value if isinstance(value, str) else f"{value:%Y%m%d}"
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def _posted_message(code: str, text: str) -> Cells:
    return {"TYPE": "S", "ID": code[:2], "NUMBER": code[2:], "MESSAGE": text}
