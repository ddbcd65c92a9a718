"""`receivables cfdi validate`: documents against SAT's matrices."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from receivables.adapters.csv import read_rows
from receivables.cli import QUARANTINED, options
from receivables.cli.cfdi.shared import (
    FORMATS,
    LANGUAGES,
    Format,
    Language,
    needs_extra,
    print_json,
)
from receivables.errors import UnreadableSource
from receivables.facts.wording import counted


def validate(
    files: Annotated[list[Path], typer.Argument(help="XML files, or folders of them.")],
    *,
    format_: Format = "table",
    language: Language = "en",
    on: Annotated[
        str | None,
        typer.Option(help="The day whose rules count; each document's own if not given."),
    ] = None,
    schema: Annotated[
        Path | None, typer.Option(help="A folder with SAT's XSD files, as an extra check.")
    ] = None,
    taxpayers: Annotated[
        Path | None,
        typer.Option(
            help="A table of what SAT has on file: rfc, nombre, codigo_postal; checks names and addresses."
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with status 3 when a document has errors.")
    ] = False,
) -> None:
    """Check documents by SAT's matrices, as a PAC would before stamping."""
    needs_extra()
    from receivables.cfdi import validate as check
    from receivables.cfdi.tables import TAXPAYERS, taxpayers_in
    from receivables.cfdi.xsd import Schema

    how = options.choice("--format", format_, FORMATS)
    words = options.choice("--lang", language, LANGUAGES)
    day = options.day("--on", on) if on else None
    xsd = Schema(schema) if schema else None
    register = taxpayers_in(read_rows(taxpayers, TAXPAYERS)) if taxpayers else None
    made: list[dict[str, Any]] = []
    wrong = False
    for path in _expanded(files):
        xml = path.read_bytes()
        found = check(xml, on=day, register=register)
        if xsd is not None and not any(it.code == "CFDI-UNREADABLE" for it in found):
            found = (*found, *xsd.validate(xml))
        wrong = wrong or any(it.severity == "error" for it in found)
        listed = [
            {
                "code": it.code,
                "severity": it.severity,
                "path": it.path,
                "message": it.message(words),  # type: ignore[arg-type]
                "found": it.found,
                "expected": it.expected,
            }
            for it in found
        ]
        made.append({"file": str(path), "findings": listed})
        if how == "table":
            _print_findings(str(path), listed)
    if how == "json":
        print_json(made)
    if strict and wrong:
        raise typer.Exit(QUARANTINED)


def _expanded(files: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in files:
        if not path.exists():
            msg = f"{path}: there is no such file or folder; check the path"
            raise UnreadableSource(msg)
        found += (
            sorted(it for it in path.rglob("*") if it.suffix.lower() == ".xml")
            if path.is_dir()
            else [path]
        )
    return found


def _print_findings(file: str, findings: Sequence[dict[str, str]]) -> None:
    count = counted(len(findings), "finding") if findings else "no findings"
    print(f"{file}: {count}")
    for it in findings:
        print(f"  {it['severity']} {it['code']} {it['path']}: {it['message']}")
