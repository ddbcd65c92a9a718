"""The public names, and that every public value is immutable at any depth."""

from __future__ import annotations

import ast
import collections.abc
import dataclasses
import enum
import importlib
import inspect
import types
import typing
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction

import pydantic
import pytest

import receivables

IMMUTABLE = (
    *(str, int, bool, bytes, type(None), Decimal, Fraction, enum.Enum, type),
    *(date, datetime, time, timedelta, tzinfo, pydantic.AwareDatetime),
)
FROZEN_CONTAINERS = (tuple, frozenset, types.MappingProxyType, typing.Union, types.UnionType)


def value_types() -> list[type]:
    """Return every public class that users hold values of."""
    named = [getattr(receivables, name) for name in getattr(receivables, "__all__", [])]
    return [
        it
        for it in named
        if inspect.isclass(it)
        and not issubclass(it, BaseException | enum.Enum)
        and not getattr(it, "_is_protocol", False)
    ]


def hints(cls: type) -> dict[str, object]:
    """Return the types of the fields of a dataclass or named tuple, resolved."""
    resolved = typing.get_type_hints(cls, include_extras=False)
    named = getattr(cls, "_fields", None) or [it.name for it in dataclasses.fields(cls)]
    return {name: resolved[name] for name in named}


def mutable_parts(hint: object, seen: set[object]) -> list[str]:
    """Return what in this annotation could change after construction."""
    if inspect.isclass(hint) and typing.get_origin(hint) is None:
        return in_class(hint, seen)
    origin = typing.get_origin(hint)
    if hint is Ellipsis or origin in {typing.Literal, collections.abc.Callable}:
        return []
    if origin is None:
        return [f"{hint} is no class"]
    inside = [it for part in typing.get_args(hint) for it in mutable_parts(part, seen)]
    return inside if origin in FROZEN_CONTAINERS else [f"{hint}", *inside]


def in_class(cls: type, seen: set[object]) -> list[str]:
    """Return what in a class could change, once for each class."""
    if cls in seen or issubclass(cls, IMMUTABLE) or getattr(cls, "_is_protocol", False):
        return []
    seen.add(cls)
    if not is_frozen(cls):
        return [f"{cls.__name__} can be changed"]
    if not (dataclasses.is_dataclass(cls) or issubclass(cls, tuple)):
        return []
    return [
        f"{cls.__name__}.{name}: {part}"
        for name, inner in hints(cls).items()
        for part in mutable_parts(inner, seen)
    ]


def is_frozen(cls: type) -> bool:
    """Tell whether values refuse to have a public attribute set, and can be hashed."""
    refuses = cls.__setattr__ is not object.__setattr__
    bases = [it for it in cls.__mro__[:-1] if it is not tuple]
    slots = [it for base in bases for it in vars(base).get("__slots__", ["no slots"])]
    return cls.__hash__ is not None and (refuses or all(it.startswith("_") for it in slots))


def test_all_is_sorted_and_every_name_has_a_home():
    homes = vars(receivables)["_HOMES"]
    assert receivables.__all__ == sorted(set(homes))
    assert all(hasattr(importlib.import_module(home), name) for name, home in homes.items())


def test_what_type_checkers_see_is_what_there_is():
    tree = ast.parse(inspect.getsource(receivables))
    seen = {
        (alias.name, node.module)
        for block in tree.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == set(vars(receivables)["_HOMES"].items())


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"^module 'receivables' has no attribute 'Receipt'$"):
        _ = receivables.Receipt


@pytest.mark.parametrize("cls", value_types(), ids=lambda cls: cls.__name__)
def test_values_are_immutable_and_hashable_at_any_depth(cls):
    assert mutable_parts(cls, set()) == []


@dataclasses.dataclass(frozen=True)
class Holder:
    good: tuple[Decimal | None, ...]
    bad: tuple[list[int], ...]


class Sealed:
    __slots__ = ("_amount",)


class Ajar:
    __slots__ = ("_amount", "date")


@dataclasses.dataclass
class Open:
    amount: int


class Row(typing.NamedTuple):
    good: tuple[str, ...]
    bad: list[str]


class LooseRow(Row):
    pass


@dataclasses.dataclass(frozen=True)
class Outer:
    inner: Holder
    other: Open


@pytest.mark.parametrize(
    ("cls", "expected"),
    [
        (Holder, ["Holder.bad: list[int]"]),
        (Open, ["Open can be changed"]),
        (Ajar, ["Ajar can be changed"]),
        (Sealed, []),
        (Row, ["Row.bad: list[str]"]),
        (LooseRow, ["LooseRow can be changed"]),
        (Outer, ["Outer.inner: Holder.bad: list[int]", "Outer.other: Open can be changed"]),
    ],
)
def test_the_walk_finds_what_can_be_changed(cls, expected):
    assert mutable_parts(cls, set()) == expected


@pytest.mark.parametrize("module", ["receivables", "receivables.testing"])
def test_what_a_module_lists_is_what_it_offers(module):
    offered = importlib.import_module(module)
    listed = [name for name in dir(offered) if not name.startswith("__")]
    assert listed == sorted(offered.__all__)
