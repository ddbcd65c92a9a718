"""What is asked of a pod again and again: descriptions once, whole collections, complete children."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from receivables.adapters.oracle import codes, query, scan, wire
from receivables.adapters.oracle.describe import Described
from receivables.adapters.oracle.query import Expression
from receivables.adapters.oracle.rest import Pod
from receivables.adapters.oracle.scan import Item, Scan

ALL_DAYS = 36500
_SHOWN = 25  # children a row shows at most where the answer does not say that there are more


class Desk:
    """Asks a pod for whole things.

    Args:
        pod: The pod.
        page_size: Rows asked for a page.
    """

    def __init__(self, pod: Pod, page_size: int = 500) -> None:
        self.pod, self.page_size = pod, page_size
        self._described: dict[str, Described] = {}

    def describe(self, resource: str, *, fresh: bool = False) -> Described:
        """Return what a resource says about itself, asked once."""
        if fresh or resource not in self._described:
            answer = self.pod.get(f"{resource}/describe")
            self._described[resource] = Described.read(
                resource, answer if isinstance(answer, Mapping) else {}
            )
        return self._described[resource]

    def pages(
        self,
        resource: str,
        where: Expression | None = None,
        *,
        after: int | None = None,
        filters: Expression | None = None,
        expand: str = "",
        key: str = "",
    ) -> Iterator[list[Item]]:
        """Yield the rows of a resource page by page, in the order of their keys."""
        parts = tuple(
            it
            for given in (where, filters)
            if given
            for it in (given.parts if isinstance(given, query.All) else (given,))
        )
        reading = Scan(
            resource,
            key or codes.KEYS[resource],
            self.describe(resource).queryable,
            query.All(parts) if parts else None,
            (("expand", expand),) if expand else (),
            after,
            self.page_size,
        )
        return (rows for rows in scan.pages(self.pod, reading) if rows)

    def rows(self, resource: str, where: Expression | None = None, *, key: str = "") -> list[Item]:
        """Return all rows of a resource that satisfy a filter."""
        return [row for rows in self.pages(resource, where, key=key) for row in rows]

    def children(
        self, resource: str, parent: int, child: str, *, key: str = "", finder: str = ""
    ) -> list[Item]:
        """Return all children of a row, however many there are."""
        described = self.describe(resource).child(child)
        reading = Scan(
            f"{resource}/{parent}/child/{child}",
            key or codes.KEYS[child],
            described.queryable if described else frozenset(),
            params=(("finder", finder),) if finder else (),
            page_size=self.page_size,
        )
        return [row for rows in scan.pages(self.pod, reading) for row in rows]

    def instalments(self, invoice: Item) -> Sequence[Mapping[str, Any]]:
        """Return the instalments of an invoice, asked for again where the expanded ones may not be all."""
        nested = invoice.get(codes.INSTALMENTS)
        if isinstance(nested, Mapping):
            items, more = scan.collection(nested, codes.INSTALMENTS)
        else:
            items = nested if isinstance(nested, list) else []
            more = not isinstance(nested, list) or len(items) >= _SHOWN
        if more or not _complete(invoice, items):
            return self.children(
                codes.INVOICES, invoice["CustomerTransactionId"], codes.INSTALMENTS
            )
        return items

    def invoice(self, key: int) -> Item:
        """Return one invoice."""
        found: Item = self.pod.item(f"{codes.INVOICES}/{key}").body
        return found

    def window_finder(self, child: str, resource: str = codes.ACCOUNTS) -> str | None:
        """Return the finder that widens a child beyond the last 90 days; None when the pod describes none."""
        described = self.describe(resource).child(child)
        name = described and described.finder_with("TransactionLimitByDays", "TransactionStatus")
        return (
            query.finder(name, {"TransactionLimitByDays": ALL_DAYS, "TransactionStatus": "Both"})
            if name
            else None
        )


def _complete(invoice: Item, items: Sequence[Mapping[str, Any]]) -> bool:
    try:
        entered = wire.number(invoice.get("EnteredAmount"))
        amounts = [wire.number(it.get("OriginalAmount")) for it in items]
    except ValueError:
        return True
    return (
        entered is None or None in amounts or sum(it for it in amounts if it is not None) == entered
    )
