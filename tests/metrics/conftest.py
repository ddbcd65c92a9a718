"""The vectors of provisions and measures."""

from __future__ import annotations

import json

import pytest


@pytest.fixture(scope="session")
def vectors(shared):
    """Return every vector by id."""
    listed = json.loads((shared / "domain" / "vectors.json").read_text(encoding="utf-8"))
    return {vector["id"]: vector for vector in listed}
