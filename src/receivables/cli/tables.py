"""What `receivables age` is asked, of which files: one table, the facts of a pulled folder, or all tables of a folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from receivables.adapters.pulled import MANIFEST
from receivables.buckets import Basis, Buckets, CreditDisplay
from receivables.errors import UnreadableSource

LARGE = 32 << 20  # bytes of a table from which `age` tries DuckDB before it reads row by row
SEPARATORS = {".csv": ",", ".tsv": "\t"}
_ENDINGS = (".parquet", *SEPARATORS)


@dataclass(frozen=True, slots=True)
class Question:
    """What `receivables age` was asked."""

    as_of: date
    known_at: datetime | None
    buckets: Buckets
    by: tuple[str, ...]
    basis: Basis
    credits: CreditDisplay


def files_of(path: Path) -> list[Path]:
    """Return the files that make a table for an engine.

    Raises:
        UnreadableSource: When there are none that an engine reads.
    """
    found = _in_folder(path) if path.is_dir() else [path]
    if not found or any(file.suffix.lower() not in _ENDINGS for file in found):
        msg = f"{path.name} holds no Parquet, CSV or TSV; --engine reads a file of them or a folder, anything else is read without it"
        raise UnreadableSource(msg)
    return found


def facts_of(path: Path) -> Path:
    """Return the one file that the object core reads: the path itself, or what a folder holds.

    Raises:
        UnreadableSource: When a folder holds several tables.
    """
    if not path.is_dir():
        return path
    found = _in_folder(path)
    if not found:
        return path
    if len(found) > 1:
        listed = ", ".join(file.name for file in found[:8])
        msg = f"folder {path.name} has the tables {listed}; give one file, or --engine duckdb to read them as one table"
        raise UnreadableSource(msg)
    return found[0]


def is_large(path: Path) -> bool:
    """Tell whether a table is of the size that an engine is tried for."""
    try:
        return sum(file.stat().st_size for file in files_of(path)) >= LARGE
    except (OSError, UnreadableSource):
        return False


def _in_folder(folder: Path) -> list[Path]:
    if (folder / MANIFEST).is_file():
        held = json.loads((folder / MANIFEST).read_text(encoding="utf-8")).get("files", {})
        return [folder / name for name in held if name.startswith("facts.")]
    for ending in _ENDINGS:
        if found := sorted(folder.glob(f"*{ending}")):
            return found
    return []
