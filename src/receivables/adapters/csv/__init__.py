"""Table files as a source of facts, and facts as table files: .csv, .tsv, .jsonl, .parquet and .xlsx."""

from receivables.adapters.csv.limits import Limits
from receivables.adapters.csv.mapping import Mapping, Theirs, Values
from receivables.adapters.csv.presets import names as preset_names
from receivables.adapters.csv.rows import read_rows
from receivables.adapters.csv.source import CsvSource
from receivables.adapters.csv.write import template, write_facts

__all__ = [
    "CsvSource",
    "Limits",
    "Mapping",
    "Theirs",
    "Values",
    "preset_names",
    "read_rows",
    "template",
    "write_facts",
]
