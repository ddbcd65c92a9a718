"""What is read of an SAP system over RFC besides items: customers, payment terms, decimals of currencies, company codes.

What may not be read is remarked and done without, wherever that changes no amount unnoticed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from receivables.adapters.sap import masters
from receivables.adapters.sap.due import compile_terms
from receivables.adapters.sap.lines import Master
from receivables.adapters.sap.select import customers_between, quoted
from receivables.adapters.sap.tables import Tables, decimals_of
from receivables.adapters.sap.values import Decimals
from receivables.errors import AccessDenied, NotOffered
from receivables.problems import Problem
from receivables.terms import PaymentTerms


class RfcMasters:
    """Reads master data and customizing as tables, each only as often as needed.

    Args:
        tables: Where to.
        segment_field: Column of KNA1 that groups customers.
    """

    def __init__(self, tables: Tables, segment_field: str) -> None:
        self.tables = tables
        self._segment_field = segment_field
        self._places: Decimals | None = None
        self._currencies: dict[str, tuple[str, str]] = {}
        self._notes: list[Problem] = []

    def terms(self) -> Mapping[str, PaymentTerms] | None:
        """Return the payment terms of T052 and T052S; None where the user may not read the first."""
        read, keys = self.tables.rows, ("ZTERM", "ZTAGG")
        split = frozenset({"XSPLT"})
        try:
            rows = read("T052", masters.T052, "", keys=keys, optional=split, limit=0) or ()
        except (AccessDenied, NotOffered) as error:
            self.note(
                "terms-unread", f"T052 cannot be read, customers have no terms: {error}", "T052"
            )
            return None
        parts = self._table("T052S", masters.T052S, "", 2)
        return compile_terms(masters.terms_rows(rows), masters.instalment_rows(parts))

    def places(self) -> Decimals:
        """Return the decimals of the system's currencies: TCURX, read once; ISO 4217 with a remark where it may not be read."""
        if self._places is None:
            try:
                self._places = decimals_of(self.tables)
            except (AccessDenied, NotOffered) as error:
                self._places = Decimals.iso()
                msg = f"TCURX cannot be read ({error}); decimals of ISO 4217 stand in, check JPY, CLP and COP against SAP"
                self.note("currency-decimals-assumed", msg, "TCURX")
        return self._places

    def masters(self, company_code: str, accounts: Sequence[str]) -> tuple[Master, ...]:
        """Return what the system holds of some customers."""
        span = customers_between(company_code, accounts)
        of_account = span.split(" AND ", 1)[1]
        area = self.company(company_code)[1]
        optional = frozenset({"STCD1", "BRSCH", "KTOKD", "SPERR", "LOEVM", "ZAHLS", "SPRAS"})
        read = self._table
        company = read("KNB1", masters.KNB1, span, 2, optional)
        general = tuple(dict.fromkeys((*masters.KNA1, self._segment_field)))
        return masters.masters_of(
            company_code,
            read("KNA1", general, of_account, 1, optional),
            company,
            read("KNB5", masters.KNB5, span, 3),
            read("KNKK", masters.KNKK, f"{of_account} AND KKBER EQ {quoted(area)}", 2)
            if area
            else (),
            segment_field=self._segment_field,
            places=self.places(),
            credit_currency=self.company(company_code)[0],
        )

    def company(self, company_code: str) -> tuple[str, str]:
        """Return the currency and the credit control area of a company code."""
        if company_code not in self._currencies:
            where = f"BUKRS EQ {quoted(company_code)}"
            rows = self.tables.rows(
                "T001", ("BUKRS", "WAERS", "KKBER"), where, keys=("BUKRS",), limit=0
            )
            if not rows:
                msg = f"company code {company_code} is not in T001; name one of the system's own"
                raise NotOffered(msg)
            self._currencies[company_code] = (rows[0]["WAERS"], rows[0]["KKBER"])
        return self._currencies[company_code]

    def note(self, code: str, message: str, where: str) -> None:
        """Remark something, to be given with the next page."""
        self._notes.append(Problem(code, message, where, severity="noted"))

    def take_notes(self) -> list[Problem]:
        """Return what was remarked since the last time."""
        notes, self._notes = self._notes, []
        return notes

    def _table(
        self,
        table: str,
        columns: Sequence[str],
        where: str,
        keys: int,
        optional: frozenset[str] = frozenset(),
    ) -> list[dict[str, str]]:
        try:
            return (
                self.tables.rows(
                    table, columns, where, keys=columns[:keys], optional=optional, limit=0
                )
                or []
            )
        except (AccessDenied, NotOffered) as error:
            self.note("table-unread", f"{table} is left out: {error}", table)
            return []
