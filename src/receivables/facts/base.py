"""What all facts share: identity, dates, origin, free attributes, and errors that name the fact."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, TypeVar, dataclass_transform

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    StringConstraints,
)
from pydantic.dataclasses import dataclass
from pydantic_core import CoreSchema

from receivables.errors import NotPositive, UnreadableFact
from receivables.facts.wording import InOurWords, brief
from receivables.facts.written import with_kind
from receivables.money import Money

T = TypeVar("T")

# Validators are built when the first fact of a kind is made, which keeps the import short.
CONFIG = ConfigDict(strict=True, extra="forbid", defer_build=True)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def fact(cls: type[T]) -> type[T]:
    """Make a class a fact: a frozen, slotted, validated value whose errors and text are this library's."""
    made: Any = dataclass(frozen=True, slots=True, kw_only=True, repr=False, config=CONFIG)(cls)
    return made  # type: ignore[no-any-return]


def _positive(amount: Money) -> Money:
    if amount.amount <= 0:
        msg = f"amount {amount} must be above zero; facts carry positive amounts and their kind says the direction"
        raise NotPositive(msg)
    return amount


def _pairs(value: Any) -> Any:
    """Keep attributes as sorted pairs, so that a fact is immutable to its depth; an empty text is no attribute."""
    given: Iterable[Any] = value
    if not isinstance(value, tuple) and isinstance(value, Mapping):
        given = value.items()
    pairs = tuple(sorted([tuple(pair) for pair in given if pair[1] != ""]))
    if len(pairs) > 1 and len({name for name, _ in pairs}) != len(pairs):
        msg = f"attributes {pairs} name one attribute twice"
        raise UnreadableFact(msg)
    return pairs


Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Positive = Annotated[Money, AfterValidator(_positive)]
Attributes = Annotated[tuple[tuple[str, str], ...], BeforeValidator(_pairs)]


@dataclass(frozen=True, slots=True, config=CONFIG)
class Origin:
    """Where a fact came from: the system, its own key there, and whatever else it said.

    Args:
        system: Name of the source, such as `sap` or a file name.
        key: The source's own key, such as `1000/0090000123/2026/001` or a line number.
        fields: Attributes of the source that have no place here, kept as they were.

    >>> str(Origin("sap", "1000/0090000123/2026/001"))
    'sap 1000/0090000123/2026/001'
    """

    system: str
    key: str = ""
    fields: Attributes = ()

    def __str__(self) -> str:
        return f"{self.system} {self.key}".strip()


class Plain(metaclass=InOurWords):
    """What facts are at the least: values that speak in this library's words."""

    kind: ClassVar[str]

    __slots__ = ()
    __repr__ = brief

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """In JSON a fact says its kind."""
        return with_kind(cls, handler(source))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class BaseFact(Plain):
    """What every fact carries; each kind of fact validates it with its own fields.

    Args:
        id: Unique within the subledger, whatever the kind.
        posting_date: The date it counts from.
        recorded_at: When it became known, timezone-aware; always known when not given.
        reference: What people call it: a number on the paper, a purchase order, a bank text.
        attributes: Anything else to keep and to group by, name and text.
        origin: Where it came from.
    """

    id: Id
    posting_date: date
    recorded_at: AwareDatetime | None = None
    reference: str | None = None
    attributes: Attributes = ()
    origin: Origin | None = None
