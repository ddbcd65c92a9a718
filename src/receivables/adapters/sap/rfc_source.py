"""`SapRfcSource`: SAP over RFC, by tables in bulk or by BAPIs account by account.

The two give the same facts. Tables are faster and need the right to read tables; BAPIs are released by SAP, give amounts
as people know them, and check authorisations company code by company code. Master data and TCURX are read as tables in both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, Literal

from receivables.adapters.sap.codes import Codes
from receivables.adapters.sap.control import Difference
from receivables.adapters.sap.cursor import Cursor
from receivables.adapters.sap.rfc import Rfc, RfcConnection
from receivables.adapters.sap.rfc_bapis import RfcBapis
from receivables.adapters.sap.rfc_tables import RfcTables
from receivables.adapters.sap.source import SapSource
from receivables.adapters.sap.tables import Tables
from receivables.adapters.sap.uuids import UuidTable
from receivables.errors import UnreadableSource

if TYPE_CHECKING:
    from receivables.adapters.sap.probe import Finding

Path = Literal["tables", "bapi"]


class SapRfcSource(SapSource):
    """Facts from SAP ECC or S/4HANA over RFC.

    Args:
        connection: An open connection, or a function that opens one: only then is a lost one replaced.
        company_codes: BUKRS of the books to read.
        path: `tables` reads BSID and BSAD in bulk; `bapi` asks account by account.
        codes: What the system's codes mean.
        accounts: Only these customers.
        history_from: Leave out what was cleared before this day; None for everything the system holds.
        read_table: Name of the function that reads tables.
        row_width: Characters that function gives a row.
        rows_per_call: Most rows of one call; a range with as many is halved.
        clearing_history: Whether to read BSE_CLR, whose discounts win over those of the items.
        control_date: Compare each account read with SAP's own balance of this day; a difference becomes a problem of the page.
        uuids: The table that holds fiscal UUIDs, where they stand in none of the items' own fields.
        accounts_per_page: How many accounts a page holds.
    """

    def __init__(
        self,
        connection: RfcConnection | Callable[[], RfcConnection] | Rfc,
        company_codes: Iterable[str],
        *,
        path: Path = "tables",
        codes: Codes | None = None,
        accounts: Iterable[str] | None = None,
        history_from: date | None = None,
        read_table: str = "RFC_READ_TABLE",
        row_width: int = 512,
        rows_per_call: int = 20_000,
        clearing_history: bool = True,
        control_date: date | None = None,
        uuids: UuidTable | None = None,
        accounts_per_page: int = 50,
        name: str = "sap-rfc",
    ) -> None:
        rfc = connection if isinstance(connection, Rfc) else Rfc(connection)
        codes = codes or Codes()
        tables = Tables(rfc, read_table, width=row_width, limit=rows_per_call)
        kind = RfcTables if path == "tables" else RfcBapis
        self.rfc = rfc
        if control_date and history_from and control_date < history_from:
            msg = f"control_date {control_date} lies before history_from {history_from}: what was cleared between is not read; move one of them"
            raise UnreadableSource(msg)
        self.reader = kind(
            rfc,
            tables,
            codes,
            history_from,
            clearing_history=clearing_history,
            control_date=control_date,
            uuids=uuids,
        )
        super().__init__(
            self.reader,
            company_codes,
            codes=codes,
            accounts=accounts,
            accounts_per_page=accounts_per_page,
            name=name,
        )

    def probe(self) -> tuple[Finding, ...]:
        """Try every table and function this source may use, reading no data; each finding says what follows from it."""
        from receivables.adapters.sap.probe import probe_rfc  # it knows both transports

        tables = self.reader.tables
        return probe_rfc(self.rfc, read_table=tables.function, row_width=tables.width)

    def check_balances(self, as_of: date) -> tuple[Difference, ...]:
        """Compare what is read with SAP's own key date balance, account by account; nothing listed means no difference.

        Args:
            as_of: The key date.

        Raises:
            RemoteError: When the system cannot be read.
        """
        found: list[Difference] = []
        for company_code, accounts in self._blocks(Cursor()):
            lines = self.reader.block(company_code, accounts).lines
            found += self.reader.balances(company_code, accounts, lines, as_of)
        return tuple(found)
