"""`receivables allocate`: open items and payments in, a proposal with its reasons out; nothing is posted."""

from __future__ import annotations

import csv
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table
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
from receivables.cli.reading import listed, read, tell
from receivables.errors import ReceivablesError, UnreadableSource
from receivables.facts import CREDITS, CreditMemo, Payment
from receivables.open_items import OpenItem
from receivables.problems import Problem

_FORMATS = {name: name for name in ("table", "csv", "json")}
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
    format_: Annotated[str, typer.Option("--format", help="table, csv or json.")] = "table",
    output: Annotated[Path | None, typer.Option(help="Write the proposal to this file.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Print the reasons of every payment, too.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with status 3 when rows were quarantined.")
    ] = False,
    problems: options.Problems = 20,
) -> None:
    """Propose which payments pay which open items, with the rule, the evidence and what is left over."""
    day = options.day("--as-of", as_of)
    drawn = options.day("--drawn-on", drawn_on) if drawn_on else None
    how = options.choice("--format", format_, _FORMATS)
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
    if how == "table":
        console = Console(file=StringIO(), width=120) if output else Console()
        _show(made, console)
        if explain:
            for document, _ in made.payments:
                console.print(Text(str(made.explain(document.id))))
        text = console.file.getvalue() if isinstance(console.file, StringIO) else ""
    else:
        text = _as_json(made, loaded, noted, counts) if how == "json" else _as_csv(made)
    if output is not None:
        output.write_text(text, encoding="utf-8", newline="")
    else:
        sys.stdout.write(text)


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
    return json.dumps(tree, ensure_ascii=False, indent=2) + "\n"


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


def _show(made: Proposal, console: Console) -> None:
    table = Table(
        title=f"Proposed allocations as of {made.as_of}, policy {made.policy.name}",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        header_style="bold",
        pad_edge=False,
    )
    for name in ("payment", "item", "currency"):
        table.add_column(name, no_wrap=True)
    table.add_column("amount", justify="right", no_wrap=True)
    table.add_column("as", no_wrap=True)
    table.add_column("why", overflow="fold", max_width=60)
    for it in made.lines:
        amount, why = f"{it.amount.amount:,f}", f"{it.confidence:f}: {'; '.join(it.evidence)}"
        table.add_row(*map(Text, (it.payment, it.item, it.amount.currency, amount, it.rule, why)))
    for gap in made.differences:
        amount = f"{gap.amount.amount:,f}"
        table.add_row(
            *map(Text, (gap.payment, gap.item, gap.amount.currency, amount, gap.kind, gap.reason)),
            style="cyan",
        )
    for left in made.leftovers:
        amount = f"{left.amount.amount:,f}"
        table.add_row(
            *map(
                Text,
                (left.payment, "", left.amount.currency, amount, left.status, "; ".join(left.why)),
            ),
            style="yellow",
        )
    width = Console(width=10_000).measure(table).maximum
    console.width = max(console.width, width)
    console.print(table)
    console.print(
        Text(
            f"{len(made.unmatched_items):,} items without an allocation, {len(made.alternatives):,} matches that were close"
        )
    )
