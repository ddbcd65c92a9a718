"""What goes wrong in the doubles, on demand: over RFC with the exceptions of function modules, and over HTTP."""

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


@dataclass(slots=True)
class HttpFaults:
    """What goes wrong, and how often: each number counts down to zero.

    Args:
        status: Answers with this status and body before the true one, by the end of the path.
        hang_up: The connection ends without an answer.
        hang_up_after: A change is made, and then the connection ends.
        slow: Seconds each answer takes.
        stale_tokens: Tokens are forgotten so many times.
        forbidden: Sets that this user may not read.
        absent: Services that are not activated.
        doubled: Rows given on two pages.
        corrupt: One row whose amount is no number.
        server_page: Rows after which the server itself starts another page.
        late: Reads of the cube before what was asked for over SOAP is done.
    """

    status: dict[str, list[tuple[int, str, str]]] = field(default_factory=dict)
    hang_up: int = 0
    hang_up_after: int = 0
    slow: float = 0
    stale_tokens: int = 0
    forbidden: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    doubled: bool = False
    corrupt: bool = False
    server_page: int | None = None
    late: int = 0
