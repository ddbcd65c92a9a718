"""The double's own reading of `q`, in both dialects; it shares nothing with the adapter that writes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
Predicate = Callable[[Row], bool]
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*'|\"[^\"]*\")|(?P<op>>=|<=|!=|<>|=|>|<)|(?P<sign>[(),;])|(?P<word>[^\s'\"=<>!(),;]+))"
)


class BadQuery(Exception):
    """What the pod answers 400 to."""


def predicate(text: str, framework: int, may_query: Callable[[str], bool]) -> Predicate:
    """Read `q` and return the test of a row.

    Raises:
        BadQuery: When the dialect does not know it, or an attribute may not be asked for.
    """
    tokens = _tokens(text)
    reader = _Reader(tokens, may_query)
    if framework == 1:
        if any(kind == "word" and it.lower() == "or" for kind, it in tokens):
            msg = "or is not supported"
            raise BadQuery(msg)
        return reader.by_example()
    if ("sign", ";") in tokens:
        msg = "; is not supported by this framework version"
        raise BadQuery(msg)
    return reader.whole()


def _tokens(text: str) -> list[tuple[str, str]]:
    found, place = [], 0
    text = text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            msg = f"cannot be read at {text[place:]!r}"
            raise BadQuery(msg)
        kind = str(match.lastgroup)
        found.append((kind, match.group(kind)))
        place = match.end()
    return found


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]], may_query: Callable[[str], bool]) -> None:
        self.tokens, self.may_query, self.place = tokens, may_query, 0

    def by_example(self) -> Predicate:
        tests = [self._comparison(strict=False)]
        while self._take("sign", ";"):
            tests.append(self._comparison(strict=False))
        self._end()
        return lambda row: all(test(row) for test in tests)

    def whole(self) -> Predicate:
        test = self._any()
        self._end()
        return test

    def _end(self) -> None:
        if self.place < len(self.tokens):
            msg = f"unexpected {self.tokens[self.place][1]!r}"
            raise BadQuery(msg)

    def _any(self) -> Predicate:
        tests = [self._all()]
        while self._take("word", "or"):
            tests.append(self._all())
        return lambda row: any(test(row) for test in tests)

    def _all(self) -> Predicate:
        tests = [self._one()]
        while self._take("word", "and"):
            tests.append(self._one())
        return lambda row: all(test(row) for test in tests)

    def _one(self) -> Predicate:
        if self._take("sign", "("):
            test = self._any()
            if not self._take("sign", ")"):
                msg = "missing )"
                raise BadQuery(msg)
            return test
        return self._comparison(strict=True)

    def _comparison(self, *, strict: bool) -> Predicate:
        kind, attribute = self._next()
        if kind != "word" or not self.may_query(attribute):
            msg = f"URL request parameter q cannot be used in this context: {attribute}"
            raise BadQuery(msg)
        kind, operator = self._next()
        operator = operator.lower()
        if kind == "op":
            value = self._value(strict=strict)
            return lambda row: _compare(row.get(attribute), operator, value)
        if operator == "like":
            pattern = re.escape(self._value(strict=True)).replace(r"\*", ".*").replace("%", ".*")
            return lambda row: re.fullmatch(pattern, str(row.get(attribute) or "")) is not None
        if operator == "is" and self._take("word", "null"):
            return lambda row: row.get(attribute) is None
        if operator == "in" and self._take("sign", "("):
            values = [self._value(strict=True)]
            while self._take("sign", ","):
                values.append(self._value(strict=True))
            if self._take("sign", ")"):
                return lambda row: any(_compare(row.get(attribute), "=", it) for it in values)
        msg = f"operator {operator!r} is not supported"
        raise BadQuery(msg)

    def _value(self, *, strict: bool) -> str:
        kind, value = self._next()
        if kind == "text":
            inner = value[1:-1].replace("''", "'")
            if re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+ [\d:]+", inner):
                msg = f"date {inner!r} cannot be parsed"  # a + that was not encoded has become a blank
                raise BadQuery(msg)
            return inner
        if kind != "word" or (strict and not re.fullmatch(r"-?\d+(\.\d+)?", value)):
            msg = f"value {value!r} must be quoted"
            raise BadQuery(msg)
        if self.place < len(self.tokens) and self.tokens[self.place][0] == "word" and not strict:
            msg = f"unexpected {self.tokens[self.place][1]!r}"
            raise BadQuery(msg)
        return value

    def _next(self) -> tuple[str, str]:
        if self.place >= len(self.tokens):
            msg = "the expression ends too early"
            raise BadQuery(msg)
        self.place += 1
        return self.tokens[self.place - 1]

    def _take(self, kind: str, value: str) -> bool:
        if self.place < len(self.tokens):
            found = self.tokens[self.place]
            if found[0] == kind and found[1].lower() == value:
                self.place += 1
                return True
        return False


def _compare(held: Any, operator: str, value: str) -> bool:
    if held is None:
        return False
    one, two = _comparable(held, value)
    answers: dict[str, bool] = {
        "=": one == two,
        "!=": one != two,
        "<>": one != two,
        ">": one > two,
        ">=": one >= two,
        "<": one < two,
        "<=": one <= two,
    }
    return answers[operator]


def _comparable(held: Any, value: str) -> tuple[Any, Any]:
    try:
        if isinstance(held, int | Decimal):
            return Decimal(held), Decimal(value)
        if re.match(r"\d{4}-\d\d-\d\dT", str(held)):
            one, two = datetime.fromisoformat(held), datetime.fromisoformat(value)
            return one, two if two.tzinfo else two.replace(tzinfo=one.tzinfo)
        if re.fullmatch(r"\d{4}-\d\d-\d\d", str(held)):
            return date.fromisoformat(held), date.fromisoformat(value[:10])
    except (ValueError, ArithmeticError):
        msg = f"value {value!r} does not fit"
        raise BadQuery(msg) from None
    return held, value
