"""`receivables pull`: a system's receivables into a folder of tables, resumable and incremental."""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from receivables.adapters import Page, Tally
from receivables.adapters.port import Source
from receivables.adapters.pull import Pulled
from receivables.adapters.pull import pull as pull_into
from receivables.adapters.registry import adapter_named
from receivables.adapters.tally import FATES
from receivables.cli import QUARANTINED, options
from receivables.errors import NoSuchAdapter, UnreadableSource

_FORMATS = {"csv": "csv", "parquet": "parquet"}


def pull(
    adapter: Annotated[str, typer.Argument(help="The system: one of `receivables adapters`.")],
    *,
    config: Annotated[
        Path, typer.Option(help="How to reach it: a .toml file; secrets stand in the environment.")
    ],
    out: Annotated[Path, typer.Option(help="The folder to pull into.")],
    full: Annotated[bool, typer.Option("--full", help="Read everything again.")] = False,
    format_: Annotated[str, typer.Option("--format", help="csv or parquet.")] = "csv",
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 3 when rows were left out.")
    ] = False,
) -> None:
    """Pull a system's receivables into a folder; run it again to go on, or to fetch what changed."""
    chosen = options.choice("--format", format_, _FORMATS)
    source = _source(adapter, config)
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task, rows = progress.add_task(f"pulling {source.name}", total=None), 0

        def advance(page: Page) -> None:
            nonlocal rows
            rows += len(page.entries) or len(page.facts)
            done, total = getattr(source, "progress", (None, None))  # not every source can tell
            progress.update(
                task,
                description=f"pulling {source.name}: {rows:,} rows, {page.source}",
                completed=done,
                total=total,
            )

        try:
            pulled = pull_into(source, out, full=full, format=chosen, on_page=advance)  # type: ignore[arg-type]
        finally:
            getattr(source, "close", lambda: None)()
    _tell(pulled)
    if strict and pulled.manifest["rows"]["quarantined"]:
        raise typer.Exit(QUARANTINED)


def _source(adapter: str, config: Path) -> Source:
    registered = adapter_named(adapter)
    make = getattr(registered, "from_config", None)
    if make is None:
        msg = f"adapter {adapter!r} cannot be pulled from a configuration file; read its files with the other commands"
        raise NoSuchAdapter(msg)
    try:
        table = tomllib.loads(config.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{config.name} is no TOML: {error}"
        raise UnreadableSource(msg) from None
    source: Source = make(table, os.environ.get)
    return source


def _tell(pulled: Pulled) -> None:
    manifest, counts = pulled.manifest, pulled.manifest["rows"]
    facts = ", ".join(f"{kind} {count:,}" for kind, count in manifest["facts"].items())
    print(f"{pulled.folder}: {facts or 'no facts'}")
    print(Tally(**{name: counts[name] for name in ("rows", *FATES)}))
    for code, count in manifest["problems"].items():
        print(f"{code}: {count:,}, see problems.csv", file=sys.stderr)
