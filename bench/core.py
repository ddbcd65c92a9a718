"""What the core costs, as ratios to what pydantic alone costs in the same run on the same machine.

(a) time of `import receivables` against `import pydantic`          goal: under 3
(b) 100,000 documents and 100,000 allocations:
    Subledger.of and open_items against constructing the same facts   goal: under 4
(c) bytes a fact takes, and a subledger takes for each fact

Usage: python bench/core.py [DOCUMENTS]
"""

from __future__ import annotations

import gc
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from statistics import median
from time import process_time
from typing import Any, TypeVar

from receivables import Allocation, Invoice, Money, Payment, Subledger, age

T = TypeVar("T")

FIRST = date(2025, 1, 1)
AS_OF = date(2026, 3, 31)


def main(documents: int) -> None:
    print(
        f"Python {sys.version.split()[0]}, one process, medians; (b) in seconds of processor time\n"
    )
    imports()
    values = story(documents)
    random.Random(1).shuffle(values)
    questions(values, documents)
    memory(story(documents // 10))


def imports(times: int = 9) -> None:
    # Alternating, so that a busy moment of the machine hits all of them.
    # Both load their parts when they are used, so both are measured bare and in use.
    programs = {
        "import pydantic": "import pydantic",
        "import receivables": "import receivables",
        "pydantic.dataclasses": "from pydantic.dataclasses import dataclass",
        "receivables, all names": "from receivables import *",
    }
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(times):
        for name, program in programs.items():
            code = (
                f"import time; s = time.perf_counter(); {program}; print(time.perf_counter() - s)"
            )
            command = [sys.executable, "-c", code]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            seconds[name].append(float(done.stdout))
    theirs, ours, theirs_used, ours_used = (median(taken) for taken in seconds.values())
    print(f"(a) import pydantic             {theirs:8.3f} s")
    print(f"    import receivables          {ours:8.3f} s   ratio {ours / theirs:.2f} (goal < 3)")
    print(f"    pydantic.dataclasses        {theirs_used:8.3f} s")
    print(
        f"    receivables, all names      {ours_used:8.3f} s   ratio {ours_used / theirs_used:.2f}\n"
    )


Values = list[tuple[type[Any], dict[str, Any]]]


def story(documents: int) -> Values:
    """Half of the documents are invoices, half payments; each payment is used in two allocations, one in five not in full."""
    draw = random.Random(2026)
    days = [FIRST + timedelta(days=number) for number in range(455)]
    values: Values = []
    half = documents // 2
    for number in range(half):
        customer, cents = f"C{draw.randrange(5000):05}", draw.randrange(10_000, 5_000_000)
        posted = days[draw.randrange(400)]
        values.append(
            (
                Invoice,
                {
                    "id": f"F-{number:07}",
                    "customer": customer,
                    "amount": Money.from_minor(cents, "MXN"),
                    "posting_date": posted,
                    "document_date": posted,
                    "due_date": posted + timedelta(days=30),
                },
            )
        )
        paid = posted + timedelta(days=draw.randrange(55))
        first = cents // 3
        second = cents - first if draw.random() < 0.8 else cents // 3
        values.append(
            (
                Payment,
                {
                    "id": f"R-{number:07}",
                    "customer": customer,
                    "amount": Money.from_minor(cents, "MXN"),
                    "posting_date": paid,
                    "reference": f"SPEI {number}",
                },
            )
        )
        for part, amount in enumerate((first, second)):
            values.append(
                (
                    Allocation,
                    {
                        "id": f"A-{number:07}-{part}",
                        "source": f"R-{number:07}",
                        "target": f"F-{number:07}",
                        "amount": Money.from_minor(amount, "MXN"),
                        "posting_date": paid,
                    },
                )
            )
    return values


def questions(values: Values, documents: int, rounds: int = 5) -> None:
    # Each round measures all of them, one after the other; the ratio is the median of the rounds' ratios.
    taken: list[tuple[float, float, float, float]] = []
    for _ in range(rounds):
        facts, alone = timed(lambda: [kind(**fields) for kind, fields in values])
        books, entering = timed(partial(Subledger.of, facts))
        items, asking = timed(partial(books.open_items, as_of=AS_OF))
        _, aging = timed(partial(age, items))
        taken.append((alone, entering, asking, aging))
    alone, entering, asking, aging = (median(column) for column in zip(*taken, strict=True))
    ratio = median((row[1] + row[2]) / row[0] for row in taken)
    print(f"(b) constructing {len(values):,} facts{alone:9.3f} s   pydantic validates every field")
    print(f"    Subledger.of                {entering:8.3f} s")
    print(f"    open_items                  {asking:8.3f} s   {len(items):,} open items")
    print(
        f"    both together               {entering + asking:8.3f} s   ratio {ratio:.2f} (goal < 4)"
    )
    print(f"    age by customer             {aging:8.3f} s   {documents:,} documents\n")


def memory(values: Values) -> None:
    tracemalloc.start()
    facts = [kind(**fields) for kind, fields in values]
    gc.collect()
    held = tracemalloc.get_traced_memory()[0]
    books = Subledger.of(facts)
    gc.collect()
    more = tracemalloc.get_traced_memory()[0] - held
    tracemalloc.stop()
    print(
        f"(c) a fact                      {held / len(facts):8.0f} bytes, besides the texts and amounts given to it"
    )
    print(
        f"    a subledger, for each fact  {more / len(books):8.0f} bytes more, allocations included"
    )


def timed(work: Callable[[], T]) -> tuple[T, float]:
    # Processor time: what else the machine is doing does not count.
    gc.collect()
    start = process_time()
    result = work()
    return result, process_time() - start


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
