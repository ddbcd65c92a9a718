"""The mappings that ship with the library, each a TOML file of the documented form, and the mode that tells ours apart."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from receivables.adapters.csv.mapping import Mapping
from receivables.adapters.csv.table import Table
from receivables.adapters.registry import unknown
from receivables.errors import UnfitMapping
from receivables.schema import CUSTOMERS, FACTS, OPEN_ITEMS, PAYMENTS

_OURS = {"template": FACTS, "open-items": OPEN_ITEMS, "payments": PAYMENTS, "customers": CUSTOMERS}


def names() -> tuple[str, ...]:
    """List the presets.

    >>> "ibm" in names()
    True
    """
    folder = files(__name__)
    return tuple(
        sorted(
            it.name.removesuffix(".toml") for it in folder.iterdir() if it.name.endswith(".toml")
        )
    )


@cache
def preset(name: str) -> Mapping:
    """Return a preset by name.

    Raises:
        UnfitMapping: When there is none of that name.
    """
    if name not in names():
        raise UnfitMapping(unknown("mapping", name, names(), "Presets"))
    return Mapping.parse((files(__name__) / f"{name}.toml").read_text(encoding="utf-8"), name)


def recognised(table: Table) -> Mapping:
    """Return the preset of the table of ours whose required columns a file has.

    Raises:
        UnfitMapping: When it has those of none; the message says which preset's columns it has, or what is missing.
    """
    header = table.header
    held = {column.casefold() for column in header}
    for ours, schema in _OURS.items():
        if held.issuperset(schema.required):
            return preset(ours)
    listed = ", ".join(map(repr, header[:8])) + (", …" if len(header) > 8 else "")  # noqa: PLR2004
    if table.hint:
        msg = f"{table.name} has the header {listed}, which looks like a title{table.hint}"
        raise UnfitMapping(msg)
    fitting = [it for it in names() if it not in _OURS and _fits(preset(it), held)]
    if fitting:
        hint = f"it has the columns of {' and '.join(map(repr, fitting))}: give that as the mapping"
    else:
        near = min(_OURS, key=lambda it: len(set(_OURS[it].required) - held))
        missing = ", ".join(sorted(set(_OURS[near].required) - held))
        hint = f"the nearest, {near!r}, lacks {missing}; rename columns or give a mapping"
    msg = f"{table.name} is none of our tables by its header {listed}; {hint}"
    raise UnfitMapping(msg)


def _fits(mapping: Mapping, held: set[str]) -> bool:
    """Tell whether a header has a column for all that a mapping names, but for the optional ones with choices."""
    plain = [theirs.choices for _, theirs in mapping.columns]
    needed = [choices for choices in plain if len(choices) == 1] or plain[:4]
    return all(
        any(all(name.casefold() in held for name in choice) for choice in choices)
        for choices in needed
    )
