"""Finds adapters by name: every package may register its own under the entry point group `receivables.adapters`."""

from __future__ import annotations

from difflib import get_close_matches
from importlib.metadata import entry_points
from typing import Any

from receivables.adapters.port import Source
from receivables.errors import NoSuchAdapter

GROUP = "receivables.adapters"


def installed() -> tuple[str, ...]:
    """List the names of the adapters that can be opened.

    >>> [name for name in installed() if name in ("csv", "memory")]
    ['csv', 'memory']
    """
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


def open_source(name: str, /, **options: Any) -> Source:
    """Return a source by the name of its adapter.

    Args:
        name: One of `installed()`.
        options: What the adapter needs: a path, an address, a mapping.

    Raises:
        NoSuchAdapter: For a name that is not installed, or options the adapter does not take.
    """
    adapter = adapter_named(name)
    try:
        source: Source = adapter(**options)
    except TypeError as error:
        given = ", ".join(options) or "no options"
        msg = f"adapter {name!r} cannot be opened with {given}: {error}; see its documentation"
        raise NoSuchAdapter(msg) from None
    return source


def adapter_named(name: str, /) -> Any:
    """Return what an adapter registers: a class, or a function that makes its source.

    Raises:
        NoSuchAdapter: For a name that is not installed.
    """
    found = [point for point in entry_points(group=GROUP) if point.name == name]
    if not found:
        raise NoSuchAdapter(unknown("adapter", name, installed(), "Installed"))
    return found[0].load()


def unknown(what: str, name: str, known: tuple[str, ...], listed_as: str) -> str:
    """Return the sentence for a name that is not there, with the nearest one that is."""
    near = get_close_matches(name, known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"No {what} named {name!r}. {listed_as}: {', '.join(known) or 'none'}.{hint}"
