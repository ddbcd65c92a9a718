"""A subledger that grows by any lawful or unlawful fact always agrees with the reference model."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from receivables import Adjustment, Allocation, Money, Refund, Reversal, Subledger, WriteOff
from receivables.errors import ReceivablesError
from receivables.facts import CHARGES
from receivables.testing import strategies
from receivables.testing.draft import Draft
from receivables.testing.reference import Reference
from receivables.testing.strategies import charges, days, garbage, moments


class Growing(RuleBasedStateMachine):
    """Adds one fact after the other; the draft says beforehand whether the law allows it."""

    def __init__(self):
        super().__init__()
        self.draft, self.books, self.count = Draft(), Subledger.of([]), 0
        self.now, self.as_of, self.known_at = None, None, None

    @initialize(now=st.none() | moments())
    def begin(self, now):
        """Either nothing says when it was recorded, or each fact is learnt after the one before."""
        self.now = now

    def add(self, fact):
        if self.now is not None:
            self.now += timedelta(hours=1)
            fact = replace(fact, recorded_at=self.now)
        lawful = self.draft.add(fact)
        refusal = None
        try:
            self.books = self.books.with_facts([fact])
        except ReceivablesError as error:
            refusal = error
        assert lawful == (refusal is None), f"lawful: {lawful}, refused: {refusal}, fact: {fact}"

    def name(self):
        self.count += 1
        return f"N-{self.count}"

    @rule(fact=charges())
    def charge(self, fact):
        self.add(replace(fact, id=self.name()))

    @rule(fact=strategies.credits())
    def credit(self, fact):
        self.add(replace(fact, id=self.name()))

    def pick(self, data, kinds):
        found = [it for it in self.draft.documents.values() if isinstance(it, CHARGES) == kinds]
        return data.draw(st.sampled_from(found)) if found else None

    @rule(data=st.data(), day=days())
    def allocate(self, data, day):
        """In one currency, of an amount around what is open, now and then of an instalment."""
        source, target = self.pick(data, kinds=False), self.pick(data, kinds=True)
        if source is None or target is None or source.amount.currency != target.amount.currency:
            return
        numbers = self.draft.parts(target.id)
        part = data.draw(st.sampled_from([None, *numbers]))
        size = self.size(data, min(source.amount, target.amount))
        values = {"source": source.id, "target": target.id, "instalment": part, "amount": size}
        self.add(Allocation(id=self.name(), posting_date=day, **values))

    @rule(
        data=st.data(), day=days(), kind=st.sampled_from([WriteOff, Adjustment]), up=st.booleans()
    )
    def change(self, data, day, kind, up):
        document = self.pick(data, kinds=data.draw(st.booleans()))
        if document is not None:
            more = {"increase": True} if up and kind is Adjustment else {}
            size = self.size(data, document.amount)
            self.add(
                kind(id=self.name(), posting_date=day, target=document.id, amount=size, **more)
            )

    @rule(data=st.data(), day=days())
    def refund(self, data, day):
        source = self.pick(data, kinds=False)
        if source is not None:
            size = self.size(data, source.amount)
            self.add(Refund(id=self.name(), posting_date=day, source=source.id, amount=size))

    @rule(data=st.data(), day=days())
    def reverse(self, data, day):
        names = [it.id for it in self.draft.facts if not isinstance(it, Reversal)]
        if names:
            self.add(
                Reversal(id=self.name(), posting_date=day, of=data.draw(st.sampled_from(names)))
            )

    def size(self, data, whole):
        units = data.draw(
            st.sampled_from([whole.minor, max(whole.minor // 2, 1), whole.minor + 1, 1])
        )
        return Money.from_minor(units, whole.currency)

    @rule(as_of=days(), known_at=st.none() | moments())
    def ask_about(self, as_of, known_at):
        self.as_of, self.known_at = as_of, known_at

    @rule(facts=garbage())
    def load_garbage_beside(self, facts):
        """Loading anything else never disturbs this subledger."""
        before = self.books.facts
        Subledger.load([*self.books.facts, *facts])
        assert self.books.facts == before

    @invariant()
    def agrees_with_the_reference(self):
        if self.as_of is None:
            return
        items = self.books.open_items(as_of=self.as_of, known_at=self.known_at)
        model = Reference.of(self.draft.facts, self.as_of, self.known_at)
        assert Counter((it.id, it.open_amount.amount, it.due_date) for it in items) == Counter(
            (it.id, it.open_amount, it.due_date) for it in model.open_items()
        )


TestGrowing = Growing.TestCase
TestGrowing.settings = settings(stateful_step_count=20)
