"""`receivables adapters`: what can be read, by adapter and by mapping."""

from __future__ import annotations

from receivables.adapters import installed
from receivables.adapters.csv import preset_names
from receivables.adapters.csv.presets import preset


def adapters() -> None:
    """List the installed adapters, and the mappings the csv adapter brings."""
    print(*installed(), sep="\n")
    print("\nMappings of csv:")
    names = preset_names()
    width = max(map(len, names))
    for name in names:
        print(f"  {name.ljust(width)}  {preset(name).title}")
