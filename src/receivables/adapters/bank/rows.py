"""Small CSV files of ours, advice and payers: rows by column, read as strictly as the tables of items and payments."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from receivables.adapters.bank.files import decoded, encoding_of, read_bytes
from receivables.adapters.csv.limits import Limits
from receivables.adapters.csv.records import Records
from receivables.adapters.csv.table import Refused
from receivables.errors import UnreadableSource
from receivables.problems import Problem


def rows_of(
    path: Path, required: Sequence[str], what: str
) -> Iterator[tuple[str, dict[str, str] | Problem]]:
    """Yield each row with its place, cells stripped; a row that has not as many fields as the header is a problem.

    Args:
        path: The file; commas or semicolons separate.
        required: Columns it must have.
        what: What the file is, for the error.

    Raises:
        UnreadableSource: When a required column is not there.
    """
    data = read_bytes(path)
    head = decoded(data).partition("\n")[0]
    separator = ";" if head.count(";") > head.count(",") else ","
    header = [
        it.strip().lstrip("\ufeff") for it in next(csv.reader([head], delimiter=separator), [])
    ]
    missing = sorted(set(required) - set(header))
    if missing:
        msg = f"{path.name} has no column {', '.join(missing)}; {what}"
        raise UnreadableSource(msg)
    reader = Records(path, encoding_of(data), separator, Limits())
    reader.expect(len(header))
    for record in islice(reader.records(), 1, None):
        row = record if isinstance(record, Refused) else reader.one(*record, len(header))
        if isinstance(row, Refused):
            yield f"{path.name}:{row.line}", row.problem(path.name)
        elif not isinstance(record, Refused) and any(row):
            cells = {name: cell.strip() for name, cell in zip(header, row, strict=True)}
            yield f"{path.name}:{record[0]}", cells
