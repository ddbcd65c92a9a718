"""What the CFDI commands share: the extra they need, and how their words are read and shown."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from receivables.adapters.csv import read_rows
from receivables.errors import MissingExtra

FORMATS = {name: name for name in ("table", "json")}
LANGUAGES = {name: name for name in ("en", "es")}
Format = Annotated[str, typer.Option("--format", help="table or json.")]
Folder = Annotated[
    Path, typer.Argument(help="A folder of XML files and zip packages, or one file.")
]
Statuses = Annotated[
    Path | None, typer.Option("--status", help="A table with uuid and estado, as SAT gave them.")
]
Language = Annotated[str, typer.Option("--lang", help="en or es.")]


def needs_extra() -> None:
    """Refuse to go on without the extra.

    Raises:
        MissingExtra: When lxml or cryptography is not installed.
    """
    try:
        import_module("cryptography")
        import_module("lxml")
    except ImportError:
        msg = "receivables cfdi needs lxml and cryptography; install them with the extra: pip install 'receivables[cfdi]'"
        raise MissingExtra(msg) from None


def print_json(made: Any) -> None:
    """Print a value as JSON."""
    sys.stdout.write(json.dumps(made, ensure_ascii=False, indent=1) + "\n")


def cancelled(path: Path | None) -> tuple[str, ...]:
    """Return the UUIDs a table of states says are cancelled."""
    if path is None:
        return ()
    from receivables.cfdi import State
    from receivables.cfdi.tables import STATES, states_in

    states = states_in(read_rows(path, STATES))
    return tuple(uuid for uuid, state in states.items() if state is State.CANCELLED)
