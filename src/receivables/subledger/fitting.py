"""The law *Never below zero* where facts enter: who finds room, and who does not.

Everything is put in place first. If every document still fits, that is all. Otherwise the facts that touch a document
used past its open amount are taken out and put back one by one, in the order they take effect, each only if it still fits.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from receivables.effects import Effect, effects_of, in_order, raises, rests_on
from receivables.errors import OverAllocated, UnknownFact
from receivables.facts import Adjustment, Document, Reversal, Use
from receivables.facts.wording import spoken
from receivables.laws import Shortfall, shortfall
from receivables.money import Money
from receivables.rounding import EXACT
from receivables.subledger.breach import Breach
from receivables.subledger.ledger import Ledger


class Fitting:
    """Puts uses and reversals into a ledger and leaves out what finds no room.

    Args:
        ledger: The ledger in the making; its documents and the facts rested on are there.
        uses: New uses, each resting on documents that are there.
        reversals: New reversals, each of a fact that is there or among `uses`.
    """

    def __init__(self, ledger: Ledger, uses: list[Use], reversals: list[Reversal]) -> None:
        self._ledger = ledger
        self._uses = uses
        self._reversals = reversals
        self._breaches: list[Breach] = []

    def settle(self) -> list[Breach]:
        """Fill the ledger, and return what was left out, in the order it would take effect."""
        touched = self._put_in_place()
        tight = {name for name in touched if self._shortfall(name, self._ledger.effects[name])}
        if tight:
            self._one_by_one(tight)
        return self._breaches

    def _put_in_place(self) -> set[str]:
        """Put everything in, and return the documents touched."""
        ledger = self._ledger
        for reversal in self._reversals:
            ledger.reversals[reversal.of] = reversal
        added: dict[str, list[Effect]] = defaultdict(list)
        for use in self._uses:
            ledger.facts[use.id] = use
            for effect in effects_of(use, ledger.documents, ledger.reversals):
                added[effect.document].append(effect)
        for name, effects in added.items():
            ledger.effects[name] = in_order((*ledger.effects.get(name, ()), *effects))
        touched = set(added)
        for reversal in self._reversals:
            ledger.facts[reversal.id] = reversal
            touched |= self._reached(reversal)
        for name in touched if self._reversals else ():
            held = (effect.use for effect in ledger.effects.get(name, ()))
            ledger.effects[name] = ledger.effects_on(name, held)
        return touched

    def _reached(self, reversal: Reversal) -> set[str]:
        """Return the documents whose effects a reversal may end."""
        fact = self._ledger.facts[reversal.of]
        if not isinstance(fact, Document):
            return set(rests_on(fact)) if not isinstance(fact, Reversal) else set()
        held = self._ledger.effects.get(fact.id, ())
        return {fact.id, *(name for effect in held for name in rests_on(effect.use))}

    def _one_by_one(self, tight: set[str]) -> None:
        uses = [use for use in self._uses if tight & set(rests_on(use))]
        # Ending what took off only gives room; ending what added may take it.
        endings = [it for it in self._reversals if self._narrows(it) and tight & self._reached(it)]
        rooms = self._take_out(uses, endings)
        for candidate in sorted((*uses, *endings), key=self._replay_order):
            if isinstance(candidate, Reversal):
                self._try_reversal(candidate, rooms)
            else:
                self._try_use(candidate, rooms)
        for name, room in rooms.items():
            self._ledger.effects[name] = in_order(room.effects)

    def _take_out(self, uses: list[Use], endings: list[Reversal]) -> dict[str, _Room]:
        gone = {use.id for use in uses}
        names = {name for use in uses for name in rests_on(use)}
        for ending in endings:
            names |= self._reached(ending)
            del self._ledger.facts[ending.id], self._ledger.reversals[ending.of]
        for use_id in gone:
            del self._ledger.facts[use_id]
        rooms = {}
        for name in names:
            kept = (it.use for it in self._ledger.effects[name] if it.use.id not in gone)
            rooms[name] = _Room(self._ledger.documents[name], self._ledger.effects_on(name, kept))
        return rooms

    def _try_use(self, use: Use, rooms: dict[str, _Room]) -> None:
        effects = effects_of(use, self._ledger.documents, self._ledger.reversals)
        for effect in effects:
            short = rooms[effect.document].shortfall_with(effect)
            if short is not None:
                self._refuse(use, _too_much(use, effect, short))
                return
        self._ledger.facts[use.id] = use
        for effect in effects:
            rooms[effect.document].add(effect)

    def _try_reversal(self, reversal: Reversal, rooms: dict[str, _Room]) -> None:
        adjustment = self._ledger.facts.get(reversal.of)
        if not isinstance(adjustment, Adjustment):
            msg = f"reversal {reversal.id} names {reversal.of}, which was left out because it breaks a law"
            self._breaches.append(Breach(reversal, UnknownFact(msg)))
            return
        self._ledger.reversals[reversal.of] = reversal
        room = rooms[adjustment.target]
        after = self._ledger.effects_on(adjustment.target, (effect.use for effect in room.effects))
        short = shortfall(room.document, after)
        if short is None:
            self._ledger.facts[reversal.id] = reversal
            room.refill(after)
            return
        del self._ledger.reversals[reversal.of]
        msg = f"reversal {reversal.id} of adjustment {adjustment.id} leaves {short.name} {short.below} below zero on {short.day}"
        self._breaches.append(Breach(reversal, OverAllocated(msg)))

    def _refuse(self, use: Use, error: OverAllocated) -> None:
        self._breaches.append(Breach(use, error))
        reversal = self._ledger.reversals.pop(use.id, None)
        if reversal is not None:
            del self._ledger.facts[reversal.id]
            msg = (
                f"reversal {reversal.id} names {use.id}, which was left out because it breaks a law"
            )
            self._breaches.append(Breach(reversal, UnknownFact(msg)))

    def _shortfall(self, name: str, effects: tuple[Effect, ...]) -> Shortfall | None:
        return shortfall(self._ledger.documents[name], effects)

    def _narrows(self, reversal: Reversal) -> bool:
        fact = self._ledger.facts[reversal.of]
        return isinstance(fact, Adjustment) and raises(fact)

    def _replay_order(self, fact: Use | Reversal) -> tuple[bool, date, bool, str]:
        """What adds goes first, since it only gives room; the rest in the order it takes effect."""
        if isinstance(fact, Reversal):
            return True, fact.posting_date, True, fact.id
        starts = (self._ledger.documents[name].posting_date for name in rests_on(fact))
        return not raises(fact), max(fact.posting_date, *starts), False, fact.id


class _Room:
    """What is left of one document while facts are put back one by one."""

    def __init__(self, document: Document, effects: tuple[Effect, ...]) -> None:
        self.document = document
        self.effects: list[Effect] = []
        self._left = (
            document.amount.amount
        )  # when all that takes off is taken, and nothing ends or adds
        self._plain = True  # nothing ends, adds or names an instalment: then what is left is all there is to know
        for effect in effects:
            self.add(effect)

    def add(self, effect: Effect) -> None:
        self.effects.append(effect)
        self._plain = self._plain and _is_plain(effect)
        if effect.amount.amount < 0:
            self._left = EXACT.add(self._left, effect.amount.amount)

    def refill(self, effects: tuple[Effect, ...]) -> None:
        self.effects = list(effects)

    def shortfall_with(self, effect: Effect) -> Shortfall | None:
        """Return how far below zero one more effect would take the document, or None when it fits."""
        if effect.amount.amount > 0:
            return None
        if self._plain and _is_plain(effect):
            left = EXACT.add(self._left, effect.amount.amount)
            below = Money.of_sum(left.copy_negate(), self.document.amount.currency)
            return Shortfall(self.document.id, effect.start, below) if left < 0 else None
        return shortfall(self.document, (*self.effects, effect))


def _is_plain(effect: Effect) -> bool:
    return not effect.ends and effect.instalment is None and effect.amount.amount < 0


def _too_much(use: Use, effect: Effect, short: Shortfall) -> OverAllocated:
    left = -effect.amount - short.below
    return OverAllocated(
        f"{spoken(use.kind)} {use.id} takes {-effect.amount} from {short.name}, which has {left} open on {short.day}"
    )
