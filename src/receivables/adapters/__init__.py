"""Sources of facts: the port they share, the registry that finds them, and `load`, which makes a subledger of one.

Public: `open_source` and `load`; for authors of adapters `Source`, `Page`, `Entry` and `Capabilities`.
"""

from receivables.adapters.load import Loaded, load
from receivables.adapters.port import Capabilities, Entry, Page, Source
from receivables.adapters.registry import installed, open_source
from receivables.adapters.tally import ControlTotal, Tally

__all__ = [
    "Capabilities",
    "ControlTotal",
    "Entry",
    "Loaded",
    "Page",
    "Source",
    "Tally",
    "installed",
    "load",
    "open_source",
]
