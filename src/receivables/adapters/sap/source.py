"""The engine both sources share: accounts in blocks, each read whole, made into facts, and given as a page with its cursor.

A block holds every item of its accounts, so that what was cleared together is together. A clearing that also touched other
accounts does not balance within a block; its other items are fetched, and it is given out with the last account it touched.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Protocol

from receivables.adapters.port import Capabilities, Page
from receivables.adapters.sap.codes import Codes
from receivables.adapters.sap.cursor import Cursor, digest_of
from receivables.adapters.sap.groups import unbalanced
from receivables.adapters.sap.lines import Cleared, ClearingKey, Line, Master
from receivables.adapters.sap.read import read, read_masters
from receivables.adapters.sap.values import padded, unpadded
from receivables.errors import UnreadableSource
from receivables.facts import Customer, Fact
from receivables.problems import Problem
from receivables.terms import PaymentTerms

OVERLAP = timedelta(days=3)
_CHAIN = 12  # residual items of residual items that are followed


@dataclass(frozen=True, slots=True)
class Block:
    """What was read of some accounts.

    Args:
        lines: All their items.
        cleared: Their clearing history, where it is read.
        masters: What is held of the customers themselves.
        problems: Rows that could not be read, and remarks.
    """

    lines: tuple[Line, ...]
    cleared: tuple[Cleared, ...] = ()
    masters: tuple[Master, ...] = ()
    problems: tuple[Problem, ...] = ()


class Reader(Protocol):
    """What a transport must give; accounts are written as SAP stores them."""

    def accounts(self, company_code: str) -> Sequence[str]:
        """Return every customer account of a company code."""
        ...

    def block(self, company_code: str, accounts: Sequence[str]) -> Block:
        """Return everything of some accounts, which follow each other in the order of `accounts`."""
        ...

    def members(self, company_code: str, clearings: Iterable[ClearingKey]) -> tuple[Line, ...]:
        """Return the items of clearings, whatever the account."""
        ...

    def documents(self, company_code: str, numbers: Iterable[str]) -> tuple[Line, ...]:
        """Return the items of documents, whatever the account and year."""
        ...

    def touched(self, company_code: str, since: date) -> frozenset[str]:
        """Return the accounts on which something was entered or cleared from a day on."""
        ...

    def terms(self) -> Mapping[str, PaymentTerms] | None:
        """Return payment terms by their key; None where the path cannot read them."""
        ...


@dataclass(slots=True)
class _Given:
    """A page that waits until it is known what follows, and the cursor to give with it."""

    facts: tuple[Fact | Customer, ...]
    problems: tuple[Problem, ...]
    cursor: Cursor = field(default_factory=Cursor)

    def page(self, name: str) -> Page:
        return Page(self.facts, self.problems, self.cursor.written(), (), name)


class SapSource:
    """Facts from an SAP system.

    Args:
        reader: How it is read.
        company_codes: Which books.
        codes: What the system's codes mean.
        accounts: Only these customers; all of the company codes when not given.
        accounts_per_page: How many accounts a page holds.
        name: What the source is called.

    Attributes:
        progress: Accounts dealt with, and how many there are in all, while `pages` is read.
    """

    def __init__(
        self,
        reader: Reader,
        company_codes: Iterable[str],
        *,
        codes: Codes | None = None,
        accounts: Iterable[str] | None = None,
        accounts_per_page: int = 50,
        name: str = "sap",
    ) -> None:
        self.name = name
        self.company_codes = tuple(company_codes)
        if not self.company_codes:
            msg = "no company code is given; name at least one, such as 1000"
            raise UnreadableSource(msg)
        self._reader = reader
        self._codes = codes or Codes()
        self._accounts = None if accounts is None else sorted(padded(it) for it in accounts)
        self._size = max(1, accounts_per_page)
        self.progress = (0, 0)

    @classmethod
    def from_config(
        cls, table: Mapping[str, Any], environment: Callable[[str], str | None]
    ) -> SapSource:
        """Return the source that a configuration says; see `config`.

        Raises:
            UnfitMapping: For a missing or unknown name, or a secret written in the file.
        """
        from receivables.adapters.sap.config import read_config  # it knows both transports

        return read_config(table, environment).open()

    def capabilities(self) -> Capabilities:
        """Say what the source can give: dated facts, in increments, without when they became known."""
        return Capabilities(history=True, incremental=True, recorded=False)

    def pages(self, since: str | None = None) -> Iterator[Page]:
        """Yield the facts, block by block of accounts.

        Args:
            since: The cursor of the last page kept. After an interrupted run it goes on; after a complete one it gives
                the blocks that changed.

        Raises:
            UnreadableSource: When `since` is no cursor of this adapter.
            RemoteError: When the system cannot be read.
        """
        cursor = Cursor.read(since).begin()
        terms = self._reader.terms()
        held: _Given | None = None
        touched: dict[str, frozenset[str]] = {}
        stated = self._stated_before()
        for company_code, accounts in self._blocks(cursor):
            last = accounts[-1]
            if cursor.looks_again(company_code, last):
                if company_code not in touched:
                    touched[company_code] = self._touched(company_code, cursor)
                if not touched[company_code].intersection(accounts):
                    continue
            facts, problems, seen = self._read(company_code, accounts, terms, stated[company_code])
            digest = digest_of(facts)
            known = cursor.digest(company_code, last)
            cursor = cursor.past(company_code, last, digest, seen)
            if (
                not (facts or problems)
                or (known == digest and not problems)
                or (cursor.again and known == digest)
            ):
                if held is not None:
                    held.cursor = cursor
                continue
            if held is not None:
                yield held.page(self.name)
            held = _Given(facts, problems, cursor)
        if held is not None:
            held.cursor = cursor.done()
            yield held.page(self.name)

    def close(self) -> None:
        """Close what the reader holds open."""
        close = getattr(self._reader, "close", None)
        if close is not None:
            close()

    def _blocks(self, cursor: Cursor) -> Iterator[tuple[str, list[str]]]:
        """Yield the blocks after the cursor: those of earlier runs with the same bounds, then new accounts."""
        start = cursor.at
        codes = list(self.company_codes)
        if start is not None and start[0] in codes:
            codes = codes[codes.index(start[0]) :]
        listed = {it: self._accounts or sorted(self._reader.accounts(it)) for it in codes}
        done, total = 0, sum(map(len, listed.values()))
        for company_code, accounts in listed.items():
            after = start[1] if start is not None and start[0] == company_code else ""
            rest = [it for it in accounts if it > after]
            done += len(accounts) - len(rest)
            self.progress = (done, total)
            for end in cursor.ends(company_code) if cursor.again else ():
                own = rest[: bisect_right(rest, end)]
                if own:
                    yield company_code, [*own[:-1], end] if own[-1] != end else own
                rest = rest[len(own) :]
                done += len(own)
                self.progress = (done, total)
            for first in range(0, len(rest), self._size):
                some = rest[first : first + self._size]
                yield company_code, some
                done += len(some)
                self.progress = (done, total)

    def _touched(self, company_code: str, cursor: Cursor) -> frozenset[str]:
        """Return the accounts to look at again; what is posted meanwhile is entered late enough for the next run."""
        mark = cursor.mark
        assert mark is not None  # noqa: S101 - else there is nothing to look at again
        return self._reader.touched(company_code, mark - OVERLAP)

    def _stated_before(self) -> dict[str, frozenset[str]]:
        """Return for each company code the accounts that one before it has too: a customer is stated once."""
        codes, known = self.company_codes, frozenset[str]()
        if len(codes) == 1:
            return {codes[0]: known}
        before = {}
        for code in codes:
            before[code] = known
            known |= frozenset(self._reader.accounts(code))
        return before

    def _read(
        self,
        company_code: str,
        accounts: Sequence[str],
        terms: Mapping[str, PaymentTerms] | None,
        stated: frozenset[str],
    ) -> tuple[tuple[Fact | Customer, ...], tuple[Problem, ...], date | None]:
        block = self._reader.block(company_code, accounts)
        away, context = self._elsewhere(company_code, block.lines)
        own = {unpadded(it) for it in accounts}
        reading = read(
            (*block.lines, *away),
            codes=self._codes,
            cleared=block.cleared,
            context=context,
            wanted=lambda it: it.customer in own,
        )
        masters = [it for it in block.masters if padded(it.customer) not in stated]
        customers, remarks = read_masters(masters, terms)
        if len(masters) < len(block.masters):
            msg = (
                f"{len(block.masters) - len(masters)} customers of {company_code} are stated by a company code before it;"
                f" what {company_code} itself says of their terms, collector and dunning is left out"
            )
            where = f"{company_code}/{unpadded(accounts[-1])}"
            remarks = (*remarks, Problem("customer-stated-before", msg, where, severity="noted"))
        # Not the day of a clearing: that one may lie ahead, and the next run would start from there.
        days = [it.entry_date for it in block.lines if it.entry_date is not None]
        return (
            (*customers, *reading.facts),
            (*block.problems, *remarks, *reading.problems),
            max(days, default=None),
        )

    def _elsewhere(self, company_code: str, lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
        """Return what other accounts hold of the clearings that touched these, and the items it continues.

        Behind these come the other items of their documents: what a fact is called, and whether it has instalments, depends
        on its whole document.
        """
        away = unbalanced(lines, self._codes)
        if not away:
            return [], []
        known = {line.key for line in lines}
        fetched = {
            it.key: it for it in self._reader.members(company_code, away) if it.key not in known
        }
        for _ in range(_CHAIN):
            named = {it.refers_to for it in fetched.values() if it.refers_to is not None}
            missing = {key.document for key in named if key not in known and key not in fetched}
            if not missing:
                break
            for line in self._reader.documents(company_code, sorted(missing)):
                if line.key in named:
                    fetched[line.key] = line
        documents = {line.document for line in fetched.values()}
        context = [
            line
            for line in self._reader.documents(
                company_code, sorted({it.document for it in documents})
            )
            if line.document in documents and line.key not in known and line.key not in fetched
        ]
        return list(fetched.values()), context
