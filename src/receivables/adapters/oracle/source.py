"""Receivables of a Fusion pod as a source of facts: read completely, resumable at any page, incremental afterwards.

Five parts, each in the order of its keys: invoices with their instalments, credit memos, adjustments, accounts with their
receipts and applications, receipts without a customer. Applying a receipt does not touch the invoice it pays, so every pull
walks all accounts and reads their payment schedules over all history, never the last 90 days alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from receivables.adapters.oracle import codes, config, documents, query, receipts, wire
from receivables.adapters.oracle.accounts import AccountReader
from receivables.adapters.oracle.address import Patience
from receivables.adapters.oracle.auth import Auth
from receivables.adapters.oracle.codes import Rules
from receivables.adapters.oracle.cursor import DONE, PARTS, Cursor
from receivables.adapters.oracle.desk import Desk
from receivables.adapters.oracle.rest import Pod
from receivables.adapters.oracle.rows import Reading
from receivables.adapters.port import Capabilities, Entry, Page
from receivables.errors import NotOffered
from receivables.problems import Problem

OVERLAP = timedelta(minutes=5)
_NO_ENTRY = Entry(())
_Found = tuple[
    int, str, list[Reading]
]  # key to go on behind, what the lines are lines of, what was read


class OracleRestSource:
    """Receivables of a Fusion pod, read over REST.

    Args:
        base_url: Such as `https://xxxx.fa.us2.oraclecloud.com`.
        auth: `Basic`, `ClientCredentials` or `SignedJwt`; None when the session signs in.
        business_units: Names of those to read; all the user sees when empty.
        ledger_currency: Currency of the ledger, or of each business unit's.
        rules: What else the mapping must be told; its ledger currencies win.
        session: A `requests.Session` of the caller's.
        framework: REST framework version; settled with the pod when None.
        patience: How long to wait and how often to ask.
        page_size: Rows asked for a page.
        overlap: How far an incremental pull goes back before the last one began.
        pod: A pod that is ready, in place of the address.
        remarks: What was wrong with what the rules were read from; listed with every pull.
    """

    def __init__(
        self,
        base_url: str = "",
        auth: Auth | None = None,
        *,
        business_units: tuple[str, ...] = (),
        ledger_currency: str | Mapping[str, str] = "",
        rules: Rules | None = None,
        session: Any = None,
        framework: int | None = None,
        patience: Patience | None = None,
        page_size: int = 500,
        overlap: timedelta = OVERLAP,
        pod: Pod | None = None,
        remarks: tuple[Problem, ...] = (),
    ) -> None:
        self._pod = pod or Pod(
            base_url, auth, session=session, framework=framework, patience=patience
        )
        ledgers = {"*": ledger_currency} if isinstance(ledger_currency, str) else ledger_currency
        self._rules = rules or Rules({unit: it for unit, it in ledgers.items() if it})
        self._units = tuple(sorted(business_units))
        self._overlap, self._remarks = overlap, remarks
        self.desk = Desk(self._pod, page_size)
        self.name = f"oracle {self._pod.base_url.partition('://')[2]}"

    @classmethod
    def from_config(cls, table: Mapping[str, Any], secret: Callable[[str], str | None]) -> Self:
        """Return the source that a configuration file says.

        Args:
            table: The file, read.
            secret: Returns the value of an environment variable.

        Raises:
            UnreadableSource: When the configuration cannot be used.
        """
        return cls(**config.options(table, secret))

    def __repr__(self) -> str:
        return f"OracleRestSource({self._pod.base_url!r}, business_units={self._units!r})"

    @property
    def rules(self) -> Rules:
        """What the mapping was told."""
        return self._rules

    def capabilities(self) -> Capabilities:
        """Say what the source can give: dated facts, increments, and when each was entered."""
        return Capabilities(history=True, incremental=True, recorded=True)

    def pages(self, since: str | None = None) -> Iterator[Page]:
        """Yield the facts, page by page; the cursor of the last page begins the next, incremental pull.

        Args:
            since: The cursor of the last page that was kept; None reads everything.

        Raises:
            UnreadableSource: When the cursor is none of this source.
            RemoteError: When the pod refuses or cannot be reached; go on from the last cursor later.
        """
        cursor = self._start(since)
        held: Page | None = None
        empty = cursor.since is None and since is None
        for part in PARTS[PARTS.index(cursor.part) :]:
            after = cursor.after if part == cursor.part else None
            for key, source, found in self._part(part, after, cursor.since):
                if held is not None:
                    yield held
                empty = empty and not found
                held = _page(found, cursor.at(part, key).text(), source)
        problems = (*self._remarks, *((self._nothing_seen(),) if empty else ()))
        last = held or Page(())
        yield replace(
            last, cursor=cursor.at(DONE, None).text(), problems=(*last.problems, *problems)
        )

    def _start(self, since: str | None) -> Cursor:
        if since is None:
            return Cursor(self._now(), units=self._units)
        cursor = Cursor.read(since, self._units)
        return cursor.next_pull(self._now(), self._overlap) if cursor.part == DONE else cursor

    def _now(self) -> datetime:
        """Return the pod's time: nothing here depends on the clock of this machine."""
        self.desk.describe(codes.INVOICES, fresh=True)
        return (self._pod.server_time or datetime.min.replace(tzinfo=UTC)).astimezone(UTC)

    def _part(self, part: str, after: int | None, since: datetime | None) -> Iterator[_Found]:
        match part:
            case "invoices":
                return self._invoices(after, since)
            case "credit memos":
                return self._plain(codes.CREDIT_MEMOS, after, since, documents.credit_memo)
            case "adjustments":
                return self._plain(codes.ADJUSTMENTS, after, since, documents.adjustment)
            case "accounts":
                return AccountReader(self.desk, self._rules, self._units).read(after, since)
            case _:
                return self._unidentified(after, since)

    def _invoices(self, after: int | None, since: datetime | None) -> Iterator[_Found]:
        where = self._where(codes.INVOICES, since, asked_only=True)
        for rows in self.desk.pages(codes.INVOICES, where, after=after, expand=codes.INSTALMENTS):
            found = []
            for row in rows:
                parts = self.desk.instalments(row)
                if wire.touched(since, row, *parts):
                    found.append(documents.invoice(row, parts, self._rules))
            yield rows[-1]["CustomerTransactionId"], codes.INVOICES, found

    def _plain(
        self, resource: str, after: int | None, since: datetime | None, read: Any
    ) -> Iterator[_Found]:
        key = codes.KEYS[resource]
        try:
            for rows in self.desk.pages(resource, self._where(resource, since), after=after):
                found = [read(row, self._rules) for row in rows if wire.touched(since, row)]
                yield rows[-1][key], resource, found
        except NotOffered as error:
            problem = Problem("not-offered", f"{error}", resource, severity="noted")
            yield after or 0, resource, [Reading(_NO_ENTRY, (problem,))]

    def _unidentified(self, after: int | None, since: datetime | None) -> Iterator[_Found]:
        where = query.Where("State", "=", "Unidentified")
        for rows in self.desk.pages(
            codes.RECEIPTS, where, after=after, filters=self._where(codes.RECEIPTS, since)
        ):
            nobodys = [row for row in rows if not row.get("CustomerAccountNumber")]
            found = [
                receipts.receipt(row, self._rules) for row in nobodys if wire.touched(since, row)
            ]
            yield rows[-1]["StandardReceiptId"], codes.RECEIPTS, found

    def _where(
        self, resource: str, since: datetime | None, *, asked_only: bool = False
    ) -> query.Expression | None:
        """Return the filter of a part; with `asked_only`, changes are left to what the server can be asked."""
        parts: list[query.Expression] = []
        if self._units:
            parts.append(
                query.Where("BusinessUnit", "=", self._units[0])
                if len(self._units) == 1
                else query.In("BusinessUnit", self._units)
            )
        can_ask = "LastUpdateDate" in self.desk.describe(resource).queryable
        if since is not None and (can_ask or not asked_only):
            parts.append(query.Where("LastUpdateDate", ">=", since))
        return query.All(tuple(parts)) if parts else None

    def _nothing_seen(self) -> Problem:
        msg = "not one row is visible; a user with the privilege and without data access to a business unit sees nothing: check it"
        return Problem("nothing-visible", msg, self.name, severity="noted")


def _page(found: list[Reading], cursor: str, source: str) -> Page:
    problems = [problem for it in found for problem in it.problems]
    entries = [it.entry for it in found if it.entry.lines]
    return Page.of(entries, problems, cursor, source)
