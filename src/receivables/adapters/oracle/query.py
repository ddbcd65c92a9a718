"""Filters as values: rendered for either query dialect of the REST framework, and checked again on every row.

Framework version 1 reads query-by-example (`A='x';B>1`), later ones a row expression (`A = 'x' and B > 1`). What cannot be said
safely in a dialect is refused here, and the caller filters on its own side. Values are never pasted in unescaped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any, Literal

from receivables.adapters.oracle import wire
from receivables.errors import UnfitQuery

Value = str | int | Decimal | date | datetime
Operator = Literal["=", "!=", ">", ">=", "<", "<=", "like"]
_ROW_EXPRESSION = 2  # first framework version that reads row expressions


@dataclass(frozen=True, slots=True)
class Where:
    """One attribute compared with one value; `like` knows the wildcard `*`."""

    attribute: str
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class In:
    """One attribute that is any of several values."""

    attribute: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class IsNull:
    """One attribute without a value."""

    attribute: str


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part holds."""

    parts: tuple[Expression, ...]


Expression = Where | In | IsNull | All | Either


def render(expression: Expression, framework: int) -> str:
    """Return the text of parameter `q`.

    Args:
        expression: The filter.
        framework: Version of the REST framework that will read it.

    Raises:
        UnfitQuery: When the dialect cannot say it safely.

    >>> both = All((Where("InvoiceStatus", "=", "Complete"), Where("CustomerTransactionId", ">", 7)))
    >>> render(both, 1), render(both, 4)
    ("InvoiceStatus='Complete';CustomerTransactionId>7", "InvoiceStatus = 'Complete' and CustomerTransactionId > 7")
    """
    return _row_expression(expression) if framework >= _ROW_EXPRESSION else _by_example(expression)


def finder(name: str, variables: Mapping[str, Value]) -> str:
    """Return the text of parameter `finder`.

    Raises:
        UnfitQuery: When a value holds a double quote, whose escape is not known.

    >>> finder("invoiceSearch", {"BillToCustomerName": "ACME, S.A.", "TransactionLimitByDays": 36500})
    'invoiceSearch;BillToCustomerName="ACME, S.A.",TransactionLimitByDays=36500'
    """
    return f"{name};" + ",".join(f"{it}={_variable(it, value)}" for it, value in variables.items())


def matches(expression: Expression, row: Mapping[str, Any]) -> bool:
    """Tell whether a row satisfies a filter; an attribute that is missing or null satisfies no comparison."""
    match expression:
        case All():
            return all(matches(part, row) for part in expression.parts)
        case Either():
            return any(matches(part, row) for part in expression.parts)
        case IsNull():
            return row.get(expression.attribute) is None
        case In():
            return any(_compare(row, expression.attribute, "=", it) for it in expression.values)
        case Where():
            return _compare(row, expression.attribute, expression.operator, expression.value)


def split(
    expression: Expression | None, queryable: Iterable[str], framework: int
) -> tuple[Expression | None, Expression | None]:
    """Part a filter into what the server can be asked and what is left for our side.

    Args:
        expression: The filter; the parts of an `All` are looked at one by one.
        queryable: Attributes that the resource's description calls queryable.
        framework: Version of the REST framework.
    """
    known = frozenset(queryable)
    parts = expression.parts if isinstance(expression, All) else (expression,) if expression else ()
    asked = tuple(
        part for part in parts if _attributes(part) <= known and _can_say(part, framework)
    )
    left = tuple(part for part in parts if part not in asked)
    return _joined(asked), _joined(left)


def _joined(parts: tuple[Expression, ...]) -> Expression | None:
    return None if not parts else parts[0] if len(parts) == 1 else All(parts)


def _can_say(expression: Expression, framework: int) -> bool:
    try:
        render(expression, framework)
    except UnfitQuery:
        return False
    return True


def _attributes(expression: Expression) -> set[str]:
    if isinstance(expression, All | Either):
        return {name for part in expression.parts for name in _attributes(part)}
    return {expression.attribute}


def _by_example(expression: Expression) -> str:
    match expression:
        case All():
            return ";".join(map(_by_example, expression.parts))
        case Where(attribute, operator, value):
            blank = " " if operator == "like" else ""
            return f"{attribute}{blank}{operator.upper()}{blank}{_plain(attribute, value)}"
        case _:
            kind = type(expression).__name__.lower()
            msg = f"framework version 1 cannot say {kind!r} in q; ask several times, or filter the rows that come"
            raise UnfitQuery(msg)


def _plain(attribute: str, value: Value) -> str:
    written = _written(value)
    if not isinstance(value, str | date):
        return written
    if any(sign in written for sign in "'\";,"):
        msg = f"framework version 1 knows no escape for {attribute} {value!r}; filter the rows that come"
        raise UnfitQuery(msg)
    return f"'{written}'"


def _row_expression(expression: Expression) -> str:
    match expression:
        case All():
            return " and ".join(
                f"({_row_expression(it)})" if isinstance(it, Either) else _row_expression(it)
                for it in expression.parts
            )
        case Either():
            return " or ".join(
                f"({_row_expression(it)})" if isinstance(it, All) else _row_expression(it)
                for it in expression.parts
            )
        case IsNull():
            return f"{expression.attribute} is null"
        case In():
            return f"{expression.attribute} in ({','.join(map(_quoted, expression.values))})"
        case Where():
            return f"{expression.attribute} {expression.operator} {_quoted(expression.value)}"


def _quoted(value: Value) -> str:
    written = _written(value)
    if not isinstance(value, str | date):
        return written
    return "'" + written.replace("'", "''") + "'"


def _written(value: Value) -> str:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)


def _variable(name: str, value: Value) -> str:
    written = _written(value)
    if '"' in written:
        msg = f"finder variable {name} {value!r} holds a double quote, whose escape is not known; filter the rows that come"
        raise UnfitQuery(msg)
    return f'"{written}"' if any(sign in written for sign in ",;= ") else written


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, two: one == two,
    "!=": lambda one, two: one != two,
    ">": lambda one, two: one > two,
    ">=": lambda one, two: one >= two,
    "<": lambda one, two: one < two,
    "<=": lambda one, two: one <= two,
}


def _compare(row: Mapping[str, Any], attribute: str, operator: str, value: Value) -> bool:
    held = row.get(attribute)
    if held is None:
        return False
    try:
        match value:
            case datetime():
                found: Any = wire.moment(held)
            case date():
                found = wire.day(held)
            case int() | Decimal():
                found = wire.number(held)
            case _:
                found = wire.text(held)
    except ValueError:
        return False
    if operator == "like":
        return fnmatchcase(str(found), str(value).replace("[", "[[]").replace("?", "[?]"))
    return _COMPARISONS[operator](found, value)
