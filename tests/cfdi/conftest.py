"""The documents the project ships, and the folder that holds SAT's own files where it is there."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("lxml", reason="the extra cfdi is not installed")
pytest.importorskip("cryptography", reason="the extra cfdi is not installed")

DATA = Path(__file__).resolve().parent.parent / "data" / "cfdi"


@pytest.fixture(scope="session")
def samples() -> Path:
    """Return the folder of our own sample documents."""
    return DATA


@pytest.fixture(scope="session")
def sat(shared) -> Path:
    """Return the folder of SAT's own files."""
    folder = shared / "cfdi" / "sat"
    if not folder.is_dir():
        pytest.skip("SAT's schemas and stylesheets are not ours to ship and not here")
    return folder
