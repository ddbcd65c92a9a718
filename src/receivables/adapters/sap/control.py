"""Control totals: what our reading says each account owes on a day, against what SAP itself says. A difference is listed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from typing_extensions import override

from receivables.adapters.sap.lines import Line
from receivables.adapters.sap.values import number

_NOTED = frozenset("SDMVWZ")


@dataclass(frozen=True, slots=True)
class Difference:
    """An account whose balance we read differently than SAP.

    Args:
        company_code, account: Whose.
        special_gl: Of which special G/L indicator; empty for ordinary items.
        currency: Of the amounts.
        ours: The sum of the items read that were open on the day.
        theirs: What BAPI_AR_ACC_GETKEYDATEBALANCE says.
    """

    company_code: str
    account: str
    special_gl: str
    currency: str
    ours: Decimal
    theirs: Decimal

    @override
    def __str__(self) -> str:
        kind = f" special G/L {self.special_gl}" if self.special_gl else ""
        return f"{self.company_code}/{self.account}{kind}: read {self.ours:f}, SAP says {self.theirs:f} {self.currency}"


def balances(lines: Iterable[Line], as_of: date) -> dict[tuple[str, str], Decimal]:
    """Return the balance of items on a day by special G/L indicator and currency, noted items left out."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.status not in _NOTED and line.open_on(as_of):
            sums[line.special_gl, line.currency] += line.signed
    return dict(sums)


def differences(
    company_code: str,
    account: str,
    lines: Iterable[Line],
    told: Iterable[Mapping[str, Any]],
    as_of: date,
) -> tuple[Difference, ...]:
    """Return where the items of an account and SAP's key date balance differ.

    Args:
        company_code: Whose books.
        account: Whose items.
        lines: All items of the account.
        told: Rows of BAPI3007_3.
        as_of: The key date.
    """
    ours = balances(lines, as_of)
    theirs: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in told:
        theirs[str(row.get("SP_GL_IND") or "").strip(), row["CURRENCY"]] += number(
            row["T_CURR_BAL"]
        )
    zero = Decimal(0)
    return tuple(
        Difference(
            company_code,
            account,
            gl,
            currency,
            ours.get((gl, currency), zero),
            theirs.get((gl, currency), zero),
        )
        for gl, currency in sorted({*ours, *theirs})
        if ours.get((gl, currency), zero) != theirs.get((gl, currency), zero)
    )
