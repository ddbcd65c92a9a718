"""A batch of documents to the facts of a subledger: nothing lost, nothing counted twice.

Each document becomes facts, or is left out with a reason: received from others, cancelled, substituted, not stamped, of a
type that is no receivable. Importing the same folder again gives the same facts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial

from receivables.cfdi.batch import Batch, Read
from receivables.cfdi.documents import Comprobante
from receivables.cfdi.relations import CREDITS, superseded
from receivables.cfdi.to_facts import Mapped, TermsOf, billed, paid
from receivables.errors import ReceivablesError
from receivables.facts import CHARGES, Allocation, CreditMemo, Customer, Fact
from receivables.facts.wording import counted
from receivables.money import Money
from receivables.problems import Problem
from receivables.subledger import Subledger

_REASONS = {
    "T": "goods in transit (type T), no receivable",
    "N": "payroll (type N), no receivable",
}


@dataclass(frozen=True, slots=True)
class Imported:
    """What a batch became.

    Args:
        facts: Every fact, customers included, ready for `Subledger.load`.
        accepted: Files that became facts.
        left_out: Files that did not, each with the reason.
        problems: What is odd about documents that were kept, and what failed.
        batch: The files as read.
    """

    facts: tuple[Fact | Customer, ...]
    accepted: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    problems: tuple[Problem, ...]
    batch: Batch

    def load(self) -> tuple[Subledger, tuple[Problem, ...]]:
        """Return the books of these facts, and every problem: of reading, of mapping, and of the subledger's laws."""
        books, broken = Subledger.load(self.facts)
        return books, (*self.problems, *broken)

    def counts(self) -> dict[str, int]:
        """Return how many files there are of each fate; the rest sum to `files`."""
        return {
            "files": self.batch.files,
            "accepted": len(self.accepted),
            "duplicates": len(self.batch.duplicates),
            "left_out": len(self.left_out) + len(self.batch.skipped),
            "failed": len(self.batch.failed),
        }

    def __str__(self) -> str:
        counts = self.counts()
        return (
            f"{counted(counts['files'], 'file')} = {counts['accepted']:,} accepted"
            f" + {counted(counts['duplicates'], 'duplicate')}"
            f" + {counts['left_out']:,} left out + {counts['failed']:,} failed"
        )


def import_batch(
    batch: Batch,
    *,
    issuer: str | None = None,
    cancelled: Collection[str] = (),
    terms: TermsOf | None = None,
) -> Imported:
    """Map a batch to facts.

    Args:
        batch: The files as read.
        issuer: Our tax number; documents issued by others are left out. Every issuer counts when not given.
        cancelled: UUIDs of documents SAT has cancelled; they are left out.
        terms: Gives the payment terms of an invoice: a CFDI has no due date of its own.
    """
    run = _Run(batch, issuer, frozenset(uuid.upper() for uuid in cancelled), terms)
    run.map()
    return Imported(
        (*run.customers(), *run.facts.values()),
        tuple(run.accepted),
        tuple(run.left_out),
        (*batch.problems, *run.problems),
        batch,
    )


class _Run:
    """One import."""

    def __init__(
        self, batch: Batch, issuer: str | None, cancelled: frozenset[str], terms: TermsOf | None
    ) -> None:
        self.facts: dict[str, Fact] = {}
        self.accepted: list[str] = []
        self.left_out: list[tuple[str, str]] = []
        self.problems: list[Problem] = []
        self._batch = batch
        self._issuer = issuer
        self._cancelled = cancelled
        self._terms = terms
        self._superseded = superseded((it.document for it in batch.documents), cancelled=cancelled)
        self._receivers: dict[str, Comprobante] = {}
        self._used: dict[str, Money] = {}

    def map(self) -> None:
        """Map invoices and credit notes first, then what rests on them."""
        papers: list[Read] = []
        complements: list[Read] = []
        for it in self._batch.documents:
            reason = self._reason(it.document)
            if reason is not None:
                self.left_out.append((it.file, reason))
            elif it.document.tipo_de_comprobante == "P":
                complements.append(it)
            else:
                papers.append(it)
        notes = [
            it
            for it in papers
            if self._take(it, partial(billed, terms=self._terms)) and _is_credit(it)
        ]
        charges = {key: fact for key, fact in self.facts.items() if isinstance(fact, CHARGES)}
        stated: dict[object, str] = {}
        for it in sorted(complements, key=lambda it: (it.document.fecha, it.document.uuid or "")):
            says = it.document.emisor.rfc, tuple(it.document.payments())
            if says in stated:
                reason = f"states again, payment for payment and balance for balance, what {stated[says]} states"
                self.left_out.append((it.file, reason))
                self.problems.append(Problem("repeated-complement", reason, it.file))
            elif self._take(it, partial(paid, targets=charges)):
                stated[says] = it.file
        for it in sorted(notes, key=lambda it: (it.document.fecha, it.document.uuid or "")):
            self._apply(it)

    def customers(self) -> Iterator[Customer]:
        """Yield a customer for each receiver, as the latest document names it."""
        for rfc, document in sorted(self._receivers.items()):
            regime = document.receptor.regimen_fiscal_receptor
            address = document.receptor.domicilio_fiscal_receptor
            yield Customer(
                id=rfc,
                valid_from=document.fecha.date(),
                name=document.receptor.nombre or None,
                tax_id=rfc,
                attributes=(("domicilio_fiscal", address), ("regimen_fiscal", regime)),
            )

    def _reason(self, document: Comprobante) -> str | None:
        """Say why a document is left out; None when it is not."""
        kind = document.tipo_de_comprobante
        if kind in _REASONS:
            return _REASONS[kind]
        if document.uuid is None:
            many = len(document.timbres)
            return (
                f"it has {many} stamps and SAT gives one"
                if many
                else "it has no stamp: a draft is no document"
            )
        if self._issuer is not None and document.emisor.rfc != self._issuer:
            return f"issued by {document.emisor.rfc}, not by {self._issuer}"
        if document.uuid in self._cancelled:
            return "cancelled"
        if document.uuid in self._superseded:
            return f"substituted by {self._superseded[document.uuid]} (relation 04)"
        if kind in "IE" and document.total == 0:
            return "its total is 0: nothing is owed"
        return None

    def _take(self, it: Read, mapping: Callable[[Comprobante, str], Mapped]) -> bool:
        try:
            made = mapping(it.document, it.file)
        except ReceivablesError as error:
            self.problems.append(Problem(error.code, str(error), it.file))
            self.left_out.append((it.file, f"{error.code}: {error}"))
            return False
        for fact in made.facts:
            self._add(fact)
        self.problems += made.problems
        self.accepted.append(it.file)
        receiver = self._receivers.setdefault(it.document.receptor.rfc, it.document)
        if it.document.fecha < receiver.fecha:
            self._receivers[it.document.receptor.rfc] = it.document
        return True

    def _apply(self, it: Read) -> None:
        """Use a credit note against the invoice it names; of several, SAT does not say how much is for which."""
        note = self.facts[it.document.uuid or ""]
        targets = [
            uuid
            for uuid in it.document.related(*CREDITS)
            if isinstance(self.facts.get(uuid), CHARGES)
        ]
        if not isinstance(note, CreditMemo):
            return
        if len(targets) != 1:
            what = (
                "no invoice that is known"
                if not targets
                else f"{len(targets)} invoices without saying how much is for which"
            )
            msg = f"credit note {it.document.number} of {note.amount} relates to {what}; it stays open until it is allocated"
            self.problems.append(Problem("unallocated-credit-note", msg, it.file, severity="noted"))
            return
        room = self._room(targets[0])
        amount = min(note.amount, room) if room.currency == note.amount.currency else None
        if not amount or amount.amount <= 0:
            msg = f"credit note {it.document.number} of {note.amount} finds {room} open of {targets[0]}; it stays open"
            self.problems.append(Problem("unallocated-credit-note", msg, it.file, severity="noted"))
            return
        allocation = Allocation(
            id=f"{note.id}/1",
            source=note.id,
            target=targets[0],
            amount=amount,
            posting_date=note.posting_date,
            origin=note.origin,
        )
        self._add(allocation)

    def _add(self, fact: Fact) -> None:
        self.facts[fact.id] = fact
        if isinstance(fact, Allocation):
            before = self._used.get(fact.target)
            self._used[fact.target] = fact.amount if before is None else before + fact.amount

    def _room(self, uuid: str) -> Money:
        """Return what is open of a charge after everything allocated so far."""
        charge = self.facts[uuid]
        assert isinstance(charge, CHARGES)  # noqa: S101 - the caller looked
        used = self._used.get(uuid)
        return charge.amount if used is None else charge.amount - used


def _is_credit(it: Read) -> bool:
    return it.document.tipo_de_comprobante == "E"
