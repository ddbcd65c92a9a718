"""A policy written as a table of plain values, such as a TOML file holds.

preset = "default"                      # start from a preset; the default policy when not given
name = "ours"
rules = ["advice", "reference", { rule = "combination", most_items = 4 }, "oldest-due"]
fees = ["15.00 USD"]
disputed = false                        # and the other switches of `AllocationPolicy`

[discounts]
grace_days = 3
tax = "included"

[[tolerances]]
absolute = "10.00 MXN"
percent = "0.5"
approver = "AR lead"

[[withholdings]]
percent = "10"
of = "net"
reason = "ISR"
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from receivables.allocation.policy import (
    AllocationPolicy,
    Discounts,
    DiscountTax,
    Tolerance,
    Withholding,
)
from receivables.allocation.presets import preset_named
from receivables.allocation.rules import Rule, rule_named
from receivables.errors import NoSuchChoice, NotAnAmount
from receivables.money import Money

_DECIMALS = {"percent", "similarity", "accidents", "confidence"}
_MONEY = {"absolute"}
_TUPLES = {"by", "blocked_by", "texts", "keys"}


def parse_policy(table: Mapping[str, Any]) -> AllocationPolicy:
    """Read a policy.

    Args:
        table: The values, as `tomllib` gives them; amounts and percentages as text.

    Raises:
        NoSuchChoice: For a name that is none of a policy's, or a preset or rule that is not there.
        NotAnAmount: For an amount or percentage that is none.

    >>> str(parse_policy({"rules": ["exact", {"rule": "combination", "most_items": 3}]}).rules[1])
    'combination(most_items=3)'
    """
    given = dict(table)
    start = preset_named(str(given.pop("preset", "default")))
    known = {it.name for it in fields(AllocationPolicy)}
    _check(given, known, "a policy")
    changes: dict[str, Any] = {}
    for name, value in given.items():
        match name:
            case "rules":
                changes[name] = tuple(_rule(it) for it in value)
            case "tolerances":
                changes[name] = tuple(_made(Tolerance, it) for it in value)
            case "withholdings":
                changes[name] = tuple(_made(Withholding, it) for it in value)
            case "discounts":
                changes[name] = _made(Discounts, value)
            case "fees":
                changes[name] = tuple(_money(it) for it in value)
            case _:
                changes[name] = _value(name, value)
    return replace(start, **changes)


def _rule(given: object) -> Rule:
    if isinstance(given, str):
        return rule_named(given)
    if not isinstance(given, Mapping) or "rule" not in given:
        msg = f'rule {given!r} must be a name, or a table such as {{ rule = "combination", most_items = 4 }}'
        raise NoSuchChoice(msg)
    options = {name: _value(name, value) for name, value in given.items() if name != "rule"}
    return rule_named(str(given["rule"]), **options)


def _made(kind: type[Any], table: Mapping[str, Any]) -> Any:
    if not isinstance(table, Mapping):
        msg = f"{kind.__name__.lower()} {table!r} must be a table of names and values"
        raise NoSuchChoice(msg)
    _check(table, {it.name for it in fields(kind)}, f"a {kind.__name__.lower()}")
    return kind(**{name: _value(name, value) for name, value in table.items()})


def _check(table: Mapping[str, Any], known: Iterable[str], what: str) -> None:
    unknown = sorted(set(table) - set(known))
    if unknown:
        msg = f"{what} has no {', '.join(unknown)}; it has {', '.join(sorted(known))}"
        raise NoSuchChoice(msg)


def _value(name: str, value: Any) -> Any:
    if name == "tax":
        choices = {it.value: it for it in DiscountTax}
        if value not in choices:
            msg = f"tax {value!r} is not there; it must be one of {', '.join(choices)}"
            raise NoSuchChoice(msg)
        return choices[value]
    if name in _DECIMALS:
        return _decimal(name, value)
    if name in _MONEY:
        return _money(value)
    return tuple(value) if name in _TUPLES and not isinstance(value, str) else value


def _decimal(name: str, value: object) -> Decimal:
    if isinstance(value, int | str) and not isinstance(value, bool):
        try:
            return Decimal(value)
        except InvalidOperation:
            pass
    msg = f'{name} {value!r} must be a number in quotes, such as "0.5"'
    raise NotAnAmount(msg)


def _money(value: object) -> Money:
    amount, _, currency = str(value).partition(" ")
    if not isinstance(value, str) or not currency:
        msg = f'amount {value!r} must be text with its currency, such as "10.00 MXN"'
        raise NotAnAmount(msg)
    return Money(amount, currency.strip())
