"""Which uses of money a payment document brings itself, and which come by a clearing of their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from receivables.facts import Adjustment, Allocation, Fact, Payment
from receivables.testing.sap.settling import Uses

DISCOUNT = "cash discount"


class Plan:
    """Sorts uses by the document that will say them.

    Args:
        by_id: Every fact.
        ended: Facts that a reversal ends.
    """

    def __init__(self, by_id: Mapping[str, Fact], ended: set[str]) -> None:
        self._by_id, self._ended = by_id, ended

    def of(
        self, uses: list[Uses]
    ) -> tuple[dict[str, list[Uses]], dict[tuple[str, date], list[Uses]]]:
        """Say which uses a payment document brings itself, and which come by a clearing of their own."""
        inline: dict[str, list[Uses]] = defaultdict(list)
        later: dict[tuple[str, date], list[Uses]] = defaultdict(list)
        brought: dict[tuple[str, date], str] = {}
        for use in uses:
            if isinstance(use, Allocation) and self._is_inline(use):
                inline[use.source].append(use)
                brought[use.target, use.posting_date] = use.source
        for use in uses:
            if isinstance(use, Adjustment) and use.increase:
                continue  # SAP posts a debit memo instead; see `expected`
            if (
                isinstance(use, Adjustment)
                and use.reason == DISCOUNT
                and (use.target, use.posting_date) in brought
            ):
                inline[brought[use.target, use.posting_date]].append(use)
            elif not (isinstance(use, Allocation) and self._is_inline(use)) and not self._is_lost(
                use
            ):
                later[getattr(use, "source", None) or use.target, use.posting_date].append(use)  # type: ignore[union-attr]
        return inline, later

    def _is_inline(self, use: Allocation) -> bool:
        source, target = self._by_id[use.source], self._by_id[use.target]
        if not isinstance(source, Payment) or use.source_amount is not None:
            return False
        if dict(source.attributes).get("special_gl"):
            return False  # a down payment is used later, by a clearing
        same_customer = source.customer == target.customer  # type: ignore[union-attr]
        return (
            use.posting_date == source.posting_date
            and same_customer
            and target.posting_date <= use.posting_date
        )

    def _is_lost(self, use: Uses) -> bool:
        """Tell whether a reset clearing takes the use with it."""
        names = {getattr(use, "source", None), getattr(use, "target", None), use.id}
        return bool(names & self._ended)
