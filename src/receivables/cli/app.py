"""Puts the commands together, and turns every complaint into one sentence and an exit status."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from receivables.cli import (
    MISUSE,
    adapters,
    age,
    allocate,
    cfdi,
    explain,
    forecast,
    kpi,
    provision,
    pull,
    template,
)
from receivables.errors import ReceivablesError

app = typer.Typer(
    name="receivables",
    help="Accounts receivable from table files: exact, explained, every row accounted for.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

# A new command is a module with a function of its name, and a line here.
app.command("age")(age.age)
app.command("allocate")(allocate.allocate)
app.command("explain")(explain.explain)
app.command("provision")(provision.provision)
app.command("kpi")(kpi.kpi)
app.command("forecast")(forecast.forecast)
app.command("template")(template.template)
app.command("pull")(pull.pull)
app.command("adapters")(adapters.adapters)
app.add_typer(cfdi.app, name="cfdi")


def run(arguments: list[str]) -> int:
    """Run a command and return its exit status."""
    try:
        status = typer.main.get_command(app)(
            arguments, prog_name="receivables", standalone_mode=False
        )
    except typer.Exit as done:
        return done.exit_code
    except typer.Abort:
        return _misuse("interrupted")
    except BrokenPipeError:  # the reader of our output, such as `head`, has seen enough
        sys.stderr.close()
        return 0
    except ReceivablesError as error:
        return _misuse(str(error))
    except OSError as error:
        return _misuse(
            f"{error.filename or 'a file'}: {error.strerror or error}; check the path and its rights"
        )
    except Exception as error:
        # Complaints of the option parser have a message of their own; anything else is a fault of ours and stays one.
        formatted = getattr(error, "format_message", None)
        if formatted is None:
            raise
        message = formatted().strip()
        return _misuse(message) if message else MISUSE
    return status if isinstance(status, int) else 0


def _misuse(sentence: str) -> int:
    print(f"receivables: {sentence}", file=sys.stderr)
    return MISUSE


def _version(asked: bool) -> None:  # noqa: FBT001 - typer calls it so
    if asked:
        print(f"receivables {version('receivables')}")
        raise typer.Exit


@app.callback()
def main(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and stop."
        ),
    ] = False,
) -> None:
    """Accounts receivable from table files: exact, explained, every row accounted for."""
