"""A mapping laid over the header of one file: where each column of ours is found, and how its cells are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import repeat
from typing import Any

from receivables.adapters.csv.cells import Bad, Reader, Rules, Settled, reader
from receivables.adapters.csv.evidence import settle
from receivables.adapters.csv.mapping import Mapping, Theirs
from receivables.adapters.csv.shapes.columns import COLUMNS, type_of
from receivables.adapters.csv.table import Batch, Table
from receivables.errors import UnfitMapping
from receivables.schema import Column

_SHOWN = 12  # columns named in a message
_AMBIGUOUS = {"amount": "decimal", "date": "dates"}


@dataclass(frozen=True, slots=True)
class Field:
    """A column of ours in one file.

    Args:
        name: Ours, or the name of an attribute.
        type: How its cells are read.
        positions: Of their columns, joined when several; none for a constant.
        label: What people call it.
        joiner: What stands between joined columns.
        constant: What holds for every row.
    """

    name: str
    type: str
    positions: tuple[int, ...]
    label: str
    joiner: str = "/"
    constant: str | None = None


class Plan:
    """How to read one file by one mapping.

    Args:
        mapping: Where its columns are found, and how values are written.
        table: The file.
        columns: Ours; those of the mapping's table when None.
        declared: False when nobody can declare how values are written, so that no message asks for it.

    Raises:
        UnfitMapping: When the file lacks a column that the mapping needs.
    """

    def __init__(
        self,
        mapping: Mapping,
        table: Table,
        columns: Sequence[Column] | None = None,
        *,
        declared: bool = True,
    ) -> None:
        columns = COLUMNS[mapping.table] if columns is None else columns
        self.mapping = mapping
        self.table = table
        self._declared = declared
        self.fields = tuple(_fields(mapping, table, columns))
        _check_required(mapping, table, columns, self.fields)
        self._settled = self._settle()
        self._turning: frozenset[str] = frozenset()
        self._readers = [self._reader(field) for field in self.fields]

    @property
    def evidence(self) -> tuple[str, ...]:
        """What was settled by the file itself, and by which cell."""
        found = (
            f"{_AMBIGUOUS[field.type]} of {field.label}: {settled.reading!r}, {settled.why}"
            for field in self.fields
            if field.positions and (settled := self._settled.get(field.positions[0])) and settled.reading
            and settled.why != "declared"
        )  # fmt: skip
        return (*self.table.evidence, *found)

    def rows(self, batch: Batch) -> Iterator[tuple[int, dict[str, Any], tuple[str, Bad] | None]]:
        """Yield each row as cells by our names, its line, and the first cell that could not be read."""
        names = [field.name for field in self.fields]
        columns = [
            self._column(field, read, batch)
            for field, read in zip(self.fields, self._readers, strict=True)
        ]
        broken = any(read.has_bad for read in self._readers)
        rows = zip(*columns, strict=True) if columns else repeat((), len(batch.lines))
        for line, cells in zip(batch.lines, rows, strict=False):
            row = dict(zip(names, cells, strict=True))
            bad = _first_bad(row) if broken else None
            yield line, row, bad

    @property
    def turning(self) -> frozenset[str]:
        """The texts read so far that hold characters turning the direction of writing."""
        return self._turning if not any(read.turning for read in self._readers) else self._collect()

    def _collect(self) -> frozenset[str]:
        self._turning |= frozenset(text for read in self._readers for text in read.turning)
        for read in self._readers:
            read.turning.clear()
        return self._turning

    def _column(self, field: Field, read: Reader, batch: Batch) -> list[Any]:
        if field.constant is not None:
            return [read[field.constant]] * len(batch.lines)
        if len(field.positions) == 1:
            [position] = field.positions
            return [read[row[position]] for row in batch.rows]
        return [self._joined(field, read, row) for row in batch.rows]

    def _joined(self, field: Field, read: Reader, row: Sequence[Any]) -> Any:
        parts = [read[row[position]] for position in field.positions]
        bad = next((part for part in parts if isinstance(part, Bad)), None)
        return bad or field.joiner.join(str(part) for part in parts if part is not None) or None

    def _settle(self) -> dict[int, Settled]:
        values = self.mapping.values
        declared = {"amount": values.decimal, "date": values.dates}
        known: dict[int, Settled] = {}
        asked: dict[int, str] = {}
        for field in self.fields:
            if field.type not in _AMBIGUOUS or not field.positions:
                continue
            reading = declared[field.type]
            if reading is None:
                asked[field.positions[0]] = field.type
            else:
                known[field.positions[0]] = Settled(reading)
        return known | settle(self.table, asked)

    def _reader(self, field: Field) -> Reader:
        values = self.mapping.values
        settled = (
            self._settled.get(field.positions[0])
            if field.positions and field.type in _AMBIGUOUS
            else None
        )
        rules = Rules(
            name=field.label,
            settled=settled or Settled("." if field.type == "amount" else None),
            empty=values.empty,
            thousands=values.thousands,
            whole_number_ids=field.name in values.whole_number_ids,
            whole_floats=self.table.whole_floats,
            declared=self._declared,
        )
        return reader(field.type, rules)


def _fields(mapping: Mapping, table: Table, columns: Sequence[Column]) -> Iterator[Field]:
    constants = dict(mapping.constants)
    sources = dict(mapping.columns)
    used: set[int] = set()
    for column in columns:
        positions = _find(mapping, table, sources[column.name]) if column.name in sources else None
        if positions is not None:
            used.update(positions)
            label = " + ".join(table.header[position] for position in positions)
            yield Field(column.name, type_of(column), positions, label, sources[column.name].joiner)
        elif column.name in constants:
            yield Field(
                column.name, type_of(column), (), column.name, constant=constants[column.name]
            )
    for name, theirs in mapping.attribute_columns:
        positions = _find(mapping, table, theirs)
        if positions is not None:
            used.update(positions)
            yield Field(name, "text", positions, name, theirs.joiner)
    if mapping.attributes == "all":
        for position, name in enumerate(table.header):
            if position not in used and name:
                yield Field(name, "text", (position,), name)


def _find(mapping: Mapping, table: Table, theirs: Theirs) -> tuple[int, ...] | None:
    """Return where the first choice stands that the header has in full."""
    for choice in theirs.choices:
        positions = [_position(mapping, table, name) for name in choice]
        found = tuple(position for position in positions if position is not None)
        if found and (len(found) == len(positions)):
            return found
    return None


def _position(mapping: Mapping, table: Table, name: str) -> int | None:
    exact = [index for index, held in enumerate(table.header) if held == name]
    near = exact or [index for index, held in enumerate(table.header) if _key(held) == _key(name)]
    if len(near) > 1:
        msg = f"{table.name} has {len(near)} columns called {name!r}, which mapping {mapping.name!r} reads; rename one"
        raise UnfitMapping(msg)
    return near[0] if near else None


def _key(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").split())


def _check_required(
    mapping: Mapping, table: Table, columns: Sequence[Column], fields: Sequence[Field]
) -> None:
    there = {field.name for field in fields}
    sources = dict(mapping.columns)
    for column in columns:
        if column.required and column.name not in there:
            wanted = (
                str(sources[column.name])
                if column.name in sources
                else "a column or constant of that name"
            )
            near = (
                get_close_matches(column.name, table.header, n=1, cutoff=0.8)
                if column.name in sources
                else []
            )
            hint = f". Did you mean {near[0]!r}?" if near else ""
            held = ", ".join(map(repr, table.header[:_SHOWN])) + (
                ", …" if len(table.header) > _SHOWN else ""
            )
            msg = (
                f"{table.name} has no column for {column.name}: mapping {mapping.name!r} looks for {wanted};"
                f" the file has {held}{hint}{table.hint}"
            )
            raise UnfitMapping(msg)


def _first_bad(row: dict[str, Any]) -> tuple[str, Bad] | None:
    return next(((name, cell) for name, cell in row.items() if isinstance(cell, Bad)), None)
