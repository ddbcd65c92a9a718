"""The pages list every rule as it is."""

from __future__ import annotations

import pytest

from tools.cfdi_rules import PAGES, current


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_table_of_rules_is_current(language):
    page = PAGES[language].read_text(encoding="utf-8")
    assert page == current(page, language), "run python tools/cfdi_rules.py"
