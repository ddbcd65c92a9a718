"""Writing over OData, on purpose only: dunning data and credit releases, each set to a value and so the same when sent again."""

from __future__ import annotations

from datetime import date
from typing import Any

from receivables.adapters.sap.odata import Gateway, literal
from receivables.adapters.sap.odata_source import BLOCKED, PARTNER
from receivables.adapters.sap.values import padded
from receivables.adapters.sap.writer import Written
from receivables.errors import OutcomeUnknown


class SapODataWriter:
    """Writes over OData: dunning data and credit releases, each set to a value and so the same when sent again.

    Args:
        gateway: Where to.
        dry_run: True to send nothing.
    """

    def __init__(self, gateway: Gateway, *, dry_run: bool = True) -> None:
        self._gateway, self._dry = gateway, dry_run

    def set_dunning(
        self,
        customer: str,
        company_code: str,
        *,
        area: str = "",
        block: str | None = None,
        level: int | None = None,
        last_dunned: date | None = None,
    ) -> Written:
        """Set dunning block, level or date of an account; what stands there already is not sent."""
        keys = f"Customer={literal(padded(customer))},CompanyCode={literal(company_code)},DunningArea={literal(area)}"
        path = f"A_CustomerDunning({keys})"
        wanted: dict[str, Any] = {}
        if block is not None:
            wanted["DunningBlock"] = block
        if level is not None:
            wanted["DunningLevel"] = str(level)
        if last_dunned is not None:
            wanted["LastDunnedOn"] = json_date(last_dunned)
        held = self._gateway.one(PARTNER, path)
        changed = {name: value for name, value in wanted.items() if held.get(name) != value}
        if not changed:
            return Written("already-there", path, ())
        sent = ((f"PATCH {path}", changed),)
        if self._dry:
            return Written("would-write", None, sent)
        etag = (held.get("__metadata") or {}).get("etag")
        try:
            self._gateway.change("PATCH", PARTNER, path, changed, etag)
        except OutcomeUnknown:
            held = self._gateway.one(PARTNER, path)
            if any(held.get(name) != value for name, value in changed.items()):
                raise
        return Written("written", path, sent)

    def release_order(self, order: str, *, category: str = "C") -> Written:
        """Release a sales order from its credit block; one that is not blocked is left alone."""
        path = f"ReleaseCreditBlock?SalesDocument={literal(padded(order))}&SDDocumentCategory={literal(category)}"
        if not self._is_blocked(order):
            return Written("already-there", order, ())
        sent = ((f"POST {path}", dict[str, Any]()),)
        if self._dry:
            return Written("would-write", None, sent)
        try:
            self._gateway.change("POST", BLOCKED, path)
        except OutcomeUnknown:
            if self._is_blocked(order):
                raise
        return Written("written", order, sent)

    def _is_blocked(self, order: str) -> bool:
        where = f"SalesDocument eq {literal(padded(order))}"
        rows = self._gateway.rows(BLOCKED, "A_CreditBlockedSalesDocument", where=where)
        return next(iter(rows), None) is not None


def json_date(value: date) -> str:
    """Return a day as OData V2 writes it: milliseconds of its UTC midnight.

    >>> json_date(date(2025, 3, 31))
    '/Date(1743379200000)/'
    """
    return f"/Date({(value - date(1970, 1, 1)).days * 86_400_000})/"
