"""How other systems apply cash, as policies of their names, so that their results can be reproduced and compared.

| preset | what it does | known from |
|---|---|---|
| `default` | advice, reference, exact, deductions, whole account, combination, oldest due | ours |
| `erpnext` | payment reconciliation: the oldest document first, greedily; no discounts | source and tests read |
| `odoo` | ranked numbers in the text, exact amount, discounts, then the oldest items that the money settles together, tolerance included, or none | OCA source and tests read |
| `odoo-no-amount-check` | the same, but the last item may be paid in part | OCA source and tests read |
| `oca-mass-reconcile` | same reference and customer first, then oldest due, in part | OCA source and tests read |
| `tryton` | the set that comes nearest when the latest items are dropped | source read, cases run |
| `tryton-receivable-rule` | oldest due date first, the last item in part | cases run |
| `idempiere` | references, equal totals, one to one by amount, oldest document | source read |
| `python-accounting` | oldest document first | cases run |
| `sap-f13` | groups that agree in reference and come to zero; nothing in part | vendor text |
| `sap-f13-tolerance` | the same, small differences within the tolerances | vendor text |
| `sap-incoming` | document and reference numbers in the text, exact, discount or tolerance; a short payment leaves the item open | vendor text; the order recalled |
| `sap-residual` | the same; a short payment clears the item and opens a residual item | vendor text; the order recalled |
| `oracle-autocash` | match with invoice, clear account, clear past due, past due by terms, combination, oldest first | vendor text; the steps of the combination recalled |
| `oracle-automatch` | numbers by similarity, applied from a threshold on; the rest stays unapplied | vendor text |

A preset sets no tolerance: give the one your system has, such as `AllocationPolicy.preset("odoo", tolerances=(…,))`.
"""

from __future__ import annotations

from decimal import Decimal
from difflib import get_close_matches

from receivables.allocation.policy import AllocationPolicy, Discounts
from receivables.allocation.rules import (
    AfterDeductions,
    ByAdvice,
    ByCombination,
    ByReference,
    EqualTotals,
    ExactAmount,
    InOrder,
    NearestSum,
    SameKeys,
    WholeAccount,
)
from receivables.errors import NoSuchChoice

_RANKED = (ByAdvice(), ByReference(ranked=True), ExactAmount(), AfterDeductions())
_INCOMING = (ByAdvice(), ByReference(), ExactAmount(), AfterDeductions())
_NO_DISCOUNT = Discounts(taken=False)

PRESETS: dict[str, AllocationPolicy] = {
    it.name: it
    for it in (
        AllocationPolicy(),
        AllocationPolicy(
            (ByAdvice(), InOrder("document")),
            discounts=_NO_DISCOUNT,
            disputed=True,
            spread=True,
            name="erpnext",
        ),
        AllocationPolicy((*_RANKED, InOrder("due", whole=True)), partial=False, name="odoo"),
        AllocationPolicy((*_RANKED, InOrder("due")), name="odoo-no-amount-check"),
        AllocationPolicy(
            (SameKeys(tolerance=True), AfterDeductions(), InOrder("due")),
            disputed=True,
            name="oca-mass-reconcile",
        ),
        AllocationPolicy((NearestSum(),), discounts=_NO_DISCOUNT, disputed=True, name="tryton"),
        AllocationPolicy(
            (InOrder("due"),), discounts=_NO_DISCOUNT, disputed=True, name="tryton-receivable-rule"
        ),
        AllocationPolicy(
            (ByAdvice(), ByReference(), EqualTotals(), ExactAmount(), InOrder("document")),
            disputed=True,
            name="idempiere",
        ),
        AllocationPolicy(
            (InOrder("document"),), discounts=_NO_DISCOUNT, disputed=True, name="python-accounting"
        ),
        AllocationPolicy(
            (SameKeys(),), discounts=_NO_DISCOUNT, partial=False, disputed=True, name="sap-f13"
        ),
        AllocationPolicy(
            (SameKeys(tolerance=True),),
            discounts=_NO_DISCOUNT,
            partial=False,
            disputed=True,
            name="sap-f13-tolerance",
        ),
        AllocationPolicy(_INCOMING, rest="on_account", name="sap-incoming"),
        AllocationPolicy(_INCOMING, rest="on_account", short="residual", name="sap-residual"),
        AllocationPolicy(
            (
                *(ExactAmount(), AfterDeductions(), WholeAccount(), WholeAccount(past_due=True)),
                *(WholeAccount(past_due=True, by="terms"), ByCombination(), InOrder("due")),
            ),
            name="oracle-autocash",
        ),
        AllocationPolicy(
            (ByAdvice(), ByReference(similarity=Decimal("0.8"))),
            confidence=Decimal("0.6"),
            name="oracle-automatch",
        ),
    )
}


def preset_named(name: str) -> AllocationPolicy:
    """Return a preset.

    Raises:
        NoSuchChoice: When there is none of that name.
    """
    if name not in PRESETS:
        near = get_close_matches(name, PRESETS, 1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        msg = f"no allocation policy {name!r}; there are {', '.join(PRESETS)}.{hint}"
        raise NoSuchChoice(msg)
    return PRESETS[name]
