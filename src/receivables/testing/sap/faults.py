"""What goes wrong in the double of an RFC system: the exceptions of function modules, and faults on demand."""

from __future__ import annotations

from dataclasses import dataclass, field

ROW_WIDTH = 512


class AbapError(Exception):
    """A classic exception of a function module: its name, and its message's class, type, number and variables."""

    def __init__(
        self,
        key: str,
        cls: str = "",
        kind: str = "E",
        number: str = "000",
        variables: tuple[str, ...] = (),
    ) -> None:
        super().__init__(key)
        self.key, self.cls, self.kind, self.number, self.variables = (
            key,
            cls,
            kind,
            number,
            variables,
        )


@dataclass(slots=True)
class Faults:
    """What goes wrong, by function name.

    Args:
        drop: Functions whose connection breaks, each so many times; below zero before it answers, and after it has done its work when `after`.
        raise_: Functions that answer with an exception, once each time listed.
        missing_columns: Columns a table lacks on this release.
        row_width: Characters a table row may have.
        return_error: Functions whose RETURN says an error, with its text.
        duplicate: Tables whose rows come twice, as paging without order does.
        after: Functions that do their work before the connection breaks: the commit that is lost on the wire.
    """

    drop: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)
    raise_: dict[str, list[AbapError]] = field(default_factory=dict)
    missing_columns: frozenset[str] = frozenset()
    missing_tables: frozenset[str] = frozenset()
    forbidden_tables: frozenset[str] = frozenset()
    row_width: int = ROW_WIDTH
    return_error: dict[str, str] = field(default_factory=dict)
    duplicate: frozenset[str] = frozenset()
    corrupt: frozenset[str] = frozenset()
