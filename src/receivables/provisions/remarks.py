"""What a reviewer of a provision should see: no overlay, odd rates, rules that meet nothing, items that meet several."""

from __future__ import annotations

from collections.abc import Sequence

from receivables.problems import Problem
from receivables.provisions.policy import ProvisionPolicy
from receivables.provisions.rules import Scope

NO_OVERLAY = Problem(
    "no-overlay",
    "the loss rates carry no forward-looking adjustment; give an Overlay, one of factor 1 with a reason if none is needed",
    severity="noted",
)


def of_rates(policy: ProvisionPolicy) -> tuple[Problem, ...]:
    """Return what the policy alone gives cause for."""
    return (*(() if policy.overlay else (NO_OVERLAY,)), *policy.matrix.remarks())


def scopes(policy: ProvisionPolicy) -> tuple[tuple[str, Scope], ...]:
    """Return the rules that name items: those that rival each other in the order they count, then the dilutions."""
    return (
        *(("exclusion", it.scope) for it in policy.exclusions),
        *(("assessment", it.scope) for it in policy.assessments),
        *(("cover", it.scope) for it in policy.covers),
        *(("dilution", it.scope) for it in policy.dilutions),
    )


def without_items(name: str, scope: Scope) -> Problem:
    """Return the remark on a rule that meets no open charge."""
    return Problem(
        "rule-without-items",
        f"the {name} of {scope} meets no open charge; check the id",
        severity="noted",
    )


def several(item: str, met: Sequence[str]) -> Problem:
    """Return the remark on a charge that rival rules meet."""
    return Problem(
        "several-rules",
        f"item {item} is met by {' and '.join(met)}; the {met[0]} counts",
        item,
        severity="noted",
    )
