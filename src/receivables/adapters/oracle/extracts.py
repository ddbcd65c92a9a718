"""Extracts of BICC and BI Publisher as a source of facts: CSV files of the AR view objects, plain or zipped.

Columns are recognised by the end of their name, so that a view object's prefix (`ArPaymentSchedule…`) and a report's own
database names (`AMOUNT_DUE_ORIGINAL`) both do. Unlike REST, applications name both amounts of a cross-currency use.
Which view objects there are for adjustments is not documented in full: the columns of their table are read.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from receivables.adapters.csv.limits import Limits
from receivables.adapters.oracle.bulk_rows import Bulk, read_bulk
from receivables.adapters.oracle.codes import Rules
from receivables.adapters.port import Capabilities, Page
from receivables.errors import UnreadableSource
from receivables.problems import Problem

Kind = str
# What a file is, by a column only it has; then the columns read of it, as their tables name them.
TABLES: Mapping[Kind, tuple[str, ...]] = {
    "transactions": ("CUSTOMER_TRX_ID", "TRX_NUMBER", "TRX_DATE", "INVOICE_CURRENCY_CODE", "EXCHANGE_RATE", "ORG_ID",
                     "COMPLETE_FLAG", "BILL_TO_CUSTOMER_ID", "CREATION_DATE"),
    "schedules": ("PAYMENT_SCHEDULE_ID", "CUSTOMER_TRX_ID", "CASH_RECEIPT_ID", "CLASS", "STATUS", "TERMS_SEQUENCE_NUMBER",
                  "TRX_NUMBER", "TRX_DATE", "DUE_DATE", "GL_DATE", "AMOUNT_DUE_ORIGINAL", "AMOUNT_DUE_REMAINING",
                  "ACCTD_AMOUNT_DUE_REMAINING", "AMOUNT_IN_DISPUTE", "INVOICE_CURRENCY_CODE", "EXCHANGE_RATE", "CUSTOMER_ID",
                  "ORG_ID", "CREATION_DATE", "LAST_UPDATE_DATE"),
    "receipts": ("CASH_RECEIPT_ID", "RECEIPT_NUMBER", "RECEIPT_DATE", "AMOUNT", "CURRENCY_CODE", "STATUS", "PAY_FROM_CUSTOMER",
                 "REVERSAL_DATE", "REVERSAL_REASON_CODE", "GL_DATE", "ORG_ID", "CREATION_DATE"),
    "applications": ("RECEIVABLE_APPLICATION_ID", "APPLICATION_TYPE", "STATUS", "AMOUNT_APPLIED", "AMOUNT_APPLIED_FROM",
                     "CASH_RECEIPT_ID", "CUSTOMER_TRX_ID", "APPLIED_CUSTOMER_TRX_ID", "APPLIED_PAYMENT_SCHEDULE_ID", "APPLY_DATE",
                     "GL_DATE", "DISPLAY", "RECEIVABLES_ACTIVITY", "CREATION_DATE"),
    "adjustments": ("ADJUSTMENT_ID", "ADJUSTMENT_NUMBER", "AMOUNT", "GL_DATE", "APPLY_DATE", "STATUS", "CUSTOMER_TRX_ID",
                    "PAYMENT_SCHEDULE_ID", "REASON_CODE", "RECEIVABLES_ACTIVITY", "CREATION_DATE"),
    "terms": ("NAME", "BASE_AMOUNT", "DUE_CUTOFF_DAY", "SEQUENCE_NUM", "RELATIVE_AMOUNT", "DUE_DAYS", "DUE_DATE",
              "DUE_DAY_OF_MONTH", "DUE_MONTHS_FORWARD", "DISCOUNT_PERCENT", "DISCOUNT_DAYS", "DISCOUNT_DATE",
              "DISCOUNT_DAY_OF_MONTH", "DISCOUNT_MONTHS_FORWARD"),
}  # fmt: skip
_TELLS = {"applications": "RECEIVABLE_APPLICATION_ID", "adjustments": "ADJUSTMENT_ID", "schedules": "PAYMENT_SCHEDULE_ID",
          "receipts": "RECEIPT_NUMBER", "transactions": "COMPLETE_FLAG"}  # fmt: skip
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class OracleExtractSource:
    """Facts from the files of one extract.

    Args:
        paths: CSV files, or zip files of them.
        rules: What the mapping must be told; business units are their ids here.
        limits: How much is read at most.
        name: What it is called; the first file's name when not given.
    """

    def __init__(
        self,
        paths: Sequence[str | Path],
        *,
        rules: Rules | None = None,
        limits: Limits | None = None,
        name: str = "",
    ) -> None:
        self._paths = tuple(map(Path, paths))
        if not self._paths:
            msg = "an extract needs at least one file"
            raise UnreadableSource(msg)
        self._rules, self._limits = rules or Rules({}), limits or Limits()
        self.name = name or self._paths[0].name

    def capabilities(self) -> Capabilities:
        """Say what it can give: dated facts, and when each was entered; another extract is read anew."""
        return Capabilities(history=True, incremental=False, recorded=True)

    def pages(self, since: str | None = None) -> Iterator[Page]:
        """Yield the facts of all files as one page a table.

        Raises:
            UnreadableSource: When a file is none of these extracts, or a cursor is given.
        """
        if since is not None:
            msg = f"an extract cannot be gone on with from {since!r}; read it whole, facts are upserted by id"
            raise UnreadableSource(msg)
        tables: dict[Kind, list[dict[str, str]]] = {}
        for name, text in self._texts():
            kind, rows = read_table(name, text)
            tables.setdefault(kind, []).extend(rows)
        for kind, readings in read_bulk(Bulk(tables, self._rules)):
            problems = [it for reading in readings for it in reading.problems]
            yield Page.of([it.entry for it in readings], problems, None, kind)
        if not tables:
            problem = Problem(
                "nothing-read", "the files hold no table", self.name, severity="noted"
            )
            yield Page((), (problem,))

    def _texts(self) -> Iterator[tuple[str, str]]:
        for path in self._paths:
            if not path.is_file():
                msg = f"{path.name} is not there; give the files of the extract"
                raise UnreadableSource(msg)
            if not zipfile.is_zipfile(path):
                yield path.name, path.read_text(encoding="utf-8-sig")
                continue
            self._limits.check_archive(path)
            with zipfile.ZipFile(path) as packed:
                for member in packed.namelist():
                    if member.lower().endswith(".csv"):
                        yield member, packed.read(member).decode("utf-8-sig")


def read_table(
    name: str, text: str, tells: Mapping[Kind, str] = _TELLS
) -> tuple[Kind, list[dict[str, str]]]:
    """Return what table a CSV text is, and its rows under the names of the table's columns.

    Args:
        name: Its file name, for messages.
        text: Its content.
        tells: What it may be, by the column that tells it.

    Raises:
        UnreadableSource: When no table has such columns.
    """
    first = text.partition("\n")[0]
    separator = max(",|;\t", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    header = next(reader, [])
    columns = [_column(it) for it in header]
    for kind, tell in tells.items():
        if any(it == tell or it.endswith(f"_{tell}") for it in columns):
            places = _places(columns, TABLES[kind])
            rows = [{known: row[at] for known, at in places.items() if at < len(row)} | {"_line": str(line)}
                    for line, row in enumerate(reader, start=2) if row]  # fmt: skip
            return kind, rows
    msg = f"{name} has the columns {', '.join(header[:8])} …; none of {', '.join(tells)} has such"
    raise UnreadableSource(msg)


def _column(text: str) -> str:
    return _HUMP.sub("_", text.strip()).upper() if not text.isupper() else text.strip()


def _places(columns: Sequence[str], known: Sequence[str]) -> dict[str, int]:
    """Find each known column: the exact name, else the shortest that ends with it."""
    found: dict[str, int] = {}
    for name in known:
        fitting = [
            (len(it), at) for at, it in enumerate(columns) if it == name or it.endswith(f"_{name}")
        ]
        if fitting:
            found[name] = min(fitting)[1]
    return found
