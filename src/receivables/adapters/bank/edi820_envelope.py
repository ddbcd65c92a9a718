"""The envelope of an X12 file: what SE, GE and IEA count, compared with what they close."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

_CLOSES = {"SE": "ST", "GE": "GS", "IEA": "ISA"}
_CONTROL = {"ST": 2, "GS": 6, "ISA": 13}  # where a header holds its control number
_COUNTED = {"SE": "segments", "GE": "transactions", "IEA": "groups"}


@dataclass(slots=True)
class _Open:
    """A header that is not closed yet, and how much it holds."""

    name: str
    control: str
    held: int


@dataclass(slots=True)
class Envelope:
    """Goes along with the segments, and says what does not tie.

    Args:
        group: What the group that was last begun holds; RA is payment orders.
    """

    group: str = ""
    _open: list[_Open] = field(default_factory=list)

    def read(self, segment: list[str]) -> Iterator[str]:
        """Read a segment; yield a sentence for each figure that is not as stated."""
        name = segment[0]
        self.group = _at(segment, 1) if name == "GS" else self.group
        if self._open and self._open[-1].name == "ST":
            self._open[-1].held += 1
        if name in _CONTROL:
            while self._open and self._depth(name) <= self._depth(self._open[-1].name):
                yield self._missing(self._open.pop())
            if self._open and name != "ISA":
                self._open[-1].held += 1
            self._open.append(_Open(name, _at(segment, _CONTROL[name]), 1 if name == "ST" else 0))
        elif name in _CLOSES:
            yield from self._close(segment)

    def unclosed(self) -> Iterator[str]:
        """Yield a sentence for each header whose trailer never came."""
        for it in reversed(self._open):
            yield self._missing(it)

    def _close(self, segment: list[str]) -> Iterator[str]:
        name = segment[0]
        if _CLOSES[name] not in {it.name for it in self._open}:
            yield f"{name} {_at(segment, 2)} closes nothing that is open"
            return
        while self._open[-1].name != _CLOSES[name]:
            yield self._missing(self._open.pop())
        it = self._open.pop()
        if _at(segment, 1) != str(it.held) and _at(segment, 1).lstrip("0") != str(it.held):
            yield f"{name} {it.control} says {_at(segment, 1)} {_COUNTED[name]}, there are {it.held}"
        if _at(segment, 2) != it.control:
            yield f"{name} {_at(segment, 2)} closes {it.name} {it.control}; the numbers must be equal"

    @staticmethod
    def _missing(it: _Open) -> str:
        trailer = next(end for end, start in _CLOSES.items() if start == it.name)
        return f"{it.name} {it.control} has no {trailer}; the file may be cut off"

    @staticmethod
    def _depth(name: str) -> int:
        return ("ISA", "GS", "ST").index(name)


def _at(segment: list[str], place: int) -> str:
    return segment[place].strip() if place < len(segment) else ""
