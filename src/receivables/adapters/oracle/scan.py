"""Reading a whole collection so that every row comes exactly once: by key where the key can be asked for, else by count.

The page asked for is not the page given, unordered pages lose rows while their total looks right, and some finders ignore
`offset`. So rows are always ordered by their key, the number given is what the offset moves on by, a page that does not go
on stops the scan with an error, and every filter is applied again to what comes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from receivables.adapters.oracle import query
from receivables.adapters.oracle.query import Expression, Where
from receivables.errors import BrokenAnswer

Item = dict[str, Any]


class Asks(Protocol):
    """What a scan needs of a pod."""

    @property
    def framework(self) -> int:
        """The framework version spoken."""
        ...

    def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Any:
        """Ask for a resource and return its JSON."""
        ...


@dataclass(frozen=True, slots=True)
class Scan:
    """What to read of a collection.

    Args:
        path: The collection.
        key: Its key attribute: a whole number.
        queryable: Attributes that `q` may name.
        where: The filter; what the server cannot be asked is applied to the rows that come.
        params: Further parameters: `expand`, `finder`.
        after: Go on behind this key.
        page_size: Rows a page; the server may give fewer.
    """

    path: str
    key: str
    queryable: frozenset[str] = frozenset()
    where: Expression | None = None
    params: tuple[tuple[str, str], ...] = ()
    after: int | None = None
    page_size: int = 500


def pages(pod: Asks, scan: Scan) -> Iterator[list[Item]]:
    """Yield the rows page by page, in the order of their keys, each once.

    A row that does not satisfy the filter is left out, whoever should have left it out.

    Raises:
        BrokenAnswer: When pages do not go on, or rows lack their key.
        RemoteError: What the pod answered instead.
    """
    read = _by_key if scan.key in scan.queryable else _by_count
    for page in read(pod, scan):
        yield [row for row in page if scan.where is None or query.matches(scan.where, row)]


def _by_key(pod: Asks, scan: Scan) -> Iterator[list[Item]]:
    last = scan.after
    while True:
        beyond = () if last is None else (Where(scan.key, ">", last),)
        items, more = _ask(pod, scan, beyond, 0)
        keys = [_key(scan, item) for item in items]
        if last is not None and keys and keys[0] <= last:
            raise _stuck(scan, keys[0])
        if keys != sorted(set(keys)):
            raise _unordered(scan)
        if items:
            yield items
            last = keys[-1]
        if not items or not more:
            return


def _by_count(pod: Asks, scan: Scan) -> Iterator[list[Item]]:
    offset, seen = 0, set[int]()
    while True:
        items, more = _ask(pod, scan, (), offset)
        fresh = list(
            {_key(scan, item): item for item in items if _key(scan, item) not in seen}.values()
        )
        if offset and items and not fresh:
            raise _stuck(scan, _key(scan, items[0]))
        seen.update(_key(scan, item) for item in fresh)
        wanted = [it for it in fresh if scan.after is None or _key(scan, it) > scan.after]
        if wanted:
            yield wanted
        offset += len(items)
        if not items or not more:
            return


def _ask(pod: Asks, scan: Scan, beyond: tuple[Where, ...], offset: int) -> tuple[list[Item], bool]:
    asked, _ = query.split(scan.where, scan.queryable, pod.framework)
    parts = [*beyond, *(asked.parts if isinstance(asked, query.All) else [asked] if asked else [])]
    params: dict[str, str | int] = {
        **dict(scan.params),
        "orderBy": f"{scan.key}:asc",
        "limit": scan.page_size,
        "onlyData": "true",
    }
    if parts:
        params["q"] = query.render(
            query.All(tuple(parts)) if len(parts) > 1 else parts[0], pod.framework
        )
    if offset:
        params["offset"] = offset
    return collection(pod.get(scan.path, params), scan.path)


def collection(body: Any, path: str) -> tuple[list[Item], bool]:
    """Return the rows of an answer and whether there are more.

    Raises:
        BrokenAnswer: When the answer is no collection.
    """
    items = body.get("items", []) if isinstance(body, Mapping) else None
    if not isinstance(items, list) or not all(isinstance(it, dict) for it in items):
        msg = f"{path} gave no collection of rows; see what it answers in a browser"
        raise BrokenAnswer(msg, body=str(body)[:200])
    return items, body.get("hasMore") is True


def _key(scan: Scan, item: Item) -> int:
    key = item.get(scan.key)
    if not isinstance(key, int) or isinstance(key, bool):
        msg = f"a row of {scan.path} has {scan.key} {key!r}; without its key no row can be told from another"
        raise BrokenAnswer(msg)
    return key


def _stuck(scan: Scan, key: int) -> BrokenAnswer:
    msg = f"{scan.path} gave the page that begins with {scan.key} {key} again; the pod ignores how to go on, so nothing more is read"
    return BrokenAnswer(msg)


def _unordered(scan: Scan) -> BrokenAnswer:
    msg = f"{scan.path} was asked in the order of {scan.key} and gave another; pages without order lose rows"
    return BrokenAnswer(msg)
