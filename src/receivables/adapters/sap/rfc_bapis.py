"""Reads an SAP system over RFC by the accounts-receivable BAPIs, account by account; everything else as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from receivables.adapters.sap.columns import from_bapi
from receivables.adapters.sap.lines import Line
from receivables.adapters.sap.returns import checked
from receivables.adapters.sap.rfc_tables import RfcTables, made_of
from receivables.adapters.sap.values import compact
from receivables.problems import Problem

NO_OPEN_ITEMS = "FN517"
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(9999, 12, 31)


class RfcBapis(RfcTables):
    """Asks the accounts-receivable BAPIs account by account; everything else as tables."""

    def _lines(
        self, company_code: str, accounts: Sequence[str], problems: list[Problem]
    ) -> Iterator[Line]:
        for account in accounts:
            seen = set()
            for row in self._rows(company_code, account):
                for line in made_of(row, problems, "BAPI3007_2", from_bapi):
                    if line.key not in seen:
                        seen.add(line.key)
                        yield line

    def _rows(self, company_code: str, account: str) -> Iterator[Mapping[str, Any]]:
        """Return what was open when the history begins, and everything posted since."""
        asked = {"COMPANYCODE": company_code, "CUSTOMER": account, "NOTEDITEMS": "X"}
        if self._from is not None:
            before = compact(self._from - timedelta(days=1))
            yield from self._items("BAPI_AR_ACC_GETOPENITEMS", **asked, KEYDATE=before)
        first = compact(self._from or _FIRST_DAY)
        yield from self._items(
            "BAPI_AR_ACC_GETSTATEMENT", **asked, DATE_FROM=first, DATE_TO=compact(_LAST_DAY)
        )

    def _items(self, function: str, **asked: str) -> list[Mapping[str, Any]]:
        answer = self.rfc.read(function, **asked)
        remarks = checked(answer, f"{function} for {asked['COMPANYCODE']}/{asked['CUSTOMER']}")
        if any(NO_OPEN_ITEMS in remark for remark in remarks):
            return []
        rows: list[Mapping[str, Any]] = answer.get("LINEITEMS") or []
        return rows
