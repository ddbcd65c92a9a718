"""Reads the WHERE clause of a table call, and refuses what SAP refuses: missing blanks, lines too long, unknown columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

Row = Mapping[str, str]
Test = Callable[[Row], bool]
_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|\(|\)|,|[^\s'(),]+)")
_COMPARE: Mapping[str, Callable[[str, str], bool]] = {
    "EQ": lambda a, b: a == b,
    "NE": lambda a, b: a != b,
    "GE": lambda a, b: a >= b,
    "GT": lambda a, b: a > b,
    "LE": lambda a, b: a <= b,
    "LT": lambda a, b: a < b,
}
_SAME = {"=": "EQ", "<>": "NE", ">=": "GE", ">": "GT", "<=": "LE", "<": "LT"}
_WIDTH = 72


class BadOptions(Exception):
    """The clause cannot be read: OPTION_NOT_VALID."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison of a clause.

    Args:
        column: What is compared, without the blanks around it.
        operator: EQ, NE, GE, GT, LE, LT, or IN.
        values: The literals: one, or those of the list.
    """

    column: str
    operator: str
    values: tuple[str, ...]

    def holds(self, cell: str) -> bool:
        """Tell whether a cell passes."""
        if self.operator == "IN":
            return cell in self.values
        return _COMPARE[self.operator](cell, self.values[0])


def comparisons(lines: Iterable[str], columns: Sequence[str]) -> list[Comparison]:
    """Return the comparisons that the lines of OPTIONS say, all of which must hold.

    Raises:
        BadOptions: For what SAP refuses.
    """
    texts = list(lines)
    if any(len(text) > _WIDTH for text in texts):
        raise BadOptions
    tokens = _TOKEN.findall(" ".join(texts))
    found: list[Comparison] = []
    place = 0
    while place < len(tokens):
        if found:
            if tokens[place] != "AND":
                raise BadOptions
            place += 1
        comparison, place = _comparison(tokens, place, columns)
        found.append(comparison)
    return found


def condition(lines: Iterable[str], columns: Sequence[str]) -> Test:
    """Return the test that the lines of OPTIONS say."""
    found = comparisons(lines, columns)
    return lambda row: all(it.holds(row[it.column]) for it in found)


def _comparison(tokens: list[str], place: int, columns: Sequence[str]) -> tuple[Comparison, int]:
    try:
        column, operator = tokens[place], tokens[place + 1]
        if column not in columns:
            raise BadOptions
        if operator == "IN":
            end = tokens.index(")", place)
            values = tuple(_literal(it) for it in tokens[place + 3 : end] if it != ",")
            return Comparison(column, "IN", values), end + 1
        operator = _SAME.get(operator, operator)
        if operator not in _COMPARE:
            raise BadOptions
        return Comparison(column, operator, (_literal(tokens[place + 2]),)), place + 3
    except (IndexError, ValueError):
        raise BadOptions from None


def _literal(token: str) -> str:
    if not (token.startswith("'") and token.endswith("'")):
        raise BadOptions
    return token[1:-1].replace("''", "'").strip()
