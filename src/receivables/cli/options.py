"""The options that commands share, and how their words are read."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from receivables.buckets import Basis, Buckets, CreditDisplay
from receivables.errors import BucketError, QuestionError

_T = TypeVar("_T")
_DIGITS = 6  # of a bucket edge in days

File = Annotated[Path, typer.Argument(help="A table file: .csv, .tsv, .jsonl, .parquet or .xlsx.")]
AsOf = Annotated[
    str,
    typer.Option("--as-of", metavar="DATE", help="The last day that counts, such as 2026-03-31."),
]
MappingName = Annotated[
    str | None,
    typer.Option(
        "--mapping",
        metavar="PRESET|FILE.toml",
        help="How to read the file; our own tables need none.",
    ),
]
DrawnOn = Annotated[
    str | None,
    typer.Option(
        "--drawn-on",
        metavar="DATE",
        help="The day an open-items table was drawn; the as-of date if not given.",
    ),
]
KnownAt = Annotated[
    str | None,
    typer.Option(
        "--known-at",
        metavar="MOMENT",
        help="Leave out what was recorded later, such as 2026-03-31T18:00:00Z.",
    ),
]
Problems = Annotated[
    int, typer.Option("--problems", min=0, help="How many problems to print; the rest are counted.")
]
Format = Annotated[
    str | None,
    typer.Option("--format", help="table, csv or json; by the ending of --output if not given."),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", help="Write the answer to this file: .txt, .csv or .json."),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Exit with status 3 when rows were quarantined.")
]
Engine = Annotated[
    str | None,
    typer.Option(
        help="Stream over Parquet or CSV, a file or a folder, with duckdb, polars or spark."
    ),
]
BucketEdges = Annotated[str, typer.Option(help="Edges in days past due, or a preset's name.")]
By = Annotated[
    list[str] | None, typer.Option(help="Group by this; repeat it, or separate by commas.")
]
Page = Annotated[Path | None, typer.Option(help="Write the report as an HTML page, too.")]
CustomersTable = Annotated[
    Path | None,
    typer.Option(help="A customers table: segment, collector, country, … as of the date."),
]

CREDITS = {display.value: display for display in CreditDisplay}
BASES = {basis.value: basis for basis in Basis}


def day(option: str, text: str) -> date:
    """Read a date.

    Raises:
        QuestionError: When it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        msg = f"{option} {text!r} is no date; write it like 2026-03-31"
        raise QuestionError(msg) from None


def moment(option: str, text: str) -> datetime:
    """Read a moment with its time zone.

    Raises:
        QuestionError: When it is none, or has no time zone.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        msg = f"{option} {text!r} is no moment with a time zone; write it like 2026-03-31T18:00:00Z"
        raise QuestionError(msg)
    return found


def buckets(text: str) -> Buckets:
    """Read bucket edges such as `0,30,60`, or the name of a preset.

    Raises:
        BucketError: When it is neither.
    """
    words = [word.strip() for word in text.split(",")]
    if all(
        word.lstrip("-").isascii() and word.lstrip("-").isdigit() and len(word) <= _DIGITS
        for word in words
    ):
        return Buckets.of(*map(int, words))
    if text in Buckets.presets():
        return Buckets.preset(text)
    msg = f"--buckets {text!r} is neither edges such as 0,30,60,90,120 nor a preset: {', '.join(Buckets.presets())}"
    raise BucketError(msg)


def choice(option: str, text: str, choices: dict[str, _T]) -> _T:
    """Read one of several words.

    Raises:
        QuestionError: When it is none of them.
    """
    if text not in choices:
        msg = f"{option} {text!r} is not there; it must be one of {', '.join(choices)}"
        raise QuestionError(msg)
    return choices[text]
