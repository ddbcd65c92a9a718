"""`CsvSource`: a table file as a source of facts, whatever its format, by a mapping."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from receivables.adapters.csv import presets
from receivables.adapters.csv.cells import Bad
from receivables.adapters.csv.delimited import open_delimited
from receivables.adapters.csv.limits import Limits
from receivables.adapters.csv.mapping import Mapping
from receivables.adapters.csv.plan import Plan
from receivables.adapters.csv.shapes.cleared import ClearedItemsShape
from receivables.adapters.csv.shapes.desk import Desk, Row, Shape
from receivables.adapters.csv.shapes.facts import FactsShape
from receivables.adapters.csv.shapes.items import (
    CustomersShape,
    OpenItemsShape,
    PaymentsShape,
    SettledInvoicesShape,
)
from receivables.adapters.csv.table import Batch, Table
from receivables.adapters.csv.typed import open_json_lines, open_parquet, open_sheet
from receivables.adapters.port import Capabilities, Entry, Page
from receivables.errors import UnfitMapping, UnreadableSource
from receivables.problems import Problem

LIMITS = Limits()
_UNTOLD = Mapping("none", "facts")
_CURSOR = re.compile(r"([0-9]{1,18})(?::([0-9]{1,18}))?")
FORMATS = (".csv", ".tsv", ".txt", ".jsonl", ".parquet", ".xlsx")
_SHAPES: dict[str, Callable[[Desk], Shape]] = {
    "facts": FactsShape,
    "open-items": OpenItemsShape,
    "payments": PaymentsShape,
    "customers": CustomersShape,
    "settled-invoices": SettledInvoicesShape,
    "cleared-items": ClearedItemsShape,
}


class CsvSource:
    """Facts from a table file: .csv, .tsv, .jsonl, .parquet or .xlsx.

    Args:
        path: The file.
        mapping: A preset's name, a TOML file, a `Mapping`, or None to tell our own tables by their header.
        drawn_on: For open items, the day they were drawn.
        limits: The most that is read.

    Raises:
        UnreadableSource: When the file is missing, of another format, or beyond the limits.
        UnfitMapping: When the mapping cannot be, or does not fit the file.
        MissingExtra: When the format needs a library that is not installed.
    """

    __slots__ = ("_limits", "_path", "_plan", "drawn_on", "mapping", "name", "table")

    def __init__(
        self,
        path: str | Path,
        *,
        mapping: str | Path | Mapping | None = None,
        drawn_on: date | None = None,
        limits: Limits = LIMITS,
    ) -> None:
        self._path = Path(path)
        self._limits = limits
        self.name = self._path.name
        self.drawn_on = drawn_on
        chosen = _mapping(mapping)
        self.table = opened(self._path, chosen, limits)
        self.mapping = chosen or presets.recognised(self.table)
        self._plan = Plan(self.mapping, self.table)

    @property
    def evidence(self) -> tuple[str, ...]:
        """What was detected in the file, not declared, and what shows it."""
        return self._plan.evidence

    @property
    def columns(self) -> frozenset[str]:
        """Our names of the columns that the file has, or that the mapping says hold for every row."""
        return frozenset(field.name for field in self._plan.fields)

    def capabilities(self) -> Capabilities:
        """Say what the file can give: an open-items table has no history."""
        history = self.mapping.table != "open-items"
        recorded = "recorded_at" in self.columns
        return Capabilities(
            history,
            incremental=True,
            recorded=recorded,
            drawn_on=None if history else self.drawn_on,
        )

    def pages(self, since: str | None = None) -> Iterator[Page]:
        """Yield the facts, page by page.

        The cursor is the last line given, and behind a colon the first line that still waits for others of its document.

        Raises:
            UnreadableSource: When `since` is no cursor of this source.
        """
        start = _Start.of(since, self.name)
        values = self.mapping.values
        desk = Desk(self.name, values.rounding, self.drawn_on, dict(self.mapping.kinds))
        shape = _SHAPES[self.mapping.table](desk)
        last = start.given
        for batch in self.table.batches():
            entries = list(self._entries(batch, shape, desk, start))
            last = max((last, *batch.lines[-1:], *(it.line for it in batch.refused)))
            waiting = shape.waiting_since
            cursor = str(last) if waiting is None else f"{last}:{waiting}"
            yield Page.of(entries, _taken(desk), cursor, self.name)
        rest = shape.rest()
        remarks = [*_taken(desk), *desk.rounding_note()]
        if rest or remarks:
            yield Page.of(rest, remarks, str(last), self.name)

    def _entries(self, batch: Batch, shape: Shape, desk: Desk, start: _Start) -> Iterator[Entry]:
        for refused in batch.refused:
            if refused.line > start.given:
                desk.problems.append(refused.problem(self.name))
                yield Entry((refused.line,), quarantined=True)
        for line, row, bad in self._plan.rows(batch):
            if line < start.waiting:
                continue
            if line <= start.given:
                self._wait_again(line, row, bad, shape, desk)
            elif bad is not None:
                amount_name = "open_amount" if self.mapping.table == "open-items" else "amount"
                amount = desk.counted(row, amount_name)
                yield desk.refuse((line,), row, amount, bad[1].code, bad[1].message)
            else:
                entry = shape.take(line, row)
                self._flag_turning(line, row, desk)
                if entry is not None:
                    yield entry

    def _wait_again(
        self, line: int, row: Row, bad: tuple[str, Bad] | None, shape: Shape, desk: Desk
    ) -> None:
        """Take a row that was seen before the cursor: if it waited then, it waits again; all else was given already."""
        told = len(desk.problems)
        if bad is None:
            shape.take(line, row)
        del desk.problems[told:]

    def _flag_turning(self, line: int, row: Row, desk: Desk) -> None:
        turning = self._plan.turning
        if not turning:
            return
        for name, cell in row.items():
            if isinstance(cell, str) and cell in turning:
                msg = f"{name} {cell!a:.60} holds characters that turn the direction of writing; it may look like another text"
                desk.note(line, "turning-text", msg)


def _taken(desk: Desk) -> tuple[Problem, ...]:
    taken = tuple(desk.problems)
    desk.problems.clear()
    return taken


def _mapping(given: str | Path | Mapping | None) -> Mapping | None:
    if given is None or isinstance(given, Mapping):
        return given
    if isinstance(given, Path) or given.endswith(".toml"):
        return Mapping.read(Path(given))
    return None if given == "auto" else presets.preset(given)


def opened(path: Path, mapping: Mapping | None, limits: Limits) -> Table:
    """Open a table file by its ending.

    Args:
        path: The file.
        mapping: What it says of the file; None to detect all.
        limits: The most that is read.

    Raises:
        UnreadableSource: When the file is missing, of another format, or beyond the limits.
        UnfitMapping: When the mapping says of the file what cannot be.
        MissingExtra: When the format needs a library that is not installed.
    """
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        msg = f"file {str(path)!r} {what}; give a table file ({', '.join(FORMATS)})"
        raise UnreadableSource(msg)
    told = mapping or _UNTOLD
    suffix, row = path.suffix.lower(), told.header_row
    if row is not None and suffix in {".jsonl", ".ndjson", ".parquet"}:
        msg = f"mapping {told.name}: header_row is {row}, but {path.name} has no header row; leave it out"
        raise UnfitMapping(msg)
    try:
        match suffix:
            case ".csv" | ".txt" | ".tsv":
                separator = told.separator or ("\t" if suffix == ".tsv" else None)
                return open_delimited(
                    path,
                    encoding=told.encoding,
                    separator=separator,
                    header_row=row,
                    limits=limits,
                )
            case ".jsonl" | ".ndjson":
                return open_json_lines(path, limits=limits)
            case ".parquet":
                return open_parquet(path, limits=limits)
            case ".xlsx" | ".xlsm":
                return open_sheet(path, sheet=told.sheet, header_row=row, limits=limits)
            case _:
                msg = f"{path.name} is of the format {suffix or 'none'!r}, which is not read; give one of {', '.join(FORMATS)}"
                raise UnreadableSource(msg)
    except OSError as error:
        msg = (
            f"{path.name} cannot be read: {error.strerror or error}; check the file and its rights"
        )
        raise UnreadableSource(msg) from None


@dataclass(frozen=True, slots=True)
class _Start:
    """Where reading goes on: after the line given last, and with the rows that still waited."""

    given: int
    waiting: int

    @classmethod
    def of(cls, since: str | None, name: str) -> _Start:
        if since is None:
            return cls(0, 0)
        match = _CURSOR.fullmatch(since)
        if match is None:
            msg = f"cursor {since!r} is none of {name!r}, whose cursors are line numbers; start again without one"
            raise UnreadableSource(msg)
        given = int(match[1])
        return cls(given, int(match[2]) if match[2] else given + 1)
