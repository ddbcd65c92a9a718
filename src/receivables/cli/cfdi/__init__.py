"""`receivables cfdi …`: check, import, reconcile and issue Mexican tax documents; it needs the extra `cfdi`."""

from __future__ import annotations

import typer

from receivables.cli.cfdi import books, issue, validate

app = typer.Typer(
    help="Mexican tax documents: payment complements a PAC accepts, and the list of those missing.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("validate")(validate.validate)
app.command("import")(books.import_)
app.command("reconcile")(books.reconcile)
app.command("complement")(issue.complement)
app.command("show")(issue.show)
