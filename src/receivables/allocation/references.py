"""How a payment's text leads to documents: texts become runs of letters and digits, and runs are looked up.

Letters lose case and accents, digit runs their leading zeros, everything else only separates. A document's number matches
where the same runs stand side by side, so `F-001001`, `f 1001` and `F1001` are one, and `1001` never matches within
`210015`. UUIDs match with or without their dashes, and their letters and digits name nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from receivables.allocation.pool import Slot

_RUNS = re.compile(r"[0-9]+|[^\W\d_]+")
_UUID = re.compile(
    r"(?<![0-9A-F])([0-9A-F]{8})-?([0-9A-F]{4})-?([0-9A-F]{4})-?([0-9A-F]{4})-?([0-9A-F]{12})(?![0-9A-F])"
)
_UUID_LENGTH = 32
_RANGE = re.compile(
    r"(?<![0-9])([0-9]{3,18})\s*(?:-|–|\.\.+|A|AL|TO|THRU|BIS|HASTA)\s*([0-9]{1,18})(?![0-9])"
)
_MOST_IN_RANGE = 200
_LETTERS = 4  # fewest letters a name without digits must have to count inside a longer text
_LONGEST_TEXT = 2_000  # characters of a payment's text that are read


def runs(text: str) -> list[str]:
    """Return a text's runs of letters and of digits, without case, accents and leading zeros.

    >>> runs("Pago factura F-001001, 3ª")
    ['PAGO', 'FACTURA', 'F', '1001', '3', 'A']
    """
    if not text.isascii():
        folded = unicodedata.normalize("NFKD", text)
        text = "".join(it for it in folded if not unicodedata.combining(it))
    return [run.lstrip("0") or "0" for run in _RUNS.findall(text.upper())]


def names(text: str, number: str) -> bool:
    """Tell whether a text says a document's number in full: the same runs side by side, never a part of a longer number.

    >>> names("F-1001 menos N-12", "n12"), names("F-1001 menos N-123", "N-12")
    (True, False)
    """
    said, wanted = runs(text), runs(number)
    if not wanted:
        return False
    return any(said[at : at + len(wanted)] == wanted for at in range(len(said)))


def uuids(text: str) -> list[str]:
    """Return the UUIDs in a text, without dashes, in capitals."""
    if len(text) < _UUID_LENGTH:
        return []
    return ["".join(found) for found in _UUID.findall(text.upper())]


@dataclass(slots=True)
class Mention:
    """What a text says about one item.

    Args:
        slot: The item.
        words: What of the text names it.
        full: True when a whole number or UUID of the document stands there; False for a run of digits of it.
    """

    slot: Slot
    words: list[str]
    full: bool

    @property
    def count(self) -> int:
        """How many of its names and digit runs stand there."""
        return len(self.words)


@dataclass(slots=True)
class References:
    """Where the names of items are looked up.

    Args:
        digits: Fewest digits that count without the letters around them.
    """

    digits: int
    _full: dict[str, list[Slot]] = field(default_factory=dict)
    _digits: dict[str, list[Slot]] = field(default_factory=dict)
    _longest: int = 1

    @classmethod
    def of(cls, slots: Iterable[Slot], digits: int, keys: Sequence[str]) -> References:
        """Index items by their ids, references and the attributes that name them."""
        made = cls(digits)
        for slot in slots:
            for text in dict.fromkeys(slot.names(keys)):
                made._add(slot, text)
        return made

    def reserve(self, text: str) -> None:
        """Keep a number for a document that is no item, such as a credit: where a text says it, it names no item."""
        parts = runs(text)
        if parts:
            self._full.setdefault(" ".join(parts), [])
            self._longest = max(self._longest, len(parts))

    def _add(self, slot: Slot, text: str) -> None:
        for found in uuids(text):
            self._put(self._full, found, slot)
        parts = runs(text)
        if not parts:
            return
        self._put(self._full, " ".join(parts), slot)
        self._longest = max(self._longest, len(parts))
        for run in parts:
            if len(run) >= self.digits and run.isdigit():
                self._put(self._digits, run, slot)

    @staticmethod
    def _put(table: dict[str, list[Slot]], key: str, slot: Slot) -> None:
        held = table.get(key)
        if not held:
            table[key] = [slot]
        elif held[-1] is not slot:  # items are added one after the other
            held.append(slot)

    def find(self, text: str) -> list[Mention]:
        """Return the open items that a text names, in the order of the text."""
        text = text[:_LONGEST_TEXT]
        found: dict[int, Mention] = {}
        if known := uuids(text):
            for key in known:
                self._note(found, self._full.get(key, ()), key, full=True)
            text = _UUID.sub(" ", text.upper())  # its letters and digits name nothing else
        parts = runs(text)
        loose = self._full_names(parts, found)
        for run in (*loose, *self._ranges(text)):
            self._note(found, self._digits.get(run, ()), run, full=False)
        return list(found.values())

    def _full_names(self, parts: list[str], found: dict[int, Mention]) -> list[str]:
        """Note documents named in full, the longest name at each place, and return the runs that name none."""
        loose: list[str] = []
        place, count = 0, len(parts)
        while place < count:
            for end in range(min(place + self._longest, count), place, -1):
                key = " ".join(parts[place:end])
                slots = self._full.get(key)
                if slots is not None and self._tells(parts[place:end], alone=end - place == count):
                    self._note(found, slots, key, full=True)
                    place = end
                    break
            else:
                loose.append(parts[place])
                place += 1
        return loose

    def _tells(self, parts: list[str], *, alone: bool) -> bool:
        """Tell whether runs are enough of a name: a short number or word inside a longer text is none."""
        if alone or len(parts) > 1:
            return True
        [only] = parts
        return len(only) >= (self.digits if only.isdigit() else _LETTERS)

    @staticmethod
    def _note(found: dict[int, Mention], slots: Iterable[Slot], words: str, *, full: bool) -> None:
        for slot in slots:
            if not slot.left:
                continue
            held = found.get(slot.place)
            if held is None:
                found[slot.place] = Mention(slot, [words], full)
            elif words not in held.words:
                held.words.append(words)

    def _ranges(self, text: str) -> Iterator[str]:
        """Yield the numbers between two that a text joins, where both ends are numbers of open items."""
        for low, high in _RANGE.findall(text.upper()):
            first, last = int(low), int(low[: -len(high)] + high)  # `1004-05` ends at 1005
            if last - first > _MOST_IN_RANGE:
                continue
            if str(first) in self._digits and str(last) in self._digits:
                yield from map(str, range(first, last + 1))

    def similar(self, text: str, threshold: Decimal) -> list[tuple[Decimal, Mention]]:
        """Return the items with a name like a part of the text, best first: 1 - edits / length, as Oracle scores it."""
        parts = runs(text[:_LONGEST_TEXT])
        best: dict[int, tuple[Decimal, Mention]] = {}
        windows = dict.fromkeys(  # in the order of the text: of windows equally alike, the first is told
            "".join(parts[start:end])
            for start in range(len(parts))
            for end in range(start + 1, start + self._longest + 1)
        )
        for key, slots in self._full.items():
            name = key.replace(" ", "")
            for window in windows:
                longest = max(len(name), len(window))
                if longest <= self.digits or abs(len(name) - len(window)) > longest // 2:
                    continue
                score = 1 - Decimal(edits(name, window)) / longest
                if score < threshold:
                    continue
                for slot in slots:
                    if slot.left and score > best.get(slot.place, (Decimal(0),))[0]:
                        best[slot.place] = score, Mention(slot, [window], full=False)
        return sorted(best.values(), key=lambda it: (-it[0], it[1].slot.place))


def edits(one: str, other: str) -> int:
    """Return how many letters must be changed, added or left out to make one text the other.

    >>> edits("F1001", "F1010"), edits("F1001", ""), edits("", "F1")
    (2, 5, 2)
    """
    above = list(range(len(other) + 1))
    for row, mine in enumerate(one, start=1):
        line = [row]
        for column, theirs in enumerate(other, start=1):
            line.append(min(above[column] + 1, line[-1] + 1, above[column - 1] + (mine != theirs)))
        above = line
    return above[-1]
