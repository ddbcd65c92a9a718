"""Who pays from where, as a CSV file: one line for each account, tax number or name, with the customer it stands for.

Columns: `payer` and `customer`. A payer is written as the bank writes it in a payment's attributes.
"""

from __future__ import annotations

from pathlib import Path

from receivables.adapters.bank.rows import rows_of
from receivables.problems import Problem


def read_payers(path: Path) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """Read a payers file, for the argument `payers` of `propose_allocations`.

    Returns:
        The customers by payer, and the lines left out: those without a payer or customer, and those of a payer that stands
        for several customers, since nobody can say whose money it sends.

    Raises:
        UnreadableSource: When the columns `payer` and `customer` are not there.
    """
    owners: dict[str, dict[str, str]] = {}
    problems = []
    for where, row in rows_of(path, ("payer", "customer"), "a payers file has payer, customer"):
        if isinstance(row, Problem):
            problems.append(row)
        elif row["payer"] and row["customer"]:
            owners.setdefault(row["payer"], {}).setdefault(row["customer"], where)
        else:
            text = "payer and customer must not be empty"
            problems.append(Problem("unreadable-payer", text, where))
    for payer, named in owners.items():
        if len(named) > 1:
            text = f"{payer} stands for {', '.join(named)}; it identifies none of them"
            place = list(named.values())[-1]
            problems.append(Problem("unreadable-payer", text, place))
    known = {payer: next(iter(named)) for payer, named in owners.items() if len(named) == 1}
    return known, tuple(problems)
