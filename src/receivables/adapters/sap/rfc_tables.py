"""Reads an SAP system over RFC by tables: BSID and BSAD by ranges of accounts, master data, TCURX, and the clearing history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from receivables.adapters.sap.codes import Codes
from receivables.adapters.sap.columns import (
    KEYS,
    OPTIONAL_COLUMNS,
    TABLE_COLUMNS,
    cleared_from_table,
    from_table,
    place_of,
)
from receivables.adapters.sap.control import Difference, differences
from receivables.adapters.sap.faults import is_too_much
from receivables.adapters.sap.lines import Cleared, ClearingKey, Line, taking_part
from receivables.adapters.sap.returns import checked
from receivables.adapters.sap.rfc import Rfc
from receivables.adapters.sap.rfc_masters import RfcMasters
from receivables.adapters.sap.select import customers_between, one_of, quoted
from receivables.adapters.sap.source import Block
from receivables.adapters.sap.tables import Tables
from receivables.adapters.sap.uuids import UuidTable, with_uuids
from receivables.adapters.sap.values import compact, unpadded
from receivables.errors import AccessDenied, NotOffered, ReceivablesError, RequestRefused
from receivables.problems import Problem
from receivables.terms import PaymentTerms

_CLEARED = (*("BUKRS_CLR", "BELNR_CLR", "GJAHR_CLR", "INDEX_CLR"), *KEYS, "WAERS", "WRBTR", "WSKTO")
_IN_LIST = 150  # values of one IN list; the dynamic WHERE has a limit
_LAST_NUMBER = 9_999_999_999  # of a document; beyond it only numbers with letters follow


class RfcTables:
    """Reads BSID and BSAD by ranges of accounts."""

    def __init__(
        self,
        rfc: Rfc,
        tables: Tables,
        codes: Codes,
        history_from: date | None,
        *,
        clearing_history: bool,
        control_date: date | None = None,
        uuids: UuidTable | None = None,
    ) -> None:
        self.rfc, self.tables = rfc, tables
        self._uuids = uuids
        self._control = control_date
        self._codes, self._from = codes, history_from
        self._history = clearing_history
        self._masters = RfcMasters(tables, codes.segment_field)

    def close(self) -> None:
        """Close the connections."""
        self.rfc.close()

    def accounts(self, company_code: str) -> Sequence[str]:
        """Return every account of KNB1."""
        where = f"BUKRS EQ {quoted(company_code)}"
        rows = self.tables.rows("KNB1", ("KUNNR", "BUKRS"), where, keys=("KUNNR",), limit=0)
        return sorted(row["KUNNR"] for row in rows or ())

    def block(self, company_code: str, accounts: Sequence[str]) -> Block:
        """Return the items, clearing history and master data of some accounts."""
        problems: list[Problem] = []
        lines = self._stamped(company_code, tuple(self._lines(company_code, accounts, problems)))
        cleared = tuple(self._cleared(company_code, lines))
        found = self._masters.masters(company_code, accounts)
        if self._control is not None:
            for it in self.balances(company_code, accounts, lines, self._control):
                msg = f"balance on {self._control}: {it}"
                self._masters.note("balance-differs", msg, f"{company_code}/{it.account}")
        return Block(lines, cleared, found, (*problems, *self._masters.take_notes()))

    def balances(
        self, company_code: str, accounts: Sequence[str], lines: Iterable[Line], as_of: date
    ) -> Iterator[Difference]:
        """Yield where the items of accounts and SAP's own key date balances differ."""
        function = "BAPI_AR_ACC_GETKEYDATEBALANCE"
        own: dict[str, list[Line]] = defaultdict(list)
        for line in lines:
            own[line.customer].append(line)
        for account in accounts:
            asked = {"COMPANYCODE": company_code, "CUSTOMER": account, "KEYDATE": compact(as_of)}
            answer = self.rfc.read(function, **asked, BALANCESPGLI="X")
            checked(answer, f"{function} for {company_code}/{account}")
            told = answer.get("KEYBALANCE") or []
            name = unpadded(account)
            yield from differences(company_code, name, own[name], told, as_of)

    def members(self, company_code: str, clearings: Iterable[ClearingKey]) -> tuple[Line, ...]:
        """Return the cleared items of clearings, and what their documents posted."""
        keys = frozenset(clearings)
        numbers = sorted({key.document for key in keys})
        found = list(self.documents(company_code, numbers))
        for some in _chunks(numbers):
            where = f"BUKRS EQ {quoted(company_code)} AND {one_of('AUGBL', some)}"
            found += self._made(company_code, "BSAD", where, [], limit=0) or []
        return taking_part(found, keys)

    def documents(self, company_code: str, numbers: Iterable[str]) -> tuple[Line, ...]:
        """Return the items of documents."""
        found: list[Line] = []
        for some in _chunks(sorted(numbers)):
            where = f"BUKRS EQ {quoted(company_code)} AND {one_of('BELNR', some)}"
            for table in ("BSID", "BSAD"):
                found += self._made(company_code, table, where, [], limit=0) or []
        return tuple(found)

    def touched(self, company_code: str, since: date) -> frozenset[str]:
        """Return the accounts with an item entered or cleared from a day on.

        A clearing may be dated before the day it was entered, and leave no item of its own: such documents are looked for
        by their headers, and what they cleared by their number.
        """
        ours, first = f"BUKRS EQ {quoted(company_code)}", quoted(compact(since))
        late = f"{ours} AND CPUDT GE {first} AND BUDAT LT {first}"
        headers = self.tables.rows("BKPF", KEYS[:3], late, keys=KEYS[:3], limit=0) or ()
        asked = [
            ("BSID", f"{ours} AND CPUDT GE {first}"),
            ("BSAD", f"{ours} AND CPUDT GE {first}"),
            ("BSAD", f"{ours} AND AUGDT GE {first}"),
            *(
                ("BSAD", f"{ours} AND {one_of('AUGBL', some)}")
                for some in _chunks(sorted({row["BELNR"] for row in headers}))
            ),
        ]
        found = set()
        for table, where in asked:
            rows = self.tables.rows(table, (*KEYS, "KUNNR"), where, keys=KEYS, limit=0)
            found |= {row["KUNNR"] for row in rows or ()}
        return frozenset(found)

    def terms(self) -> Mapping[str, PaymentTerms] | None:
        """Return the payment terms of T052 and T052S; None where the user may not read the first."""
        return self._masters.terms()

    def _stamped(self, company_code: str, lines: tuple[Line, ...]) -> tuple[Line, ...]:
        """Return the lines with the fiscal UUIDs of their documents, where a table holds them."""
        if self._uuids is None:
            return lines
        try:
            found = list(with_uuids(self.tables, self._uuids, company_code, lines))
        except (AccessDenied, NotOffered) as error:
            self._masters.note("uuids-unread", f"UUIDs are left out: {error}", self._uuids.table)
            return lines
        for it in found:
            if isinstance(it, Problem):
                self._masters.note(it.code, it.message, it.where)
        return tuple(it for it in found if isinstance(it, Line))

    def _lines(
        self, company_code: str, accounts: Sequence[str], problems: list[Problem]
    ) -> Iterator[Line]:
        since = f" AND AUGDT GE {quoted(compact(self._from))}" if self._from else ""
        for table, condition in (("BSID", ""), ("BSAD", since)):
            yield from self._range(company_code, table, accounts, condition, problems)

    def _range(
        self,
        company_code: str,
        table: str,
        accounts: Sequence[str],
        since: str,
        problems: list[Problem],
    ) -> Iterator[Line]:
        """Yield the items of a range of accounts; one with more rows than a call gives is halved, at last by document."""
        where = customers_between(company_code, accounts) + since
        lines = self._tried(company_code, table, where, problems)
        if lines is not None:
            yield from lines
        elif len(accounts) > 1:
            half = len(accounts) // 2
            for some in (accounts[:half], accounts[half:]):
                yield from self._range(company_code, table, some, since, problems)
        else:
            yield from self._span(company_code, table, where, (0, _LAST_NUMBER), problems)

    def _span(
        self,
        company_code: str,
        table: str,
        where: str,
        numbers: tuple[int, int],
        problems: list[Problem],
    ) -> Iterator[Line]:
        """Yield the items of one account by a range of document numbers; the last range is open: numbers may have letters."""
        first, last = numbers
        condition = f"{where} AND BELNR GE {quoted(f'{first:010}')}"
        if last < _LAST_NUMBER:
            condition += f" AND BELNR LE {quoted(f'{last:010}')}"
        if first == last:
            yield from self._made(company_code, table, condition, problems, limit=0) or ()
            return
        lines = self._tried(company_code, table, condition, problems)
        if lines is not None:
            yield from lines
            return
        middle = (first + last) // 2
        for half in ((first, middle), (middle + 1, last)):
            yield from self._span(company_code, table, where, half, problems)

    def _tried(
        self, company_code: str, table: str, where: str, problems: list[Problem]
    ) -> list[Line] | None:
        """Return the items of a range; None when there are more rows than one call gives, or memory for."""
        try:
            return self._made(company_code, table, where, problems, limit=None)
        except RequestRefused as error:
            if not is_too_much(error):
                raise
            return None

    def _made(
        self,
        company_code: str,
        table: str,
        where: str,
        problems: list[Problem],
        *,
        limit: int | None,
    ) -> list[Line] | None:
        rows = self.tables.rows(
            table, TABLE_COLUMNS, where, keys=KEYS, optional=OPTIONAL_COLUMNS, limit=limit
        )
        if rows is None:
            return None
        reversed_with = self._reversals(company_code, sorted({row["BELNR"] for row in rows}))
        currency, _ = self._masters.company(company_code)
        places, lines = self._masters.places(), []
        for row in rows:
            row["STBLG"] = reversed_with.get((row["BELNR"], row["GJAHR"]), "")
            line = made_of(row, problems, table, lambda it: from_table(it, places, currency))
            lines += line
        return lines

    def _reversals(self, company_code: str, numbers: Sequence[str]) -> dict[tuple[str, str], str]:
        """Return which documents reverse or were reversed, by the key of their headers: STBLG itself has no index."""
        found: dict[tuple[str, str], str] = {}
        for some in _chunks(numbers):
            where = f"BUKRS EQ {quoted(company_code)} AND {one_of('BELNR', some)} AND STBLG NE ' '"
            columns = ("BUKRS", "BELNR", "GJAHR", "STBLG")
            rows = self.tables.rows("BKPF", columns, where, keys=columns[:3], limit=0) or ()
            found |= {(row["BELNR"], row["GJAHR"]): row["STBLG"] for row in rows}
        return found

    def _cleared(self, company_code: str, lines: Iterable[Line]) -> Iterator[Cleared]:
        if not self._history:
            return
        numbers = sorted({line.cleared_by for line in lines if line.cleared_by})
        for some in _chunks(numbers):
            where = f"BUKRS_CLR EQ {quoted(company_code)} AND {one_of('BELNR_CLR', some)} AND KOART EQ 'D'"
            try:
                rows = self.tables.rows("BSE_CLR", _CLEARED, where, keys=_CLEARED[:4], limit=0)
            except (AccessDenied, NotOffered) as error:
                self._history = False
                msg = f"the clearing history cannot be read, discounts are those of the items: {error}"
                self._masters.note("clearing-history-unread", msg, "BSE_CLR")
                return
            for row in rows or ():
                yield cleared_from_table(row, self._masters.places())


def made_of(
    row: Mapping[str, Any],
    problems: list[Problem],
    where: str,
    make: Callable[[Mapping[str, Any]], Line],
) -> list[Line]:
    """Return the line of a row, or nothing and the problem."""
    try:
        return [make(row)]
    except ReceivablesError as error:
        place = f"{where} {place_of(row)}"
        problems.append(Problem(error.code, f"the row cannot be read: {error}", place))
    except (KeyError, ValueError, ArithmeticError) as error:
        place = f"{where} {place_of(row)}"
        problems.append(Problem("unreadable-row", f"the row cannot be read: {error!r}", place))
    return []


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(values), _IN_LIST):
        yield values[first : first + _IN_LIST]
