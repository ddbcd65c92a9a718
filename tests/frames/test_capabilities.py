"""The capability table of the docs says what the engines that are installed really can."""

from __future__ import annotations

from tools import capabilities


def rows(text):
    found = [line.split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {cells[0].removeprefix("| "): cells[1:] for cells in found}


def test_the_table_is_current():
    """Write it again with `python tools/capabilities.py`."""
    page = capabilities.PAGE.read_text(encoding="utf-8").split(capabilities.MARK)[1]
    tried = rows(capabilities.table())
    assert len(tried) >= 2
    assert tried.items() <= rows(page).items()
