"""Goes through a text table record by record, so that no broken row takes others with it.

A quote that never closes would swallow the rest of the file in most readers; here a record runs over as many lines as a
limit allows and otherwise its first line alone is set aside, so that the next row is read as it stands.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from receivables.adapters.csv.limits import Limits
from receivables.adapters.csv.table import BATCH, Batch, Refused
from receivables.errors import UnreadableSource

_BLOCK = 1 << 20
_TRIES = 8  # closing quotes tried before the opening one is taken for a stray


class Records:
    """Goes through a text file record by record, within the limits."""

    def __init__(
        self, path: Path, encoding: str, separator: str, limits: Limits, header: int = 1
    ) -> None:
        self._path = path
        self._encoding = encoding
        self._separator = separator
        self._limits = limits
        self._header = header
        self._columns: int | None = None
        self._mark = (
            1,
            0,
        )  # a line and the byte where it begins, so that offsets are counted on, not anew

    def batches(self, columns: int) -> Iterator[Batch]:
        """Yield the rows after the header."""
        records = self.records()
        next(records, None)
        self.expect(columns)
        pending: list[tuple[int, str]] = []
        refused: list[Refused] = []
        for seen, record in enumerate(records, start=1):
            if seen > self._limits.rows:
                msg = f"{self._path.name} has more than {self._limits.rows:,} rows; split it"
                raise UnreadableSource(msg)
            if isinstance(record, Refused):
                refused.append(record)
            else:
                pending.append(record)
            if len(pending) + len(refused) >= BATCH:
                yield self._parse(pending, refused, columns)
                pending, refused = [], []
        if pending or refused:
            yield self._parse(pending, refused, columns)

    def records(self) -> Iterator[tuple[int, str] | Refused]:
        """Yield the records from the header on: each as its first line's number and its text."""
        return self._records(islice(self._lines(), self._header - 1, None))

    def expect(self, columns: int) -> None:
        """Say how many fields a record has, so that a quoted field may run over lines only where that fits."""
        self._columns = columns

    def _records(self, lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str] | Refused]:
        """Yield each record as its first line's number and its text; blank lines are no records."""
        held: list[
            tuple[int, str]
        ] = []  # lines looked at for the end of a quoted field and given back
        while True:
            if held:
                number, line = held.pop()
            else:
                item = next(lines, None)
                if item is None:
                    return
                number, line = item
            if len(line) > self._limits.row:
                yield Refused(
                    number,
                    "row-too-long",
                    f"the row is longer than {self._limits.row:,} characters",
                )
            elif "\0" in line:
                yield Refused(number, "nul-character", _nul(line, self._offset(number)))
            elif line.count('"') % 2 == 0:
                if line.strip():
                    yield number, line
            else:
                yield self._quoted(number, line, lines, held)

    def _quoted(
        self, number: int, line: str, lines: Iterator[tuple[int, str]], held: list[tuple[int, str]]
    ) -> tuple[int, str] | Refused:
        """Join lines until every quote is closed; when none closes it, give them back and refuse the first line."""
        joined, size, tries = [line], len(line), 0
        taken: list[tuple[int, str]] = []
        while (
            len(taken) < self._limits.quoted_lines and size <= self._limits.row and tries < _TRIES
        ):
            item = held.pop() if held else next(lines, None)
            if item is None:
                break
            taken.append(item)
            joined.append(item[1])
            size += len(item[1])
            if item[1].count('"') % 2:
                tries += 1
                if self._is_record("".join(joined)):
                    return number, "".join(joined)
        held.extend(reversed(taken))
        where = self._offset(number)
        return Refused(
            number,
            "unbalanced-quotes",
            f"a quote opens in the row at byte {where:,} and never closes; double it or remove it",
        )

    def _is_record(self, text: str) -> bool:
        try:
            [row] = csv.reader([text], delimiter=self._separator, strict=True)
        except (csv.Error, ValueError):
            return False
        return "\0" not in text and self._columns in (None, len(row))

    def _lines(self) -> Iterator[tuple[int, str]]:
        limit = self._limits.row + 1
        with self._path.open("r", encoding=self._encoding, newline="") as file:
            number = 0
            while line := file.readline(limit):
                number += 1
                if len(line) >= limit and line[-1] not in "\r\n":
                    while (rest := file.readline(limit)) and rest[-1] not in "\r\n":
                        pass
                yield number, line

    def _offset(self, number: int) -> int:
        """Return the byte where a line begins; only called for rows set aside."""
        line, offset = self._mark if self._mark[0] <= number else (1, 0)
        with self._path.open("rb") as file:
            file.seek(offset)
            while line < number and (text := file.readline(_BLOCK)):
                offset += len(text)
                line += text.endswith(b"\n")
        self._mark = (line, offset)
        return offset

    def _parse(self, pending: list[tuple[int, str]], refused: list[Refused], columns: int) -> Batch:
        lines = [number for number, _ in pending]
        try:
            rows: list[list[str]] = list(
                csv.reader([text for _, text in pending], delimiter=self._separator, strict=True)
            )
        except csv.Error:
            rows = []
        if (
            len(rows) == len(pending)
            and all(len(row) == columns for row in rows)
            and self._fields_fit(pending)
        ):
            return Batch(lines, rows, refused)
        return self._parse_one_by_one(pending, refused, columns)

    def _fields_fit(self, pending: list[tuple[int, str]]) -> bool:
        return all(len(text) <= self._limits.field for _, text in pending)

    def _parse_one_by_one(
        self, pending: list[tuple[int, str]], refused: list[Refused], columns: int
    ) -> Batch:
        lines: list[int] = []
        rows: list[Sequence[str]] = []
        for number, text in pending:
            parsed = self.one(number, text, columns)
            if isinstance(parsed, Refused):
                refused.append(parsed)
            else:
                lines.append(number)
                rows.append(parsed)
        return Batch(lines, rows, refused)

    def one(self, number: int, text: str, columns: int) -> list[str] | Refused:
        """Return the fields of a record, as many as the header has, or why there are not."""
        try:
            [row] = csv.reader([text], delimiter=self._separator, strict=True)
        except (csv.Error, ValueError):
            return Refused(
                number,
                "unbalanced-quotes",
                f"the row {text.strip()!r:.60} has quotes in the wrong place; double them inside a field",
            )
        if any(len(cell) > self._limits.field for cell in row):
            return Refused(
                number,
                "field-too-long",
                f"a field is longer than {self._limits.field:,} characters",
            )
        if len(row) > columns and not any(row[columns:]):
            return row[:columns]  # separators at the end of the line
        if len(row) != columns:
            return Refused(
                number,
                "wrong-field-count",
                f"the row has {len(row)} fields; the header has {columns}",
            )
        return row


def _nul(line: str, offset: int) -> str:
    at = offset + len(line[: line.index("\0")].encode("utf-8", "replace"))
    return f"the row holds a NUL character at byte {at:,}; export the file again"
