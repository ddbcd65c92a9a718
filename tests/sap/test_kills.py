"""Killed between any two steps, started again: nothing lost, nothing doubled."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="kill -9 needs a system that forks")
def test_a_pull_and_writes_survive_three_hundred_kills_each(tmp_path):
    script = Path(__file__).with_name("kills.py")
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path), "300"],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    counted = json.loads(done.stdout)
    assert min(counted["pull"], counted["write"]) >= 300
    assert {name: counted[name] for name in ("wrong", "doubled", "lost")} == {
        "wrong": 0,
        "doubled": 0,
        "lost": 0,
    }
