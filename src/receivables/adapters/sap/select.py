"""What RFC_READ_TABLE is asked and how its answer is cut: WHERE lines of 72 characters, columns that fit a row, slices by offset."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from receivables.adapters.sap.values import padded
from receivables.errors import UnfitQuery

OPTION_WIDTH = 72
ROW_WIDTH = 512
_DELETE = 0x7F
_WORDS = re.compile(r"'(?:[^']|'')*'|[^\s']+|\s+")


def quoted(value: str) -> str:
    """Return a literal of an ABAP WHERE clause.

    Raises:
        UnfitQuery: For a control character, which no key holds.

    >>> quoted("O'Hara")
    "'O''Hara'"
    """
    if any(ord(letter) < ord(" ") or ord(letter) == _DELETE for letter in value):
        msg = f"value {value!r} holds a control character; a key of SAP never does"
        raise UnfitQuery(msg)
    return "'" + value.replace("'", "''") + "'"


def one_of(column: str, values: Iterable[str]) -> str:
    """Return the condition that a column is one of some values, in the order given.

    >>> one_of("KUNNR", ["7"])
    "KUNNR IN ( '7' )"
    """
    return f"{column} IN ( {', '.join(map(quoted, values))} )"


def customers_between(company_code: str, customers: Sequence[str]) -> str:
    """Return the condition for the accounts of one company code from the first to the last, as SAP stores them."""
    first, last = padded(customers[0]), padded(customers[-1])
    span = f"KUNNR EQ {quoted(first)}"
    if first != last:
        span = f"KUNNR GE {quoted(first)} AND KUNNR LE {quoted(last)}"
    return f"BUKRS EQ {quoted(company_code)} AND {span}"


def options(where: str, width: int = OPTION_WIDTH) -> list[dict[str, str]]:
    """Cut a WHERE text into lines, at blanks that stand outside literals.

    Raises:
        UnfitQuery: When one literal is longer than a line.

    >>> options("BUKRS EQ '1000'")
    [{'TEXT': "BUKRS EQ '1000'"}]
    """
    words, word = [], ""
    for piece in _WORDS.findall(where):
        if not piece.isspace():
            word += piece
        elif word:
            words.append(word)
            word = ""
    lines, line = [], ""
    for each in (*words, word) if word else words:
        if len(each) >= width:
            msg = f"literal {each:.40} does not fit a line of {width} characters; shorten it"
            raise UnfitQuery(msg)
        if line and len(line) + 1 + len(each) > width:
            lines.append(line)
            line = ""
        line = f"{line} {each}" if line or lines else each
    if line:
        lines.append(line)
    return [{"TEXT": text} for text in lines]


def column_groups(
    lengths: Mapping[str, int], keys: Sequence[str], width: int = ROW_WIDTH
) -> list[tuple[str, ...]]:
    """Split columns into groups that fit a row, each with the keys in front, so that the rows can be joined again.

    >>> column_groups({"A": 4, "B": 5, "C": 5}, ["A"], 10)
    [('A', 'B'), ('A', 'C')]
    """
    base = sum(lengths[key] for key in keys)
    groups: list[list[str]] = [[]]
    room = width - base
    for column, length in lengths.items():
        if column in keys:
            continue
        if groups[-1] and length > room:
            groups.append([])
            room = width - base
        groups[-1].append(column)
        room -= length
    return [(*keys, *group) for group in groups]


def slicer(fields: Iterable[Mapping[str, str]]) -> Callable[[str], dict[str, str]]:
    """Return what cuts a row by the offsets that came with it: texts hold any character, and blanks at the end may be missing.

    >>> cut = slicer([{"FIELDNAME": "BUKRS", "OFFSET": "000000", "LENGTH": "000004"},
    ...               {"FIELDNAME": "SGTXT", "OFFSET": "000005", "LENGTH": "000010"}])
    >>> cut("1000|x|y")
    {'BUKRS': '1000', 'SGTXT': 'x|y'}
    """
    places = [
        (it["FIELDNAME"], slice(int(it["OFFSET"]), int(it["OFFSET"]) + int(it["LENGTH"])))
        for it in fields
    ]
    return lambda text: {name: text[place].strip() for name, place in places}
