"""The command line: `receivables COMMAND …`, one module a command; it needs the extra `cli`.

Nothing is calculated here: commands read their options, ask the library and show the answer. Misuse ends with one sentence
on standard error and exit status 2.
"""

from __future__ import annotations

import sys

MISUSE = 2
QUARANTINED = 3


def main(arguments: list[str] | None = None) -> None:
    """Run a command and exit with its status.

    Args:
        arguments: The words after `receivables`; those of the process when None.
    """
    try:
        import rich  # noqa: F401
        import typer  # noqa: F401
    except ImportError:
        print(
            "The command line needs typer and rich; install them with the extra: pip install 'receivables[cli]'",
            file=sys.stderr,
        )
        sys.exit(MISUSE)
    from receivables.cli.app import run

    sys.exit(run(sys.argv[1:] if arguments is None else arguments))
