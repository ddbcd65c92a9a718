"""Numbered stories, each with its facts and what must come out: shared by the conformance kit and the documentation.

A scenario is small enough to be checked by hand. What must come out is written down, never calculated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from receivables.testing.builders import AnyFact, facts


@dataclass(frozen=True)
class Scenario:
    """One story.

    Args:
        number: Its number, for ever.
        name: What it shows.
        as_of: The day the question is asked about.
        text: The facts, one a line.
        open: What must be open on that day: item, open amount and days past due, None when undated.
    """

    number: int
    name: str
    as_of: date
    text: str
    open: tuple[tuple[str, str, int | None], ...]

    @cached_property
    def facts(self) -> tuple[AnyFact, ...]:
        """The facts of the story."""
        return facts(self.text)

    def __str__(self) -> str:
        return f"{self.number:02}-{self.name.replace(' ', '-')}"


SCENARIOS = (
    Scenario(
        1,
        "partial payment",
        date(2026, 3, 31),
        """
        2026-01-10 invoice    F-1 C001 100.00 MXN net 30
        2026-02-01 payment    R-1 C001 40.00 MXN
        2026-02-01 allocation A-1 R-1 -> F-1 40.00 MXN
        """,
        (("F-1", "60.00 MXN", 50),),
    ),
    Scenario(
        2,
        "payment after the date",
        date(2026, 3, 31),
        """
        2026-03-01 invoice    F-1 C001 100.00 MXN net 30
        2026-04-01 payment    R-1 C001 100.00 MXN
        2026-04-01 allocation A-1 R-1 -> F-1 100.00 MXN
        """,
        (("F-1", "100.00 MXN", 0),),
    ),
    Scenario(
        3,
        "bounced payment",
        date(2026, 3, 31),
        """
        2026-01-10 invoice    F-1 C001 100.00 MXN due=2026-02-09
        2026-02-09 payment    R-1 C001 100.00 MXN reference="CHEQUE 0047"
        2026-02-09 allocation A-1 R-1 -> F-1 100.00 MXN
        2026-02-12 reversal   X-1 of R-1 reason="no funds"
        """,
        (("F-1", "100.00 MXN", 50),),
    ),
    Scenario(
        4,
        "instalments oldest first",
        date(2026, 3, 31),
        """
        2026-01-01 invoice    F-1 C001 100.00 MXN instalments=30.00@2026-02-01,50.00@2026-03-01,20.00@2026-05-01
        2026-02-10 payment    R-1 C001 40.00 MXN
        2026-02-10 allocation A-1 R-1 -> F-1 40.00 MXN
        2026-03-10 payment    R-2 C001 5.00 MXN
        2026-03-10 allocation A-2 R-2 -> F-1 5.00 MXN instalment=3
        """,
        (("F-1/2", "40.00 MXN", 30), ("F-1/3", "15.00 MXN", -31)),
    ),
    Scenario(
        5,
        "three currencies",
        date(2026, 3, 31),
        """
        2026-03-01 invoice F-1 C001 100.01 MXN due=2026-03-30
        2026-03-01 invoice F-2 C001 1200 JPY due=2026-03-31
        2026-03-01 invoice F-3 C001 0.005 KWD due=2026-04-01
        """,
        (("F-1", "100.01 MXN", 1), ("F-2", "1200 JPY", 0), ("F-3", "0.005 KWD", -1)),
    ),
    Scenario(
        6,
        "credits not used yet",
        date(2026, 3, 31),
        """
        2026-03-01 credit_memo M-1 C001 30.00 MXN
        2026-03-02 payment     R-1 C001 50.00 MXN on-account
        2026-03-03 payment     R-2 ? 70.00 MXN reference="SPEI 00123"
        2026-03-04 refund      B-1 of R-1 20.00 MXN
        """,
        (("M-1", "-30.00 MXN", None), ("R-1", "-30.00 MXN", None), ("R-2", "-70.00 MXN", None)),
    ),
    Scenario(
        7,
        "discount and write-off",
        date(2026, 3, 31),
        """
        2026-01-10 invoice    F-1 C001 100.00 MXN 2/10 net 30
        2026-01-20 payment    R-1 C001 97.99 MXN
        2026-01-20 allocation A-1 R-1 -> F-1 97.99 MXN
        2026-01-20 adjustment J-1 on F-1 2.00 MXN reason="cash discount"
        2026-03-01 write_off  W-1 on F-1 0.01 MXN reason="rounding"
        2026-02-01 debit_memo D-1 C001 10.00 MXN
        2026-02-02 adjustment J-2 on D-1 5.00 MXN increase
        """,
        (("D-1", "15.00 MXN", None),),
    ),
    Scenario(
        8,
        "payment across currencies",
        date(2026, 3, 31),
        """
        2026-01-10 invoice    F-1 C001 100.00 USD due=2026-02-09 company=1705.00MXN
        2026-02-09 payment    R-1 C001 1000.00 MXN
        2026-02-09 allocation A-1 R-1 -> F-1 50.00 USD taking=860.00MXN
        """,
        (("F-1", "50.00 USD", 50), ("R-1", "-140.00 MXN", None)),
    ),
    Scenario(
        9,
        "texts that are not numbers",
        date(2026, 3, 31),
        """
        2026-03-01 invoice 0000471 000123 10.00 MXN due=2026-03-31 reference="007 «Ñandú», S.A." disputed
        2026-03-01 invoice 4.71E2  000123 20.00 MXN due=2026-03-31 reference="1930438491.0"
        """,
        (("0000471", "10.00 MXN", 0), ("4.71E2", "20.00 MXN", 0)),
    ),
    Scenario(
        10,
        "learnt late",
        date(2026, 3, 31),
        """
        2026-03-01 invoice    F-1 C001 100.00 MXN due=2026-03-31 recorded=2026-03-02T09:00:00+00:00
        2026-03-20 payment    R-1 C001 60.00 MXN                 recorded=2026-04-05T09:00:00+00:00
        2026-03-20 allocation A-1 R-1 -> F-1 60.00 MXN           recorded=2026-04-05T09:00:00+00:00
        """,
        (("F-1", "40.00 MXN", 0),),
    ),
)
