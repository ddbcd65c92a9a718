"""What tests of receivables are written with, for this library and for whoever builds on it; extra `testing`.

`builders` writes facts in one line each, `strategies` draws them, `reference` is a slow and obvious second opinion,
`scenarios` are numbered stories with their outcome, `conformance` is the kit an adapter must pass, and `portfolio`
makes realistic receivables, clean or dirty.
"""

from receivables.testing.builders import books, facts
from receivables.testing.portfolio import Portfolio, make_portfolio

__all__ = ["Portfolio", "books", "facts", "make_portfolio"]
