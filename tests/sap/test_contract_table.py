"""The table of what is proven names tests that there are."""

import re
from pathlib import Path


def test_every_test_that_the_table_names_exists(root):
    page = (root / "docs" / "reference" / "sap-contract.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", page))
    here = Path(__file__).parent
    found = {
        name
        for file in here.glob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert named - found == set()
    assert len(named) > 45
