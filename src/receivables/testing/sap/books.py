"""A small set of SAP books: documents are posted and cleared the way FI does it, line by line.

Amounts here are as people know them; how a path writes them is the business of `render`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

Cells = dict[str, Any]
NUMBERS = {
    "RV": 9_000_000_000,
    "DG": 1_600_000_000,
    "DZ": 1_400_000_000,
    "AB": 100_000_000,
    "SA": 200_000_000,
    "KZ": 1_500_000_000,
    "DN": 1_800_000_000,
}
ZERO = Decimal(0)


@dataclass(slots=True)
class Books:
    """The customer accounts of a company code, or of several, and the tables around them.

    Args:
        company_code: BUKRS of what is posted next; see `company`.
        currency: That company's currency.
        exceptions: TCURX: currencies that have not two decimals.
    """

    company_code: str = "MX01"
    currency: str = "MXN"
    exceptions: Mapping[str, int] = field(
        default_factory=lambda: {"JPY": 0, "CLP": 0, "KWD": 3, "KRW": 0}
    )
    lines: list[Cells] = field(default_factory=list)
    headers: list[Cells] = field(default_factory=list)
    tables: dict[str, list[Cells]] = field(default_factory=dict)
    companies: dict[str, str] = field(default_factory=dict)
    _count: dict[tuple[str, str], int] = field(default_factory=dict)
    _documents: dict[tuple[str, str, str], list[Cells]] = field(default_factory=dict)
    _accounts: dict[str, list[Cells]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.companies[self.company_code] = self.currency

    def company(self, company_code: str, currency: str) -> None:
        """Post to another company code from now on; its document numbers begin again, as they do in SAP."""
        self.company_code, self.currency = company_code, currency
        self.companies[company_code] = currency

    def number(self, document_type: str) -> str:
        """Return the next document number of a type."""
        place = self.company_code, document_type
        count = self._count[place] = self._count.get(place, 0) + 1
        return f"{NUMBERS.get(document_type, 300_000_000) + count:010}"

    def document(self, document_type: str, day: date, **header: Any) -> Cells:
        """Open a document; lines are added to it by `line`."""
        head: Cells = {
            "BUKRS": self.company_code,
            "BELNR": self.number(document_type),
            "GJAHR": f"{day.year:04}",
            "BLART": document_type,
            "BUDAT": day,
            "BLDAT": day,
            "CPUDT": day,
            "HWAER": self.currency,
            **header,
        }
        self.headers.append(head)
        return head

    def line(
        self,
        head: Cells,
        customer: str,
        posting_key: str,
        side: str,
        amount: Decimal,
        currency: str,
        **cells: Any,
    ) -> Cells:
        """Post one line on a customer account."""
        count = head.setdefault("_lines", 0)
        head["_lines"] = count + 1
        head.setdefault("WAERS", currency)
        made: Cells = {
            **{name: value for name, value in head.items() if not name.startswith("_")},
            "BUZEI": f"{count + 1:03}",
            "KUNNR": customer.zfill(10) if customer.isdigit() else customer.upper(),
            "BSCHL": posting_key,
            "SHKZG": side,
            "WAERS": currency,
            "WRBTR": amount,
            "DMBTR": amount.quantize(Decimal("0.01")),
            "AUGDT": None,
            "AUGBL": "",
            **cells,
        }
        self.lines.append(made)
        self._documents.setdefault((made["BUKRS"], made["BELNR"], made["GJAHR"]), []).append(made)
        self._accounts.setdefault(made["KUNNR"], []).append(made)
        return made

    def item(
        self,
        customer: str,
        amount: str,
        currency: str,
        day: date,
        *,
        document_type: str = "RV",
        side: str = "S",
        **cells: Any,
    ) -> Cells:
        """Post a document of one line, and its customer; the quickest way to an item of one's own making.

        Args:
            customer: Whose account; master data is made for it when there is none.
            amount: As people know it.
            currency: Of the amount.
            day: Posting, document and base date.
            document_type: BLART.
            side: S to charge, H to credit.
            cells: Other cells of the line, by column; XBLNR and CPUDT go to the header.
        """
        self.account(customer)
        header = {name: cells.pop(name) for name in ("XBLNR", "CPUDT") if name in cells}
        head = self.document(document_type, day, **header)
        key = "01" if side == "S" else "15" if document_type == "DZ" else "11"
        cells = {"ZFBDT": day, **cells}
        return self.line(head, customer, key, side, Decimal(amount), currency, **cells)

    def account(self, customer: str, **company: Any) -> None:
        """Make master data of a customer where there is none."""
        key = customer.zfill(10) if customer.isdigit() else customer.upper()
        general = self.tables.setdefault("KNA1", [])
        if all(row["KUNNR"] != key for row in general):
            general.append({"KUNNR": key, "NAME1": f"Customer {customer}"})
        own = self.tables.setdefault("KNB1", [])
        if all((row["KUNNR"], row["BUKRS"]) != (key, self.company_code) for row in own):
            own.append({"KUNNR": key, "BUKRS": self.company_code, **company})

    def clear(self, lines: Iterable[Cells], head: Cells) -> None:
        """Clear lines by a document, and write the clearing history."""
        for line in lines:
            line["AUGBL"], line["AUGDT"] = head["BELNR"], head["BUDAT"]
            line["AUGCP"] = head["CPUDT"]
            if line["BELNR"] != head["BELNR"]:
                rows = self.tables.setdefault("BSE_CLR", [])
                row = {
                    name: line[name]
                    for name in ("BUKRS", "BELNR", "GJAHR", "BUZEI", "SHKZG", "WAERS", "WRBTR")
                }
                row |= {
                    "BUKRS_CLR": head["BUKRS"],
                    "BELNR_CLR": head["BELNR"],
                    "GJAHR_CLR": head["GJAHR"],
                    "INDEX_CLR": f"{len(rows) + 1:06}",
                    "KOART": "D",
                    "WSKTO": line.get("WSKTO", ZERO),
                }
                rows.append(row)

    def reverse(self, document: Cells, day: date, reason: str = "01") -> Cells:
        """Post the opposite of a document and clear both against each other."""
        own = list(self.in_document(document))
        head = self.document(
            document["BLART"], day, STBLG=document["BELNR"], STJAH=document["GJAHR"], XREVERSAL="2"
        )
        document |= {"STBLG": head["BELNR"], "STJAH": head["GJAHR"], "XREVERSAL": "1"}
        for line in own:
            line["STBLG"] = head["BELNR"]
            other = "H" if line["SHKZG"] == "S" else "S"
            key = {"01": "12", "11": "02", "15": "05"}.get(line["BSCHL"], "05")
            mirror = self.line(
                head,
                line["KUNNR"],
                key,
                other,
                line["WRBTR"],
                line["WAERS"],
                DMBTR=line["DMBTR"],
                RSTGR=reason,
            )
            line["AUGBL"] = mirror["AUGBL"] = head["BELNR"]
            line["AUGDT"] = mirror["AUGDT"] = day
        return head

    def in_document(self, head: Cells) -> list[Cells]:
        """Return the lines of a document."""
        return self._documents.get((head["BUKRS"], head["BELNR"], head["GJAHR"]), [])

    def table(self, name: str) -> list[Cells]:
        """Return the rows of a table, as typed cells."""
        if name in {"BSID", "BSAD"}:
            return [it for it in self.lines if bool(it["AUGBL"]) == (name == "BSAD")]
        if name == "BKPF":
            return self.headers
        if name == "TCURX":
            return [
                {"CURRKEY": code, "CURRDEC": places} for code, places in self.exceptions.items()
            ]
        if name == "T001":
            return [
                {"BUKRS": code, "WAERS": currency, "LAND1": "MX", "KKBER": "MX01"}
                for code, currency in self.companies.items()
            ]
        if name == "T014":
            return [{"KKBER": "MX01", "WAERS": self.currency}]
        return self.tables.get(name, [])

    def open_on(
        self, customer: str, day: date, *, noted: bool = False, company_code: str | None = None
    ) -> list[Cells]:
        """Return the items of an account that were open on a day, those cleared later included."""
        return [
            it
            for it in self.of(customer, company_code)
            if it["BUDAT"] <= day
            and (it["AUGDT"] is None or it["AUGDT"] > day)
            and (noted or it.get("BSTAT", "") != "S")
        ]

    def posted(
        self,
        customer: str,
        first: date,
        last: date,
        *,
        noted: bool = False,
        company_code: str | None = None,
    ) -> list[Cells]:
        """Return the items of an account posted from a day to a day."""
        return [
            it
            for it in self.of(customer, company_code)
            if first <= it["BUDAT"] <= last and (noted or it.get("BSTAT", "") != "S")
        ]

    def of(self, customer: str, company_code: str | None = None) -> list[Cells]:
        """Return every item of an account, in one company code or in all."""
        found = self._accounts.get(customer, [])
        return (
            found if company_code is None else [it for it in found if it["BUKRS"] == company_code]
        )
