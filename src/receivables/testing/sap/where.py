"""Reads the WHERE clause of a table call, and refuses what SAP refuses: missing blanks, lines too long, unknown columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

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


def condition(lines: Iterable[str], columns: Sequence[str]) -> Test:
    """Return the test that the lines of OPTIONS say."""
    texts = list(lines)
    if any(len(text) > _WIDTH for text in texts):
        raise BadOptions
    tokens = _TOKEN.findall(" ".join(texts))
    if not tokens:
        return lambda _: True
    tests: list[Test] = []
    place = 0
    while place < len(tokens):
        if tests:
            if tokens[place] != "AND":
                raise BadOptions
            place += 1
        test, place = _comparison(tokens, place, columns)
        tests.append(test)
    return lambda row: all(test(row) for test in tests)


def _comparison(tokens: list[str], place: int, columns: Sequence[str]) -> tuple[Test, int]:
    try:
        column, operator = tokens[place], tokens[place + 1]
        if column not in columns:
            raise BadOptions
        if operator == "IN":
            end = tokens.index(")", place)
            values = {_literal(it) for it in tokens[place + 3 : end] if it != ","}
            return (lambda row: row[column] in values), end + 1
        compare = _COMPARE[_SAME.get(operator, operator)]
        value = _literal(tokens[place + 2])
    except (IndexError, KeyError, ValueError):
        raise BadOptions from None
    return (lambda row: compare(row[column], value)), place + 3


def _literal(token: str) -> str:
    if not (token.startswith("'") and token.endswith("'")):
        raise BadOptions
    return token[1:-1].replace("''", "'").strip()
