"""A short run of the fuzz targets in every check, by Hypothesis; the long one is `python tests/fuzz/run.py`."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

_SPEC = importlib.util.spec_from_file_location(
    "fuzz_targets", Path(__file__).with_name("targets.py")
)
targets = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(targets)


@pytest.mark.parametrize("name", targets.TARGETS)
@given(data=st.data())
def test_bytes_raise_nothing_but_declared_errors(name, data):
    seed = data.draw(st.sampled_from(targets.SEEDS[name]))
    cut = data.draw(st.integers(0, len(seed)))
    targets.TARGETS[name](seed[:cut] + data.draw(st.binary(max_size=60)) + seed[cut:])


@pytest.mark.parametrize("name", targets.TARGETS)
def test_seeds_raise_nothing(name):
    for seed in targets.SEEDS[name]:
        targets.TARGETS[name](seed)
