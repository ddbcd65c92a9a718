"""What the double answers to GET: catalog, descriptions, collections, rows and children."""

from __future__ import annotations

import random
import re
from bisect import bisect_right
from collections.abc import Iterable
from typing import Any

from receivables.testing.oracle import asked
from receivables.testing.oracle.modes import Modes, User
from receivables.testing.oracle.resources import CHILDREN, RESOURCES, Finder, Resource
from receivables.testing.oracle.tables import Row, Tables
from receivables.testing.oracle.views import ALWAYS, ROOT, Views, version

_WINDOW_DAYS = 90
_PART = re.compile(r'\s*(\w+)\s*=\s*(?:"([^"]*)"|([^,]*))\s*(?:,|$)')
_FRAGILE = {"Comments", "State", "Status"}


class Refused(Exception):
    """An answer that is no success: status and what it says."""

    def __init__(self, status: int, *messages: str, headers: Row | None = None) -> None:
        super().__init__(*messages)
        self.status, self.messages, self.headers = status, messages, headers or {}


class Reading:
    """Answers GET requests from the tables."""

    def __init__(self, tables: Tables, modes: Modes, host: str) -> None:
        self.tables, self.modes, self.views = tables, modes, Views(tables, modes, host)
        self.count = 0
        self._emptied = False

    def get(
        self, parts: list[str], params: dict[str, str], user: User, framework: int
    ) -> tuple[Any, Row]:
        """Return the body and headers for a path below the versioned root."""
        self.count += 1
        resource = RESOURCES.get(parts[0])
        if resource is None:
            raise Refused(404, f"The requested resource {parts[0]} was not found.")
        if parts[1:] == ["describe"]:
            return self.describe(resource), {}
        if resource.name == "receivablesDisputes":
            raise Refused(405, "GET action not supported")
        if len(parts) == 1:
            return self._collection(
                resource, self._visible(resource, user), params, framework, parts[0]
            ), {}
        row = self.row(resource, parts[1], user)
        if len(parts) == 2:  # noqa: PLR2004 - one row
            shaped = self._items(resource, [row], params, framework, parts[0])[0]
            return shaped, {"ETag": f'"{version(row)}"'}
        child = (
            CHILDREN.get(parts[3])
            if parts[2] == "child" and parts[3] in resource.children
            else None
        )
        if child is None or len(parts) > 5:  # noqa: PLR2004 - a row of a child is as deep as it goes
            raise Refused(404, f"{'/'.join(parts[2:])} was not found.")
        rows = self.views.children(row, child.name, self._window(child, params))
        if len(parts) == 5:  # noqa: PLR2004 - a row of a child
            found = [it for it in rows if str(it[child.key]) == parts[4]]
            if not found:
                raise Refused(404, f"{parts[4]} was not found.")
            return self.views.shape(child, found[0]), {"ETag": f'"{version(found[0])}"'}
        plain = {name: value for name, value in params.items() if name != "finder"}
        return self._collection(child, rows, plain, framework, "/".join(parts)), {}

    def row(self, resource: Resource, key: str, user: User) -> Row:
        """Return a row by the key in a path."""
        row = self.tables.rows[resource.name].get(int(key)) if key.isdigit() else None
        if row is None or not user.sees(row.get("BusinessUnit")):
            raise Refused(404, f"{resource.name} {key} was not found.")
        return self.views.current(resource.name, row)

    def may_query(self, resource: Resource, attribute: str) -> bool:
        """Tell whether `q` may name an attribute on this pod."""
        return resource.may_query(attribute) and attribute not in self.modes.not_queryable

    def describe(self, resource: Resource) -> Row:
        """Return what a resource says about itself."""
        return {"Resources": {resource.name: self._node(resource)}}

    def _node(self, resource: Resource) -> Row:
        actions = resource.actions if self.modes.release >= "26C" else ()
        return {
            "attributes": [
                {"name": it, "type": "string", "queryable": self.may_query(resource, it), "updatable": it in (resource.updatable or ())}
                for it in resource.attributes if it not in self.modes.dropped
            ],
            "collection": {
                "finders": [{"name": it.name, "attributes": [{"name": name} for name in it.variables]} for it in resource.finders]
            },
            "item": {"actions": [{"name": it} for it in actions]},
            "children": {it: self._node(CHILDREN[it]) for it in resource.children},
        }  # fmt: skip

    def _visible(self, resource: Resource, user: User) -> list[Row]:
        rows = self.tables.rows[resource.name]
        if user.business_units is None:
            return list(rows.values())
        return [it for it in rows.values() if user.sees(it.get("BusinessUnit"))]

    def _collection(
        self, resource: Resource, rows: list[Row], params: dict[str, str], framework: int, path: str
    ) -> Row:
        limit, offset = self._paging(params)
        if params.get("totalResults") == "true" and self.modes.counting_fails:
            raise Refused(500, "JBO-27122: SQL error during statement preparation.")
        finder = self._finder(resource, params.get("finder", ""))
        rows = self._found(resource, rows, finder)
        rows = self._ordered(resource, rows, params.get("orderBy", ""))
        test = None
        if params.get("q"):
            try:
                test = asked.predicate(
                    params["q"], framework, lambda it: self.may_query(resource, it)
                )
            except asked.BadQuery as error:
                raise Refused(400, str(error)) from None
            rows = self._beyond(resource, rows, params)
        if path in self.modes.ignores_offset:
            offset = 0
        total, page, more = self._cut(
            resource, rows, test, offset, limit, exact="totalResults" in params
        )
        if path == self.modes.empty_page and offset and not self._emptied:
            self._emptied, page, more = True, [], True
        body = {
            "items": self._items(resource, page, params, framework, path), "count": len(page), "hasMore": more,
            "limit": limit, "offset": offset,
            **({"totalResults": total + 3} if params.get("totalResults") == "true" else {}),
            "links": [{"rel": "self", "href": f"{self.views.host}{ROOT}/{path}", "name": resource.name, "kind": "collection"}],
        }  # fmt: skip
        if self.modes.moving and page:
            page[-1]["LastUpdateDate"] = "2026-04-30T10:00:00+00:00"
        return body

    def _cut(
        self,
        resource: Resource,
        rows: list[Row],
        test: asked.Predicate | None,
        offset: int,
        limit: int,
        *,
        exact: bool,
    ) -> tuple[int, list[Row], bool]:
        if test is None and not exact:
            return 0, rows[offset : offset + limit], offset + limit < len(rows)
        found: list[Row] = []
        for row in rows:
            if test is None or test(self.views.current(resource.name, row)):
                found.append(row)
                if len(found) > offset + limit and not exact:
                    break
        return len(found), found[offset : offset + limit], len(found) > offset + limit

    def _beyond(self, resource: Resource, rows: list[Row], params: dict[str, str]) -> list[Row]:
        """Skip what is before the key asked for, when rows are in the order of the key."""
        start = re.match(rf"{resource.key} ?> ?(\d+)(?= and |;|$)", params["q"])
        if start is None or params.get("orderBy") != f"{resource.key}:asc":
            return rows
        return rows[bisect_right(rows, int(start.group(1)), key=lambda it: it[resource.key]) :]

    def _items(
        self,
        resource: Resource,
        rows: Iterable[Row],
        params: dict[str, str],
        framework: int,
        path: str,
    ) -> list[Row]:
        fields = tuple(filter(None, params.get("fields", "").split(",")))
        unknown = [it for it in fields if it not in resource.attributes]
        if unknown:
            raise Refused(400, f"attribute {unknown[0]} is unknown")
        if self.modes.strict_projection and _FRAGILE & set(fields):
            raise Refused(500, "JBO-25003: Object not found.")
        bare = params.get("onlyData") == "true"
        expand = [] if fields else [it for it in params.get("expand", "").split(",") if it]
        if expand == ["all"]:
            expand = list(resource.children)
        window = self._window(resource, params)
        items = []
        for row in rows:
            current = self.views.current(resource.name, row)
            item = self.views.shape(resource, current, fields=fields, bare=bare, path=path)
            for child in expand:
                if child not in resource.children:
                    raise Refused(400, f"child {child} is unknown")
                item[child] = self.views.nested(resource, current, child, framework, window, path)
            items.append(item)
        return items

    def _paging(self, params: dict[str, str]) -> tuple[int, int]:
        try:
            limit, offset = int(params.get("limit", 25)), int(params.get("offset", 0))
        except ValueError:
            raise Refused(400, "limit and offset must be numbers") from None
        if limit < 1 or offset < 0:
            raise Refused(400, "limit must be positive")
        return min(limit, self.modes.largest_page), offset

    def _ordered(self, resource: Resource, rows: list[Row], order: str) -> list[Row]:
        if not order:
            shuffled = list(rows)
            random.Random(self.count).shuffle(shuffled)
            return shuffled
        for part in reversed(order.split(",")):
            name, _, way = part.partition(":")
            if name not in resource.attributes:
                raise Refused(400, f"orderBy attribute {name} is unknown")
            if (
                name != resource.key
                or name == "ConversionDate"
                or way == "desc"
                or resource.name in CHILDREN
            ):
                rows = sorted(
                    rows, key=lambda it: (it.get(name) is None, it.get(name)), reverse=way == "desc"
                )
        return rows

    def _finder(self, resource: Resource, text: str) -> tuple[Finder, dict[str, str]] | None:
        if not text:
            return None
        name, _, rest = text.partition(";")
        finder = next((it for it in resource.finders if it.name == name), None)
        if finder is None:
            raise Refused(400, f"finder {name} is unknown")
        values = {
            it.group(1): it.group(2) if it.group(2) is not None else it.group(3)
            for it in _PART.finditer(rest)
        }
        unknown = set(values) - set(finder.variables)
        if unknown:
            raise Refused(400, f"finder variable {min(unknown)} is unknown")
        if finder.one_of and not set(finder.one_of) & set(values):
            raise Refused(400, f"finder {name} needs one of {', '.join(finder.one_of)}")
        return finder, values

    def _found(
        self, resource: Resource, rows: list[Row], finder: tuple[Finder, dict[str, str]] | None
    ) -> list[Row]:
        if finder is None:
            return rows
        rates = resource.name == "currencyRates"
        wanted = {
            (name[0].upper() + name[1:] if rates else name): value
            for name, value in finder[1].items()
            if name not in {"TransactionLimitByDays", "TransactionStatus", "startDate", "endDate"}
        }
        first, last = finder[1].get("startDate", ""), finder[1].get("endDate", "9999")
        found = [
            it for it in rows if all(str(it.get(name)) == value for name, value in wanted.items())
        ]
        return [it for it in found if first <= it["ConversionDate"] <= last] if rates else found

    def _window(self, resource: Resource, params: dict[str, str]) -> tuple[int, str]:
        """Return the days and the status that limit child rows; by default the last 90 days and what is open."""
        limited = {"transactionPaymentSchedules", "creditMemos", "standardReceipts"}
        activities = resource.name.endswith("Activities")
        if not activities and resource.name not in limited:
            return ALWAYS, "Both"
        finder = self._finder(resource, params.get("finder", ""))
        values = finder[1] if finder else {}
        status = values.get("TransactionStatus", values.get("ProcessStatus", "Open"))
        if status not in {"Open", "Close", "Closed", "Both"}:
            raise Refused(400, f"TransactionStatus {status} is none of Open, Close, Both")
        days = values.get(
            "TransactionLimitByDays", values.get("ReceiptLimitByDays", str(_WINDOW_DAYS))
        )
        return int(days), status
