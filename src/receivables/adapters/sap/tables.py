"""Tables over RFC: columns in groups that fit a row, ranges that fit a call, each row once by its key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from receivables.adapters.sap.faults import BUFFER_EXCEEDED, FIELD_NOT_VALID, key_of
from receivables.adapters.sap.rfc import Rfc
from receivables.adapters.sap.select import ROW_WIDTH, column_groups, options, slicer
from receivables.adapters.sap.values import Decimals
from receivables.errors import NotOffered, RequestRefused


class Tables:
    """Reads tables through RFC_READ_TABLE or a function with its interface.

    Args:
        rfc: Where to.
        function: `RFC_READ_TABLE`, or a substitute such as `/BODS/RFC_READ_TABLE2` or your own.
        width: Characters a row may have; the documented limit when not given.
        limit: Rows a call may give; as many or more mean that the range must be halved.
    """

    def __init__(
        self,
        rfc: Rfc,
        function: str = "RFC_READ_TABLE",
        *,
        width: int = ROW_WIDTH,
        limit: int = 20_000,
    ) -> None:
        self.rfc, self.function, self.width, self.limit = rfc, function, width, limit
        self.left_out: dict[str, set[str]] = {}
        self._lengths: dict[tuple[str, tuple[str, ...]], dict[str, int]] = {}

    def rows(
        self,
        table: str,
        columns: Sequence[str],
        where: str,
        *,
        keys: Sequence[str],
        optional: frozenset[str] = frozenset(),
        limit: int | None = None,
    ) -> list[dict[str, str]] | None:
        """Return rows by their key, each once; None when there are as many as a call may give, so that some may be missing.

        Args:
            table: Its name.
            columns: Columns wanted, the keys among them.
            where: Condition in SAP's internal formats.
            keys: Columns that identify a row.
            optional: Columns to do without where the system lacks them.
            limit: Another limit than that of the object; 0 for none.
        """
        lengths = self._plan(table, tuple(columns), optional)
        most = self.limit if limit is None else limit
        joined: dict[tuple[str, ...], dict[str, str]] | None = None
        for group in column_groups(lengths, keys, self.width):
            found = self._group(table, group, where, most, keys)
            if most and len(found) >= most:
                return None
            if joined is None:
                joined = found
                continue
            # A row that another group of columns does not show was deleted or moved meanwhile.
            joined = {key: row | found[key] for key, row in joined.items() if key in found}
        return list((joined or {}).values())

    def columns_of(
        self, table: str, columns: Sequence[str], optional: frozenset[str]
    ) -> tuple[str, ...]:
        """Return which of the columns the system has.

        Raises:
            NotOffered: When the table, or a column that is not optional, is missing.
            AccessDenied: When the user may not read it.
        """
        return tuple(self._plan(table, tuple(columns), optional))

    def _plan(
        self, table: str, columns: tuple[str, ...], optional: frozenset[str]
    ) -> dict[str, int]:
        known = self._lengths.get((table, columns))
        if known is None:
            found = dict(self._lengths_of(table, columns, optional))
            known = self._lengths[table, columns] = {it: found[it] for it in columns if it in found}
        return known

    def _lengths_of(
        self, table: str, columns: tuple[str, ...], optional: frozenset[str]
    ) -> Iterator[tuple[str, int]]:
        """Ask for the lengths of columns, halving the question where a row gets too wide or a column is unknown."""
        try:
            answer = self._call(table, columns, "", NO_DATA="X")
        except RequestRefused as error:
            key = key_of(error)
            if key not in {BUFFER_EXCEEDED, FIELD_NOT_VALID}:
                raise
            if len(columns) > 1:
                half = len(columns) // 2
                yield from self._lengths_of(table, columns[:half], optional)
                yield from self._lengths_of(table, columns[half:], optional)
                return
            column = next(iter(columns))
            if column in optional:
                self.left_out.setdefault(table, set()).add(column)
            else:
                msg = f"{self.function}: table {table} has no column {column} on this system"
                raise NotOffered(msg, messages=error.messages) from None
            return
        for field in answer["FIELDS"]:
            yield field["FIELDNAME"], int(field["LENGTH"]) + 1

    def _group(
        self, table: str, columns: tuple[str, ...], where: str, limit: int, keys: Sequence[str]
    ) -> dict[tuple[str, ...], dict[str, str]]:
        try:
            answer = self._call(table, columns, where, ROWCOUNT=limit)
        except RequestRefused as error:
            rest = columns[len(keys) :]
            if key_of(error) != BUFFER_EXCEEDED or len(rest) < 2:  # noqa: PLR2004 - one column cannot be split
                raise
            half = len(rest) // 2
            one = self._group(table, (*keys, *rest[:half]), where, limit, keys)
            two = self._group(table, (*keys, *rest[half:]), where, limit, keys)
            return {key: row | two[key] for key, row in one.items() if key in two}
        cut = slicer(answer["FIELDS"])
        rows = (cut(row["WA"]) for row in _data(answer))
        return {tuple(row[key] for key in keys): row for row in rows}

    def _call(self, table: str, columns: Sequence[str], where: str, **more: Any) -> dict[str, Any]:
        return self.rfc.read(
            self.function,
            QUERY_TABLE=table,
            FIELDS=[{"FIELDNAME": name} for name in columns],
            OPTIONS=options(where) if where else [],
            **more,
        )


def _data(answer: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the rows, from whichever table parameter holds them."""
    for name, value in answer.items():
        if value and isinstance(value, list) and (name == "DATA" or name.startswith("TBLOUT")):
            return value
    return []


def decimals_of(tables: Tables) -> Decimals:
    """Return the decimals of the system's currencies, as its table TCURX lists them.

    Raises:
        AccessDenied: When the user may not read it.
        NotOffered: When it cannot be read this way.
    """
    rows = tables.rows("TCURX", ("CURRKEY", "CURRDEC"), "", keys=("CURRKEY",), limit=0)
    return Decimals.of({row["CURRKEY"]: int(row["CURRDEC"]) for row in rows or ()})
