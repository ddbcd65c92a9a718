"""Facts in one line each, so that a test reads like a ledger.

    2026-01-10 invoice     F-1 C001 100.00 MXN net 30
    2026-02-01 payment     R-1 C001 40.00 MXN on-account
    2026-02-01 allocation  A-1 R-1 -> F-1 40.00 MXN
    2026-02-05 reversal    X-1 of A-1

A line is a date, a kind, an id and what that kind needs, then options such as `due=2026-02-09`, `recorded=2026-03-01`,
`instalment=2`, `reason="short paid"`, `@region=north` (an attribute), and words such as `disputed`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any, NoReturn

from pydantic import ValidationError

from receivables.errors import ReceivablesError, UnreadableFact
from receivables.facts import KINDS, Customer, Fact
from receivables.money import Money
from receivables.subledger import Subledger
from receivables.terms import Instalment, PaymentTerms

AnyFact = Fact | Customer

_SHAPES = {
    "invoice": "invoice F-1 C001 100.00 MXN net 30",
    "debit_memo": "debit_memo D-1 C001 100.00 MXN net 30",
    "credit_memo": "credit_memo M-1 C001 100.00 MXN",
    "payment": "payment R-1 C001 40.00 MXN",
    "allocation": "allocation A-1 R-1 -> F-1 40.00 MXN",
    "write_off": "write_off W-1 on F-1 5.00 MXN",
    "adjustment": "adjustment J-1 on F-1 5.00 MXN",
    "refund": "refund B-1 of R-1 10.00 MXN",
    "reversal": "reversal X-1 of A-1",
    "customer": 'customer C001 name="Acme" segment=retail',
}
_ROLES = {
    "invoice": ("customer",),
    "debit_memo": ("customer",),
    "credit_memo": ("customer",),
    "payment": ("customer",),
    "allocation": ("source", "target"),
    "write_off": ("target",),
    "adjustment": ("target",),
    "refund": ("source",),
    "reversal": ("of",),
    "customer": (),
}
_WITH_TERMS = frozenset({"invoice", "debit_memo", "credit_memo", "customer"})
_LINKS = frozenset({"->", "of", "on"})  # said for the reader, between ids
_UNIDENTIFIED = "?"
_FLAGS = ("disputed", "on_account", "increase")
_PLACE = re.compile(r"(\d+(?:\.\d+)?) ?([A-Z]{3})")
_OPTION = re.compile(r"(@?[A-Za-z][\w-]*)=(.*)", re.DOTALL)


def facts(text: str) -> tuple[AnyFact, ...]:
    """Read facts, one a line; empty lines and what follows `#` do not count.

    Args:
        text: One fact a line, in the notation of this module.

    Raises:
        UnreadableFact: For a line that says no fact, with its number and what such a line looks like.
        ReceivablesError: When the fact itself breaks a rule, such as an amount with too many decimals.

    >>> [fact.kind for fact in facts('''
    ...     2026-01-10 invoice F-1 C001 100.00 MXN net 30
    ...     2026-02-01 payment R-1 C001 40.00 MXN
    ... ''')]
    ['invoice', 'payment']
    """
    return tuple(_fact(number, words) for number, words in _lines(text))


def books(text: str) -> Subledger:
    """Read facts as `facts` does and build a subledger of them.

    >>> books("2026-01-10 invoice F-1 C001 100.00 MXN net 30").open_items(as_of=date(2026, 1, 9))
    ()
    """
    return Subledger.of(facts(text))


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        words = _words(number, line)
        if words:
            yield number, words


def _words(number: int, line: str) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError as error:
        msg = f"line {number} {line.strip()!r} ends within a quotation; close it"
        raise UnreadableFact(msg) from error


def _fact(number: int, words: list[str]) -> AnyFact:
    where = f"line {number} {' '.join(words)!r}"
    kind = words[1] if len(words) > 1 else ""
    if kind not in _SHAPES:
        msg = f"{where} names no kind of fact; write a date, then one of {', '.join(_SHAPES)}"
        raise UnreadableFact(msg)
    shape = f"write it like '2026-01-10 {_SHAPES[kind]}'"
    try:
        values = _values(kind, words[2:])
        values["valid_from" if kind == "customer" else "posting_date"] = date.fromisoformat(
            words[0]
        )
        return Customer(**values) if kind == "customer" else KINDS[kind](**values)
    except ReceivablesError as error:
        raise type(error)(f"line {number}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        msg = f"{where}: {'.'.join(map(str, first['loc']))}: {first['msg'].lower()}; {shape}"
        raise UnreadableFact(msg) from error
    except ValueError as error:
        msg = f"{where}: {error}; {shape}"
        raise UnreadableFact(msg) from error


def _values(kind: str, words: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    plain = [word for word in words if not _take_option(kind, word, values)]
    values["id"], *rest = plain or _missing("an id")
    for role in _ROLES[kind]:
        while rest and rest[0] in _LINKS:
            rest.pop(0)
        name = rest.pop(0) if rest else _missing(f"a {role}")
        values[role] = None if role == "customer" and name == _UNIDENTIFIED else name
    if kind not in {"reversal", "customer"}:
        amount, currency, *rest = rest if len(rest) > 1 else _missing("an amount and its currency")
        values["amount"] = Money(amount, currency)
        _place_parts(values, currency)
    if rest and kind in _WITH_TERMS:
        values["terms"] = PaymentTerms.parse(" ".join(rest))
    elif rest:
        said = f"{' '.join(rest)!r} has no meaning here"
        raise ValueError(said)
    return values


def _take_option(kind: str, word: str, values: dict[str, Any]) -> bool:
    """Read `name=value` or a flag into `values`; tell whether the word was one."""
    if word.replace("-", "_") in _FLAGS:
        values[word.replace("-", "_")] = True
        return True
    match = _OPTION.fullmatch(word)
    if not match:
        return False
    name, text = match[1], match[2]
    if name.startswith("@"):
        values["attributes"] = tuple(sorted((*values.get("attributes", ()), (name[1:], text))))
    elif name in _READ:
        field, read = _READ[name]
        values[field] = read(text)
    elif kind == "customer" or name in _TEXTS:
        values[name] = text
    else:
        said = f"no option {name!r}; there are {', '.join(sorted((*_READ, *_TEXTS, *_FLAGS)))}"
        raise ValueError(said)
    return True


def _place_parts(values: dict[str, Any], currency: str) -> None:
    if "instalments" in values:
        parts = (part.split("@") for part in values["instalments"].split(","))
        values["instalments"] = tuple(
            Instalment(number, date.fromisoformat(due), Money(amount, currency))
            for number, (amount, due) in enumerate(parts, start=1)
        )


def _missing(what: str) -> NoReturn:
    said = f"{what} is missing"
    raise ValueError(said)


def _money(text: str) -> Money:
    match = _PLACE.fullmatch(text)
    if not match:
        said = f"{text!r} is no amount with its currency, such as 17.05MXN"
        raise ValueError(said)
    return Money(match[1], match[2])


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_READ: dict[str, tuple[str, Callable[[str], Any]]] = {
    "due": ("due_date", date.fromisoformat),
    "document": ("document_date", date.fromisoformat),
    "baseline": ("baseline_date", date.fromisoformat),
    "recorded": ("recorded_at", _moment),
    "instalment": ("instalment", int),
    "instalments": ("instalments", str),
    "taking": ("source_amount", _money),
    "company": ("company_amount", _money),
    "terms": ("terms", PaymentTerms.parse),
}
_TEXTS = ("reference", "reason", "dispute_reason", "legal_entity", "segment", "collector")
