"""How facts speak: the words for their kinds, their errors in sentences, and a short text of what they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from receivables.errors import NotPositive, UnreadableFact


def spoken(kind: str) -> str:
    """Return a kind as a word in a sentence: `credit memo`, `write-off`."""
    return "write-off" if kind == "write_off" else kind.replace("_", " ")


def counted(number: int, noun: str, several: str | None = None) -> str:
    """Return a number with its noun, in the plural unless there is one.

    Args:
        number: How many.
        noun: The noun for one.
        several: The noun for more, where it is not the noun with an s.

    >>> counted(1, "row"), counted(1200, "row"), counted(0, "match", "matches")
    ('1 row', '1,200 rows', '0 matches')
    """
    return f"{number:,} {noun if number == 1 else several or noun + 's'}"


class InOurWords(type):
    """The type of facts: it makes their construction raise this library's errors, which name the fact."""

    if not TYPE_CHECKING:  # to a type checker a fact is made as its fields say

        def __call__(cls, *args: Any, **values: Any) -> Any:
            """Make a fact, or say in one sentence why it is none."""
            try:
                return super().__call__(*args, **values)
            except ValidationError as error:
                raise UnreadableFact(_sentence(cls, values, error)) from None
            except NotPositive as error:
                msg = f"{spoken(cls.kind)} {values.get('id')}: {error}"
                raise NotPositive(msg) from None


def _sentence(cls: type, values: Mapping[str, Any], error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0]) if first["loc"] else "its values"
    who = f"{spoken(getattr(cls, 'kind', cls.__name__))} {values.get('id', '(no id)')}"
    if first["type"] == "missing":
        return f"{who}: {name} is missing; give it"
    if first["type"] == "unexpected_keyword_argument":
        return (
            f"{who}: there is no {name!r}; it has {', '.join(field.name for field in fields(cls))}"
        )
    value = values.get(name)
    hint = _HINTS.get(
        name, f"it {first['msg'][0].lower()}{first['msg'][1:]}".replace("it input ", "it ")
    )
    return f"{who}: {name} {value!r} is a {type(value).__name__}; {hint}"


_HINTS = {
    "amount": 'give an exact amount such as Money("11600.00", "MXN")',
    "posting_date": "give a datetime.date",
    "document_date": "give a datetime.date",
    "due_date": "give a datetime.date",
    "baseline_date": "give a datetime.date",
    "valid_from": "give a datetime.date",
    "recorded_at": "give a datetime with a time zone",
    "id": "give a text of 1 to 200 characters",
    "customer": "give a text of 1 to 200 characters",
    "terms": 'give terms such as PaymentTerms.net(30) or PaymentTerms.parse("2/10 net 30")',
}


def brief(self: Any) -> str:
    """Show what was given and leave out what has its default value."""
    shown = []
    for field in fields(self):
        value = getattr(self, field.name)
        if field.default is MISSING or value != field.default:
            shown.append(f"{field.name}={value!r}")
    return f"{type(self).__name__}({', '.join(shown)})"
