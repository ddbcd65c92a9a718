"""What a resource says about itself: which attributes can be asked for, which finders, children and actions there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Described:
    """The description of one resource or child.

    Args:
        name: Its name.
        attributes: Every attribute it has.
        queryable: Those that `q` may name.
        finders: Its finders with their variables.
        actions: Names of its actions.
        children: Its children, described the same way.
    """

    name: str
    attributes: tuple[str, ...] = ()
    queryable: frozenset[str] = frozenset()
    finders: tuple[tuple[str, tuple[str, ...]], ...] = ()
    actions: frozenset[str] = frozenset()
    children: tuple[Described, ...] = ()

    @classmethod
    def of(cls, name: str, node: Mapping[str, Any]) -> Described:
        """Read a node of an answer to `describe`; what is not there is empty."""
        attributes = [it for it in node.get("attributes") or () if it.get("name")]
        collection = node.get("collection") or {}
        finders = tuple(
            (
                str(it.get("name")),
                tuple(str(part.get("name")) for part in it.get("attributes") or ()),
            )
            for it in collection.get("finders") or ()
        )
        actions = {
            *_names(collection.get("actions")),
            *_names((node.get("item") or {}).get("actions")),
        }
        children = (node.get("children") or {}).items()
        return cls(
            name,
            tuple(it["name"] for it in attributes),
            frozenset(it["name"] for it in attributes if it.get("queryable")),
            finders,
            frozenset(actions),
            tuple(cls.of(child, inner) for child, inner in children),
        )

    @classmethod
    def read(cls, name: str, answer: Mapping[str, Any]) -> Described:
        """Read a whole answer to `{name}/describe`."""
        resources = answer.get("Resources") or answer.get("resources") or {}
        return cls.of(name, resources.get(name) or {})

    def child(self, name: str) -> Described | None:
        """Return a child by name; None when it is not described."""
        return next((it for it in self.children if it.name == name), None)

    def finder_with(self, *variables: str) -> str | None:
        """Return the first finder that knows all these variables; None when there is none."""
        return next((name for name, known in self.finders if set(variables) <= set(known)), None)


def _names(actions: Any) -> set[str]:
    return {str(it.get("name")) for it in actions or () if isinstance(it, Mapping)}
