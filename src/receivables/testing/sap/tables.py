"""RFC_READ_TABLE of the double: columns, conditions and widths as SAP has them, found by index as a database would.

Rows are written as text only when they are asked for, so that what a reader holds can be told from what the double holds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from receivables.testing.sap.books import Books, Cells
from receivables.testing.sap.faults import AbapError, Faults
from receivables.testing.sap.names import columns
from receivables.testing.sap.render import table_text, table_width
from receivables.testing.sap.where import BadOptions, Comparison, comparisons

_TIMES_TWO = 3  # rows that come twice when a table is read without order


class TableReader:
    """Answers table calls over a set of books.

    Args:
        books: What is read.
        faults: What goes wrong.
    """

    def __init__(self, books: Books, faults: Faults) -> None:
        self._books, self._faults = books, faults
        self._rows: dict[str, list[Cells]] = {}
        self._indexes: dict[tuple[str, str], tuple[list[str], list[int]]] = {}

    def forget(self) -> None:
        """Forget where things stand: the books changed."""
        self._rows.clear()
        self._indexes.clear()

    def read(self, request: Mapping[str, Any]) -> Cells:
        """Answer one call of RFC_READ_TABLE.

        Raises:
            AbapError: For what the function module raises.
        """
        table = str(request.get("QUERY_TABLE", ""))
        known = self._known(table)
        wanted = [it["FIELDNAME"] for it in request.get("FIELDS", [])] or list(known)
        if any(it not in known for it in wanted):
            raise AbapError("FIELD_NOT_VALID", "SV", "E", "028")
        delimiter = (request.get("DELIMITER") or "").strip()
        fields, width = _fields(wanted, known, len(delimiter))
        if width > self._faults.row_width:
            raise AbapError("DATA_BUFFER_EXCEEDED", "SV", "E", "000")
        data = []
        if request.get("NO_DATA") != "X":
            try:
                asked = comparisons((it["TEXT"] for it in request.get("OPTIONS", [])), list(known))
            except BadOptions:
                raise AbapError("OPTION_NOT_VALID", "SV", "E", "032") from None
            data = self._data(table, wanted, delimiter, asked, request)
        return {"DATA": data, "FIELDS": fields, "OPTIONS": request.get("OPTIONS", [])}

    def _known(self, table: str) -> dict[str, tuple[str, int]]:
        missing = self._faults.missing_columns
        known = {it: kind for it, kind in columns(table).items() if it not in missing}
        if table in self._faults.forbidden_tables:
            raise AbapError("NOT_AUTHORIZED", "SV", "E", "031", (table,))
        if not known or table in self._faults.missing_tables:
            raise AbapError("TABLE_NOT_AVAILABLE", "SV", "E", "029", (table,))
        return known

    def _data(
        self,
        table: str,
        wanted: Sequence[str],
        delimiter: str,
        asked: Sequence[Comparison],
        request: Mapping[str, Any],
    ) -> list[Cells]:
        rows = self._table(table)
        found = [
            rows[place]
            for place in self._candidates(table, asked)
            if all(it.holds(self._cell(table, it.column, rows[place])) for it in asked)
        ]
        if table in self._faults.duplicate:
            found += found[:_TIMES_TWO]
        first, count = int(request.get("ROWSKIPS") or 0), int(request.get("ROWCOUNT") or 0)
        found = found[first : first + count] if count else found[first:]
        return [
            {"WA": delimiter.join(self._text(table, it, row) for it in wanted).rstrip()}
            for row in found
        ]

    def _table(self, table: str) -> list[Cells]:
        if table not in self._rows:
            rows = list(self._books.table(table))
            if table in self._faults.corrupt and rows:
                rows.append(
                    {**rows[0], "BELNR": "9999999999", "_texts": {"WRBTR": "     1x60.00 "}}
                )
            self._rows[table] = rows
        return self._rows[table]

    def _text(self, table: str, column: str, row: Cells) -> str:
        texts: Mapping[str, str] = row.get("_texts", {})
        return texts.get(column) or table_text(self._books, table, column, row)

    def _cell(self, table: str, column: str, row: Cells) -> str:
        """Return a cell as a condition sees it: without the blanks around it."""
        return self._text(table, column, row).strip()

    def _candidates(self, table: str, asked: Sequence[Comparison]) -> Iterable[int]:
        """Return the places of the rows that the most selective column leaves, in the order of the table."""
        by_column: dict[str, list[Comparison]] = defaultdict(list)
        for it in asked:
            if it.operator != "NE":
                by_column[it.column].append(it)
        spans = [
            (self._index(table, column), self._spans(table, column, own))
            for column, own in by_column.items()
        ]
        if not spans:
            return range(len(self._table(table)))
        (_, places), best = min(spans, key=lambda it: sum(high - low for low, high in it[1]))
        return sorted(place for low, high in best for place in places[low:high])

    def _index(self, table: str, column: str) -> tuple[list[str], list[int]]:
        held = self._indexes.get((table, column))
        if held is None:
            pairs = sorted(
                (self._cell(table, column, row), place)
                for place, row in enumerate(self._table(table))
            )
            held = self._indexes[table, column] = ([it[0] for it in pairs], [it[1] for it in pairs])
        return held

    def _spans(self, table: str, column: str, asked: Iterable[Comparison]) -> list[tuple[int, int]]:
        """Return the parts of an index that comparisons of its column leave."""
        keys, _ = self._index(table, column)
        low, high, listed = 0, len(keys), None
        for it in asked:
            left, right = bisect_left(keys, it.values[0]), bisect_right(keys, it.values[0])
            match it.operator:
                case "IN":
                    listed = [
                        (bisect_left(keys, value), bisect_right(keys, value))
                        for value in sorted(set(it.values))
                    ]
                case "EQ":
                    low, high = max(low, left), min(high, right)
                case "GE" | "GT":
                    low = max(low, left if it.operator == "GE" else right)
                case _:
                    high = min(high, right if it.operator == "LE" else left)
        return listed if listed is not None else [(low, max(low, high))]


def _fields(
    wanted: Sequence[str], known: Mapping[str, tuple[str, int]], gap: int
) -> tuple[list[Cells], int]:
    """Return the rows of FIELDS, and the width of a row of data."""
    fields, offset = [], 0
    for name in wanted:
        kind, length = known[name]
        width = table_width(kind, length)
        code = {"A": "P", "P": "P"}.get(kind, kind)
        place = {"FIELDNAME": name, "OFFSET": f"{offset:06}", "LENGTH": f"{width:06}"}
        fields.append({**place, "TYPE": code, "FIELDTEXT": name})
        offset += width + gap
    return fields, offset
