"""`receivables allocate`: open items and payments in, a proposal with its reasons out; nothing is posted."""

from __future__ import annotations

import csv
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from receivables.adapters import Loaded
from receivables.adapters.bank import (
    FORMATS,
    Statement,
    format_of,
    read_advice,
    read_payers,
    read_statement,
)
from receivables.adapters.csv.texts import escaped
from receivables.allocation import AllocationPolicy, Proposal, propose_allocations
from receivables.cli import QUARANTINED, options
from receivables.cli.counts import Counted
from receivables.cli.layout import Column, Grid, figure, rendered
from receivables.cli.output import as_json, form, write
from receivables.cli.reading import listed, read, tell
from receivables.errors import ReceivablesError, UnreadableSource
from receivables.facts import CREDITS, CreditMemo, Payment
from receivables.facts.wording import counted
from receivables.money import Money
from receivables.open_items import OpenItem
from receivables.problems import Problem

_WHY = 60  # characters of a reason in a line
PaymentsFile = Annotated[
    Path | None,
    typer.Option(
        help="A payments table or bank file; the open payments and credits among the items if not given."
    ),
]
AdviceFile = Annotated[
    Path | None, typer.Option(help="Remittance advice: a CSV file, a line a document.")
]
CustomersTable = Annotated[
    Path | None, typer.Option(help="A customers table: who pays for whom, and tax ids.")
]
PayersFile = Annotated[
    Path | None,
    typer.Option(help="A CSV file of payer (account, tax id or name) and customer."),
]


def allocate(
    items: options.File,
    as_of: options.AsOf,
    *,
    payments: PaymentsFile = None,
    advice: AdviceFile = None,
    policy: Annotated[
        str, typer.Option(metavar="PRESET|FILE.toml", help="How cash is applied.")
    ] = "default",
    mapping: options.MappingName = None,
    payments_mapping: Annotated[
        str | None, typer.Option(help="How to read the payments table.")
    ] = None,
    bank_format: Annotated[
        str | None, typer.Option(help=f"The payments are a bank file: {', '.join(FORMATS)}.")
    ] = None,
    customers: CustomersTable = None,
    payers: PayersFile = None,
    drawn_on: options.DrawnOn = None,
    format_: options.Format = None,
    output: options.Output = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Print the reasons of every payment, too.")
    ] = False,
    strict: options.Strict = False,
    problems: options.Problems = 20,
) -> None:
    """Propose which payments pay which open items, with the rule, the evidence and what is left over."""
    day = options.day("--as-of", as_of)
    drawn = options.day("--drawn-on", drawn_on) if drawn_on else None
    how = form(format_, output)
    chosen = _policy(policy)
    source, loaded = read(items, mapping, as_of=day, drawn_on=drawn, customers=customers)
    tell(source, loaded, drawn_on=drawn, limit=problems)
    found = loaded.open_items(as_of=day)
    counts = {"items": Counted.of_table(source.name, loaded)}
    statement = _payments(payments, payments_mapping, bank_format, day, found, loaded, counts)
    lines = read_advice(advice) if advice else Statement()
    if advice:
        counts["advice"] = Counted.of_statement(advice.name, lines)
    known, unread = read_payers(payers) if payers else ({}, ())
    made = propose_allocations(
        statement.payments,
        found,
        policy=chosen,
        advice=(*statement.advice, *lines.advice),
        payers=known,
        as_of=day,
    )
    noted = (*statement.problems, *lines.problems, *unread)
    for line in (*listed(noted, problems), *counts.values()):
        print(line, file=sys.stderr)
    _give(made, loaded, noted, counts, how, output, explain=explain)
    left_out = loaded.tally.quarantined or any(it.severity == "quarantined" for it in noted)
    if strict and (left_out or not statement.ties):
        raise typer.Exit(QUARANTINED)


def _policy(given: str) -> AllocationPolicy:
    if not given.endswith(".toml"):
        return AllocationPolicy.preset(given)
    path = Path(given)
    try:
        return AllocationPolicy.parse(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = (
            f"policy {path.name} is no TOML: {error}; see the documentation of allocation policies"
        )
        raise UnreadableSource(msg) from None


def _payments(
    path: Path | None,
    mapping: str | None,
    bank_format: str | None,
    day: date,
    items: Sequence[OpenItem],
    loaded: Loaded,
    counts: dict[str, Counted],
) -> Statement:
    """Read the payments: of a bank file, of a table, or those open among the items; and count them."""
    if path is None:
        held = tuple(
            it.document for it in items if it.is_credit and isinstance(it.document, CREDITS)
        )
        return Statement(tuple(sorted(held, key=lambda it: it.id)))
    bank = bank_format or (format_of(path) if mapping is None else None)
    if bank is not None:
        statement = read_statement(path, bank)
        told = "" if bank_format else ", by its content or name; state another with --bank-format"
        print(f"{path.name}: read as a bank file of format {bank}{told}", file=sys.stderr)
        counts["payments"] = Counted.of_statement(path.name, statement)
    else:
        statement = _table(path, mapping, day, counts)
    return _usable(statement, day, items, loaded)


def _table(path: Path, mapping: str | None, day: date, counts: dict[str, Counted]) -> Statement:
    """Read a payments table, whose problems are listed with those of the advice."""
    try:
        source, loaded = read(path, mapping, as_of=day, drawn_on=None)
    except ReceivablesError as error:
        looks = format_of(path)
        if not path.is_file() or (mapping is not None and looks is None):
            raise
        asked = f"is it a bank file? Then say which with --bank-format {', '.join(FORMATS)}"
        told = f"it looks like {looks}: leave out --payments-mapping"
        msg = f"{error}; {told if looks else asked}"
        raise type(error)(msg) from None
    tell(source, replace(loaded, problems=()), drawn_on=None, limit=0)
    counts["payments"] = Counted.of_table(source.name, loaded)
    facts = tuple(it for it in loaded.books.facts if isinstance(it, CREDITS))
    others = len(loaded.books.facts) - len(facts)
    problems = list(loaded.problems)
    if others:
        msg = f"facts that are neither payments nor credits pay nothing: {others:,}; give them with the items"
        problems.append(Problem("not-a-payment", msg, source.name, severity="noted"))
    return Statement(facts, problems=tuple(problems))


def _usable(
    statement: Statement, day: date, items: Sequence[OpenItem], loaded: Loaded
) -> Statement:
    """Leave out what came after the as-of date, and what the books hold as used up."""
    still_open = {it.document.id for it in items}
    kept: list[Payment | CreditMemo] = []
    problems = list(statement.problems)
    for payment in statement.payments:
        if payment.posting_date > day:
            msg = f"payment {payment.id} is of {payment.posting_date}, after {day}; it is not there yet"
            problems.append(Problem("after-as-of", msg, payment.id, severity="noted"))
        elif payment.id in loaded.books and payment.id not in still_open:
            msg = f"payment {payment.id} is in the items' file and used up there; nothing of it is left"
            problems.append(Problem("nothing-left", msg, payment.id, severity="noted"))
        else:
            kept.append(payment)
    return replace(statement, payments=tuple(kept), problems=tuple(problems))


def _give(
    made: Proposal,
    loaded: Loaded,
    noted: Sequence[Problem],
    counts: Mapping[str, Counted],
    how: str,
    output: Path | None,
    *,
    explain: bool,
) -> None:
    match how:
        case "json":
            text = _as_json(made, loaded, noted, counts)
        case "csv":
            text = _as_csv(made)
        case _:
            reasons = [str(made.explain(it.id)) for it, _ in made.payments] if explain else []
            footer = [Text(line) for line in (_rest(made), *reasons)]
            text = rendered(_grid(made), footer, to_screen=output is None)
    write(text, output, how)


def _as_json(
    made: Proposal, loaded: Loaded, noted: Sequence[Problem], counts: Mapping[str, Counted]
) -> str:
    tree: dict[str, Any] = made.to_dict()
    for line in tree["allocations"]:
        line["confidence"] = float(line["confidence"])
    tree["input"] = loaded.tally.to_dict()
    tree["inputs"] = {role: it.tree for role, it in counts.items()}
    tree["problems"] = [
        {"code": it.code, "where": it.where, "severity": it.severity, "message": it.message}
        for it in (*loaded.problems, *noted)
    ]
    return as_json(tree)


def _as_csv(made: Proposal) -> str:
    """Return one row an allocation, difference and leftover, told apart by `kind`."""
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(
        ["kind", "payment", "item", "currency", "amount", "rule", "confidence", "reason"]
    )
    for it in made.lines:
        row = ["allocation", it.payment, it.item, it.amount.currency, f"{it.amount.amount:f}"]
        writer.writerow(map(escaped, [*row, it.rule, f"{it.confidence:f}", "; ".join(it.evidence)]))
    for gap in made.differences:
        row = [gap.kind, gap.payment, gap.item, gap.amount.currency, f"{gap.amount.amount:f}"]
        writer.writerow(map(escaped, [*row, "", "", gap.reason]))
    for left in made.leftovers:
        row = [left.status, left.payment, "", left.amount.currency, f"{left.amount.amount:f}"]
        writer.writerow(map(escaped, [*row, "", "", "; ".join(left.why)]))
    return buffer.getvalue()


def _grid(made: Proposal) -> Grid:
    columns = [Column("payment"), Column("item"), Column("currency"), Column("amount", figure=True)]
    rows = [
        *(
            _row("", it.payment, it.item, it.amount, it.rule, f"{it.confidence:f}: {'; '.join(it.evidence)}")
            for it in made.lines
        ),
        *(_row("cyan", it.payment, it.item, it.amount, it.kind, it.reason) for it in made.differences),
        *(_row("yellow", it.payment, "", it.amount, it.status, "; ".join(it.why)) for it in made.leftovers),
    ]  # fmt: skip
    title = f"Proposed allocations as of {made.as_of}, policy {made.policy.name}"
    return Grid(title, [*columns, Column("as"), Column("why", prose=_WHY)], rows)


def _row(style: str, payment: str, item: str, amount: Money, kind: str, why: str) -> list[Text]:
    texts = [Text(it, style) for it in (payment, item, amount.currency, kind, why)]
    texts.insert(3, figure(amount.amount))
    return texts


def _rest(made: Proposal) -> str:
    items = counted(len(made.unmatched_items), "item")
    matches = counted(len(made.alternatives), "match", "matches")
    return f"{items} without an allocation, {matches} that came close"
