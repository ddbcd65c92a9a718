"""What stands on the wire: numbers to the digit, dates, moments, and errors in whichever form they come."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from receivables.errors import BrokenAnswer
from receivables.money import Money

Row = Mapping[str, Any]
ERROR_JSON = "application/vnd.oracle.adf.error+json"
_KEPT = 2048  # characters of an error's body that an exception carries
_TAGS = re.compile(r"<(script|style).*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_BLANKS = re.compile(r"\s+")


def parse(text: str) -> Any:
    """Read JSON with every number exact: whole ones as int, others as Decimal with the digits they came with.

    Raises:
        BrokenAnswer: When it is no JSON, or holds NaN or Infinity.

    >>> parse('{"UnitSellingPrice": -1.00}')
    {'UnitSellingPrice': Decimal('-1.00')}
    """
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        msg = f"the answer is no JSON ({error}); it begins with {text[:80]!r}; ask again, and see what stands in between"
        raise BrokenAnswer(msg, body=text[:_KEPT]) from None


def _no_number(text: str) -> Any:
    msg = f"{text} is no number"
    raise ValueError(msg)


def dumps(value: Any) -> str:
    """Write JSON with every Decimal as a number of exactly its digits.

    >>> dumps({"Amount": Decimal("11600.00")})
    '{"Amount": 11600.00}'
    """
    match value:
        case Decimal():
            return f"{value:f}"
        case Mapping():
            pairs = (f"{json.dumps(str(name))}: {dumps(it)}" for name, it in value.items())
            return "{" + ", ".join(pairs) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(dumps, value)) + "]"
        case date():
            return json.dumps(value.isoformat())
        case _:
            return json.dumps(value, ensure_ascii=False)


def number(value: Any) -> Decimal | None:
    """Return a number that came as a number or as text; None for null or an empty text.

    Raises:
        ValueError: When it is neither.
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        msg = f"{value!r} is no number"
        raise ValueError(msg)  # noqa: TRY004 - a value of the data, not of a caller
    try:
        found = Decimal(value)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        msg = f"{value!r} is no number"
        raise ValueError(msg)
    return found


def money(value: Any, currency: str) -> Money | None:
    """Return an amount; None for null.

    Raises:
        ValueError: When it is no number.
        MoneyError: When it is no amount of the currency.
    """
    found = number(value)
    return None if found is None else Money(found, currency)


def day(value: Any) -> date | None:
    """Return a business date; None for null.

    Raises:
        ValueError: When it is no date.
    """
    if value in (None, ""):
        return None
    return date.fromisoformat(str(value)[:10])


def moment(value: Any) -> datetime | None:
    """Return a timestamp, with or without a fraction; one without an offset is UTC.

    Raises:
        ValueError: When it is none.

    >>> moment("2025-07-09T21:36:11.571+00:00") > moment("2025-07-07T07:04:26+00:00")
    True
    """
    if value in (None, ""):
        return None
    found = datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def flag(value: Any) -> bool:
    """Tell whether a flag says yes: `Y`, `Yes`, `true`; anything else is no."""
    return value is True or str(value).casefold() in {"y", "yes", "true"}


def touched(since: datetime | None, *rows: Row) -> bool:
    """Tell whether any row was changed since a moment; one that does not say when counts as changed."""
    if since is None:
        return True
    for row in rows:
        changed = moment(row.get("LastUpdateDate") or row.get("CreationDate"))
        if changed is None or changed >= since:
            return True
    return False


def text(value: Any) -> str:
    """Return any value as text that loses nothing, for what is kept as it came."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping | list | tuple):
        return dumps(_without_links(value))
    return str(value)


def _without_links(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_links(it) for name, it in value.items() if name != "links"}
    if isinstance(value, list | tuple):
        return [_without_links(it) for it in value]
    return value


def messages(body: str, content_type: str) -> tuple[str, ...]:
    """Return what an error says: the details of JSON, the text of a page, or the text itself.

    >>> messages('{"title": "Bad Request", "o:errorDetails": [{"detail": "AR-855123: no currency"}]}', "application/json")
    ('AR-855123: no currency',)
    """
    if "json" in content_type or body.lstrip().startswith("{"):
        try:
            found = json.loads(body)
        except ValueError:
            found = None
        if isinstance(found, dict):
            details = found.get("o:errorDetails")
            told = (
                [it.get("detail") for it in details if isinstance(it, dict)]
                if isinstance(details, list)
                else []
            )
            told = told or [
                found.get("detail") or found.get("error_description") or found.get("title")
            ]
            return tuple(str(it) for it in told if it)
    plain = _BLANKS.sub(" ", _TAGS.sub(" ", body)).strip()
    return (plain[:300],) if plain else ()


def kept(body: str) -> str:
    """Return the part of an error's body that an exception carries."""
    return body[:_KEPT]
