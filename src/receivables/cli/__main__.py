"""`python -m receivables.cli` is `receivables`."""

from receivables.cli import main

main()
