"""Only one file of the adapter touches the network."""

from __future__ import annotations

import ast

NETWORK = {"requests", "socket", "http", "urllib.request", "urllib3", "httpx", "ssl", "smtplib", "ftplib", "asyncio"}


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_only_the_transport_imports_what_reaches_a_network(root):
    folder = root / "src" / "receivables" / "adapters" / "oracle"
    reaching = {path.name for path in folder.glob("*.py") if NETWORK & set(imported(path))}
    assert reaching == {"rest.py"}
