"""Cash application told in full: for each story the whole proposal in words, the facts it would post, and what is then open.

A story is a title, lines of a policy (`|`) and of remittance advice (`>`), and facts; below the dashes stands what must come out, with
every reason. A difference is read like prose. `python tests/golden/test_allocation_stories.py` writes the outcomes anew, to be read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from receivables import (
    AdviceLine,
    AllocationPolicy,
    ExchangeRate,
    ExchangeRates,
    Money,
    RemittanceAdvice,
    propose_allocations,
    review_allocations,
)
from receivables.testing import books as told

FOLDER = Path(__file__).with_name("allocation")
DAY = date(2026, 3, 31)
RATES = ExchangeRates.of([ExchangeRate("USD", "MXN", date(2026, 1, 1), Decimal("17.05"), "test")])


def stories(name: str) -> Iterator[tuple[str, str, str]]:
    """Yield the title, the story and the outcome of each."""
    for section in (FOLDER / name).read_text(encoding="utf-8").split("=== ")[1:]:
        title, _, rest = section.partition("\n")
        story, _, outcome = rest.partition("---\n")
        yield title, story, outcome.strip()


def parts(story: str) -> tuple[str, str, list[str]]:
    """Return the policy, the facts and the lines of advice of a story."""
    lines = story.splitlines()
    policy = "\n".join(it[1:].strip() for it in lines if it.startswith("|"))
    facts = "\n".join(it for it in lines if not it.startswith(("|", ">")))
    return policy, facts, [it[1:].strip() for it in lines if it.startswith(">")]


def advised(text: str) -> tuple[str, AdviceLine]:
    """Read `R-1 pays F-1 60.00 MXN, discount 2.00, deduction 5.00 DAMAGE`."""
    said, *kept = text.split(", ")
    payment, _, reference, *amount = said.split()
    unit = amount[1] if amount else "MXN"
    more: dict[str, object] = {}
    for it in kept:
        name, value, *reason = it.split()
        more[name] = Money(value, unit)
        more |= {"reason": reason[0]} if reason else {}
    return payment, AdviceLine(reference, Money(*amount) if amount else None, **more)


def proposed(story: str) -> str:
    policy, facts, lines = parts(story)
    books = told(facts)
    items = books.open_items(as_of=DAY)
    proposal = propose_allocations(
        [it for it in items if it.kind == "payment"],
        items,
        policy=AllocationPolicy.parse(tomllib.loads(policy)),
        advice=[RemittanceAdvice(name, (line,)) for name, line in map(advised, lines)],
        rates=RATES,
    )
    after = books.with_facts(proposal.facts)
    return "\n".join(
        (
            str(proposal),
            *(str(proposal.explain(document.id)) for document, _ in proposal.payments),
            *(f"difference: {it.explain()}" for it in proposal.differences),
            *(
                f"{proposal.why_not(left.payment, item.id)}"
                for left in proposal.leftovers[:1]
                for item in proposal.unmatched_items[:2]
            ),
            *(f"to post: {fact!r}" for fact in proposal.facts),
            *(f"open: {it}" for it in after.open_items(as_of=DAY)),
        )
    )


def reviewed(story: str) -> str:
    _, facts, _ = parts(story)
    books = told(facts)
    review = review_allocations(books, as_of=DAY)
    for finding in review.findings:
        books.with_facts(finding.facts)
    return "\n".join((str(review), *(str(it.explain()) for it in review.findings)))


def decided(story: str) -> str:
    policy, _, _ = parts(story)
    return str(AllocationPolicy.parse(tomllib.loads(policy)))


TOLD = {"proposals.txt": proposed, "reviews.txt": reviewed, "presets.txt": decided}
EVERY = [(name, *story) for name in TOLD for story in stories(name)]


@pytest.mark.parametrize(("name", "title", "story", "outcome"), EVERY, ids=[it[1] for it in EVERY])
def test_it_comes_out_as_told(name, title, story, outcome):
    assert TOLD[name](story) == outcome, title


def write() -> None:
    for name, tell in TOLD.items():
        text = "".join(
            f"=== {title}\n{story}---\n{tell(story)}\n\n" for title, story, _ in stories(name)
        )
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
