"""Reads an OData V2 `$filter`: comparisons, `and`, `or`, parentheses, `substringof` and `startswith`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]
Test = Callable[[Row], bool]
_TOKEN = re.compile(
    r"\s*(datetime'[^']*'|'(?:[^']|'')*'|\(|\)|,|-?\d+(?:\.\d+)?M?|[A-Za-z_][\w/]*)"
)
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "gt": lambda a, b: a is not None and a > b,
    "ge": lambda a, b: a is not None and a >= b,
    "lt": lambda a, b: a is not None and a < b,
    "le": lambda a, b: a is not None and a <= b,
}


class BadFilter(Exception):
    """The filter cannot be read."""


class Filter:
    """A recursive-descent reader over one text.

    Args:
        text: The filter.
        value: Returns the comparable value of a property of a row.
        known: The properties there are.
    """

    def __init__(
        self, text: str, value: Callable[[Row, str], Any], known: Callable[[str], bool]
    ) -> None:
        self._tokens = _TOKEN.findall(text)
        if "".join(self._tokens).replace(" ", "") != re.sub(r"\s+", "", text) and "'" not in text:
            raise BadFilter(text)
        self._place, self._value, self._known = 0, value, known

    def test(self) -> Test:
        """Return the test the text says."""
        made = self._either()
        if self._place != len(self._tokens):
            raise BadFilter(" ".join(self._tokens[self._place :]))
        return made

    def _either(self) -> Test:
        parts = [self._both()]
        while self._is("or"):
            parts.append(self._both())
        return lambda row: any(part(row) for part in parts)

    def _both(self) -> Test:
        parts = [self._term()]
        while self._is("and"):
            parts.append(self._term())
        return lambda row: all(part(row) for part in parts)

    def _term(self) -> Test:
        if self._is("("):
            made = self._either()
            self._need(")")
            return made
        name = self._next()
        if name in {"substringof", "startswith"}:
            return self._text_test(name)
        if not self._known(name):
            raise BadFilter(name)
        operator = self._next()
        if operator not in _COMPARE:
            raise BadFilter(operator)
        wanted, compare = read_literal(self._next(), name), _COMPARE[operator]
        return lambda row: compare(self._value(row, name), wanted)

    def _text_test(self, function: str) -> Test:
        self._need("(")
        one = self._next()
        self._need(",")
        two = self._next()
        self._need(")")
        name, text = (two, one) if function == "substringof" else (one, two)
        wanted = str(read_literal(text, name))
        if function == "substringof":
            return lambda row: wanted in str(self._value(row, name))
        return lambda row: str(self._value(row, name)).startswith(wanted)

    def _is(self, token: str) -> bool:
        if self._place < len(self._tokens) and self._tokens[self._place] == token:
            self._place += 1
            return True
        return False

    def _need(self, token: str) -> None:
        if not self._is(token):
            raise BadFilter(token)

    def _next(self) -> str:
        if self._place >= len(self._tokens):
            raise BadFilter("the filter ends too early")
        self._place += 1
        token: str = self._tokens[self._place - 1]
        return token


def read_literal(token: str, name: str) -> Any:
    """Return the value of a literal; keys are compared in the form SAP stores them."""
    if token.startswith("datetime'"):
        return date.fromisoformat(token[9:19])
    if token.startswith("'"):
        return stored_key(name, token[1:-1].replace("''", "'"))
    if token in {"true", "false"}:
        return token == "true"  # noqa: S105 - a token of the grammar
    try:
        return Decimal(token.rstrip("M"))
    except ArithmeticError:
        raise BadFilter(token) from None


_LENGTHS = {
    **dict.fromkeys(
        (
            "Customer",
            "BusinessPartner",
            "AccountingDocument",
            "ClearingAccountingDocument",
            "SalesDocument",
        ),
        10,
    ),
    "AccountingDocumentItem": 3,
}


def stored_key(name: str, text: str) -> str:
    """Return a key with the zeros SAP stores it with; other texts as they are."""
    length = _LENGTHS.get(name)
    return text.zfill(length) if length and text.isdigit() else text
