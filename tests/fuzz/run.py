"""Fuzz the parsers: python tests/fuzz/run.py [csv|mapping|amount|date|terms …] [--seconds 60].

Uses atheris, which watches the code's branches, where it is installed; otherwise mutates the seeds at random from a
seed that is printed. An input that raises anything but a declared error stops the run and is printed.
"""

# ruff: noqa: T201, S311 - it talks on standard output; a seeded sample, no secret

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from targets import SEEDS, TARGETS

PIECES = (b'"', b",", b";", b"\n", b"\r", b"\t", b"\0", b"'", b"=", b"1.234", b"1e999", b"NaN", b"-", b"%", b"/", b"net ",
          b"\xff", b"\xef\xbb\xbf", "\u0661".encode(), "\u202e".encode(), b"2026-01-01", b"03/04/2025", b"MXN", b"invoice",
          b"allocation", b"{", b"[", b"9" * 40, b"\\u0000", b"C" * 300)  # fmt: skip


def mutated(chance: random.Random, seeds: list[bytes]) -> bytes:
    """Return a seed with some bytes changed, cut, repeated or replaced by a piece that hurts."""
    data = bytearray(b"".join(chance.choices(seeds, k=chance.randrange(1, 4))))
    for _ in range(chance.randrange(1, 12)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0:
                data[at:at] = chance.choice(PIECES)
            case 1:
                del data[at : at + chance.randrange(1, 6)]
            case 2:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case _:
                data[at:at] = data[max(0, at - chance.randrange(1, 40)) : at]
    return bytes(data[:4000])


def fuzz(name: str, target: Callable[[bytes], None], seconds: float, seed: int) -> int:
    """Run one target for a while; return how many inputs were tried."""
    chance, tried, end = random.Random(seed), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        data = mutated(chance, SEEDS[name])
        tried += 1
        try:
            target(data)
        except BaseException:
            print(f"{name}: input {tried} of seed {seed} breaks it: {data!r}")
            raise
    return tried


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", default=list(TARGETS))
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    if len(asked.targets) == 1 and _with_atheris(asked.targets[0], asked.seconds):
        return
    for name in asked.targets:
        tried = fuzz(name, TARGETS[name], asked.seconds, asked.seed)
        print(f"{name}: {tried:,} inputs in {asked.seconds:g} s, only declared errors")


def _with_atheris(name: str, seconds: float) -> bool:
    try:
        import atheris
    except ImportError:
        return False
    atheris.instrument_all()
    atheris.Setup([sys.argv[0], f"-max_total_time={int(seconds)}"], TARGETS[name])
    atheris.Fuzz()
    return True


if __name__ == "__main__":
    main()
